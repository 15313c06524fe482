"""`eco audit`: whether the log is whole, and its heads kept outside the database."""

from typing import Annotated

import typer

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import As, Json, Now, acting_in_all, on_the_wall, open_database, out, print_json
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import Refused
from eco_workflow.domain.roles import Action
from eco_workflow.settings import read_settings

app = typer.Typer(help="The audit log: verify its chains, anchor their heads.", no_args_is_help=True)

Eyes = Annotated[str | None, typer.Option("--as", help="Who verifies: an auditor, an admin or an operator.")]


@app.command()
def verify(as_: Eyes = None, json: Json = False) -> None:
    """Walk every plan's chain and compare it with what was anchored; exit 1 when something is wrong.

    It is about the log: what stands in the books beside it is not compared.
    """
    from eco_workflow.services import audit_log

    settings = read_settings()
    database = open_database(settings)
    acting_in_all(database, Action.VERIFY_AUDIT, as_)
    with database.read() as session:
        found = audit_log.verify(session, settings.audit_heads)
    if json:
        print_json(found.as_json())
    else:
        for chain in found.chains:
            state = "TAMPERED WITH" if chain.findings else "whole"
            when = on_the_wall(chain.anchored_at) or ("before, and that is lost" if found.lost else "never")
            out.print(
                f"{chain.plan}: {counted(chain.rows, 'row')}, {state}; anchored {when}", highlight=False
            )
            for note in chain.notes:
                out.print(f"  {note}", highlight=False)
        if not found.lines and not found.lost:
            out.print(
                "Nothing was anchored yet: a tail cut together with its head would not be found. "
                "Anchor: eco audit anchor"
            )
        if not found.wrong:
            out.print(audit_log.said(found))
    if found.wrong:
        raise Refused(audit_log.said_in_full(found))


@app.command()
def anchor(now: Now = None, as_: As = None, json: Json = False) -> None:
    """Write the heads of all chains into a file outside the database, and verify. Again changes nothing."""
    from eco_workflow.services import audit_log

    settings, at = read_settings(), now_or(now)
    database = open_database(settings)
    by = acting_in_all(database, Action.BACK_UP, as_)
    with database.read() as session:
        done = audit_log.anchor(session, settings.audit_heads, now=at, by=by)
        found = audit_log.verify(session, settings.audit_heads)
    if json:
        print_json(done)
    else:
        out.print(
            f"{done.file}: {counted(done.written, 'head')} of {counted(done.plans, 'plan')} written.",
            highlight=False,
        )
    said = [f"Anchored anew. {done.lost}"] if done.lost else []
    said += [audit_log.said_in_full(found, also=done.wrong)] if found.wrong else []
    if said:
        raise Refused("\n".join(said))
