"""Surveys: what they found is the data provider's figure, with its files kept, reviewed like any answer."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import EcoError, Refused, Unavailable, WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import (
    evidence,
    evidence_shown,
    indicators,
    new_figure,
    progress,
    review,
    surveys,
    surveys_shown,
)
from eco_workflow.services.on_behalf import confirm
from eco_workflow.services.surveys import Held, Recorded
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Audit, Entry, Item, Obligation, Plan, Report, Survey, Unit
from tests.office import ADMIN, OPERATOR, Office, at, liaison
from tests.phase_office import county

CONSOLE = Viewer("console")
SURVEYORS = liaison("ducha")
PROVIDED = (
    (
        'target: 全面实施\n    source: "五3"\n    due_on: 2022-06-30\n'
        "    lead: [shuili]\n    supporting: [xiaozu]\n"
        "    tests: [{kind: stated, words: 全面实施}]\n    linked_veto: V1\n",
        'unit: "%"\n    target: ≥80\n    source: "五3"\n    due_on: 2022-06-30\n'
        '    data_providers: [shuili, ducha]\n    tests: [{kind: bound, at_least: "80"}]\n',
    ),
    ("lead_links: 3", "lead_links: 2"),
    ("supporting_links: 2", "supporting_links: 1"),
    ("data_provider_links: 1", "data_provider_links: 3"),
    ("data: monthly", "data: every_round"),
)
"""I03 is asked of data providers alone, in every round, as the source asks for what people think."""


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """Monday, 7 March: the first round has left; the surveyors owe I01 and I03."""
    made = county(database, tmp_path, *PROVIDED)
    made.silent("2022-03-07")
    return made


def file(office: Office, name: str, content: str) -> str:
    path = office.home.parent / name
    path.write_text(content, encoding="utf-8")
    return str(path)


def record(office: Office, day: str = "2022-03-08", by: Any = SURVEYORS, **said: Any) -> Recorded:
    """The surveyors asked 1,000 people in February, and 85.2 % are content, unless something else is said."""
    given = {
        "name": "公众满意度调查", "sample": 1000, "from_on": date(2022, 2, 1), "until_on": date(2022, 2, 20),
        "questionnaire": None, "report": None, "values": "I03=85.2", **said,
    }  # fmt: skip
    held = Held(
        given.pop("name"),
        given.pop("questionnaire") or file(office, "问卷.docx", "满意吗？"),
        given.pop("sample"),
        given.pop("from_on"),
        given.pop("until_on"),
        given.pop("report") or file(office, "调查报告.pdf", f"{day} {given['values']}"),
    )
    return surveys.record(office.database, office.settings, held, now=at(day), by=by, **given)


def stands(office: Office, day: str, code: str = "I03") -> tuple[str, list[Any]]:
    """The verdict on a day, and the figures with the surveys that they come from."""
    with office.database.read() as session:
        found = indicators.shown(session, CONSOLE, code, plan=None, now=at(day))
    figures = [(one["value"], one["period"], one.get("survey")) for one in found["parts"][0]["figures"]]
    return found["verdict"], figures


def entry(office: Office, code: str = "I03", unit: str = "ducha") -> tuple[str, str]:
    """The newest entry's state, and the item's."""
    with office.database.read() as session:
        return session.exec(
            select(Entry.state, Obligation.state)
            .join(Item, col(Item.id) == Entry.item_id)
            .join(Unit, col(Unit.id) == Entry.unit_id)
            .join(
                Obligation,
                (col(Obligation.item_id) == Entry.item_id) & (col(Obligation.unit_id) == Entry.unit_id),
            )
            .where(Item.code == code, Unit.code == unit)
            .order_by(col(Entry.round_id).desc())
        ).first() or ("", "")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_same_survey_is_recorded_once(office: Office) -> None:
    """Known by its report: what that says of an indicator stands already. Taken back, it is recorded anew."""
    report = file(office, "报告.pdf", "同一次调查")
    made = record(office, report=report, values="I03=85.2")
    with pytest.raises(Refused, match=rf"I03 from this report is there already: survey {made.survey}\."):
        record(office, "2022-03-09", report=report, values="I03=86 I01=96", name="再录")
    assert record(office, "2022-03-09", report=report, values="I01=96").survey != made.survey
    progress.recall(office.database, "ducha", "I03", now=at("2022-03-09", "10:00"), by=SURVEYORS)
    record(office, "2022-03-10", report=report, values="I03=86")


def test_a_survey_is_the_provider_s_answer_with_its_source(office: Office, tmp_path: Path) -> None:
    """It answers what the round asked, waits for review, and its files are there to be looked at."""
    done = record(office, values="I03=85.2 I01=96")
    assert [(one.item, one.verdict) for one in done.indicators] == [("I01", "undetermined"), ("I03", "met")]
    assert (done.on_behalf, done.not_judged) == (False, ())
    source = {"number": done.survey, "name": "公众满意度调查"}
    assert stands(office, "2022-03-08") == ("met", [("85.2", "2022-02", source)])
    assert entry(office) == ("submitted", "completed")
    assert office.owed("ducha") == []
    with office.database.read() as session:
        note = session.exec(select(Report.note).join(Item, col(Item.id) == Report.item_id)).first()
        assert note == (
            f"来源：问卷调查{done.survey}号《公众满意度调查》，有效样本1000份，调查时间2022年2月1日至2022年2月20日"
        )
        [shown] = surveys_shown.listed(session, CONSOLE, plan=None)
        assert [(one["code"], one["value"], one["stands"]) for one in shown.figures] == [
            ("I01", "96", True), ("I03", "85.2", True),
        ]  # fmt: skip
        out = tmp_path / "out.docx"
        surveys_shown.hand_out(session, CONSOLE, office.settings, done.survey, "questionnaire", str(out))
        assert out.read_text("utf-8") == "满意吗？"
        others = Viewer("water", frozenset({2}))
        assert surveys_shown.listed(session, others, plan=None) == []
        with pytest.raises(Refused, match="own unit only"):
            surveys_shown.one(session, others, done.survey)
        plan = session.exec(select(Plan)).one()
        assert broken_at(session, plan.id or 0) is None
    verified = evidence_shown.verify(office.database, office.settings)
    assert (verified.whole, verified.damaged, verified.unnamed) == (2, (), 0)


def test_what_the_office_records_the_provider_confirms(office: Office) -> None:
    """Both providers give I03, so that the office says whose it is."""
    with pytest.raises(WrongInput, match=r"Name it with --unit: 县水利局、县督查组"):
        record(office, by=OPERATOR)
    assert record(office, by=OPERATOR, unit="县督查组").on_behalf
    office.run("2022-03-08")
    [mail] = office.mails("2022-03-08", "liaison@ducha.example")
    assert "85.2（2022-02）" in mail.text
    confirm(office.database, "ducha", "I03", now=at("2022-03-08", "14:00"), by=SURVEYORS)


def test_a_newer_survey_counts_until_it_is_taken_back(office: Office) -> None:
    """On a day on which nobody asks: beside what was answered, to be reviewed anew."""
    progress.submit(
        office.database, "ducha", "I03", Answer("in_progress"), now=at("2022-03-07", "10:00"),
        by=SURVEYORS,
    )  # fmt: skip
    review.accept(office.database, "ducha", "I03", now=at("2022-03-07", "11:00"), by=OPERATOR)
    record(office, "2022-03-08")
    assert entry(office) == ("submitted", "completed")
    review.accept(office.database, "ducha", "I03", now=at("2022-03-08", "11:00"), by=OPERATOR)
    newer = record(office, "2022-03-09", name="第二次调查", values="I03=79", period="2022-02")
    assert [(one.verdict, one.owed_by) for one in newer.indicators] == [("unmet", "office")]
    progress.recall(office.database, "ducha", "I03", now=at("2022-03-09", "10:00"), by=SURVEYORS)
    assert stands(office, "2022-03-09")[0] == "met"
    assert entry(office) == ("accepted", "completed")
    with office.database.read() as session:
        shown = surveys_shown.one(session, CONSOLE, newer.survey)
    assert [one["stands"] for one in shown.figures] == [False]
    third = record(office, "2022-03-10", values="I03=82")
    review.return_(
        office.database, "ducha", "I03", "缺问卷说明", office.days, now=at("2022-03-10", "11:00"), by=OPERATOR
    )
    assert stands(office, "2022-03-10")[1][0][0] == "85.2"
    assert entry(office)[0] == "returned"
    assert third.indicators[0].verdict == "met"


def test_a_survey_after_the_close_out_reopens_what_has_fallen(office: Office) -> None:
    record(office)
    review.accept(office.database, "ducha", "I03", now=at("2022-03-08", "10:00"), by=OPERATOR)
    claim = Answer("completed")
    progress.submit(
        office.database, "shuili", "I03", claim, now=at("2022-03-08", "10:30"), by=liaison("shuili")
    )
    review.close(office.database, "ducha", "I03", now=at("2022-03-08", "11:00"), by=OPERATOR)
    record(office, "2022-03-09", values="I03=84", sample=500)
    assert entry(office) == ("accepted", "closed")
    record(office, "2022-03-10", values="I03=61")
    assert stands(office, "2022-03-10")[0] == "unmet"
    assert entry(office) == ("accepted", "in_progress")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_slip_in_a_survey_is_put_right_by_what_works_there(office: Office) -> None:
    """The same report with another figure: while it waits for review, once accepted, once closed out."""
    report = file(office, "报告.pdf", "同一次调查")
    record(office, report=report)

    def refused(words: str) -> None:
        with pytest.raises(Refused, match=words):
            record(office, "2022-03-09", report=report, values="I03=86")

    refused(r"\. Take that answer back first: eco report recall 县督查组 I03; or leave")
    review.accept(office.database, "ducha", "I03", now=at("2022-03-08", "10:00"), by=OPERATOR)
    refused(
        r"It is accepted: record another survey .* eco round adhoc --units 县督查组 --items I03 --on .*; or"
    )
    progress.submit(
        office.database, "shuili", "I03", Answer("completed"), now=at("2022-03-08", "10:30"),
        by=liaison("shuili"),
    )  # fmt: skip
    review.close(office.database, "ducha", "I03", now=at("2022-03-08", "11:00"), by=OPERATOR)
    refused(r"It is closed; correct its figure with: eco indicator figure I03 --unit 县督查组; or leave")
    fixed = new_figure.give(
        office.database, "ducha", "I03", value="86", period="2022-02", now=at("2022-03-09"), by=SURVEYORS
    )
    assert (fixed.verdict, fixed.state) == ("met", "closed")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_figure_of_a_period_that_runs_is_judged_when_it_is_over(office: Office) -> None:
    """The field days lie in March: the figure is one of March."""
    made = record(office, "2022-03-09", from_on=date(2022, 3, 1), until_on=date(2022, 3, 8))
    assert made.not_judged == ("The figure of I03 cannot be judged: 2022-03 is not over.",)
    assert stands(office, "2022-03-09")[0] == "undetermined"
    assert stands(office, "2022-03-31")[0] == "met"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_survey_says_nothing_of_what_a_lead_unit_claims(office: Office) -> None:
    """The water office leads I01 and gives I03: it has delivered the one, and works on the other."""
    record(office, by=liaison("shuili"), values="I01=96 I03=85")
    assert entry(office, "I01", "shuili") == ("submitted", "in_progress")
    assert entry(office, "I03", "shuili") == ("submitted", "completed")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_must_not_be_here_goes_wherever_it_stands(office: Office) -> None:
    """The report was brought as evidence as well; both say so, the content is gone and does not come back."""
    secret = file(office, "报告.pdf", "涉密")
    made = record(office, report=secret)
    evidence.add(
        office.database, office.settings, "I01", "E1", secret, year=2021, unit="shuili",
        now=at("2022-03-08"), by=OPERATOR,
    )  # fmt: skip
    when: dict[str, Any] = {"now": at("2022-03-09"), "reason": "涉密"}
    with pytest.raises(Refused, match="quarantine needs an operator"):
        surveys_shown.quarantine(
            office.database, office.settings, made.survey, "report", by=SURVEYORS, **when
        )
    done = surveys_shown.quarantine(
        office.database, office.settings, made.survey, "report", by=OPERATOR, **when
    )
    assert done.removed
    with office.database.read() as session:
        assert [one.state for one in evidence_shown.listed(session, CONSOLE, plan=None)] == ["quarantined"]
        files = {one["part"]: one["name"] for one in surveys_shown.one(session, CONSOLE, made.survey).files}
        assert files == {"questionnaire": "问卷.docx", "report": ""}
        with pytest.raises(Refused, match="lies in quarantine"):
            surveys_shown.hand_out(session, CONSOLE, office.settings, made.survey, "report", "never")
    with pytest.raises(Refused, match="not taken in again"):
        record(office, "2022-03-10", report=secret)
    verified = evidence_shown.verify(office.database, office.settings)
    assert (verified.whole, verified.damaged, verified.not_removed, verified.unnamed) == (1, (), (), 0)
    assert stands(office, "2022-03-10")[0] == "met"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_damaged_file_is_named_and_not_handed_out(office: Office) -> None:
    made = record(office)
    [digest] = [
        one for one in (office.home / "evidence").glob("??/*") if "满意" not in one.read_text("utf-8")
    ]
    digest.write_text("changed", encoding="utf-8")
    verified = evidence_shown.verify(office.database, office.settings)
    assert verified.damaged == (f"report of survey {made.survey}",)
    with office.database.read() as session, pytest.raises(Unavailable, match="not what it was"):
        surveys_shown.hand_out(
            session, CONSOLE, office.settings, made.survey, "report", str(office.home / "out")
        )


REFUSED: list[tuple[dict[str, Any], type[EcoError], str]] = [
    ({"values": "I99=1"}, WrongInput, "no item"),
    ({"values": "P1=1"}, WrongInput, "no indicator"),
    ({"values": "I02.1=81"}, Refused, "县督查组 gives no figures of I02. Who does: 县环境分局"),
    ({"values": "I03.7=81"}, WrongInput, "no part"),
    ({"values": "I03=8500"}, WrongInput, "Correct the figure"),
    ({"values": "I03=many"}, WrongInput, "is no number"),
    ({"values": "I01=96 I03=8500"}, WrongInput, "Correct the figure"),
    ({"name": " "}, WrongInput, "--name is missing"),
    ({"name": "长" * 201}, WrongInput, "--name is 201"),
    ({"sample": 0}, WrongInput, "--sample 0"),
    ({"until_on": date(2022, 3, 9)}, WrongInput, "today, 2022-03-08, or before"),
    ({"report": "/nowhere/a.pdf"}, WrongInput, "there is none"),
    ({"questionnaire": __file__}, WrongInput, "of no kind that is taken"),
    ({"unit": "huanbao"}, Refused, "needs a liaison or a unit leader of 县环境分局"),
    ({"by": ADMIN, "unit": "ducha"}, Refused, "recording a survey needs"),
    (
        {"day": "2022-03-04"},
        WrongInput,
        "before the last run",
    ),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_no_survey_is_refused_in_words_and_leaves_nothing(office: Office) -> None:
    for said, error, words in REFUSED:
        with pytest.raises(error, match=words):
            record(office, **said)
    assert not list((office.home / "evidence").glob("??/*"))
    with office.database.read() as session:
        assert session.exec(select(Survey)).all() == []
        assert session.exec(select(Report)).all() == []
        assert session.exec(select(Audit.action)).all() == ["activate", "run"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_before_the_first_round_there_is_no_answer_to_write_it_into(database: str, tmp_path: Path) -> None:
    early = county(database, tmp_path, *PROVIDED)
    with pytest.raises(Refused, match="was not asked anything yet"):
        record(early, "2022-03-02")
