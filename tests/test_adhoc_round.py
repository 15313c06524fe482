"""Ad-hoc rounds (临时调度) beside the regular ones (DOMAIN 3.7)."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import progress
from eco_workflow.services.adhoc_round import AdhocRound, plan_adhoc_round
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.rounds_shown import rounds, sheet
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import (
    Breach,
    Case,
    Entry,
    Item,
    Obligation,
    Request,
    Round,
    RoundAsks,
    RoundChoice,
    Unit,
)
from eco_workflow.store.tables.rounds import OPENED
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison

WATER = "lianluo@shuiwuju.dxal.example"
NOTE = "省级督导组要求补充说明"


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The real plan, active from 11 April 2022: the next regular rounds are those of the 14th and 28th."""
    made = Office(database, tmp_path)
    made.open("2022-04-11")
    return made


def ask(
    office: Office, on: str, units: str, items: str, *, on_day: str = "2022-04-12", clock: str = "10:00"
) -> AdhocRound:
    return plan_adhoc_round(
        office.database,
        on=date.fromisoformat(on),
        units=units.split(),
        items=items.split(),
        note=NOTE,
        now=at(on_day, clock),
        by=OPERATOR,
    )


def requests(office: Office, unit: str) -> dict[tuple[str, str], tuple[str, list[str]]]:
    """(date, kind) → the unit's request in that round: its state, and what it still owes there."""
    found: dict[tuple[str, str], tuple[str, list[str]]] = {}
    with office.database.read() as session:
        rows = session.exec(
            select(Round, Request, Entry, Item)
            .join(Request, col(Request.round_id) == Round.id)
            .join(Unit, col(Unit.id) == Request.unit_id)
            .join(Entry, (col(Entry.round_id) == Request.round_id) & (col(Entry.unit_id) == Request.unit_id))
            .join(Item, col(Item.id) == Entry.item_id)
            .where(Unit.code == unit, col(Round.state).in_(OPENED))
            .order_by(col(Round.id), col(Item.id))
        ).all()
    for row, request, entry, item in rows:
        owed = found.setdefault((f"{row.on_date:%m-%d}", row.kind), (request.state, []))[1]
        if entry.state == "awaiting":
            owed.append(item.code)
    return found


def answer(office: Office, unit: str, item: str, round_on: str, day: str) -> None:
    progress.submit(
        office.database, unit, item, Answer("in_progress"), now=at(day, "10:00"), by=liaison(unit),
        round_on=date.fromisoformat(round_on),
    )  # fmt: skip


def test_an_adhoc_round_asks_the_chosen_on_its_day_with_its_cover_note(office: Office) -> None:
    """Only the water bureau, only I04, on 20 April; due two working days later."""
    assert ask(office, "2022-04-20", "地区水务局", "I04").asks == {"地区水务局": ("I04",)}
    run = office.run("2022-04-20")
    # Nothing but the ad-hoc round opens; the round of the 14th, which nobody ran, is made good with it.
    assert run["round"] == date(2022, 4, 20)
    assert requests(office, "shuiwuju")["04-20", "adhoc"] == ("awaiting", ["I04"])
    [mail] = office.mails("2022-04-20", WATER)
    assert "4月20日临时调度" in mail.subject
    assert f"调度说明：{NOTE}" in mail.text
    assert "4月22日17:30" in mail.text


def test_later_rounds_keep_what_they_ask_and_get_higher_numbers(office: Office) -> None:
    """A higher id is a newer round, whenever it was planned, and ad-hoc rounds among themselves too."""
    with office.database.read() as session:
        before = dict(
            session.exec(
                select(col(Round.on_date), col(RoundAsks.rhythm)).join(
                    RoundAsks, col(RoundAsks.round_id) == Round.id
                )
            ).all()
        )
        rows = session.exec(select(col(Round.on_date), col(Round.state)).order_by(col(Round.on_date))).all()
    ask(office, "2022-05-05", "shuiwuju", "I04")
    ask(office, "2022-04-28", "shuiwuju caizhengju", "I04 I33")
    ask(office, "2022-04-20", "shuiwuju", "I04")
    with office.database.read() as session:
        after = dict(
            session.exec(
                select(col(Round.on_date), col(RoundAsks.rhythm)).join(
                    RoundAsks, col(RoundAsks.round_id) == Round.id
                )
            ).all()
        )
        regular = select(col(Round.on_date), col(Round.state)).where(Round.kind == "regular")
        assert session.exec(regular.order_by(col(Round.on_date))).all() == rows
        by_id = session.exec(select(col(Round.on_date), col(Round.kind)).order_by(col(Round.id))).all()
        chosen = session.exec(
            select(col(Round.on_date), col(Item.code))
            .join(RoundChoice, col(RoundChoice.round_id) == Round.id)
            .join(Item, col(Item.id) == RoundChoice.item_id)
            .order_by(col(Round.on_date), col(Item.code))
        ).all()
        assert broken_at(session, 1) is None
    assert after == before
    # Of the same day the ad-hoc round is the newer one.
    assert by_id == sorted(by_id, key=lambda row: (row[0], row[1] == "adhoc"))
    assert [(f"{on:%m-%d}", code) for on, code in chosen] == [
        ("04-20", "I04"), ("04-28", "I04"), ("04-28", "I33"), ("05-05", "I04"),
    ]  # fmt: skip


