"""`eco up`: everything that has to run by itself, in one command."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import typer

from eco_workflow.cli.common import Json, out, print_json
from eco_workflow.domain.clock import wall_time
from eco_workflow.domain.english import in_a_row
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services.readiness import Finding, Level
from eco_workflow.settings import read_settings
from eco_workflow.stop import Ending, Stop

TIMETABLE = "schedules.timetable:TIMETABLE"


def up(
    check: Annotated[
        bool, typer.Option("--check", help="Say what is wrong, start nothing; exit 1 on errors.")
    ] = False,
    json: Json = False,
    timetable: Annotated[str, typer.Option(hidden=True, help="Another table, as module:NAME.")] = TIMETABLE,
) -> None:
    """Run everything by itself until ctrl-C: rounds, reminders, alerts, deliveries, by the timetable."""
    if json and not check:
        raise WrongInput("--json goes with --check: what runs prints as it goes.")
    if check:
        found = _looked()
        if json:
            print_json({"ready": not _errors(found), "findings": [vars(one) for one in found]})
        else:
            _show(found)
        _refuse(found)
        return

    def say(line: str) -> None:
        out.print(f"{wall_time(datetime.now(UTC))} {line}", highlight=False, markup=False)  # noqa: TID251

    stop = Stop()
    with stop.listening(), suppress(Ending):
        with stop.breaking():
            from schedules.up import up as run

            found = _looked()
        _show([one for one in found if one.level is Level.WARNING])
        _refuse(found)
        run(read_settings(), timetable, say, stop)


def _looked() -> list[Finding]:
    from schedules.check import findings

    return findings(os.environ, datetime.now(UTC))  # noqa: TID251 (the edge)


def _errors(found: list[Finding]) -> list[str]:
    return [f"{one.about}: {one.said}" for one in found if one.level is Level.ERROR]


def _refuse(found: list[Finding]) -> None:
    """Raises `Refused` with the words of all errors, where there are any."""
    if errors := _errors(found):
        raise Refused(in_a_row(errors))


def _show(found: list[Finding]) -> None:
    for one in found:
        out.print(f"{one.level:8}{one.about}: {one.said}", highlight=False, markup=False)
