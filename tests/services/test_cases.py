"""What people do about cases of the report clock in March 2022: tell, remind, sign, annul (DOMAIN 5)."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import cases_shown, contacts, papers, progress
from eco_workflow.services.acknowledge import acknowledge
from eco_workflow.services.annul import annul
from eco_workflow.services.bounce import bounce
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.case_named import case_numbered
from eco_workflow.services.people import console
from eco_workflow.services.remind import remind
from eco_workflow.services.tell_by_hand import tell
from eco_workflow.store.tables import Case, Contact, Message, Notice, Paper, Rung, Unit
from flows.wiring import Order, decide_run, deliver_batch
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison
from tests.reliability.picture import picture

DAYS = published_calendar()
AUDIT_OFFICE = "lianluo@shenjiju.dxal.example"
LEADER = Actor("leader", frozenset({Role.LEADER}))
SECOND = Actor("second operator", frozenset({Role.OPERATOR}))


def number_of(office: Office, unit: str) -> int:
    with office.database.read() as session:
        found = select(Case.id).join(Unit, col(Unit.id) == Case.unit_id).where(Unit.code == unit)
        return session.exec(found.order_by(col(Case.id).desc())).first() or 0


def show(office: Office, number: int, day: str, clock: str = "10:00") -> dict[str, Any]:
    now = at(day, clock)
    with office.database.read() as session:
        place = case_numbered(session, number, now)
        return cases_shown.case(session, Viewer("test"), place, now=now, days=DAYS)


def refuse_address(office: Office, address: str, day: str) -> None:
    """A server refused the address for good."""
    with office.database.write() as session:
        contact = session.exec(select(Contact).where(Contact.address == address)).one()
        contact.failed_on, contact.failed_why = date.fromisoformat(day), "550 no such user"
        session.add(contact)


def out_of_reach(office: Office) -> int:
    """The audit office is silent, and its liaison cannot be reminded on 17 March; the number of its case."""
    office.silent("2022-03-14")
    refuse_address(office, AUDIT_OFFICE, "2022-03-16")
    office.run("2022-03-17")
    return number_of(office, "shenjiju")


def by_telephone(office: Office, number: int, day: str, on: str | None = None, by: Actor = OPERATOR) -> Any:
    return tell(
        office.database, number, DAYS, means="telephone", said="请于今日补报",
        on=date.fromisoformat(on) if on else None, now=at(day, "10:00"), by=by,
    )  # fmt: skip


def notices(office: Office, kind: str) -> list[tuple[str, str, dict[str, Any]]]:
    with office.database.read() as session:
        rows = session.exec(
            select(Unit.code, Notice.role, Notice.facts)
            .join(Unit, col(Unit.id) == Notice.unit_id)
            .where(Notice.kind == kind)
            .order_by(col(Notice.id))
        ).all()
        return [(code, role, json.loads(facts)) for code, role, facts in rows]


def test_a_rung_on_paper_waits_for_its_signature_in_words(office: Office) -> None:
    """The government office is late itself: a draft to the leader above it."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-22", "2022-03-24")
    waits = show(office, number_of(office, "xingshuban"), "2022-03-24")["next"]["waits"]
    assert waits == "the report to the leader above (行署分管领导) waits for its signature"


def test_what_waits_for_the_next_run_is_not_said_to_reach_nobody(office: Office) -> None:
    """The liaison leaves before its reminder; from the hour a successor is named, the next run tells it."""
    number = out_of_reach(office)
    assert show(office, number, "2022-03-17")["next"]["waits"] == "nobody to tell it to can be reached"
    office.replace("shenjiju", "liaison", "new@x.example", "2022-03-17")
    assert show(office, number, "2022-03-17")["next"]["waits"] == "the next run tells it"


def test_a_rung_told_to_who_has_left_since_is_said_to_be_told_to_the_successor(office: Office) -> None:
    """The liaison was reminded on the 17th and replaced on the 18th: the ladder goes on with the new one."""
    office.silent("2022-03-14", "2022-03-17")
    number = number_of(office, "shenjiju")
    assert show(office, number, "2022-03-18")["next"]["rung"] == 2
    contacts.end(office.database, "shenjiju", "liaison", now=at("2022-03-18", "08:00"), by=OPERATOR)
    waits = [show(office, number, "2022-03-18")["next"]["waits"]]
    successor = contacts.Person("liaison", "新任", "new@x.example")
    contacts.add(office.database, "shenjiju", successor, now=at("2022-03-18", "08:01"), by=OPERATOR)
    waits.append(show(office, number, "2022-03-18")["next"]["waits"])
    assert waits == [
        "it was told to a former contact; no other can be reached",
        "it was told to a former contact; the next run tells it to the present one",
    ]
    office.run("2022-03-18")
    assert office.mails("2022-03-18", "new@x.example")
    assert show(office, number, "2022-03-18")["next"]["rung"] == 2


