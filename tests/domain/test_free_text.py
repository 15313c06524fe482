"""What a person writes stands in mails and on terminals: nothing in it forges a line or drives either."""

import pytest

from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.free_text import LONGEST, bounded, on_a_line


@pytest.mark.parametrize("written", ["管网已贯通。", "第一行\n第二行", "第一行\r\n\t第二行", ""])
def test_a_text_is_kept_as_it_is_without_blanks_around(written: str) -> None:
    assert bounded(f"  {written} ", "--note") == written


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("\x07响铃", r"'\\x07'"),
        ("\x1b[31m红", r"'\\x1b'"),
        ("进度\u202e反", r"'\\u202e'"),
        ("\ufeff进度", r"'\\ufeff'"),
    ],
)
def test_signs_that_cannot_be_printed_are_named_and_refused(written: str, named: str) -> None:
    with pytest.raises(WrongInput, match=f"--note holds a sign that cannot be printed, {named}"):
        bounded(written, "--note")


def test_a_text_has_a_limit_that_is_named() -> None:
    assert len(bounded("长" * LONGEST, "--note")) == LONGEST
    with pytest.raises(WrongInput, match="--note is 2001 characters long"):
        bounded("长" * (LONGEST + 1), "--note")


def test_what_another_system_says_is_never_refused_but_made_a_line() -> None:
    assert on_a_line("550 5.1.1 没有\r\n\x1b[31m此\0人\u202e", 100) == "550 5.1.1 没有 [31m此 人"
    assert on_a_line("长" * 11, 10) == "长" * 9 + "…"
    assert on_a_line("长" * 10, 10) == "长" * 10
