"""One destination of reports per file."""
