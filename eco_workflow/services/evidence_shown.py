"""Evidence as a person sees it, its content handed out, and whether all of it is still what it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.errors import Refused, Unavailable
from eco_workflow.domain.viewer import Viewer
from eco_workflow.new_file import new_file
from eco_workflow.services.evidence import brought
from eco_workflow.services.evidence_review import numbered
from eco_workflow.services.find import item_named, plan_named
from eco_workflow.settings import Settings
from eco_workflow.store.content import Content
from eco_workflow.store.session import Database
from eco_workflow.store.tables import ConditionalPass, Evidence, Obligation, SurveyFile


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
    wanted_instead: str
    """Of which years data are wanted, where these are of another one and prove nothing; else empty."""
    state: str
    decided_on: date | None
    decided_by: str
    reason: str


@dataclass(frozen=True)
class Verified:
    """The store against its rows. `unnamed` counts files that no row names."""

    whole: int
    damaged: tuple[str, ...]
    """Missing, no longer what the digest says, or, with the reason, what cannot be read."""
    not_removed: tuple[str, ...]
    """In quarantine, and the content is there still."""
    unnamed: int
    returned: tuple[str, ...] = ()
    """Returned, and missing or no longer what the digest says: nothing rests on it, but it is no record."""


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
    return write_out(settings, row.digest, to, "--to")


def write_out(settings: Settings, digest: str, to: str, option: str) -> int:
    """Writes a content into a new file that an option names; returns its bytes. Raises as `hand_out` does."""
    with new_file(to, option) as target:
        return Content(settings.home).copy_to(digest, target)


def verify(database: Database, settings: Settings) -> Verified:
    """Reads every file once and compares it with its digest."""
    store = Content(settings.home)
    lying = store.digests()
    with database.read() as session:
        rows = list(_named(session))
    amiss = {digest: _amiss(store, digest) for _, digest, kept in rows if kept is not False}
    return Verified(
        whole=sum(said is None for said in amiss.values()),
        damaged=tuple(
            f"{name}{amiss[digest]}" for name, digest, kept in rows if kept and amiss[digest] is not None
        ),
        not_removed=tuple(name for name, digest, kept in rows if kept is False and digest in lying),
        unnamed=len(lying - {digest for _, digest, _ in rows}),
        returned=tuple(
            f"{name}{amiss[digest]}"
            for name, digest, kept in rows
            if kept is None and amiss[digest] is not None
        ),
    )


def _amiss(store: Content, digest: str) -> str | None:
    """What is said behind the name of a content that is not whole: why it cannot be read, if that is why."""
    try:
        return None if store.is_whole(digest) else ""
    except Unavailable as error:
        cause = error.__cause__
        return f" ({cause.strerror})" if isinstance(cause, OSError) else f" ({error})"


def held_contents(session: Session) -> Iterator[tuple[str, str]]:
    """Everything whose content must be there: in words, and its digest."""
    return ((name, digest) for name, digest, kept in _named(session) if kept)


def _named(session: Session) -> Iterator[tuple[str, str, bool | None]]:
    """Everything that names a content: in words, its digest, and whether it must be there (True) or, in
    quarantine, must not (False). What was returned (None) proves nothing any more, and no backup waits for
    it: to return what was lost is how it is brought anew.
    """
    for row in session.exec(select(Evidence).order_by(col(Evidence.id))):
        yield f"evidence {row.id}", row.digest, _KEPT.get(row.state, True)
    files = select(SurveyFile).order_by(col(SurveyFile.survey_id), col(SurveyFile.part))
    for file in session.exec(files):
        yield f"{file.part} of survey {file.survey_id}", file.digest, file.quarantined_on is None
    slips = select(ConditionalPass).where(ConditionalPass.slip_digest != "")
    for slip in session.exec(slips.order_by(col(ConditionalPass.phase), col(ConditionalPass.n))):
        yield (
            f"the slip by which phase {slip.phase} passed",
            slip.slip_digest,
            slip.slip_quarantined_on is None,
        )


_KEPT = {"quarantined": False, "returned": None}


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
        **vars(brought(session, row)),
        media=row.media,
        note=row.note,
        added_at=row.at,
        added_by=row.actor,
        decided_on=row.decided_on,
        decided_by=row.decided_by,
        reason=row.reason,
    )
