"""What each check of a milestone lets pass, and every way in which it does not (DOMAIN 7)."""

from datetime import date

import pytest

from eco_workflow.domain.gates import (
    Facts,
    Gate,
    Held,
    Judged,
    Milestone,
    Reason,
    State,
    dates,
    fallen,
    indicators,
    judge,
    not_covered,
    people,
    rounds,
    task_sheets,
)

TODAY = date(2022, 6, 1)
PAST, LATER = date(2022, 5, 31), date(2022, 6, 30)
LACK = Reason("evidence", "M2.2/E1", "工作报告", value="nobody filed it")
GAP = Reason("gap", "I07/E1/2021", "监测数据", value="nobody filed it")
VETO = Reason("veto", "V3/shuiwuju", value="pending")


def said(reasons: list[Reason]) -> list[str]:
    return [reason.said for reason in reasons]


@pytest.mark.parametrize(
    ("facts", "found", "state", "keys"),
    [
        (Facts("closed", PAST, checked=False), [], State.CLOSED, []),
        (Facts("closed", PAST), [LACK], State.OVERDUE, [LACK.key]),
        (Facts("closed", LATER, external=True), [LACK], State.WAITING, [LACK.key]),
        (Facts("closed", LATER, awaits=("M3.1",)), [VETO], State.WAITING, [VETO.key]),
        (Facts("closed", PAST, over=True), [LACK], State.CLOSED, []),
        (Facts("in_progress", PAST, over=True), [LACK], State.OVERDUE, [LACK.key]),
        (Facts("not_applicable", PAST), [LACK], State.CLOSED, []),
        (Facts("not_applicable", PAST, checked=False), [], State.CLOSED, []),
        (Facts("not_applicable", PAST), [GAP], State.OVERDUE, [GAP.key]),
        (Facts("not_applicable", LATER), [LACK, VETO], State.WAITING, [VETO.key]),
        (Facts("not_applicable", None, external=True), [], State.CLOSED, []),
        (Facts("not_applicable", None, awaits_award=True), [GAP], State.CLOSED, []),
        (Facts("not_started", PAST), [], State.READY, []),
        (Facts("completed", PAST), [LACK], State.OVERDUE, ["evidence:M2.2/E1"]),
        (Facts("in_progress", TODAY), [LACK], State.WAITING, ["evidence:M2.2/E1"]),
        (Facts("in_progress", LATER), [LACK], State.WAITING, ["evidence:M2.2/E1"]),
        (Facts("in_progress", None), [LACK], State.WAITING, ["evidence:M2.2/E1"]),
        (Facts("suspended", PAST), [], State.OVERDUE, ["suspended:M"]),
        (Facts("not_started", PAST, checked=False), [], State.OVERDUE, ["reported:M"]),
        (Facts("completed", PAST, checked=False), [], State.READY, []),
        (Facts("in_progress", None, external=True, checked=False), [], State.EXTERNAL, ["external:M"]),
        (Facts("completed", None, external=True), [LACK], State.EXTERNAL, [LACK.key, "external:M"]),
        (Facts("completed", PAST, awaits=("M3.1",)), [], State.EXTERNAL, ["awaits:M"]),
        (Facts("not_started", None, awaits_award=True), [LACK], State.WAITING, ["awaits:M"]),
    ],
)
def test_the_state_of_a_milestone(facts: Facts, found: list[Reason], state: State, keys: list[str]) -> None:
    """Due today is not late yet; what waits for others is late for nobody here."""
    judged = judge("M", "title", facts, found, TODAY)
    assert (judged.state, [reason.key for reason in judged.reasons]) == (state, keys)
    assert judged.blocks is not facts.awaits_award


def test_a_phase_lacks_what_its_milestones_lack_each_thing_once() -> None:
    """The same veto may hold phase and milestone: one reason. What awaits the award blocks nothing."""
    veto = Reason("veto", "V3/shuiwuju")
    held = Milestone("M3.2", "", State.WAITING, (LACK, veto), None, blocks=True)
    award = Milestone("M4.2", "", State.WAITING, (Reason("awaits", "M4.2"),), None, blocks=False)
    gate = Gate((held, award), beside=(veto,))
    assert gate.reasons == (LACK, veto)
    assert not gate.agrees
    assert Gate((award,)).agrees


def test_a_conditional_pass_covers_what_it_names_and_never_a_veto() -> None:
    """What has come since, the leader has not passed over."""
    veto, new = Reason("veto", "V3/shuiwuju"), Reason("gap", "I07/E1/2021")
    assert not_covered([LACK], [LACK.key]) == []
    assert not_covered([LACK, new, veto], [LACK.key, veto.key]) == [new, veto]


