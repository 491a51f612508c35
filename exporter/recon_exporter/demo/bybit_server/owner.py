"""What the owner of a key is told of it, and of the kind of account it opens."""

from datetime import timedelta

from recon_exporter.demo.bybit_server.calls import Call
from recon_exporter.demo.bybit_server.texts import Document
from recon_exporter.demo.exchange import milliseconds

_VALID_DAYS = 90
_UNIFIED, _CLASSIC = 5, 1


def of_key(call: Call) -> Document:
    """``user/query-api``: a key for reading alone has its categories too, and says that it is one."""
    profile = call.book.profile
    trades = profile.can_trade or not profile.can_withdraw  # a key for withdrawals alone has no other categories
    expires = profile.opened_at + timedelta(days=_VALID_DAYS)
    return {
        "id": profile.number,
        "note": profile.name,
        "apiKey": "",
        "readOnly": 0 if profile.can_trade or profile.can_withdraw else 1,
        "secret": "",
        "permissions": {
            "ContractTrade": ["Order", "Position"] if trades else [],
            "Spot": ["SpotTrade"] if trades else [],
            "Wallet": ["AccountTransfer", *(["Withdraw"] if profile.can_withdraw else [])],
            **{name: [] for name in ("Options", "Derivatives", "CopyTrading", "BlockTrade", "Exchange", "NFT")},
        },
        "ips": ["*"],
        "type": 1,
        "deadlineDay": (expires - call.view.at).days,
        "expiredAt": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
        "createdAt": f"{profile.opened_at:%Y-%m-%dT%H:%M:%SZ}",
        "unified": 0,
        "uta": 1 if profile.unified else 0,
        "userID": int(profile.number),
        "inviterID": 0,
        "vipLevel": "No VIP",
        "mktMakerLevel": "0",
        "affiliateID": 0,
        "rsaPublicKey": "",
        "isMaster": True,
        "parentUid": "0",
        "kycLevel": "LEVEL_1",
        "kycRegion": "",
    }


def of_account(call: Call) -> Document:
    """``account/info``."""
    return {
        "marginMode": "REGULAR_MARGIN",
        "updatedTime": str(milliseconds(call.book.profile.opened_at)),
        "unifiedMarginStatus": _UNIFIED if call.book.profile.unified else _CLASSIC,
        "isMasterTrader": False,
        "spotHedgingStatus": "OFF",
        "dcpStatus": "OFF",
        "timeWindow": 10,
        "smpGroup": 0,
    }
