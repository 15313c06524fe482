"""Every table. Integer ids inside, natural keys for what happens (DESIGN, "The shape of the tables")."""

from eco_workflow.store.tables.ladder import (
    Breach,
    Case,
    Ladder,
    LadderRung,
    Rung,
    SupervisionFile,
)
from eco_workflow.store.tables.plan import (
    Contact,
    Exemption,
    Hears,
    Item,
    ItemText,
    Obligation,
    Plan,
    PlanVersion,
    Unit,
)
from eco_workflow.store.tables.post import Attempt, Line, Message
from eco_workflow.store.tables.record import Audit, Instance, Run
from eco_workflow.store.tables.rounds import Entry, Report, Request, Round, RoundSummary

__all__ = [
    "Attempt",
    "Audit",
    "Breach",
    "Case",
    "Contact",
    "Entry",
    "Exemption",
    "Hears",
    "Instance",
    "Item",
    "ItemText",
    "Ladder",
    "LadderRung",
    "Line",
    "Message",
    "Obligation",
    "Plan",
    "PlanVersion",
    "Report",
    "Request",
    "Round",
    "RoundSummary",
    "Run",
    "Rung",
    "SupervisionFile",
    "Unit",
]
