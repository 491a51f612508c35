"""Ending a process although a read or a delivery hangs in one of its threads."""

import os
import sys
import threading

PATIENCE_SECONDS = 1.0


def leave_soon(code: int) -> None:
    """Have the process end with this exit code at last, whatever its threads wait for; to be called as its last act.

    Python itself would wait for what a pool of threads is still asking, however late. Nothing is half-written then.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    timer = threading.Timer(PATIENCE_SECONDS, os._exit, (code,))
    timer.daemon = True
    timer.start()
