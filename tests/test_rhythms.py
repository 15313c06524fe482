"""The office's own rhythm: told, prepared, held, issued, signed, or late like anybody's (DOMAIN 8).

A county with a monthly conference, bulletin, circular and pro-rata report, active from 1 March 2022.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.domain.errors import EcoError, Refused, WrongInput
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.domain.viewer import Viewer
from eco_workflow.plans.load import read
from eco_workflow.services import extension, hold, information, issues, pro_rata_report, rhythm_done, steps
from eco_workflow.services.lights import lights
from eco_workflow.services.merge_units import merge
from eco_workflow.services.revise_plan import revise
from eco_workflow.services.rhythms import Opened
from eco_workflow.services.rhythms_shown import listed, shown
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Case, Item, Obligation, Occurrence, Unit
from flows.wiring import open_rhythms
from tests.office import OPERATOR, Mail, Office, at, liaison

OFFICE, SUPERVISION, WATER = "liaison@chuangban.example", "liaison@ducha.example", "liaison@shuili.example"
LEADER = Actor("县领导", frozenset({Role.LEADER}))
EVERYTHING = Viewer("operator")
CODE = "qingxi-2022"

RHYTHM = """
    - {id: meeting, title: 例会, source: "三", every: quarter}
"""
RHYTHMS = """
    - {id: joint_conference, title: 联席会议, source: "三", every: month}
    - {id: circular, title: 通报, source: "三", every: month, form: series}
"""
"""In the place of the county's quarterly meeting; its bulletin and its pro-rata report stay."""


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The round of 7 March has gone out."""
    county = (Path(__file__).parent / "plans" / "county.yaml").read_text()
    assert RHYTHM in county
    plan = tmp_path / "county.yaml"
    plan.write_text(county.replace(RHYTHM, RHYTHMS))
    made = Office(database, tmp_path, plan=str(plan))
    made.open()
    made.silent("2022-03-07")
    return made


def morning(office: Office, day: str) -> list[str]:
    """The morning as the timetable has it: what is near is opened, then the run tells of it."""
    done = open_rhythms(office.settings, at(day, "08:40"), "schedule")
    assert done.broken == {}
    office.run(day)
    return done.opened.get(CODE, [])


def opened(office: Office, day: str, clock: str = "08:40") -> Opened:
    return open_rhythms(office.settings, at(day, clock), "schedule")


def by(day: str, who: Actor = OPERATOR, clock: str = "15:00") -> dict[str, Any]:
    return {"now": at(day, clock), "by": who}


def act(office: Office, does: Callable[..., Any], *said: Any, **more: Any) -> Any:
    return does(office.database, *said, days=office.days, **more)


def look(office: Office, code: str, day: str, viewer: Viewer = EVERYTHING) -> dict[str, Any]:
    with office.database.read() as session:
        return shown(session, viewer, code, plan=None, now=at(day, "16:00"), days=office.days)


def states(office: Office, day: str, prefix: str = "") -> dict[str, str]:
    with office.database.read() as session:
        rows = listed(session, EVERYTHING, plan=None, now=at(day, "16:00"), days=office.days)
    return {row["code"]: row["state"] for row in rows if row["code"].startswith(prefix)}


def told(office: Office, day: str, to: str) -> str:
    """What the mails of a day say to somebody."""
    mails: list[Mail] = office.mails(day, to)
    return "\n".join(mail.text.replace("\r\n", "\n") for mail in mails)


def office_cases(office: Office) -> dict[str, tuple[int, bool]]:
    """Item → rung, and whether it is closed, of the office's task cases."""
    with office.database.read() as session:
        rows = session.exec(
            select(Item.code, Case).join(Case, col(Case.item_id) == Item.id).where(Case.clock == "task")
        )
        return {code: (case.rung, case.closed_on is not None) for code, case in rows}


