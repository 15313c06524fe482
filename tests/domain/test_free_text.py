"""What a person writes stands in mails and on terminals: nothing in it forges a line or drives either."""

import pytest

from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.free_text import LONGEST, bounded


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  管网已贯通。 ", "管网已贯通。"),
        ("第一行\n第二行", "第一行 第二行"),
        ("第一行\r\n\t第二行", "第一行 第二行"),
        ("\x07\x1b[31m红", "[31m红"),
        ("进度\u202e反", "进度反"),
        ("\ufeff进度", "进度"),
        (" \n ", ""),
    ],
)
def test_a_text_is_one_line_without_control_characters(written: str, kept: str) -> None:
    assert bounded(written, "--note") == kept


def test_a_text_has_a_limit_that_is_named() -> None:
    assert len(bounded("长" * LONGEST, "--note")) == LONGEST
    with pytest.raises(WrongInput, match="--note is 2001 characters long"):
        bounded("长" * (LONGEST + 1), "--note")
