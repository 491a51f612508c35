"""Values and rules of reconciliation: no I/O, no clock, no log."""
