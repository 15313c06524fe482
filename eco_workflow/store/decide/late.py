"""What is late in one plan, for those who look: the predicates of the run itself."""

from sqlalchemy import Date, Integer
from sqlmodel.sql.sqltypes import UTCDateTime

from eco_workflow.store.decide import overdue
from eco_workflow.store.decide.cases import PRINCIPAL
from eco_workflow.store.decide.overdue import EVIDENCE_IS_MISSING, INDICATOR_IS_LATE, IS_ASKED, TASK_IS_LATE
from eco_workflow.store.decide.silence import ASKED_ANEW_TOO_LATE, IS_LATE
from eco_workflow.store.decide.waiting import SINCE
from eco_workflow.store.sql import sql

LATE_ITEMS = sql(f"""
    SELECT o.unit_id, o.item_id FROM obligation o
    WHERE o.plan_id = :plan AND ({TASK_IS_LATE.format(o="o")} OR {INDICATOR_IS_LATE.format(o="o")}
                                 OR {EVIDENCE_IS_MISSING.format(o="o")})
""")

MAY_BE_ASKED = sql(f"""
    SELECT o.unit_id, o.item_id FROM obligation o WHERE o.plan_id = :plan AND {IS_ASKED.format(o="o")}
""")

WITHOUT_EVIDENCE = sql(f"""
    SELECT o.unit_id, o.item_id FROM obligation o
    WHERE o.plan_id = :plan AND {EVIDENCE_IS_MISSING.format(o="o")}
""")

OFFICE_OWES = sql(f"""
    SELECT w.item_id, min(w.due_on) AS due_on FROM ({overdue.OFFICE_OWES}) w GROUP BY w.item_id
""").columns(item_id=Integer, due_on=Date)

SILENT_UNITS = sql(f"""
    SELECT r.unit_id FROM request r
    WHERE r.plan_id = :plan AND r.state = 'awaiting' AND r.sent_at IS NOT NULL AND {IS_LATE}
    UNION
    SELECT c.unit_id FROM ladder_case c
    WHERE c.plan_id = :plan AND c.clock = 'report' AND c.closed_on IS NULL AND c.opened_on <= :today
""")

LET_PASS = sql(f"""
    SELECT b.round_id, c.unit_id FROM breach b JOIN ladder_case c ON c.id = b.case_id
    WHERE b.round_id IN :rounds
    UNION
    SELECT q.round_id, q.unit_id FROM request q
    WHERE q.round_id IN :rounds AND {ASKED_ANEW_TOO_LATE.format(of="q")}
""")

CAN_BE_TOLD = sql(f"""
    SELECT {PRINCIPAL.format(of="ladder_case")} FROM ladder_case WHERE ladder_case.id = :case
""")

_COUNTS = ", ".join(
    f"(SELECT count(*) {source}) AS {kind}_count, (SELECT min({since}) {source}) AS {kind}_since"
    for kind, (since, source) in SINCE.items()
)

WAITING = sql(f"SELECT {_COUNTS} FROM plan p WHERE p.id = :plan").columns(
    **{f"{kind}_count": Integer() for kind in SINCE},
    **{f"{kind}_since": UTCDateTime() if kind == "proposal" else Date() for kind in SINCE},
)
