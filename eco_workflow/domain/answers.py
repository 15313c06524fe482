"""What a unit may answer, checked before anything is written (DOMAIN 3.4).

`checked` looks at the form of an answer, `figures_in` at whether its figures are what the item asks for.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.periods import Period, read_period
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.targets import Bound, Part, Target, shown

STATUSES = ("not_started", "in_progress", "completed")
OWED = ("awaiting", "returned")
"""States of an entry that the unit still owes an answer to; SQL spells them out."""
ANSWERED = ("submitted", "accepted")


def is_set_aside(state: str, on_time: bool | None, *, backfill: bool = False) -> bool:
    """Whether an entry was set aside unanswered: accepted without any answer, which would have its mark.

    It is neither owed nor answered, and counts in no figure. Backfill has no marks, and is not set aside.
    """
    return state == "accepted" and on_time is None and not backfill


SET_ASIDE_FOR = {
    "suspended": "suspended",
    "not_applicable": "not applicable",
    "settle": "done",
    "split": "handed over",
}
"""The acts by which entries are set aside, in an operator's words."""
MEANS = ("phone", "paper")
"""How a unit may tell the office what to record on its behalf (代填)."""
BY_DEFAULT = "phone"
NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
"""Plain notation, bounded: 1e999999 is short to write and a megabyte to keep."""

STATEMENTS = {"是": "是", "yes": "是", "否": "否", "no": "否"}
"""What may be typed for a qualitative target, and how it is kept."""


Question = Literal["progress", "occurred", "yes_no"]
"""What an item asks: where it stands; of a veto item, whether the event occurred; of a duty that may touch
what is classified, whether there is progress, and nothing of its content (DOMAIN 7, 10).
"""

TAKES: dict[Question, str] = {
    "progress": "--status",
    "occurred": "--occurred yes or --occurred no",
    "yes_no": "--progress yes or --progress no",
}
"""By which option what an item asks is answered."""

SECRECY = "涉密信息不得填报。"


@dataclass(frozen=True)
class Answer:
    """An answer to one entry: status, figures with their reference periods, note, blocker.

    `value` is one figure (95.3, 是), or several with the parts they are for and blanks between:
    `I07.1=95.3 I07.2=28`. `period` is one for all, or again several: `I07.1=2021 I07.2=2022-Q1`.
    `no_change` repeats the unit's last answer; nothing else is given with it.
    """

    status: str = ""
    value: str = ""
    period: str = ""
    note: str = ""
    blocker: str = ""
    no_change: bool = False
    occurred: bool | None = None
    """The declaration of a veto item, and of no other."""
    progress: bool | None = None
    """All that a yes/no duty is answered with."""
    corrects_period: bool = False
    """The office's word that the period of the figure before was a slip: an older one takes its place."""


Kind = Literal["number", "statement"]


@dataclass(frozen=True)
class Figure:
    """A figure of an indicator or a part: an exact decimal with its period, or 是/否."""

    code: str
    kind: Kind
    value: str
    period: str
    """2021, 2022-Q1 or 2022-05; may be empty for a statement, which speaks of the day it is made."""


def checked(answer: Answer, item: str = "", question: Question = "progress") -> Answer:
    """The answer with its figures written plainly, fit for what the item asks.

    Raises `WrongInput` naming what is wrong.
    """
    if answer.no_change:
        if answer != Answer(no_change=True):
            raise WrongInput("--no-change repeats the last answer; give nothing else with it.")
        return answer
    answer = _to_question(answer, item, question)
    if not answer.status:
        raise WrongInput(f"--status is missing: {', '.join(STATUSES)} (or use --no-change).")
    if answer.status not in STATUSES:
        raise WrongInput(f"--status {answer.status!r} is none of {', '.join(STATUSES)} (or use --no-change).")
    values = [(code, _value(text, "--value")) for code, text in _tokens(answer.value)]
    periods = [(code, _period(text)) for code, text in _tokens(answer.period)]
    _check_periods(values, periods)
    return replace(
        answer,
        value=_text(values),
        period=_text(periods),
        note=bounded(answer.note, "--note"),
        blocker=bounded(answer.blocker, "--blocker"),
    )


