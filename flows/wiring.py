"""Puts the parts of a run together from the settings. Knows no Prefect: `--direct` uses it as it is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.messages import Send
from eco_workflow.services.backup import Made, back_up
from eco_workflow.services.calendar import published_for
from eco_workflow.services.deliver import Delivered, deliver, waiting
from eco_workflow.services.dispatch import Decision, decide
from eco_workflow.services.post import Post
from eco_workflow.services.purge import purge_by_the_clock
from eco_workflow.services.run_result import RunResult, conclude
from eco_workflow.settings import Settings
from eco_workflow.store.session import Database
from notifications.chat import chat
from notifications.render import renderer
from notifications.send import open_channel

BEAT_SECONDS = 5.0


@dataclass(frozen=True)
class Order:
    """A run as it was asked for: its instant, who answers for it, one plan or all, a confirmed date."""

    now: datetime
    actor: str
    only: str | None = None
    confirmed: date | None = None


@contextmanager
def open_checked(settings: Settings) -> Iterator[Database]:
    """The database in force; raises before anything is done when it cannot be used."""
    database = Database(settings.database)
    try:
        database.check_version()
        yield database
    finally:
        database.dispose()


def decide_run(
    settings: Settings, order: Order, progress: Callable[[int, int], None] | None = None
) -> Decision:
    """Decides everything that is due."""
    with open_checked(settings) as database:
        return decide(
            database,
            order.now,
            published_for(database),
            actor=order.actor,
            only=order.only,
            confirmed=order.confirmed,
            progress=progress,
        )


def waiting_now(settings: Settings, now: datetime) -> int:
    """How many of today's messages wait to be handed over."""
    with open_checked(settings) as database:
        return waiting(database, now)


def mail_channel(settings: Settings) -> AbstractContextManager[Send]:
    """The channel that the settings name."""
    return open_channel(
        settings.mail_url,
        mail_folder=settings.mail_folder,
        sender=settings.mail_from,
        password=settings.read_mail_password(),
        largest=int(settings.mail_max_mib * 2**20),
    )


@contextmanager
def post_office(settings: Settings, now: datetime) -> Iterator[Post]:
    """Words, channel and calendar for a delivery; the channel stays open as long as this does."""
    with (
        open_checked(settings) as database,
        mail_channel(settings) as send,
    ):
        yield Post(
            database=database,
            now=now,
            days=published_for(database),
            render=renderer(settings.mail_from),
            send=send,
            per_minute=settings.mail_per_minute,
            chat=chat(),
        )


def deliver_batch(
    settings: Settings,
    now: datetime,
    *,
    behind: int = 0,
    at_most: int | None = None,
    handed_over: Callable[[], None] | None = None,
) -> Delivered:
    """Delivers up to `at_most` of today's messages behind an id."""
    with post_office(settings, now) as post:
        return deliver(post, behind=behind, at_most=at_most, handed_over=handed_over)


def conclude_run(settings: Settings, decision: Decision, delivered: Delivered) -> RunResult:
    """What the run came to; the monitor that waits for it is told that it ran."""
    with open_checked(settings) as database:
        result = conclude(database, decision, delivered, shanghai_date(decision.now))
    if settings.heartbeat_url:
        _beat(settings.heartbeat_url)
    return result


def _beat(url: str) -> None:
    """A monitor that cannot be reached notices by itself; the run is done all the same."""
    import httpx

    with suppress(httpx.HTTPError, httpx.InvalidURL):
        httpx.get(url, timeout=BEAT_SECONDS)


def run_directly(
    settings: Settings,
    order: Order,
    *,
    decided: Callable[[int, int], None] | None = None,
    handed_over: Callable[[], None] | None = None,
) -> RunResult:
    """A whole run in this process, without Prefect."""
    decision = decide_run(settings, order, decided)
    delivered = deliver_batch(settings, order.now, handed_over=handed_over)
    return conclude_run(settings, decision, delivered)


@dataclass(frozen=True)
class Kept:
    """What a night came to: the backup, and how many texts were emptied."""

    backup: Made
    purged: int


def keep_house(settings: Settings, now: datetime, by: str) -> Kept:
    """Backs everything up, which anchors the audit chains, and then empties texts past their time."""
    with open_checked(settings) as database:
        made = back_up(database, settings, None, now=now, by=by)
        return Kept(made, purge_by_the_clock(database, keep_days=settings.keep_bodies_days, now=now))
