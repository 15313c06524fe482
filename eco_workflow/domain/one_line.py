"""One line per item and recipient, the first that applies (DOMAIN 4).

An item that is overdue may be owed to a round as well. It stands in one line then, that of the overdue work,
which says both; the reminder or alert of the silence keeps its other items, and counts those alone. What a
unit is reminded of needs no early warning beside that line, which names its date. A round's request is no
clock that ran out: it stays whole, whatever else is told of its items.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from eco_workflow.domain.messages import Alert, Envelope, Item, Overdue, Reminder, owed_longest

_Silence = TypeVar("_Silence", Reminder, Alert)


def one_line_per_item(envelope: Envelope) -> Envelope:
    """The envelope with every item once in what it reminds of, in its alerts, and in its copies."""
    own = [(envelope.recipient.unit, reminder) for reminder in envelope.reminders]
    overdue, reminders = _brought_together(envelope.overdue, own)
    above = [(alert.unit, alert) for alert in envelope.alerts]
    overdue_alerts, alerts = _brought_together(envelope.overdue_alerts, above)
    reminded = {item.code for reminder in reminders for item in reminder.items}
    copied = [(alert.unit, alert) for alert in envelope.copies]
    overdue_copies, copies = _brought_together(envelope.overdue_copies, copied)
    return replace(
        envelope,
        overdue=overdue,
        reminders=reminders,
        warnings=tuple(item for item in envelope.warnings if item.code not in reminded),
        overdue_alerts=overdue_alerts,
        alerts=alerts,
        overdue_copies=overdue_copies,
        copies=copies,
    )


def _brought_together(
    late: Sequence[Overdue], silences: Sequence[tuple[str, _Silence]]
) -> tuple[tuple[Overdue, ...], tuple[_Silence, ...]]:
    """`silences`: the unit, and what it is silent about."""
    asked = {(unit, item.code): (silence, item) for unit, silence in silences for item in silence.items}
    overdue = tuple(
        _saying_both(one, *asked[one.unit, one.item.code]) if (one.unit, one.item.code) in asked else one
        for one in late
    )
    said = {(one.unit, one.item.code) for one in late}
    rest = tuple(
        _about(silence, tuple(item for item in silence.items if (unit, item.code) not in said))
        for unit, silence in silences
    )
    return overdue, rest


def _about(silence: _Silence, items: tuple[Item, ...]) -> _Silence:
    """The silence about these of its items alone, and as late as they are."""
    round_on, due_at, days = owed_longest(items) or (silence.round_on, silence.due_at, silence.days_late)
    return replace(silence, items=items, round_on=round_on, due_at=due_at, days_late=days)


def _saying_both(late: Overdue, silence: Reminder | Alert, asked: Item) -> Overdue:
    days = silence.days_late if asked.days_late is None else asked.days_late
    item = replace(late.item, returned=asked.returned, parts=asked.parts)
    return replace(late, item=item, answer_late=days)
