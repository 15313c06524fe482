"""A message that the server took and that came back: it was not sent, and nobody is late for it.

March 2022 in the small office: round on the 14th, answers due on the 16th, rung 1 on the 17th, rung 2 on the
22nd; round on the 28th.
"""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services.bounce import bounce
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Audit
from tests.office import OPERATOR, at
from tests.reliability.world import Small, plan_id, set_up

JIA, LEADER, NEW = "liaison@jia.example", "leader@jia.example", "new@jia.example"
WHY = "550 5.1.1 <liaison@jia.example> no such user"


@pytest.fixture
def office(database: str, tmp_path: Path) -> Small:
    """The small office after the round of the 14th."""
    made = set_up(database, tmp_path)
    made.run("2022-03-14")
    return made


def came_back(office: Small, to: str, sent_on: str, day: str) -> None:
    number = office.message(to, sent_on).id or 0
    bounce(office.database, number, WHY, now=at(day, "10:00"), by=OPERATOR)


def test_a_bounced_message_is_failed_with_its_reason_on_attempt_contact_and_in_the_audit_log(
    office: Small,
) -> None:
    """What the server answered stands beside it: it did take the mail."""
    came_back(office, JIA, "2022-03-14", "2022-03-15")
    message = office.message(JIA, "2022-03-14")
    assert (message.state, message.sent_on, message.sent_at) == ("failed", None, None)
    [attempt] = office.attempts(JIA, "2022-03-14")
    assert (attempt.result, attempt.bounced) == ("accepted", WHY)
    contact = office.contact(JIA)
    assert (contact.failed_on, contact.failed_why) == (date(2022, 3, 15), WHY)
    request = office.request("jia", "2022-03-14")
    assert (request.sent_at, request.due_at) == (None, None)
    with office.database.read() as session:
        number = plan_id(session, "small")
        assert broken_at(session, number) is None
        last = session.exec(select(Audit).order_by(col(Audit.n).desc()).limit(1)).one()
        assert last.action == "bounce"
        assert WHY in last.detail


def test_who_was_never_asked_is_not_late_and_is_asked_once_the_contact_is_corrected(office: Small) -> None:
    """Found on the 18th, after rung 1: the case ends, and the new liaison has two working days."""
    office.run("2022-03-17")
    came_back(office, JIA, "2022-03-14", "2022-03-18")
    assert office.rungs() == {"yi": 1, "bing": 1}
    assert office.case("jia").closed_why == "never_asked"
    office.run("2022-03-22")
    assert "jia" not in office.rungs()
    office.replace("jia", "liaison", NEW, "2022-03-22")
    office.run("2022-03-23")
    assert office.message(NEW, "2022-03-23").state == "sent"
    assert office.request("jia", "2022-03-14").due_at == at("2022-03-25", "17:30")


def test_a_bounced_reminder_is_told_again_at_its_rung_and_the_grace_counts_from_then(office: Small) -> None:
    """Asked, and told of its silence in vain: rung 1 anew on the 21st, and no rung 2 on the 22nd."""
    office.run("2022-03-17")
    came_back(office, JIA, "2022-03-17", "2022-03-18")
    office.replace("jia", "liaison", NEW, "2022-03-18")
    office.run("2022-03-21")
    assert office.message(NEW, "2022-03-21").state == "sent"
    assert office.told("jia") == [
        (1, date(2022, 3, 17), date(2022, 3, 21)),
        (1, date(2022, 3, 21), None),
    ]
    office.run("2022-03-22")
    assert office.rungs() == {"jia": 1, "yi": 2, "bing": 2}


def test_what_a_bounced_request_had_superseded_stands_again(office: Small) -> None:
    """Asked on the 14th and silent; the question of the 28th came back: the silence of the 14th goes on."""
    for day in ("2022-03-17", "2022-03-22", "2022-03-28"):
        office.run(day)
    assert office.request("jia", "2022-03-14").state == "superseded"
    came_back(office, JIA, "2022-03-28", "2022-03-29")
    assert office.request("jia", "2022-03-14").state == "awaiting"
    assert office.rungs()["jia"] == 2
    office.run("2022-03-30")
    assert office.rungs()["jia"] == 3
    assert office.request("yi", "2022-03-14").state == "superseded"


def test_only_what_was_sent_can_come_back_once_and_with_a_reason(office: Small) -> None:
    number = office.message(JIA, "2022-03-14").id or 0
    with pytest.raises(WrongInput, match="--why"):
        bounce(office.database, number, " ", now=at("2022-03-15"), by=OPERATOR)
    with pytest.raises(WrongInput, match="after the day given"):
        bounce(office.database, number, WHY, now=at("2022-03-13"), by=OPERATOR)
    with pytest.raises(WrongInput, match="no message 999"):
        bounce(office.database, 999, WHY, now=at("2022-03-15"), by=OPERATOR)
    came_back(office, JIA, "2022-03-14", "2022-03-15")
    with pytest.raises(Refused, match="only a sent one"):
        came_back(office, JIA, "2022-03-14", "2022-03-15")
