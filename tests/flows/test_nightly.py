"""At night a backup is made, the audit chains are anchored, and old texts are emptied."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import col, select

from eco_workflow.services.audit_log import verify
from eco_workflow.services.health import health
from eco_workflow.services.measure import measure
from eco_workflow.services.night import Nights
from eco_workflow.settings import Settings
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Attempt, Audit
from flows.nightly import night_table
from flows.wiring import keep_house, run_directly
from schedules.metrics import Measures, as_text
from tests.flows.homes import new_home, order


def test_a_night_leaves_a_backup_anchored_heads_and_only_texts_within_their_time(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home").model_copy(update={"keep_bodies_days": 30, "backups_kept": 2})
    monday = order(14)
    run_directly(settings, monday)
    evenings = [monday.now + timedelta(days=days, hours=17) for days in (1, 2, 40)]
    nights = [keep_house(settings, evening, "schedule") for evening in evenings]
    assert [kept.purged for kept in nights] == [0, 0, 22]
    assert [kept.wrong for kept in nights] == [(), (), ()]
    assert [kept.backup and kept.backup.file.exists() for kept in nights] == [False, True, True]
    with Database(settings.database).read() as session:
        assert session.exec(select(Attempt).where(col(Attempt.body).is_not(None))).all() == []
        verified = verify(session, settings.audit_heads)
    assert settings.audit_heads.exists()
    assert all(chain.findings == () for chain in verified.chains)
    assert verified.lines == 1
    assert not verified.others


def said_of(settings: Settings, now: datetime) -> tuple[list[str], Nights | None, str]:
    """What `eco health` finds wrong with the nights and knows of them, and the metrics of them."""
    with Database(settings.database).read() as session:
        found = health(session, settings, now, due_at=now, next_run_at=now, engine=True)
        shown = as_text(Measures(now, measure(session, found), ())).decode()
    wrong = [line for line in found.wrong if "night" in line]
    return wrong, found.nights, "\n".join(line for line in shown.splitlines() if line.startswith("eco_night"))


def test_a_backup_that_fails_at_night_is_told_and_holds_up_nothing_else(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home").model_copy(update={"keep_bodies_days": 1})
    run_directly(settings, order(14))
    good, bad = (order(14).now + timedelta(days=days, hours=17) for days in (0, 2))
    assert said_of(settings, good) == ([], None, "")
    keep_house(settings, good, "schedule")
    assert said_of(settings, good) == ([], Nights(good, good, good, ""), "eco_night_wrong 0.0")
    shutil.rmtree(settings.backups)
    settings.backups.touch()
    kept = keep_house(settings, bad, "schedule")
    assert kept.backup is None
    assert kept.purged == 22
    assert {row["what"]: row["found"] for row in night_table(kept)}["backup"] == "none"
    wrong, nights, shown = said_of(settings, bad)
    assert wrong == [f"the night of 2022-03-17: {kept.wrong[0]}. The next one tries again"]
    assert str(settings.backups) in wrong[0]
    assert nights == Nights(bad, good, bad, kept.wrong[0])
    assert shown == "eco_night_wrong 1.0"
    [_, missed] = said_of(settings, bad + timedelta(days=2, minutes=1))[0]
    assert missed == "no night since 2022-03-17 02:00. Is eco up running? By hand: eco backup"


def test_an_audit_chain_found_broken_at_night_is_told(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home")
    with Database(settings.database).write() as session:
        session.exec(select(Audit).where(Audit.n == 1)).one().detail = "{}"
    night = order(14).now
    keep_house(settings, night, "schedule")
    assert "row 1 altered" in said_of(settings, night)[0][0]
