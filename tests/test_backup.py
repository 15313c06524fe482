"""A backup is everything, restores on either database, and replaces nothing before it was read back."""

import fcntl
import hashlib
import json
import os
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import Mock

import pytest
from sqlmodel import select

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services import audit_log
from eco_workflow.services import restore as restoring
from eco_workflow.services.backup import back_up
from eco_workflow.services.night import keep_house
from eco_workflow.services.restore import restore
from eco_workflow.settings import Settings
from eco_workflow.stop import Ending
from eco_workflow.store import dump
from eco_workflow.store.engine_lock import alone
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Account, Plan
from tests.office import Office, at

NOW = at("2022-03-15", "20:00")
LATER = at("2022-03-16", "08:00")


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The evening after the round of 14 March; one unit has answered."""
    made = Office(database, tmp_path / "home")
    made.home.mkdir()
    made.open()
    made.silent("2022-03-14")
    made.answer("shuiwuju", "2022-03-15")
    return made


def back_up_of(office: Office, to: Path | None = None) -> Path:
    return back_up(office.database, office.settings, to, now=NOW, by="admin").file


def contents(url: str) -> dict[str, Any]:
    """Every table in short, but for what a restore itself writes."""
    database = Database(url)
    with database.read() as session:
        connection = session.connection()
        held = {table.name: dump.content(connection, table) for table in dump.all_tables()}
    database.dispose()
    return {name: one for name, one in held.items() if name not in ("audit", "plan")}


def test_a_backup_restores_into_another_place_and_runs_on_there(office: Office, tmp_path: Path) -> None:
    """From either database to SQLite, and back; the mails too. The next morning decides there what it decides
    here.
    """
    file = back_up_of(office)
    settings = Settings(home=tmp_path / "there", database_url=None, audit_folder=None)
    done = restore(file, settings, yes=False, now=LATER, by="admin")
    assert (done.plans, done.replaced, done.wrong) == (1, (), ())
    assert contents(settings.database) == contents(office.url)
    there = Office(settings.database, settings.home)
    assert there.mails() == office.mails() != []
    with there.database.read() as session:
        verified = audit_log.verify(session, settings.audit_heads)
    assert verified.wrong == []
    assert there.run("2022-03-17") == office.run("2022-03-17")
    back = back_up(there.database, there.settings, now=LATER, by="admin").file
    restore(back, office.settings, yes=True, now=LATER, by="admin")
    assert contents(office.url) == contents(settings.database)


def test_a_restore_over_what_is_there_wants_a_word_and_sets_it_aside(office: Office) -> None:
    file = back_up_of(office)
    before = contents(office.url)
    office.run("2022-03-17")
    later = contents(office.url)
    office.database.dispose()
    with pytest.raises(Refused, match="say --yes"):
        restore(file, office.settings, yes=False, now=LATER, by="admin")
    assert contents(office.url) == later
    done = restore(file, office.settings, yes=True, now=LATER, by="admin")
    assert contents(office.url) == before
    assert all(Path(aside).exists() for aside in done.replaced)
    assert len(done.replaced) == 2  # the database, or a copy of it, and the mails
    with office.database.read() as session:
        assert audit_log.verify(session, office.settings.audit_heads).wrong == []
    with office.database.write() as session:  # new rows are numbered behind those restored
        plan = session.exec(select(Plan)).one()
        session.add(Account(plan_id=plan.id or 0, name="赵六", role="auditor", since=LATER.date()))
    assert office.run("2022-03-17")["rungs"] > 0


def signal_around(patch: pytest.MonkeyPatch, where: ModuleType, name: str, number: signal.Signals) -> None:
    """Comes before and after each call of a function."""
    really = getattr(where, name)

    def called(*words: Any) -> Any:
        signal.raise_signal(number)
        found = really(*words)
        signal.raise_signal(number)
        return found

    patch.setattr(where, name, called)


ENDS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])


@ENDS
def test_a_restore_told_to_end_before_it_replaced_anything_leaves_all_as_it_was(
    office: Office, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    file = back_up_of(office)
    office.run("2022-03-17")
    later = contents(office.url)
    office.database.dispose()
    there = {path.name for path in office.home.iterdir()}
    signal_around(monkeypatch, dump, "fill", number)
    with pytest.raises(Ending):
        restore(file, office.settings, yes=True, now=LATER, by="admin")
    assert contents(office.url) == later
    assert {path.name for path in office.home.iterdir()} - there <= {"backups"}


@ENDS
@pytest.mark.parametrize("amid", ["_set_aside", "_swap_files", "_merge_heads"])
def test_a_restore_told_to_end_once_it_replaces_things_is_finished(
    office: Office, monkeypatch: pytest.MonkeyPatch, amid: str, number: signal.Signals
) -> None:
    """Half of it is no state to be left in; the renamings take no time."""
    file = back_up_of(office)
    before = contents(office.url)
    office.run("2022-03-17")
    office.database.dispose()
    signal_around(monkeypatch, restoring, amid, number)
    done = restore(file, office.settings, yes=True, now=LATER, by="admin")
    assert contents(office.url) == before
    assert len(done.replaced) == 2
    assert all(Path(aside).exists() for aside in done.replaced)


def test_what_is_being_written_meanwhile_neither_waits_nor_gets_in(office: Office) -> None:
    """A run that goes on is not held up, and a backup shows none of its halves."""
    before = contents(office.url)
    with office.database.write() as session:
        plan = session.exec(select(Plan)).one()
        session.add(Account(plan_id=plan.id or 0, name="赵六", role="auditor", since=NOW.date()))
        session.flush()
        file = back_up(Database(office.url), office.settings, now=NOW, by="admin").file
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["tables"]["account"]["rows"] == before["account"].rows


def rezipped(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same backup after somebody was at it."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    forged = file.with_name("forged.zip")
    with zipfile.ZipFile(forged, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return forged


def answer_changed(members: dict[str, bytes]) -> None:
    members["tables/report.jsonl"] = members["tables/report.jsonl"].replace(b"in_progress", b"completed__")


def mail_left_out(members: dict[str, bytes]) -> None:
    del members[next(name for name in members if name.startswith("home/mail"))]


def no_manifest(members: dict[str, bytes]) -> None:
    del members["manifest.json"]


def another_schema(members: dict[str, bytes]) -> None:
    manifest = {**json.loads(members["manifest.json"]), "schema": "9999"}
    members["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_backup_that_somebody_changed_is_refused_and_nothing_is_touched(office: Office) -> None:
    file = back_up_of(office)
    before = contents(office.url)
    office.database.dispose()
    for change, said in (
        (answer_changed, "tables/report.jsonl is not what the manifest says"),
        (mail_left_out, "not what its manifest says: home/mail"),
        (no_manifest, "no manifest"),
        (another_schema, "schema 9999"),
    ):
        with pytest.raises(WrongInput, match=said):
            restore(rezipped(file, change), office.settings, yes=True, now=LATER, by="admin")
    cut = file.with_name("cut.zip")
    cut.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(WrongInput, match="only part of one"):
        restore(cut, office.settings, yes=True, now=LATER, by="admin")
    assert contents(office.url) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_backup_forged_with_its_manifest_is_found_by_the_chain(office: Office) -> None:
    """Who changes an audit row in the file and every digest beside it still breaks the chain."""

    def forge(members: dict[str, bytes]) -> None:
        rows = members["tables/audit.jsonl"] = members["tables/audit.jsonl"].replace(b"schedule", b"somebody")
        manifest = json.loads(members["manifest.json"])
        manifest["tables"]["audit"]["sha256"] = hashlib.sha256(rows).hexdigest()
        members["manifest.json"] = json.dumps(manifest).encode()

    file = rezipped(back_up_of(office), forge)
    before = contents(office.url)
    office.database.dispose()
    with pytest.raises(Refused, match=r"tampered with; nothing was changed\. .*row 2 altered"):
        restore(file, office.settings, yes=True, now=LATER, by="admin")
    assert contents(office.url) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_that_somebody_has_open_is_not_replaced(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What that one wrote afterwards would be lost in a file that no longer has a name."""
    monkeypatch.setattr("eco_workflow.services.restore.SECONDS_TO_WAIT", 0.1)
    file = back_up_of(office)
    with office.database.read() as session:
        session.exec(select(Plan)).one()
        with pytest.raises(Refused, match="Another process has"):
            restore(file, office.settings, yes=True, now=LATER, by="admin")
    assert not list(office.home.glob("*restoring*"))
    assert office.run("2022-03-17")["rungs"] > 0


