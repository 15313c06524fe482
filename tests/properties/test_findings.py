"""Short histories in which the product once did not do what DOMAIN says; each asserts what is right."""

from datetime import date
from typing import Any

import pytest

from eco_workflow.domain.messages import Result
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import review
from eco_workflow.services.lights import lights
from tests.office import OPERATOR
from tests.properties import offices
from tests.properties.compare import product_says
from tests.properties.conftest import MakeWorld
from tests.properties.plan import ON_HOLIDAYS, USUAL, WAITING, Shape, small_plan
from tests.properties.rules import broken_rules
from tests.properties.world import World

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

SILENCE = ("2022-03-14", "2022-03-17", "2022-03-22")
"""Asked, rung 1, rung 2; rung 3 would follow on the 24th."""


def says(world: World, kind: str) -> dict[object, tuple[object, ...]]:
    """The product's rows of a kind."""
    with world.database.read() as session:
        rows: dict[object, tuple[object, ...]] = product_says(session)[kind]
        return rows


def open_rungs(world: World, unit: str) -> list[object]:
    """The rungs on which open cases of a unit's silence stand."""
    with world.database.read() as session:
        cases = product_says(session)["cases"]
    return [
        rung
        for (owner, clock, *_), (_, rung, _, _, closed_on, *_) in cases.items()
        if (owner, clock) == (unit, "report") and closed_on is None
    ]


def run(world: World, *days: str, fate: dict[str, Result] | None = None) -> None:
    """Morning runs, without the model."""
    for day in days:
        world.go_to(date.fromisoformat(day))
        world.decide()
        world.deliver(fate)


def letter_lines(world: World, day: str, address: str) -> set[tuple[object, ...]]:
    """What a letter is about; empty when there is none."""
    row = says(world, "letters").get((date.fromisoformat(day), address, ("envelope",)))
    return set(row[2]) if row else set()  # type: ignore[call-overload]


def test_a_missed_round_of_a_public_holiday_is_not_sent_after_a_newer_one(make_world: MakeWorld) -> None:
    """3 May waits for a working day and is missed; on Saturday 14 May the newest opens, 3 May is skipped."""
    world = make_world(ON_HOLIDAYS)
    run(world, "2022-04-14", "2022-05-14", "2022-05-16")
    rounds = says(world, "rounds")
    assert rounds[date(2022, 5, 3), "regular"] == ("skipped", None)
    assert rounds[date(2022, 5, 14), "regular"] == ("open", date(2022, 5, 14))


def test_a_plan_that_waits_for_working_days_asks_again_on_working_days_only(make_world: MakeWorld) -> None:
    """A refused request, corrected on Friday, leaves on Monday the 21st and not on Saturday."""
    world = make_world(WAITING)
    run(world, "2022-03-14", fate={"liaison@shui.example": Result.REFUSED})
    run(world, "2022-03-18")
    world.retry(world.letters("failed")[0])
    run(world, "2022-03-19")
    assert letter_lines(world, "2022-03-19", "liaison@shui.example") == set()
    run(world, "2022-03-21")
    assert letter_lines(world, "2022-03-21", "liaison@shui.example") != set()


def test_answering_the_newest_round_resolves_the_case_though_its_mail_failed(make_world: MakeWorld) -> None:
    """The round of the 28th never reached the unit by mail; it answered it all the same, and owes nothing."""
    world = make_world(USUAL)
    run(world, "2022-03-14", "2022-03-17")
    run(world, "2022-03-28", fate={"liaison@shui.example": Result.REFUSED})
    world.go_to(date(2022, 3, 28), "15:00")
    assert {item for _, item in world.owed("shui")} == {"I01", "I03"}
    world.answer("shui")
    assert open_rungs(world, "shui") == []


def test_a_liaison_who_heard_rung_2_as_a_copy_is_told_when_the_leader_has_left(make_world: MakeWorld) -> None:
    """With the leader gone the liaison is the principal: told on the 23rd, and rung 3 two days later."""
    world = make_world(USUAL)
    run(world, *SILENCE)
    world.end("shui", "leader")
    run(world, "2022-03-23", "2022-03-24")
    assert letter_lines(world, "2022-03-23", "liaison@shui.example") != set()
    run(world, "2022-03-25")
    assert open_rungs(world, "shui") == [3]


def test_a_dropped_copy_does_not_undo_the_telling_of_the_principal(make_world: MakeWorld) -> None:
    """The leader heard rung 2; the liaison's copy was dropped after an answer, which is then recalled."""
    world = make_world(USUAL)
    run(world, *SILENCE[:2])
    run(world, SILENCE[2], fate={"liaison@shui.example": Result.LATER})
    world.at("10:00")
    world.answer("shui")
    world.deliver()
    world.at("11:00")
    world.recall("shui", "I01")
    assert open_rungs(world, "shui") == [2]
    run(world, "2022-03-23", "2022-03-24")
    assert open_rungs(world, "shui") == [3]


