"""`eco init`: the database and the plan that runs here."""

from shlex import quote
from typing import Annotated

import typer

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import As, Json, Now, actor, err, out, print_json
from eco_workflow.domain.clock import read_date, shanghai_date
from eco_workflow.domain.english import counted
from eco_workflow.log import keep_log
from eco_workflow.settings import Settings, read_settings
from eco_workflow.store.session import Database

DEFAULT_PLAN = "daxinganling-2022"


def init(
    plan: Annotated[str, typer.Option(help="A packaged plan's name, or a plan file.")] = DEFAULT_PLAN,
    active_from: Annotated[
        str | None, typer.Option(help="The plan's first day here; what lies before it is backfill.")
    ] = None,
    trial: Annotated[str, typer.Option(help="Send every message to this test mailbox, marked 试运行.")] = "",
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Make the database and activate a plan. The same again changes nothing."""
    from eco_workflow.plans.load import read
    from eco_workflow.services.load_plan import activate
    from eco_workflow.services.trial import checked_mailbox
    from eco_workflow.store.migrate import upgrade, whole_or_nothing

    at = now_or(now)
    day = read_date(active_from, "--active-from") if active_from else shanghai_date(at)
    loaded = read(plan)
    loaded.plan.check_activation(day)
    mailbox = checked_mailbox(trial) if trial else ""
    settings = read_settings()
    database = Database(settings.database)
    keep_log(settings.home)
    by = actor(as_)
    with whole_or_nothing(database):
        are_new = upgrade(database)
        done = activate(database, loaded, active_from=day, now=at, actor=by, trial_mailbox=mailbox)
    if are_new:
        _name_former_books(settings)
    if json:
        print_json(done)
        return
    out.print(
        f"{done.code} {'is active' if done.fresh else 'was active already'} from {done.active_from}: "
        f"{done.units} units and groups, {counted(done.obligations, 'obligation')}, "
        f"{counted(done.rounds, 'round')} ({done.backfilled} before activation, recorded as backfill)."
    )
    if done.to_settle:
        out.print(
            f"{counted(done.to_settle, 'item was', 'items were')} past due at activation. "
            "Settle them: eco item list --unsettled"
        )
    if mailbox:
        out.print(f"On trial: every message goes to {mailbox}. In earnest: eco plan trial --off")
    out.print(f"Database: {database.name}")


def _name_former_books(settings: Settings) -> None:
    """These books are new: where others were kept here before, how to go on with those or do without them."""
    from eco_workflow.services.backup import newest_backup

    if older := newest_backup(settings.backups):
        err.print(
            "These books are new, but backups of others lie here. To go on with those instead: "
            f"eco restore {quote(str(older))} --yes",
            markup=False,
            highlight=False,
        )
    heads = settings.audit_heads
    if heads.exists():
        err.print(
            f"The audit chains of others are anchored in {heads}: without those books, move it away. Beside "
            "it the new ones count as tampered with.",
            markup=False,
            highlight=False,
        )