def test_a_month_of_the_office(office: Office) -> None:
    """Told five working days before, held with resolutions, issued with receipts, late where not done."""
    assert morning(office, "2022-03-23") == []
    assert morning(office, "2022-03-24") == ["JC2022-03", "C2022-03", "B2022-03"]
    mail = told(office, "2022-03-24", OFFICE)
    assert "请于3月31日（周四）前完成JC2022-03 联席会议（2022年3月）。" in mail
    assert "自4月7日（周四）起未完成的，计逾期" in mail
    assert opened(office, "2022-03-24", "10:00") == Opened()
    assert morning(office, "2022-03-25") == []
    assert "JC2022-03" not in told(office, "2022-03-25", OFFICE)

    item = information.offer(
        office.database, "县水利局", "完成河道清淤3公里", **by("2022-03-28", liaison("shuili"))
    )
    material = look(office, "JC2022-03", "2022-03-29")
    assert [one["text"] for one in material["material"]["offered"]] == ["完成河道清淤3公里"]
    assert material["text"].startswith("截至2022年3月29日：未办结事项")
    held = act(
        office, rhythm_done.done, "JC2022-03", on=date(2022, 3, 30), minutes="会议纪要", **by("2022-03-30"),
        resolutions=["水利局: 补报数据: 2022-04-20", "县环境分局：9:00前报方案：2022-04-12"],
    )  # fmt: skip
    assert (held.state, held.late, held.resolutions) == ("done", False, 2)
    assert [(one["unit"], one["text"]) for one in look(office, "JC2022-03", "2022-03-30")["resolutions"]] == [
        ("县水利局", "补报数据"),
        ("县环境分局", "9:00前报方案"),
    ]

    issued = act(
        office,
        issues.release,
        "B2022-03",
        text="简报正文\n\n第二段<b>",
        information=[item.number],
        **by("2022-03-30"),
    )
    assert (issued.issue, issued.to) == ("简报2022年第1期", ("县环境分局", "县水利局", "县督查组"))
    morning(office, "2022-03-31")
    mail = told(office, "2022-03-31", WATER)
    assert "请查收简报2022年第1期并回执。" in mail
    assert "编号B2022-03\n  简报正文\n  第二段<b>\n" in mail
    assert "会议议定：联席会议（2022年3月）3月30日" in mail
    given = act(office, issues.receipt, "B2022-03", "shuili", **by("2022-03-31", liaison("shuili")))
    assert given.outstanding == 2
    act(office, issues.receipt, "B2022-03", "huanbao", **by("2022-03-31"))
    receipts = {row["unit"]: row["by"] for row in look(office, "B2022-03", "2022-03-31")["distribution"]}
    assert receipts == {"县环境分局": "operator", "县水利局": "liaison of shuili", "县督查组": ""}
    assert states(office, "2022-03-31", "PRR2022-03") == {"PRR2022-03": "done"}  # nobody was behind

    for day in ("2022-04-01", "2022-04-06"):
        morning(office, day)
    assert office_cases(office) == {}
    morning(office, "2022-04-07")
    assert office_cases(office) == {"C2022-03": (1, False)}
    assert "C2022-03 通报（2022年3月），逾期1个工作日" in told(office, "2022-04-07", OFFICE)
    with office.database.read() as session:
        rows = lights(session, EVERYTHING, plan=None, now=at("2022-04-07"), days=office.days)
    [reason] = [item.judged.reason for row in rows for item in row.items if item.item == "C2022-03"]
    assert reason == "逾期1个工作日"
    late = act(office, issues.release, "C2022-03", text="通报正文", to=["水利局"], **by("2022-04-07"))
    assert (late.issue, late.to) == ("通报2022年第1期", ("县水利局",))  # a series of its own
    assert office_cases(office) == {"C2022-03": (1, True)}
    with office.database.read() as session:
        assert broken_at(session, 1) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_early_warning_names_the_day_from_which_it_is_late(database: str, tmp_path: Path) -> None:
    """The conference of October 2021 is due on the 29th and late from 4 November."""
    office = Office(database, tmp_path)
    office.open("2021-10-08")
    opened(office, "2021-10-25")
    office.run("2021-10-26")
    [mail] = office.mails("2021-10-26", "lianluo@chuangjianban.dxal.example")
    assert "JC2021-10 联席会议（2021年10月）" in mail.text
    assert "下一步：JC2021-10、B2021-10、C2021-10仍未完成的，自11月4日（周四）起按规则催办。" in mail.text


