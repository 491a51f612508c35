"""From a condition of the table to PromQL.

A money alert is held by a recording rule that feeds itself. Its four arms, in this order: the condition is true now;
or the check has been evaluated and the condition is not true (the fresh zero, recorded as such); or a person has
disabled the check or forgotten the bot; or else whatever the series said last. Recording the zero matters: a series
that merely vanished when the break ended would come back from its own past once the exporter dies. What the state
remembers by itself needs less: that the exporter speaks of the bot and no longer shows it is proof enough.

Every arm has the labels job, bot (and what `Breaks.by` adds), so that a new `instance` neither closes nor reopens
anything. Six hours are what a held state survives without Prometheus.
"""

from collections.abc import Iterator

from model import Alert, Breaks, Drift, Findings, Held, Latched

OVER_BOT = "max by (job, bot)"
MEMORY = "6h"


def record(alert: Alert, condition: Held, what: str) -> str:
    """Name a recorded series by the usual order: labels beside job, the thing, what is recorded of it."""
    if isinstance(condition, Breaks):
        labels = condition.by.removeprefix("job, ").replace(", ", "_")
        return f"{labels}:{condition.metric.removesuffix('_total')}:{what}"
    return f"bot:recon_{alert.subject.replace(' ', '_')}_{alert.severity}:{what}"


def opened(condition: Held) -> str:
    """The expression that has a value while the exporter shows the condition."""
    match condition:
        case Breaks(metric=metric, by=by):
            return f"max by ({by}) ({metric} > 0)"
        case Findings():
            return f"{OVER_BOT} ({_finding(condition)} > 0)"
        case Drift():
            return f"{_compared('>=', condition)}\nor\n{_judged(condition)}"
        case Latched(expression=expression):
            return expression


def held(record: str, condition: Held) -> str:
    """The expression of the recording rule `record`, which holds the condition until fresh proof."""
    return "\nor\n".join((opened(condition), *map(_bracketed, _ends(record, condition)), _remembered(record)))


def firing(record: str, condition: Held) -> str:
    """The expression of the alert. The metric of breaks is a contract and stands there by name."""
    contract = f"{opened(condition)}\nor\n" if isinstance(condition, Breaks) else ""
    return f"{contract}{record} > 0"


def cleared(record: str, condition: Held) -> str:
    """The expression that has a value at the one evaluation in which fresh proof ends what was held."""
    return (
        f"last_over_time({record}[{MEMORY}] offset 1s) > 0\n"
        f"and\n{record} == 0\n"
        f"and on (job, bot)\n{_evaluated(condition.check)}"
    )


def _remembered(record: str) -> str:
    return f"last_over_time({record}[{MEMORY}])"


def _ends(record: str, condition: Held) -> Iterator[str]:
    """What writes the zero: fresh proof, and a person's word."""
    if isinstance(condition, Latched):
        yield f"0 * {_remembered(record)}\nand on (job, bot) {_spoken_of(condition.check)}"
    else:
        yield _proof(condition)
        yield f"0 * {_remembered(record)}\nand on (job, bot) {_disabled(condition.check)}"


def _proof(condition: Findings | Drift | Breaks) -> str:
    evaluated = _evaluated(condition.check)
    match condition:
        case Breaks(metric=metric, by=by):
            return f"max by ({by}) ({metric})\nand on (job, bot) {evaluated}"
        case Findings():
            return f"0 * ({evaluated})"
        case Drift():
            below = _indented(_compared("<", condition))
            return f"0 * (\n{below}\n)\nand on (job, bot) {evaluated}"


def _evaluated(check: str) -> str:
    return f'{OVER_BOT} (recon_check_evaluated{{check="{check}"}}) == 1'


def _disabled(check: str) -> str:
    return f'{OVER_BOT} (recon_check_enabled{{check="{check}"}}) == 0'


def _spoken_of(check: str) -> str:
    return f'{OVER_BOT} (recon_check_enabled{{check="{check}"}})'


def _finding(condition: Findings) -> str:
    severity = f',severity="{condition.severity}"' if condition.severity else ""
    if condition.codes:
        return f'recon_finding{{check="{condition.check}",{_codes(condition.codes)}{severity}}}'
    return f'recon_findings{{check="{condition.check}"{severity}}}'


def _compared(operator: str, drift: Drift) -> str:
    labels = f'check="{drift.check}",key="{drift.key}",severity="{drift.severity}"'
    return f"{OVER_BOT} ({drift.metric})\n{operator} on (job, bot)\nmin by (job, bot) (recon_threshold{{{labels}}})"


def _judged(drift: Drift) -> str:
    """The exporter's own verdict on the drift, which stands in where the threshold is not shown."""
    finding = f'recon_finding{{check="{drift.check}",{_codes(drift.codes)}}}'
    return f"{OVER_BOT} ({drift.metric})\nand on (job, bot)\n{finding} > 0"


def _codes(codes: tuple[str, ...]) -> str:
    return f'code=~"{"|".join(codes)}"' if len(codes) > 1 else f'code="{codes[0]}"'


def _bracketed(expression: str) -> str:
    return f"(\n{_indented(expression)}\n)"


def _indented(expression: str) -> str:
    return "\n".join(f"  {line}" for line in expression.splitlines())
