"""Whether a notice reached anybody, or will."""

from sqlmodel import Session, col, select

from eco_workflow.store.tables import Line, Message, Notice

LEFT = ("sending", "sent", "unknown")
"""The states of a message that was handed over, or may have been."""


def has_left(session: Session, key: str, *, wait: bool = True) -> bool:
    """Whether a mail that tells of it was handed over, or may have been. `wait`: for one being made up."""
    carrying = (
        select(Message.state)
        .join(Line, col(Line.message_id) == Message.id)
        .join(Notice, col(Notice.id) == Line.ref_id)
        .where(Notice.key == key, Line.kind == "notice", col(Line.dropped).is_(False))
    )
    if wait:
        carrying = carrying.with_for_update(of=Message)
    return any(state in LEFT for state in session.exec(carrying).all())


def still_to_leave(session: Session, notice: Notice) -> bool:
    """Whether it waits for a run, or in a message that has not left yet or is told anew."""
    if notice.told_on is None or notice.told_to is None:
        return notice.told_on is None
    waits = (
        select(Line.ref_id)
        .join(Message, col(Message.id) == Line.message_id)
        .where(Line.kind == "notice", Line.ref_id == notice.id, col(Line.dropped).is_(False))
        .where(col(Message.state).not_in(LEFT))
    )
    return session.exec(waits).first() is not None and not has_left(session, notice.key)
