"""Every table. Integer ids inside, natural keys for what happens (DESIGN, "The shape of the tables")."""

from eco_workflow.store.tables.assigned import (
    Assignment,
    Inspection,
)
from eco_workflow.store.tables.calendar import (
    CalendarDay,
    CalendarYear,
)
from eco_workflow.store.tables.evidence import (
    Evidence,
    Requirement,
)
from eco_workflow.store.tables.funding import (
    Funding,
)
from eco_workflow.store.tables.indicators import (
    AssignedFigure,
    BaseFigure,
    Figure,
    Proposal,
    Spared,
    Standing,
)
from eco_workflow.store.tables.ladder import (
    Acknowledgement,
    Annulment,
    Breach,
    Case,
    Ladder,
    LadderRung,
    Paper,
    Rung,
)
from eco_workflow.store.tables.people import (
    Account,
)
from eco_workflow.store.tables.phases import (
    Award,
    ConditionalPass,
    PhaseStanding,
    Waiver,
)
from eco_workflow.store.tables.plan import (
    Channel,
    Contact,
    Exemption,
    FormerName,
    HandedOver,
    Hears,
    Item,
    ItemText,
    Obligation,
    Particulars,
    Plan,
    PlanVersion,
    Unit,
)
from eco_workflow.store.tables.post import (
    Attempt,
    Line,
    Message,
    Notice,
    Told,
)
from eco_workflow.store.tables.record import (
    Audit,
    Extension,
    Hold,
    Instance,
    Night,
    Run,
    Suspension,
)
from eco_workflow.store.tables.rhythms import (
    Distribution,
    InfoItem,
    Occurrence,
    ProRataLine,
    Resolution,
)
from eco_workflow.store.tables.rounds import (
    Entry,
    Report,
    Request,
    Round,
    RoundAsks,
    RoundChoice,
    RoundSummary,
    TakenOver,
)
from eco_workflow.store.tables.steps import (
    Step,
)
from eco_workflow.store.tables.surveys import (
    Survey,
    SurveyAnswer,
    SurveyFile,
)
from eco_workflow.store.tables.vetoes import (
    VetoEvent,
)

__all__ = [
    "Account",
    "Acknowledgement",
    "Annulment",
    "AssignedFigure",
    "Assignment",
    "Attempt",
    "Audit",
    "Award",
    "BaseFigure",
    "Breach",
    "CalendarDay",
    "CalendarYear",
    "Case",
    "Channel",
    "ConditionalPass",
    "Contact",
    "Distribution",
    "Entry",
    "Evidence",
    "Exemption",
    "Extension",
    "Figure",
    "FormerName",
    "Funding",
    "HandedOver",
    "Hears",
    "Hold",
    "InfoItem",
    "Inspection",
    "Instance",
    "Item",
    "ItemText",
    "Ladder",
    "LadderRung",
    "Line",
    "Message",
    "Night",
    "Notice",
    "Obligation",
    "Occurrence",
    "Paper",
    "Particulars",
    "PhaseStanding",
    "Plan",
    "PlanVersion",
    "ProRataLine",
    "Proposal",
    "Report",
    "Request",
    "Requirement",
    "Resolution",
    "Round",
    "RoundAsks",
    "RoundChoice",
    "RoundSummary",
    "Run",
    "Rung",
    "Spared",
    "Standing",
    "Step",
    "Survey",
    "SurveyAnswer",
    "SurveyFile",
    "Suspension",
    "TakenOver",
    "Told",
    "Unit",
    "VetoEvent",
    "Waiver",
]
