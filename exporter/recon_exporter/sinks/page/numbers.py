"""Numbers as prometheus_client writes them."""

from datetime import datetime

from prometheus_client.utils import floatToGoString


def number(value: float) -> str:
    """A value of a sample."""
    # Adding zero turns minus zero into zero.
    text: str = floatToGoString(value + 0.0)  # type: ignore[no-untyped-call]
    return text


def time_number(at: datetime) -> str:
    """A moment as seconds since 1970."""
    return number(at.timestamp())
