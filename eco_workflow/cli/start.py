"""Where the `eco` command begins: a ctrl-C is one line, also while the program is still being read in."""

import sys


def main() -> None:
    """Runs `eco`; interrupted, it ends with 130."""
    try:
        from eco_workflow.cli.main import main as eco

        eco()
    except KeyboardInterrupt:
        print("eco: stopped. What was committed stands; the same command again goes on.", file=sys.stderr)  # noqa: T201
        sys.exit(130)
