"""A unit's and the office's day with evidence at the command line."""

from pathlib import Path

from tests.cli.terminal import NEXT_DAY, Terminal, assert_refused

AT = ("--now", NEXT_DAY)
WATER, MONEY, SUPERVISION = "联络员·水务局", "联络员·财政局", "联络员·地委督查室"
ADD = ("evidence", "add", "I04", "E1")


def test_a_file_is_brought_looked_at_taken_out_and_removed(eco: Terminal, tmp_path: Path) -> None:
    given, out = tmp_path / "[b]河长制.pdf", tmp_path / "out.pdf"
    given.write_bytes(b"%PDF")
    added = eco(*ADD, str(given), "--year", "2021", *AT, "--as", WATER)
    assert "Evidence 1: I04 E1 河长制实施文件 of 2021, version 1, [b]河长制.pdf (4 bytes" in added.out
    assert "on behalf" not in added.out
    assert "[b]河长制.pdf" in eco("evidence", "list", "I04").out
    gaps = eco("evidence", "gaps", "--item", "i04", "--as", WATER, "--json").json
    assert [(gap["requirement"], gap["year"], gap["why"], gap["units"]) for gap in gaps] == [
        ("E1", 2021, "pending", ["地区水务局"]), ("E2", 2021, "none", ["地区水务局"]),
    ]  # fmt: skip
    assert eco("evidence", "gaps", "--as", MONEY, "--item", "I04").out == "Nothing is missing.\n"
    assert len(eco("evidence", "gaps", "--json").json) > 70
    assert eco("evidence", "show", "1", "--to", str(out)).code == 0
    assert out.read_bytes() == b"%PDF"
    assert_refused(eco("evidence", "show", "1", "--to", str(out)), 2, "exists")
    assert_refused(eco("evidence", "show", "1", "--as", MONEY), 1, "sees evidence of the own unit")
    assert_refused(eco("evidence", "review", "1", "return", *AT), 2, "needs --reason")
    assert_refused(eco("evidence", "review", "1", "accept", *AT, "--as", WATER), 1, "needs an operator")
    assert eco("evidence", "review", "1", "accept", *AT, "--json").json["state"] == "accepted"
    assert eco("evidence", "verify").out == "1 file whole, 0 files that no row names.\n"
    assert_refused(
        eco("evidence", "quarantine", "1", "--reason", "x", *AT, "--as", SUPERVISION), 1, "operator"
    )
    removed = eco("evidence", "quarantine", "1", "--reason", "涉密", *AT)
    assert "Evidence 1: in quarantine, content removed" in removed.out
    assert [gap["why"] for gap in eco("evidence", "gaps", "--item", "I04", "--json").json] == ["none", "none"]


def test_a_file_of_a_year_that_proves_nothing_is_taken_and_said_to_be_one(
    eco: Terminal, tmp_path: Path
) -> None:
    """I04 wants data of 2021 or newer: who brings 2020's, who accepts it and who reads the gaps is told."""
    given = tmp_path / "f1.pdf"
    said = "It is of 2020 and proves nothing here: wanted is 2021 or newer.\n"
    of_one = ("evidence", "gaps", "--item", "I04")
    for number, year, warned in (("1", "2020", True), ("2", "2021", False)):
        given.write_bytes(year.encode())
        added = eco(*ADD, str(given), "--year", year, *AT)
        assert (added.code, said in added.out) == (0, warned)
        accepted = eco("evidence", "review", number, "accept", *AT)
        assert (accepted.code, said in accepted.out) == (0, warned)
        assert ("what was brought is of 2020" in eco(*of_one).out) == warned
    assert [gap["requirement"] for gap in eco(*of_one, "--json").json] == ["E2"]
    shown = [row["wanted_instead"] for row in eco("evidence", "list", "I04", "--json").json]
    assert shown == ["2021 or newer", ""]


def test_returned_evidence_that_was_altered_or_is_gone_is_named_as_such(
    eco: Terminal, tmp_path: Path
) -> None:
    """It is what the office judged. What lies in quarantine is rightly gone."""
    for content in (b"altered", b"gone", b"whole", b"secret"):
        given = tmp_path / f"{content.decode()}.pdf"
        given.write_bytes(content)
        assert eco(*ADD, str(given), "--year", "2021", *AT).code == 0
    for number in ("1", "2", "3"):
        assert eco("evidence", "review", number, "return", "--reason", "缺盖章", *AT).code == 0
    assert eco("evidence", "quarantine", "4", "--reason", "涉密", *AT).code == 0
    assert eco("evidence", "verify").out == "3 files whole, 0 files that no row names.\n"
    digests = [row["digest"] for row in eco("evidence", "list", "I04", "--json").json]
    altered, gone = (next((eco.home / "evidence").rglob(digest)) for digest in digests[:2])
    altered.write_bytes(b"forged")
    gone.unlink()
    said = eco("evidence", "verify")
    assert (said.code, said.out) == (1, "1 file whole, 0 files that no row names.\n")
    assert "returned, and missing or damaged: evidence 1, evidence 2;" in said.err
    assert "evidence 4" not in said.err


def test_the_office_records_for_the_one_unit_that_leads_or_names_it(eco: Terminal, tmp_path: Path) -> None:
    """I02 has four lead units."""
    given = tmp_path / "a.pdf"
    given.write_bytes(b"%PDF")
    assert "Recorded on behalf of 地区水务局." in eco(*ADD, str(given), "--year", "2021", *AT).out
    of_four = ("evidence", "add", "I02", "E1", str(given), "--year", "2021", *AT)
    assert_refused(eco(*of_four), 2, "Which unit brought it? Name it with --unit. I02: ")
    assert eco(*of_four, "--unit", "地委办公室").code == 0
    assert eco("evidence", "add", "M1.1", "E1", str(given), *AT, "--json").json["year"] is None
