"""An item stands once in what a mail says to its reader, and once in what it says of others (DOMAIN 4)."""

from dataclasses import replace

from eco_workflow.domain.one_line import one_line_per_item
from tests.notifications import cast


def test_overdue_work_comes_first_and_says_that_no_answer_was_given_either() -> None:
    """A returned answer goes along with its reason and days; the other item is reminded of alone."""
    shoreline = replace(cast.SHORELINE, days_late=3)
    reminder = replace(cast.REMINDER, days_late=5, items=(shoreline, cast.RIVER_CHIEF, cast.GREEN_GOODS))
    late = (cast.RIVER_CHIEF_LATE, cast.SHORELINE_UNMET, cast.WATER_USE_LATE)
    mail = one_line_per_item(replace(cast.JUNE_ENVELOPE, overdue=late, reminders=(reminder,)))
    said = {one.item.code: (one.answer_late, one.item.returned) for one in mail.overdue}
    assert said == {"I04": (5, ""), "I16": (3, "缺少省级管控目标文件"), "I18": (None, "")}
    assert [item.code for item in mail.reminders[0].items] == ["I32"]


def test_the_same_item_of_another_unit_is_another_line() -> None:
    """Two units lead I04: one is late with it, the other is silent about it."""
    silent = replace(cast.WATER_ALERT, unit="地区林草局", items=(cast.RIVER_CHIEF,))
    late = cast.told_above(cast.RIVER_CHIEF_LATE)
    envelope = replace(cast.JUNE_ENVELOPE, alerts=(silent,), overdue_alerts=(late,), overdue_copies=(late,))
    assert one_line_per_item(envelope) == envelope
    own = replace(silent, unit="地区水务局")
    mail = one_line_per_item(replace(envelope, alerts=(own,), copies=(own,)))
    for alerts, overdue in ((mail.alerts, mail.overdue_alerts), (mail.copies, mail.overdue_copies)):
        assert alerts[0].items == ()
        assert overdue[0].answer_late == own.days_late


def test_what_a_unit_is_reminded_of_is_not_announced_as_falling_due_too() -> None:
    """A round still asks about it, and is answered by another time than the date of the work."""
    reminder = replace(cast.REMINDER, items=(cast.RIVER_CHIEF,))
    near = replace(cast.warning_mail(), reminders=(reminder,))
    assert [item.code for item in one_line_per_item(near).warnings] == ["I18"]
    asked = replace(cast.warning_mail(), requests=(cast.REQUEST,))
    assert one_line_per_item(asked) == asked
