"""Findings that outlive the cycle that found them: steps between rows until the end of their day, and first sight."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from recon_exporter.domain.finding import CheckResult, Finding
from recon_exporter.domain.memory import CarriedFinding, Identity

_Key = tuple[Identity, date]


def carry(
    carried: Sequence[CarriedFinding], results: Iterable[CheckResult], now: datetime
) -> tuple[CarriedFinding, ...]:
    """The step findings that are current at ``now``, one for each identity and day: those carried so far and the new.

    Steps that lie within the time already counted are known: reading rows a second time changes nothing.
    """
    kept = {_key(one.finding, _step_at(one.finding)): one for one in carried}
    for key, steps in _steps(results).items():
        kept[key] = _joined(kept.get(key), steps)
    today = now.date()
    return tuple(kept[key] for key in sorted(kept) if key[1] >= today)


def with_carried(results: Iterable[CheckResult], carried: Iterable[CarriedFinding]) -> tuple[CheckResult, ...]:
    """The results in which carried findings stand in the place of those of single steps.

    A check that is switched off gets none: a person has ended it.
    """
    by_check: dict[tuple[str, str], list[Finding]] = {}
    for one in carried:
        by_check.setdefault((one.finding.bot, one.finding.check), []).append(_told(one))
    return tuple(_merged(result, by_check.get((result.bot, result.check), [])) for result in results)


def first_seen(
    known: Mapping[Identity, datetime], results: Iterable[CheckResult], now: datetime
) -> Mapping[Identity, datetime]:
    """When each current finding was first seen.

    A finding that is hidden because its check is unverified keeps its time: only a fresh evaluation ends it.
    """
    current: dict[Identity, datetime] = {}
    hidden: set[tuple[str, str]] = set()
    for result in results:
        if result.enabled and result.unverified is not None:
            hidden.add((result.bot, result.check))
        for finding in result.findings:
            current[finding.identity] = known.get(finding.identity, now)
    waiting = {identity: at for identity, at in known.items() if identity[:2] in hidden}
    return waiting | current


def _step_at(finding: Finding) -> datetime:
    if finding.step_at is None:
        raise ValueError(f"{finding.message} of {finding.bot} is no step and cannot be carried")
    return finding.step_at


def _key(finding: Finding, step_at: datetime) -> _Key:
    return (finding.identity, step_at.date())


def _steps(results: Iterable[CheckResult]) -> dict[_Key, dict[datetime, Finding]]:
    """New steps by key and time; of two at one time the one whose details read first, whatever the order of rows."""
    steps: dict[_Key, dict[datetime, Finding]] = {}
    for finding in (finding for result in results for finding in result.findings):
        if finding.step_at is None:
            continue
        same = steps.setdefault(_key(finding, finding.step_at), {})
        known = same.get(finding.step_at)
        if known is None or _details_text(finding) < _details_text(known):
            same[finding.step_at] = finding
    return steps


def _details_text(finding: Finding) -> str:
    return repr(sorted(finding.details.items(), key=lambda item: item[0]))


def _joined(known: CarriedFinding | None, steps: Mapping[datetime, Finding]) -> CarriedFinding:
    if known is None:
        return CarriedFinding(steps[min(steps)], len(steps), max(steps))
    first_at = _step_at(known.finding)
    new = [at for at in steps if at < first_at or at > known.last_at]
    if not new:
        return known
    first = steps[min(new)] if min(new) < first_at else known.finding
    return CarriedFinding(first, known.occurrences + len(new), max(known.last_at, *new))


def _told(one: CarriedFinding) -> Finding:
    details = {"occurrences": one.occurrences, "first_at": one.finding.step_at, "last_at": one.last_at}
    return replace(one.finding, details={**one.finding.details, **details})


def _merged(result: CheckResult, carried: Sequence[Finding]) -> CheckResult:
    if not result.findings and not carried:
        return result
    lasting = tuple(finding for finding in result.findings if finding.step_at is None)
    if len(lasting) == len(result.findings) and not carried:
        return result
    return replace(result, findings=lasting + (tuple(carried) if result.enabled else ()))
