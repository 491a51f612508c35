"""Ending a process although a read or a delivery hangs in one of its threads."""

import os
import sys
import threading
import time

PATIENCE_SECONDS = 1.0


def leave_if_stuck(code: int) -> None:
    """Leave at once with this exit code where a thread would keep the process; nothing is half-written.

    The last act of the process: Python itself would wait for what a pool of threads is still asking, however late.
    """
    ends_at = time.monotonic() + PATIENCE_SECONDS
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread() and not thread.daemon]
    for thread in others:
        thread.join(timeout=max(0.0, ends_at - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
