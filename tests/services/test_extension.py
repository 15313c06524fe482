"""Extensions: asked for before the due date, decided by the office (DOMAIN 4, 5 and 9)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eco_workflow.domain.errors import EcoError, Refused, WrongInput
from eco_workflow.domain.roles import Actor
from eco_workflow.services import extension
from eco_workflow.services.calendar import published_calendar
from tests.office import ADMIN, OPERATOR, SUPERVISOR, Office, at, liaison
from tests.reliability.picture import picture
from tests.services.desk import LEADER, cases, keep_open, owed, told, unit_leader

MONEY = liaison("caizhengju")
I33 = ("caizhengju", "I33")
"""Green procurement: the bureau of finance alone, due on 31 May 2022, a Tuesday."""


def ask(office: Office, day: str, until: str, by: Actor = MONEY, **more: Any) -> extension.Extended:
    said = {"unit": "caizhengju", "item": "I33", "reason": "年度数据六月发布", **more}
    return extension.ask(
        office.database, **said, until=date.fromisoformat(until), now=at(day, "10:00"), by=by
    )


def decide(office: Office, day: str, *, grant: bool, by: Actor = OPERATOR, **more: Any) -> extension.Extended:
    said = {"unit": "caizhengju", "item": "I33", "reason": "", **more}
    return extension.decide(
        office.database, **said, grant=grant, days=published_calendar(), now=at(day, "15:00"), by=by
    )


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The plan is active from Sunday, 15 May 2022; I33 and the host bureau's I05 are open."""
    made = Office(database, tmp_path / "office")
    made.open("2022-05-15")
    keep_open(made, "I33", "I05")
    return made


def test_a_granted_extension_moves_the_due_date_and_the_first_stays_on_record(office: Office) -> None:
    asked = ask(office, "2022-05-20", "2022-06-20")
    assert (asked.state, asked.due_on, asked.late_from) == ("pending", date(2022, 5, 31), None)
    office.run("2022-05-23")
    assert told(office, "2022-05-23", "extension_asked") == [("extension_asked", "chuangjianban", "liaison")]
    granted = decide(office, "2022-05-25", grant=True)
    assert (granted.state, granted.due_on, granted.first_due_on, granted.late_from) == (
        "granted", date(2022, 6, 20), date(2022, 5, 31), date(2022, 6, 21),
    )  # fmt: skip
    office.run("2022-05-26")  # the day on which I05 is warned of, three working days before 31 May
    assert told(office, "2022-05-26", "extension_granted", "extension_refused") == [
        ("extension_granted", "caizhengju", "leader"),
        ("extension_granted", "caizhengju", "liaison"),
    ]
    assert owed(office, "shengtaiju", "I05").warned_on == date(2022, 5, 26)
    assert owed(office, *I33).warned_on is None
    office.run("2022-06-01")
    assert cases(office) == [("shengtaiju", "I05", "2022-05-31", 1, "")]
    office.run("2022-06-15")  # three working days before the new date
    assert owed(office, *I33).warned_on == date(2022, 6, 15)
    office.run("2022-06-20")
    assert [case[1] for case in cases(office)] == ["I05"]
    office.run("2022-06-21")
    assert cases(office)[1:] == [("caizhengju", "I33", "2022-06-20", 1, "")]


def test_a_pending_extension_is_not_late_and_refused_after_the_due_date_one_working_day_remains(
    office: Office,
) -> None:
    """Refused on Thursday, 2 June; Friday is a holiday, so Monday remains and Tuesday is late."""
    ask(office, "2022-05-31", "2022-06-30")  # the due date itself is the last day on which one may ask
    for day in ("2022-06-01", "2022-06-02"):
        office.run(day)
    refused = decide(office, "2022-06-02", grant=False, reason="期限为规划所定")
    assert (refused.state, refused.due_on, refused.late_from) == (
        "refused", date(2022, 5, 31), date(2022, 6, 7),
    )  # fmt: skip
    office.run("2022-06-06")
    assert [case[1] for case in cases(office)] == ["I05"]
    assert told(office, "2022-06-06", "extension_refused") == [
        ("extension_refused", "caizhengju", "leader"),
        ("extension_refused", "caizhengju", "liaison"),
    ]
    office.run("2022-06-07")
    assert cases(office)[1:] == [("caizhengju", "I33", "2022-05-31", 1, "")]
    assert owed(office, *I33).first_due_on is None


def test_refused_before_the_due_date_nothing_changes(office: Office) -> None:
    ask(office, "2022-05-20", "2022-06-20")
    decide(office, "2022-05-23", grant=False, reason="期限为规划所定")
    assert (owed(office, *I33).due_on, owed(office, *I33).clock_from) == (date(2022, 5, 31), None)
    office.run("2022-06-01")
    assert ("caizhengju", "I33", "2022-05-31", 1, "") in cases(office)


