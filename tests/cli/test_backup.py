"""`eco backup` and `eco restore` as typed: what is lacking is said, and nobody else reads what they make."""

import stat
from pathlib import Path

import pytest

from tests.cli.terminal import DISPATCH, INIT, NEXT_DAY, Terminal, assert_refused, without_the_powers_of_root

AT = ("--now", NEXT_DAY)


def test_folders_that_cannot_be_read_are_named_by_the_backup_and_by_its_restore(
    eco: Terminal, tmp_path: Path
) -> None:
    """What can be read is in it all the same."""
    given = tmp_path / "a.pdf"
    given.write_bytes(b"%PDF")
    assert eco("evidence", "add", "I04", "E1", str(given), "--year", "2021", *AT).code == 0
    file = tmp_path / "eco.zip"
    shut = (eco.home / "evidence", eco.home / "mail")
    for folder in shut:
        folder.chmod(0)
    try:
        made = eco.outside("backup", str(file), *AT, beforehand=without_the_powers_of_root)
    finally:
        for folder in shut:
            folder.chmod(0o700)
    lacks = "evidence (Permission denied), mail (Permission denied), evidence 1 (Permission denied)"
    assert (made.code, file.exists()) == (1, True)
    assert made.err.startswith(f"eco: The backup is made, but it lacks {lacks}. ")
    restored = eco("restore", str(file), "--to", str(tmp_path / "there"), *AT)
    assert restored.code == 1
    assert "1 plan, " in restored.out
    assert lacks in restored.err


def open_to_others(folder: Path) -> list[str]:
    """What somebody else on the machine may read who comes as far as into the folder."""
    found = []
    for path in folder.iterdir():
        if path.is_dir() and path.stat().st_mode & 0o077:
            found += [path.name, *open_to_others(path)]
        elif path.is_file() and path.stat().st_mode & 0o077:
            found.append(path.name)
    return found


def test_nobody_else_on_the_machine_reads_what_init_runs_and_a_restore_make(tmp_path: Path) -> None:
    """Also in a folder that was there and is open to all: what is made in it is closed."""
    eco, there = Terminal(tmp_path / "home"), Terminal(tmp_path / "new" / "there")
    eco.home.mkdir(0o755)
    given = tmp_path / "a.pdf"
    given.write_bytes(b"%PDF")
    for command in (INIT, DISPATCH, ("evidence", "add", "I04", "E1", str(given), "--year", "2021", *AT)):
        assert eco(*command).code == 0
    assert eco("backup", *AT).code == 0
    assert {path.name for path in eco.home.iterdir()} >= {"eco.db", "mail", "log", "evidence", "backups"}
    assert open_to_others(eco.home) == []
    [file] = (eco.home / "backups").iterdir()
    restored = eco("restore", str(file), "--to", str(there.home), *AT)
    assert (restored.code, open_to_others(there.home)) == (0, [])
    assert stat.S_IMODE(there.home.stat().st_mode) == 0o700


def test_a_slash_at_the_end_says_folder_and_a_folder_is_no_backup(fresh: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert fresh("backup", f"{folder}/", *AT).code == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [file.suffix for file in folder.iterdir()] == [".zip"]
    assert_refused(fresh("restore", str(folder), "--yes", *AT), 2, "is a folder", "a file")
    for none in (tmp_path / "none", folder):
        said = fresh("evidence", "add", "I04", "E1", str(none), *AT)
        assert_refused(said, 2, str(none))
        assert "of no kind" not in said.err


def test_an_empty_name_is_no_place(fresh: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`eco backup "$FOLDER"` without such a variable: nobody looks for backups where he happens to stand."""
    file = tmp_path / "eco.zip"
    said = fresh("backup", str(file), *AT)
    assert said.out.startswith(f"{file}: {file.stat().st_size // 1_000} KB\n")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for words in (("backup", ""), ("backup", " "), ("restore", ""), ("restore", str(file), "--to", "")):
        assert_refused(fresh(*words, *AT), 2, "is no place", "a file or a folder")
    assert list(here.iterdir()) == []
    assert fresh("backup", ".", *AT).code == 0
    assert [made.suffix for made in here.iterdir()] == [".zip"]


def test_books_begun_anew_where_backups_lie_say_how_to_go_on_with_the_former_ones(tmp_path: Path) -> None:
    """The database is lost, and `eco init` is what its README begins with."""
    eco = Terminal(tmp_path / "a home")
    assert eco(*INIT).err == ""
    for command in (DISPATCH, ("backup", *AT)):
        assert eco(*command).code == 0
    [file] = (eco.home / "backups").iterdir()
    lost = eco("round", "list", *AT).out
    for left in eco.home.glob("eco.db*"):
        left.unlink()
    said = eco(*INIT, "--json")
    assert said.json["fresh"]
    assert f"eco restore '{file}' --yes" in said.err
    assert f"anchored in {eco.home / 'audit-heads.jsonl'}: without those books, move it away" in said.err
    assert eco("round", "list", *AT).out != lost
    assert eco("restore", str(file), "--yes", *AT).code == 0
    assert eco("round", "list", *AT).out == lost
    assert eco(*INIT).err == ""
