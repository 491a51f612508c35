"""What is told of a break that cycles find in single fills or balances: the break itself names the records."""

from dataclasses import replace

from recon_exporter.domain.attributed import Attribution, Source
from recon_exporter.domain.break_words import number
from recon_exporter.domain.breaks import EOD, Break, BreakType
from recon_exporter.domain.explanation import Explanation
from recon_exporter.domain.movements import Cause
from recon_exporter.domain.remedies import closing, steps

_CAUSES = {
    BreakType.FILL_QUANTITY: Cause.PARTIAL_FILLS,
    BreakType.FILL_PRICE: Cause.WRONG_PRICE,
    BreakType.FILL_FEE: Cause.UNKNOWN,
    BreakType.FILL_DUPLICATE: Cause.PHANTOM,
    BreakType.FILL_FOREIGN: Cause.MANUAL_ORDER,
    BreakType.BALANCE_MISMATCH: Cause.UNKNOWN,
}
_ADVICE = {
    BreakType.MISSING_AT_BROKER: "See at the venue when and how the position went away, and book that in the ledger.",
    BreakType.MISSING_IN_DB: "Find the execution at the venue that the ledger lacks, and whose order it was.",
    BreakType.QUANTITY_MISMATCH: "Look for executions, fees in kind and transfers that one side alone has booked.",
    BreakType.FILL_MISSING_IN_LEDGER: "Book the execution in the ledger at its own price, fee and time; find out "
    "why the bot did not hear of it.",
    BreakType.FILL_MISSING_AT_VENUE: "Look the order up at the venue: what was never executed there comes out of the "
    "ledger.",
    BreakType.FILL_QUANTITY: "Compare the parts of the order on both sides and book what is missing.",
    BreakType.FILL_PRICE: "Correct the ledger's price to that of the venue, and run its profit and loss again.",
    BreakType.FILL_FEE: "Correct the ledger's fee to that of the venue; see whether the bot uses an old fee rate.",
    BreakType.FILL_DUPLICATE: "Take the surplus execution out of the book that has it, after a look at its order.",
    BreakType.FILL_FOREIGN: "Ask who traded on this account: the client id is not one of the bot's.",
    BreakType.BALANCE_MISMATCH: "Look for fees, funding, deposits, withdrawals and transfers that the ledger lacks.",
}
"""What a person does first about a break that cycles find."""


_OF_SOURCES = {
    Source.MISSING_IN_LEDGER: Cause.MISSED_FILL,
    Source.MISSING_AT_VENUE: Cause.PHANTOM,
    Source.DIFFERENT_FILL: Cause.PARTIAL_FILLS,
    Source.DUPLICATE: Cause.PHANTOM,
    Source.NAMELESS_FILL: Cause.UNKNOWN,
}
"""The cause that a line speaks of; all other lines are movements that are no executions."""


def advice_on(kind: BreakType) -> str:
    """One sentence; empty for a type that cycles do not find."""
    return _ADVICE.get(kind, "")


def explains_itself(one: Break) -> bool:
    """Whether the break names its records: then nothing needs to be looked for in the executions of both sides."""
    return one.discrepancy.check != EOD and one.discrepancy.type in _CAUSES


def explain_of_cycle(one: Break) -> Explanation:
    """The break as its latest look told it."""
    found, made_of = one.discrepancy, one.explanation
    return Explanation(
        identifier=one.identifier,
        cause=_CAUSES[found.type],
        summary=found.detail,
        evidence=_evidence(made_of),
        steps=(advice_on(found.type), *closing(one, None)),
        pnl=None,
        explained=None if made_of is None else made_of.explained,
        remainder=None if made_of is None else made_of.unexplained,
    )


def with_records(explanation: Explanation, one: Break) -> Explanation:
    """The explanation with what the latest look found the difference to be made of, where that tells more."""
    made_of = one.explanation
    if made_of is None or not made_of.lines or (explanation.remainder is not None and not explanation.remainder):
        return explanation
    cause = _OF_SOURCES.get(made_of.lines[0].source, Cause.OTHER_MOVEMENT)
    rest = f"; {number(made_of.unexplained)} remains" if made_of.unexplained else ""
    return replace(
        explanation,
        cause=cause,
        summary=f"the latest look at both sides explains {number(made_of.explained)} of the difference{rest}",
        evidence=(*_evidence(made_of), *explanation.evidence),
        steps=steps(one, cause, None),
        explained=made_of.explained,
        remainder=made_of.unexplained,
    )


def _evidence(made_of: Attribution | None) -> tuple[str, ...]:
    return () if made_of is None else tuple(line.words for line in made_of.lines)
