"""Measurements of the exporter against named baselines of the same run: ``python -m benchmarks --help``."""