def test_it_supersedes_nothing(office: Office) -> None:
    """The round of 14 April is unanswered when the ad-hoc round is sent: both stand, one case counts."""
    office.silent("2022-04-14")
    owed = office.owed("shuiwuju")
    ask(office, "2022-04-20", "shuiwuju", "I04", on_day="2022-04-18")
    office.run("2022-04-19")
    office.run("2022-04-20")
    assert requests(office, "shuiwuju") == {
        ("04-14", "regular"): ("awaiting", owed),
        ("04-20", "adhoc"): ("awaiting", ["I04"]),
    }
    answer(office, "shuiwuju", "I04", "2022-04-20", "2022-04-21")
    assert office.rungs()["shuiwuju"] == 1  # the older round is silent still
    for code in owed:
        answer(office, "shuiwuju", code, "2022-04-14", "2022-04-21")
    assert "shuiwuju" not in office.rungs()


def test_an_unanswered_adhoc_request_is_taken_up_by_the_next_regular_round(office: Office) -> None:
    """Asked on 20 April, silent; the 28th asks it again, supersedes it, and the one case goes on."""
    office.silent("2022-04-14")
    office.answer("shuiwuju", "2022-04-15")
    duty = duty_of(office, "shuiwuju")
    ask(office, "2022-04-20", "shuiwuju", f"I04 {duty}", on_day="2022-04-18")
    office.run("2022-04-20")
    office.run("2022-04-24")  # a make-up working day
    assert office.rungs()["shuiwuju"] == 1
    assert office.run("2022-04-28")["round"] == date(2022, 4, 28)
    found = requests(office, "shuiwuju")
    assert found["04-20", "adhoc"][0] == "superseded"
    assert found["04-28", "regular"][0] == "awaiting"
    with office.database.read() as session:
        listed = rounds(
            session, Viewer("operator"), plan=None, now=at("2022-04-28"), days=published_calendar()
        )
        # Nothing of it stands: it is listed, but not as open.
        assert [row["state"] for row in listed if row["kind"] == "adhoc"] == ["taken_up"]
    assert {"I04", duty} <= set(found["04-28", "regular"][1])
    assert office.rungs()["shuiwuju"] == 1  # at rest, not closed
    office.run("2022-05-07")
    with office.database.read() as session:
        water = session.exec(select(Unit.id).where(Unit.code == "shuiwuju")).one()
        [case] = session.exec(select(Case).where(Case.unit_id == water)).all()
        assert case.closed_on is None
        assert len(session.exec(select(Breach).where(Breach.case_id == case.id)).all()) == 2
    office.answer("shuiwuju", "2022-05-07")
    assert "shuiwuju" not in office.rungs()


def test_what_a_regular_round_does_not_usually_ask_is_not_lost_with_it(office: Office) -> None:
    """14 May asks no monthly duty, but takes up the one that the ad-hoc round of 5 May still asks."""
    duty = duty_of(office, "shuiwuju")
    office.run("2022-04-28")
    office.answer("shuiwuju", "2022-04-29")
    ask(office, "2022-05-05", "shuiwuju", duty, on_day="2022-04-29")
    office.run("2022-05-05")
    office.run("2022-05-14")
    found = requests(office, "shuiwuju")
    assert found["05-05", "adhoc"][0] == "superseded"
    assert duty in found["05-14", "regular"][1]


