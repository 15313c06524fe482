"""Days on which nobody ran the office, clocks that went wrong, and plans that are broken."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.messages import Outcome, Result
from eco_workflow.plans.load import read
from eco_workflow.services import progress
from eco_workflow.services.contacts import Person, add, end
from eco_workflow.services.load_plan import activate
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Audit, Message, Plan, Request, Round, RoundSummary, Run, Unit
from tests.office import OPERATOR, at
from tests.reliability.world import Small, plan_file, plan_id, set_up

JIA, NEW = "liaison@jia.example", "new@jia.example"


@pytest.fixture
def office(database: str, tmp_path: Path) -> Small:
    """The small office, active from 1 March 2022; mails lie in its mail folder."""
    return set_up(database, tmp_path)


# --- missed runs


def test_a_missed_round_is_made_good_at_the_next_run_under_its_own_date(office: Small) -> None:
    """The round of Monday the 14th leaves on the 16th; answers are due two working days after that."""
    office.run("2022-03-11")
    run = office.run("2022-03-16")
    assert run["round"] == date(2022, 3, 14)
    assert run["sent"] == 3
    assert office.rounds()["2022-03-14"] == "open"
    assert "3月14日" in office.mails("2022-03-16", JIA)[0].text
    assert office.request("jia", "2022-03-14").due_at == at("2022-03-18", "17:30")
    office.run("2022-03-18")
    assert office.rungs() == {}
    office.run("2022-03-21")
    assert office.rungs() == {"jia": 1, "yi": 1, "bing": 1}


def test_of_two_missed_rounds_only_the_newer_is_sent(office: Small) -> None:
    """The 14th is skipped for the outage and asks nobody; the 28th leaves on the 30th."""
    office.run("2022-03-11")
    office.run("2022-03-30")
    assert office.rounds() == {
        "2022-02-14": "backfill",
        "2022-02-28": "backfill",
        "2022-03-14": "skipped",
        "2022-03-28": "open",
    }
    assert [mail.to for mail in office.mails(to=JIA)] == [JIA]
    with office.database.read() as session:
        asked = session.exec(
            select(Request).join(Round, col(Round.id) == Request.round_id).where(Round.state == "skipped")
        ).all()
    assert asked == []


def test_after_an_outage_of_the_mail_the_draft_summary_says_whom_nobody_had_asked_by_then(
    office: Small,
) -> None:
    """No mail leaves from the 14th to the 17th; on the 18th the requests leave in one delivery with the
    summary, which says what the run decided, however far that delivery is.
    """
    office.releases = False
    office.run_without_mail("2022-03-14", "2022-03-15", "2022-03-16", "2022-03-17")
    office.run("2022-03-18")
    assert len(office.mails("2022-03-18", JIA)) == 1
    [mail] = office.mails("2022-03-18", "liaison@office.example")
    with office.database.read() as session:
        drafted = session.exec(select(RoundSummary)).one()
    assert drafted.unreached == 3
    assert "未送达3个单位" in mail.text
    assert "未送达：甲、乙、丙" in mail.text


def test_the_draft_summary_counts_so_too_where_its_own_mail_leaves_days_later(office: Small) -> None:
    """On the 18th the requests leave, and the office's own mail does not."""
    office.releases = False
    office.run_without_mail("2022-03-14", "2022-03-15", "2022-03-16", "2022-03-17")
    office.decide("2022-03-18")
    office.deliver("2022-03-18", all_but_the_office)
    office.run("2022-03-21")
    [mail] = office.mails("2022-03-21", "liaison@office.example")
    assert "未送达：甲、乙、丙" in mail.text


def all_but_the_office(to: str, _body: bytes) -> Outcome:
    """A mail server that does not take the office's mail yet."""
    later = to == "liaison@office.example"
    return Outcome(Result.LATER if later else Result.ACCEPTED, "451" if later else "250")


def test_an_outage_of_our_own_never_climbs_faster(office: Small) -> None:
    """Nobody ran on the 22nd: rung 2 on the 23rd, one rung alone, and rung 3 counts from there."""
    office.run("2022-03-14")
    office.run("2022-03-17")
    for day, rung in (("2022-03-23", 2), ("2022-03-24", 2), ("2022-03-25", 3)):
        office.run(day)
        assert office.rungs() == {"jia": rung, "yi": rung, "bing": rung}, day


def test_an_outage_before_the_first_reminder_begins_with_the_first_rung(office: Small) -> None:
    """Late since the 16th, first run on the 21st: rung 1 then, rung 2 three working days later."""
    office.run("2022-03-14")
    office.run("2022-03-21")
    assert set(office.rungs().values()) == {1}
    for day in ("2022-03-22", "2022-03-23"):
        office.run(day)
        assert set(office.rungs().values()) == {1}
    office.run("2022-03-24")
    assert set(office.rungs().values()) == {2}


