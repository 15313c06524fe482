"""Where a part of an indicator stands, and what it was to reach, in an official's words."""

from eco_workflow.domain.evaluation import PartOutcome
from eco_workflow.domain.figures import Known, Number, Statement, yes_or_no
from eco_workflow.domain.targets import Target, shown


def value_of(target: Target, known: dict[str, Known], outcome: PartOutcome) -> str:
    """What the part stands at now: 2021年94%, or 否; empty where no figure stands."""
    part, facts = target.part(outcome.code), known[outcome.code]
    assert part is not None
    said = []
    if isinstance(facts.number, Number):
        unit = (facts.assigned and part.needs_measure and facts.assigned.unit) or part.unit
        said.append(f"{facts.number.period.words}{shown(facts.number.value, unit)}")
    if isinstance(facts.statement, Statement):
        said.append(yes_or_no(facts.statement.holds))
    return _of_part(target, outcome, "、".join(said))


def target_missed(target: Target, outcome: PartOutcome) -> str:
    """What the part was to reach: of one that does not, what it missed."""
    missed = [test.demand for test in outcome.tests if test.verdict == outcome.verdict]
    return _of_part(target, outcome, "、".join(missed))


def _of_part(target: Target, outcome: PartOutcome, words: str) -> str:
    return f"{outcome.code} {words}" if target.has_parts and words else words
