"""Prometheus exporter that reconciles what trading bots believe with what their venues say.

Importing this package loads nothing else, so that the command line starts quickly.
"""

from __future__ import annotations

from importlib import metadata

__version__ = metadata.version("recon-exporter")
