"""The figures that a survey found, as typed, indicator by indicator (the source plan, 四(二十六))."""

import unicodedata
from dataclasses import dataclass
from datetime import date

from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.periods import shortest_around

PARTS = ("questionnaire", "report")
"""The files of a survey."""
LARGEST_SAMPLE = 100_000_000


@dataclass(frozen=True)
class Found:
    """The figures of one indicator and their periods, as an answer takes them: `I32.1=55 I32.3=4.1`."""

    value: str
    period: str


def found_in(values: str, periods: str, from_on: date, until_on: date) -> dict[str, Found]:
    """Indicator → its figures. `values` names each: `I35=85.2 I32.1=55`; `periods` is empty, one for all, or
    named likewise. Where it is empty, the shortest period around the field days is meant.

    Raises `WrongInput` for a value that names no indicator, and for a period that names none of them.
    """
    if not values.strip():
        raise WrongInput("--value is missing: what the survey found, e.g. --value I35=85.2")
    figures: dict[str, list[str]] = {}
    for code, word in _named(values):
        if not code:
            raise WrongInput(f"--value {word} names no indicator. Write it as --value I35={word}")
        figures.setdefault(_indicator(code), []).append(f"{code}={word}")
    if not periods.strip():
        around = shortest_around(from_on, until_on)
        if around is None:
            raise WrongInput(
                f"Field days from {from_on} to {until_on} lie in two years. Say with --period of which the "
                "figures are."
            )
        periods = around.text
    of_all = [word for code, word in _named(periods) if not code]
    of_one = [(code, word) for code, word in _named(periods) if code]
    if unknown := [code for code, _ in of_one if _indicator(code) not in figures]:
        raise WrongInput(f"--period names {unknown[0]}, and --value does not. Give --value {unknown[0]}=…")
    return {
        indicator: Found(
            " ".join(words),
            " ".join(
                [*of_all, *(f"{code}={word}" for code, word in of_one if _indicator(code) == indicator)]
            ),
        )
        for indicator, words in figures.items()
    }


def check_field(sample: int, from_on: date, until_on: date, today: date) -> None:
    """Raises `WrongInput` for field days that are not over, or in the wrong order, and for no sample."""
    if not 0 < sample <= LARGEST_SAMPLE:
        raise WrongInput(f"--sample {sample} is no number of people who answered.")
    if not from_on <= until_on <= today:
        raise WrongInput(
            f"--from {from_on} and --until {until_on}: the first field day comes first, and the last one is "
            f"today, {today}, or before."
        )


def source_of(number: int, name: str, sample: int, from_on: date, until_on: date) -> str:
    """Where a figure comes from, in an official's words: it stands in the answer's note."""
    return (
        f"来源：问卷调查{number}号《{name}》，有效样本{sample}份，调查时间{_day(from_on)}至{_day(until_on)}"
    )


def _indicator(code: str) -> str:
    return code.partition(".")[0]


def _named(text: str) -> list[tuple[str, str]]:
    pairs = (word.rpartition("=") for word in unicodedata.normalize("NFKC", text).split())
    return [(code.upper(), said) for code, _, said in pairs]


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