def test_an_outage_over_a_round_lets_the_case_rest_until_that_round_is_due(office: Small) -> None:
    """Told on the 17th, back on the 29th with the round of the 28th: due on the 31st, rung 2 on 1 April."""
    office.run("2022-03-14")
    office.run("2022-03-17")
    for day in ("2022-03-29", "2022-03-30", "2022-03-31"):
        office.run(day)
        assert office.rungs() == {"jia": 1, "yi": 1, "bing": 1}, day
    office.run("2022-04-01")
    assert office.rungs() == {"jia": 2, "yi": 2, "bing": 2}


# --- a date that a person must confirm


def test_after_more_than_45_days_nothing_is_sent_before_a_person_confirms_the_date(office: Small) -> None:
    """The first silence counts from activation; the reason names the option and the date to give."""
    stopped = office.result("2022-04-18")
    assert "--confirm-date 2022-04-18" in stopped.decision.stopped["small"]
    assert stopped.troubles
    assert office.mails() == []
    assert "open" not in office.rounds().values()

    with pytest.raises(WrongInput, match="2022-04-18"):
        office.result("2022-04-18", confirmed="2022-04-17")
    assert office.mails() == []

    confirmed = office.result("2022-04-18", confirmed="2022-04-18")
    assert confirmed.decision.stopped == {}
    assert office.rounds()["2022-04-14"] == "open"
    assert office.rounds()["2022-03-14"] == office.rounds()["2022-03-28"] == "skipped"
    assert len(office.mails("2022-04-18")) == 3
    with office.database.read() as session:
        last = session.exec(select(Audit).order_by(col(Audit.n).desc())).first()
        assert last is not None
        assert '"date_confirmed": "2022-04-18"' in last.detail
    office.run("2022-04-19")  # from here on it goes on by itself
    assert office.result("2022-04-20").decision.stopped == {}


def test_45_days_are_not_more_than_45_days(office: Small) -> None:
    """1 March and 45 days are 15 April: it runs."""
    assert office.result("2022-04-15").decision.stopped == {}
    assert office.rounds()["2022-04-14"] == "open"


def test_a_clock_that_went_back_stops_the_run_until_a_person_confirms(office: Small) -> None:
    """The run of the 18th was real: one that says the 15th decides and sends nothing."""
    office.run("2022-03-14")
    office.run("2022-03-18")
    mails = len(office.mails())
    stopped = office.result("2022-03-15")
    assert "ran on 2022-03-18" in stopped.decision.stopped["small"]
    assert len(office.mails()) == mails
    with office.database.read() as session:
        days = sorted(session.exec(select(col(Run.on_date))))
    assert days == [date(2022, 3, 14), date(2022, 3, 18)]
    confirmed = office.result("2022-03-15", confirmed="2022-03-15")
    assert confirmed.decision.stopped == {}
    assert confirmed.decision.plans == 1
    assert len(office.mails()) == mails


def test_a_confirmed_date_is_where_the_clock_stands_also_on_a_day_that_ran(office: Small) -> None:
    """The 17th ran, then a wrong clock ran the 30th; confirmed back to the 17th, the 18th runs by itself."""
    for day in ("2022-03-14", "2022-03-17", "2022-03-30"):
        office.run(day)
    mails = len(office.mails())
    assert "ran on 2022-03-30" in office.result("2022-03-17").decision.stopped["small"]
    office.result("2022-03-17", confirmed="2022-03-17")
    assert len(office.mails()) == mails
    assert office.result("2022-03-18").decision.stopped == {}
    with office.database.read() as session:
        acts = session.exec(select(Audit.action).order_by(col(Audit.n))).all()
    assert acts[-2:] == ["confirm_date", "run"]


def test_a_day_run_twice_by_a_clock_that_jumps_sends_nothing_twice(office: Small) -> None:
    """Forward to the 17th, confirmed back to the 16th, forward again: the claim of the 17th stands."""
    office.run("2022-03-14")
    office.run("2022-03-17")
    mails, rungs = len(office.mails()), office.rungs()
    office.result("2022-03-16", confirmed="2022-03-16")
    office.result("2022-03-17")
    assert (len(office.mails()), office.rungs()) == (mails, rungs)


# --- one plan of several


def _others(office: Small, folder: Path, codes: tuple[str, ...]) -> None:
    for code in codes:
        activate(
            office.database,
            read(plan_file(folder, code)),
            active_from=date(2022, 3, 1),
            now=at("2022-03-01"),
            actor="operator",
        )


