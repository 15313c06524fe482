"""Commands that record an act: the options they all have, declared once."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import typer
from typer.core import TyperCommand

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import As, Json, Now, PlanCode, acting, hand_over, open_database, print_json
from eco_workflow.domain.roles import Actor
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.settings import read_settings
from eco_workflow.store.session import Database


@dataclass(frozen=True)
class Desk:
    """Where an act is done: the books, who acts and when, in which plan, and how it is told."""

    database: Database
    by: Actor
    now: datetime
    plan: str | None
    json: bool

    @property
    def days(self) -> WorkingDays:
        """The published calendar as this installation knows it."""
        from eco_workflow.services.calendar import published_for

        return published_for(self.database)

    def tell(self, done: Any, words: Callable[[Any], object]) -> None:
        """Prints what was done, in words or as JSON."""
        if self.json:
            print_json(done)
        else:
            words(done)

    def send_and_tell(self, done: Any, words: Callable[[Any], object]) -> None:
        """Hands over what tells of it, where that leaves at once, and prints what was done."""

        def tell() -> None:
            self.tell(done, words)

        if done.told_at_once:
            hand_over(read_settings(), self.now, tell)
        else:
            tell()


def _option(name: str, annotation: Any, default: Any = None) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


PLAN = _option("plan", PlanCode)
COMMON = (_option("now", Now), _option("as_", As), _option("json", Json, default=False))

Act = Callable[..., None]


class TakesFigure(TyperCommand):
    """A command with a figure among its words: -3 is one, and no option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Reads the words. Where one is a negative figure, what is no option counts as a word."""
        ctx.ignore_unknown_options = any(NEGATIVE.match(word) for word in args)
        return super().parse_args(ctx, args)


NEGATIVE = re.compile(r"-[0-9]")


def act(
    app: typer.Typer,
    name: str | None = None,
    *,
    plan_of: Callable[[Database, dict[str, Any]], str] | None = None,
    cls: type[TyperCommand] = TyperCommand,
) -> Callable[[Act], Act]:
    """Makes a command of a function that takes a `Desk` and then options of its own.

    The command also takes `--now`, `--as` and `--json`, and `--plan` unless `plan_of` finds the plan in
    what is named anyway.
    """

    def decorate(does: Act) -> Act:
        own = list(inspect.signature(does).parameters.values())[1:]
        takes = [*own, *(() if plan_of else (PLAN,)), *COMMON]

        def command(**given: Any) -> None:
            now, as_, json = given.pop("now"), given.pop("as_"), given.pop("json")
            database = open_database()
            plan = plan_of(database, given) if plan_of else given.pop("plan")
            does(Desk(database, acting(database, plan, as_), now_or(now), plan, json), **given)

        command.__signature__ = inspect.Signature(takes)  # type: ignore[attr-defined]
        command.__annotations__ = {option.name: option.annotation for option in takes}
        command.__doc__ = does.__doc__
        app.command(name or does.__name__, cls=cls)(command)
        return does

    return decorate
