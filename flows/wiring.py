"""Puts the parts of a run together from the settings. Knows no Prefect: `--direct` uses it as it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from logging import ERROR, WARNING
from typing import Any

from sqlmodel import select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.messages import Send
from eco_workflow.log import bound, note
from eco_workflow.services import people, phase_work
from eco_workflow.services.calendar import published_for
from eco_workflow.services.close_phase import Closed, close
from eco_workflow.services.deliver import Delivered, deliver, waiting
from eco_workflow.services.dispatch import Decision, decide
from eco_workflow.services.doubt import waits_for_a_date
from eco_workflow.services.find import plan_named
from eco_workflow.services.missed_runs import lacking_todays
from eco_workflow.services.night import Kept
from eco_workflow.services.night import keep_house as keep
from eco_workflow.services.phase_work import Worked
from eco_workflow.services.post import Post
from eco_workflow.services.rhythms import Opened, open_all
from eco_workflow.services.run_result import RunResult, conclude
from eco_workflow.services.weekly import write_down
from eco_workflow.settings import Settings
from eco_workflow.stop import Stop
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Plan
from notifications.chat import chat
from notifications.render import renderer
from notifications.send import open_channel

BEAT_SECONDS = 5.0

STEPS = ("plans", "opened", "requests", "entries", "cases", "closed", "rungs", "summaries", "messages")
"""What the log counts of a decision."""


@dataclass(frozen=True)
class Order:
    """A run as it was asked for: its instant, who answers for it, some plans or all, a confirmed date."""

    now: datetime
    actor: str
    only: tuple[str, ...] | None = None
    confirmed: date | None = None


@lru_cache(maxsize=1)
def _database(url: str) -> Database:
    """Kept from step to step for the statements it has compiled; each step closes its connections."""
    return Database(url)


@contextmanager
def open_checked(settings: Settings, stop: Stop | None = None) -> Iterator[Database]:
    """The database in force; raises before anything is done when it cannot be used, or where `stop` says so
    meanwhile.
    """
    database = _database(settings.database)
    try:
        with (stop or Stop()).breaking():
            database.check_version()
        yield database
    finally:
        database.dispose()


def decide_run(
    settings: Settings, order: Order, progress: Callable[[int, int], None] | None = None
) -> Decision:
    """Decides everything that is due."""
    with _noted("decided", order.now) as said, open_checked(settings) as database:
        decision = decide(
            database,
            order.now,
            published_for(database),
            actor=order.actor,
            only=order.only,
            confirmed=order.confirmed,
            progress=progress,
        )
        for plan in decision.stopped:
            note("stopped", level=WARNING, plan=plan)
        for plan, why in decision.broken.items():
            note("broken", level=ERROR, plan=plan, error=why.partition(":")[0])
        said |= {
            "plan": _only_plan(database, order.only),
            "round_on": decision.round,
            "counts": {name: getattr(decision, name) for name in STEPS},
            "seconds": decision.seconds,
        }
        return decision


def _only_plan(database: Database, only: tuple[str, ...] | None = None) -> str | None:
    """The plan, where there is one, here or in `only`; the counts of a run of several are of all of them."""
    with database.read() as session:
        codes = only if only and len(only) == 1 else session.exec(select(Plan.code).limit(2)).all()
    return codes[0] if len(codes) == 1 else None


@contextmanager
def _noted(event: str, now: datetime) -> Iterator[dict[str, Any]]:
    """Writes a step of a run into the log: that it is done, with what is said of it meanwhile, or failed."""
    said: dict[str, Any] = {}
    started = time.perf_counter()
    with bound(run=shanghai_date(now)):
        try:
            yield said
        except Exception as error:
            note(f"not {event}", level=ERROR, error=error, seconds=time.perf_counter() - started)
            raise
        note(event, **{"seconds": time.perf_counter() - started, **said})


def waiting_now(settings: Settings, now: datetime) -> int:
    """How many of today's messages wait to be handed over."""
    with open_checked(settings) as database:
        return waiting(database, now)


def plans_missed(settings: Settings, now: datetime) -> list[str]:
    """The plans whose run of today has not begun long after its time, though it could."""
    with open_checked(settings) as database, database.read() as session:
        return lacking_todays(session, now)


def mail_channel(
    settings: Settings, is_ending: Callable[[], bool] = lambda: False
) -> AbstractContextManager[Send]:
    """The channel that the settings name."""
    return open_channel(
        settings.mail_url,
        mail_folder=settings.mail_folder,
        sender=settings.mail_from,
        password=settings.read_mail_password(),
        largest=int(settings.mail_max_mib * 2**20),
        is_ending=is_ending,
    )


@contextmanager
def post_office(settings: Settings, now: datetime, stop: Stop | None = None) -> Iterator[Post]:
    """Words, channel and calendar for a delivery; the channel stays open as long as this does."""
    stop = stop or Stop()
    with (
        open_checked(settings, stop) as database,
        mail_channel(settings, stop.is_said) as send,
    ):
        yield Post(
            database=database,
            now=now,
            days=published_for(database),
            render=renderer(settings.mail_from),
            send=send,
            per_minute=settings.mail_per_minute,
            chat=chat(stop.is_said),
            stop=stop,
        )


