"""The one table of what starts by itself."""

from collections import Counter
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from cronsim import CronSim

from eco_workflow.domain.clock import ZONE
from eco_workflow.domain.rounds import RUN_AT
from schedules.deployments import as_yaml, deployments
from schedules.timetable import ON_DEMAND, TIMETABLE
from schedules.timetable import ZONE as OF_THE_TABLE

ROOT = Path(__file__).parents[2]
YEAR = 2022


def starts(name: str) -> list[datetime]:
    """When a job is started in a year, by the office's wall."""
    [job] = [job for job in TIMETABLE if job.name == name]
    found = []
    for at in CronSim(job.cron or "", datetime(YEAR - 1, 12, 31, 23, 59, tzinfo=ZoneInfo(OF_THE_TABLE))):
        if at.year > YEAR:
            break
        found.append(at.astimezone(ZONE))
    return found


def test_the_rounds_are_dispatched_on_the_14th_and_28th_at_nine() -> None:
    assert {(at.day, at.time()) for at in starts("dispatch")} == {(14, time(9)), (28, time(9))}
    assert len(starts("dispatch")) == 24


def test_every_day_of_the_year_has_one_run() -> None:
    """Make-up Saturdays and Sundays are working days; the run itself rests on days off."""
    days = Counter(at.date() for at in (*starts("dispatch"), *starts("follow-up")))
    assert len(days) == 365
    assert set(days.values()) == {1}
    assert {at.time() for at in starts("follow-up")} == {RUN_AT}


def test_what_waits_is_delivered_four_times_an_hour() -> None:
    assert Counter(at.date() for at in starts("deliver"))[date(YEAR, 3, 14)] == 96


def test_the_work_pool_has_the_same_jobs() -> None:
    """To mend: make prefect.yaml."""
    assert (ROOT / "prefect.yaml").read_text() == as_yaml((*TIMETABLE, *ON_DEMAND))


def test_every_job_becomes_a_deployment_in_the_zone_of_the_office() -> None:
    made = {deployment.name: deployment for deployment in deployments(TIMETABLE)}
    assert set(made) == {job.name for job in TIMETABLE}
    for job in TIMETABLE:
        [schedule] = made[job.name].schedules or []
        assert schedule.schedule.cron == job.cron  # type: ignore[union-attr]
        assert schedule.schedule.timezone == "Asia/Shanghai"  # type: ignore[union-attr]
        assert made[job.name].description == job.why


def test_what_an_operator_starts_has_no_schedule() -> None:
    """The four phases and the transition are there to be started, and never start by themselves."""
    made = {deployment.name: deployment.schedules for deployment in deployments(ON_DEMAND)}
    assert set(made) == {"launch", "implementation", "assessment", "consolidation", "transition"}
    assert not any(made.values())
