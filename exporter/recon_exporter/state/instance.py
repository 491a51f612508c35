"""The name of one exporter among several that share a PostgreSQL; imports nothing, so that settings may check it."""

import re

INSTANCE = "instance"
DEFAULT_INSTANCE = "default"
EXPECTED_INSTANCE = f"{INSTANCE} of up to 40 small letters, digits and underscores"
_NAME = re.compile(r"[a-z0-9_]{1,40}")


def is_instance(name: str) -> bool:
    """Whether it can name an instance: what can stand in the name of a schema."""
    return _NAME.fullmatch(name) is not None
