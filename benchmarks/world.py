"""A province of plans, made by bulk SQL through the real schema, and the post that delivery would settle.

A plan has 50 units with two contacts each and 330 obligations, of which 231 (70 %) are open; every unit
owes something. Ids are computed, so that a row's parents need no look-up.
"""

from datetime import date, datetime, time

from sqlalchemy import Date, TextClause, bindparam, text
from sqlmodel import Session

from eco_workflow.domain.clock import instant
from eco_workflow.domain.rounds import due_at, printed_dates
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.store.migrate import upgrade
from eco_workflow.store.session import Database
from eco_workflow.store.sql import sql

UNITS = 50
ITEMS = 110
OBLIGATIONS = 330
OPEN_OBLIGATIONS = 231
ROUNDS = tuple(printed_dates(date(2022, 3, 14), date(2022, 12, 31), (14, 28)))

ROUND_DAY = date(2022, 3, 14)
LATE_DAY = date(2022, 3, 17)
"""The morning after answers were due: rung 1."""
RUNG_2_DAY = date(2022, 3, 22)
"""Three whole working days after rung 1 was sent."""
MORNING = time(9, 0)
LAST_MINUTE = time(17, 30)

PLANS = "WITH RECURSIVE p(p) AS (SELECT 1 UNION ALL SELECT p + 1 FROM p WHERE p < :size)"

LADDER = (
    "INSERT INTO ladder (id, code) VALUES (1, 'report:1+0,2+3,3+2'), (2, 'item:1+0,2+3,3+2,4+5')",
    "INSERT INTO ladder_rung (ladder_id, rung, after) VALUES (1, 1, 0), (1, 2, 3), (1, 3, 2)",
    "INSERT INTO ladder_rung (ladder_id, rung, after) VALUES (2, 1, 0), (2, 2, 3), (2, 3, 2), (2, 4, 5)",
    "INSERT INTO instance (id, name) VALUES (1, 'benchmark')",
)

FILL = (
    f"""
    INSERT INTO plan (id, code, title, marking, version, starts_on, ends_on, active_from, answer_days,
                      answer_time, wait_for_working_day, summary_days, ladder_id, item_ladder_id, early_days,
                      review_days, office_unit_id, host_unit_id, supervision_unit_id, office_telephone,
                      trial_mailbox, audit_rows, audit_head)
    {PLANS}
    SELECT p, 'plan-' || p, '创建规划 ' || p, '演示数据', 1, :starts, :ends,
           :active, 2, '17:30', FALSE, 4, 1, 2, 3, 10, (p - 1) * {UNITS} + 28, 0, (p - 1) * {UNITS} + 5,
           '0000-0000000', '', 0, ''
    FROM p
    """,
    f"""
    INSERT INTO unit (id, plan_id, code, name, short, kind, relation)
    {PLANS}, u(u) AS (SELECT 1 UNION ALL SELECT u + 1 FROM u WHERE u < {UNITS})
    SELECT (p - 1) * {UNITS} + u, p, 'unit-' || u, '某某地区行政公署第' || u || '局', '第' || u || '局',
           'unit', CASE WHEN u % 5 = 0 THEN 'independent' ELSE 'subordinate' END
    FROM p CROSS JOIN u ORDER BY 1
    """,
    """
    INSERT INTO contact (id, plan_id, unit_id, role, name, address, since, failed_why)
    SELECT id * 2 - 1, plan_id, id, 'liaison', '联络员·' || short, 'lianluo@' || code || '.p' || plan_id
           || '.example', :active, '' FROM unit
    UNION ALL
    SELECT id * 2, plan_id, id, 'leader', '分管领导·' || short, 'fenguan@' || code || '.p' || plan_id
           || '.example', :active, '' FROM unit
    ORDER BY 1
    """,
    f"""
    INSERT INTO item (id, plan_id, code, kind)
    {PLANS}, i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < {ITEMS})
    SELECT (p - 1) * {ITEMS} + i, p, 'M' || i, 'milestone' FROM p CROSS JOIN i ORDER BY 1
    """,
    # Three units to an item; what is closed is spread so that every unit still owes three or more.
    f"""
    INSERT INTO obligation (plan_id, unit_id, item_id, role, version, state, due_on, rhythm, settle,
                            paused_as)
    {PLANS}, n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {OBLIGATIONS} - 1)
    SELECT p, (p - 1) * {UNITS} + n % {UNITS} + 1, (p - 1) * {ITEMS} + n / 3 + 1,
           CASE WHEN n % 3 = 0 THEN 'lead' ELSE 'data_provider' END, 1,
           CASE WHEN (n + n / {UNITS} * 3) * 7 % 10 >= 7 THEN 'closed'
                WHEN n % 2 = 0 THEN 'in_progress' ELSE 'not_started' END,
           :ends, 'every_round', '', ''
    FROM p CROSS JOIN n ORDER BY 1, 2, 3
    """,
    # The supervision office hears of rung 3, two others are copied (DOMAIN 5).
    f"""
    INSERT INTO hears (plan_id, rung, unit_id, role, otherwise, kind, principal)
    {PLANS}
    SELECT p, 1, 0, 'liaison', '', 'reminder', TRUE FROM p
    UNION ALL SELECT p, 2, 0, 'leader', 'liaison', 'reminder', TRUE FROM p
    UNION ALL SELECT p, 2, 0, 'liaison', '', 'reminder', FALSE FROM p
    UNION ALL SELECT p, 3, (p - 1) * {UNITS} + 5, 'liaison', '', 'alert', TRUE FROM p
    UNION ALL SELECT p, 3, (p - 1) * {UNITS} + 7, 'liaison', '', 'copy', FALSE FROM p
    UNION ALL SELECT p, 3, (p - 1) * {UNITS} + 28, 'liaison', '', 'copy', FALSE FROM p
    """,
    f"""
    INSERT INTO exemption (plan_id, rung, unit_id, addressee)
    SELECT plan_id, 3, id, '行署分管领导' FROM unit WHERE (id - 1) % {UNITS} IN (3, 4, 6)
    """,
)

