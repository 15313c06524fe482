"""The claim, the rounds that open today, and who is asked what (DOMAIN 3.1-3.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from eco_workflow.domain.rounds import may_leave
from eco_workflow.store.decide.batch import Batch
from eco_workflow.store.decide.overdue import IS_ASKED
from eco_workflow.store.sql import sql
from eco_workflow.store.tables import Plan, Request, Round

CLAIM = sql("""
    INSERT INTO run (plan_id, on_date, started_at, actor)
    SELECT id, :today, :now, :who FROM plan WHERE id IN :plans AND held_since IS NULL
    ON CONFLICT DO NOTHING
    RETURNING plan_id
""")

REMEMBER_RUN = sql("UPDATE plan SET last_run_on = :today WHERE id IN :plans")

# Of several rounds that were missed, only the newest is sent. An ad-hoc round asks what no other does.
SKIP = sql("""
    UPDATE round SET state = 'skipped'
    WHERE plan_id IN :plans AND state = 'planned' AND kind = 'regular'
      AND EXISTS (SELECT 1 FROM round newer
                  WHERE newer.plan_id = round.plan_id AND newer.kind = round.kind
                    AND newer.state = 'planned' AND newer.on_date IN :dates
                    AND newer.on_date > round.on_date)
      AND plan_id IN (SELECT id FROM plan WHERE id IN :plans AND wait_for_working_day = :waits)
""")

OPEN = sql("""
    UPDATE round SET state = 'open', opened_on = :today,
                     version = (SELECT version FROM plan WHERE plan.id = round.plan_id)
    WHERE plan_id IN :plans AND state = 'planned' AND on_date IN :dates
      AND plan_id IN (SELECT id FROM plan WHERE id IN :plans AND wait_for_working_day = :waits)
    RETURNING id, kind
""")

_IS_ASKED = IS_ASKED.format(o="o")

_ASK = f"""
    INSERT INTO entry (round_id, unit_id, item_id, state)
    SELECT r.id, o.unit_id, o.item_id, 'awaiting'
    FROM round r JOIN obligation o ON o.plan_id = r.plan_id
    WHERE r.id IN :rounds
      AND {_IS_ASKED}
      AND (o.rhythm = 'every_round'
           OR EXISTS (SELECT 1 FROM round_asks a WHERE a.round_id = r.id AND a.rhythm = o.rhythm))
      AND (o.asked_from IS NULL OR o.asked_from <= r.on_date)
      AND (o.asked_until IS NULL OR o.asked_until >= r.on_date)
"""

ASK = sql(_ASK)

# Nobody is asked the same twice in one mail: an ad-hoc round that leaves with a regular one goes before it.
ASK_BESIDE_ADHOC = sql(f"""
    {_ASK}
      AND NOT EXISTS (SELECT 1 FROM round_choice c
                      WHERE c.round_id IN :adhoc AND c.unit_id = o.unit_id AND c.item_id = o.item_id)
""")

# Of two that leave together, the newer asks what both would.
ASK_CHOSEN = sql(f"""
    INSERT INTO entry (round_id, unit_id, item_id, state)
    SELECT c.round_id, c.unit_id, c.item_id, 'awaiting'
    FROM round_choice c JOIN round r ON r.id = c.round_id
    JOIN obligation o ON o.plan_id = r.plan_id AND o.unit_id = c.unit_id AND o.item_id = c.item_id
    WHERE c.round_id IN :adhoc AND {_IS_ASKED}
      AND NOT EXISTS (SELECT 1 FROM round_choice n
                      WHERE n.round_id IN :adhoc AND n.round_id > c.round_id
                        AND n.unit_id = c.unit_id AND n.item_id = c.item_id)
""")

# What an older ad-hoc request still asks is asked again in the unit's new regular request, so that the new
# one can supersede it and no question is lost.
TAKE_UP = sql(f"""
    INSERT INTO entry (round_id, unit_id, item_id, state)
    SELECT DISTINCT r.id, q.unit_id, q.item_id, 'awaiting'
    FROM round r
    JOIN round a ON a.plan_id = r.plan_id AND a.kind = 'adhoc' AND a.state = 'open' AND a.id < r.id
    JOIN request w ON w.round_id = a.id AND w.state = 'awaiting'
    JOIN entry q ON q.round_id = w.round_id AND q.unit_id = w.unit_id AND q.state IN ('awaiting', 'returned')
    JOIN obligation o ON o.plan_id = r.plan_id AND o.unit_id = q.unit_id AND o.item_id = q.item_id
    WHERE r.id IN :rounds AND {_IS_ASKED}
      AND EXISTS (SELECT 1 FROM entry e WHERE e.round_id = r.id AND e.unit_id = q.unit_id)
      AND NOT EXISTS (SELECT 1 FROM round_choice c
                      WHERE c.round_id IN :adhoc AND c.unit_id = q.unit_id AND c.item_id = q.item_id)
    ON CONFLICT DO NOTHING
