"""The known breaks of a cycle, found the way that real ones are: in files, by the readers, in the report."""

from recon_exporter.canaries.fleet import CanaryFleet

__all__ = ["CanaryFleet"]
