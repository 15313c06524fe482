"""What the yearly re-verification after the award looks at: the figures of every indicator and their age."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from eco_workflow.domain.current_figures import current_year
from eco_workflow.domain.words import VERDICT
from eco_workflow.services.figure_ages import figure_ages
from eco_workflow.services.find import document
from eco_workflow.services.judged import judged_all
from eco_workflow.store.tables import Plan


@dataclass(frozen=True)
class Verified:
    """An indicator as the re-verification finds it."""

    item: str
    name: str
    units: tuple[str, ...]
    value: str
    """The figures that stand, with their periods; empty where there is none."""
    period: str
    """Of the newest figure of each part; 无 where none stands."""
    verdict: str
    outdated: str
    """What lacks an accepted figure of the current period, and what there is instead; empty for nothing."""


def reverifies(session: Session, plan: Plan, rhythm: str) -> bool:
    """Whether a rhythm of the document in force counts from the award."""
    return any(
        one.id == rhythm and one.every == "award_year" for one in document(session, plan).rhythms.office
    )


def verified(session: Session, plan: Plan, today: date) -> tuple[Verified, ...]:
    """Every indicator of the document in force, as of a day."""
    year = current_year(today)
    ages = {aged.code: aged for aged in figure_ages(session, plan)}
    found = []
    for judged in judged_all(session, plan, today):
        aged = ages.get(judged.code)
        asked, lacking = (aged.asked, aged.lacking(year)) if aged else ((), [])
        found.append(
            Verified(
                item=judged.code,
                name=judged.name,
                units=judged.units,
                value=judged.value,
                period="、".join(one.words for one in asked),
                verdict=judged.verdict,
                outdated="、".join(one.words + "（待审核）" * one.waits(year) for one in lacking),
            )
        )
    return tuple(found)


def tally(indicators: Sequence[Verified]) -> dict[str, int]:
    """How many are met, unmet and undetermined, and how many are outdated."""
    verdicts = Counter(one.verdict for one in indicators)
    return {verdict: verdicts[verdict] for verdict in VERDICT} | {
        "outdated": sum(bool(one.outdated) for one in indicators)
    }


def as_lines(indicators: Sequence[Verified]) -> list[str]:
    """As plain text: the counts, then every indicator with value, period, verdict and what is outdated."""
    counts = tally(indicators)
    said = "，".join(f"{words}{counts[verdict]}项" for verdict, words in VERDICT.items())
    return [
        f"年度复核：指标{len(indicators)}项，{said}，须更新{counts['outdated']}项",
        *(_line(one) for one in indicators),
    ]


def _line(one: Verified) -> str:
    said = f"- {one.item} {one.name}：{VERDICT[one.verdict]}，{one.value or '无数据'}"
    said += f"（数据期 {one.period}）" if one.period else ""
    return f"{said}；须更新：{one.outdated}" if one.outdated else said