def test_a_reminder_that_failed_is_said_to_be_told_again_once_somebody_can_hear_it(office: Office) -> None:
    """It was sent on the 17th and came back: nobody hears until the address is another."""
    office.silent("2022-03-14", "2022-03-17")
    number = number_of(office, "shenjiju")
    with office.database.read() as session:
        sent = select(Message.id).join(Contact, col(Contact.id) == Message.contact_id)
        sent = sent.where(Contact.address == AUDIT_OFFICE, Message.on_date == date(2022, 3, 17))
        message = session.exec(sent).one() or 0
    bounce(office.database, message, "550 no such user", now=at("2022-03-17", "10:00"), by=OPERATOR)
    waits = show(office, number, "2022-03-18")["next"]["waits"]
    office.replace("shenjiju", "liaison", "new@x.example", "2022-03-18")
    again = show(office, number, "2022-03-18")["next"]["waits"]
    assert waits.endswith(" is failed")
    assert again == f"{waits}; the next run tells it again"


def test_a_rung_told_by_telephone_counts_from_the_day_of_the_call(office: Office) -> None:
    """The address fails on the 16th; called on the 17th (recorded on the 18th), it climbs on the 22nd."""
    number = out_of_reach(office)
    assert show(office, number, "2022-03-18")["next"]["waits"] == "nobody to tell it to can be reached"

    before = picture(office.database)
    for day, on, by, error, words in (
        ("2022-03-18", "2022-03-19", OPERATOR, WrongInput, "in the future"),
        ("2022-03-18", "2022-03-16", OPERATOR, WrongInput, "before 2022-03-17"),
        ("2022-03-18", "2022-03-17", SUPERVISOR, Refused, "needs an operator"),
        ("2022-03-18", "2022-03-17", liaison("shenjiju"), Refused, "needs an operator"),
    ):
        with pytest.raises(error, match=words):
            by_telephone(office, number, day, on, by)
    assert picture(office.database) == before

    told = by_telephone(office, number, "2022-03-18", "2022-03-17")
    assert (told.rung, told.on, told.means) == (1, date(2022, 3, 17), "telephone")
    with pytest.raises(Refused, match="was told on 2022-03-17 already"):
        by_telephone(office, number, "2022-03-18")
    shown = show(office, number, "2022-03-18")
    assert [(t["rung"], t["on"], t["means"]) for t in shown["told"]] == [(1, date(2022, 3, 17), "电话")]
    assert shown["next"] == {"rung": 2, "on": date(2022, 3, 22), "who": "分管领导", "waits": ""}

    for day in ("2022-03-18", "2022-03-21"):
        office.run(day)
        assert office.rungs()["shenjiju"] == 1
    office.run("2022-03-22")
    assert office.rungs()["shenjiju"] == 2


def test_a_call_before_the_run_of_the_day_is_logged_once_and_not_repeated_by_mail(office: Office) -> None:
    """The liaison is named again on the 18th; told at eight on the 21st, the run at nine adds nothing."""
    office.silent("2022-03-14")
    refuse_address(office, AUDIT_OFFICE, "2022-03-16")
    office.run("2022-03-17")
    office.replace("shenjiju", "liaison", "new@x.example", "2022-03-18")
    number = number_of(office, "shenjiju")
    tell(
        office.database, number, DAYS, means="letter", said="函告", now=at("2022-03-21", "08:00"), by=OPERATOR
    )
    assert office.result("2022-03-21").troubles == []
    assert office.mails("2022-03-21", "new@x.example") == []
    with office.database.read() as session:
        rows = session.exec(select(Rung).where(Rung.case_id == number)).all()
        assert [(row.rung, row.on_date, row.released_on) for row in rows] == [(1, date(2022, 3, 21), None)]


