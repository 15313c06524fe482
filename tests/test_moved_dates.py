"""A date that moves is told once, from the date that its unit heard of last, however often it moved."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.services import extension, progress, review, ways
from eco_workflow.services.bounce import bounce
from eco_workflow.services.calendar import published_calendar, published_for
from eco_workflow.store.tables import Contact, Message, Notice
from tests.calendars import published, with_days
from tests.moving_calendar import I33, WATER, asked_office, known, office_of_two_items, rest
from tests.office import OPERATOR, Office, at, liaison
from tests.services.desk import owed

MONEY = "lianluo@caizhengju.dxal.example"

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    return asked_office(database, tmp_path)


@pytest.fixture
def few(database: str, tmp_path: Path) -> Office:
    return office_of_two_items(database, tmp_path)


def told(office: Office, day: str, address: str = WATER) -> str:
    """Everything that the run of a morning put into the mailbox of an address."""
    office.run(day)
    return "".join(mail.text for mail in office.mails(day, address))


def comes_back(office: Office, day: str, clock: str, address: str = WATER) -> None:
    """The day's mail comes back, and its address is mended."""
    with office.database.read() as session:
        number = session.exec(
            select(Message.id)
            .join(Contact, col(Contact.id) == Message.contact_id)
            .where(Contact.address == address, Message.on_date == date.fromisoformat(day))
        ).one()
    bounce(office.database, number or 0, "550", now=at(day, clock), by=OPERATOR)
    with office.database.write() as session:
        ways.trust_again(session, session.exec(select(Contact).where(Contact.address == address)).one())


def untold(office: Office) -> list[str]:
    """The kinds of what waits to be told."""
    with office.database.read() as session:
        return list(session.exec(select(Notice.kind).where(col(Notice.told_on).is_(None))))


# --- Answers


@pytest.mark.parametrize("day", ["2022-03-14", "2022-03-15"])
def test_a_calendar_corrected_before_anybody_heard_of_it_is_told_once_from_what_was_heard(
    office: Office, day: str
) -> None:
    """Due on the 16th as they were told; the 15th and 16th are holidays, then the 17th too."""
    known(office, with_days("2022-03-15", "2022-03-16"), "2022-03-14")
    known(office, with_days("2022-03-15", "2022-03-16", "2022-03-17"), day, "13:00")
    assert office.due() == {at("2022-03-21", "17:30")}
    text = told(office, "2022-03-18")
    assert "请于3月21日17:30（周一）前填报3月14日调度进展，原为3月16日17:30（周三）。" in text
    assert text.count("原为") == 1


@on_sqlite
def test_a_calendar_put_right_again_before_anybody_heard_of_it_is_not_told(office: Office) -> None:
    """Nor does the move back hide a later one, of the same day too."""
    wrong = with_days("2022-03-15")
    for clock, given in (("12:00", wrong), ("13:00", published(2022))):
        known(office, given, "2022-03-14", clock)
    assert office.due() == {at("2022-03-16", "17:30")}
    assert untold(office) == []
    known(office, wrong, "2022-03-14", "14:00")
    text = told(office, "2022-03-16")
    assert "请于3月17日17:30（周四）前填报3月14日调度进展，原为3月16日17:30（周三）。" in text


@on_sqlite
def test_a_correction_on_the_day_on_which_the_first_was_told_is_told_too(office: Office) -> None:
    known(office, with_days("2022-03-16"), "2022-03-15", "08:00")
    assert "原为3月16日17:30（周三）" in told(office, "2022-03-15")
    known(office, with_days("2022-03-16", "2022-03-17"), "2022-03-15")
    text = told(office, "2022-03-18")
    assert "请于3月18日17:30（周五）前填报3月14日调度进展，原为3月17日17:30（周四）。" in text


@on_sqlite
def test_what_waits_in_a_mail_that_cannot_leave_is_told_as_it_is_by_then(office: Office) -> None:
    known(office, with_days("2022-03-16"), "2022-03-14")
    office.run_without_mail("2022-03-15")
    known(office, with_days("2022-03-16", "2022-03-17"), "2022-03-15")
    text = told(office, "2022-03-18")
    assert "请于3月18日17:30（周五）前填报3月14日调度进展，原为3月16日17:30（周三）。" in text
    assert text.count("原为") == 1


def test_a_mail_that_came_back_after_the_next_move_told_nobody_anything(office: Office) -> None:
    """It told of the 17th. Put right again before it came back, there is nothing to tell; moved on, the move
    is from the 16th.
    """
    known(office, with_days("2022-03-16"), "2022-03-14")
    office.run("2022-03-15")
    known(office, published(2022), "2022-03-15", "10:00")
    comes_back(office, "2022-03-15", "14:00")
    assert "原为" not in told(office, "2022-03-16")
    known(office, with_days("2022-03-16", "2022-03-17"), "2022-03-16", "10:00")
    assert "3月18日17:30（周五）前填报3月14日调度进展，原为3月16日17:30（周三）" in told(office, "2022-03-18")


@on_sqlite
def test_what_was_returned_and_not_told_names_the_known_due_time_alone(office: Office) -> None:
    """Returned on the 15th, due on the 17th; before the next mail the 16th turns out to be a holiday."""
    office.answer("shuiwuju", "2022-03-15")
    review.return_(
        office.database, "shuiwuju", "I04", reason="缺数据", days=office.days,
        now=at("2022-03-15", "10:00"), by=OPERATOR,
    )  # fmt: skip
    known(office, with_days("2022-03-16"), "2022-03-15")
    text = told(office, "2022-03-17")
    assert "3月18日17:30" in text
    assert "原为" not in text


