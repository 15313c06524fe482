"""What commands share: options, the database, the ways to print."""

import getpass
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePath
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlmodel import Session

from eco_workflow.domain.clock import wall_time
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.evidence import KINDS
from eco_workflow.domain.json_text import as_json
from eco_workflow.domain.roles import CONSOLE, Action, Actor
from eco_workflow.domain.viewer import Viewer
from eco_workflow.log import keep_log
from eco_workflow.settings import Settings, read_settings
from eco_workflow.stop import Ending, Stop
from eco_workflow.store.session import Database

UnitName = Annotated[str, typer.Argument(metavar="UNIT", help="The unit's code, name or alias.")]
UnitNames = Annotated[
    str, typer.Argument(metavar="UNIT", help="A unit by code, name or alias; several with commas between.")
]
Due = Annotated[str, typer.Option("--due", help="The date it is due on.")]
ItemCode = Annotated[str, typer.Argument(metavar="ITEM", help="The item's code, e.g. I07.")]
Means = Annotated[
    str, typer.Option(help="How the unit told the operator who records for it: phone (default) or paper.")
]
CorrectsPeriod = Annotated[
    bool,
    typer.Option(
        "--corrects-period",
        help="Of what was closed: the period that stands was a slip, this older one is right; needs --note.",
    ),
]
Now = Annotated[
    str | None, typer.Option("--now", help="The instant meant, with zone: 2022-03-14T09:00:00+08:00.")
]
As = Annotated[
    str | None,
    typer.Option("--as", help="The acting person: the name of a contact or account, or NAME@UNIT."),
]
Eyes = Annotated[
    str | None, typer.Option("--as", help="Whose eyes: a contact or account; otherwise an operator's.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PlanCode = Annotated[
    str | None, typer.Option("--plan", help="The plan's code; not needed when there is one.")
]

ENDED = "The plan ended on {}: no clock runs any more; what was late is counted to that day."
"""What lists of lateness say of a plan that is over (DOMAIN 2, time)."""

LEFT_TO_SEND = "what was not handed over yet leaves with the next delivery: see eco outbox list"
"""How an act goes on of which the delivery was ended."""

PIPE_WIDTH = 160
"""Columns of a table that goes into a pipe or a file, where nobody's window says how wide it is."""

DOCUMENTS = frozenset({*KINDS, "md", "rtf", "odt", "htm", "html", "wpt", "et"})
"""Endings of names of files that may be meant where a text is typed."""

LONGEST_NAME = 255
"""Bytes of a file's name."""

# Of a process that is started with its standard output closed Python has none, and nothing is printed.
_at_a_window = sys.stdout is not None and sys.stdout.isatty()
out = Console(soft_wrap=True, width=None if _at_a_window or "COLUMNS" in os.environ else PIPE_WIDTH)
err = Console(stderr=True, soft_wrap=True)


def actor(given: str | None) -> str:
    """The acting person's name: as given, else the user of this machine."""
    if given is not None:
        if not given.strip() or not given.isprintable():
            raise WrongInput(f"--as {given!r} is no name. Give one line of text.")
        return given.strip()
    try:
        return f"{getpass.getuser()}{CONSOLE}"
    except (KeyError, OSError):  # a container's user without a name
        return f"{os.getuid()}{CONSOLE}"


def acting(database: Database, plan: str | None, given: str | None) -> Actor:
    """The acting person with all roles held in that plan; without a name the user of this machine."""
    from eco_workflow.services import people
    from eco_workflow.services.find import plan_named

    name = actor(given)
    if given is None:
        return people.console(name)
    with database.read() as session:
        return people.acting(session, plan_named(session, plan), name)


def acting_in_all(database: Database, action: Action, given: str | None) -> str:
    """The name under which an act on all plans is booked; without one the user of this machine, who may."""
    from eco_workflow.services import people

    name = actor(given)
    if given is None:
        people.console(name).must(action)
        return name
    with database.read() as session:
        return people.check_in_all(session, action, name)


def looking(session: Session, plan: str | None, given: str | None) -> Viewer:
    """Whose eyes a command serves that shows content; without a name an operator's."""
    from eco_workflow.services import people
    from eco_workflow.services.find import plan_named

    return people.viewer(session, plan_named(session, plan), actor(given) if given is not None else None)


def print_ended(session: Session, plan: str | None, now: datetime) -> None:
    """Says over a list of lateness that the plan is past its end, where it is."""
    from eco_workflow.services.calendar import ended_on
    from eco_workflow.services.find import plan_named

    if ended := ended_on(plan_named(session, plan), now):
        out.print(ENDED.format(ended), highlight=False)


def open_database(settings: Settings | None = None) -> Database:
    """The database in force, with this program's schema."""
    settings = settings or read_settings()
    database = Database(settings.database)
    database.check_version()
    keep_log(settings.home)
    return database


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(as_json(value))


def text_or_file(value: str, option: str) -> str:
    """The text itself, or what a file of that name holds.

    Raises `WrongInput` for a file that is no text, and for what looks like the path of a file and is none: a
    mistyped name would be released as the text.
    """
    # A longer or multi-line word is no path; to ask the system about it would fail.
    if "\n" in value or len(value.encode()) > LONGEST_NAME:
        return value
    try:
        if Path(value).is_file():
            return Path(value).read_text("utf-8-sig")
        if not _looks_like_a_path(value):
            return value
    except UnicodeDecodeError:
        raise WrongInput(f"{option} {value!r} is no UTF-8 text. Save it as plain text first.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise WrongInput(f"{option} {value!r} cannot be read: {reason}.") from None
    raise WrongInput(
        f"{option} {value!r} is no text file that can be read, and looks like the name of one. Correct the "
        "name; a text of its own has blanks or ends in a full stop."
    )


def _looks_like_a_path(value: str) -> bool:
    """Whether somebody meant a file: a name with an ending of documents, a folder, or one word with
    separators.
    """
    name = value.strip()
    suffix = PurePath(name).suffix.removeprefix(".").lower()
    one_word = not re.search(r"[\s。，]", name)
    return suffix in DOCUMENTS or (one_word and bool(re.search(r"[/\\]", name))) or Path(value).is_dir()


def names_in(text: str) -> list[str]:
    """What stands between commas, Chinese ones included; each once."""
    return list(dict.fromkeys(name.strip() for name in re.split(r"[,，、]", text) if name.strip()))


def on_the_wall(moment: datetime | None) -> str:
    """An instant in a table, to the minute; empty where there is none."""
    return wall_time(moment) if moment else ""


def table(title: str, *columns: str) -> Table:
    """An empty table with a title, as every list of the command line looks."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def hand_over(settings: Settings, at: datetime, tell: Callable[[], object]) -> None:
    """Delivers what leaves at once, and tells what was done, whatever became of the delivery: that stands all
    the same. Raises what a delivery raises.
    """
    from flows.wiring import deliver_batch

    stop = Stop()
    try:
        with stop.listening(again_ends=True):
            deliver_batch(settings, at, stop=stop)
    except Ending as end:
        raise Ending(end.number, LEFT_TO_SEND) from None
    finally:
        tell()


@contextmanager
def progress(quiet: bool) -> Iterator[Progress]:
    """A progress bar on standard error; invisible when quiet or not on a terminal."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=quiet or not err.is_terminal,
    )
    with bar:
        yield bar