def test_an_answer_given_before_the_mail_left_and_recalled_later_is_late_like_the_rest(
    make_world: MakeWorld,
) -> None:
    """Answered between decision and delivery: the entry knows its due time all the same."""
    world = make_world(USUAL)
    world.go_to(date(2022, 3, 14))
    world.decide()
    world.submit("shui", "I01")
    world.deliver()
    world.at("15:00")
    world.recall("shui", "I01")
    world.submit("shui", "I03")
    run(world, "2022-03-17")
    assert open_rungs(world, "shui") == [1]


def test_the_supervision_office_hears_of_a_further_round_as_soon_as_it_has_a_liaison(
    make_world: MakeWorld,
) -> None:
    """It has none on the 31st, when the second round has passed; the successor hears it on 1 April."""
    world = make_world(USUAL)
    run(world, *SILENCE, "2022-03-24", "2022-03-28")
    world.end("ducha", "liaison")
    run(world, "2022-03-31")
    world.add("ducha", "liaison")
    run(world, "2022-04-01")
    told = letter_lines(world, "2022-04-01", "liaison1@ducha.example")
    assert ("alert", ("shui", "report", "", date(2022, 3, 17)), 3) in told


def test_an_alert_names_no_telling_whose_line_was_dropped(
    make_world: MakeWorld,
) -> None:
    """The office's liaison got the summary on the 17th; the reminder in it was dropped after an answer."""
    world = make_world(USUAL)
    run(world, "2022-03-14")
    world.go_to(date(2022, 3, 17))
    world.decide()
    world.answer("ban")
    world.deliver()
    world.at("10:00")
    world.recall("ban", "M1.1")
    run(world, "2022-03-18", "2022-03-23", "2022-03-25")
    assert list(broken_rules(world.database, world.days, world.now)) == []


def test_a_returned_answer_mended_and_recalled_in_time_is_not_late(make_world: MakeWorld) -> None:
    """Returned on the 18th and due on the 22nd at 17:30: no rung 2 on the morning of the 22nd."""
    world = make_world(USUAL)
    run(world, "2022-03-14", "2022-03-17")
    world.go_to(date(2022, 3, 18), "10:00")
    world.answer("shui")
    world.give_back("shui", "I01")
    world.go_to(date(2022, 3, 21), "10:00")
    world.answer("shui")
    world.recall("shui", "I01")
    run(world, "2022-03-22")
    assert letter_lines(world, "2022-03-22", "leader@shui.example") == set()


def test_a_returned_answer_stays_owed_when_a_newer_round_did_not_ask_for_it(make_world: MakeWorld) -> None:
    """Claimed on the 15th, so the 28th did not ask it; returned on the 29th, it is late on 1 April."""
    world = make_world(USUAL)
    run(world, "2022-03-14")
    world.go_to(date(2022, 3, 15), "10:00")
    world.submit("shui", "I01", "completed")
    world.submit("shui", "I03")
    run(world, "2022-03-28")
    world.go_to(date(2022, 3, 29), "10:00")
    world.give_back("shui", "I01")
    world.submit("shui", "I03")
    run(world, "2022-04-01")
    assert open_rungs(world, "shui") == [1]


def test_a_claim_in_a_half_answered_round_is_reviewed_after_the_next_round_left(
    make_world: MakeWorld,
) -> None:
    """I01 was claimed on 28 March, I03 not answered; the next round does not ask I01 again."""
    world = make_world(USUAL)
    run(world, "2022-03-14")
    world.go_to(date(2022, 3, 15), "10:00")
    world.answer("shui")
    run(world, "2022-03-28")
    world.go_to(date(2022, 3, 29), "10:00")
    world.submit("shui", "I01", "completed")
    run(world, "2022-04-14")
    done = review.accept(world.database, "shui", "I01", now=world.now, by=OPERATOR)
    assert done.round == date(2022, 3, 28)


def lights_of(world: World) -> dict[str, str]:
    """Unit → its light."""
    with world.database.read() as session:
        shown = lights(session, Viewer("operator"), plan=None, now=world.now, days=world.days)
    return {row.code: row.judged.light.code for row in shown}


def test_nobody_turns_red_while_the_plan_is_held(make_world: MakeWorld) -> None:
    """Asked on the 14th and held on the 15th: on the 18th nothing was due, since the report clock stands."""
    world = make_world(USUAL)
    run(world, "2022-03-14")
    world.go_to(date(2022, 3, 15), "10:00")
    offices.hold(world)
    world.go_to(date(2022, 3, 18), "10:00")
    assert lights_of(world)["shui"] != "red"