def test_a_restore_waits_until_the_engine_has_ended_and_leaves_its_lock_where_it_is(office: Office) -> None:
    """Between two runs `eco up` has no file open: it would go on with books that no longer have a name."""
    lock = office.home / "up.lock"
    with alone(office.home):
        file = back_up_of(office)
        before = lock.stat().st_ino
        with pytest.raises(Refused, match=f"Another process has {office.home} open. End it"):
            restore(file, office.settings, yes=True, now=LATER, by="admin")
        assert not list(office.home.glob("*replaced-*"))

    def of_former_times(members: dict[str, bytes]) -> None:
        members["home/up.lock"] = b"1"
        manifest = json.loads(members["manifest.json"])
        manifest["files"]["home/up.lock"] = {"bytes": 1, "sha256": hashlib.sha256(b"1").hexdigest()}
        members["manifest.json"] = json.dumps(manifest).encode()

    for held, now in ((file, LATER), (rezipped(file, of_former_times), at("2022-03-16", "08:01"))):
        with pytest.raises(Refused, match="There is something at") as refused:
            restore(held, office.settings, yes=False, now=now, by="admin")
        assert "up.lock" not in str(refused.value)
        done = restore(held, office.settings, yes=True, now=now, by="admin")
        assert not [aside for aside in done.replaced if "up.lock" in aside]
        assert lock.stat().st_ino == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_damaged_database_is_set_aside_and_replaced(office: Office) -> None:
    """That is what one restores for."""
    file = back_up_of(office)
    before = contents(office.url)
    office.database.dispose()
    damaged = Path(office.database.name)
    damaged.write_bytes(b"\0" * 5000)
    done = restore(file, office.settings, yes=True, now=LATER, by="admin")
    assert contents(office.url) == before
    assert Path(done.replaced[0]).read_bytes() == b"\0" * 5000


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_so_many_backups_are_kept_and_foreign_files_are_left_alone(office: Office) -> None:
    settings = office.settings.model_copy(update={"backups_kept": 2})
    (settings.backups).mkdir()
    mine = [settings.backups / name for name in ("mine.zip", "eco-notmine.zip")]
    for file in mine:
        file.touch()
    made = [
        back_up(office.database, settings, now=at("2022-03-15", f"2{hour}:00"), by="admin").file
        for hour in (0, 3, 1, 1)
    ]
    left = sorted(settings.backups.iterdir())
    assert left == sorted([made[1], made[3], *mine])
    with pytest.raises(Refused, match="is there already"):
        back_up(office.database, settings, made[1], now=NOW, by="admin")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("to", ["nas", "evidence", "mail/copy.zip", "log"])
