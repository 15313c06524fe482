"""What a list of contacts makes of the books: who is ended and added, and what is merely known."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.domain.errors import WrongInput
from eco_workflow.services import contacts, workbook_child
from eco_workflow.services.contacts import Person
from eco_workflow.services.import_contacts import Outcome, take_in
from eco_workflow.services.workbook import Cell, Sheet
from eco_workflow.store.tables import Contact, Particulars, Unit
from tests.county import COUNTY
from tests.office import OPERATOR, Office, at
from tests.services.workbooks import workbook

LIAISON = ("县水利局", "联络员", "水利联络员", "", "liaison@shuili.example")


def listed(office: Office, day: str, *rows: tuple[object, ...]) -> Outcome:
    said = workbook_child.read(workbook(*rows), 100, 10)
    read = {n: tuple(Cell(*cell) if cell else None for cell in cells) for n, cells in said["rows"]}
    sheet = Sheet("list", read, tuple(said["merged"]), said["more"])
    return take_in(office.database, sheet, now=at(day, "08:00"), by=OPERATOR, plan=None)


def test_a_changed_telephone_is_nobody_new_and_a_changed_address_is(database: str, tmp_path: Path) -> None:
    """What was known before stays on record, as the former contact does."""
    office = Office(database, tmp_path, plan=str(COUNTY))
    office.open()
    done = listed(office, "2022-03-02", (*LIAISON, "0000-1000001"))
    assert (done.changed, done.replaced, done.gaps) == (1, 0, ())
    assert listed(office, "2022-03-03", (*LIAISON, "0000-1000001")).is_nothing
    assert listed(office, "2022-03-03", (*LIAISON, "0000-1000002")).changed == 1
    assert listed(office, "2022-03-04", (*LIAISON[:4], "new@shuili.example", "0000-1000002")).replaced == 1
    with office.database.read() as session:
        people = session.exec(
            select(col(Contact.address), col(Contact.since), col(Contact.ended_on))
            .join(Unit, col(Unit.id) == Contact.unit_id)
            .where(Unit.code == "shuili", Contact.role == "liaison")
            .order_by(col(Contact.id))
        ).all()
        known = session.exec(
            select(Contact.address, Particulars.telephone, col(Particulars.ended_on))
            .join(Particulars, col(Particulars.contact_id) == Contact.id)
            .order_by(col(Particulars.id))
        ).all()
    today = date(2022, 3, 4)
    assert people == [
        ("liaison@shuili.example", date(2022, 3, 1), today),
        ("new@shuili.example", today, None),
    ]
    assert known == [
        ("liaison@shuili.example", "0000-1000001", date(2022, 3, 3)),
        ("liaison@shuili.example", "0000-1000002", None),
        ("new@shuili.example", "0000-1000002", None),
    ]


def test_a_name_that_stands_spaced_out_is_the_same_person_in_the_list(database: str, tmp_path: Path) -> None:
    office = Office(database, tmp_path, plan=str(COUNTY))
    office.open()
    today: dict[str, Any] = {"now": at("2022-03-02"), "by": OPERATOR}
    contacts.end(office.database, "shuili", "liaison", **today)
    spaced = Person(name="张 三", role="liaison", address="zhang@shuili.example")
    contacts.add(office.database, "shuili", spaced, **today)
    assert listed(office, "2022-03-03", (*LIAISON[:2], "张　三", "", "zhang@shuili.example")).is_nothing
    assert listed(office, "2022-03-03", (*LIAISON[:2], "张山", "", "zhang@shuili.example")).replaced == 1


def test_an_absence_that_is_over_need_not_stand_in_the_list_any_more(database: str, tmp_path: Path) -> None:
    office = Office(database, tmp_path, plan=str(COUNTY))
    office.open()
    away = (*LIAISON, "", "李四", "li@shuili.example", "2022-03-02", "2022-03-04")
    assert listed(office, "2022-03-02", away).changed == 1
    assert listed(office, "2022-03-05", away[:8]).is_nothing


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_of_a_cell_that_cannot_be_read_only_that_is_said(database: str, tmp_path: Path) -> None:
    """A name that is a formula is no empty one: nobody shall be told to take the row out for it."""
    office = Office(database, tmp_path, plan=str(COUNTY))
    office.open()
    with pytest.raises(WrongInput) as wrong:
        listed(office, "2022-03-02", ("县水利局", "联络员", "=A1", "", "liaison@shuili.example"))
    assert str(wrong.value) == "list, row 2, 姓名: holds a formula; paste its value instead"
