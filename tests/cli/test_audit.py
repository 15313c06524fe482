"""`eco audit` and `eco backup` at the terminal: what was done to the log is named, and who may ask."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest

from eco_workflow.services.load_plan import activate
from eco_workflow.settings import Settings
from eco_workflow.store.session import Database
from flows.wiring import keep_house
from tests.cli.terminal import NEXT_DAY, Terminal, assert_refused, disk_with_room_for
from tests.county import COUNTY
from tests.office import at, plan_read

AT = ("--now", NEXT_DAY)
PLAN = "daxinganling-2022"
COLUMNS = "plan_id, at, actor, action, detail, previous, digest"


@pytest.fixture
def kept(eco: Terminal) -> Terminal:
    """Eight rows in the log, all of them anchored."""
    for name in ("赵一", "钱二", "孙三", "李四", "周五", "吴六"):
        assert eco("account", "add", name, "auditor", *AT).code == 0
    assert eco("audit", "anchor", *AT, "--json").json["written"] == 1
    return eco


def alter(eco: Terminal) -> None:
    eco.sql("UPDATE audit SET detail = replace(detail, '孙三', '孙武') WHERE n = 5")


def delete(eco: Terminal) -> None:
    eco.sql("DELETE FROM audit WHERE n = 5")


def insert(eco: Terminal) -> None:
    eco.sql("UPDATE audit SET n = n + 100 WHERE n >= 5")
    eco.sql("UPDATE audit SET n = n - 99 WHERE n > 100")
    eco.sql(f"INSERT INTO audit (n, {COLUMNS}) SELECT 5, {COLUMNS} FROM audit WHERE n = 4")


def reorder(eco: Terminal) -> None:
    eco.sql("UPDATE audit SET n = 100 WHERE n = 4")
    eco.sql("UPDATE audit SET n = 4 WHERE n = 6")
    eco.sql("UPDATE audit SET n = 6 WHERE n = 100")


def cut(eco: Terminal) -> None:
    eco.sql("DELETE FROM audit WHERE n > 6")


def cut_with_head(eco: Terminal) -> None:
    cut(eco)
    eco.sql("UPDATE plan SET audit_rows = 6, audit_head = (SELECT digest FROM audit WHERE n = 6)")


def change_type(eco: Terminal) -> None:
    eco.sql("UPDATE audit SET actor = CAST(actor AS BLOB) WHERE n = 5")


def spoil_time(eco: Terminal) -> None:
    eco.sql("UPDATE audit SET at = 'yesterday' WHERE n = 5")


@pytest.mark.parametrize(
    ("done", "kind", "row", "until"),
    [
        (alter, "altered", 5, 5),
        (change_type, "altered", 5, 5),
        (spoil_time, "altered", 5, 5),
        (delete, "deleted", 5, 5),
        (insert, "inserted", 5, 5),
        (reorder, "reordered", 4, 6),
        (cut, "tail cut", 7, 8),
        (cut_with_head, "tail cut", 7, 8),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_what_was_done_to_the_log_is_found_and_named(
    kept: Terminal, done: Callable[[Terminal], None], kind: str, row: int, until: int
) -> None:
    assert (
        kept("audit", "verify").out
        == f"{PLAN}: 8 rows, whole; anchored 2022-03-15 09:00\n1 chain of 8 rows: whole.\n"
    )
    done(kept)
    said = kept("audit", "verify")
    where = f"row {row}" if row == until else f"rows {row} to {until}"
    assert (said.code, "Traceback" in said.err) == (1, False)
    assert f"{PLAN}: {where} {kind}: " in said.err
    [(there,)] = kept.sql("SELECT count(*) FROM audit")
    assert said.out.startswith(f"{PLAN}: {there} rows, TAMPERED WITH; ")
    found = kept("audit", "verify", "--json")
    assert found.code == 1
    [finding] = found.json["plans"][0]["findings"]
    assert (finding["kind"], finding["row"], finding["until"]) == (kind, row, until)


@pytest.mark.parametrize("number", [0, -1, 3.5, "first"])
@pytest.mark.parametrize("also", [None, delete, cut])
def test_a_row_with_a_number_that_none_is_given_is_named_beside_what_else_was_done(
    kept: Terminal, number: float | str, also: Callable[[Terminal], None] | None
) -> None:
    """SQLite takes any number, and words for one; whoever reads the log would take the row for an act."""
    if also:
        also(kept)
    kept.sql(f"INSERT INTO audit (n, {COLUMNS}) SELECT '{number}', {COLUMNS} FROM audit WHERE n = 4")
    said = kept("audit", "verify")
    assert f"{PLAN}: row {number} inserted: no row is given such a number\n" in said.err
    found = kept("audit", "verify", "--json").json["plans"][0]["findings"]
    assert (found[0]["row"], found[0]["kind"]) == (number, "inserted")
    assert len(found) == 1 + bool(also)


def test_rows_of_a_plan_that_is_not_there_are_named(kept: Terminal) -> None:
    """Nobody's chain holds them: whoever reads the log would take them for acts."""
    kept.sql(f"INSERT INTO audit (n, {COLUMNS}) SELECT n, 77, {COLUMNS.partition(', ')[2]} FROM audit")
    said = kept("audit", "verify")
    assert said.code == 1
    assert "8 rows inserted under a plan that is not there (77)" in said.err
    assert kept("audit", "anchor", *AT).code == 1


