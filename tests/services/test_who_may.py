"""What is refused for want of a role changes nothing, on both databases (DOMAIN 9)."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.services import (
    accounts,
    contacts,
    on_behalf,
    outbox,
    pass_phase,
    people,
    progress,
    review,
    settle,
)
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.find import plan_named
from tests.office import ADMIN, OPERATOR, SUPERVISOR, Office, at, liaison
from tests.reliability.picture import picture

NOW = at("2022-03-15", "10:00")
ANSWERED = ("caizhengju", "I33")
OF_HOST = ("shengtaiju", "I05")
"""An indicator that the host bureau leads alone; P5 it leads together with the bureau of resources."""
MONEY, WATER = liaison("caizhengju"), liaison("shuiwuju")
HOST = liaison("shengtaiju")
LEADER = Actor("leader", frozenset({Role.LEADER}))
AUDITOR = Actor("auditor", frozenset({Role.AUDITOR}))
DONE = Answer(status="completed")
PERSON = contacts.Person("liaison", "张三", "z@x.example")

Act = Callable[[Office, Actor], object]
ACTS: dict[str, tuple[Act, list[Actor]]] = {
    "submit": (
        lambda o, by: progress.submit(o.database, "shuiwuju", "I16", DONE, now=NOW, by=by),
        [MONEY, SUPERVISOR, LEADER, ADMIN, AUDITOR],
    ),
    "recall": (
        lambda o, by: progress.recall(o.database, *ANSWERED, now=NOW, by=by),
        [WATER, OPERATOR, SUPERVISOR, LEADER, ADMIN],
    ),
    "confirm": (
        lambda o, by: on_behalf.confirm(o.database, *ANSWERED, now=NOW, by=by),
        [WATER, OPERATOR, SUPERVISOR, ADMIN],
    ),
    "accept": (
        lambda o, by: review.accept(o.database, *ANSWERED, now=NOW, by=by),
        [MONEY, SUPERVISOR, LEADER, ADMIN],
    ),
    "return": (
        lambda o, by: review.return_(o.database, *ANSWERED, "why", published_calendar(), now=NOW, by=by),
        [MONEY, SUPERVISOR, LEADER, ADMIN],
    ),
    "close": (
        lambda o, by: review.close(o.database, *ANSWERED, now=NOW, by=by),
        [MONEY, SUPERVISOR, LEADER, ADMIN],
    ),
    "waive an indicator of the host": (
        lambda o, by: pass_phase.waive(o.database, "I13", reason="why", now=NOW, by=by),
        [OPERATOR, LEADER, HOST],
    ),
    "withdraw that waiver": (
        lambda o, by: pass_phase.withdraw_waiver(o.database, "I13", now=NOW, by=by),
        [OPERATOR, LEADER, HOST],
    ),
    "waive another's": (
        lambda o, by: pass_phase.waive(o.database, "I24", reason="why", now=NOW, by=by),
        [SUPERVISOR, LEADER, HOST],
    ),
    "accept of the host": (
        lambda o, by: review.accept(o.database, *OF_HOST, now=NOW, by=by),
        [OPERATOR, LEADER, HOST],
    ),
    "return of the host": (
        lambda o, by: review.return_(o.database, *OF_HOST, "why", published_calendar(), now=NOW, by=by),
        [OPERATOR, LEADER, HOST],
    ),
    "close of the host": (
        lambda o, by: review.close(o.database, *OF_HOST, now=NOW, by=by),
        [OPERATOR, LEADER, HOST],
    ),
    "settle an item": (
        lambda o, by: settle.settle_item(o.database, "M1.1", evidence="档案室", due_on=None, now=NOW, by=by),
        [MONEY, SUPERVISOR, LEADER, ADMIN],
    ),
    "name a contact": (
        lambda o, by: contacts.add(o.database, "caizhengju", PERSON, now=NOW, by=by),
        [MONEY, SUPERVISOR, ADMIN],
    ),
    "end a contact": (
        lambda o, by: contacts.end(o.database, "caizhengju", "liaison", now=NOW, by=by),
        [MONEY, SUPERVISOR, ADMIN],
    ),
    "settle a message": (
        lambda o, by: outbox.settle_unknown(o.database, 1, sent=True, now=NOW, by=by),
        [MONEY, SUPERVISOR, ADMIN],
    ),
    "try a message again": (
        lambda o, by: outbox.retry(o.database, 1, now=NOW, by=by),
        [MONEY, SUPERVISOR, ADMIN],
    ),
    "add an account": (
        lambda o, by: accounts.add(o.database, "张三", "supervisor", now=NOW, by=by),
        [OPERATOR, SUPERVISOR, LEADER, MONEY],
    ),
    "end an account": (
        lambda o, by: accounts.end(o.database, "赵六", "leader", now=NOW, by=by),
        [OPERATOR, SUPERVISOR, LEADER, MONEY],
    ),
}


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The morning after the first round: the bureau of finance and the host bureau have answered."""
    made = Office(database, tmp_path)
    made.open()
    made.silent("2022-03-14")

    def answered() -> None:
        made.answer("caizhengju", "2022-03-15", "09:30", status="completed")
        shown = Answer("completed", value="100", period="2021")
        progress.submit(
            made.database, *OF_HOST, shown, now=at("2022-03-15", "09:30"), by=liaison("shengtaiju")
        )
        made.answer("shengtaiju", "2022-03-15", "09:30", status="completed")
        accounts.add(made.database, "赵六", "leader", now=at("2022-03-15", "09:40"), by=ADMIN)

    made.once("two have answered", answered)
    return made


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_supervision_office_waives_what_the_host_bureau_leads(office: Office) -> None:
    for waived in (
        pass_phase.waive(office.database, "I13", reason="why", now=NOW, by=SUPERVISOR),
        pass_phase.withdraw_waiver(office.database, "I13", now=NOW, by=SUPERVISOR),
    ):
        assert waived.indicator == "I13"


