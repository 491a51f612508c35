"""How large the measurements are."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Scale:
    """The sizes of one run.

    ``store_lines`` and ``fleets`` span the grid of the warm cycle, ``longest_store`` is the one in which the largest
    is compared with ten times as much. ``service_cycle`` is the distance of the running service's cycles,
    in seconds, ``service_cycle_sooner`` that after a reload, ``service_seconds`` how long it is watched. ``positions``
    is the size of each book of an end-of-day run, ``fills`` the number of executions on each side that are matched,
    ``accounts`` how many are asked for one exchange snapshot.
    """

    name: str
    page_bots: int
    scrapes: int
    store_lines: tuple[int, ...]
    new_lines: int
    fleets: tuple[int, ...]
    history_minutes: int
    longest_store: int
    repeats: int
    service_bots: int
    service_cycle: int
    service_cycle_sooner: int
    service_seconds: float
    starts: int
    positions: int
    fills: int
    accounts: int


DEFAULT = Scale(
    name="default",
    page_bots=1_200,
    scrapes=50,
    store_lines=(10_000, 100_000, 1_000_000),
    new_lines=1_000,
    fleets=(10, 100, 1_000),
    history_minutes=240,
    longest_store=10_000_000,
    repeats=9,
    service_bots=1_000,
    service_cycle=5,
    service_cycle_sooner=4,
    service_seconds=50,
    starts=15,
    positions=100_000,
    fills=1_000_000,
    accounts=500,
)
QUICK = replace(
    DEFAULT,
    name="quick",
    scrapes=20,
    store_lines=(10_000, 100_000),
    fleets=(10, 1_000),
    history_minutes=60,
    longest_store=1_000_000,
    repeats=5,
    service_seconds=15,
    fills=100_000,
    accounts=100,
    starts=5,
)
TINY = Scale(
    name="tiny",
    page_bots=3,
    scrapes=2,
    store_lines=(1_000,),
    new_lines=100,
    fleets=(3,),
    history_minutes=20,
    longest_store=10_000,
    repeats=1,
    service_bots=3,
    service_cycle=1,
    service_cycle_sooner=1,
    service_seconds=2,
    starts=1,
    positions=1_000,
    fills=20_000,
    accounts=3,
)
