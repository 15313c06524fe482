"""The published calendar of the People's Republic, handed to the domain."""

from functools import cache

from chinese_calendar import constants

from eco_workflow.domain.working_days import WorkingDays


@cache
def published_calendar() -> WorkingDays:
    """Working days of the years whose arrangement is published; other years follow Monday to Friday."""
    return WorkingDays(
        holidays=frozenset(constants.holidays),
        makeup=frozenset(constants.workdays),
        known_years=frozenset(day.year for day in constants.holidays),
    )