def test_who_is_behind_at_a_month_s_end_goes_into_a_draft_that_a_leader_signs(office: Office) -> None:
    """Steps of I01 and I03 are not confirmed; one catches up before the report is signed."""
    for code in ("I01", "I03"):
        steps.add(office.database, code, "完成治理", weight=1, due_on=None, **by("2022-03-08"))
    assert "PRR2022-03" not in morning(office, "2022-03-30")
    assert "PRR2022-03" in morning(office, "2022-03-31")
    behind = {(row["unit"], row["item"]) for row in look(office, "PRR2022-03", "2022-03-31")["behind"]}
    assert ("县水利局", "I03") in behind
    assert "请将2022年3月序时进度督查报告送领导签发。" in told(office, "2022-03-31", SUPERVISION)
    steps.done(office.database, "I03", 1, **by("2022-03-31"))
    steps.confirm(office.database, "I03", 1, **by("2022-03-31"))
    signed = act(office, pro_rata_report.sign, "PRR2022-03", **by("2022-04-01", LEADER))
    assert {line.item for line in signed.lines} == {"I01"}
    assert states(office, "2022-04-01", "PRR2022-03") == {"PRR2022-03": "done"}


def test_a_draft_of_which_nobody_is_behind_any_more_ends_by_itself(office: Office) -> None:
    steps.add(office.database, "I03", "完成治理", weight=1, due_on=None, **by("2022-03-08"))
    opened(office, "2022-03-31")
    steps.done(office.database, "I03", 1, **by("2022-03-31"))
    steps.confirm(office.database, "I03", 1, **by("2022-03-31"))
    with pytest.raises(Refused, match="Nobody in PRR2022-03 is behind any more"):
        act(office, pro_rata_report.sign, "PRR2022-03", **by("2022-03-31", LEADER))
    assert opened(office, "2022-04-01").closed == {CODE: ["PRR2022-03"]}
    assert "督查报告作废" in look(office, "PRR2022-03", "2022-04-01")["minutes"]


