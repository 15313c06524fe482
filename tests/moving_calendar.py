"""The offices in which a calendar changes what was counted with it."""

from pathlib import Path

from eco_workflow.domain.arrangement import Arrangement
from eco_workflow.services import suspension
from eco_workflow.services.calendar import published_for
from eco_workflow.services.import_calendar import Imported, import_year
from tests.office import OPERATOR, SUPERVISOR, Office, at
from tests.services.desk import keep_open

WATER = "lianluo@shuiwuju.dxal.example"
I33 = ("caizhengju", "I33")


def asked_office(database: str, folder: Path) -> Office:
    """Every unit was asked on Monday, 14 March; answers are due on Wednesday the 16th, 17:30."""
    made = Office(database, folder / "office")
    made.open()
    made.silent("2022-03-14")
    return made


def office_of_two_items(database: str, folder: Path) -> Office:
    """Active from Sunday, 15 May 2022; I33 and I16 are open, due on Tuesday, 31 May."""
    made = Office(database, folder / "office")
    made.open("2022-05-15")
    keep_open(made, "I33", "I16")
    return made


def known(office: Office, arrangement: Arrangement, day: str, clock: str = "12:00") -> Imported:
    """The arrangement of the year, other than was counted with, is imported."""
    return import_year(office.database, arrangement, correct=True, now=at(day, clock), by="operator")


def rest(office: Office, since: str, until: str) -> None:
    """I33 rested: from Monday, 23 May for three working days it is due on Monday, 6 June."""
    suspension.set_aside(
        office.database, *I33, "suspended", reason="调整", now=at(since, "10:00"), by=OPERATOR
    )
    suspension.confirm(office.database, *I33, now=at(since, "11:00"), by=SUPERVISOR)
    days = published_for(office.database)
    suspension.resume(office.database, *I33, reason="重启", days=days, now=at(until, "08:00"), by=OPERATOR)
