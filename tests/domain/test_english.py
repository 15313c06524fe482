"""Numbers as an operator reads them."""

import pytest

from eco_workflow.domain.english import sized


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (48_200, "48 KB"),
        (999_999, "999 KB"),
        (1_000_000, "1.0 MB"),
        (52_340_000, "52.3 MB"),
    ],
)
def test_a_small_size_is_no_0_mb(count: int, said: str) -> None:
    assert sized(count) == said
