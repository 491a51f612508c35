"""The thresholds file and its meaning: bot in the file > environment > defaults in the file > built-in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from pydantic_core import PydanticCustomError

from recon_exporter.domain.money import plain
from recon_exporter.domain.policy import LIMIT_KEYS, SWITCH_KEYS, Limit, Origin, Switch
from recon_exporter.errors import ConfigurationProblem
from recon_exporter.settings.documents import Document
from recon_exporter.settings.environment import text_of
from recon_exporter.settings.problems import in_environment, in_file, judged_file
from recon_exporter.settings.scalars import Flag, Name, Number, Positive, Version, read_positive
from recon_exporter.settings.section import Section, builtin, left_out

BUILTIN_LIMITS: Mapping[str, Decimal] = MappingProxyType(
    {
        "inventory_warn": Decimal("0.25"),
        "inventory_critical": Decimal("0.45"),
        "exchange_drift_warn": Decimal("0.10"),
        "exchange_drift_critical": Decimal("0.20"),
        "fee_drop_warn": Decimal("0.05"),
        "fee_drop_critical": Decimal("0.20"),
        "turnover_fee_gap_warn": Decimal("0.05"),
    }
)
PAIRS = (
    ("inventory_warn", "inventory_critical"),
    ("exchange_drift_warn", "exchange_drift_critical"),
    ("fee_drop_warn", "fee_drop_critical"),
)
VARIABLES: Mapping[str, str] = MappingProxyType(
    {"inventory_warn": "RECON_INVENTORY_DRIFT_WARN", "inventory_critical": "RECON_INVENTORY_DRIFT_CRITICAL"}
)
_STRENGTH = list(Origin)


class ThresholdSet(Section):
    """The twelve keys of one bot, or of the defaults.

    Inventory and exchange drift are fractions of equity, ``fee_drop_*`` quote currency, ``turnover_fee_gap_warn`` a
    multiple of equity. A drift is reported from its limit on, hence a limit above 0; the others only beyond theirs.
    """

    enabled: Flag = left_out()
    inventory_check_enabled: Flag = left_out()
    exchange_check_enabled: Flag = left_out()
    fill_parity_check_enabled: Flag = left_out()
    accounting_check_enabled: Flag = left_out()
    inventory_warn: Positive = left_out()
    inventory_critical: Positive = left_out()
    exchange_drift_warn: Positive = left_out()
    exchange_drift_critical: Positive = left_out()
    fee_drop_warn: Number = left_out()
    fee_drop_critical: Number = left_out()
    turnover_fee_gap_warn: Number = left_out()


class ThresholdsFile(Section):
    """What ``reconciliation_thresholds.json`` may hold."""

    version: Version = left_out()
    defaults: ThresholdSet = builtin({})
    bots: dict[Name, ThresholdSet] = builtin({})


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What was written where: in the file for a bot, in the environment, in the file for all."""

    document: Document
    bots: Mapping[str, Mapping[str, Decimal | bool]]
    environment: Mapping[str, Decimal]
    defaults: Mapping[str, Decimal | bool]

    def effective(self, bot: str, key: str) -> tuple[Decimal | bool, Origin]:
        """The value that counts for the bot, and where it came from."""
        own = self.bots.get(bot, {})
        if key in own:
            return own[key], Origin.BOT
        if key in self.environment:
            return self.environment[key], Origin.ENVIRONMENT
        if key in self.defaults:
            return self.defaults[key], Origin.DEFAULTS
        return BUILTIN_LIMITS.get(key, True), Origin.BUILTIN

    def limit(self, bot: str, key: str) -> Limit:
        """The effective numeric threshold."""
        value, origin = self.effective(bot, key)
        return Limit(Decimal(value), origin)

    def switch(self, bot: str, key: str) -> Switch:
        """The effective on/off value."""
        value, origin = self.effective(bot, key)
        return Switch(bool(value), origin)

    def limits(self, bot: str) -> Mapping[str, Limit]:
        """Every numeric threshold of the bot."""
        return MappingProxyType({key: self.limit(bot, key) for key in LIMIT_KEYS})

    def switches(self, bot: str) -> Mapping[str, Switch]:
        """Every on/off value of the bot."""
        return MappingProxyType({key: self.switch(bot, key) for key in SWITCH_KEYS})

    def shadowed(self) -> Iterator[str]:
        """Sentences naming every variable that does not act on a bot because the bot has a value of its own."""
        for key in sorted(self.environment):
            bots = sorted(bot for bot, own in self.bots.items() if key in own)
            if bots:
                yield (
                    f"{VARIABLES[key]}={plain(self.environment[key])} does not act on {', '.join(bots)}: "
                    f"{self.document.path} has {key} for {'it' if len(bots) == 1 else 'each of them'}"
                )


def load(
    document: Document, environment: Mapping[str, str], directory: Path
) -> tuple[Thresholds, tuple[ConfigurationProblem, ...]]:
    """Thresholds of file and environment with every problem; where there is a problem they must not be used."""
    variables, refused = _environment(environment)
    written, problems = judged_file(ThresholdsFile, document, directory)
    thresholds = Thresholds(
        document,
        {bot: own.written() for bot, own in written.bots.items()} if written else {},
        variables,
        written.defaults.written() if written else {},
    )
    crossed = tuple(_crossed(thresholds)) if not problems and not refused else ()
    return thresholds, (*refused, *problems, *crossed)


def _environment(environment: Mapping[str, str]) -> tuple[dict[str, Decimal], list[ConfigurationProblem]]:
    values: dict[str, Decimal] = {}
    problems = []
    for key, name in VARIABLES.items():
        text = text_of(environment, name)
        try:
            if text is not None:
                values[key] = read_positive(text)
        except PydanticCustomError as error:
            problems.append(in_environment(name, str(text), error.message()))
    return values, problems


def _crossed(thresholds: Thresholds) -> Iterator[ConfigurationProblem]:
    """A critical limit that is not above its warning, as effective: once for all bots, and for each that differs."""
    for bot, own in (("", {}), *sorted(thresholds.bots.items())):
        for warn_key, critical_key in PAIRS:
            if bot and warn_key not in own and critical_key not in own:
                continue
            warn, critical = thresholds.limit(bot, warn_key), thresholds.limit(bot, critical_key)
            if critical.value > warn.value:
                continue
            # What is to be mended is more likely what was said last: the value of the stronger origin.
            if _STRENGTH.index(critical.origin) <= _STRENGTH.index(warn.origin):
                yield _refused(thresholds, bot, critical_key, critical, f"above {_told(warn_key, warn)}")
            else:
                yield _refused(thresholds, bot, warn_key, warn, f"below {_told(critical_key, critical)}")


def _told(key: str, limit: Limit) -> str:
    return f"{key}, which is {plain(limit.value)} ({limit.origin})"


def _refused(thresholds: Thresholds, bot: str, key: str, limit: Limit, expected: str) -> ConfigurationProblem:
    if limit.origin is Origin.ENVIRONMENT:
        return in_environment(VARIABLES[key], plain(limit.value), expected)
    path = ("bots", bot, key) if limit.origin is Origin.BOT else ("defaults", key)
    return in_file(thresholds.document, path, plain(limit.value), expected)