def test_what_was_told_by_hand_stays_told_when_the_day_s_mail_has_nothing_left_to_say(office: Office) -> None:
    """Told by telephone before the mail could leave; then answered, so that it never does; then recalled."""
    office.silent("2022-03-14")
    decide_run(office.settings, Order(now=at("2022-03-17"), actor="schedule"))
    number = number_of(office, "shenjiju")
    by_telephone(office, number, "2022-03-17")
    office.answer("shenjiju", "2022-03-17", "11:00")
    assert deliver_batch(office.settings, at("2022-03-17", "12:00")).withdrawn > 0
    moment: dict[str, Any] = {"now": at("2022-03-17", "13:00"), "by": liaison("shenjiju")}
    progress.recall(office.database, "shenjiju", "P2", **moment)
    assert [telling["on"] for telling in show(office, number, "2022-03-17")["told"]] == [date(2022, 3, 17)]
    with pytest.raises(Refused, match="told on 2022-03-17 already"):
        by_telephone(office, number, "2022-03-17")
    for day in ("2022-03-18", "2022-03-22"):
        office.run(day)
    assert office.rungs()["shenjiju"] == 2


def test_two_leaders_are_told_on_a_day_though_the_liaison_s_line_was_lost(office: Office) -> None:
    """The mails of the 22nd are rejected, and the leader who was called instead leaves the same day."""
    office.silent("2022-03-14", "2022-03-17")
    decide_run(office.settings, Order(now=at("2022-03-22"), actor="schedule"))
    number = number_of(office, "shenjiju")

    def called() -> str:
        with office.database.write() as session:
            waiting = update(Message).where(col(Message.state) == "pending")
            session.connection().execute(waiting.values(state="failed"))
        return str(by_telephone(office, number, "2022-03-22").to)

    first = called()
    office.replace("shenjiju", "leader", "new@x.example", "2022-03-22")
    assert (first, called()) == ("地区审计局 分管领导·审计局", "地区审计局 新任leader")


def test_a_reminder_by_hand_leaves_at_once_and_once_a_day(office: Office) -> None:
    """Told on the 17th. By hand: not that day again, yes on Friday the 18th, not twice, not on Saturday."""
    office.silent("2022-03-14", "2022-03-17")
    number = number_of(office, "shenjiju")

    def by_hand(day: str, clock: str = "10:00") -> Any:
        return remind(office.database, number, DAYS, now=at(day, clock), by=OPERATOR)

    with pytest.raises(Refused, match="told or reminded of today already"):
        by_hand("2022-03-17")
    assert not by_hand("2022-03-18").counts
    assert deliver_batch(office.settings, at("2022-03-18", "10:00")).sent == 1
    [mail] = office.mails("2022-03-18")
    assert mail.to == AUDIT_OFFICE
    with pytest.raises(Refused, match="once a day at most"):
        by_hand("2022-03-18", "16:00")
    with pytest.raises(Refused, match="no working day"):
        by_hand("2022-03-19")

    # Reminded at eight on the day on which it would climb: the automatic one waits for the next.
    by_hand("2022-03-22", "08:00")
    office.run("2022-03-22")
    assert office.rungs()["shenjiju"] == 1
    assert office.rungs()["caizhengju"] == 2
    assert len(office.mails("2022-03-22", AUDIT_OFFICE)) == 1
    assert office.mails("2022-03-22", "fenguan@shenjiju.dxal.example") == []
    office.run("2022-03-23")
    assert office.rungs()["shenjiju"] == 2
    assert len(office.mails("2022-03-23", "fenguan@shenjiju.dxal.example")) == 1


def test_a_reminder_by_hand_tells_the_rung_that_was_not_told(office: Office) -> None:
    """Nobody could be reached on the 17th; the successor is reminded on the 18th, and climbs on the 23rd."""
    number = out_of_reach(office)
    with pytest.raises(Refused, match="cannot be reached: 550 no such user"):
        remind(office.database, number, DAYS, now=at("2022-03-18"), by=OPERATOR)
    office.replace("shenjiju", "liaison", "new@x.example", "2022-03-18")
    with pytest.raises(Refused, match="reminding by hand needs an operator"):
        remind(office.database, number, DAYS, now=at("2022-03-18"), by=SUPERVISOR)
    assert remind(office.database, number, DAYS, now=at("2022-03-18", "11:00"), by=OPERATOR).counts
    deliver_batch(office.settings, at("2022-03-18", "11:00"))
    office.run("2022-03-22")
    assert office.rungs()["shenjiju"] == 1
    office.run("2022-03-23")
    assert office.rungs()["shenjiju"] == 2


