"""`eco backup` and `eco restore` as typed: what is lacking is said, and nobody else reads what they make."""

from pathlib import Path

from tests.cli.terminal import NEXT_DAY, Terminal, without_the_powers_of_root

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