def test_what_lay_before_the_activation_is_recorded_afterwards_and_was_never_owed(
    database: str, tmp_path: Path
) -> None:
    """Of the real plan, from 1 March 2022: 68 turns, of which 22 ended before."""
    office = Office(database, tmp_path)
    office.open()
    before = states(office, "2022-03-01")
    assert len(before) == 68
    assert sum(state == "not_owed" for state in before.values()) == 22
    made = act(
        office, rhythm_done.done, "JC2021-12", on=date(2021, 12, 28), minutes="补录", **by("2022-03-02"),
        resolutions=["水务局: 报送方案: 2022-01-20"],
    )  # fmt: skip
    assert made.state == "backfill"
    assert opened(office, "2022-03-02") == Opened()
    with office.database.read() as session:
        assert session.exec(select(Item).where(Item.kind == "rhythm")).all() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_not_opened_for_an_outage_is_late_only_three_working_days_after(office: Office) -> None:
    late = opened(office, "2022-04-11").opened
    assert late == {CODE: ["JC2022-03", "C2022-03", "B2022-03", "PRR2022-03"]}
    assert look(office, "JC2022-03", "2022-04-11")["late_from"] == date(2022, 4, 15)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_held_days_put_lateness_off_and_nothing_is_opened_meanwhile(office: Office) -> None:
    opened(office, "2022-03-24")
    hold.hold(office.database, "核对", **by("2022-03-30"))
    assert opened(office, "2022-03-31") == Opened()
    hold.release(office.database, office.days, **by("2022-04-08", clock="08:00"))
    assert opened(office, "2022-04-08").moved == {CODE: ["B2022-03", "C2022-03", "JC2022-03"]}
    assert look(office, "JC2022-03", "2022-04-08")["late_from"] == date(2022, 4, 13)
    assert opened(office, "2022-04-09") == Opened()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_a_changed_document_names_no_longer_is_still_closed(office: Office) -> None:
    opened(office, "2022-03-24")
    changed = Path(office.plan).read_text().replace("joint_conference", "monthly_meeting")
    Path(office.plan).write_text(changed)
    revise(office.database, read(office.plan), **by("2022-03-25"))
    assert opened(office, "2022-03-26").opened == {CODE: ["MM2022-03"]}
    held(office)
    assert states(office, "2022-03-28", "JC") == {"JC2022-03": "done"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_a_person_put_off_stays_put_off(office: Office) -> None:
    opened(office, "2022-03-24")
    about = ("chuangban", "JC2022-03")
    extension.ask(office.database, *about, until=date(2022, 4, 29), reason="领导出差", **by("2022-03-25"))
    act(office, extension.decide, *about, grant=True, reason="同意", **by("2022-03-25", clock="16:00"))
    assert opened(office, "2022-03-28") == Opened()
    assert look(office, "JC2022-03", "2022-03-28")["due_on"] == date(2022, 4, 29)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_held_before_it_was_opened_it_is_done_and_nobody_is_asked_for_it(office: Office) -> None:
    made = act(
        office, rhythm_done.done, "JC2022-03", on=date(2022, 3, 10), minutes="纪要", **by("2022-03-10")
    )
    assert made.state == "done"
    assert "JC2022-03" not in morning(office, "2022-03-24")
    assert "JC2022-03" not in told(office, "2022-03-24", OFFICE)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_unit_sees_what_was_sent_to_it_and_nothing_else_of_the_office(office: Office) -> None:
    opened(office, "2022-03-24")
    act(office, issues.release, "B2022-03", text="正文", to=["shuili"], **by("2022-03-28"))
    with office.database.read() as session:
        ids = dict(session.exec(select(Unit.code, Unit.id)).all())
    water, air = (Viewer(code, frozenset({ids[code] or 0})) for code in ("shuili", "huanbao"))
    assert look(office, "B2022-03", "2022-03-28", water)["minutes"] == "正文"
    for viewer, code in ((air, "B2022-03"), (water, "JC2022-03")):
        with pytest.raises(Refused, match="sees the own unit only"):
            look(office, code, "2022-03-28", viewer)
    with office.database.read() as session:
        rows = listed(session, water, plan=None, now=at("2022-03-28"), days=office.days)
    assert [row["code"] for row in rows] == ["B2022-03"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_meeting_that_is_recorded_later_keeps_what_was_resolved(office: Office) -> None:
    opened(office, "2022-03-24")
    held(office, on="2022-03-14", resolutions=["水利局: 补报: 2022-03-17"])
    [said] = look(office, "JC2022-03", "2022-03-28")["resolutions"]
    assert (said["unit"], said["due_on"]) == ("县水利局", date(2022, 3, 17))


def held(office: Office, code: str = "JC2022-03", on: str = "2022-03-28", **more: Any) -> None:
    said = {"minutes": "纪要", **by("2022-03-28"), **more}
    act(office, rhythm_done.done, code, on=date.fromisoformat(on), **said)


def issued(office: Office, code: str = "B2022-03", **more: Any) -> None:
    act(office, issues.release, code, **{"text": "正文", **by("2022-03-28"), **more})


REFUSALS: list[tuple[str, Callable[[Office], object], type[EcoError], str]] = [
    ("no such code", lambda o: held(o, "JC2022-13"), WrongInput, "Did you mean JC2022"),
    ("without minutes", lambda o: held(o, minutes=" "), WrongInput, "--minutes needs the text"),
    ("tomorrow", lambda o: held(o, on="2022-03-29"), WrongInput, "2022-03-01 and today, 2022-03-28"),
    ("before its month", lambda o: held(o, on="2022-02-28"), WrongInput, "no day of 联席会议（2022年3月）"),
    ("an issue as a meeting", lambda o: held(o, "B2022-03"), Refused, "eco rhythm release B2022-03"),
    ("a report before its day", lambda o: held(o, "PRR2022-03"), Refused, "is drafted on 2022-03-31"),
    ("by a unit", lambda o: held(o, by=liaison("shuili")), Refused, "keeping the office's rhythm needs"),
    (
        "a resolution of two parts",
        lambda o: held(o, resolutions=["水利局: x"]),
        WrongInput,
        "demands nothing",
    ),
    (
        "resolved for no unit",
        lambda o: held(o, resolutions=["某局: x: 2022-04-01"]),
        WrongInput,
        "某局",
    ),
    (
        "resolved into the past",
        lambda o: held(o, resolutions=["水利局: x: 2022-03-01"]),
        WrongInput,
        "must lie between the meeting",
    ),
    ("a meeting as an issue", lambda o: issued(o, "JC2022-03"), Refused, "is no series"),
    ("information that is not there", lambda o: issued(o, information=[9]), WrongInput, "information item 9"),
    (
        "sent to a superior",
        lambda o: issued(o, to=["shiju"]),
        EcoError,
        "only working units are sent issues",
    ),
    (
        "a receipt of what was not sent",
        lambda o: act(o, issues.receipt, "C2022-03", "shuili", **by("2022-03-28")),
        Refused,
        "not on a distribution list",
    ),
    (
        "signed by no leader",
        lambda o: act(o, pro_rata_report.sign, "PRR2022-03", **by("2022-03-28")),
        Refused,
        "signing a supervision report needs a leader",
    ),
    (
        "signed before it is drafted",
        lambda o: act(o, pro_rata_report.sign, "PRR2022-03", **by("2022-03-28", LEADER)),
        Refused,
        "no drafted pro-rata report",
    ),
    (
        "another unit's information",
        lambda o: information.offer(o.database, "shuili", "x", **by("2022-03-28", liaison("huanbao"))),
        Refused,
        "offering information needs",
    ),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(office: Office) -> None:
    opened(office, "2022-03-24")
    before = trace(office)
    for what, does, error, words in REFUSALS:
        with pytest.raises(error, match=words):
            does(office)
        assert trace(office) == before, what


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_receipt_of_a_merged_unit_is_given_by_its_successor(office: Office) -> None:
    """The water office is on the list and goes into the host bureau: that gives both receipts."""
    opened(office, "2022-03-24")
    issued(office)
    merge(office.database, "shuili", "huanbao", **by("2022-03-28"))
    for unit, outstanding in (("shuili", 2), ("huanbao", 1)):
        with pytest.raises(Refused, match="giving a receipt needs a liaison or a unit leader of 县环境分局"):
            act(office, issues.receipt, "B2022-03", unit, **by("2022-03-29", liaison("ducha")))
        given = act(office, issues.receipt, "B2022-03", unit, **by("2022-03-29", liaison("huanbao")))
        assert given.outstanding == outstanding


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_is_recorded_or_received_twice(office: Office) -> None:
    opened(office, "2022-03-24")
    number = information.offer(office.database, "shuili", "x", **by("2022-03-28")).number
    held(office)
    issued(office, information=[number])
    act(office, issues.receipt, "B2022-03", "shuili", **by("2022-03-28"))
    before = trace(office)
    for does, words in (
        (held, "was recorded already: done, 2022-03-28"),
        (issued, "was recorded already: done, 2022-03-28"),
        (lambda o: issued(o, "C2022-03", information=[number]), "stands in B2022-03 already"),
        (
            lambda o: act(o, issues.receipt, "B2022-03", "shuili", **by("2022-03-28")),
            "gave its receipt of B2022-03 on 2022-03-28",
        ),
    ):
        with pytest.raises(Refused, match=words):
            does(office)
        assert trace(office) == before


def trace(office: Office) -> tuple[Any, ...]:
    """What stands of the office's rhythm."""
    with office.database.read() as session:
        rows = session.exec(select(Occurrence).order_by(col(Occurrence.code))).all()
        owed = session.exec(
            select(Item.code, Obligation.state)
            .join(Obligation, col(Obligation.item_id) == Item.id)
            .where(Item.kind == "rhythm")
            .order_by(col(Item.code))
        ).all()
        return tuple((row.code, row.state, row.number, row.minutes) for row in rows), tuple(map(tuple, owed))
