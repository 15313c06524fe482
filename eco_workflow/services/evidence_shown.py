"""Evidence as a person sees it, its content handed out, and whether all of it is still what it was."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from eco_workflow.domain.errors import Refused, Unavailable, WrongInput
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services.evidence import title_of
from eco_workflow.services.evidence_review import numbered
from eco_workflow.services.find import item_named, plan_named
from eco_workflow.settings import Settings
from eco_workflow.store.content import Content
from eco_workflow.store.session import Database
from eco_workflow.store.tables import ConditionalPass, Evidence, Item, Obligation, Unit


@dataclass(frozen=True)
class Shown:
    """A piece of evidence with all that is known of it."""

    number: int
    item: str
    requirement: str
    title: str
    year: int | None
    version: int
    unit: str
    name: str
    media: str
    size: int
    digest: str
    note: str
    added_at: datetime
    added_by: str
    on_behalf: bool
    state: str
    decided_on: date | None
    decided_by: str
    reason: str


@dataclass(frozen=True)
class Verified:
    """The store against its rows. Numbers of evidence; `unnamed` counts files that no row names."""

    whole: int
    damaged: tuple[int, ...]
    """Missing, or no longer what the digest says."""
    not_removed: tuple[int, ...]
    """In quarantine, and the content is there still."""
    unnamed: int


def listed(
    session: Session, viewer: Viewer, *, plan: str | None, item: str | None = None, state: str | None = None
) -> list[Shown]:
    """Evidence of a plan or of one item, item by item, oldest first, as far as the viewer sees it."""
    plan_row = plan_named(session, plan)
    found = select(Evidence).where(Evidence.plan_id == plan_row.id)
    if item is not None:
        found = found.where(Evidence.item_id == item_named(session, plan_row, item).id)
    if state is not None:
        found = found.where(Evidence.state == state)
    rows = session.exec(found.order_by(col(Evidence.item_id), col(Evidence.id))).all()
    return [_shown(session, row) for row in rows if _sees(session, viewer, row)]


def one(session: Session, viewer: Viewer, number: int) -> Shown:
    """One piece of evidence. Raises `WrongInput` where there is none, `Refused` for another unit's."""
    return _shown(session, _for(session, viewer, number))


def hand_out(session: Session, viewer: Viewer, settings: Settings, number: int, to: str) -> int:
    """Writes the content into a new file; returns its bytes. What does not read back as it was is not given.

    Raises `Refused` for another unit's or what lies in quarantine, `WrongInput` for a file that exists or
    cannot be written, `Unavailable` where the content is missing or damaged.
    """
    row = _for(session, viewer, number)
    if row.state == "quarantined":
        raise Refused(f"Evidence {number} lies in quarantine: its content was removed, its digest is kept.")
    try:
        with Path(to).open("xb") as target:
            return Content(settings.home).copy_to(row.digest, target)
    except FileExistsError:
        raise WrongInput(f"--to {to!r} exists. Give another name, or remove it first.") from None
    except Unavailable:
        Path(to).unlink()
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise WrongInput(f"--to {to!r} cannot be written: {reason}.") from None


def verify(database: Database, settings: Settings) -> Verified:
    """Reads every file once and compares it with its digest."""
    store = Content(settings.home)
    lying = store.digests()
    with database.read() as session:
        rows = session.exec(select(Evidence).order_by(col(Evidence.id))).all()
        slips = session.exec(select(ConditionalPass.slip_digest)).all()
    whole = {
        digest: store.is_whole(digest)
        for digest in {row.digest for row in rows if row.state != "quarantined"}
    }
    kept = [row for row in rows if row.state != "quarantined"]
    return Verified(
        whole=sum(whole.values()),
        damaged=tuple(row.id or 0 for row in kept if not whole[row.digest]),
        not_removed=tuple(row.id or 0 for row in rows if row.state == "quarantined" and row.digest in lying),
        unnamed=len(lying - {row.digest for row in rows} - set(slips)),
    )


def _for(session: Session, viewer: Viewer, number: int) -> Evidence:
    row = numbered(session, number)
    if not _sees(session, viewer, row):
        raise Refused(f"{viewer.name} sees evidence of the own unit and of what it owes only.")
    return row


def _sees(session: Session, viewer: Viewer, row: Evidence) -> bool:
    """Who brought a file sees it, and who owes the item that it proves."""
    if viewer.sees(row.unit_id):
        return True
    owed = select(Obligation.unit_id).where(
        Obligation.plan_id == row.plan_id, Obligation.item_id == row.item_id
    )
    return any(viewer.sees(unit_id) for unit_id in session.exec(owed))


def _shown(session: Session, row: Evidence) -> Shown:
    return Shown(
        number=row.id or 0,
        item=session.get_one(Item, row.item_id).code,
        requirement=row.requirement,
        title=title_of(session, row),
        year=row.data_year or None,
        version=row.n,
        unit=session.get_one(Unit, row.unit_id).short,
        name=row.name,
        media=row.media,
        size=row.size,
        digest=row.digest,
        note=row.note,
        added_at=row.at,
        added_by=row.actor,
        on_behalf=row.on_behalf,
        state=row.state,
        decided_on=row.decided_on,
        decided_by=row.decided_by,
        reason=row.reason,
    )
