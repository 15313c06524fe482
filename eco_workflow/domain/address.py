"""Which mail addresses the product writes to: plain ones, that no header and no URL can split."""

import re

_LOCAL = r"[A-Za-z0-9_+-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_LOCAL}(?:\.{_LOCAL})*@{_LABEL}(?:\.{_LABEL})+")


def why_unusable(address: str) -> str | None:
    """Says in words why nothing can be sent to `address`; None when it can.

    Quoted local parts, signs such as `&` or `?`, and non-ASCII addresses are not accepted: an office's mail
    server gives none of them out, and each can add a recipient or need an extension somewhere on the way.
    """
    if not address:
        return "There is no mail address; enter one for this contact."
    if not address.isascii():
        return f"The mail address {address!r} has characters outside ASCII; enter an ASCII address."
    if not _ADDRESS.fullmatch(address) or len(address) > 254 or address.index("@") > 64:
        return f"The mail address {address!r} is not of the form name@domain; correct it."
    return None
