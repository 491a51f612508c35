"""What supervisors and operators are told, and what they may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recon_exporter.errors import ConfigurationError, ConfigurationProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.serving import Served

PROBLEMS = (
    ConfigurationProblem("config/recon.yml", "schedule.cycle", "'often'", "a duration"),
    ConfigurationProblem("RECON_ALERT_MIN_SEVERITY", "webhook.min_severity", "'warn'", "warning or critical"),
)


def test_process_is_healthy_while_the_scheduler_beats(served: Served) -> None:
    for _ in range(3):
        served.clock.step(50)
        served.health.beat()

    answer = served.ask("/-/healthy")
    assert (answer.status, answer.text) == (200, "recon-exporter is healthy\n")


def test_process_is_not_healthy_once_the_scheduler_is_silent(served: Served) -> None:
    served.health.beat()
    served.clock.step(61)

    answer = served.ask("/-/healthy")
    assert (answer.status, answer.text) == (503, "the scheduler has been silent for 61 s\n")


def test_process_recovers_with_the_next_beat(served: Served) -> None:
    served.clock.step(61)
    served.health.beat()

    assert served.ask("/-/healthy").status == 200


def test_not_ready_names_everything_that_is_missing(served: Served) -> None:
    answer = served.ask("/-/ready")

    assert (answer.status, answer.text) == (503, "the configuration is not loaded\nthe first cycle has not ended\n")


def test_ready_only_after_the_first_cycle(served: Served) -> None:
    served.health.configured()
    before = served.ask("/-/ready").status
    served.health.reported()

    assert (before, served.ask("/-/ready").status) == (503, 200)


def test_reload_is_forbidden_unless_enabled(served: Served) -> None:
    answer = served.ask("/-/reload", "POST")

    assert answer.status == 403
    assert "--web.enable-lifecycle" in answer.text


def test_reload_takes_the_configuration_anew(serve: Callable[..., Served]) -> None:
    calls: list[str] = []
    answer = serve(reload=lambda: calls.append("reload")).ask("/-/reload", "POST")

    assert (answer.status, calls) == (200, ["reload"])


def test_refused_reload_tells_every_problem(serve: Callable[..., Served]) -> None:
    def reload() -> None:
        raise ConfigurationError(PROBLEMS)

    answer = serve(reload=reload).ask("/-/reload", "POST")

    assert answer.status == 500
    assert answer.text.splitlines()[1:] == [str(problem) for problem in PROBLEMS]


def test_reload_by_anything_but_post_does_nothing(serve: Callable[..., Served]) -> None:
    calls: list[str] = []
    served = serve(reload=lambda: calls.append("reload"))

    answers = [served.ask("/-/reload", method) for method in ("GET", "HEAD", "PUT")]

    assert [(answer.status, answer.headers["Allow"]) for answer in answers] == [(405, "POST")] * 3
    assert calls == []
