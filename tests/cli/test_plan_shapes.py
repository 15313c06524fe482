"""`eco plan check` over files of a wrong shape: refused, the line named, no traceback."""

from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.plans.mutations import GOOD
from tests.plans.shapes import NO_YAML, REFUSED, Shape


@pytest.mark.parametrize("wrong", [*REFUSED, *NO_YAML], ids=lambda wrong: wrong.name)
def test_a_wrong_shape_is_refused_with_its_line(empty: Terminal, tmp_path: Path, wrong: Shape) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(wrong.text, encoding="utf-8")
    said = empty("plan", "check", str(file))
    assert (said.code, said.err) == (2, "")
    behind = 1 if wrong in NO_YAML else 0
    named = tuple(f"error: {file}:{wrong.line + more}: " for more in range(behind + 1))
    told = [line for line in said.out.splitlines() if line.startswith(named)]
    assert [line for line in told if wrong.said in line], said.out


def test_a_group_without_members_is_warned_of_with_its_line(empty: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    text = GOOD.replace(", members_from: roster", "", 1)
    file.write_text(text, encoding="utf-8")
    line = text[: text.index("{id: lingdaoxiaozu")].count("\n") + 1
    said = empty("plan", "check", str(file))
    assert said.code == 0
    assert f"warning: {file}:{line}: units[49]: the group lingdaoxiaozu has no members yet" in said.out
