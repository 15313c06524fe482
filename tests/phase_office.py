"""A county whose phases are held against something, and what its people do to get through them."""

from datetime import date
from pathlib import Path
from typing import Any

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.services import (
    close_phase,
    evidence,
    evidence_review,
    indicator_dates,
    indicator_facts,
    pass_by_slip,
    pass_phase,
    phase_work,
    progress,
    suspension,
)
from eco_workflow.services.pass_by_slip import Slip
from eco_workflow.services.pass_phase import Passed
from eco_workflow.services.phase_work import Worked
from eco_workflow.services.phases_shown import story
from tests.county import COUNTY
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison

LEADER = Actor("leader", frozenset({Role.LEADER}))

CHECKED = (
    (
        "evidence: [{id: E1, title: 会议材料}]",
        "checks: [people, task_sheets], evidence: [{id: E1, title: 会议材料}]",
    ),
    ('source: "二(二)2"}', 'source: "二(二)2", checks: [dates, rounds, gaps, indicators]}'),
)
"""What the county's milestones are held against here."""


def county(database: str, folder: Path, *pieces: tuple[str, str]) -> Office:
    """The office on 1 March, when its first phase begins and the plan is activated."""
    text = COUNTY.read_text("utf-8")
    for old, new in (*CHECKED, *pieces):
        assert old in text, old
        text = text.replace(old, new, 1)
    file = folder / "county.yaml"
    file.write_text(text, encoding="utf-8")
    (folder / "home").mkdir()
    office = Office(database, folder / "home", plan=str(file))
    office.open()
    return office


def look(office: Office, day: str, key: str) -> Worked:
    """The phase's flow of that morning, without Prefect."""
    [worked] = phase_work.work(office.database, at(day, "08:40"), key)
    return worked


def close(office: Office, number: int, day: str, *, conditional: bool = False, by: Actor = OPERATOR) -> Any:
    return close_phase.close(office.database, number, conditional=conditional, now=at(day, "15:00"), by=by)


def pass_over(office: Office, number: int, day: str, until: str, by: Actor = LEADER, **said: Any) -> Any:
    return pass_phase.pass_conditionally(
        office.database, number, until=date.fromisoformat(until), now=at(day, "14:00"), by=by,
        **{"reason": "材料在印", **said},
    )  # fmt: skip


def file_slip(
    office: Office, number: int, day: str, slip: Slip, until: str = "2022-05-31", by: Actor = OPERATOR
) -> Passed:
    """An operator files what a leader signed."""
    return pass_by_slip.pass_by_slip(
        office.database, office.settings, number, slip,
        reason="材料在印", until=date.fromisoformat(until), now=at(day, "14:00"), by=by,
    )  # fmt: skip


def lacking(office: Office, number: int, day: str) -> list[str]:
    """What the phase lacks on a day, by the keys of the reasons."""
    with office.database.read() as session:
        [phase] = story(session, number, plan=None, now=at(day))["phases"]
    return [f"{reason['kind']}:{reason['about']}" for reason in phase["lacking"]]


def states(office: Office, day: str) -> list[tuple[int, str]]:
    """Where every phase stands."""
    with office.database.read() as session:
        return [
            (one["phase"], one["state"]) for one in story(session, None, plan=None, now=at(day))["phases"]
        ]


def prove(office: Office, item: str, requirement: str, day: str, year: int | None, by: Actor) -> None:
    """A file is brought and accepted."""
    file = office.home.parent / f"{item}.pdf"
    file.write_bytes(f"{item} {requirement} {year}".encode())
    made = evidence.add(
        office.database, office.settings, item, requirement, str(file), year=year, now=at(day), by=by
    )
    evidence_review.accept(office.database, office.settings, made.number, now=at(day, "09:30"), by=OPERATOR)


def agree(office: Office, day: str) -> None:
    """Every lead unit's date and target figure is proposed and confirmed; what others set is known."""
    task = indicator_facts.Task("90", "市文件〔2022〕1号", date(2022, 1, 10))
    indicator_facts.assign(office.database, "I01", task, now=at(day), by=OPERATOR)
    indicator_facts.set_base(
        office.database, "I02.2", "400", period="2020", source="统计年鉴", now=at(day), by=OPERATOR
    )
    for code, unit, target in (
        ("I01", "shuili", "90"),
        ("I02", "huanbao", "I02.1=80 I02.2=399"),
        ("I03", "shuili", "是"),
    ):
        indicator_dates.propose(
            office.database, code, unit, due_on=date(2022, 6, 30), target=target, source="本局测算",
            now=at(day), by=liaison(unit),
        )  # fmt: skip
        decider = SUPERVISOR if unit == "huanbao" else OPERATOR
        indicator_dates.confirm(
            office.database, code, unit, decision="", reason="", now=at(day, "09:30"), by=decider
        )


def report(office: Office, unit: str, item: str, day: str, status: str = "in_progress", **said: Any) -> None:
    progress.submit(
        office.database, unit, item, Answer(status, **said), now=at(day, "10:00"), by=liaison(unit)
    )


def set_aside(office: Office, unit: str, item: str, day: str) -> None:
    """Operator and supervisor find an item not applicable to a unit."""
    suspension.set_aside(
        office.database, unit, item, "not_applicable", reason="不涉及", now=at(day, "11:00"), by=OPERATOR
    )
    suspension.confirm(office.database, unit, item, now=at(day, "11:30"), by=SUPERVISOR)


def launched(office: Office) -> Office:
    """Phase 1 is closed on 3 March, and phase 2 is open since."""
    look(office, "2022-03-01", "launch")
    office.run("2022-03-01")
    prove(office, "M1.1", "E1", "2022-03-02", None, OPERATOR)
    close(office, 1, "2022-03-03")
    return office


def answer_all(office: Office) -> None:
    """What phase 2 asks of the units, met, on 8 March."""
    report(office, "shuili", "I01", "2022-03-08", value="95", period="2021")
    report(office, "huanbao", "I02", "2022-03-08", value="I02.1=85 I02.2=390", period="I02.1=2021 I02.2=2021")
    report(office, "shuili", "I03", "2022-03-08", value="是")
    report(office, "huanbao", "M2.1", "2022-03-08", "completed")


def ready(office: Office) -> Office:
    """Phase 2 lacks nothing on 22 March but what the tests take away."""
    launched(office)
    agree(office, "2022-03-04")
    office.run("2022-03-07")
    answer_all(office)
    prove(office, "I01", "E1", "2022-03-08", 2021, liaison("shuili"))
    office.run("2022-03-10")
    office.release("2022-03-05", "2022-03-10")
    return office
