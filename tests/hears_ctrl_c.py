"""The workers of a parallel test run ignore ctrl-C, and a child inherits that."""

import signal


def hears_ctrl_c() -> None:
    """In a child, before its program starts: it hears ctrl-C as one does that a person started."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