def test_a_merged_unit_is_not_reported_as_unreached(make_world: MakeWorld) -> None:
    """Its liaison was refused on the 14th, it was merged on the 16th: nobody is looked for on the 22nd."""
    world = make_world(USUAL)
    run(world, "2022-03-14", fate={"liaison@lin.example": Result.REFUSED})
    run(world, "2022-03-15")
    world.go_to(date(2022, 3, 16), "10:00")
    offices.merge(world, "lin", "cai")
    run(world, "2022-03-22", "2022-03-23")
    notices: Any = says(world, "notices")
    assert {kind for kind, *_ in notices} == {"no_contact", "merged"}


def test_who_gave_figures_leads_what_it_takes_over(make_world: MakeWorld) -> None:
    """SHUI leads I03, CAI gives its data, I01 they lead together; of both something is to be set aside."""
    world = make_world(USUAL)
    run(world, "2022-03-14")
    world.at("10:00")
    world.answer("shui", status="completed")
    for unit in ("shui", "cai"):
        for item in ("I01", "I03"):
            offices.set_aside(world, unit, item, "suspended")
    offices.merge(world, "shui", "cai")
    world.compare("the merger")
    items: Any = says(world, "items")
    taken_over = [(items["cai", item][0][:2]) for item in ("I01", "I03")]
    assert taken_over == [("lead", "not_started"), ("lead", "completed")]
    run(world, "2022-03-15")
    world.compare("the day after")


def test_who_had_claimed_its_share_claims_with_the_open_one_that_it_takes_over(make_world: MakeWorld) -> None:
    """XING and LIN lead P1 together; XING has claimed its share when it takes over what LIN began."""
    world = make_world(USUAL)
    run(world, "2022-03-14")
    world.at("10:00")
    world.answer("xing", status="completed")
    world.answer("lin")
    offices.merge(world, "lin", "xing")
    world.compare("the merger")
    items: Any = says(world, "items")
    assert items["xing", "P1"][0][:2] == ("lead", "in_progress")
    world.recall("xing", "P1")
    world.submit("xing", "P1", status="completed")
    world.compare("the new claim")
    run(world, "2022-03-15", "2022-03-28")


def test_a_hold_is_released_though_an_answer_was_given_to_a_lost_mail(make_world: MakeWorld) -> None:
    """Nobody knew whether the mail of the 14th arrived; answered, found lost, nobody to ask again, held."""
    world = make_world(USUAL)
    run(world, "2022-03-14", fate={"liaison@shui.example": Result.NO_ANSWER})
    world.go_to(date(2022, 3, 14), "10:00")
    world.submit("shui", "I01")
    world.settle(world.letters("unknown")[0], sent=False)
    world.end("shui", "liaison")
    run(world, "2022-03-15")
    world.at("10:00")
    offices.hold(world)
    world.go_to(date(2022, 3, 17))
    offices.release(world)
    world.compare()


def test_what_was_decided_is_not_told_any_more_as_waiting(make_world: MakeWorld) -> None:
    """Asked on the 16th, decided between the run and the mail of the 17th: the mail does not ask."""
    world = make_world(USUAL)
    run(world, "2022-03-14")
    world.go_to(date(2022, 3, 16), "10:00")
    offices.ask_extension(world, "shui", "I01", date(2022, 4, 20))
    world.go_to(date(2022, 3, 17))
    world.decide()
    offices.decide_extension(world, "shui", "I01", grant=True)
    world.deliver()
    letters: Any = says(world, "letters")
    lines = letters[date(2022, 3, 17), "liaison@ban.example", ("envelope",)][2]
    dropped = {ref[0]: line[1] for (kind, ref, _), line in lines.items() if kind == "notice"}
    assert dropped == {"extension_asked": True}


def asked_adhoc(world: World, unit: str) -> dict[date, set[str]]:
    """What the ad-hoc rounds asked a unit."""
    rows: Any = says(world, "requests")
    return {
        printed: set(items)
        for ((printed, kind), owner), (*_, items) in rows.items()
        if (owner, kind) == (unit, "adhoc")
    }


def test_two_adhoc_rounds_that_leave_together_ask_a_question_once(make_world: MakeWorld) -> None:
    """Both were missed; the mail of the 18th names I01 and I03 in the newer one, which takes up the older."""
    world = make_world(USUAL)
    world.run("2022-03-15")
    world.at("10:00")
    offices.plan_adhoc(world, date(2022, 3, 16), ["shui"])
    offices.plan_adhoc(world, date(2022, 3, 17), ["shui"])
    world.run("2022-03-18")
    rounds = says(world, "rounds")
    assert rounds[date(2022, 3, 16), "adhoc"] == ("taken_up", date(2022, 3, 18))
    assert rounds[date(2022, 3, 17), "adhoc"] == ("open", date(2022, 3, 18))
    assert asked_adhoc(world, "shui") == {date(2022, 3, 17): {"I01", "I03"}}