def test_receipt_is_recorded_and_stops_nothing(office: Office) -> None:
    office.silent("2022-03-14", "2022-03-17")
    number = number_of(office, "shenjiju")
    for by, of, error, words in (
        (liaison("shuiwuju"), None, Refused, "needs a liaison or a unit leader of 地区审计局"),
        (OPERATOR, None, Refused, "needs a liaison or a unit leader of 地区审计局"),
        (OPERATOR, "联络员·水务局", WrongInput, "nobody of 地区审计局"),
    ):
        with pytest.raises(error, match=words):
            acknowledge(office.database, number, of=of, now=at("2022-03-17", "11:00"), by=by)
    acknowledge(office.database, number, now=at("2022-03-17", "11:00"), by=liaison("shenjiju"))
    acknowledge(office.database, number, of="联络员·审计局", now=at("2022-03-17", "12:00"), by=OPERATOR)
    acknowledge(office.database, number, now=at("2022-03-18", "12:00"), by=liaison("shenjiju"))
    assert show(office, number, "2022-03-18")["acknowledged"] == [
        {"name": "liaison of shenjiju", "at": at("2022-03-17", "11:00")},
        {"name": "联络员·审计局", "at": at("2022-03-17", "12:00")},
    ]
    office.run("2022-03-22")
    assert office.rungs()["shenjiju"] == 2


def climb_to_supervision(office: Office) -> None:
    office.silent("2022-03-14", "2022-03-17", "2022-03-22", "2022-03-24")


def test_an_order_leaves_when_a_supervisor_signs_and_not_after_the_answer(office: Office) -> None:
    climb_to_supervision(office)
    audit, money = number_of(office, "shenjiju"), number_of(office, "caizhengju")
    for by in (OPERATOR, LEADER, liaison("shenjiju")):
        with pytest.raises(Refused, match="signing a supervision order or letter of request needs a superv"):
            papers.sign(office.database, audit, now=at("2022-03-24", "11:00"), by=by)
    signed = papers.sign(office.database, audit, now=at("2022-03-24", "11:00"), by=SUPERVISOR)
    assert (signed.kind, signed.rung, signed.on) == ("supervision_order", 3, date(2022, 3, 24))
    with pytest.raises(Refused, match=r"no draft to sign: supervision order \(rung 3\) is signed"):
        papers.sign(office.database, audit, now=at("2022-03-25"), by=SUPERVISOR)
    office.answer("caizhengju", "2022-03-25")
    with pytest.raises(Refused, match=r"no draft to sign: supervision order \(rung 3\) is void"):
        papers.sign(office.database, money, now=at("2022-03-25", "11:00"), by=SUPERVISOR)
    with office.database.read() as session:
        waiting = papers.listed(session, Viewer("test"), plan=None, drafts=True)
    assert len(waiting) == 20  # 22 units, one signed, one resolved


def test_the_supervision_office_told_by_telephone_gets_its_order_drafted_and_the_copies_leave(
    office: Office,
) -> None:
    """Its only address fails on the 23rd: nobody is told on the 24th. The call lets the copies leave."""
    office.silent("2022-03-14", "2022-03-17", "2022-03-22")
    refuse_address(office, "lianluo@ducha.dxal.example", "2022-03-23")
    office.run("2022-03-24")
    number = number_of(office, "shenjiju")
    assert show(office, number, "2022-03-24")["papers"] == []
    by_telephone(office, number, "2022-03-24")
    [paper] = show(office, number, "2022-03-24")["papers"]
    assert (paper["kind"], paper["state"]) == ("supervision_order", "draft")
    assert deliver_batch(office.settings, at("2022-03-24", "10:00")).sent == 2
    for address in ("lianluo@xingshuban.dxal.example", "lianluo@chuangjianban.dxal.example"):
        assert "地区审计局" in office.mails("2022-03-24", address)[-1].text


