"""Why a round was skipped, in an operator's words: the gate of phase 2 asks (DOMAIN 3.6, 7 M2.1)."""

from dataclasses import dataclass
from datetime import date, datetime

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.services.find import check_day_to_close, plan_named
from eco_workflow.services.release_summary import round_named
from eco_workflow.store import audit
from eco_workflow.store.session import Database


@dataclass(frozen=True)
class Noted:
    """A skipped round and why it was."""

    round: date
    note: str


def note_round(
    database: Database, on: date, text: str, *, now: datetime, by: Actor, plan: str | None = None
) -> Noted:
    """Notes why a round was skipped; a later note takes the place of the former.

    Raises `WrongInput` for a round that is not there or an empty note, `Refused` where it was not skipped.
    """
    text = bounded(text, "NOTE")
    if not text:
        raise WrongInput("NOTE is empty: say why the round was skipped.")
    with database.write() as session:
        plan_row = plan_named(session, plan)
        by.must(Action.RELEASE_SUMMARY, doing="noting why a round was skipped")
        row = round_named(session, plan_row, on, "regular")
        check_day_to_close(session, plan_row, now)
        if row.state != "skipped":
            raise Refused(f"The round of {on} is {row.state}; only a skipped one needs a note.")
        row.note = text
        detail = {"round": on, "note": text}
        audit.record(session, {row.plan_id: detail}, at=now, actor=by.name, action="note_round")
        return Noted(on, text)
