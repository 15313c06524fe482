"""A unit is asked to confirm what the office recorded on its behalf (代填, DOMAIN 1)."""

from datetime import datetime

from sqlmodel import Session

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.services.find_entry import Place
from eco_workflow.services.history import figures_in, in_words
from eco_workflow.services.notices import acted, tell_once
from eco_workflow.store.tables import Report

AS_TOLD = {"phone": "telephone", "paper": "letter"}
"""The means of an answer, as mails name the means of every telling."""


def ask_to_confirm(session: Session, place: Place, said: Report, now: datetime) -> None:
    """Asks a unit to confirm an answer.

    Not for backfill, of which nothing is sent, nor where the unit was merged and nobody is left to confirm.
    """
    if place.request.state == "backfill" or place.unit.successor_id is not None:
        return
    facts = {
        "item": said.item_id,
        "report": said.id,
        "recorded": in_words(said, figures_in(session, [said]), place.item.code),
        "means": AS_TOLD[said.on_behalf],
        "by": acted(session, place.plan, said.actor),
    }
    key = f"confirm_on_behalf:{said.id}"
    tell_once(session, place.plan, said.unit_id, "confirm_on_behalf", key, on=shanghai_date(now), facts=facts)
