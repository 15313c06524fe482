"""A closed indicator that falls is open again (DOMAIN 7, M4.1)."""

import json
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from eco_workflow.domain import gates
from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused
from eco_workflow.services import indicator_facts, new_figure, progress, review
from eco_workflow.services.indicator_facts import Task
from eco_workflow.services.judged import judged_all
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Audit, Item, Obligation, Plan, Report
from tests.office import OPERATOR, Office, at, liaison
from tests.services.desk import cases, entries, keep_open, owed, told

WATER = ("shuiwuju", "I16")
HOMES = ("zhujianju", "I24")


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """Active from 15 May 2022; open are I16, whose target a superior sets, I24 and I32."""
    made = Office(database, tmp_path / "office")
    made.open("2022-05-15")
    made.once("three items open", partial(keep_open, made, "I16", "I24", "I32"))
    made.silent("2022-05-28")
    return made


def assign(office: Office, value: str, day: str) -> None:
    task = Task(value, "省厅文件〔2022〕3号", date(2022, 1, 10))
    indicator_facts.assign(office.database, "I16", task, now=at(day, "15:00"), by=OPERATOR)


def close(office: Office, unit: str, item: str, day: str, value: str, period: str) -> None:
    answer = Answer("completed", value, period)
    progress.submit(office.database, unit, item, answer, now=at(day, "10:00"), by=liaison(unit))
    review.close(office.database, unit, item, now=at(day, "11:00"), by=OPERATOR)


def reopened(office: Office) -> list[dict[str, object]]:
    with office.database.read() as session:
        assert broken_at(session, 1) is None
        return [
            {"by": row.actor, **json.loads(row.detail)}
            for row in session.exec(
                select(Audit).where(Audit.action == "indicator_reopen").order_by(col(Audit.n))
            )
        ]


def test_a_superior_s_figure_that_a_closed_indicator_misses_opens_it_again(office: Office) -> None:
    """Closed on 30 May with 92 against 90. On 8 June the superior asks for 95: due on 6 July."""
    assign(office, "90", "2022-05-28")
    close(office, *WATER, "2022-05-30", "92", "2021")
    assign(office, "91", "2022-06-07")  # still met
    assert (owed(office, *WATER).state, reopened(office)) == ("closed", [])
    assign(office, "95", "2022-06-08")
    row = owed(office, *WATER)
    assert (row.state, row.due_on, row.first_due_on) == ("in_progress", date(2022, 7, 6), date(2022, 5, 31))
    reason = "2021年92%，低于上级目标95%（省厅文件〔2022〕3号，2022-01-10），未达标"
    fall = {"by": "operator", "item": "I16", "units": ["shuiwuju"], "due_on": "2022-07-06", "reason": reason}
    assert reopened(office) == [fall]
    with office.database.read() as session:
        report = session.exec(select(Report).where(Report.action == "reopen")).one()
    assert (report.reason, report.actor) == (reason, "operator")
    assign(office, "96", "2022-06-08")  # no second fall: it is open
    assert reopened(office) == [fall]

    office.run("2022-06-09")
    assert told(office, "2022-06-09", "reopened") == [("reopened", "shuiwuju", "liaison")]
    [mail] = office.mails("2022-06-09", "lianluo@shuiwuju.dxal.example")
    assert "请采取措施，确保I16达标，并于7月6日（周三）前填报最新数值。" in mail.text
    assert "6月8日（周三）核实，现值2021年92%，目标不低于上级下达的目标值，撤销销号" in mail.text
    office.run("2022-06-14")
    assert entries(office, *WATER) == [("2022-05-28", "accepted"), ("2022-06-14", "awaiting")]
    for day in ("2022-06-28", "2022-07-06"):
        office.run(day)
    assert [case for case in cases(office) if case[1] == "I16"] == []
    office.run("2022-07-07")
    assert ("shuiwuju", "I16", "2022-07-06", 1, "") in cases(office)


def test_an_indicator_that_is_judged_unmet_is_not_closed_out(office: Office) -> None:
    """92 against 95: the claim stands to be judged, and the office cannot call it done."""
    assign(office, "95", "2022-05-28")
    with pytest.raises(Refused, match=r"I16 cannot be closed out: it is unmet\. 2021年92%，低于上级目标95%"):
        close(office, *WATER, "2022-05-30", "92", "2021")
    assert owed(office, *WATER).state == "completed"
    assign(office, "92", "2022-05-31")
    review.close(office.database, *WATER, now=at("2022-05-31", "16:00"), by=OPERATOR)
    assert owed(office, *WATER).state == "closed"


