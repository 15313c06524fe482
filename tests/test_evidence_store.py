"""What a crash, a forger and a backup make of the files of evidence."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from eco_workflow.domain.errors import EcoError, Refused
from eco_workflow.services import audit_log, evidence, evidence_shown
from eco_workflow.services.backup import back_up
from eco_workflow.services.evidence_review import return_
from eco_workflow.services.night import keep_house
from eco_workflow.services.restore import restore
from eco_workflow.settings import Settings
from eco_workflow.store.content import ARRIVING, Content
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Audit, Evidence
from tests.office import OPERATOR, Office, at
from tests.test_evidence import CONSOLE, COUNTY, accept, add, lying, remove


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The county's office on its first day."""
    made = Office(database, tmp_path / "home", plan=str(COUNTY))
    made.home.mkdir()
    made.open()
    return made


class Crash(BaseException):
    """The process is killed here."""


def crash(*_: object, **__: object) -> None:
    raise Crash


@pytest.mark.parametrize(
    ("break_it", "left"),
    [
        (lambda patch: patch.setattr("eco_workflow.store.audit.record", crash), 0),
        (lambda patch: patch.setattr(Content, "keep", crash), 0),
        # Its row was not committed: a file that no row names.
        (lambda patch: patch.setattr(evidence, "brought", crash), 1),
    ],
    ids=["before the log", "before it has its name", "before the commit"],
)
def test_a_crash_while_a_file_is_brought_leaves_no_half_of_it(
    office: Office, break_it: Callable[[pytest.MonkeyPatch], None], left: int
) -> None:
    """Neither a row nor a line in the log; said again, it is done once."""
    with pytest.MonkeyPatch.context() as patch:
        break_it(patch)
        with pytest.raises(Crash):
            add(office)
    with office.database.read() as session:
        assert session.exec(select(Evidence)).all() == []
        assert [act.action for act in session.exec(select(Audit))] == ["activate"]
    assert len(lying(office)) == left
    assert evidence_shown.verify(office.database, office.settings).unnamed == left
    assert add(office).version == 1
    assert evidence_shown.verify(office.database, office.settings) == evidence_shown.Verified(1, (), (), 0)


