"""What the things that a flow leaves behind are called."""

import re


def artifact_key(*parts: object) -> str:
    """A key as Prefect takes it, of small letters, digits and dashes, whatever the parts are made of."""
    return re.sub("[^a-z0-9]+", "-", "-".join(map(str, parts)).lower())