def test_an_indicator_that_nobody_can_judge_yet_is_not_closed_out(office: Office) -> None:
    """Closing is the office's word that it was verified: first what is wanting, and who owes it."""
    with pytest.raises(
        Refused,
        match=r"I16 .*: it is undetermined\. .*上级.* The office owes what is wanting\. See: eco indicator",
    ):
        close(office, *WATER, "2022-05-30", "92", "2021")
    assert owed(office, *WATER).state == "completed"
    claim = Answer("completed")
    builders = ("zhujianju", "I24")
    progress.submit(office.database, *builders, claim, now=at("2022-05-30"), by=liaison("zhujianju"))
    with pytest.raises(Refused, match=r"I24 .*: it is undetermined\. .* The unit owes what is wanting\."):
        review.close(office.database, *builders, now=at("2022-05-30", "11:00"), by=OPERATOR)


def test_a_newer_figure_of_its_own_opens_a_closed_indicator_again(office: Office) -> None:
    """Closed with 92 against 90; the figure of the first quarter holds, that of May does not."""
    unit, item = WATER
    assign(office, "90", "2022-05-28")
    with pytest.raises(Refused, match="is not_started; a new figure is for an indicator that is closed"):
        new_figure.give(
            office.database, unit, item, value="93", period="2022-Q1", now=at("2022-05-29"), by=liaison(unit)
        )
    close(office, unit, item, "2022-05-30", "92", "2021")
    give = partial(new_figure.give, office.database, unit, item)
    held = give(value="93", period="2022-Q1", now=at("2022-06-07"), by=liaison(unit))
    assert (held.verdict, held.state, reopened(office)) == ("met", "closed", [])
    with pytest.raises(Refused, match="answering needs"):
        give(value="88", period="2022-05", now=at("2022-06-08"), by=liaison("caizhengju"))
    fell = give(value="88", period="2022-05", now=at("2022-06-08"), by=OPERATOR, means="phone")
    assert (fell.verdict, fell.state, fell.due_on) == ("unmet", "in_progress", "2022-07-06")
    assert [row["item"] for row in reopened(office)] == ["I16"]
    office.run("2022-06-14")
    assert entries(office, *WATER) == [("2022-05-28", "accepted"), ("2022-06-14", "awaiting")]


def test_a_figure_by_which_it_falls_claims_nothing(office: Office) -> None:
    """97 holds and says that it is done, as before. 94 fells it: the mail that asks to confirm what was
    recorded says so, and no change in the next round is no claim either.
    """
    unit, item = HOMES
    close(office, unit, item, "2022-05-30", "96", "2021")
    give = partial(new_figure.give, office.database, unit, item, by=OPERATOR, means="phone")
    assert give(value="97", period="2022-Q1", now=at("2022-05-31", "10:00")).state == "closed"
    assert give(value="94", period="2022-05", now=at("2022-06-08")).state == "in_progress"
    office.run("2022-06-14")
    text = office.mails("2022-06-14", f"lianluo@{unit}.dxal.example")[0].text
    assert "6月8日（周三）operator据电话代填：推进中，94（2022-05）" in text
    again = Answer(no_change=True)
    said = progress.submit(
        office.database, unit, item, again, now=at("2022-06-14", "11:00"), by=liaison(unit)
    )
    assert said.item_state == "in_progress"
    with office.database.read() as session:
        submitted = session.exec(
            select(Report.status).where(Report.action == "submit").order_by(col(Report.id))
        )
        assert list(submitted) == ["completed", "completed", "in_progress", "in_progress"]
        told = session.exec(
            select(Audit.detail).where(Audit.action == "report_submit").order_by(col(Audit.n))
        )
        assert [json.loads(detail)["status"] for detail in told][-2:] == ["in_progress", "in_progress"]


def test_a_figure_that_ripens_below_the_target_opens_it_again_in_the_run(office: Office) -> None:
    """Closed out, then given a figure before May was over: on the 31st that is judged, and it has fallen."""
    close(office, *HOMES, "2022-05-30", "96", "2021")
    given: dict[str, Any] = {"now": at("2022-05-30", "15:00"), "by": liaison(HOMES[0])}
    newer = new_figure.give(office.database, *HOMES, value="94", period="2022-05", **given)
    assert newer.verdict == "undetermined"
    assert newer.not_judged == ("The figure of I24 cannot be judged: 2022-05 is not over.",)
    assert owed(office, *HOMES).state == "closed"
    office.run("2022-05-31")
    assert (owed(office, *HOMES).state, owed(office, *HOMES).due_on) == ("in_progress", date(2022, 6, 29))
    assert [(fall["by"], fall["item"]) for fall in reopened(office)] == [("schedule", "I24")]
    assert told(office, "2022-05-31", "reopened") == [("reopened", "zhujianju", "liaison")]


