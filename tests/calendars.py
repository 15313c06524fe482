"""Arrangements of 2022 to import: the real one, and the same with days that tests need."""

from datetime import date

from chinese_calendar import constants

from eco_workflow.domain.arrangement import Arrangement, Day
from eco_workflow.services.calendar import arranged_in

SOURCE = "国办发明电〔2021〕11号"
NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节、中秋节",  # in some years one holiday
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}


def published(year: int) -> Arrangement:
    """As the program knows the year."""
    days = [
        Day(day, "holiday", NAMES[str(name)])
        for day, name in constants.holidays.items()
        if arranged_in(day, str(name)) == year
    ]
    days += [
        Day(day, "makeup") for day, name in constants.workdays.items() if arranged_in(day, str(name)) == year
    ]
    return Arrangement(year, SOURCE, sorted(days))


def with_days(*holidays: str, makeup: tuple[str, ...] = ()) -> Arrangement:
    """The arrangement of 2022 in which these days are holidays or made up, too."""
    given = [Day(date.fromisoformat(text), "holiday", "调整") for text in holidays]
    given += [Day(date.fromisoformat(text), "makeup") for text in makeup]
    return Arrangement(2022, SOURCE, sorted([*published(2022).days, *given]))
