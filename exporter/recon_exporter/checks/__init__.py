"""The checks, each found by its file: a read-only mapping from name to Check, sorted by name."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from recon_exporter.domain.check import Check


def _found() -> Mapping[str, Check]:
    names = sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    return MappingProxyType({name: import_module(f"{__name__}.{name}").CHECK for name in names})


CHECKS = _found()
