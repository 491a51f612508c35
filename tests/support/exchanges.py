"""ccxt as it comes, sent to a server of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ccxt

from recon_exporter.demo.exchange import milliseconds

if TYPE_CHECKING:
    from recon_exporter.demo.exchange import Credentials, ExchangeServer


def ccxt_at(name: str, server: ExchangeServer, credentials: Credentials | None = None, **options: object) -> Any:  # noqa: ANN401  # ccxt tells no types
    """The exchange of this name, whose every URL is the server's and whose signatures go by the server's clock."""
    keys = {}
    if credentials is not None:
        keys = {"apiKey": credentials.key, "secret": credentials.secret, "password": credentials.passphrase}
    told = {**keys, "number": str, "enableRateLimit": False, "timeout": 5000, "options": options}
    exchange = getattr(ccxt, name)(told)
    exchange.session.trust_env = False
    exchange.urls["api"] = towards(exchange.urls["api"], server.url)
    on_time(exchange, server)
    return exchange


def on_time(exchange: Any, server: ExchangeServer) -> None:  # noqa: ANN401  # ccxt tells no types
    """Let ccxt sign by the server's clock; once more after that has been moved."""
    exchange.options["timeDifference"] = exchange.milliseconds() - milliseconds(server.exchange.now())


def towards(urls: object, base_url: str) -> object:
    """The same table of URLs, each with the host replaced; the path after it stays."""
    if isinstance(urls, dict):
        return {name: towards(url, base_url) for name, url in urls.items()}
    path = str(urls).partition("://")[2].partition("/")[2]
    return f"{base_url}/{path}".rstrip("/")
