"""Whether something takes connections at an address; nothing is sent there."""

import socket


def why_no_connection(host: str, port: int, seconds: float) -> str:
    """Why nothing takes a connection there within these seconds, in words; empty where something does."""
    try:
        socket.create_connection((host, port), seconds).close()
    except UnicodeError:
        return "no name that a network knows"
    except OSError as error:
        return error.strerror or str(error) or type(error).__name__
    return ""
