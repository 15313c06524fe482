"""A new plan of an old one: the same text, its dates moved by whole months, what needs a look marked.

The text is kept to the letter elsewhere, comments included, so that a person can compare the two files.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from eco_workflow.domain.clock import YEARS
from eco_workflow.domain.errors import WrongInput
from eco_workflow.plans.document import Document
from eco_workflow.plans.finding import Path
from eco_workflow.plans.load import examine_text
from eco_workflow.plans.schema import Plan

MARK = "请核对"
YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
PEOPLE: tuple[Path, ...] = (("office",), ("units",), ("roster",))
"""Whoever stands here may have changed since."""


@dataclass(frozen=True)
class Shifted:
    """The new file's text, its plan's id, and how much was moved and marked."""

    text: str
    plan: str
    months: int
    moved: int
    marked: int


def shift(file: str, data: bytes, start: date) -> Shifted:
    """Moves a plan so that its first phase starts on a date; the result passes `plan check`.

    Raises `WrongInput` with every error of the old file, for a start that is not whole months away, or
    with the errors of the new file where moving alone does not give a plan.
    """
    examined = examine_text(file, data)
    if examined.loaded is None:
        raise WrongInput("\n".join(examined.lines("error")))
    plan = examined.loaded.plan
    months = _months_away(plan, start)
    source = Document(data)
    new_id = _new_id(plan, months)
    moved = {path: str(day) for path, day in _moved(plan, months).items()} | {("id",): new_id}
    mentions = {
        path
        for path, (begin, end) in source.spans.items()
        if path not in moved and YEAR.search(source.text[begin:end]) and "\n" not in source.text[begin:end]
    }
    lines = {source.line(path) for path in (*moved, *mentions)}
    lines |= {source.line(path) for path in PEOPLE if path in source.lines}
    text = _marked(_replaced(source, moved), lines)
    after = examine_text("the shifted plan", text.encode())
    if after.loaded is None:
        raise WrongInput("\n".join(after.lines("error")))
    return Shifted(text, new_id, months, moved=len(moved) - 1, marked=len(lines))


def _months_away(plan: Plan, start: date) -> int:
    """By how many months the plan moves. Raises `WrongInput` where it would not run in `YEARS`."""
    if start.year in YEARS:
        months = _months(plan.starts_on, start)
        end = add_months(plan.ends_on, months)
        if end.year in YEARS:
            return months
        where = f"gives a plan that ends on {end}, in no year"
    else:
        where = "lies in no year"
    raise WrongInput(f"--start {start} {where} that a plan runs in. Correct the year.")


def _months(old: date, new: date) -> int:
    months = (new.year - old.year) * 12 + new.month - old.month
    if new == old:
        raise WrongInput(f"--start {new} is the day on which the old plan starts; nothing would move.")
    if months == 0 or add_months(old, months) != new:
        near = [add_months(old, months + more) for more in (0, 1) if months + more]
        raise WrongInput(
            f"--start {new} is not whole months away from {old}, on which the old plan starts. "
            f"Give e.g. {' or '.join(map(str, near))}."
        )
    return months


def add_months(day: date, months: int) -> date:
    """The day so many months later; a month's last day stays the last, others are kept within the month."""
    month = day.year * 12 + day.month - 1 + months
    last = calendar.monthrange(month // 12, month % 12 + 1)[1]
    is_last = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(month // 12, month % 12 + 1, last if is_last else min(day.day, last))


def _new_id(plan: Plan, months: int) -> str:
    """`name-2022` moved by a year is `name-2023`; within the year the month of the start is added."""
    years = add_months(plan.ends_on, months).year - plan.ends_on.year
    name, _, year = plan.id.rpartition("-")
    if years and name and YEAR.fullmatch(year):
        return f"{name}-{int(year) + years}"
    return f"{plan.id}-{add_months(plan.starts_on, months):%Y-%m}"


def _moved(plan: Plan, months: int) -> dict[Path, date]:
    """Every date of the plan where it will be. A phase ends the day before the next one starts."""
    moved: dict[Path, date] = {}
    starts = [add_months(phase.start, months) for phase in plan.phases]
    ends = [follows - timedelta(days=1) for follows in starts[1:]] + [add_months(plan.ends_on, months)]
    for p, (start, end) in enumerate(zip(starts, ends, strict=True)):
        moved["phases", p, "start"], moved["phases", p, "end"] = start, end
    of_phase = {phase.end: end for phase, end in zip(plan.phases, ends, strict=True)}
    for n, indicator in enumerate(plan.indicators):
        moved["indicators", n, "due_on"] = of_phase.get(indicator.due_on) or add_months(
            indicator.due_on, months
        )
    for n, policy in enumerate(plan.policies):
        moved["policies", n, "due_on"] = of_phase.get(policy.due_on) or add_months(policy.due_on, months)
    if plan.evidence.required_from:
        moved["evidence", "required_from"] = add_months(plan.evidence.required_from, months)
    first = {phase.start: start for phase, start in zip(plan.phases, starts, strict=True)}
    moved["rounds_from",] = first.get(plan.rounds_from) or add_months(plan.rounds_from, months)
    return moved


def _replaced(source: Document, moved: dict[Path, str]) -> str:
    """The text with new scalars, from the end on, so that earlier places stay where they are."""
    text = source.text
    for path in sorted(moved, key=lambda path: source.spans[path], reverse=True):
        begin, end = source.spans[path]
        quote = text[begin] if text[begin] in "\"'" else ""
        text = f"{text[:begin]}{quote}{moved[path]}{quote}{text[end:]}"
    return text


def _marked(text: str, lines: set[int]) -> str:
    """The text with a comment at the end of these lines; a comment that stands there is kept."""
    source = Document(text.encode())
    after: dict[int, int] = {}
    begins = [0]
    for line in text.splitlines(keepends=True):
        begins.append(begins[-1] + len(line))
    for path, (_, end) in source.spans.items():
        after[source.line(path)] = max(after.get(source.line(path), 0), end)
    marked = []
    for number, line in enumerate(text.splitlines(), start=1):
        rest = line[max(0, after.get(number, 0) - begins[number - 1]) :]
        if number in lines and MARK not in rest:
            line += f"; {MARK}" if re.search(r"(^|\s)#", rest) else f" # {MARK}"  # noqa: PLW2901
        marked.append(line)
    return "\n".join(marked) + "\n"