@on_sqlite
def test_of_a_round_that_is_answered_only_what_was_returned_is_asked(office: Office) -> None:
    """The move to the 17th was written down before; the returned answer is due on the 17th too."""
    known(office, with_days("2022-03-16"), "2022-03-14", "10:00")
    office.answer("shuiwuju", "2022-03-14", "11:00")
    review.return_(
        office.database, "shuiwuju", "I04", reason="缺数据", days=published_for(office.database),
        now=at("2022-03-14", "15:00"), by=OPERATOR,
    )  # fmt: skip
    text = told(office, "2022-03-15")
    assert "请于3月17日17:30（周四）前补正并重新填报I04。" in text
    assert "填报3月14日调度进展" not in text


def all_recalled(office: Office, day: str, clock: str, codes: list[str]) -> None:
    for code in codes:
        progress.recall(office.database, "shuiwuju", code, now=at(day, clock), by=liaison("shuiwuju"))


@pytest.mark.parametrize("is_told_of", [False, True], ids=["while answered", "before it was answered"])
def test_an_answer_taken_back_is_not_due_before_the_time_that_was_heard_of(
    office: Office, is_told_of: bool
) -> None:
    """They heard of the 18th. It is earlier again, of which nobody told them, since all was answered."""
    known(office, with_days("2022-03-16", "2022-03-17"), "2022-03-14")
    assert "3月18日17:30" in told(office, "2022-03-15")
    codes = office.owed("shuiwuju")
    for clock, act in (("10:00", not is_told_of), ("11:00", is_told_of)):
        if act:
            office.answer("shuiwuju", "2022-03-15", clock)
        else:
            known(office, with_days("2022-03-16") if is_told_of else published(2022), "2022-03-15", clock)
    office.run("2022-03-17")
    all_recalled(office, "2022-03-17", "10:00", codes)
    assert told(office, "2022-03-18") == ""
    assert "应于3月18日17:30（周五）前填报" in told(office, "2022-03-21")


@on_sqlite
def test_what_moved_while_all_was_answered_is_no_date_that_was_heard_of(office: Office) -> None:
    codes = office.owed("shuiwuju")
    office.answer("shuiwuju", "2022-03-14", "10:00")
    known(office, with_days("2022-03-16"), "2022-03-14")
    all_recalled(office, "2022-03-14", "13:00", codes)
    known(office, with_days("2022-03-16", "2022-03-17"), "2022-03-14", "14:00")
    text = told(office, "2022-03-15")
    assert "请于3月18日17:30（周五）前填报3月14日调度进展，原为3月16日17:30（周三）。" in text


# --- Items


@on_sqlite
def test_an_item_s_date_corrected_before_anybody_heard_of_it_is_told_once(few: Office) -> None:
    """Resumed with 6 June, which was told; the 2nd is a holiday, and then the 6th too."""
    rest(few, "2022-05-23", "2022-05-26")
    few.run("2022-05-26")
    known(few, with_days("2022-06-02"), "2022-05-26")
    known(few, with_days("2022-06-02", "2022-06-06"), "2022-05-26", "13:00")
    text = told(few, "2022-05-27", MONEY)
    assert "请于6月8日（周三）前完成并填报I33，原为6月6日（周一）。" in text
    assert text.count("原为") == 1
    known(few, with_days("2022-06-02"), "2022-05-27")
    known(few, with_days("2022-06-02", "2022-06-06"), "2022-05-27", "13:00")
    assert "原为" not in told(few, "2022-05-30", MONEY)


@on_sqlite
def test_of_an_item_too_a_mail_that_came_back_told_nobody_anything(few: Office) -> None:
    rest(few, "2022-05-23", "2022-05-26")
    few.run("2022-05-26")
    known(few, with_days("2022-06-02"), "2022-05-26")
    assert "原为6月6日" in told(few, "2022-05-27", MONEY)
    known(few, with_days("2022-06-02", "2022-06-06"), "2022-05-27")
    comes_back(few, "2022-05-27", "14:00", MONEY)
    text = told(few, "2022-05-30", MONEY)
    assert "请于6月8日（周三）前完成并填报I33，原为6月6日（周一）。" in text
    assert text.count("原为") == 1


@on_sqlite
def test_a_resumption_that_is_still_to_be_told_names_the_date_alone(few: Office) -> None:
    rest(few, "2022-05-23", "2022-05-26")
    known(few, with_days("2022-06-02"), "2022-05-26")
    text = told(few, "2022-05-27", MONEY)
    assert "6月7日" in text
    assert "原为" not in text


@on_sqlite
def test_an_extension_granted_after_the_move_is_told_alone(few: Office) -> None:
    rest(few, "2022-05-23", "2022-05-26")
    few.run("2022-05-26")
    known(few, with_days("2022-06-02"), "2022-05-26")
    asked: dict[str, Any] = {
        "reason": "待数据",
        "now": at("2022-05-26", "14:00"),
        "by": liaison("caizhengju"),
    }
    extension.ask(few.database, *I33, until=date(2022, 6, 20), **asked)
    granted: dict[str, Any] = {"reason": "", "now": at("2022-05-26", "15:00"), "by": OPERATOR}
    extension.decide(few.database, *I33, grant=True, days=published_calendar(), **granted)
    assert owed(few, *I33).due_on == date(2022, 6, 20)
    text = told(few, "2022-05-27", MONEY)
    assert "6月20日" in text
    assert "6月7日" not in text