def test_what_has_fallen_is_mended_once_a_newer_figure_is_accepted_or_it_is_closed_out_again(
    office: Office,
) -> None:
    """Until then M4.1 names it: 94 is short, 2022 is not over, and 97 waits for the office."""
    unit, item = HOMES
    close(office, unit, item, "2022-05-30", "96", "2021")
    assert fallen(office, "2022-05-30") == []
    given: dict[str, Any] = {"now": at("2022-06-08"), "by": liaison(unit)}
    new_figure.give(office.database, unit, item, value="94", period="2022-Q1", **given)
    assert fallen(office, "2022-06-08") == ["2022年第1季度94%"]
    office.run("2022-06-14")
    for value, period, day, words in (
        ("97", "2022", "2022-06-15", "undetermined, 2022年97% (2022年尚未结束，不作判定)"),
        ("97", "2022-05", "2022-06-16", "2022年5月97%, not accepted since"),
    ):
        answer = Answer("completed", value, period)
        progress.submit(office.database, unit, item, answer, now=at(day, "10:00"), by=liaison(unit))
        assert fallen(office, day) == [words]
        if period == "2022":
            progress.recall(office.database, unit, item, now=at(day, "10:30"), by=liaison(unit))
    review.accept(office.database, unit, item, now=at("2022-06-16", "11:00"), by=OPERATOR)
    assert fallen(office, "2022-06-16") == []
    review.close(office.database, unit, item, now=at("2022-06-16", "12:00"), by=OPERATOR)
    assert fallen(office, "2022-06-16") == []


def test_what_fell_by_a_superior_s_word_is_mended_by_closing_it_out_again(office: Office) -> None:
    """The figure that met the old word was accepted before: it mends nothing by itself."""
    unit, item = WATER
    assign(office, "90", "2022-05-28")
    close(office, unit, item, "2022-05-30", "92", "2021")
    assign(office, "95", "2022-06-08")
    assign(office, "91", "2022-06-09")
    assert fallen(office, "2022-06-09") == ["2021年92%, not accepted since"]
    office.run("2022-06-14")
    answer = Answer(no_change=True)
    progress.submit(office.database, unit, item, answer, now=at("2022-06-15"), by=liaison(unit))
    review.close(office.database, unit, item, now=at("2022-06-15", "11:00"), by=OPERATOR)
    assert fallen(office, "2022-06-15") == []


def fallen(office: Office, day: str) -> list[str]:
    """What M4.1 says of those that have fallen."""
    with office.database.read() as session:
        plan = session.get_one(Plan, 1)
        return [one.value for one in gates.fallen(judged_all(session, plan, date.fromisoformat(day)))]


def test_where_data_providers_alone_are_asked_they_are_asked_again_and_the_office_is_told(
    office: Office,
) -> None:
    """I32: the figures stand, the base is corrected, and 1.9 is no longer an improvement."""
    indicator_facts.set_base(
        office.database, "I32.3", "2", period="2020", source="年鉴", now=at("2022-05-29"), by=OPERATOR
    )
    for unit, value in (
        ("shijianju", "I32.1=50"), ("shuiwuju", "I32.2=100"), ("diaochadui", "I32.3=1.9")
    ):  # fmt: skip
        answer = Answer("completed", value, "2021")
        progress.submit(office.database, unit, "I32", answer, now=at("2022-05-30"), by=liaison(unit))
    with office.database.write() as session:
        item = session.exec(select(Item.id).where(Item.code == "I32")).one()
        session.connection().execute(
            update(Obligation).where(col(Obligation.item_id) == item).values(state="closed")
        )
    indicator_facts.set_base(
        office.database, "I32.3", "1.8", period="2020", source="年鉴", now=at("2022-06-08"), by=OPERATOR
    )
    assert owed(office, "diaochadui", "I32").state == "in_progress"
    office.run("2022-06-09")
    assert told(office, "2022-06-09", "reopened") == [("reopened", "chuangjianban", "liaison")]
    for day in ("2022-06-28", "2022-07-06", "2022-07-07"):
        office.run(day)
    assert cases(office, "indicator") == [("chuangjianban", "I32", "2022-07-06", 1, "")]


def test_a_figure_that_nobody_accepted_does_not_mend_what_an_accepted_one_did(office: Office) -> None:
    """The last figure given stands, and it is that one which the office has to accept."""
    close(office, *HOMES, "2022-05-30", "96", "2021")
    given: dict[str, Any] = {"now": at("2022-06-08"), "by": liaison(HOMES[0])}
    new_figure.give(office.database, *HOMES, value="94", period="2022-Q1", **given)
    for round_on, value, said in (
        ("2022-06-14", "97", "2022年5月97%, not accepted since"),
        ("2022-06-28", "98", "2022年5月98%, not accepted since"),
    ):
        office.run(round_on)
        answer = Answer("in_progress", value, "2022-05")
        progress.submit(office.database, *HOMES, answer, now=at(round_on, "10:00"), by=liaison(HOMES[0]))
        assert fallen(office, round_on) == [said]
        review.accept(office.database, *HOMES, now=at(round_on, "11:00"), by=OPERATOR)
        assert fallen(office, round_on) == []
