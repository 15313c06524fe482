"""How Chinese stands in a mail: base64, whatever else runs in this process.

Python keeps one table of encodings for all, and apprise, which Prefect brings along, writes its own wish into
it for UTF-8.
"""

from email.charset import BASE64, SHORTEST, Charset
from email.mime.text import MIMEText
from email.policy import Compat32, compat32

UTF8 = Charset("utf-8")
UTF8.header_encoding = SHORTEST
UTF8.body_encoding = BASE64


def text_part(text: str, subtype: str = "plain", policy: Compat32 = compat32) -> MIMEText:
    """UTF-8 in base64, which keeps every line short and within 7 bits, whatever servers lie on the way."""
    return MIMEText(text, subtype, UTF8, policy=policy)  # type: ignore[arg-type]  # it takes one, too
