"""Ledgers: one adapter for each format in which bots keep their books; a folder where it needs more than a file."""
