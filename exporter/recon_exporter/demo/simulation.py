"""The simulated fleet: from one moment to the next, what its bots and event store write then, and what was traded.

Pure: the same seed, times and incidents give the same files.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from recon_exporter.demo import trading
from recon_exporter.demo.accounts import Account, Trade, marked
from recon_exporter.demo.fleet import OPENING_PRICE, opening_accounts
from recon_exporter.demo.hbot_writer import fill_event, minute_event
from recon_exporter.demo.incidents import Incident, Kind
from recon_exporter.demo.rows import fill_of, row_of

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Scene:
    """All that the future depends on; ``lost`` are fill events that the store did not get."""

    seed: int
    mid: Decimal
    accounts: Mapping[str, Account]
    going_on: frozenset[Incident] = frozenset()
    lost: tuple[Row, ...] = ()

    def has(self, kind: Kind, bot: str) -> bool:
        """Whether this happens to the bot now."""
        return any(incident.kind is kind and incident.bot == bot for incident in self.going_on)


@dataclass(frozen=True, slots=True)
class Step:
    """What is written at one moment, rows and fills by bot and events, and what was traded, the market at ``mid``.

    ``torn`` are bots that die within their row, ``mended`` those whose file is repaired. Behind the backs of those in
    ``sold`` somebody sells at the exchange, to buy back for those in ``returned``.
    """

    at: datetime
    mid: Decimal
    trades: Mapping[str, tuple[Trade, ...]]
    minutes: Mapping[str, Row]
    fills: Mapping[str, tuple[Row, ...]]
    events: tuple[Row, ...]
    sold: frozenset[str] = field(default=frozenset())
    returned: frozenset[str] = field(default=frozenset())
    torn: frozenset[str] = field(default=frozenset())
    mended: frozenset[str] = field(default=frozenset())


def opening(seed: int, at: datetime) -> Scene:
    """The fleet before its first trade."""
    return Scene(seed, OPENING_PRICE, opening_accounts(at))


def advance(scene: Scene, at: datetime, going_on: frozenset[Incident]) -> tuple[Scene, Step]:
    """The fleet at a later moment, while these incidents go on."""
    begun, ended = going_on - scene.going_on, scene.going_on - going_on
    mid = trading.next_price(scene.mid, trading.draws(scene.seed, at, "market"))
    now = replace(scene, mid=mid, going_on=going_on)
    awake = {bot: account for bot, account in scene.accounts.items() if not now.has(Kind.STALE_BOT, bot)}
    before = {bot: _counted(marked(account, at, mid), begun, ended) for bot, account in awake.items()}
    executed = {bot: _executed(now, account, at, begun) for bot, account in before.items()}
    after = {bot: trading.after(account, executed[bot]) for bot, account in before.items()}
    rows = {bot: row_of(account, at) for bot, account in after.items()}
    fills = {bot: tuple(fill_of(after[bot], trade) for trade in trades) for bot, trades in executed.items()}
    now = replace(now, accounts={**scene.accounts, **after})
    now, events = _stored(now, rows, fills)
    step = Step(
        at=at,
        mid=mid,
        trades=executed,
        minutes=rows,
        fills=fills,
        events=events,
        sold=_bots(begun, Kind.VENUE_DRIFT),
        returned=_bots(ended, Kind.VENUE_DRIFT),
        torn=_bots(begun, Kind.TORN_FILE) & rows.keys(),
        mended=_bots(ended, Kind.TORN_FILE),
    )
    return now, step


def _counted(account: Account, begun: Iterable[Incident], ended: Iterable[Incident]) -> Account:
    bot = account.profile.bot
    if bot in _bots(begun, Kind.FEE_COUNTER_DROP):
        return replace(account, forgotten=account.fees / 2)
    if bot in _bots(ended, Kind.FEE_COUNTER_DROP):
        return replace(account, forgotten=Decimal(0))
    return account


def _executed(scene: Scene, account: Account, at: datetime, begun: frozenset[Incident]) -> tuple[Trade, ...]:
    bot = account.profile.bot
    drifts = scene.has(Kind.INVENTORY_DRIFT, bot)
    draw = trading.draws(scene.seed, at, bot)
    return tuple(trading.trades(account, at, draw, drifts=drifts, must=bot in _bots(begun, Kind.MISSING_EVENTS)))


def _stored(
    scene: Scene, rows: Mapping[str, Row], fills: Mapping[str, tuple[Row, ...]]
) -> tuple[Scene, tuple[Row, ...]]:
    """What the event store gets now: nothing of the fills that are lost, and those lost earlier once that is over."""
    minutes = [minute_event(bot, row) for bot, row in rows.items()]
    filled = [
        fill_event(bot, fill, event_id=f"{fill['order_id']}-{number}")
        for bot, of_bot in fills.items()
        for number, fill in enumerate(of_bot, 1)
    ]
    known = [*scene.lost, *filled]
    lost = tuple(event for event in known if scene.has(Kind.MISSING_EVENTS, str(event["instance_name"])))
    return replace(scene, lost=lost), (*minutes, *(event for event in known if event not in lost))


def _bots(incidents: Iterable[Incident], kind: Kind) -> frozenset[str]:
    return frozenset(incident.bot for incident in incidents if incident.kind is kind)
