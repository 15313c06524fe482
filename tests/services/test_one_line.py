"""An item that is overdue and owed to a round stands in one line of a mail (DOMAIN 4)."""

from pathlib import Path

import pytest

from tests.office import Mail, Office
from tests.services.desk import keep_open

MONEY = "lianluo@caizhengju.dxal.example"
SUPERVISION = "lianluo@ducha.dxal.example"


def lines_of(mail: Mail, item: str) -> list[str]:
    return [line for line in mail.text.splitlines() if line.startswith(f"- {item} ")]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_overdue_and_unanswered_is_one_line_to_the_unit_and_above_it(database: str, tmp_path: Path) -> None:
    """Asked on 28 May about what is due on the 31st, the day on which the answer is due as well."""
    office = Office(database, tmp_path)
    office.open("2022-05-15")
    keep_open(office, "I33")
    for day in ("2022-05-28", "2022-06-01"):
        office.run(day)
    [mail] = office.mails("2022-06-01", MONEY)
    assert mail.subject == "【逾期】1项逾期1个工作日"
    assert lines_of(mail, "I33") == ["- I33 政府绿色采购比例，逾期1个工作日"]
    assert "  调度未填报，逾期1个工作日" in mail.text.splitlines()
    assert "下一步：仍未填报的，最早于6月7日（周二）按规则告知分管领导。" in mail.text
    for day in ("2022-06-07", "2022-06-09"):
        office.run(day)
    [alert] = office.mails("2022-06-09", SUPERVISION)
    assert "5月28日调度1个单位逾期未填报、1个单位1项逾期" in alert.subject
    assert len(lines_of(alert, "I33")) == 1
    assert "  调度未填报，逾期6个工作日" in alert.text.splitlines()
