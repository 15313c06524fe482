"""What a target needs from others than the units that owe it: a task, a base (DOMAIN 2; 7, M2.1)."""

from collections.abc import Iterator, Mapping

from eco_workflow.domain.figures import Known, Number
from eco_workflow.domain.targets import Part, Target


def not_recorded(target: Target, known: Mapping[str, Known]) -> tuple[str, ...]:
    """What of it is not known, in words for operators: `the base of I02.2`.

    Whatever the units have given: what is wanting is wanting before their figures come as well as after.
    """
    return tuple(
        what
        for part in target.parts
        for what in _of(part, known[part.code], f" of {part.code}" if target.has_parts else "")
    )


def _of(part: Part, known: Known, whose: str) -> Iterator[str]:
    if part.needs_assigned and known.assigned is None:
        yield f"the superior's figure{whose}"
    if part.needs_measure and known.assigned is not None and not known.assigned.measure:
        yield f"the measure in the superior's task{whose}"
    if part.needs_base:
        if known.base is None:
            yield f"the base{whose}"
        elif isinstance(known.number, Number) and known.base.period.last >= known.number.period.first:
            yield f"a base{whose} from before {known.number.period.text}"
