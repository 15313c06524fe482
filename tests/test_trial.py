"""A plan on trial: one test mailbox gets everything (DOMAIN 3.8)."""

from datetime import date
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import col, select

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.messages import Envelope, Outcome, Result
from eco_workflow.domain.viewer import Viewer
from eco_workflow.plans.load import read
from eco_workflow.services import trial
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.deliver import deliver
from eco_workflow.services.dispatch import decide
from eco_workflow.services.lights import lights
from eco_workflow.services.load_plan import activate
from eco_workflow.services.post import Post
from eco_workflow.store.tables import Attempt, Case, Contact, Paper, Request, Round, RoundSummary, Unit
from tests.office import DAXINGANLING, OPERATOR, SUPERVISOR, Office, at

MAILBOX = "shiyun@test.example"


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The real plan of a demo, on trial from 1 March 2022."""
    made = Office(database, tmp_path)
    made.open(marking="演示数据")
    made.once(
        "on trial", partial(trial.start, made.database, MAILBOX, now=at("2022-03-01", "09:00"), by=OPERATOR)
    )
    return made


def test_every_mail_goes_to_the_test_mailbox_and_names_whom_it_is_for(office: Office) -> None:
    """22 requests in one Maildir, marked in subject and text; the attempts say where they went."""
    office.silent("2022-03-14")
    mails = office.mails()
    assert {mail.to for mail in mails} == {MAILBOX}
    assert len(mails) == 22
    assert all(mail.subject.startswith("【演示数据·试运行】") for mail in mails)
    assert all("【演示数据·试运行】" in mail.text for mail in mails)
    assert any("收件人：地区水务局" in mail.text for mail in mails)
    with office.database.read() as session:
        assert set(session.exec(select(Attempt.address))) == {MAILBOX}


def test_a_refused_test_mailbox_says_nothing_about_the_contacts(office: Office) -> None:
    """Nobody's address is marked as refused."""
    decide(office.database, at("2022-03-14"), published_calendar(), actor="schedule")

    def send(address: str, _body: bytes) -> Outcome:
        assert address == MAILBOX
        return Outcome(Result.REFUSED, "550 no such user")

    def render(envelope: Envelope) -> bytes:
        return envelope.marking.encode()

    post = Post(office.database, at("2022-03-14"), published_calendar(), render, send)
    assert deliver(post).failed == 22
    with office.database.read() as session:
        assert session.exec(select(Contact).where(col(Contact.failed_on).is_not(None))).all() == []


def test_nobody_was_told_by_a_trial_that_has_ended(office: Office) -> None:
    """Silence up to the supervision office, all of it rehearsed: in earnest it begins with the request."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-22", "2022-03-24")
    silent = {unit: rung for unit, rung in office.rungs().items() if unit != "chuangjianban"}
    assert set(silent.values()) == {3}
    done = trial.end(office.database, now=at("2022-03-24", "15:00"), by=OPERATOR)
    assert done.undone == len(office.mails())
    assert office.rungs() == {}
    run = office.run("2022-03-25")
    assert (run["rungs"], run["sent"]) == (0, 22)
    [mail] = office.mails("2022-03-25", "lianluo@shuiwuju.dxal.example")
    assert "【填报】3月14日调度" in mail.subject
    assert "试运行" not in mail.subject
    with office.database.read() as session:
        due = session.exec(select(Request.due_at).distinct().where(Request.state == "awaiting")).all()
        assert due == [at("2022-03-29", "17:30")]
        assert set(session.exec(select(Case.closed_why))) == {"trial_ended"}
        water = lights(
            session,
            Viewer("console"),
            plan=None,
            now=at("2022-03-25"),
            days=published_calendar(),
            unit="shuiwuju",
        )
        assert [(row.judged.reason, row.judged.marked) for row in water] == [("未到期限", False)]


def test_a_round_that_a_trial_rehearsed_is_summarised_anew(office: Office) -> None:
    """Its summary is drafted when the answers asked for in earnest are due; late only from then on."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-22")
    trial.end(office.database, now=at("2022-03-22", "15:00"), by=OPERATOR)
    for day, drafted in (("2022-03-23", None), ("2022-03-28", date(2022, 3, 28))):
        office.run(day)
        with office.database.read() as session:
            summary = session.exec(select(RoundSummary)).first()
            assert (summary and summary.drafted_on) == drafted
            late = select(Case.closed_why).where(Case.clock == "review")
            assert set(session.exec(late)) == {"trial_ended"}
    assert summary is not None
    assert summary.unreached == 0


def test_what_was_sent_before_the_trial_stands(database: str, tmp_path: Path) -> None:
    """Asked in earnest, reminded on trial: the request stays, and the reminder is told anew."""
    office = Office(database, tmp_path)
    office.open()
    office.run("2022-03-14")
    trial.start(office.database, MAILBOX, now=at("2022-03-16", "12:00"), by=OPERATOR)
    office.run("2022-03-17")
    assert {mail.to for mail in office.mails("2022-03-17")} == {MAILBOX}
    trial.end(office.database, now=at("2022-03-17", "12:00"), by=OPERATOR)
    assert office.run("2022-03-18")["rungs"] == 22
    assert set(office.rungs().values()) == {1}
    [mail] = office.mails("2022-03-18", "lianluo@shuiwuju.dxal.example")
    assert mail.subject.startswith("【催办")


