"""What the exporter says in numbers: the metric catalogue, the exposition format, the exporter's own live metrics."""

from recon_exporter.telemetry.catalogue import CATALOGUE
from recon_exporter.telemetry.exposition import Format, Page
from recon_exporter.telemetry.live import JobFailure, Telemetry
from recon_exporter.telemetry.metric import Kind, Metric, Producer

__all__ = ["CATALOGUE", "Format", "JobFailure", "Kind", "Metric", "Page", "Producer", "Telemetry"]
