"""What a person does about a break, by its cause: the runbook's corrective steps with the names and numbers filled in.

Every book is corrected by its owner: the program itself never writes into the ledger.
"""

from collections.abc import Callable
from decimal import Decimal
from shlex import quote

from recon_exporter.domain.break_words import number
from recon_exporter.domain.breaks import EOD, Break, BreakType
from recon_exporter.domain.money import plain
from recon_exporter.domain.movements import Cause


def steps(one: Break, cause: Cause, effect: Decimal | None) -> tuple[str, ...]:
    """The steps in their order; ``effect`` is what the correction does to realised profit, None where unknown."""
    if cause is Cause.IN_FLIGHT:
        return _in_flight(one)
    return (*_BY_CAUSE[cause](one), *_profit(one, cause), *closing(one, effect))


def _missed_fill(one: Break) -> tuple[str, ...]:
    return (
        f"Query the broker for the executions once more: {_command('venue fills', one)}",
        f"Book the executions named above in the ledger at their own prices and times: {_target(one)}",
        "Find out why the bot did not hear of them: look for a lost callback or a restart at that time",
    )


def _partial_fills(one: Break) -> tuple[str, ...]:
    return (
        f"Compare the parts of the order with the ledger: {_command('venue fills', one)}",
        f"Book the parts that are missing at their own prices: {_target(one)}",
    )


def _manual_order(one: Break) -> tuple[str, ...]:
    return (
        "Ask who placed the order named above: it did not come from this bot",
        f"Look at the order at the broker: {_command('venue orders', one)}",
        f"Book it in the ledger at its own price, as the entry or exit of the position: {_target(one)}",
        f"Flag it for review: {_decision('breaks review', one)}",
    )


def _closed_by_broker(one: Break) -> tuple[str, ...]:
    return (
        "Read the broker's notice of the margin call, corporate action or option event named above",
        f"Book the closure in the ledger at the broker's price: {_target(one)}",
        "Stop the bot from trading on the position that is gone, and settle what led to it",
    )


def _split(one: Break) -> tuple[str, ...]:
    return (
        "Verify ratio and date of the split with the broker's notice",
        f"Adjust quantity and average price in the ledger so that the cost stays the same: {_target(one)}",
        "Adjust open orders, stops and targets of the bot by the same ratio",
    )


def _other_movement(one: Break) -> tuple[str, ...]:
    return (
        "Verify the movement named above with the broker's statement: a transfer, a fee taken in kind, or the like",
        f"Book it in the ledger as what it is, not as a trade: {_target(one)}",
    )


def _phantom(one: Break) -> tuple[str, ...]:
    return (
        f"Make sure that the broker never had it, also further back: {_command('venue orders', one)}",
        f"Take out of the ledger what was never executed: {_target(one)}",
        "Investigate how it came to be: an order that was rejected, a paper trade, a fill that was booked twice",
    )


def _wrong_price(one: Break) -> tuple[str, ...]:
    return (
        f"Compare the prices of the executions named above: {_command('venue fills', one)}",
        "Correct them in the ledger to those of the venue",
    )


def _in_flight(one: Break) -> tuple[str, ...]:
    return (f"Wait until the execution named above has reached both books, then look again: {_again(one)}",)


def _not_written(one: Break) -> tuple[str, ...]:
    return (
        "See whether the bot runs and whether its loop still writes this position",
        f"Where it is left alone on purpose, accept it until a date: {_decision('breaks accept', one, '--until DATE')}",
    )


def _unknown(one: Break) -> tuple[str, ...]:
    return (
        f"Look further back than this did: {_command('venue fills', one)} and {_command('venue orders', one)}",
        "Ask the broker for the movements of the position where its records do not show any",
        f"Correct the ledger to the broker's book once the cause is known: {_target(one)}",
    )


_CHANGES_PRICES = frozenset({Cause.PARTIAL_FILLS, Cause.WRONG_PRICE})
_BY_CAUSE: dict[Cause, Callable[[Break], tuple[str, ...]]] = {
    Cause.MISSED_FILL: _missed_fill,
    Cause.PARTIAL_FILLS: _partial_fills,
    Cause.MANUAL_ORDER: _manual_order,
    Cause.CLOSED_BY_BROKER: _closed_by_broker,
    Cause.SPLIT: _split,
    Cause.OTHER_MOVEMENT: _other_movement,
    Cause.PHANTOM: _phantom,
    Cause.WRONG_PRICE: _wrong_price,
    Cause.NOT_WRITTEN: _not_written,
    Cause.UNKNOWN: _unknown,
}


def _profit(one: Break, cause: Cause) -> tuple[str, ...]:
    """A position that is of another size or price than the books believed made another profit, too."""
    if one.discrepancy.type is not BreakType.QUANTITY_MISMATCH and cause not in _CHANGES_PRICES:
        return ()
    return ("Run the profit and loss of this position again from its first execution",)


def closing(one: Break, effect: Decimal | None) -> tuple[str, ...]:
    """What ends every correction: the audit log has it, and a run has found the books to agree."""
    impact = "" if effect is None else f" --pnl={number(effect)}"
    record = f"recon-exporter audit add --break {one.identifier} --by NAME --what WHAT{impact}"
    return (
        f"Record the correction and its effect on profit and loss: {record}",
        f"Run it again: {_again(one)}",
    )


def _again(one: Break) -> str:
    """What looks at both sides once more: the run or the cycle that found the break."""
    return _command("eod", one) if one.discrepancy.check == EOD else "recon-exporter once"


def _target(one: Break) -> str:
    """What is to be corrected: a position, or one execution or order of it, from which quantity to which."""
    found = one.discrepancy
    ours, theirs = ("none" if side is None else plain(side) for side in (found.ledger_quantity, found.venue_quantity))
    place = f"{found.item} of {found.symbol}" if found.item else found.symbol
    return f"{place} from {ours} to {theirs}"


def _command(command: str, one: Break) -> str:
    since = " --after DATE" if command.startswith("venue") else ""
    return f"recon-exporter {command} --bot {quote(one.discrepancy.bot)}{since}"


def _decision(command: str, one: Break, *more: str) -> str:
    """A change of the break, which has to name a person and a reason."""
    return f"recon-exporter {command} {one.identifier} {''.join(f'{word} ' for word in more)}--by NAME --reason WHY"