""")

ASKS_MORE = f"""
    EXISTS (SELECT 1 FROM round a
            JOIN entry q ON q.round_id = a.id AND q.unit_id = request.unit_id
            JOIN obligation o ON o.plan_id = a.plan_id AND o.unit_id = q.unit_id AND o.item_id = q.item_id
            WHERE a.id = request.round_id AND a.kind = 'adhoc'
              AND q.state IN ('awaiting', 'returned') AND {_IS_ASKED}
              AND NOT EXISTS (SELECT 1 FROM entry n WHERE n.round_id IN :rounds
                              AND n.unit_id = q.unit_id AND n.item_id = q.item_id))
"""
"""Whether an ad-hoc request still asks what the rounds given do not: then it stands beside them."""

# What was never sent gives way to the new round; what was sent does so when the new one is sent.
GIVE_WAY = sql(f"""
    UPDATE request SET state = 'superseded'
    WHERE plan_id IN :plans AND state = 'awaiting' AND asked_on IS NULL
      AND EXISTS (SELECT 1 FROM entry e WHERE e.round_id IN :rounds AND e.unit_id = request.unit_id)
      AND NOT {ASKS_MORE}
""")

SUPERSEDE = sql(f"""
    UPDATE request SET state = 'superseded'
    WHERE plan_id = :plan AND unit_id = :unit AND state = 'awaiting' AND round_id < :newest
      AND EXISTS (SELECT 1 FROM round r WHERE r.id = :newest AND r.kind = 'regular')
      AND NOT {ASKS_MORE}
""")

# An ad-hoc round that stands nowhere any more, or asked nobody as the newer ones ask it all, is not open:
# whoever looks for what is owed finds it elsewhere.
TAKEN_UP = sql("""
    UPDATE round SET state = 'taken_up'
    WHERE plan_id IN :plans AND kind = 'adhoc' AND state = 'open'
      AND NOT EXISTS (SELECT 1 FROM request q WHERE q.round_id = round.id AND q.state <> 'superseded')
""")

NEWER_TODAY = sql("""
    SELECT n.round_id FROM request n JOIN round r ON r.id = n.round_id
    WHERE n.plan_id = :plan AND n.unit_id = :unit AND n.state = 'awaiting' AND n.asked_on = :today
      AND n.round_id > :round AND r.kind = 'regular'
""")

GIVES_WAY = sql(f"""
    SELECT request.round_id FROM request
    WHERE request.round_id = :round AND request.unit_id = :unit AND NOT {ASKS_MORE}
""")

REQUEST = sql("""
    INSERT INTO request (round_id, unit_id, plan_id, liaison_id, leader_id, state, asked_on)
    SELECT e.round_id, e.unit_id, r.plan_id, l.id, d.id, 'awaiting',
           CASE WHEN l.id IS NOT NULL AND l.failed_on IS NULL THEN :today END
    FROM (SELECT DISTINCT round_id, unit_id FROM entry WHERE round_id IN :rounds) e
    JOIN round r ON r.id = e.round_id
    LEFT JOIN contact l ON l.unit_id = e.unit_id AND l.role = 'liaison' AND l.ended_on IS NULL
    LEFT JOIN contact d ON d.unit_id = e.unit_id AND d.role = 'leader' AND d.ended_on IS NULL
""")

# A request that could not be sent is asked as soon as the unit has a liaison who can be reached.
ASK_AGAIN = sql("""
    UPDATE request SET asked_on = :today, liaison_id = l.id
    FROM contact l
    WHERE request.plan_id IN :plans AND request.state = 'awaiting' AND request.asked_on IS NULL
      AND request.round_id IN (SELECT r.id FROM round r JOIN plan p ON p.id = r.plan_id
                               WHERE r.plan_id IN :plans AND r.on_date IN :dates
                                 AND p.wait_for_working_day = :waits)
      AND l.unit_id = request.unit_id AND l.role = 'liaison' AND l.ended_on IS NULL AND l.failed_on IS NULL
