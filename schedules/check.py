"""What is wrong before `eco up` starts; what it refuses to start with, and what a person should look at."""

import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from urllib.parse import urlsplit
from urllib.request import getproxies

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import EcoError, WrongInput
from eco_workflow.services.calendar import published_in
from eco_workflow.services.channels import Stands, Used, channels_in_use
from eco_workflow.services.readiness import (
    Finding,
    Level,
    of_audit_folder,
    of_database,
    of_disk,
    of_log,
    of_plans,
    of_settings,
)
from eco_workflow.settings import Settings, read_settings
from eco_workflow.store.engine_lock import check_alone
from eco_workflow.store.session import Database
from notifications import chat
from notifications.connection import why_no_connection
from notifications.send import filed_in, why_unreachable
from schedules.server import check as check_server

CALL_SECONDS = 5.0
"""How long the mail server may take for each step when it is only asked whether it is there."""

CONNECT_SECONDS, CALLS_AT_ONCE = 2.0, 8
"""How long a channel's system, or the monitor, may take to be connected to; so many channels at a time."""

WHAT_WAITS: dict[Stands, str] = {
    "first": "It comes before mail: that person's messages wait for it.",
    "behind": "It comes after mail.",
    "refused": "Mail to that person was refused before.",
}

PREFECT, SQLALCHEMY = "3.8", "2.0"
"""The series that the engine was tested with; with another SQLAlchemy nothing is ever started by the clock
(docs/decisions/0017).
"""


def findings(environment: Mapping[str, str], now: datetime) -> list[Finding]:
    """Everything that was looked at, in the order in which it is put right."""
    try:
        settings = read_settings()
        database = Database(settings.database)
    except EcoError as error:
        return [Finding("settings", Level.ERROR, str(error))]
    found = [*of_settings(settings, environment), of_disk(settings.home), *of_log(settings.home)]
    found += [*of_audit_folder(settings.audit_folder), of_database(database)]
    if found[-1].level is Level.OK:
        with database.read() as session:
            found += of_plans(
                session,
                shanghai_date(now),
                published_in(session),
                mail_leaves=settings.mail_url is not None and not settings.mail_url.startswith("maildir"),
            )
            used = channels_in_use(session, shanghai_date(now))
        found += _channels(used)
    database.dispose()
    found += [_mail(settings), *_heartbeat(settings.heartbeat_url)]
    found += [*_prefect(environment.get("PREFECT_API_URL")), _engine(settings)]
    return [*found, *_health_address(settings)]


def _mail(settings: Settings) -> Finding:
    """Whether the mail server would take mail now. One that is down is waited for, so it stops no start."""
    try:
        why = why_unreachable(
            settings.mail_url,
            mail_folder=settings.mail_folder,
            sender=settings.mail_from,
            password=settings.read_mail_password(),
            seconds=CALL_SECONDS,
        )
    except EcoError as error:
        return Finding("mail", Level.ERROR, str(error))
    if why:
        return Finding("mail", Level.WARNING, f"{why}. Messages wait until it can; see ECO_MAIL_URL.")
    if folder := filed_in(settings.mail_url, settings.mail_folder):
        return Finding("mail", Level.OK, f"filed in {folder}, none leaves; see ECO_MAIL_URL")
    return Finding("mail", Level.OK, "can leave; to send one: eco channel test ADDRESS")


def _heartbeat(url: str | None) -> list[Finding]:
    """Whether something takes connections where the monitor shall be; it is not told of a run that was none.

    Behind a proxy a call says nothing. Host and port alone are named: the rest of the address is a secret.
    """
    parts = urlsplit(url or "")
    if not url or getproxies().keys() & {parts.scheme, "all"}:
        return []
    host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}[parts.scheme]
    shown = f"{host}:{port}"
    if why := why_no_connection(host, port, CONNECT_SECONDS):
        said = f"{shown} takes no connection: {why}. The monitor would hear of no run; see ECO_HEARTBEAT_URL."
        return [Finding("heartbeat", Level.WARNING, said)]
    return [Finding("heartbeat", Level.OK, f"{shown} takes connections; nothing was sent")]


def _channels(used: Sequence[Used]) -> list[Finding]:
    """The chat channels of plans that run: which there are, and which cannot be used now.

    Never an error, as little as a mail server that is down or a unit that nobody reaches: what it holds up
    is one person's, and not starting would hold up everybody's.
    """
    targets = {one.read.url: one.read for one in used if one.read}
    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        answers = pool.map(lambda to: chat.why_unreachable(to, CONNECT_SECONDS), targets.values())
        silent = dict(zip(targets, answers, strict=True))
    said = []
    for one in used:
        whose = f"{one.plan}: channel {one.channel} of {one.unit} {one.role}"
        if one.read is None:
            said.append(f"{whose} cannot be used. {one.why} eco contact channel remove")
        elif why := silent[one.read.url]:
            said.append(f"{whose}, {one.read.shown}, takes no connection: {why}. {WHAT_WAITS[one.stands]}")
    if said:
        return [Finding("channels", Level.WARNING, line) for line in said]
    schemes = sorted(Counter(one.read.scheme for one in used if one.read).items())
    listed = ", ".join(f"{count} {scheme}" for scheme, count in schemes)
    return [Finding("channels", Level.OK, listed or "none besides mail in plans that run")]


def _prefect(url: str | None) -> list[Finding]:
    found = []
    for name, series in (("prefect", PREFECT), ("sqlalchemy", SQLALCHEMY)):
        try:
            installed = version(name) if find_spec(name) else ""
        except PackageNotFoundError:
            installed = ""
        if not installed.startswith(f"{series}."):
            said = f"{name} {installed or 'is not installed'}: the engine needs {series}."
            found.append(Finding("prefect", Level.ERROR, f"{said} Set up the pinned packages."))
    if url and not found:
        try:
            check_server(url)
        except WrongInput as error:
            found.append(Finding("prefect", Level.ERROR, str(error)))
        except EcoError as error:
            found.append(Finding("prefect", Level.WARNING, str(error)))
    return found or [Finding("prefect", Level.OK, version("prefect"))]


def _engine(settings: Settings) -> Finding:
    try:
        check_alone(settings.home)
    except EcoError as error:
        return Finding("engine", Level.ERROR, str(error))
    return Finding("engine", Level.OK, "no other runs in this ECO_HOME")


def _health_address(settings: Settings) -> list[Finding]:
    """Whether the health address can be listened on. The engine of this very ECO_HOME is named before."""
    if settings.health_at is None:
        return [Finding("health address", Level.OK, "off")]
    try:
        socket.create_server(settings.health_at).close()
    except OSError as error:
        said = f"{settings.health_address} cannot be listened on: {error.strerror}. See ECO_HEALTH_ADDRESS."
        return [Finding("health address", Level.ERROR, said)]
    return [Finding("health address", Level.OK, settings.health_address)]
