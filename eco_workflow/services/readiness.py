"""What is wrong before the engine starts, as far as the books and this machine say (`eco up --check`)."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from sqlmodel import Session, col, select

from eco_workflow.domain.english import counted, near
from eco_workflow.domain.errors import EcoError
from eco_workflow.domain.overdue import OPEN
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import held_days
from eco_workflow.services.doubt import to_confirm
from eco_workflow.services.health import SCARCE_BYTES, provisional_from
from eco_workflow.settings import Settings, unknown
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Contact, Obligation, Plan, Unit
from eco_workflow.writable import is_writable, nearest

FULL_BYTES = 20_000_000
"""With less free room than this no database takes a day's work."""

NAMED = 5
"""So many units are named; of more the number is told."""


class Level(StrEnum):
    """What a finding means for a start."""

    ERROR = "error"
    """The engine could not do its work: it does not start."""
    WARNING = "warning"
    """It starts; a person should look."""
    OK = "ok"


@dataclass(frozen=True)
class Finding:
    """What was found about one thing, in words that say what to do."""

    about: str
    level: Level
    said: str


def of_settings(settings: Settings, variables: Iterable[str]) -> list[Finding]:
    """Variables that are no settings, and settings that nobody should run with."""
    known = [f"ECO_{name.upper()}" for name in Settings.model_fields]
    said = [
        f"{name} is no setting. {near(name.upper(), known, otherwise='See README, Settings.')}"
        for name in unknown(variables)
    ]
    if settings.mail_url is None:
        said.append(f"ECO_MAIL_URL is not set: mails are filed in {settings.mail_folder} and reach nobody")
    elif settings.mail_from.rstrip(">").endswith(".example"):
        said.append(f"ECO_MAIL_FROM is {settings.mail_from}, an address that does not exist")
    if (file := settings.mail_password_file) and file.exists() and file.stat().st_mode & 0o077:
        said.append(f"others on this machine can read {file}, which holds a password: chmod 600")
    if (where := settings.health_at) and where[0] not in ("127.0.0.1", "localhost"):
        said.append(f"ECO_HEALTH_ADDRESS {settings.health_address} answers whoever reaches this machine")
    return _warnings("settings", said) or [Finding("settings", Level.OK, "understood")]


def of_audit_folder(folder: Path | None) -> list[Finding]:
    """Whether the heads of the audit chains can be anchored where they shall; nothing to say if so."""
    if folder is None or is_writable(there := nearest(folder)):
        return []
    return [Finding("audit", Level.ERROR, f"{there} cannot be written. See ECO_AUDIT_FOLDER.")]


def of_disk(home: Path) -> Finding:
    """Whether ECO_HOME can be written, also one that is still to be made, and how much room is left."""
    there = nearest(home)
    if not is_writable(there):
        return Finding("disk", Level.ERROR, f"{there} cannot be written. See ECO_HOME.")
    free = shutil.disk_usage(there).free
    said = f"{free // 1_000_000} MB are free for {home}"
    if free < SCARCE_BYTES:
        return Finding("disk", Level.ERROR if free < FULL_BYTES else Level.WARNING, f"{said}: make room")
    return Finding("disk", Level.OK, said)


def of_log(home: Path) -> list[Finding]:
    """Whether the logs can be written, where their folder is there already; nothing to say if so."""
    folder = home.absolute() / "log"
    if not is_writable(home):
        return []  # of the disk more is said
    shut = [one for one in (folder, *folder.glob("*.log")) if one.exists() and not os.access(one, os.W_OK)]
    if not shut and (not folder.exists() or is_writable(folder)):
        return []
    return [
        Finding(
            "log", Level.ERROR, f"{(shut or [folder])[0]} cannot be written: change its owner or permissions."
        )
    ]


def of_database(database: Database) -> Finding:
    """Whether the database can be reached and written, and has this program's schema."""
    try:
        database.check_writable()
        database.check_version()
    except EcoError as error:
        return Finding("database", Level.ERROR, str(error))
    return Finding("database", Level.OK, f"{database.name} has this program's schema")


def of_plans(session: Session, today: date, days: WorkingDays, *, mail_leaves: bool) -> list[Finding]:
    """What the plans lack for the days ahead. `days`: the published calendar."""
    plans = session.exec(select(Plan).order_by(col(Plan.id))).all()
    running = [plan for plan in plans if plan.ends_on >= today]
    stands = [f"{plan.code} ended on {plan.ends_on}" for plan in plans if plan not in running]
    stands += [f"{plan.code} is held since {plan.held_since}" for plan in running if plan.held_since]
    stands += [
        f"{plan.code} is on trial: everything goes to one mailbox" for plan in running if plan.trial_since
    ]
    held = held_days(session, today)
    stands += [f"{plan.code}: {why}" for plan in running if (why := to_confirm(plan, today, held))]
    if not plans:
        stands.append("there is none: eco init")
    calendar = [said for plan in running for said in _unknown_days(plan, today, days)]
    people = [said for plan in running for said in _without_people(session, plan, mail_leaves=mail_leaves)]
    return [
        *(_warnings("plan", stands) or [Finding("plan", Level.OK, ", ".join(plan.code for plan in running))]),
        *(_warnings("calendar", calendar) or [Finding("calendar", Level.OK, "known for the days ahead")]),
        *(_warnings("contacts", people) or [Finding("contacts", Level.OK, "whoever is asked can be told")]),
    ]


def _unknown_days(plan: Plan, today: date, days: WorkingDays) -> list[str]:
    since = provisional_from(plan, today, days)
    if since is None:
        return []
    return [
        f"{plan.code}: working days from {since} on are provisional, Monday to Friday. "
        "Once they are published: eco calendar import FILE"
    ]


def _without_people(session: Session, plan: Plan, *, mail_leaves: bool) -> list[str]:
    """Units that are asked and have nobody in a role whom a message reaches."""
    asked = select(Obligation.unit_id).where(
        Obligation.plan_id == plan.id, col(Obligation.state).in_((*OPEN, "completed"))
    )
    units = session.exec(select(Unit.id, Unit.short).where(col(Unit.id).in_(asked)).order_by(col(Unit.id)))
    names = dict(units.all())
    contacts = session.exec(
        select(Contact).where(Contact.plan_id == plan.id, col(Contact.ended_on).is_(None))
    ).all()
    said = []
    for role in ("liaison", "leader"):
        reached = {one.unit_id for one in contacts if one.role == role and one.failed_on is None}
        if lacking := [name for unit_id, name in names.items() if unit_id not in reached]:
            shown = "、".join(lacking[:NAMED]) + (" …" if len(lacking) > NAMED else "")
            said.append(
                f"{plan.code}: {counted(len(lacking), 'unit has', 'units have')} no {role} "
                f"who can be reached: {shown}. eco contact add UNIT {role} NAME ADDRESS"
            )
    invented = sum(one.address.endswith(".example") for one in contacts)
    if mail_leaves and invented:
        said.append(
            f"{plan.code}: {counted(invented, 'contact has an address', 'contacts have addresses')} "
            "that cannot exist (.example). The true ones: eco contact template FILE.xlsx, then eco contact "
            "import FILE.xlsx"
        )
    return said


def _warnings(about: str, said: Iterable[str]) -> list[Finding]:
    return [Finding(about, Level.WARNING, one) for one in said]