def test_an_older_round_that_leaves_later_leaves_the_newer_ad_hoc_question_where_it_is(
    make_world: MakeWorld,
) -> None:
    """3 May is missed and waits over Sunday the 8th, when lin is asked ad hoc; it leaves on the 9th."""
    world = make_world(ON_HOLIDAYS)
    run(world, "2022-04-14")
    world.go_to(date(2022, 5, 8), "08:00")
    assert offices.plan_adhoc(world, date(2022, 5, 8), ["lin"])
    for day in ("2022-05-08", "2022-05-09"):
        world.run(day)
    requests: Any = says(world, "requests")
    asked = {name: (row[0], set(row[-1])) for (name, unit), row in requests.items() if unit == "lin"}
    assert asked[date(2022, 5, 8), "adhoc"] == ("awaiting", {"P1", "I02"})
    assert asked[date(2022, 5, 3), "regular"] == ("awaiting", {"P1"})


def test_an_answer_to_a_lost_mail_that_is_recalled_is_due_with_the_mail_that_arrived(
    make_world: MakeWorld,
) -> None:
    """The mail of the 14th was lost, that of the 15th is due on the 17th at 17:30."""
    world = make_world(USUAL)
    run(world, "2022-03-14", fate={"liaison@shui.example": Result.NO_ANSWER})
    world.go_to(date(2022, 3, 14), "10:00")
    world.submit("shui", "I01")
    world.settle(world.letters("unknown")[0], sent=False)
    run(world, "2022-03-15")
    world.at("10:00")
    world.recall("shui", "I01")
    world.go_to(date(2022, 3, 17), "10:00")
    assert lights_of(world)["shui"] != "red"


def test_a_recalled_answer_leaves_the_case_alone_that_a_returned_claim_opened(make_world: MakeWorld) -> None:
    """Late, claimed and returned on 15 April, I01 has a new case on the 18th; the old one stays closed."""
    world = make_world(USUAL)
    run(world, "2022-04-14")
    world.go_to(date(2022, 4, 15), "10:00")
    world.submit("shui", "I01", "completed")
    world.give_back("shui", "I01")
    run(world, "2022-04-18")
    world.at("10:00")
    world.submit("shui", "I01")
    world.recall("shui", "I01")
    cases: Any = says(world, "cases")
    opened = [key[3] for key, row in cases.items() if key[:3] == ("shui", "task", "I01") and not row[4]]
    assert opened == [date(2022, 4, 18)]


def test_the_office_that_claims_again_what_it_took_back_keeps_its_case(make_world: MakeWorld) -> None:
    """It leads I03 itself, due on 8 April; its claim without a figure stands on the indicator clock."""
    led_by_office = (("shui",), ("ducha",), ("ban",), ("xing",))
    world = make_world(
        small_plan(Shape(leads=led_by_office, due=("2022-05-31", "2022-05-31", "2022-04-08", "2022-05-31")))
    )
    for day in ("2022-03-14", "2022-03-28"):
        run(world, day)
    world.submit("ban", "I03", "completed")
    world.run("2022-04-11")
    assert says(world, "cases")["ban", "indicator", "I03", date(2022, 4, 11)][4] is None
    world.at("10:00")
    world.recall("ban", "I03")
    world.submit("ban", "I03", "completed")
    assert says(world, "cases")["ban", "indicator", "I03", date(2022, 4, 11)][4] is None


def test_a_signed_report_to_the_leader_above_climbs_and_ends_with_a_note(make_world: MakeWorld) -> None:
    """The administrative office's P1 is due on 20 April; signed on the 28th, rung 4 follows on 9 May."""
    world = make_world(USUAL)
    for day in ("2022-04-14", "2022-04-21", "2022-04-25", "2022-04-27"):
        world.run(day)
    (case,) = (c for c in world.books.open_cases if (c.unit, c.item) == ("xing", "P1"))
    world.go_to(date(2022, 4, 28))
    assert offices.sign(world, case)
    for day, rung in (("2022-05-07", 3), ("2022-05-09", 4)):
        world.run(day)
        assert case.rung == rung
    world.submit("xing", "P1", "completed")
    world.run("2022-05-10")
    papers: Any = says(world, "papers")
    assert {key[4]: row for key, row in papers.items() if key[:3] == ("xing", "task", "P1")} == {
        "report_above": (date(2022, 4, 27), "signed", date(2022, 4, 28)),
        "supervision_report": (date(2022, 5, 9), "void", None),
        "resolution_note": (date(2022, 5, 10), "draft", None),
    }
