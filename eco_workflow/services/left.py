"""Whether a notice reached anybody, or will."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from eco_workflow.store.tables import Line, Message, Notice

LEFT = ("sending", "sent", "unknown")
"""The states of a message that was handed over, or may have been."""


def has_left(session: Session, key: str, *, wait: bool = True) -> bool:
    """Whether a mail that tells of it was handed over, or may have been. `wait`: for one being made up."""
    return any(state in LEFT for state in _carrying(session, key, wait=wait))


def still_to_leave(session: Session, notice: Notice) -> bool:
    """Whether it waits for a run, or in a message that has not left yet or is told anew."""
    if notice.told_on is None or notice.told_to is None:
        return notice.told_on is None
    states = _carrying(session, notice.key, wait=True)
    return bool(states) and not any(state in LEFT for state in states)


def _carrying(session: Session, key: str, *, wait: bool) -> Sequence[str]:
    """The states of the messages that tell of a notice."""
    carrying = (
        select(Message.state)
        .join(Line, col(Line.message_id) == Message.id)
        .join(Notice, col(Notice.id) == Line.ref_id)
        .where(Notice.key == key, Line.kind == "notice", col(Line.dropped).is_(False))
    )
    return session.exec(carrying.with_for_update(of=Message) if wait else carrying).all()
