"""Steps on the real plan: the office sets them, units claim them, the office confirms."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.domain.errors import EcoError, Refused, WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import settle, steps
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Audit, Plan, Unit
from tests.office import OPERATOR, Office, at, liaison


def add(office: Office, item: str = "I04", title: str = "编制方案", **more: Any) -> steps.StepRow:
    """The office adds a step on 2 March, of weight 1 unless said."""
    said = {"weight": 1, "due_on": None, **more}
    return steps.add(office.database, item, title, now=at("2022-03-02"), by=OPERATOR, **said)


def done(office: Office, n: int, day: str, item: str = "I04") -> steps.StepRow:
    """A unit claims a step."""
    return steps.done(office.database, item, n, now=at(day), by=OPERATOR)


def confirm(office: Office, n: int, day: str, item: str = "I04") -> steps.StepRow:
    """The office confirms a step."""
    return steps.confirm(office.database, item, n, now=at(day), by=OPERATOR)


def test_a_step_is_set_claimed_and_confirmed(office: Office) -> None:
    """Each act with its day, and the confirmation with its name; weights count against their sum."""
    add(office, weight=3, due_on=date(2022, 4, 1))
    add(office, "I04", "全面实施", weight=7)
    done(office, 1, "2022-03-20")
    confirm(office, 1, "2022-03-21")
    with office.database.read() as session:
        rows = steps.listed(session, Viewer("console"), plan=None, item="i04")
    assert rows == [
        steps.StepRow("I04", 1, "编制方案", 3, 10, date(2022, 4, 1), date(2022, 3, 20), date(2022, 3, 21),
                      "operator"),
        steps.StepRow("I04", 2, "全面实施", 7, 10, None, None, None, ""),
    ]  # fmt: skip


def test_steps_are_numbered_item_by_item(office: Office) -> None:
    """Each item starts at 1."""
    numbers = [add(office, item).n for item in ("I04", "I04", "I05", "I04")]
    assert numbers == [1, 2, 1, 3]


def test_every_act_is_in_the_audit_chain(office: Office) -> None:
    """Who did what to which step, by their own names; the chain stays whole."""
    add(office)
    steps.done(office.database, "I04", 1, now=at("2022-03-03"), by=liaison("shuiwuju"))
    confirm(office, 1, "2022-03-04")
    with office.database.read() as session:
        plan = session.exec(select(Plan)).one()
        acts = session.exec(select(Audit).order_by(col(Audit.n))).all()[-3:]
        assert [(act.action, act.actor) for act in acts] == [
            ("step_add", "operator"),
            ("step_done", "liaison of shuiwuju"),
            ("step_confirm", "operator"),
        ]
        assert all('"step": "I04 1"' in act.detail for act in acts)
        assert plan.id is not None
        assert broken_at(session, plan.id) is None


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ({"title": "  "}, WrongInput, "title"),
        ({"title": "两\n行"}, WrongInput, "one line"),
        ({"weight": 0}, WrongInput, "--weight 0"),
        ({"weight": -1}, WrongInput, "--weight -1"),
        ({"weight": 10**20}, WrongInput, "from 1 to 10000"),
        ({"item": "I99"}, WrongInput, "'I99'"),
        ({"due_on": date(2022, 6, 1)}, WrongInput, "2022-05-31, when I04 itself is due"),
        ({"due_on": date(2021, 9, 30)}, WrongInput, "2021-10-01"),
        ({"item": "I35"}, Refused, "figures only"),
    ],
)
def test_a_step_that_cannot_be_is_refused(
    office: Office, said: dict[str, Any], error: type[EcoError], words: str
) -> None:
    """In words, and nothing is written."""
    with pytest.raises(error, match=words):
        add(office, **said)
    with office.database.read() as session:
        assert steps.listed(session, Viewer("console"), plan=None, item="I04") == []


def test_an_external_milestone_takes_steps_up_to_the_plans_end(office: Office) -> None:
    """It has no due date of its own."""
    assert add(office, "M3.1", due_on=date(2022, 12, 31)).n == 1


def test_an_item_closed_out_takes_no_more_steps(office: Office) -> None:
    """Its progress is whole."""
    settle.settle_item(
        office.database, "M1.1", evidence="档案室", due_on=None, now=at("2022-03-02"), by=OPERATOR
    )
    with pytest.raises(Refused, match="closed out"):
        add(office, "M1.1")


def test_the_office_confirms_only_what_was_claimed_and_once(office: Office) -> None:
    """Not before the claim, not twice; a claim is made once, too."""
    add(office)
    with pytest.raises(Refused, match="First: eco step done I04 1"):
        confirm(office, 1, "2022-03-10")
    done(office, 1, "2022-03-10")
    with pytest.raises(Refused, match="done on 2022-03-10 already"):
        done(office, 1, "2022-03-11")
    with pytest.raises(WrongInput, match="Correct --now"):
        confirm(office, 1, "2022-03-09")
    confirm(office, 1, "2022-03-10")
    with pytest.raises(Refused, match="confirmed on 2022-03-10 already"):
        confirm(office, 1, "2022-03-12")


def test_a_step_that_is_not_there_and_a_day_outside_the_plan(office: Office) -> None:
    """Both say what there is."""
    with pytest.raises(WrongInput, match="Known: none; add one with: eco step add I04"):
        done(office, 1, "2022-03-10")
    add(office)
    with pytest.raises(WrongInput, match=r"no step 2\. Known: 1"):
        done(office, 2, "2022-03-10")
    with pytest.raises(WrongInput, match="outside the plan"):
        done(office, 1, "2023-01-01")


def test_a_unit_sees_the_steps_of_its_own_items_only(office: Office) -> None:
    """I04 is the water bureau's."""
    add(office)
    with office.database.read() as session:
        ids = dict(session.exec(select(Unit.code, Unit.id)).all())
        for unit, count in (("shuiwuju", 1), ("caizhengju", 0)):
            viewer = Viewer(unit, frozenset({ids[unit] or 0}))
            assert len(steps.listed(session, viewer, plan=None, item="I04")) == count