def test_a_broken_plan_is_named_and_the_others_go_on(office: Small, tmp_path: Path) -> None:
    """Four plans in one batch; in one a request stands already, so its round cannot be written.

    Nothing of that plan is half-written, not even its claim: mended, it is made good on the same day.
    """
    _others(office, tmp_path, ("south", "west", "east"))
    with office.database.write() as session:
        west = plan_id(session, "west")
        round_id = session.exec(
            select(Round.id).where(Round.plan_id == west, Round.on_date == date(2022, 3, 14))
        ).one()
        unit_id = session.exec(select(Unit.id).where(Unit.plan_id == west, Unit.code == "jia")).one()
        assert round_id is not None
        assert unit_id is not None
        session.add(Request(round_id=round_id, unit_id=unit_id, plan_id=west))
    result = office.result("2022-03-14")
    assert list(result.decision.broken) == ["west"]
    assert "IntegrityError" in result.decision.broken["west"] or "Unique" in result.decision.broken["west"]
    assert any("west could not be decided" in trouble for trouble in result.troubles)
    assert (result.decision.plans, result.decision.requests, result.delivered.sent) == (3, 9, 9)
    with office.database.read() as session:
        ran = set(session.exec(select(Run.plan_id)))
        assert ran == {plan_id(session, code) for code in ("small", "south", "east")}
        assert session.get_one(Plan, west).last_run_on is None
        assert set(session.exec(select(Message.plan_id))) == ran
        assert session.get_one(Round, round_id).state == "planned"
        for plan in session.exec(select(Plan.id)):
            assert plan is not None
            assert broken_at(session, plan) is None

    with office.database.write() as session:
        session.delete(session.get_one(Request, (round_id, unit_id)))
    again = office.result("2022-03-14", "15:00")
    assert again.decision.broken == {}
    assert (again.decision.plans, again.decision.requests, again.delivered.sent) == (1, 3, 3)


def test_one_plan_that_must_be_confirmed_does_not_stop_the_others(office: Small, tmp_path: Path) -> None:
    """A plan whose last run lies too far back is named; a plan that ran lately goes on."""
    office.run("2022-03-14")
    activate(
        office.database,
        read(plan_file(tmp_path, "late")),
        active_from=date(2022, 4, 27),
        now=at("2022-04-27"),
        actor="operator",
    )
    result = office.result("2022-04-29")
    assert list(result.decision.stopped) == ["small"]
    assert (result.decision.plans, result.delivered.sent) == (1, 3)


# --- before activation


def test_what_lies_before_activation_is_never_sent_nor_late(office: Small) -> None:
    """Two rounds of February are recorded as backfill; no run of March asks or reminds for them."""
    assert [day for day, state in office.rounds().items() if state == "backfill"] == [
        "2022-02-14",
        "2022-02-28",
    ]
    for day in ("2022-03-01", "2022-03-02", "2022-03-04", "2022-03-09", "2022-03-11"):
        run = office.run(day)
        assert (run["messages"], run["rungs"]) == (0, 0)
    assert office.mails() == []
    assert office.rungs() == {}
    request = office.request("jia", "2022-02-28")
    assert (request.state, request.due_at, request.sent_at) == ("backfill", None, None)


def test_a_backfilled_answer_can_be_recorded_and_taken_back_without_a_reminder(office: Small) -> None:
    """Recording what was said in February is history: no mark of lateness, no case, no mail."""
    recorded = progress.submit(
        office.database,
        "jia",
        "I01",
        Answer(status="in_progress"),
        now=at("2022-03-09"),
        by=OPERATOR,
        round_on=date(2022, 2, 14),
    )
    assert recorded.on_time is None
    progress.recall(
        office.database, "jia", "I01", now=at("2022-03-10"), by=OPERATOR, round_on=date(2022, 2, 14)
    )
    for day in ("2022-03-11", "2022-03-14"):
        office.run(day)
    assert office.rungs() == {}
    assert office.request("jia", "2022-02-14").state == "backfill"
    assert len(office.mails()) == 3


def test_before_activation_and_after_the_last_day_nothing_runs(office: Small) -> None:
    """The reason names the day; nothing is written."""
    assert "before the plan's activation" in office.result("2022-02-28").decision.stopped["small"]
    assert "after the plan's last day" in office.result("2023-01-01").decision.stopped["small"]
    assert office.mails() == []