def test_a_unit_that_the_regular_round_does_not_ask_keeps_its_adhoc_request(office: Office) -> None:
    """A unit with duties only is not asked on a 14th: its ad-hoc request stands, and so does its case."""
    office.silent("2022-04-14")
    with office.database.read() as session:
        asked = set(session.exec(select(Request.unit_id).where(Request.state == "awaiting")))
    unit, duty = unit_with_duties_only(office, asked)
    ask(office, "2022-04-15", unit, duty, on_day="2022-04-14", clock="12:00")
    for day in ("2022-04-15", "2022-04-20"):
        office.run(day)
    assert requests(office, unit) == {("04-15", "adhoc"): ("awaiting", [duty])}
    assert office.rungs()[unit] == 1


def test_on_the_day_of_a_regular_round_one_envelope_carries_both_requests(office: Office) -> None:
    """What both would ask, the ad-hoc round asks; answering one leaves the other owed."""
    office.silent("2022-04-14")
    office.answer("shuiwuju", "2022-04-15")
    ask(office, "2022-04-28", "shuiwuju", "I04", on_day="2022-04-18")
    office.run("2022-04-28")
    [mail] = office.mails("2022-04-28", WATER)
    assert "4月28日临时调度1项" in mail.subject
    assert "4月28日调度" in mail.subject
    found = requests(office, "shuiwuju")
    assert found["04-28", "adhoc"] == ("awaiting", ["I04"])
    state, owed = found["04-28", "regular"]
    assert state == "awaiting"
    assert owed
    assert "I04" not in owed
    office.run("2022-05-06")
    with office.database.read() as session:
        water = session.exec(select(Unit.id).where(Unit.code == "shuiwuju")).one()
        [case] = session.exec(select(Case).where(Case.unit_id == water)).all()
        assert len(session.exec(select(Breach).where(Breach.case_id == case.id)).all()) == 2
    [mail] = office.mails("2022-05-06", WATER)
    assert "I04" in mail.text
    assert owed[0] in mail.text
    assert "累计2轮" not in mail.text  # both are on record, but it was one mail that nobody answered
    answer(office, "shuiwuju", "I04", "2022-04-28", "2022-05-06")
    assert office.rungs()["shuiwuju"] == 1
    for code in owed:
        answer(office, "shuiwuju", code, "2022-04-28", "2022-05-06")
    assert "shuiwuju" not in office.rungs()
    progress.recall(
        office.database, "shuiwuju", "I04", now=at("2022-05-06", "11:00"), by=liaison("shuiwuju"),
        round_on=date(2022, 4, 28),
    )  # fmt: skip
    assert office.rungs()["shuiwuju"] == 1  # the same case, where it stood


def test_a_missed_adhoc_round_is_made_good_beside_the_regular_one(office: Office) -> None:
    """Nobody ran on the 20th: with the round of the 28th both leave, and neither supersedes the other."""
    office.silent("2022-04-14")
    office.answer("shuiwuju", "2022-04-15")
    ask(office, "2022-04-20", "shuiwuju", "I04", on_day="2022-04-18")
    office.run("2022-04-28")
    assert {key: state for key, (state, _) in requests(office, "shuiwuju").items()} == {
        ("04-14", "regular"): "answered",
        ("04-20", "adhoc"): "awaiting",
        ("04-28", "regular"): "awaiting",
    }


def test_of_two_that_ask_the_same_and_leave_together_the_newer_takes_up_the_older(office: Office) -> None:
    """Planned after the run of the 18th and for the 20th, which nobody ran: the 21st opens both, one asks."""
    office.silent("2022-04-14")
    office.run("2022-04-18")
    for on in ("2022-04-18", "2022-04-20"):
        ask(office, on, "shuiwuju caizhengju", "I04 I33", on_day="2022-04-18", clock="12:00")
    assert office.run("2022-04-21")["requests"] == 2
    assert requests(office, "shuiwuju")["04-20", "adhoc"] == ("awaiting", ["I04"])
    with office.database.read() as session:
        eyes, now = Viewer("operator"), at("2022-04-21", "10:00")
        listed = rounds(session, eyes, plan=None, now=now, days=published_calendar())
        states = {f"{row['round']:%m-%d}": row["state"] for row in listed if row["kind"] == "adhoc"}
        assert states == {"04-18": "taken_up", "04-20": "open"}
        with pytest.raises(Refused, match="ad-hoc round of 2022-04-18 asked nobody"):
            sheet(session, eyes, on=date(2022, 4, 18), kind=None, plan=None, now=now)


