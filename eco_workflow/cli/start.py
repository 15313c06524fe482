"""Where the `eco` command begins: a ctrl-C is one line, also while the program is still being read in."""

import gc
import signal
import sys
from typing import NoReturn

from eco_workflow.stop import GOES_ON

SELDOM = (200_000, 20, 50)
"""When garbage is looked for. What was read in stays: to look it over again and again takes a sixth of the
time of a short command.
"""

STOPPED = 128 + signal.SIGINT
"""The exit code after a ctrl-C."""


def main() -> None:
    """Runs `eco`; interrupted, it ends with 130."""
    gc.set_threshold(*SELDOM)
    try:
        from eco_workflow.cli.main import main as eco

        eco()
    except KeyboardInterrupt:
        stopped()


def stopped(code: int = STOPPED, then: str = GOES_ON) -> NoReturn:
    """Says what a ctrl-C or a SIGTERM leaves behind and how it goes on, and ends."""
    print(f"eco: stopped. What was committed stands; {then}.", file=sys.stderr)  # noqa: T201
    sys.exit(code)
