"""`eco health`: whether the engine does its work; exit code 1 where something is wrong."""

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import Json, Now, open_database, out, print_json
from eco_workflow.domain.clock import wall_time
from eco_workflow.domain.english import counted, in_a_row
from eco_workflow.domain.errors import Refused
from eco_workflow.services.health import Health, PlanHealth
from eco_workflow.settings import read_settings


def health(now: Now = None, json: Json = False) -> None:
    """Say whether the engine does its work: runs, what waits or is unknown, backups, free disk."""
    from eco_workflow.services.health import health as look
    from eco_workflow.store.engine_lock import is_running, lacks
    from schedules.timetable import last_start, next_start, runs

    settings = read_settings()
    at = now_or(now)
    with open_database(settings).read() as session:
        found = look(
            session,
            settings,
            at,
            due_at=last_start(runs(), at),
            next_run_at=next_start(runs(), at),
            engine=is_running(settings.home),
            lacks=lacks(settings.home),
        )
    if json:
        print_json(found)
    else:
        _show(found)
    if found.wrong:
        raise Refused(in_a_row(found.wrong))


def _show(found: Health) -> None:
    engine = "runs" if found.engine else "does not run"
    out.print(f"eco up {engine} here; next run {wall_time(found.next_run_at)}", highlight=False)
    for plan in found.plans:
        out.print(_line(plan), highlight=False, markup=False)
    oldest = f" (oldest of {found.oldest_pending_on})" if found.oldest_pending_on else ""
    out.print(
        f"Messages: {found.pending} pending{oldest}, {found.failed} failed, {found.unknown} unknown; "
        f"{found.free_bytes // 1_000_000} MB free",
        highlight=False,
    )
    if found.nights:
        backup, anchored = (
            wall_time(at) if at else "never" for at in (found.nights.backed_up_at, found.nights.anchored_at)
        )
        out.print(f"Last good backup {backup}; audit chains anchored {anchored}", highlight=False)


def _line(plan: PlanHealth) -> str:
    said = f"{plan.plan}: last run {wall_time(plan.last_run_at) if plan.last_run_at else 'never'}"
    if plan.late_seconds is not None:
        said += f"; the last that was due {_lateness(plan.late_seconds)}"
        said += " and has not begun" if plan.missed_since else ""
    if plan.provisional_from:
        said += f"; calendar provisional from {plan.provisional_from}"
    return said


def _lateness(seconds: int) -> str:
    """How late in words, to the minute."""
    return "was on time" if seconds < 60 else f"is {counted(seconds // 60, 'minute')} late"