def test_the_plan_of_another_year_stops_no_run(office: Small, tmp_path: Path) -> None:
    """The next plan waits for its first day here while this one runs, and runs when this one is over."""
    following_year = Path(plan_file(tmp_path, "next"))
    text = following_year.read_text(encoding="utf-8").replace("2022-", "2023-")
    following_year.write_text(text, encoding="utf-8")
    activate(
        office.database, read(str(following_year)),
        active_from=date(2023, 3, 1), now=at("2022-03-01"), actor="operator",
    )  # fmt: skip
    this = office.result("2022-03-14")
    assert (this.troubles, this.decision.plans) == ([], 1)
    assert this.decision.outside == {"next": "begins on 2023-03-01"}
    following = office.result("2023-03-14")
    assert (following.troubles, following.decision.plans) == ([], 1)
    assert list(following.decision.outside) == ["small"]
    assert "after the plan's last day" in office.result("2024-03-14").decision.stopped["small"]


# --- days that are no working days


def test_on_a_weekend_round_requests_leave_and_rungs_wait(database: str, tmp_path: Path) -> None:
    """Saturday 14 May: a new liaison gets the request; his reminder waits until that is late, on the 18th."""
    office = set_up(database, tmp_path, active_from="2022-04-20")
    for day in ("2022-04-28", "2022-05-06"):  # due on 5 May after the holiday
        office.run(day)
    assert office.rungs() == {"jia": 1, "yi": 1, "bing": 1}
    end(office.database, "jia", "liaison", now=at("2022-05-09"), by=OPERATOR)
    office.run("2022-05-10")  # jia has nobody to be told
    add(office.database, "jia", Person("liaison", "新", NEW), now=at("2022-05-13"), by=OPERATOR)

    saturday = office.run("2022-05-14")
    assert (saturday["opened"], saturday["requests"], saturday["sent"], saturday["rungs"]) == (1, 3, 3, 0)
    assert "5月14日" in office.mails("2022-05-14", NEW)[0].text
    assert office.request("jia", "2022-05-14").due_at == at("2022-05-17", "17:30")
    assert office.case("jia").told_on is None
    sunday = office.run("2022-05-15")
    assert (sunday["messages"], sunday["rungs"]) == (0, 0)
    for day in ("2022-05-16", "2022-05-17", "2022-05-18"):
        office.run(day)
    assert office.case("jia").told_on == date(2022, 5, 18)
    assert len(office.mails("2022-05-18", NEW)) == 1


def test_a_case_opens_and_climbs_on_working_days_only(database: str, tmp_path: Path) -> None:
    """Due on Thursday 5 May; the make-up Saturday of the 7th is a working day, the 8th is none."""
    office = set_up(database, tmp_path, active_from="2022-04-20")
    office.run("2022-04-28")
    for day in ("2022-04-30", "2022-05-01", "2022-05-02", "2022-05-04", "2022-05-05", "2022-05-08"):
        office.run(day)
        assert office.rungs() == {}, day
    office.run("2022-05-09")
    assert office.rungs() == {"jia": 1, "yi": 1, "bing": 1}


def test_a_make_up_saturday_counts_as_a_working_day(database: str, tmp_path: Path) -> None:
    """Told on Friday 6 May: Saturday the 7th, Monday and Tuesday are three working days."""
    office = set_up(database, tmp_path, active_from="2022-04-20")
    for day in ("2022-04-28", "2022-05-06", "2022-05-09"):
        office.run(day)
    assert office.rungs()["jia"] == 1
    office.run("2022-05-10")
    assert office.rungs()["jia"] == 2


def test_a_round_on_a_public_holiday_leaves_on_the_next_working_day(database: str, tmp_path: Path) -> None:
    """3 May lies in the holiday of 30 April to 4 May: its requests leave on the 5th, under its date."""
    office = set_up(database, tmp_path, active_from="2022-05-01", round_days="[3]")
    for day in ("2022-05-03", "2022-05-04"):
        assert office.run(day)["messages"] == 0
    run = office.run("2022-05-05")
    assert (run["round"], run["sent"]) == (date(2022, 5, 3), 3)
    assert office.request("jia", "2022-05-03").due_at == at("2022-05-07", "17:30")


def test_a_missed_round_does_not_leave_on_a_public_holiday(office: Small) -> None:
    """The 28th of March, missed until the festival of 3 to 5 April: it leaves on the 6th."""
    office.run("2022-03-14")
    for day in ("2022-04-03", "2022-04-04", "2022-04-05"):
        assert office.run(day)["requests"] == 0
    run = office.run("2022-04-06")
    assert (run["round"], run["requests"]) == (date(2022, 3, 28), 3)


def test_a_plan_that_waits_for_working_days_sends_a_weekend_round_on_monday(
    database: str, tmp_path: Path
) -> None:
    """`wait_for_working_day`: the round of Saturday 14 May leaves on the 16th."""
    office = set_up(database, tmp_path, active_from="2022-05-01", wait_for_working_day="true")
    for day in ("2022-05-14", "2022-05-15"):
        assert office.run(day)["messages"] == 0
    assert office.run("2022-05-16")["sent"] == 3