def test_granted_after_the_day_asked_for_one_working_day_remains_too(office: Office) -> None:
    """The office took its time; the unit does not pay for it."""
    ask(office, "2022-05-31", "2022-06-01")
    granted = decide(office, "2022-06-08", grant=True)
    assert (granted.due_on, granted.late_from) == (date(2022, 6, 1), date(2022, 6, 10))


def test_who_is_answered_before_anybody_heard_the_question_is_not_asked_to_decide(office: Office) -> None:
    ask(office, "2022-05-20", "2022-06-20")
    decide(office, "2022-05-20", grant=True)
    office.run("2022-05-23")
    assert told(office, "2022-05-23", "extension_asked") == []


def test_a_second_extension_is_refused_unless_a_leader_decides_it(office: Office) -> None:
    ask(office, "2022-05-20", "2022-06-20")
    decide(office, "2022-05-23", grant=True)
    ask(office, "2022-06-16", "2022-07-20")
    before = picture(office.database)
    with pytest.raises(Refused, match="granting an extension beyond the first needs a leader"):
        decide(office, "2022-06-17", grant=True)
    assert picture(office.database) == before
    granted = decide(office, "2022-06-17", grant=True, by=LEADER)
    assert (granted.due_on, granted.first_due_on) == (date(2022, 7, 20), date(2022, 5, 31))
    ask(office, "2022-07-15", "2022-08-01")
    assert decide(office, "2022-07-18", grant=False, reason="已两次延期").state == "refused"


def test_the_office_does_not_decide_for_its_host_bureau(office: Office) -> None:
    host: dict[str, Any] = {"unit": "shengtaiju", "item": "I05"}
    ask(office, "2022-05-20", "2022-06-20", by=unit_leader("shengtaiju"), **host)
    office.run("2022-05-23")
    assert told(office, "2022-05-23", "extension_asked") == [("extension_asked", "ducha", "liaison")]
    with pytest.raises(Refused, match="of the host bureau needs a supervisor"):
        decide(office, "2022-05-24", grant=True, **host)
    assert decide(office, "2022-05-24", grant=True, by=SUPERVISOR, **host).state == "granted"


def test_an_operator_records_what_the_unit_asked_by_telephone_or_on_paper(office: Office) -> None:
    assert ask(office, "2022-05-20", "2022-06-20", by=OPERATOR, means="paper").on_behalf == "paper"


WRONG: list[tuple[dict[str, Any], type[EcoError], str]] = [
    ({"reason": " "}, WrongInput, "needs --reason"),
    ({"until": "2022-05-31"}, WrongInput, "must be later than the due date, 2022-05-31"),
    ({"until": "2023-01-01"}, WrongInput, "not after the plan's end, 2022-12-31"),
    ({"day": "2022-06-01"}, Refused, "was due on 2022-05-31; an extension is asked for on that day"),
    ({"day": "2023-01-03"}, WrongInput, "lies outside the plan"),
    ({"item": "I05"}, WrongInput, "owes nothing on I05. Who does: eco item show I05"),
    ({"item": "M9.9"}, WrongInput, "There is no item 'M9.9'"),
    ({"unit": "shengtaiju", "item": "V1", "by": liaison("shengtaiju")}, Refused, "know no extension"),
    ({"unit": "tongjiju", "item": "I35", "by": liaison("tongjiju")}, Refused, "it owes figures"),
    ({"unit": "shuiwuju", "item": "I04", "by": liaison("shuiwuju")}, Refused, "is closed: there is nothing"),
    ({"by": liaison("shuiwuju")}, Refused, "needs a liaison or a unit leader of 地区财政局"),
    ({"by": SUPERVISOR}, Refused, "asking for an extension needs"),
    ({"by": ADMIN}, Refused, "asking for an extension needs"),
    ({"means": "paper"}, WrongInput, "--means is for an operator"),
    ({"by": OPERATOR, "means": "smoke"}, WrongInput, "--means 'smoke' is none of phone, paper"),
]


def test_what_cannot_be_asked_is_said_in_words_and_changes_nothing(office: Office) -> None:
    before = picture(office.database)
    for more, error, words in WRONG:
        with pytest.raises(error, match=words):
            ask(office, **{"day": "2022-05-20", "until": "2022-06-20", **more})
    for by in (MONEY, SUPERVISOR, ADMIN):
        with pytest.raises(Refused, match="deciding an extension needs an operator"):
            decide(office, "2022-05-20", grant=True, by=by)
    with pytest.raises(Refused, match="No extension of I33"):
        decide(office, "2022-05-20", grant=True)
    assert picture(office.database) == before
    ask(office, "2022-05-20", "2022-06-20")
    before = picture(office.database)
    with pytest.raises(Refused, match="has waited for its decision since 2022-05-20"):
        ask(office, "2022-05-23", "2022-06-20")
    with pytest.raises(WrongInput, match="A refusal needs --reason"):
        decide(office, "2022-05-23", grant=False)
    with pytest.raises(WrongInput, match="was asked for on 2022-05-20"):
        decide(office, "2022-05-19", grant=True)
    assert picture(office.database) == before