def test_a_chain_that_lost_what_was_anchored_is_not_anchored_anew(kept: Terminal) -> None:
    """Otherwise the daily job would make the forgery the truth."""
    lines = (kept.home / "audit-heads.jsonl").read_text()
    cut_with_head(kept)
    assert kept("account", "add", "郑七", "auditor", *AT).code == 0
    said = kept("audit", "anchor", *AT)
    assert said.code == 1
    assert "does not hold what was anchored on 2022-03-15 09:00" in said.err
    assert (kept.home / "audit-heads.jsonl").read_text() == lines


def test_anchoring_twice_changes_nothing_and_what_is_new_is_a_line_more(kept: Terminal) -> None:
    file = kept.home / "audit-heads.jsonl"
    assert kept("audit", "anchor", *AT, "--json").json["written"] == 0
    kept("account", "add", "郑七", "auditor", *AT)
    with file.open("a") as torn:
        torn.write('{"at": "2022')  # the power failed in the middle of a line
    assert kept("audit", "verify").code == 0
    assert kept("audit", "anchor", *AT, "--json").json["written"] == 1
    assert len(file.read_text().splitlines()) == 2
    assert kept("audit", "verify").code == 0


def test_what_was_done_to_the_anchors_themselves_is_found(kept: Terminal, tmp_path: Path) -> None:
    """They may lie in a folder of their own."""
    for name in ("郑七", "王八"):
        kept("account", "add", name, "auditor", *AT)
        kept("audit", "anchor", *AT)
    file = kept.home / "audit-heads.jsonl"
    first, second, third = file.read_text().splitlines(keepends=True)
    for text, said in (
        (first + second.replace("T09", "T10") + third, "line 2 altered"),
        (first + third, "line 2 out of order: a line was deleted"),
        (first + "{}\n" + third, "line 2 altered: no anchor"),
        (first + "{}\n" * 9_000 + second, "lines 2 to 9001 altered: no anchor\n"),
    ):
        (tmp_path / "audit-heads.jsonl").write_text(text)
        found = kept("audit", "verify", ECO_AUDIT_FOLDER=str(tmp_path))
        assert found.code == 1
        assert said in found.err
        by_hand = kept("audit", "anchor", *AT, ECO_AUDIT_FOLDER=str(tmp_path))
        assert (by_hand.code, said in by_hand.err) == (1, True)


def test_a_file_of_anchors_is_put_right_as_the_manual_says(kept: Terminal) -> None:
    """docs/operate/backup.md: a foreign line is removed; else the file is taken from a backup, or moved away.

    A night in between goes on in what it finds, and the one after it has nothing to say.
    """
    settings = Settings(home=kept.home, database_url=None, mail_url=None)
    file, made = settings.audit_heads, keep_house(settings, at("2022-03-16", "02:00"), "schedule").backup
    assert made
    nights = (at(f"2022-03-{day}", "02:00") for day in range(17, 30))

    def spoiled(name: str, what: str) -> None:
        """Anchored again by a night that finds the file so."""
        kept("account", "add", name, "auditor", *AT)
        wrong = keep_house(settings, next(nights), "schedule").wrong
        assert [said for said in wrong if what in said], wrong
        assert what in kept("audit", "verify").err

    def whole() -> list[str]:
        assert kept("audit", "verify").code == 0
        assert keep_house(settings, next(nights), "schedule").wrong == ()
        return file.read_text().splitlines(keepends=True)

    file.write_text(f"{file.read_text()}note to myself\n")
    spoiled("郑七", "line 2 altered: no anchor")
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:1], *lines[2:]]))
    lines = whole()
    assert len(lines) == 2

    file.write_text("".join([*lines, lines[0]]))
    spoiled("王八", "line 3 out of order: a line was deleted, added or moved")
    with ZipFile(made.file) as backup:
        file.write_bytes(backup.read("audit-heads.jsonl"))
    lines = whole()
    assert len(lines) == 2

    file.write_text(lines[0].replace("T09", "T10") + lines[1])
    spoiled("冯九", "line 1 altered: content and digest do not fit")
    file.rename(file.with_suffix(".broken"))
    assert "Anchored anew. " in kept("audit", "anchor", *AT).err
    assert len(whole()) == 1


def test_a_plan_that_was_anchored_and_is_gone_is_named(kept: Terminal) -> None:
    kept.sql("DELETE FROM audit")
    kept.sql("UPDATE plan SET code = 'other', audit_rows = 0, audit_head = ''")
    assert f"{PLAN}: the plan and its whole chain deleted" in kept("audit", "verify").err


