"""The alert table, part five: money again, from the checks that compare both sides of a bot in every cycle.

Only confirmed breaks are findings, so these wait for nothing more. One fill that is missing moves the position and a
balance too: whatever is critical about a bot joins one notification, and what is a warning beside it is muted.
"""

from model import Alert, Findings

FILLS = "fills"
POSITIONS = "positions"
BALANCES = "venue_balances"
MISSING_CODES = ("fill_missing_in_ledger", "fill_missing_at_venue")
DIFFERING_CODES = ("fill_quantity_differs", "fill_price_differs", "fill_fee_differs")
_EXPLAIN = " What accounts for it: recon-exporter breaks list, then breaks explain with its id."

BOTH_SIDES = (
    Alert(
        name="ReconciliationFillMissing",
        severity="critical",
        component="reconciliation",
        condition=Findings(FILLS, codes=MISSING_CODES),
        summary="{{ $labels.bot }}: a fill is in the books or at the venue alone",
        description=(
            "An execution that the venue has is not in the bot's books, so that nobody manages what it left behind; or "
            "the books have one that the venue never made. Trust the venue." + _EXPLAIN
        ),
        dashboard="recon-bot",
        life=True,
    ),
    Alert(
        name="ReconciliationFillDuplicated",
        severity="critical",
        component="reconciliation",
        condition=Findings(FILLS, codes=("fill_duplicated",)),
        summary="{{ $labels.bot }}: a fill is counted twice",
        description=(
            "One side has the same execution twice: position, profit and fees that are computed from it are wrong by a "
            "whole fill." + _EXPLAIN
        ),
        dashboard="recon-bot",
        life=True,
    ),
    Alert(
        name="ReconciliationFillForeign",
        severity="critical",
        component="reconciliation",
        condition=Findings(FILLS, codes=("fill_foreign",)),
        summary="{{ $labels.bot }}: its account executed an order that is not its own",
        description=(
            "The venue executed an order whose client id is not one of the bot's: a person, another program or a "
            "stolen key. Find out who before anything else; revoke keys if nobody says so." + _EXPLAIN
        ),
        dashboard="recon-bot",
        life=True,
    ),
    Alert(
        name="ReconciliationFillDiffers",
        severity="critical",
        component="reconciliation",
        condition=Findings(FILLS, severity="critical", codes=DIFFERING_CODES),
        summary="{{ $labels.bot }}: a fill is another one in the books, and material",
        description=(
            "Both sides have the execution, with another side, or with a quantity, price or fee whose difference is "
            "material or of unknown worth. Trust the venue and correct the books." + _EXPLAIN
        ),
        dashboard="recon-bot",
        clears=False,
        life=True,
    ),
    Alert(
        name="ReconciliationFillDiffers",
        severity="warning",
        component="reconciliation",
        condition=Findings(FILLS, codes=DIFFERING_CODES),
        summary="{{ $labels.bot }}: a fill has another quantity, price or fee in the books",
        description=(
            "Both sides have the execution, and quantity, price or fee differ beyond the tolerance: profit is computed "
            "from wrong numbers. Follow it up today; one fee schedule that is wrong makes many of these." + _EXPLAIN
        ),
        dashboard="recon-bot",
        life=True,
    ),
    Alert(
        name="ReconciliationPositionMismatch",
        severity="critical",
        component="reconciliation",
        condition=Findings(POSITIONS, severity="critical"),
        summary="{{ $labels.bot }}: position missing, reversed or materially different",
        description=(
            "What the books hold and what the venue holds differ: one side lacks a position, they point in opposite "
            "directions, or the difference is material. Stops and limits belong to a position that is not there. "
            "Trust the venue." + _EXPLAIN
        ),
        dashboard="recon-bot",
        clears=False,
        life=True,
    ),
    Alert(
        name="ReconciliationPositionMismatch",
        severity="warning",
        component="reconciliation",
        condition=Findings(POSITIONS),
        summary="{{ $labels.bot }}: a position differs from that at the venue",
        description=(
            "Both sides hold the position in the same direction, and the quantities differ beyond the tolerance, by "
            "less than is material. Follow it up today." + _EXPLAIN
        ),
        dashboard="recon-bot",
        life=True,
    ),
    Alert(
        name="ReconciliationVenueBalanceMismatch",
        severity="critical",
        component="reconciliation",
        condition=Findings(BALANCES, severity="critical"),
        summary="{{ $labels.bot }}: balances differ from those at the venue, materially",
        description=(
            "The bot's books have another total of an asset than its account, and the difference is material or of "
            "unknown worth: a missed fill, a fee, funding, or money that somebody moved. Trust the venue." + _EXPLAIN
        ),
        dashboard="recon-bot",
        clears=False,
        life=True,
    ),
    Alert(
        name="ReconciliationVenueBalanceMismatch",
        severity="warning",
        component="reconciliation",
        condition=Findings(BALANCES),
        summary="{{ $labels.bot }}: a balance differs from that at the venue",
        description=(
            "The bot's books have another total of an asset than its account, beyond the tolerance, by less than is "
            "material. Follow it up today: fees and funding are the usual cause." + _EXPLAIN
        ),
        dashboard="recon-bot",
        life=True,
    ),
)