def test_a_case_told_in_earnest_before_the_trial_goes_on_where_it_stood(
    database: str, tmp_path: Path
) -> None:
    """Rungs 1 and 2 were told in earnest, rung 3 on trial: it is told anew, with its papers."""
    office = Office(database, tmp_path)
    office.open()
    office.silent("2022-03-14", "2022-03-17")
    office.release("2022-03-14", "2022-03-17")
    office.run("2022-03-22")
    trial.start(office.database, MAILBOX, now=at("2022-03-23", "12:00"), by=OPERATOR)
    assert office.run("2022-03-24")["rungs"] == 22
    assert trial.end(office.database, now=at("2022-03-24", "15:00"), by=OPERATOR).undone == 3
    with office.database.read() as session:
        assert set(session.exec(select(Case.closed_why))) == {""}
        # What is told by a paper alone was not told by the trial: these drafts stand.
        drafts = select(Paper.kind).where(Paper.state == "draft")
        assert set(session.exec(drafts)) == {"report_above"}
    assert office.run("2022-03-25")["rungs"] == 20
    [alert] = office.mails("2022-03-25", "lianluo@ducha.dxal.example")
    assert "3月17日（周四）邮件告知地区水务局联络员" in alert.text
    assert "3月22日（周二）邮件告知地区水务局分管领导" in alert.text
    with office.database.read() as session:
        assert set(session.exec(select(Paper.state))) == {"draft"}


def test_a_request_that_a_trial_superseded_stands_again(database: str, tmp_path: Path) -> None:
    """Asked on the 14th and reminded in earnest; the round of the 28th was rehearsed, and so was the silence.

    In earnest it is asked on 1 April and due on the 6th; then the case goes on from rung 1.
    """
    office = Office(database, tmp_path)
    office.open()
    office.silent("2022-03-14", "2022-03-17")
    trial.start(office.database, MAILBOX, now=at("2022-03-17", "12:00"), by=OPERATOR)
    for day in ("2022-03-28", "2022-03-31"):
        office.run(day)
    assert office.rungs()["shuiwuju"] == 2
    trial.end(office.database, now=at("2022-03-31", "15:00"), by=OPERATOR)
    with office.database.read() as session:
        rounds = session.exec(
            select(col(Round.on_date), col(Request.state))
            .join(Round, col(Round.id) == Request.round_id)
            .join(Unit, col(Unit.id) == Request.unit_id)
            .where(Unit.code == "shuiwuju")
            .order_by(col(Round.id))
        ).all()
    assert rounds == [(date(2022, 3, 14), "awaiting"), (date(2022, 3, 28), "awaiting")]
    for day, of_water in (("2022-04-01", "填报"), ("2022-04-06", ""), ("2022-04-07", "催办")):
        office.run(day)
        mails = office.mails(day, "lianluo@shuiwuju.dxal.example")
        assert [of_water in mail.subject for mail in mails] == [True] * bool(of_water)
    assert "累计2轮未填报（3月14日、3月28日）" in mails[0].text
    with office.database.read() as session:
        water = select(col(Case.opened_on), col(Case.closed_why)).join(Unit, col(Unit.id) == Case.unit_id)
        assert session.exec(water.where(Unit.code == "shuiwuju")).all() == [(date(2022, 3, 17), "")]


def test_nobody_hears_of_a_further_round_that_was_rehearsed(database: str, tmp_path: Path) -> None:
    """Alerted in earnest on the 24th; the silence towards the round of the 28th was on trial and is none."""
    office = Office(database, tmp_path)
    office.open()
    office.silent("2022-03-14", "2022-03-17", "2022-03-22", "2022-03-24")
    trial.start(office.database, MAILBOX, now=at("2022-03-24", "12:00"), by=OPERATOR)
    for day in ("2022-03-28", "2022-03-31"):
        office.run(day)
    trial.end(office.database, now=at("2022-03-31", "15:00"), by=OPERATOR)
    assert office.rungs()["shuiwuju"] == 3
    office.run("2022-04-01")
    [mail] = office.mails("2022-04-01", "lianluo@shuiwuju.dxal.example")
    assert mail.subject.startswith("【填报】3月28日调度")
    assert not [mail.to for mail in office.mails("2022-04-01") if "累计" in mail.text]


def test_a_plan_may_begin_on_trial(database: str, tmp_path: Path) -> None:
    """`eco init --trial`; the same again changes nothing, another mailbox is another command."""
    office = Office(database, tmp_path)
    office.open()

    def again(mailbox: str) -> None:
        activate(
            office.database, read(DAXINGANLING), active_from=date(2022, 3, 1), now=at("2022-03-02"),
            actor="operator", trial_mailbox=mailbox,
        )  # fmt: skip

    with pytest.raises(WrongInput, match="eco plan trial"):
        again(MAILBOX)
    again("")


def test_what_cannot_be_tried_is_refused(office: Office) -> None:
    """An address that is none, somebody who may not, an end without a beginning."""
    with pytest.raises(WrongInput, match="nobody"):
        trial.start(office.database, "nobody", now=at("2022-03-02"), by=OPERATOR)
    with pytest.raises(Refused, match="needs an operator"):
        trial.start(office.database, MAILBOX, now=at("2022-03-02"), by=SUPERVISOR)
    trial.end(office.database, now=at("2022-03-02"), by=OPERATOR)
    with pytest.raises(Refused, match="not on trial"):
        trial.end(office.database, now=at("2022-03-02"), by=OPERATOR)
