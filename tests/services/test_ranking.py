"""The ranking on the real plan: what fell due, what was delivered, who is not ranked, who may look."""

import pytest
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import progress
from eco_workflow.services.annul import annul
from eco_workflow.services.ranking import ranked
from eco_workflow.store.tables import Case, Item, Unit
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison

LEADER = Viewer("leader", role="leader")
DUTIES_ONLY = (
    "地委宣传部",
    "地区工业和信息化局",
    "地区教育局",
    "地区商务局",
    "地区卫生健康委",
    "地区应急管理局",
    "地区公安局",
    "对俄经贸园区管委办",
)
"""Subordinate units with duties that lead nothing."""


def look(office: Office, day: str, viewer: Viewer = LEADER) -> dict[str, dict[str, tuple[int | None, str]]]:
    """Class → unit → place and share."""
    with office.database.read() as session:
        found = ranked(session, viewer, plan=None, now=at(day, "18:00"))
    return {one.code: {row.unit: (row.place, row.text) for row in one.rows} for one in found}


def annul_open_case(office: Office, unit: str, day: str, item: str | None = None) -> None:
    """Two persons take back what a unit's newest case says."""
    with office.database.read() as session:
        found = (
            select(Case.id)
            .join(Unit, col(Unit.id) == Case.unit_id)
            .join(Item, col(Item.id) == Case.item_id, isouter=True)
            .where(Unit.code == unit, Item.code == item, col(Case.closed_on).is_(None))
        )
        number = session.exec(found).one() or 0
    for by in (OPERATOR, SUPERVISOR):
        annul(office.database, number, "误记", now=at(day, "12:00"), by=by)


def test_before_the_first_due_date_everybody_stands_with_two_zeros(office: Office) -> None:
    """On the due day itself nothing is due yet; milestones of before activation never are."""
    found = look(office, "2022-05-31")
    assert set(found["five_or_more"].values()) == {(None, "应完成0项，逾期0项")}
    assert list(found["five_or_more"]) == ["地区生态环境局", "地区住房城乡建设局", "地区创建办"]


def test_the_share_late_of_what_fell_due_orders_each_class(office: Office) -> None:
    """A claim in time with its figure is not late, one without it is; equal shares share a place."""
    office.result("2022-05-28", confirmed="2022-05-28")
    office.answer("shengtaiju", "2022-05-30", status="completed")
    figure = Answer("completed", value="80", period="2021")
    progress.submit(
        office.database, "caizhengju", "I33", figure, now=at("2022-05-30"), by=liaison("caizhengju")
    )
    found = look(office, "2022-06-01")
    assert found["five_or_more"] == {
        "地区住房城乡建设局": (1, "应完成6项，逾期6项"),
        "地区创建办": (1, "应完成3项，逾期3项"),
        "地区生态环境局": (3, "应完成14项，逾期13项"),
    }
    assert found["one_to_four"]["地区财政局"] == (len(found["one_to_four"]), "应完成1项，逾期0项")
    assert found["one_to_four"]["地区水务局"] == (1, "应完成4项，逾期4项")


def test_independent_and_vertical_units_have_figures_and_no_place(office: Office) -> None:
    """Courts and the discipline commission lead, two have duties only, the survey team provides data."""
    assert look(office, "2022-06-01")["unranked"] == {
        "地区纪委监委": (None, "应完成1项，逾期1项"),
        "地区中级人民法院": (None, "应完成1项，逾期1项"),
        "大兴安岭林业集团公司": (None, "应填报0项，未按时填报0项"),
        "地区气象局": (None, "应填报0项，未按时填报0项"),
        "大兴安岭调查队": (None, "应报送0项，按时报送0项"),
    }


def test_a_figure_counts_when_it_came_with_its_value_by_the_due_time(office: Office) -> None:
    """An answer without a figure delivers none; a figure after 17:30 of the due day is late."""
    office.silent("2022-03-14")
    assert look(office, "2022-03-15")["delivery"]["地区统计局"] == (None, "应报送0项，按时报送0项")
    figure = Answer("in_progress", value="80.5", period="2021")
    for unit, item, answer, clock in (
        ("tongjiju", "I35", figure, "17:30"),
        ("tongjiju", "I36", Answer("in_progress"), "17:30"),
        ("shijianju", "I32", Answer("in_progress", value="I32.1=80.5", period="2021"), "17:31"),
    ):
        progress.submit(office.database, unit, item, answer, now=at("2022-03-16", clock), by=OPERATOR)
    assert look(office, "2022-03-16")["delivery"] == {
        "地区发展改革委": (1, "应报送1项，按时报送0项"),
        "地区水务局": (1, "应报送1项，按时报送0项"),
        "地区市场监督管理局": (1, "应报送1项，按时报送0项"),
        "地区统计局": (4, "应报送3项，按时报送1项"),
    }


