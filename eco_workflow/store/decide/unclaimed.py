"""What a run reads before it claims anything. Plain rows: all there is to do on the day's second run."""

from sqlalchemy import Date, Integer, String

from eco_workflow.store.sql import sql

PLANS = sql("""
    SELECT id, code, active_from, ends_on, last_run_on, held_since FROM plan ORDER BY id
""").columns(
    id=Integer, code=String, active_from=Date, ends_on=Date, last_run_on=Date, held_since=Date
)  # fmt: skip

FARTHEST_ANSWER = sql("SELECT max(answer_days) FROM plan")

NEWEST_OPEN_ROUNDS = sql("""
    SELECT p.code, max(r.on_date) AS on_date FROM round r JOIN plan p ON p.id = r.plan_id
    WHERE r.state = 'open' AND r.on_date <= :today GROUP BY p.code
""").columns(code=String, on_date=Date)

HOLDS = sql("SELECT plan_id, since, until FROM hold").columns(plan_id=Integer, since=Date, until=Date)

HOLDS_OF_PLAN = sql("SELECT plan_id, since, until FROM hold WHERE plan_id = :plan").columns(
    plan_id=Integer, since=Date, until=Date
)
