"""What can go wrong, said so that a person knows what to do."""


class EcoError(Exception):
    """Something a person must know about: the message says what, where, and what to do."""

    exit_code = 1


class WrongInput(EcoError):
    """What was given cannot be used; nothing was written."""

    exit_code = 2


class Refused(EcoError):
    """The rules or the state of things do not allow it now; nothing was written."""

    exit_code = 1


class Unavailable(EcoError):
    """Database, disk or server cannot be used; nothing is half-written."""

    exit_code = 1


def in_a_line(error: Exception) -> str:
    """What an error that nobody foresaw says: its kind, and the first line of its words if it has any."""
    words = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {words[0]}"
