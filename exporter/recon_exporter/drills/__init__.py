"""Drills: the condition of each alert made in a throw-away sandbox, until a person is told, and until it is over."""