def test_everybody_on_the_roster_and_everybody_asked_has_both_people() -> None:
    assert people({"地区水务局": ["liaison", "leader"]}) == []
    assert said(people({"地区水务局": ["liaison"], "地区财政局": []})) == [
        "地区水务局 has no leader in charge",
        "地区财政局 has no liaison",
        "地区财政局 has no leader in charge",
    ]


def test_every_task_sheet_was_sent() -> None:
    assert task_sheets({"地区水务局": "sent"}) == []
    assert said(task_sheets({"地区水务局": "failed", "地区财政局": None})) == [
        "the task sheet of 地区水务局 is failed",
        "the task sheet of 地区财政局 was not sent",
    ]


@pytest.mark.parametrize(
    ("held", "lacks"),
    [
        (Held(PAST, "open", released=True), []),
        (Held(PAST, "backfill"), []),
        (Held(PAST, "skipped", noted=True), []),
        (Held(LATER, "planned"), []),
        (Held(PAST, "planned"), ["the round of 2022-05-31 was not held"]),
        (Held(PAST, "skipped"), ["the round of 2022-05-31 was skipped, and nobody noted why"]),
        (Held(TODAY, "open"), ["the summary of 2022-06-01 is not released"]),
    ],
)
def test_every_round_was_held_and_its_summary_released(held: Held, lacks: list[str]) -> None:
    assert said(rounds([held], TODAY)) == lacks


def indicator(**differs: object) -> Judged:
    met = {
        "code": "I07",
        "name": "环境空气质量",
        "binding": True,
        "verdict": "met",
        "value": "95.3%",
        "target": "≥95%",
        "units": ("地区生态环境局",),
    }
    return Judged(**(met | differs))  # type: ignore[arg-type]


def test_an_indicator_has_a_confirmed_date_and_what_its_target_needs() -> None:
    assert dates([indicator()], "地区创建办") == []
    unknown = ("the superior's figure of I07.1", "the superior's figure of I07.2")
    assert said(dates([indicator(unconfirmed=("地区生态环境局",), unknown=unknown)], "地区创建办")) == [
        "I07 环境空气质量: no date and target figure is agreed on with 地区生态环境局",
        "I07 环境空气质量: nobody recorded the superior's figure of I07.1, the superior's figure of I07.2 "
        "(地区创建办 is to ask for it)",
    ]


@pytest.mark.parametrize(
    ("differs", "lacks"),
    [
        ({}, []),
        ({"verdict": "unmet", "value": "94.1%"}, ["indicator:I07"]),
        ({"verdict": "undetermined", "value": "no figure"}, ["indicator:I07"]),
        ({"verdict": "unmet", "waived": True}, ["indicator:I07"]),
        ({"verdict": "unmet", "binding": False}, ["reference:I07"]),
        ({"verdict": "unmet", "binding": False, "waived": True}, []),
        ({"verdict": "undetermined", "binding": False}, ["reference:I07"]),
    ],
)
def test_all_indicators_are_met_or_a_reference_one_is_waived(
    differs: dict[str, object], lacks: list[str]
) -> None:
    """A waiver says nothing for a binding one."""
    assert [reason.key for reason in indicators([indicator(**differs)])] == lacks


def test_an_unmet_binding_indicator_says_its_value_its_target_and_its_unit() -> None:
    [reason] = indicators([indicator(verdict="unmet", value="94.1%")])
    assert reason.said == "I07 环境空气质量: unmet, 94.1%; wanted is ≥95% (地区生态环境局)"


@pytest.mark.parametrize(
    ("differs", "lacks"),
    [
        ({"verdict": "unmet"}, []),
        ({"fell": True, "verdict": "unmet", "value": "93.6%"}, ["93.6%"]),
        ({"fell": True, "verdict": "unmet", "value": "93.6%", "renewed": True}, ["93.6%"]),
        ({"fell": True, "verdict": "undetermined", "value": ""}, ["undetermined, no figure"]),
        ({"fell": True, "verdict": "undetermined", "renewed": True}, ["undetermined, 95.3%"]),
        (
            {"fell": True, "verdict": "unmet", "because": "V3发生，核实属实"},
            ["unmet, 95.3% (V3发生，核实属实)"],
        ),
        (
            {"fell": True, "verdict": "undetermined", "value": "", "because": "数据不一致"},
            ["undetermined (数据不一致)"],
        ),
        ({"fell": True}, ["95.3%, not accepted since"]),
        ({"fell": True, "renewed": True}, []),
    ],
)
def test_an_indicator_that_has_fallen_is_mended_by_a_figure_that_was_accepted_since(
    differs: dict[str, object], lacks: list[str]
) -> None:
    """Nobody's figure lifts the hold before the office has looked at it, nor one that cannot be judged."""
    assert [reason.value for reason in fallen([indicator(**differs)])] == lacks