def test_a_backup_is_not_written_into_what_it_copies(office: Office, to: str) -> None:
    """It would copy itself without an end, or every later one would hold it."""
    place = office.home / to
    if not place.suffix:
        place.mkdir(exist_ok=True)
    before = sorted(office.home.rglob("*"))
    with pytest.raises(WrongInput, match="copies itself"):
        back_up_of(office, place)
    assert sorted(office.home.rglob("*")) == before
    assert back_up_of(office, office.settings.backups).is_file()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_where_the_anchors_cannot_be_written_the_backup_is_made_all_the_same(
    office: Office, tmp_path: Path
) -> None:
    """Their folder may lie on a machine that is away; the night says so, and the copy restores."""
    away = tmp_path / "away"
    away.touch()
    settings = office.settings.model_copy(update={"audit_folder": away})
    before = contents(office.url)
    night = keep_house(office.database, settings, now=NOW, by="schedule")
    assert night.backup is not None
    assert not night.backup.anchored
    [why] = night.wrong
    assert why.startswith("not anchored: ")
    there = Settings(home=tmp_path / "there", database_url=None, audit_folder=None)
    restore(night.backup.file, there, yes=False, now=LATER, by="admin")
    assert contents(there.database) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_lies_behind_a_link_is_named_as_left_out(office: Office, tmp_path: Path) -> None:
    """An office that keeps its mails on another disk hears that they are in no backup."""
    elsewhere, notes = tmp_path / "elsewhere", office.home / "notes"
    elsewhere.mkdir()
    (elsewhere / "mail").write_text("a mail")
    notes.mkdir()
    (office.home / "linked").symlink_to(elsewhere)
    (notes / "folder").symlink_to(elsewhere)
    (notes / "file").symlink_to(elsewhere / "mail")
    os.mkfifo(notes / "pipe")  # holds nothing
    made = back_up(office.database, office.settings, None, now=NOW, by="admin")
    assert made.file.name.endswith("-incomplete.zip")
    assert [one for one in made.wanting if "link" in one] == list(made.wanting)
    assert {one.split(" (")[0] for one in made.wanting} == {"linked", "notes/file", "notes/folder"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_an_interrupted_backup_left_is_removed_by_the_next_one_but_not_what_is_written_now(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = office.settings.backups
    folder.mkdir()
    left, foreign = folder / ".eco-20220301T020000.zip.part", folder / ".mine.zip.part"
    for file in (left, foreign):
        file.write_bytes(b"half")
    with left.open("rb") as written:
        fcntl.flock(written, fcntl.LOCK_EX)  # another backup writes it
        back_up_of(office)
        assert left.exists()
    back_up_of(office)
    assert not left.exists()
    assert foreign.exists()
    monkeypatch.setattr(audit_log, "anchor", Mock(side_effect=RuntimeError))
    with pytest.raises(RuntimeError):
        back_up_of(office)
    assert list(folder.glob(".eco-*")) == []
