"""A hundred broken plan files: every one is refused, and the broken place is named."""

import pytest

from eco_workflow.plans.load import examine_text
from tests.plans.mutations import COUNT, Mutation, mutations

BROKEN = list(mutations())


def test_there_are_a_hundred_and_no_two_alike() -> None:
    assert len({mutation.text for mutation in BROKEN}) == COUNT


@pytest.mark.parametrize(
    "broken", BROKEN, ids=[f"{n} {m.where} {m.after}" for n, m in enumerate(BROKEN, start=1)]
)
def test_a_broken_file_is_refused_with_its_place(broken: Mutation) -> None:
    examined = examine_text("plan.yaml", broken.text.encode())
    assert examined.loaded is None
    named = f"plan.yaml:{broken.line}: {broken.where}: "
    assert [line for line in examined.lines("error") if line.startswith(named)], examined.lines("error")
