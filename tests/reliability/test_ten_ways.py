"""Ten ways in which a mail server fails, and the state in which each leaves a message.

The same table stands in docs/operate/delivery.md, for whoever must do something about it.
"""

import re
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import func, select

from eco_workflow.plans.load import read
from eco_workflow.services.deliver import Delivered
from eco_workflow.services.load_plan import activate
from eco_workflow.services.outbox import retry
from eco_workflow.store.tables import Attempt, Message
from notifications.smtp import Server, smtp
from tests.notifications.mail_host import BAD, WAYS, MailHost, certificate, mail_host
from tests.office import OPERATOR, at
from tests.reliability.world import Small, plan_file, set_up

STATES = {
    "refused": ["pending"],
    "4xx": ["pending"],
    "5xx": ["failed"],
    "hang": ["pending"],
    "slow": ["sent"],
    "drop before 250": ["unknown"],
    "drop after 250": ["sent"],
    "TLS error": ["pending"],
    "one bad recipient of three": ["failed", "sent"],
    "greylist": ["pending", "sent"],
}
"""Way → what becomes of the message: of the bad recipient's and of the others', or one after the other."""

DAY = "2022-03-14"
UNITS = ("jia", "yi", "bing")
DOCUMENT = Path(__file__).parents[2] / "docs" / "operate" / "delivery.md"

one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def post(office: Small, host: MailHost, clock: str = "09:00", tls: str = "") -> Delivered:
    """A delivery of the day through that server, not patient with one that hangs."""
    server = Server("127.0.0.1", host.port, tls)
    with smtp(server, "office@eco.example", timeout=0.4, patience=0.4) as send:
        return office.deliver(DAY, send, clock)


def state(office: Small, unit: str = "jia") -> str:
    return office.message(f"liaison@{unit}.example", DAY).state


@pytest.fixture
def office(database: str, tmp_path: Path) -> Small:
    """The small office on the morning of a round, three requests to be sent."""
    made = set_up(database, tmp_path)
    made.decide(DAY)
    return made


@one_database
@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_fail_ends_in_its_state(office: Small, tmp_path: Path, way: str) -> None:
    """The due time stands with what was sent, or may have been, and with nothing else."""
    tls = "starttls" if way == "TLS error" else ""
    with mail_host(way, certificate(tmp_path) if tls else None) as host:
        done = post(office, host, tls=tls)
        if way == "greylist":
            seen = [state(office)]
            assert (post(office, host, "09:05").later, state(office)) == (0, "pending")
            post(office, host, "09:10")
            seen.append(state(office))
        elif way == "one bad recipient of three":
            seen = [state(office), state(office, "yi")]
            assert (done.failed, done.sent) == (1, 2)
            assert state(office, "bing") == "sent"
        else:
            seen = [state(office)]
            assert {state(office, unit) for unit in UNITS} == set(seen)
    assert seen == STATES[way]
    is_due = office.request("jia", DAY).due_at is not None
    assert is_due == (state(office) in ("sent", "unknown"))
    assert office.contact(BAD).failed_on == (
        None if way not in ("5xx", "one bad recipient of three") else at(DAY).date()
    )
    if seen[-1] == "pending":  # where nobody was reached, the next delivery need not wait
        assert (office.message(BAD, DAY).not_before is not None) == (way == "4xx")
    taken = [to for to, _ in host.taken]
    assert len(taken) == len(set(taken)) == sum(state(office, unit) in ("sent", "unknown") for unit in UNITS)


def test_the_operators_table_says_the_same() -> None:
    """Every way stands in it with its states, and with something to do."""
    rows = re.findall(r"^\| (.+?) \| .+? \| (.+?) \| (.+?) \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    said = {way: re.findall("`(.+?)`", states) for way, states, what in rows if way in WAYS and what}
    assert said == STATES
    assert tuple(STATES) == WAYS


@one_database
def test_what_was_not_taken_is_tried_again_ever_later_and_at_once_when_an_operator_says_so(
    office: Small,
) -> None:
    """At nine, ten past, half past, ten past ten: each time not taken, and left alone in between."""
    with mail_host("4xx") as host:
        for clock in ("09:00", "09:09", "09:10", "09:29", "09:30", "10:09", "10:10", "11:29"):
            post(office, host, clock)
        tries = [a.started_at for a in office.attempts(BAD, DAY)]
        assert tries == [at(DAY, clock) for clock in ("09:00", "09:10", "09:30", "10:10")]
        number = office.message(BAD, DAY).id or 0
        assert retry(office.database, number, now=at(DAY, "11:29"), by=OPERATOR)
        post(office, host, "11:29")
    assert len(office.attempts(BAD, DAY)) == 5


@one_database
@pytest.mark.parametrize(
    ("way", "left"),
    [("4xx", {"pending": 6}), ("drop before 250", {"unknown": 5, "pending": 1})],
    ids=["4xx", "drop before 250"],
)
def test_five_in_a_row_that_nobody_took_end_a_delivery(
    office: Small, tmp_path: Path, way: str, left: dict[str, int]
) -> None:
    """A server that loses everything leaves five messages in doubt, not the whole day's."""
    activate(
        office.database,
        read(plan_file(tmp_path, "other")),
        active_from=date(2022, 3, 1),
        now=at("2022-03-01"),
        actor="admin",
    )
    office.decide(DAY)
    with mail_host(way) as host:
        post(office, host)
    with office.database.read() as session:
        query = select(Message.state, func.count()).where(Message.on_date == at(DAY).date())
        assert dict(session.exec(query.group_by(Message.state)).all()) == left
        assert session.exec(select(func.count()).select_from(Attempt)).one() == 5