def test_an_auditor_verifies_and_does_not_back_up_and_a_unit_does_neither(kept: Terminal) -> None:
    kept("account", "add", "郑七", "admin", *AT)
    assert kept("audit", "verify", "--as", "赵一").code == 0
    for words in (("audit", "anchor"), ("backup",)):
        said = kept(*words, *AT, "--as", "赵一")
        assert_refused(said, 1, "赵一 is an auditor; keeping backups needs an operator or an admin.")
        assert kept(*words, *AT, "--as", "郑七").code == 0
    assert_refused(kept("audit", "verify", "--as", "联络员·水务局"), 1, "verifying the audit log needs")


def test_a_restore_gives_up_later_rows_and_the_anchors_say_so(kept: Terminal) -> None:
    """What the backup did not know was anchored: that is no forgery, and stays on record."""
    file = kept("backup", *AT, "--json").json["file"]
    kept("account", "add", "郑七", "auditor", *AT)
    kept("audit", "anchor", *AT)
    assert_refused(kept("restore", file, *AT), 1, "There is something at", "--yes")
    done = kept("restore", file, "--yes", *AT, "--as", "联络员·创建办")
    assert done.code == 0, done.err
    assert "messages sent since may be sent again" in done.out
    found = kept("audit", "verify")
    assert found.code == 0, found.err
    assert "1 row from 9 on given up when a backup was restored on 2022-03-15 09:00" in found.out
    assert kept.sql("SELECT action, n FROM audit ORDER BY n DESC LIMIT 1") == [("restore", 9)]


def test_a_backup_of_a_tampered_log_is_made_and_says_so(kept: Terminal) -> None:
    alter(kept)
    said = kept("backup", *AT, "--json")
    assert said.code == 1
    assert "The backup is made, but the audit log was tampered with" in said.err
    done = kept("restore", said.json["file"], "--to", str(kept.home / "there"), *AT)
    assert done.code == 1
    assert "row 5 altered" in done.err


def test_on_a_full_disk_there_is_no_half_backup(kept: Terminal) -> None:
    said = kept.outside("backup", *AT, beforehand=disk_with_room_for(50_000))
    assert_refused(said, 1, "cannot be written")
    assert list((kept.home / "backups").iterdir()) == []


def test_anchors_that_a_night_wrote_and_that_are_lost_are_named_before_and_as_they_begin_anew(
    kept: Terminal,
) -> None:
    """Otherwise a tail cut together with its head would be sealed in by the next night, and nobody told."""
    settings = Settings(home=kept.home, database_url=None, mail_url=None)
    first, second = at("2022-03-16", "02:00"), at("2022-03-17", "02:00")
    assert keep_house(settings, first, "schedule").wrong == ()
    file = settings.audit_heads
    lines = file.read_bytes()
    lost = f"{file} held nothing, though a night anchored on 2022-03-16 02:00"
    cut_with_head(kept)
    for damage in (file.unlink, lambda: file.write_bytes(b"")):
        damage()
        found = kept("audit", "verify")
        assert (found.code, "Nothing was anchored yet" in found.out) == (1, False)
        assert lost in found.err
        assert lost in kept("health", "--now", "2022-03-16T12:00:00+08:00").err
    file.unlink()
    file.mkdir()
    assert f"The anchors in {file} cannot be read: Is a directory" in kept("health", *AT).err
    file.rmdir()
    file.write_bytes(lines)
    assert "rows 7 to 8 tail cut" in kept("audit", "verify").err
    file.unlink()
    [said] = keep_house(settings, second, "schedule").wrong
    assert said.startswith(lost)
    health = kept("health", "--now", "2022-03-17T12:00:00+08:00")
    assert health.err.count(lost) == 1
    assert kept("audit", "verify").code == 0
    file.unlink()
    by_hand = kept("audit", "anchor", *AT)
    assert (by_hand.code, "Anchored anew. " in by_hand.err) == (1, True)
    assert kept("audit", "anchor", *AT).code == 0
    assert keep_house(settings, at("2022-03-18", "02:00"), "schedule").wrong == ()


def test_what_is_new_or_restored_after_a_night_lacks_no_anchors(kept: Terminal, tmp_path: Path) -> None:
    """In a new folder, and over the old one whose anchors are lost, the restore writes them."""
    settings = Settings(home=kept.home, database_url=None, mail_url=None)
    for night in ("2022-03-16", "2022-03-17"):
        made = keep_house(settings, at(night, "02:00"), "schedule").backup
    assert made
    assert kept("restore", str(made.file), "--to", str(tmp_path / "there"), *AT).code == 0
    settings.audit_heads.unlink()
    assert kept("restore", str(made.file), "--yes", *AT).code == 0
    for home in (tmp_path / "there", kept.home):
        found = kept("audit", "verify", ECO_HOME=str(home))
        assert (found.code, "whole; anchored 2022-03-15 09:00" in found.out) == (0, True)
        here = Settings(home=home, database_url=None, mail_url=None)
        assert keep_house(here, at("2022-03-18", "02:00"), "schedule").wrong == ()
    database, county = Database(settings.database), plan_read(str(COUNTY))
    activate(database, county, active_from=date(2022, 3, 19), now=at("2022-03-19"), actor="admin")
    assert kept("audit", "verify").code == 0
    assert keep_house(settings, at("2022-03-20", "02:00"), "schedule").wrong == ()