def test_a_crash_while_content_is_removed_is_mended_by_saying_it_again(office: Office) -> None:
    made = add(office)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Content, "remove", crash)
        with pytest.raises(Crash):
            remove(office, made.number)
    assert evidence_shown.verify(office.database, office.settings).not_removed == (f"evidence {made.number}",)
    assert remove(office, made.number).removed
    assert evidence_shown.verify(office.database, office.settings) == evidence_shown.Verified(0, (), (), 0)
    with office.database.read() as session:
        assert [act.action for act in session.exec(select(Audit))].count("evidence_quarantine") == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_a_killed_process_had_half_read_in_goes_with_the_next_file(office: Office) -> None:
    """It may be what must not be here. What another process is reading in at this moment stays."""
    store, half = Content(office.home), office.home / ARRIVING / "half"
    half.parent.mkdir()
    half.write_bytes(b"half")
    given = office.home.parent / "given.pdf"
    given.write_bytes(b"whole")
    with store.arriving(given, max_mib=1) as first:
        assert not half.exists()
        with store.arriving(given, max_mib=1) as second:
            assert first.path.exists()
            store.keep(second)
        store.keep(first)
    assert list(half.parent.iterdir()) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_content_that_is_no_longer_what_it_was_is_named_and_not_given_out(
    office: Office, tmp_path: Path
) -> None:
    made, gone = add(office), add(office, b"gone")
    store = Content(office.home)
    store.place(made.digest).write_bytes(b"forged")
    store.place(gone.digest).unlink()
    assert evidence_shown.verify(office.database, office.settings).damaged == (
        f"evidence {made.number}", f"evidence {gone.number}",
    )  # fmt: skip
    with office.database.read() as session:
        for number in (made.number, gone.number):
            with pytest.raises(EcoError, match="backup"):
                evidence_shown.hand_out(session, CONSOLE, office.settings, number, str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
    for number in (made.number, gone.number):
        with pytest.raises(
            Refused, match=f"missing, or not what it was.*eco evidence review {number} return"
        ):
            accept(office, number)
    add(office, year=2020)
    assert evidence_shown.verify(office.database, office.settings).damaged == (f"evidence {gone.number}",)
    # Of what cannot be read that is said, and all the others are looked at.
    store.place(made.digest).unlink()
    store.place(made.digest).mkdir()
    assert evidence_shown.verify(office.database, office.settings).damaged[-2:] == (
        f"evidence {gone.number}", "evidence 3 (Is a directory)",
    )  # fmt: skip


def test_a_backup_takes_the_files_along(office: Office, tmp_path: Path) -> None:
    made = add(office)
    backup = back_up(office.database, office.settings, now=at("2022-03-03"), by="admin").file
    there = Settings(home=tmp_path / "there", database_url=None, audit_folder=None)
    restore(backup, there, yes=False, now=at("2022-03-04"), by="admin")
    assert evidence_shown.verify(Database(there.database), there).whole == 1
    assert Content(there.home).place(made.digest).read_bytes() == b"2021: 95.3"
    with Database(there.database).read() as session:
        assert audit_log.verify(session, there.audit_heads).wrong == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_backup_names_the_evidence_it_lacks_and_pushes_no_older_one_out(
    office: Office, tmp_path: Path
) -> None:
    """The older one may hold what is gone. What was put into quarantine is no loss."""
    forged, gone, away = add(office), add(office, b"gone"), add(office, b"secret")
    remove(office, away.number)
    settings = office.settings.model_copy(update={"backups_kept": 1})
    whole = back_up(office.database, settings, now=at("2022-03-03"), by="admin")
    assert whole.wanting == ()
    store = Content(office.home)
    store.place(forged.digest).write_bytes(b"forged")
    store.place(gone.digest).unlink()
    wanting = (f"evidence {forged.number} (not what its digest says)", f"evidence {gone.number} (missing)")
    night = keep_house(office.database, settings, now=at("2022-03-04"), by="schedule")
    assert night.backup
    assert night.backup.wanting == wanting
    assert whole.file.exists()
    assert night.wrong == (f"{night.backup.file.name} lacks {', '.join(wanting)}",)
    again = keep_house(office.database, settings, now=at("2022-03-05"), by="schedule").backup
    assert again
    assert sorted(settings.backups.iterdir()) == sorted([whole.file, again.file])  # nor do they pile up
    (settings.home / "lost+found").mkdir(mode=0)  # a volume of its own has one, which is not ours
    there = Settings(home=tmp_path / "there", database_url=None, audit_folder=None)
    assert restore(again.file, there, yes=False, now=at("2022-03-05"), by="admin").wanting == wanting
    for made, content in ((forged, b"2021: 95.3"), (gone, b"gone")):
        store.place(made.digest).write_bytes(content)
    mended = back_up(office.database, settings, now=at("2022-03-06"), by="admin")
    assert (mended.wanting, whole.file.exists()) == ((), False)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_lost_evidence_that_was_returned_is_wanting_no_more(office: Office) -> None:
    """As the message says: to return it is how it is mended."""
    made = add(office)
    Content(office.home).place(made.digest).unlink()
    return_(office.database, made.number, "请重新提交", now=at("2022-03-03"), by=OPERATOR)
    backup = back_up(office.database, office.settings, now=at("2022-03-04"), by="admin")
    found = evidence_shown.verify(office.database, office.settings)
    assert (backup.wanting, found.damaged) == ((), ())
    assert found.returned == (f"evidence {made.number}",)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_night_without_a_backup_still_finds_the_evidence_that_is_missing(office: Office) -> None:
    made = add(office)
    Content(office.home).place(made.digest).unlink()
    office.settings.backups.touch()
    night = keep_house(office.database, office.settings, now=at("2022-03-04"), by="schedule")
    assert night.wrong[1] == f"missing or damaged: evidence {made.number}"
