"""One line on money in a round's summary, the same in text and on a page."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

from eco_workflow.domain.messages import Wanting
from notifications.render import renderer
from tests.notifications import cast


def test_the_summary_names_the_largest_and_counts_the_rest() -> None:
    """What a unit is called cannot become markup."""
    largest = ("I04<b>水务局</b>300万元", "P1地区财政局80万元")
    money = (Wanting(False, 7, "512.5", largest), Wanting(True, 1, "3", ("I11林草局3万元",)))
    envelope = replace(cast.summary_mail(), summaries=(replace(cast.SUMMARY, funding=money),))
    mail = message_from_bytes(renderer("office@eco.example")(envelope), policy=default)
    line = "资金未到位7项，合计512.5万元：{}、P1地区财政局80万元等；超支1项，合计3万元：I11林草局3万元"
    text, page = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert page is not None
    assert line.format(largest[0]) in str(text.get_content()).splitlines()
    assert line.format("I04&lt;b&gt;水务局&lt;/b&gt;300万元") in str(page.get_content())
