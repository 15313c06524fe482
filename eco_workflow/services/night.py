"""What keeps the house in order at night, each part whether or not another failed; how it went is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from logging import ERROR
from typing import TypeVar

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import EcoError
from eco_workflow.domain.working_days import ONE_DAY
from eco_workflow.log import note
from eco_workflow.services import audit_log
from eco_workflow.services.backup import Made, back_up
from eco_workflow.services.backup_file import in_words
from eco_workflow.services.evidence_shown import verify
from eco_workflow.services.purge import purge_by_the_clock
from eco_workflow.settings import Settings
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Night

OVERDUE_AFTER = timedelta(days=2)
"""Where the last night lies longer back, one was missed, and not for a restart of the machine."""

Done = TypeVar("Done")


@dataclass(frozen=True)
class Kept:
    """What a night came to."""

    backup: Made | None
    """None where it failed."""
    purged: int
    """How many texts were emptied."""
    wrong: tuple[str, ...]
    """Which part failed and why, what the backup lacks, and what the audit chains show."""


def keep_house(database: Database, settings: Settings, *, now: datetime, by: str) -> Kept:
    """Backs everything up, verifies evidence, anchors and verifies the audit chains, empties texts past their
    time.

    Raises only where the outcome cannot be written down.
    """
    wrong: list[str] = []
    anchored = False
    if made := _part("backed up", wrong, lambda: back_up(database, settings, now=now, by=by)):
        anchored = made.anchored
        wrong += [f"{made.file.name} lacks {in_words(made.wanting)}"] if made.wanting else []
        wrong += [f"not anchored: {made.not_anchored}"] if made.not_anchored else []
        wrong += made.wrong
    else:
        if found := _part("anchored", wrong, lambda: _anchor(database, settings, now, by)):
            heads, verified = found
            anchored = heads.complete
            wrong += heads.with_found(verified)
        if held := _part("verified", wrong, lambda: verify(database, settings)):
            wrong += [f"missing or damaged: {in_words(held.damaged)}"] if held.damaged else []
    keep_days = settings.keep_bodies_days
    purged = _part("purged", wrong, lambda: purge_by_the_clock(database, keep_days=keep_days, now=now))
    with database.write() as session:
        session.merge(
            Night(
                on_date=shanghai_date(now),
                at=now,
                backed_up=made is not None and not made.wanting,
                anchored=anchored,
                wrong="; ".join(wrong),
            )
        )
    return Kept(made, purged or 0, tuple(wrong))


def _part(name: str, wrong: list[str], do: Callable[[], Done]) -> Done | None:
    """One part of the night; what keeps it from being done is written down and holds up no other."""
    try:
        return do()
    except Exception as error:
        note(f"not {name}", level=ERROR, error=error)
        why = str(error).splitlines()[0].rstrip(".") if isinstance(error, EcoError) else type(error).__name__
        wrong.append(f"not {name}: {why}")
        return None


def _anchor(
    database: Database, settings: Settings, now: datetime, by: str
) -> tuple[audit_log.Heads, audit_log.Verified]:
    """What a backup does on its way, where there is none."""
    with database.read() as session:
        heads = audit_log.anchor(session, settings.audit_heads, now=now, by=by)
        return heads, audit_log.verify(session, settings.audit_heads)


@dataclass(frozen=True)
class Nights:
    """The nights so far: the last one, and when a whole backup and an anchoring last succeeded."""

    last_at: datetime
    backed_up_at: datetime | None
    anchored_at: datetime | None
    wrong: str
    """What the last one could not do, or found; empty where nothing is wrong."""

    def overdue(self, now: datetime) -> bool:
        """Whether a night was missed since."""
        return now - self.last_at > OVERDUE_AFTER


def nights(session: Session, today: date) -> Nights | None:
    """How the nights went up to today; None where there was none yet.

    A night of a later day was kept by a clock that was wrong: it vouches for nothing.
    """
    so_far = col(Night.on_date) <= today
    last = session.exec(select(Night).where(so_far).order_by(col(Night.at).desc()).limit(1)).first()
    if last is None:
        return None
    latest = select(func.max(Night.at)).where(so_far)
    return Nights(
        last_at=last.at,
        backed_up_at=session.exec(latest.where(col(Night.backed_up))).one(),
        anchored_at=session.exec(latest.where(col(Night.anchored))).one(),
        wrong=last.wrong,
    )


def amiss(session: Session, since: date, now: datetime) -> list[date]:
    """The nights from `since` on that went wrong or were missed, from the first one ever on.

    Today's is missed only where one is overdue: it may still be made up for.
    """
    today = shanghai_date(now)
    kept = nights(session, today)
    if kept is None:
        return []
    rows = select(col(Night.on_date), col(Night.wrong)).where(Night.on_date >= since, Night.on_date <= today)
    wrong = dict(session.exec(rows).all())
    first = max(since, session.exec(select(func.min(Night.on_date))).one())
    until = today if kept.overdue(now) else today - ONE_DAY
    missed = {day for n in range((until - first).days + 1) if (day := first + n * ONE_DAY) not in wrong}
    return sorted(missed | {day for day, why in wrong.items() if why})