def test_a_figure_taken_back_was_not_delivered_and_a_returned_one_was(office: Office) -> None:
    """A recall undoes the delivery, also where a figure follows late, or an answer without one in time; a
    return asks for something better, and the mark stays.
    """
    office.silent("2022-03-14")

    def submit(item: str, clock: str, *, day: str = "2022-03-15", value: str = "80.5") -> None:
        said = Answer("in_progress", value=value, period="2021" if value else "")
        progress.submit(office.database, "tongjiju", item, said, now=at(day, clock), by=OPERATOR)

    def recall(item: str, clock: str, day: str = "2022-03-15") -> None:
        progress.recall(office.database, "tongjiju", item, now=at(day, clock), by=OPERATOR)

    for item, value in (("I32", "I32.1=80.5"), ("I35", "80.5"), ("I36", "80.5")):
        submit(item, "09:00", value=value)
    recall("I36", "10:00")
    recall("I32", "10:00")
    submit("I32", "11:00", value="")
    office.give_back("tongjiju", "I35", "2022-03-16")
    submit("I35", "12:00", day="2022-03-16")
    recall("I35", "13:00", day="2022-03-16")
    submit("I36", "09:00", day="2022-03-17")
    assert look(office, "2022-03-17")["delivery"]["地区统计局"][1] == "应报送3项，按时报送1项"


def test_units_that_owe_nothing_are_not_ranked(office: Office) -> None:
    """Supporting units are informed; those with duties only stand apart, as duties have no due date."""
    found = look(office, "2022-06-01")
    assert found["duties_only"] == dict.fromkeys(DUTIES_ONLY, (None, "应填报0项，未按时填报0项"))
    assert all("地区机关事务管理局" not in units for units in found.values())


def test_who_has_duties_only_is_ranked_by_the_answers_given_in_time(office: Office) -> None:
    """On the 28th each is asked about its duties; they have no date by which they could be late."""
    office.silent("2022-03-14", "2022-03-28")
    said = Answer("in_progress")
    progress.submit(office.database, "jiaoyuju", "D11.1", said, now=at("2022-03-30"), by=OPERATOR)
    progress.recall(office.database, "jiaoyuju", "D11.1", now=at("2022-03-30"), by=OPERATOR)
    for code in office.owed("jiaoyuju"):
        clock = "17:31" if code == "D11.1" else "17:30"
        progress.submit(office.database, "jiaoyuju", code, said, now=at("2022-03-30", clock), by=OPERATOR)
    found = look(office, "2022-03-30")["duties_only"]
    assert found["地区教育局"] == (8, "应填报2项，未按时填报1项")
    assert {place for place, _ in found.values()} == {1, 8}


def test_a_silence_annulled_as_an_error_is_neither_due_nor_late(office: Office) -> None:
    """Answers and figures given in time count still; so does the silence once a new case covers it."""
    office.silent("2022-03-14")
    figure = Answer("in_progress", value="80.5", period="2021")
    progress.submit(office.database, "tongjiju", "I35", figure, now=at("2022-03-16"), by=OPERATOR)
    office.run("2022-03-17")
    assert look(office, "2022-03-17")["delivery"]["地区统计局"] == (4, "应报送3项，按时报送1项")
    annul_open_case(office, "tongjiju", "2022-03-17")
    assert look(office, "2022-03-17")["delivery"]["地区统计局"] == (4, "应报送1项，按时报送1项")
    assert look(office, "2022-03-17")["delivery"]["地区水务局"] == (1, "应报送1项，按时报送0项")
    office.run("2022-03-18")
    assert look(office, "2022-03-18")["delivery"]["地区统计局"] == (4, "应报送3项，按时报送1项")


def test_answers_on_duties_are_out_of_the_ranking_with_their_annulled_case(office: Office) -> None:
    """What is answered after the annulment stays out: it was late by an error."""
    office.silent("2022-03-14", "2022-03-28", "2022-03-31")
    assert look(office, "2022-03-31")["duties_only"]["地区教育局"] == (1, "应填报2项，未按时填报2项")
    annul_open_case(office, "jiaoyuju", "2022-03-31")
    office.answer("jiaoyuju", "2022-03-31", "13:00")
    found = look(office, "2022-03-31")["duties_only"]
    assert found["地区教育局"] == (None, "应填报0项，未按时填报0项")
    assert found["地区商务局"][0] == 1


def test_an_item_whose_case_was_annulled_is_neither_due_nor_late(office: Office) -> None:
    """Until a case that is not annulled says that it is late."""
    office.result("2022-05-28", confirmed="2022-05-28")
    office.run("2022-06-01")
    assert look(office, "2022-06-01")["one_to_four"]["地区水务局"] == (1, "应完成4项，逾期4项")
    annul_open_case(office, "shuiwuju", "2022-06-01", "I16")
    assert look(office, "2022-06-01")["one_to_four"]["地区水务局"] == (1, "应完成3项，逾期3项")
    office.run("2022-06-02")
    assert look(office, "2022-06-02")["one_to_four"]["地区水务局"] == (1, "应完成4项，逾期4项")


@pytest.mark.parametrize("role", ["operator", "liaison", "unit_leader", ""])
def test_nobody_else_may_look(office: Office, role: str) -> None:
    """Leaders and supervisors only (DOMAIN 6)."""
    with office.database.read() as session, pytest.raises(Refused, match="leader and supervisor only"):
        ranked(session, Viewer("someone", role=role), plan=None, now=at("2022-06-01"))


def test_a_viewer_of_some_units_sees_those(office: Office) -> None:
    """The rows of others are left out."""
    with office.database.read() as session:
        own = session.exec(select(Unit.id).where(Unit.code == "caizhengju")).one()
    found = look(office, "2022-06-01", Viewer("leader", frozenset({own or 0}), role="leader"))
    assert {code: list(units) for code, units in found.items() if units} == {"one_to_four": ["地区财政局"]}