def test_every_refused_act_changes_nothing(office: Office) -> None:
    before = picture(office.database)
    for name, (act, not_these) in ACTS.items():
        for by in not_these:
            with pytest.raises(Refused, match=f"^{by.name} is an? .+ needs an? "):
                act(office, by)
            assert picture(office.database) == before, (name, by.name)


def test_the_supervision_office_decides_for_the_host_bureau(office: Office) -> None:
    assert review.accept(office.database, *OF_HOST, now=NOW, by=SUPERVISOR).state == "accepted"
    assert review.close(office.database, *OF_HOST, now=NOW, by=SUPERVISOR).item_state == "closed"


def test_an_item_that_the_host_bureau_leads_with_others_is_closed_out_by_a_supervisor(office: Office) -> None:
    """Whichever of its leads is named; the other's answer alone is still an operator's to accept."""
    office.answer("ziranju", "2022-03-15", "09:30", status="completed")
    with pytest.raises(Refused, match="of the host bureau needs a supervisor"):
        review.close(office.database, "ziranju", "P5", now=NOW, by=OPERATOR)
    assert review.accept(office.database, "ziranju", "P5", now=NOW, by=OPERATOR).state == "accepted"
    closed = review.close(office.database, "ziranju", "P5", now=NOW, by=SUPERVISOR)
    assert closed.item_state == "closed"


def test_an_answer_on_behalf_is_an_answer_and_is_confirmed_by_an_appended_row(office: Office) -> None:
    said = progress.submit(office.database, "shuiwuju", "I16", DONE, now=NOW, by=OPERATOR, means="paper")
    assert (said.state, said.on_time, said.on_behalf) == ("submitted", True, "paper")
    done = on_behalf.confirm(office.database, "shuiwuju", "I16", now=at("2022-03-16"), by=WATER)
    assert (done.state, done.on_time, done.on_behalf) == ("submitted", True, "")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_unit_is_asked_to_confirm_what_was_recorded_on_its_behalf(office: Office) -> None:
    """Once, in its next mail; not what it confirmed, or took back, before that."""
    moment: dict[str, Any] = {"now": NOW, "by": OPERATOR}
    for item in ("I18", "I16", "I04"):
        progress.submit(office.database, "shuiwuju", item, DONE, means="paper", **moment)
    on_behalf.confirm(office.database, "shuiwuju", "I16", now=at("2022-03-15", "16:00"), by=WATER)
    progress.recall(office.database, "shuiwuju", "I04", now=at("2022-03-15", "16:00"), by=WATER)
    for day in ("2022-03-16", "2022-03-17"):
        office.run(day)
    [mail] = [m for m in office.mails(to="lianluo@shuiwuju.dxal.example") if "代填" in m.text]
    assert mail.on == date(2022, 3, 16)
    assert mail.subject.endswith("【通知】代填确认：I18")
    assert mail.text.startswith("地区水务局：请核对并确认I18代填内容。")
    assert "3月15日（周二）operator据信函代填：已完成（待核）" in mail.text


def acting(office: Office, name: str) -> Actor:
    with office.database.read() as session:
        return people.acting(session, plan_named(session, None), name)


@pytest.mark.parametrize(
    ("name", "roles", "unit"),
    [
        ("联络员·水务局", {Role.LIAISON}, "shuiwuju"),
        ("分管领导·水务局", {Role.UNIT_LEADER}, "shuiwuju"),
        ("联络员·创建办", {Role.LIAISON, Role.OPERATOR}, "chuangjianban"),
        ("分管领导·地委督查室", {Role.UNIT_LEADER, Role.SUPERVISOR}, "ducha"),
        ("赵六", {Role.LEADER}, None),
    ],
)
def test_a_name_stands_for_the_roles_of_its_contacts_and_accounts(
    office: Office, name: str, roles: set[Role], unit: str | None
) -> None:
    found = acting(office, name)
    assert (found.name, set(found.roles), found.unit) == (name, roles, unit)


def test_accounts_add_to_what_a_contact_may(office: Office) -> None:
    accounts.add(office.database, "分管领导·生态环境局", "leader", now=NOW, by=ADMIN)
    found = acting(office, "分管领导·生态环境局")
    assert found.roles == {Role.UNIT_LEADER, Role.LEADER}
    assert found.in_host
    assert acting(office, "分管领导·生态环境局@生态环境局") == found
    assert not acting(office, "分管领导·水务局").in_host


def test_a_new_date_for_what_the_host_bureau_owes_is_no_operator_s_to_give(
    database: str, tmp_path: Path
) -> None:
    made = Office(database, tmp_path)
    made.open("2022-06-10")
    day, due = at("2022-06-10", "10:00"), date(2022, 6, 30)
    with pytest.raises(Refused, match="settling an item of the host bureau needs a supervisor"):
        settle.settle_item(made.database, "I05", evidence=None, due_on=due, now=day, by=OPERATOR)
    settled = settle.settle_item(made.database, "I05", evidence=None, due_on=due, now=day, by=SUPERVISOR)
    assert settled.due_on == due
