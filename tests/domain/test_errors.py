"""What a person reads of an error that nobody foresaw."""

import pytest

from eco_workflow.domain.errors import in_a_line


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("no such row"), "ValueError: no such row"),
        (ValueError("no such row\nSQL: SELECT 1"), "ValueError: no such row"),
        (ValueError(), "ValueError: "),
        (AssertionError("\n"), "AssertionError: "),
    ],
)
def test_it_is_said_in_one_line_and_one_without_words_by_its_kind(error: Exception, said: str) -> None:
    """A broken plan is named by it, so it must never fail itself."""
    assert in_a_line(error) == said