def deliver_batch(
    settings: Settings,
    now: datetime,
    *,
    behind: int = 0,
    at_most: int | None = None,
    handed_over: Callable[[], None] | None = None,
    stop: Stop | None = None,
) -> Delivered:
    """Delivers up to `at_most` of today's messages behind an id; raises `Ending` where `stop` says so."""
    with _noted("delivered", now) as said, post_office(settings, now, stop) as post:
        done = deliver(post, behind=behind, at_most=at_most, handed_over=handed_over)
        said |= {"plan": _only_plan(post.database), "counts": done.counts()}
        return done


def conclude_run(settings: Settings, decision: Decision, delivered: Delivered) -> RunResult:
    """What the run came to; the monitor that waits for it is told that it ran.

    Not where a plan is broken, nor while one waits for a person to confirm the date, whichever plans the run
    was of: silence is what the monitor alarms at.
    """
    today = shanghai_date(decision.now)
    with _noted("ran", decision.now) as said, open_checked(settings) as database:
        result = conclude(database, decision, delivered, today)
        said |= {"plan": _only_plan(database), "round_on": decision.round}
        said["counts"] = {
            "open cases": result.open_cases,
            "alerts": len(result.alerts),
            "waiting": result.waiting,
            "troubles": len(result.troubles),
        }
        url = settings.heartbeat_url
        beats = url and not decision.broken and not waits_for_a_date(database, today)
    if url and beats:
        with bound(run=today):
            _beat(url)
    return result


def _beat(url: str) -> None:
    """A monitor that cannot be reached notices by itself; the run is done, and the log says so."""
    import httpx

    try:
        answer = httpx.get(url, timeout=BEAT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        note("heartbeat not taken", level=WARNING, error=error)
    else:
        if not answer.is_success:  # a redirection is not followed, so nobody was told
            note("heartbeat not taken", level=WARNING, state=f"answer {answer.status_code}")


def run_directly(
    settings: Settings,
    order: Order,
    *,
    decided: Callable[[int, int], None] | None = None,
    handed_over: Callable[[], None] | None = None,
    stop: Stop | None = None,
) -> RunResult:
    """A whole run in this process, without Prefect. Raises `Ending` where `stop` says so: what is being
    decided is left as it was, of what is being handed over the truth is written down.
    """
    stop = stop or Stop()
    with stop.breaking():
        decision = decide_run(settings, order, decided)
    delivered = deliver_batch(settings, order.now, handed_over=handed_over, stop=stop)
    with stop.breaking():
        return conclude_run(settings, decision, delivered)


def keys_in_force(settings: Settings, now: datetime) -> list[str]:
    """The phases that are in force in the plans that run."""
    with open_checked(settings) as database:
        return phase_work.keys_in_force(database, now)


def work_phase(settings: Settings, now: datetime, key: str, only: str | None) -> list[Worked]:
    """Looks at a phase, and does the day's work of the one in force."""
    with _noted("looked at the phase", now) as said, open_checked(settings) as database:
        worked = phase_work.work(database, now, key, only=only)
        for one in worked:
            if one.doubted:
                note("stopped", level=WARNING, plan=one.plan)
        said |= {"plan": only or _only_plan(database)}
        said["counts"] = {
            "lacking": sum(len(one.gate.reasons) for one in worked),
            "sheets": sum(one.sheets for one in worked),
            "wanted": sum(one.wanted for one in worked),
        }
        return worked


def close_phase(
    settings: Settings, now: datetime, number: int, *, by: str, only: str | None, conditional: bool
) -> Closed:
    """An operator closes a phase by a flow: `by` is a name that the books know.

    Raises what `people.acting` and `close_phase.close` raise.
    """
    with _noted("closed the phase", now) as said, open_checked(settings) as database:
        with database.read() as session:
            who = people.acting(session, plan_named(session, only), by)
        done = close(database, number, conditional=conditional, now=now, by=who, plan=only)
        said |= {"plan": only or _only_plan(database), "counts": {"lacking": len(done.lacking)}}
        return done


def open_rhythms(settings: Settings, now: datetime, actor: str, only: str | None = None) -> Opened:
    """Opens what recurs for the office and is near; again changes nothing."""
    with _noted("opened rhythms", now) as said, open_checked(settings) as database:
        done = open_all(database, now, published_for(database), actor=actor, only=only)
        for plan in done.doubted:
            note("stopped", level=WARNING, plan=plan)
        for plan, why in done.broken.items():
            note("broken", level=ERROR, plan=plan, error=why.partition(":")[0])
        named = ("opened", "moved", "closed")
        said["counts"] = {name: sum(map(len, getattr(done, name).values())) for name in named}
        return done


def report_week(settings: Settings, now: datetime) -> int:
    """Writes the week's reports to the operators down, once a plan and week; how many were new."""
    with _noted("reported the week", now) as said, open_checked(settings) as database:
        written = write_down(database, now)
        said["counts"] = {"written": written}
        return written


def keep_house(settings: Settings, now: datetime, by: str) -> Kept:
    """Does what is due at night: backup, audit chains, old texts; one part whether or not another failed."""
    with _noted("kept house", now) as said, open_checked(settings) as database:
        kept = keep(database, settings, now=now, by=by)
        said["counts"] = {"purged": kept.purged, "wrong": len(kept.wrong)}
        return kept