def _to_question(answer: Answer, item: str, question: Question) -> Answer:
    """The answer with the status that follows from a yes or no, which then needs none of its own."""
    if question == "yes_no":
        if answer.progress is None or answer != Answer(progress=answer.progress):
            raise WrongInput(
                f"{item} asks only whether there is progress: {TAKES[question]}, and nothing else. {SECRECY}"
            )
        return replace(answer, status="in_progress" if answer.progress else "not_started")
    if answer.progress is not None:
        raise WrongInput(f"--progress is for duties that are answered yes or no; {item} takes --status.")
    if question == "progress":
        if answer.occurred is not None:
            raise WrongInput(f"--occurred is the declaration of a veto item; {item} takes --status.")
        return answer
    if answer.occurred is None:
        raise WrongInput(f"{item} is a veto item: declare {TAKES[question]}.")
    if answer.value or answer.period:
        raise WrongInput(f"{item} is declared with --occurred yes or no; it takes no figure.")
    return replace(answer, status=answer.status or "in_progress")


def on_behalf_of(unit: str, by: Actor, action: Action, means: str, *, called: str) -> str:
    """How a unit's act comes to be recorded: empty by the unit itself, else the means it told the office by.

    `unit` is its code, `called` its name in a refusal. Raises `Refused` for who is neither of the unit nor
    an operator, `WrongInput` for unknown means.
    """
    if by.may(action, unit=unit):
        if means:
            raise WrongInput("--means is for an operator who records on behalf of a unit. Leave it away.")
        return ""
    if not by.may(Action.RECORD_ON_BEHALF):
        by.must(action, unit=unit, called=called)
    if means and means not in MEANS:
        raise WrongInput(f"--means {means!r} is none of {', '.join(MEANS)}.")
    return means or BY_DEFAULT


def figures_in(answer: Answer, item: str, target: Target | None) -> tuple[Figure, ...]:
    """The figures of a checked answer, by part. `target`: the indicator's; None for what has none.

    Raises `WrongInput` for an unknown part, for a figure that does not say for which part it is, and for
    one of the wrong kind or outside the part's range.
    """
    periods = dict(_tokens(answer.period))
    return tuple(
        replace(figure, period=periods.get(named, periods.get("", "")))
        for named, figure in _figures(_tokens(answer.value), item, target, "--value")
    )


def proposed(text: str, target: Target) -> tuple[Figure, ...]:
    """The target figures that a unit proposes for an indicator, by part (M2.1).

    Raises `WrongInput` as `figures_in` does, and for a figure that falls short of what the plan prints.
    """
    values = [(code, _value(said, "--target")) for code, said in _tokens(text)]
    figures = [figure for _, figure in _figures(values, target.code, target, "--target")]
    if not figures:
        raise WrongInput("--target is missing: the figure, or the words of a qualitative target as 是.")
    for figure in figures:
        part = target.part(figure.code)
        assert part is not None
        if figure.kind == "statement":
            short = figure.value == "否"
        else:
            bounds = [test for test in part.tests if isinstance(test, Bound)]
            short = not all(bound.holds(Decimal(figure.value)) for bound in bounds)
        if short:
            raise WrongInput(f"--target {figure.value} falls short of the plan: {part.code} {part.words}.")
    return tuple(figures)


def target_numbers(text: str, item: str) -> dict[str, Decimal]:
    """The numbers in a proposal's target as it is kept (`96`, `I07.1=92 I07.2=是`), by part."""
    return {code or item: Decimal(said) for code, said in _tokens(text) if said not in STATEMENTS}


def target_in_words(text: str, target: Target) -> str:
    """The same as an official reads it: with measures, the parts by name, words in quotation marks."""
    said: dict[str, list[str]] = {}
    for code, value in _tokens(text):
        part = target.part(code or target.code)
        unit = part.unit if part else ""
        words = f"“{value}”" if value in STATEMENTS else shown(Decimal(value), unit)
        said.setdefault(f"{part.name}：" if part and target.has_parts else "", []).append(words)
    return "；".join(f"{name}{'、'.join(words)}" for name, words in said.items())


