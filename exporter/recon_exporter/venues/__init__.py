"""Venues: one adapter for each way in which an exchange or broker is asked, one file each."""
