"""A file that somebody asks for by its name: a new one, written whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from eco_workflow.domain.errors import WrongInput


@contextmanager
def new_file(path: str, named: str) -> Iterator[BinaryIO]:
    """The file, to be written; gone again where that fails. `named`: what the command calls it.

    Raises `WrongInput` where it is there already, or cannot be made or written.
    """
    try:
        with Path(path).open("xb") as made:
            try:
                yield made
                made.flush()
            except BaseException:
                Path(path).unlink(missing_ok=True)
                raise
    except FileExistsError:
        raise WrongInput(f"{named} {path!r} exists. Give another name, or remove it first.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise WrongInput(f"{named} {path!r} cannot be written: {reason}.") from None
