"""At night a backup is made, the audit chains are anchored, and old texts are emptied."""

from datetime import timedelta
from pathlib import Path

from sqlmodel import col, select

from eco_workflow.services.audit_log import verify
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Attempt
from flows.wiring import keep_house, run_directly
from tests.flows.homes import new_home, order


def test_a_night_leaves_a_backup_anchored_heads_and_only_texts_within_their_time(tmp_path: Path) -> None:
    settings = new_home(tmp_path / "home").model_copy(update={"keep_bodies_days": 30, "backups_kept": 2})
    monday = order(14)
    run_directly(settings, monday)
    evenings = [monday.now + timedelta(days=days, hours=17) for days in (1, 2, 40)]
    nights = [keep_house(settings, evening, "schedule") for evening in evenings]
    assert [kept.purged for kept in nights] == [0, 0, 22]
    assert [kept.backup.wrong for kept in nights] == [(), (), ()]
    assert not nights[0].backup.file.exists()
    assert nights[1].backup.file.exists()
    assert nights[2].backup.file.exists()
    with Database(settings.database).read() as session:
        assert session.exec(select(Attempt).where(col(Attempt.body).is_not(None))).all() == []
        verified = verify(session, settings.audit_heads)
    assert settings.audit_heads.exists()
    assert all(chain.findings == () for chain in verified.chains)
    assert verified.lines == 1
    assert not verified.others
