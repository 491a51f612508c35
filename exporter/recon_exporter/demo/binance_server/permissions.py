"""What the key of an account may, as Binance tells its owner."""

from recon_exporter.demo.binance_server.calls import Call
from recon_exporter.demo.binance_server.texts import Document
from recon_exporter.demo.exchange import milliseconds

_NEVER = (
    "ipRestrict",
    "enableMargin",
    "enableInternalTransfer",
    "permitsUniversalTransfer",
    "enableVanillaOptions",
    "enablePortfolioMarginTrading",
    "enableFixApiTrade",
    "enableFixReadOnly",
)


def of_key(call: Call) -> Document:
    """``/sapi/v1/account/apiRestrictions``."""
    return {
        "createTime": milliseconds(call.book.profile.opened_at),
        "enableReading": True,
        "enableSpotAndMarginTrading": call.book.profile.can_trade,
        "enableFutures": call.book.profile.can_trade,
        "enableWithdrawals": call.book.profile.can_withdraw,
        **dict.fromkeys(_NEVER, False),
    }