PLANNED = sql(f"""
    INSERT INTO round (id, plan_id, on_date, kind, version, state, cover_note, note)
    {PLANS}
    SELECT (p - 1) * :count + :number, p, :on_date, 'regular', 1, 'planned', '', '' FROM p
""")

ASKS = sql(f"""
    INSERT INTO round_asks (round_id, rhythm)
    {PLANS}
    SELECT (p - 1) * :count + :number, 'every_round' FROM p
""")

DELIVERED = (
    sql("""
        UPDATE message SET state = 'sent', sent_on = :on_date, sent_at = :at
        WHERE state = 'pending' AND on_date = :on_date
    """),
    sql("""
        UPDATE entry SET due_at = :due_at
        WHERE state = 'awaiting'
          AND round_id IN (SELECT round_id FROM request WHERE asked_on = :on_date AND sent_at IS NULL)
    """),
    sql("""
        UPDATE request SET sent_at = :at, due_at = :due_at
        WHERE state = 'awaiting' AND asked_on = :on_date AND sent_at IS NULL
    """),
)

ANSWERED = (
    sql("""
        UPDATE entry SET state = 'submitted', on_time = FALSE, submitted_on = :on_date
        WHERE state = 'awaiting' AND unit_id % 3 <> 0
    """),
    sql("UPDATE request SET state = 'answered' WHERE state = 'awaiting' AND unit_id % 3 <> 0"),
    sql("""
        UPDATE ladder_case SET closed_on = :on_date, closed_why = 'answered'
        WHERE closed_on IS NULL AND unit_id % 3 <> 0
    """),
)


def make(database: Database, plans: int) -> None:
    """Brings an empty database to the real schema and fills it with so many plans."""
    upgrade(database)
    with database.write() as session:
        connection = session.connection()
        for ladder in LADDER:
            connection.execute(text(ladder))
        known: dict[str, object] = {
            "size": plans,
            "starts": date(2021, 10, 1),
            "ends": date(2022, 12, 31),
            "active": date(2022, 3, 1),
        }
        for fill in FILL:
            statement = text(fill)
            dated = [bindparam(name, type_=Date()) for name in statement._bindparams if name != "size"]
            statement = statement.bindparams(*dated)
            connection.execute(statement, {name: known[name] for name in statement._bindparams})
        for number, on_date in enumerate(ROUNDS, 1):
            values = {"size": plans, "count": len(ROUNDS), "number": number, "on_date": on_date}
            connection.execute(PLANNED, values)
            del values["on_date"]
            connection.execute(ASKS, values)
    tidy(database)


def deliver(database: Database, day: date, days: WorkingDays) -> None:
    """Everything pending of a day was sent that morning: what delivery writes, without the letters."""
    due = due_at(day, days, answer_days=2, answer_time=LAST_MINUTE)
    with database.write() as session:
        _run(session, DELIVERED, {"on_date": day, "at": morning(day), "due_at": due})
    tidy(database)


def answer(database: Database, day: date) -> None:
    """Two units of three answer, which closes their cases; a third stays silent."""
    with database.write() as session:
        _run(session, ANSWERED, {"on_date": day})
    tidy(database)


def morning(day: date) -> datetime:
    """Nine o'clock in Shanghai, when runs start."""
    return instant(day, MORNING)


def tidy(database: Database) -> None:
    """Leaves no work behind for the next measurement. SQLite does so when its last connection closes."""
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _run(session: Session, statements: tuple[TextClause, ...], known: dict[str, object]) -> None:
    for statement in statements:
        wanted = {name: known[name] for name in statement._bindparams}
        session.connection().execute(statement, wanted)
