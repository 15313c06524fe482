"""A signed slip at the command line: filed, looked at, taken out, removed; and what closes by one."""

from pathlib import Path

from tests.cli.terminal import NEXT_DAY, Terminal, assert_refused

AT = ("--now", NEXT_DAY)
PASS = ("phase", "pass", "2", "--reason", "材料在印", *AT)


def test_a_slip_is_filed_taken_out_and_removed(eco: Terminal, tmp_path: Path) -> None:
    given, out = tmp_path / "批示[b].pdf", tmp_path / "out.pdf"
    given.write_bytes(b"%PDF")
    missing = eco(*PASS, "--until", "2022-06-30", "--slip", str(tmp_path / "无"), "--leader", "徐向国")
    assert_refused(missing, 2, "cannot be read: there is none")
    pass_ = (*PASS, "--until", "2022-06-30", "--slip", str(given), "--leader")
    assert_refused(eco(*pass_, "查无此人"), 1, "leads nothing here", "eco plan show")
    assert_refused(
        eco(*PASS, "--until", "2022-03-01", "--slip", str(given), "--leader", "徐向国"), 2, "--until"
    )
    assert eco("evidence", "verify").out == "0 files whole, 0 files that no row names.\n"
    assert "徐向国 passes over" in eco(*pass_, "徐向国").out
    assert "slip 批示[b].pdf signed by 徐向国" in eco("phase", "show", "2", *AT).out
    assert "批示[b].pdf, signed by 徐向国" in eco("phase", "slip", "2", "--to", str(out)).out
    assert out.read_bytes() == b"%PDF"
    assert_refused(eco("phase", "slip", "1"), 2, "no slip to show")
    assert_refused(eco("phase", "slip", "2", "--as", "联络员·水务局"), 1, "sees no slips")
    assert "content removed" in eco("phase", "quarantine", "2", "--reason", "涉密", *AT).out
    assert "slip in quarantine signed by 徐向国" in eco("phase", "show", "2", *AT).out
    assert eco("phase", "slip", "2", "--json").json["quarantine_reason"] == "涉密"
    assert_refused(eco("phase", "slip", "2", "--to", str(tmp_path / "b")), 1, "lies in quarantine")


def test_a_phase_of_before_the_activation_closes_by_a_slip_and_the_one_in_force_stays(
    eco: Terminal, tmp_path: Path
) -> None:
    slip = tmp_path / "slip.pdf"
    slip.write_bytes(b"%PDF")
    passed = ("--until", "2022-04-30", "--slip", str(slip), "--leader", "徐向国")
    assert eco("phase", "pass", "1", "--reason", "补录", *passed, *AT).code == 0
    assert "Phase 2 is open already." in eco("phase", "close", "1", "--conditional", *AT).out


def test_an_award_before_its_phase_is_open_is_refused(eco: Terminal) -> None:
    """It cannot be taken back, and opens what is asked of units."""
    before = eco.picture()
    early = eco("phase", "award", "--on", "2022-03-10", "--document", "命名公告", *AT)
    assert_refused(early, 1, "Phase 4 深化提升 is not open yet")
    assert eco.picture() == before


def test_an_award_says_when_everything_is_verified_anew(empty: Terminal) -> None:
    """The packaged plan ends before the first anniversary of any award in its last year."""
    empty("init", "--active-from", "2022-11-01")
    said = empty(
        "phase", "award", "--on", "2022-10-20", "--document", "命名公告", "--now", "2022-11-02T10:00:00+08:00"
    ).out
    assert "Awarded on 2022-10-20: 命名公告. Opened: M4.2." in said
    assert "ends on 2022-12-31, before the first anniversary: the yearly re-verification is owed once" in said