""")


def claim(
    connection: Connection, plans: Sequence[int], today: date, now: datetime, who: str, *, confirmed: bool
) -> tuple[int, ...]:
    """Claims the day's run; returns the plans that nobody had claimed and that are not held.

    A confirmed date is where the clock stands from now on, also on a day that has run already.
    """
    rows = connection.execute(CLAIM, {"plans": plans, "today": today, "now": now, "who": who})
    claimed = tuple(sorted(rows.scalars()))
    if moved := tuple(plans) if confirmed else claimed:
        connection.execute(REMEMBER_RUN, {"plans": moved, "today": today})
    return claimed


@dataclass(frozen=True)
class Opened:
    """Ids of the rounds that open today."""

    regular: tuple[int, ...]
    adhoc: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        """Of either kind."""
        return tuple(sorted(self.regular + self.adhoc))


def open_rounds(connection: Connection, batch: Batch) -> Opened:
    """Opens the newest regular round whose requests may leave today and every such ad-hoc round.

    Older regular rounds that were missed are skipped.
    """
    opened: list[tuple[int, str]] = []
    planned = _dates(batch).where(Round.state == "planned", Round.on_date <= batch.today)
    for waits, dates in _leaving(connection, batch, planned).items():
        batch.run(connection, SKIP, dates=dates, waits=waits)
        rows = connection.execute(
            OPEN, {"plans": batch.plans, "today": batch.today, "dates": dates, "waits": waits}
        )
        opened += ((row.id, row.kind) for row in rows)
    return Opened(
        regular=tuple(sorted(number for number, kind in opened if kind == "regular")),
        adhoc=tuple(sorted(number for number, kind in opened if kind == "adhoc")),
    )


def ask(connection: Connection, batch: Batch, opened: Opened) -> tuple[int, int]:
    """Writes an entry per obligation due to be asked and a request per unit; returns (requests, entries)."""
    requests = entries = 0
    if opened.adhoc:
        entries += batch.run(connection, ASK_CHOSEN, adhoc=opened.adhoc)
    if opened.regular:
        ask_regular = ASK_BESIDE_ADHOC if opened.adhoc else ASK
        entries += batch.run(connection, ask_regular, rounds=opened.regular, adhoc=opened.adhoc)
        entries += batch.run(connection, TAKE_UP, rounds=opened.regular, adhoc=opened.adhoc)
        batch.run(connection, GIVE_WAY, rounds=opened.regular)
    if opened.all:
        requests = batch.run(connection, REQUEST, rounds=opened.all)
        close_taken_up(connection, batch.plans)
    unasked = _dates(batch).join(Request, col(Request.round_id) == Round.id)
    unasked = unasked.where(Request.state == "awaiting", col(Request.asked_on).is_(None))
    for waits, dates in _leaving(connection, batch, unasked).items():
        batch.run(connection, ASK_AGAIN, dates=dates, waits=waits)
    return requests, entries


def supersede_older(connection: Connection, plan_id: int, unit_id: int, round_id: int) -> None:
    """From now on a unit's newest regular request counts; the older silence stays recorded.

    An ad-hoc request supersedes nothing. It is itself superseded by a newer regular one that asks all it
    still asks; else it stands beside it until it is answered (DOMAIN 3.7).
    """
    known = {"plan": plan_id, "unit": unit_id, "newest": round_id, "rounds": (round_id,)}
    if connection.execute(SUPERSEDE, known).rowcount:
        close_taken_up(connection, (plan_id,))


def close_taken_up(connection: Connection, plans: Sequence[int]) -> None:
    """Ad-hoc rounds none of whose requests stands are open no more; after what asks or supersedes."""
    connection.execute(TAKEN_UP, {"plans": tuple(plans)})


def gives_way_today(connection: Connection, plan_id: int, unit_id: int, round_id: int, today: date) -> bool:
    """Whether a newer request that leaves today takes the place of this one, as soon as it is sent."""
    known = {"plan": plan_id, "unit": unit_id, "round": round_id, "today": today}
    newer = tuple(connection.execute(NEWER_TODAY, known).scalars())
    if not newer:
        return False
    known = {"unit": unit_id, "round": round_id, "rounds": newer}
    return connection.execute(GIVES_WAY, known).first() is not None


def _dates(batch: Batch) -> Select[date, bool]:
    """The printed dates of the batch's rounds, and whether their plan waits for working days."""
    return (
        select(col(Round.on_date), col(Plan.wait_for_working_day))
        .distinct()
        .join(Plan, col(Plan.id) == Round.plan_id)
        .where(col(Round.plan_id).in_(batch.plans))
    )


def _leaving(connection: Connection, batch: Batch, dates: Select[date, bool]) -> dict[bool, list[date]]:
    """Of these printed dates, those whose requests may leave today, by whether the plan waits."""
    leaving: dict[bool, list[date]] = {}
    for printed, waits in connection.execute(dates):
        if may_leave(printed, batch.today, batch.days, wait_for_working_day=waits):
            leaving.setdefault(waits, []).append(printed)
    return leaving


BACKFILL = sql("""
    INSERT INTO request (round_id, unit_id, plan_id, state)
    SELECT DISTINCT e.round_id, e.unit_id, r.plan_id, 'backfill'
    FROM entry e JOIN round r ON r.id = e.round_id
    WHERE e.round_id IN :rounds
""")


def backfill(connection: Connection, rounds: tuple[int, ...]) -> None:
    """Writes what rounds before activation would have asked: recorded later, never sent, never late."""
    if rounds:
        connection.execute(ASK, {"rounds": rounds})
        connection.execute(BACKFILL, {"rounds": rounds})
