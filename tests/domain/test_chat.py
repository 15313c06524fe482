"""A channel's address: read part by part, put together again, and shown without its secrets."""

from urllib.parse import urlsplit

import pytest

from eco_workflow.domain.chat import NEUTRAL_LINE, PERSONAL, ROBOTS, read_chat_address
from eco_workflow.domain.errors import WrongInput


@pytest.mark.parametrize(
    ("given", "url", "shown"),
    [
        ("wecombot://s3cret-key_9f01", "wecombot://s3cret-key_9f01", "wecombot://…9f01"),
        ("feishu://s3cret9f01", "feishu://s3cret9f01", "feishu://…9f01"),
        ("dingtalk://s3cret9f01/", "dingtalk://s3cret9f01", "dingtalk://…9f01"),
        ("dingtalk://SECs3cret@tok9f01", "dingtalk://SECs3cret@tok9f01", "dingtalk://…9f01"),
        (
            "wechat://ww12:s3cret@1000002/zhangsan",
            "wechat://ww12:s3cret@1000002/@zhangsan",
            "wechat://…@1000002/zhangsan",
        ),
        (
            "json://10.0.0.7:8080/hook/s3cret",
            "json://10.0.0.7:8080/hook/s3cret",
            "json://10.0.0.7:8080/…cret",
        ),
        (
            "jsons://eco:s3%40cret@sms.example/",
            "jsons://eco:s3%40cret@sms.example/",
            "jsons://sms.example/",
        ),
    ],
)
def test_an_address_is_put_together_from_its_checked_parts(given: str, url: str, shown: str) -> None:
    read = read_chat_address(given)
    assert (read.url, read.shown) == (url, shown)
    assert read.scheme == urlsplit(given).scheme
    assert read.is_robot == (read.scheme in ROBOTS) != (read.scheme in PERSONAL)
    assert "s3cret" not in repr(read)
    assert read_chat_address(read.url) == read  # it is stored so, and read again


@pytest.mark.parametrize(
    "given",
    [
        "mailto://s3cret@x.example",  # a scheme that nobody allowed
        "wecom://s3cret",  # a third party, not Tencent
        "s3cret",
        "wecombot://s3cret?key=other",
        "wecombot://s3cret/more",
        "wecombot://user@s3cret",
        "wecombot://s3cret,feishu://other",
        "feishu://s3cret%26x",
        "dingtalk://s3cret/13800000000",  # mentions somebody else
        "wechat://ww12:s3cret@1000002/@all",
        "wechat://ww12:s3cret@1000002/all",
        "wechat://ww12:s3cret@1000002/ALL",
        "wechat://ww12:s3cret@1000002/zhangsan/lisi",
        "wechat://ww12:s3cret@1000002/zhangsan|lisi",
        "wechat://ww12:s3cret@1000002/%23all",
        "wechat://ww12:s3cret@1000002",
        "wechat://ww12:s3cret@agent/zhangsan",
        "json://eco:s3cret@",
        "json://eco:s3cret@h.example/?to=evil@x",
        "json://eco:s3cret@h.example/a#b",
        "json://eco:s3cret@h.example/a&cc=evil@x.example",
        "json://eco:s3cret@h.example:port/",
        "json://eco:s3%0Acret@h.example/",
        "json://h.example/s3cret/../%2e%2e",
        "json://h..example/s3cret",
        "jsons://h.example/s3cret\nx",
    ],
)
def test_what_could_add_a_recipient_or_an_option_is_refused_without_repeating_it(given: str) -> None:
    with pytest.raises(WrongInput) as refused:
        read_chat_address(given)
    assert "s3cret" not in str(refused.value)


def test_the_line_for_groups_names_no_unit_item_light_or_link() -> None:
    assert NEUTRAL_LINE == "有新的工作消息，请有关人员查收。"
