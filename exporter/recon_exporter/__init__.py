"""Prometheus exporter that reconciles what trading bots believe with what their venues say.

Importing this package loads nothing else, so that the command line starts quickly.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recon_exporter.reconciler import PositionReconciler, Unverified

__all__ = ["PositionReconciler", "Unverified", "__version__"]

__version__ = metadata.version("recon-exporter")


def __getattr__(name: str) -> object:
    """Load what scripts use when they use it."""
    if name in {"PositionReconciler", "Unverified"}:
        return getattr(import_module("recon_exporter.reconciler"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
