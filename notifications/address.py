"""Who sends: the setting ECO_MAIL_FROM taken apart, checked before anything is opened."""

from email.utils import parseaddr

from eco_workflow.domain.address import why_unusable
from eco_workflow.domain.errors import WrongInput


def name_and_address(sender: str) -> tuple[str, str]:
    """Takes `name@domain` or `Name <name@domain>` apart; the name may be empty.

    Raises `WrongInput`, which names the setting, when there is no usable address in it.
    """
    name, address = parseaddr(sender)
    unusable = why_unusable(address)
    if unusable:
        raise WrongInput(f"ECO_MAIL_FROM {sender!r} cannot send mail. {unusable}")
    return name, address
