"""`eco backup` and `eco restore`: everything that matters, in one file and back."""

from pathlib import Path
from typing import Annotated

import typer

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import As, Json, Now, acting_in_all, actor, open_database, out, print_json
from eco_workflow.domain.english import counted, sized
from eco_workflow.domain.errors import Refused, Unavailable, WrongInput
from eco_workflow.domain.roles import Action
from eco_workflow.services.backup_file import in_words
from eco_workflow.settings import Settings, read_settings
from eco_workflow.store.session import Database

MENDING = (
    "it lacks {}. Make it readable for this user, or bring it back: evidence from an older backup, or by "
    "eco evidence review NUMBER return, then add. Older backups are kept meanwhile"
)
LACKED = (
    "lacks what could not be read when it was made: {}. Look for it in what was set aside and in older "
    "backups; eco evidence verify says what is missing"
)


def _place(text: str) -> Path:
    """An empty name, as of a variable that is not set, would be the current folder."""
    if not text.strip():
        raise WrongInput(f"{text!r} is no place. Name a file or a folder; . is the current one.")
    return Path(text)


File = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE|FOLDER]",
        parser=_place,
        help="The file to write, which ends in .zip, or a folder, which is made; ECO_HOME/backups otherwise.",
    ),
]


def backup(file: File = None, now: Now = None, as_: As = None, json: Json = False) -> None:
    """Copy everything that matters into one file, while runs go on; anchor the audit chains."""
    from eco_workflow.services.backup import back_up

    settings, at = read_settings(), now_or(now)
    database = open_database(settings)
    by = acting_in_all(database, Action.BACK_UP, as_)
    made = back_up(database, settings, file, now=at, by=by)
    if json:
        print_json(made)
    else:
        out.print(f"{made.file}: {sized(made.size)}", highlight=False)
        out.print(
            f"  {counted(made.rows, 'row')} of {counted(made.tables, 'table')}, "
            f"{counted(made.files, 'file')}"
            + (f"; {counted(len(made.removed), 'older backup')} removed" if made.removed else ""),
            highlight=False,
        )
    said = [MENDING.format(in_words(made.wanting))] if made.wanting else []
    said += [f"its audit chains are not anchored: {made.not_anchored}"] if made.not_anchored else []
    said += [f"the audit log was tampered with: {'; '.join(made.wrong)}"] if made.wrong else []
    if said:
        raise Refused("The backup is made, but " + "; and ".join(said))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", parser=_place, help="A backup.")],
    to: Annotated[
        Path | None,
        typer.Option(
            parser=_place,
            help="Another folder, with a database of its own, e.g. to try a backup.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Also where something is: it is set aside.")] = False,
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Check a backup, load it beside what is there, read it back, and only then put it in place."""
    from eco_workflow.services.restore import restore as restore_

    settings, at = read_settings(), now_or(now)
    if to is not None:
        settings = Settings(home=to, database_url=None, mail_url=settings.mail_url, audit_folder=None)
    done = restore_(file, settings, yes=yes, now=at, by=_by(settings, as_))
    if json:
        print_json(done)
    else:
        out.print(
            f"Restored as of {done.made_at}: {counted(done.plans, 'plan')}, {counted(done.rows, 'row')}, "
            f"{counted(done.files, 'file')}, read back and equal to the backup.",
            highlight=False,
        )
        out.print(f"Database: {done.database}", highlight=False)
        for aside in done.replaced:
            out.print(f"Set aside: {aside}", highlight=False)
        out.print(
            f"What happened after {done.made_at} is not in these books: messages sent since may be sent "
            "again. To look first: eco plan hold --reason …",
            highlight=False,
        )
    said = [LACKED.format(in_words(done.wanting))] if done.wanting else []
    said += [f"was made of a tampered audit log: {'; '.join(done.wrong)}"] if done.wrong else []
    if said:
        raise Refused("All that the backup holds is restored. It " + "; it ".join(said))


def _by(settings: Settings, given: str | None) -> str:
    """Who restores. Only where there are books that can be read can a name be looked up."""
    if given is None:
        return actor(None)
    database = Database(settings.database)
    try:
        database.check_version()
        return acting_in_all(database, Action.BACK_UP, given)
    except Unavailable:
        return actor(given)
