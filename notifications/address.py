"""Which mail addresses this package writes to: plain ASCII ones, checked before anything is opened."""

import re
from email.utils import parseaddr

from eco_workflow.domain.errors import WrongInput

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_LOCAL}(?:\.{_LOCAL})*@{_LABEL}(?:\.{_LABEL})*")


def why_unusable(address: str) -> str | None:
    """Says in words why nothing can be sent to `address`; None when it can.

    Quoted local parts (`"a b"@x`) and non-ASCII addresses are not accepted: no mail server of an office
    gives them out, and the second need an extension that servers on the way may lack.
    """
    if not address:
        return "There is no mail address; enter one for this contact."
    if not address.isascii():
        return f"The mail address {address!r} has characters outside ASCII; enter an ASCII address."
    if not _ADDRESS.fullmatch(address) or len(address) > 254 or address.index("@") > 64:
        return f"The mail address {address!r} is not of the form name@domain; correct it."
    return None


def name_and_address(sender: str) -> tuple[str, str]:
    """Takes `name@domain` or `Name <name@domain>` apart; the name may be empty.

    Raises `WrongInput`, which names the setting, when there is no usable address in it.
    """
    name, address = parseaddr(sender)
    unusable = why_unusable(address)
    if unusable:
        raise WrongInput(f"ECO_MAIL_FROM {sender!r} cannot send mail. {unusable}")
    return name, address