def test_one_that_finds_nothing_left_to_ask_is_not_open_for_ever(office: Office) -> None:
    """I04 is claimed between the planning and its day, and the claim waits for its review."""
    office.silent("2022-04-14")
    ask(office, "2022-04-20", "shuiwuju", "I04", on_day="2022-04-15")
    progress.submit(
        office.database, "shuiwuju", "I04", Answer("completed"), now=at("2022-04-15", "11:00"),
        by=liaison("shuiwuju"),
    )  # fmt: skip
    assert office.run("2022-04-20")["requests"] == 0
    with office.database.read() as session:
        states = session.exec(select(col(Round.state)).where(Round.kind == "adhoc")).all()
    assert states == ["taken_up"]


def test_after_the_days_run_it_leaves_with_the_next_one(office: Office) -> None:
    """Planned at noon for today: it keeps its date."""
    office.silent("2022-04-14")
    made = ask(office, "2022-04-19", "shuiwuju", "I04", on_day="2022-04-19", clock="08:00")
    assert not made.after_the_run
    office.run("2022-04-19")
    office.run("2022-04-20")
    made = ask(office, "2022-04-20", "caizhengju", "I33", on_day="2022-04-20", clock="12:00")
    assert made.after_the_run
    assert office.run("2022-04-21")["opened"] == 1
    assert requests(office, "caizhengju")["04-20", "adhoc"] == ("awaiting", ["I33"])


@pytest.mark.parametrize(
    ("on", "units", "items", "error", "says"),
    [
        ("2022-04-11", "shuiwuju", "I04", WrongInput, "must lie between today"),
        ("2023-01-14", "shuiwuju", "I04", WrongInput, "must lie between today"),
        ("2022-04-20", "", "I04", WrongInput, "--units and --items"),
        ("2022-04-20", "shuiwuju", "", WrongInput, "--units and --items"),
        ("2022-04-20", "shuiwuju", "I99", WrongInput, "no item 'I99'"),
        ("2022-04-20", "shuiwuju", "I33", WrongInput, "nothing to ask about 地区水务局、I33"),
        ("2022-04-20", "shuiwuju", "I04 I33", WrongInput, "nothing to ask about I33"),
        ("2022-04-13", "shuiwuju", "I04", Refused, "has an ad-hoc round on 2022-04-13 already"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    office: Office, on: str, units: str, items: str, error: type[Exception], says: str
) -> None:
    """And leaves no round behind."""
    ask(office, "2022-04-13", "shuiwuju", "I04")
    with pytest.raises(error, match=says):
        ask(office, on, units, items)
    with office.database.read() as session:
        assert len(session.exec(select(Round).where(Round.kind == "adhoc")).all()) == 1


def test_the_regular_round_of_that_day_must_not_have_left(office: Office) -> None:
    """A unit, an item and a date name one question."""
    office.silent("2022-04-14")
    with pytest.raises(Refused, match="is open already"):
        ask(office, "2022-04-14", "shuiwuju", "I04", on_day="2022-04-14", clock="12:00")


def test_only_an_operator_plans_one_and_says_why(office: Office) -> None:
    """The cover note is not optional."""
    wanted = {"on": date(2022, 4, 20), "units": ["shuiwuju"], "items": ["I04"], "now": at("2022-04-12")}
    with pytest.raises(Refused, match="opening an ad-hoc round needs an operator"):
        plan_adhoc_round(office.database, **wanted, note=NOTE, by=SUPERVISOR)  # type: ignore[arg-type]
    with pytest.raises(WrongInput, match="needs --note"):
        plan_adhoc_round(office.database, **wanted, note=" ", by=OPERATOR)  # type: ignore[arg-type]


def duty_of(office: Office, unit: str) -> str:
    """A duty of the unit, asked with the month's last round."""
    with office.database.read() as session:
        return (
            session.exec(
                select(Item.code)
                .join(Obligation, col(Obligation.item_id) == Item.id)
                .join(Unit, col(Unit.id) == Obligation.unit_id)
                .where(Unit.code == unit, Item.kind == "duty")
                .order_by(col(Item.id))
            ).first()
            or ""
        )


def unit_with_duties_only(office: Office, asked: set[int]) -> tuple[str, str]:
    """A unit that the 14th does not ask, and a duty of it."""
    with office.database.read() as session:
        return session.exec(
            select(Unit.code, Item.code)
            .join(Obligation, col(Obligation.unit_id) == Unit.id)
            .join(Item, col(Item.id) == Obligation.item_id)
            .where(Item.kind == "duty", col(Unit.id).not_in(asked))
            .order_by(col(Unit.id), col(Item.id))
        ).all()[0]