def _figures(
    values: list[tuple[str, str]], item: str, target: Target | None, option: str
) -> list[tuple[str, Figure]]:
    """The figures with the code under which each was named, if it was."""
    figures: list[tuple[str, Figure]] = []
    seen: dict[tuple[str, str], str] = {}
    for named, value in values:
        kind: Kind = "statement" if value in STATEMENTS else "number"
        code = _code(named or item, value, item, target, option)
        if kind == "number" and target is not None and (part := target.part(code)):
            check_plausible(part, value, option)
        if (code, kind) in seen:
            raise WrongInput(
                f"{code} is given two values, {seen[code, kind]} and {value}. Give one"
                + (f", or name the parts: {_example(target, option)}" if target and target.has_parts else ".")
            )
        seen[code, kind] = value
        figures.append((named, Figure(code, kind, value, "")))
    return figures


def check_plausible(part: Part, value: str, option: str) -> None:
    """Raises `WrongInput` with the range for a figure that cannot be one of the part."""
    if wrong := part.implausible(Decimal(value)):
        raise WrongInput(f"{option} {value} {wrong} ({part.code} {part.name}). Correct the figure.")


def _code(code: str, value: str, item: str, target: Target | None, option: str) -> str:
    """The code of the part meant, if there is one and it takes such a value."""
    number = value not in STATEMENTS
    if target is None:
        if code != item or not number:
            raise WrongInput(f"{item} has no parts and takes no 是 or 否: say with --status where it stands.")
        return code
    part = target.part(code)
    if part is None:
        if code == item and target.parts:
            raise WrongInput(f"{item} is judged by its parts. Name the part: {_example(target, option)}")
        known = "、".join(f"{part.code} {part.name}" for part in target.parts) or "none, others lead them"
        raise WrongInput(f"There is no part {code!r} in {item} for this unit to give. Known: {known}.")
    if number and not part.takes_number:
        raise WrongInput(
            f"{code} ({part.name}) takes no number; its target is “{part.words}”: say {option} 是 or 否."
        )
    if not number and not part.takes_statement:
        raise WrongInput(f"{code} ({part.name}) takes a number ({part.words}), not {value!r}.")
    return part.code


def _example(target: Target, option: str) -> str:
    return " ".join(f"{option} {part.code}=…" for part in target.parts)


def _tokens(text: str) -> list[tuple[str, str]]:
    """`I07.1=95.3 I07.2=28` as pairs of code and text; the code is empty where none is named.

    As typed with a Chinese keyboard: full-width digits are digits, spaces around them are nothing.
    """
    pairs = (word.rpartition("=") for word in unicodedata.normalize("NFKC", text).split())
    return [(code.upper(), said) for code, _, said in pairs]


def _text(pairs: list[tuple[str, str]]) -> str:
    return " ".join(f"{code}={said}" if code else said for code, said in pairs)


def _check_periods(values: list[tuple[str, str]], periods: list[tuple[str, str]]) -> None:
    named = {code for code, _ in periods}
    if len(named) != len(periods):
        raise WrongInput(f"--period {_text(periods)} names a period twice. Give one for each value.")
    if periods and not values:
        raise WrongInput("A value goes with its reference period: --value is missing.")
    for code in named - {""} - {code for code, _ in values}:
        raise WrongInput(f"--period names {code}, and --value does not. Give --value {code}=…")
    for code, value in values:
        if value not in STATEMENTS and not named & {code, ""}:
            option = f"--period {code}=…" if named else "--period"
            example = "(e.g. 2021, 2022-Q1 or 2022-05)"
            raise WrongInput(f"A value goes with its reference period: {option} {example} is missing.")


def _value(text: str, option: str) -> str:
    if text.lower() in STATEMENTS:
        return STATEMENTS[text.lower()]
    return plain_number(text, option)


def plain_number(text: str, option: str) -> str:
    """A figure in plain notation, as given. Raises `WrongInput` naming the option for anything else."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not NUMBER.fullmatch(text):
        shown = repr(text if len(text) <= 40 else text[:39] + "…")
        raise WrongInput(
            f"{option} {shown} is no number. Write it plainly, e.g. 95.3, without unit or %, "
            "at most 20 digits before and after the point."
        )
    return f"{Decimal(text):f}"


def _period(text: str) -> str:
    return named_period(text, "--period").text


def named_period(text: str, option: str) -> Period:
    """The reference period written there. Raises `WrongInput` naming the option for anything else."""
    period = read_period(unicodedata.normalize("NFKC", text).strip())
    if period is None:
        raise WrongInput(f"{option} {text!r} is no reference period. Write 2021, 2022-Q1 or 2022-05.")
    return period