def test_an_error_is_annulled_by_two_and_everyone_who_was_told_hears_it(office: Office) -> None:
    """Told at rungs 1 to 3: liaison, leader, supervision office and the two copies get a correction.

    It names who acted as entered; nobody reads the console's account, for which the office stands.
    """
    climb_to_supervision(office)
    number = number_of(office, "shenjiju")
    papers.sign(office.database, number, now=at("2022-03-24", "11:00"), by=SUPERVISOR)
    noon = at("2022-03-25", "12:00")
    with pytest.raises(WrongInput, match="--reason"):
        annul(office.database, number, " ", now=noon, by=OPERATOR)
    with pytest.raises(Refused, match="annulling an error needs"):
        annul(office.database, number, "误记", now=noon, by=liaison("shenjiju"))
    asked = annul(office.database, number, "系统故障误记", now=noon, by=console("root@console"))
    assert asked.annulled_on is None
    assert office.rungs()["shenjiju"] == 3
    with pytest.raises(Refused, match="needs a second person"):
        annul(office.database, number, "系统故障误记", now=noon, by=console("root@console"))
    done = annul(office.database, number, "", now=noon, by=SECOND)
    assert (done.annulled_on, done.corrected, done.still_late) == (date(2022, 3, 25), 5, True)
    assert done.left_on_paper == ("supervision order to 地区审计局",)
    assert "shenjiju" not in office.rungs()
    shown = show(office, number, "2022-03-25")
    assert [paper["state"] for paper in shown["papers"]] == ["void"]
    assert len(shown["told"]) == 3  # history stays
    with pytest.raises(Refused, match="annulled on 2022-03-25 already"):
        annul(office.database, number, "又", now=noon, by=SECOND)
    assert sorted((unit, role) for unit, role, _ in notices(office, "annulled")) == [
        ("chuangjianban", "liaison"),
        ("ducha", "liaison"),
        ("shenjiju", "leader"),
        ("shenjiju", "liaison"),
        ("xingshuban", "liaison"),
    ]
    # It was no resolution: nobody is told that it ended; the silence goes on, and is a case of its own.
    office.run("2022-03-25", "13:00")
    assert notices(office, "resolved") == []
    [mail] = office.mails("2022-03-25", "fenguan@shenjiju.dxal.example")
    assert "撤销，不计入排名；撤销时仍逾期，从第1级重新催办；申请地区创建办，确认second operator" in mail.text
    assert office.rungs()["shenjiju"] == 1


def test_the_case_of_the_host_bureau_is_not_annulled_by_operators_alone(office: Office) -> None:
    office.silent("2022-03-14", "2022-03-17")
    number = number_of(office, "shengtaiju")
    noon = at("2022-03-18", "12:00")
    with pytest.raises(Refused, match="of the host bureau needs"):
        annul(office.database, number, "误记", now=noon, by=OPERATOR)
    annul(office.database, number, "误记", now=noon, by=SUPERVISOR)
    office.answer("shengtaiju", "2022-03-18")
    done = annul(office.database, number, "", now=at("2022-03-18", "13:00"), by=LEADER)
    assert (done.annulled_on, done.still_late) == (date(2022, 3, 18), False)


def test_the_office_does_not_strike_out_its_own_lateness(office: Office) -> None:
    """Two operators are two persons of the one office that was late."""
    office.silent("2022-03-14", "2022-03-17")
    number, noon = number_of(office, "chuangjianban"), at("2022-03-18", "12:00")
    with pytest.raises(Refused, match="a case of the office itself; annulling it needs a supervisor"):
        annul(office.database, number, "误记", now=noon, by=OPERATOR)
    annul(office.database, number, "误记", now=noon, by=SUPERVISOR)
    with pytest.raises(Refused, match="a case of the office itself"):
        annul(office.database, number, "", now=noon, by=SECOND)
    assert annul(office.database, number, "", now=noon, by=LEADER).annulled_on == date(2022, 3, 18)


def test_an_annulled_case_does_not_come_back_with_a_recalled_answer(office: Office) -> None:
    from eco_workflow.services import progress

    office.silent("2022-03-14", "2022-03-17")
    number = number_of(office, "shenjiju")
    office.answer("shenjiju", "2022-03-18")
    for by in (OPERATOR, SUPERVISOR):
        annul(office.database, number, "误记", now=at("2022-03-18", "12:00"), by=by)
    progress.recall(office.database, "shenjiju", "P2", now=at("2022-03-21"), by=liaison("shenjiju"))
    assert "shenjiju" not in office.rungs()
    with office.database.read() as session:
        assert session.get_one(Case, number).closed_on == date(2022, 3, 18)
        assert session.exec(select(Message.id).where(Message.state == "failed")).all() == []
        assert session.exec(select(Paper.kind)).all() == []


def test_nobody_was_told_before_he_filled_the_role(office: Office) -> None:
    """The audit office's liaison is replaced on the 18th: the successor was not told on the 17th."""
    office.silent("2022-03-14")
    refuse_address(office, AUDIT_OFFICE, "2022-03-15")
    office.run("2022-03-17")
    office.replace("shenjiju", "liaison", "xinren@shenjiju.example", "2022-03-18")
    number = number_of(office, "shenjiju")
    with pytest.raises(WrongInput, match="--on 2022-03-17 lies before 2022-03-18, since when 新任liaison"):
        by_telephone(office, number, "2022-03-18", on="2022-03-17")
    by_telephone(office, number, "2022-03-18")
