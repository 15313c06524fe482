"""A hundred ways to spoil the real plan file, each with the place that must be named; the same every time."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import cycle

from eco_workflow.plans.document import Document

GOOD = (resources.files("eco_workflow.plans") / "daxinganling-2022.yaml").read_text("utf-8")
SEED = 20220531
COUNT = 100

Path = tuple[str | int, ...]
Spoil = Callable[[random.Random, str], str]


@dataclass(frozen=True)
class Mutation:
    """One scalar of the file replaced; `where` is the place that a finding must name, `line` its line."""

    where: str
    line: int
    before: str
    after: str
    text: str


def unit_unknown(_: random.Random, value: str) -> str:
    return f"no-{value}"


def date_impossible(chance: random.Random, value: str) -> str:
    return f"{value[:5]}{chance.choice(['02-30', '13-01', '06-31', '00-10'])}"


def date_outside(chance: random.Random, value: str) -> str:
    return f"{chance.choice(['2019', '2031'])}{value[4:]}"


def misspelt(chance: random.Random, value: str) -> str:
    at = chance.randrange(len(value))
    return f"{value[:at]}x{value[at:]}"


def empty(_: random.Random, __: str) -> str:
    return '""'


def two_lines(_: random.Random, value: str) -> str:
    return '"' + value.strip('"') + '\\n"'


def other_total(chance: random.Random, value: str) -> str:
    return str(int(value) + chance.choice([-1, 1, 10]))


def no_number(chance: random.Random, _: str) -> str:
    return chance.choice(["many", '"3"', "2.5", "true"])


def inexact(chance: random.Random, _: str) -> str:
    return chance.choice(["60.5.1", '"1e3"', '"≥60"', '"０"', "[]", '"01"'])


def address_broken(chance: random.Random, value: str) -> str:
    return (
        f'"{chance.choice([f"{value}&cc=a@b.example", value.replace("@", " "), f"{value}, {value}", "@"])}"'
    )


def word_unknown(_: random.Random, __: str) -> str:
    return "sometimes"


# What is spoilt: the last field of a path, the list it stands under (or None for any), and in which ways.
KINDS: tuple[tuple[str, tuple[str, ...], tuple[Spoil, ...]], ...] = (
    ("lead", ("indicators", "policies", "vetoes", "working_groups"), (unit_unknown,)),
    ("supporting", ("indicators", "policies"), (unit_unknown,)),
    ("data_providers", ("indicators",), (unit_unknown,)),
    ("unit", ("duties", "roster", "who_hears"), (unit_unknown,)),
    ("units", ("exceptions",), (unit_unknown,)),
    ("due_on", ("indicators", "policies"), (date_impossible, date_outside)),
    ("start", ("phases",), (date_impossible, date_outside)),
    ("end", ("phases",), (date_impossible,)),
    ("title", ("phases", "policies", "duties", "vetoes"), (empty, two_lines)),
    ("name", ("units", "indicators", "roster"), (empty, two_lines)),
    ("address", ("units",), (address_broken,)),
    ("role", ("units", "roster", "who_hears"), (word_unknown,)),
    ("kind", ("indicators", "who_hears", "exceptions"), (word_unknown,)),
    ("better", ("indicators",), (word_unknown,)),
    ("at_least", ("indicators",), (inexact,)),
    ("relation", ("units",), (word_unknown,)),
    ("id", ("indicators", "policies", "vetoes", "duties", "units"), (two_lines, empty)),
    ("rhythm", ("vetoes", "duties"), (word_unknown,)),
    ("after", ("ladder",), (no_number,)),
    ("binding", ("indicators",), (word_unknown,)),
    ("catch_all", ("duties",), (word_unknown,)),
    ("linked_veto", ("indicators",), (misspelt,)),
)


def mutations() -> Iterator[Mutation]:
    """The hundred, drawn kind after kind, so that every kind is there."""
    chance = random.Random(SEED)
    source = Document(GOOD.encode())
    kinds = [(spoil, _paths(source, field, lists)) for field, lists, spoils in KINDS for spoil in spoils]
    kinds.append((other_total, [path for path in source.spans if path[0] == "declared"]))
    kinds.append((no_number, [("answer_days",), ("summary_days",), ("round_days", 0)]))
    taken: set[str] = set()
    for spoil, paths in cycle(kinds):
        if len(taken) == COUNT:
            return
        mutation = _mutation(source, spoil, chance.choice(paths), chance)
        if mutation.text in taken:
            continue
        taken.add(mutation.text)
        yield mutation


@dataclass(frozen=True)
class Double:
    """Two scalars of the file replaced: a wrong field, and something that does not hold across fields."""

    wrong: Mutation
    across: Mutation
    text: str


# Whatever a wrong field hides, what is wrong across the fields elsewhere is named.
ACROSS = (unit_unknown, misspelt, other_total)
WRONG = (date_impossible, empty, two_lines, inexact, address_broken, word_unknown)


def doubles(count: int) -> Iterator[Double]:
    """Pairs of single mutations in different sections of the file, of which neither reads the other."""
    chance = random.Random(SEED)
    across, wrong = list(_singles(ACROSS, chance)), list(_singles(WRONG, chance))
    for _ in range(count):
        one, other = chance.choice(wrong), chance.choice(across)
        while one.where.partition("[")[0] == other.where.partition("[")[0]:
            other = chance.choice(across)
        yield Double(one, other, _both(one, other))


def _both(one: Mutation, other: Mutation) -> str:
    """The text with both changes; the lines stay, since every change is within one."""
    lines = GOOD.splitlines(keepends=True)
    for changed in (one, other):
        lines[changed.line - 1] = changed.text.splitlines(keepends=True)[changed.line - 1]
    return "".join(lines)


def _singles(spoils: tuple[Spoil, ...], chance: random.Random) -> Iterator[Mutation]:
    source = Document(GOOD.encode())
    kinds = [(spoil, _paths(source, field, lists)) for field, lists, ways in KINDS for spoil in ways]
    kinds.append((other_total, [path for path in source.spans if path[0] == "declared"]))
    for spoil, paths in kinds:
        if spoil in spoils:
            yield from (
                _mutation(source, spoil, path, chance) for path in chance.sample(paths, k=min(20, len(paths)))
            )


def _mutation(source: Document, spoil: Spoil, path: Path, chance: random.Random) -> Mutation:
    begin, end = source.spans[path]
    before = GOOD[begin:end]
    after = spoil(chance, before)
    line = GOOD.count("\n", 0, begin) + 1  # where the text is changed, whatever the product says of lines
    return Mutation(_dotted(path), line, before, after, f"{GOOD[:begin]}{after}{GOOD[end:]}")


def _paths(source: Document, field: str, lists: tuple[str, ...]) -> list[Path]:
    found = []
    for path in source.spans:
        words = [step for step in path if isinstance(step, str)]
        if words[-1] == field and words[0] in lists:
            begin, end = source.spans[path]
            if GOOD[begin:end] not in ("debtor", "leaders"):
                found.append(path)
    assert found, (field, lists)
    return found


def _dotted(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
