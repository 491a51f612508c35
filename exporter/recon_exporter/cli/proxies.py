"""A proxy is for other machines: it would not reach what runs on this one, and would be shown what is meant for it."""

from collections.abc import MutableMapping

OURSELVES = ("localhost", "127.0.0.0/8", "::1")


def spare_loopback(environment: MutableMapping[str, str]) -> None:
    """Exempt this machine from whatever proxy the environment names, as other Prometheus programs do by themselves."""
    spared = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    if spared.strip() != "*":
        environment["no_proxy"] = ",".join(filter(None, (spared, *OURSELVES)))
