"""What a unit may answer."""

import pytest

from eco_workflow.domain.answers import Answer, Question, checked, figures_in, proposed, target_in_words
from eco_workflow.domain.errors import WrongInput
from tests.domain.judging import TARGETS


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Answer("in_progress"), Answer("in_progress")),
        (Answer("not_started", note=" 待办 "), Answer("not_started", note="待办")),
        (Answer("completed", "95.30", "2021"), Answer("completed", "95.30", "2021")),
        (Answer("in_progress", "100", "2022-Q1"), Answer("in_progress", "100", "2022-Q1")),
        (Answer("in_progress", " -0.5 ", "2022-05"), Answer("in_progress", "-0.5", "2022-05")),
        (Answer("in_progress", note="长" * 2000), Answer("in_progress", note="长" * 2000)),
        (Answer("in_progress", blocker=" 缺资金 "), Answer("in_progress", blocker="缺资金")),
        (
            Answer("in_progress", "Ｉ07.1＝９５.3 i07.2=28", "2021"),
            Answer("in_progress", "I07.1=95.3 I07.2=28", "2021"),
        ),
        (
            Answer("in_progress", "I07.1=95 I07.2=28", " I07.2=2022-Q1 i07.1=2021"),
            Answer("in_progress", "I07.1=95 I07.2=28", "I07.2=2022-Q1 I07.1=2021"),
        ),
        (Answer("completed", " YES "), Answer("completed", "是")),
        (Answer("completed", "I15.1=5 I15.1=no", "2021"), Answer("completed", "I15.1=5 I15.1=否", "2021")),
        (Answer(no_change=True), Answer(no_change=True)),
    ],
)
def test_a_good_answer_is_taken_with_its_value_written_plainly(given: Answer, expected: Answer) -> None:
    """Trailing zeros are the unit's own precision and stay; blanks go."""
    assert checked(given) == expected


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (Answer(), "--status is missing"),
        (Answer(" "), "--status ' '"),
        (Answer("closed"), "--status 'closed'"),
        (Answer("in_progress", no_change=True), "--no-change"),
        (Answer(note="x", no_change=True), "--no-change"),
        (Answer("in_progress", note="长" * 2001), "--note is 2001 .* at most 2000"),
        (Answer("in_progress", blocker="长" * 60_000), "--blocker is 60000 .* at most 2000"),
        (Answer("in_progress", value="95"), "--period"),
        (Answer("in_progress", period="2021"), "--value is missing"),
        (Answer("in_progress", "I07.1=95 I07.2=28", "I07.1=2021"), "I07.2=… .* is missing"),
        (Answer("in_progress", "I07.1=95", "I07.1=2021 I07.2=2021"), "--period names I07.2"),
        (Answer("in_progress", "95", "2021 2022"), "twice"),
        (Answer("in_progress", "I07.1=", "2021"), "no number"),
        (Answer("in_progress", "95", "0000"), "no reference period"),
        (Answer("in_progress", "95", "2022-13"), "no reference period"),
        (Answer("in_progress", "95", "2022-Q5"), "no reference period"),
        (Answer("in_progress", "95", "22"), "no reference period"),
        (Answer("in_progress", "95%", "2021"), "no number"),
        (Answer("in_progress", "约95", "2021"), "no number"),
        (Answer("in_progress", "1E+2", "2021"), "no number"),
        (Answer("in_progress", "NaN", "2021"), "no number"),
        (Answer("in_progress", "Infinity", "2021"), "no number"),
    ],
)
def test_a_bad_answer_is_refused_and_named(given: Answer, says: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(WrongInput, match=says):
        checked(given)


@pytest.mark.parametrize(
    ("question", "given", "expected"),
    [
        ("occurred", Answer(occurred=False), Answer("in_progress", occurred=False)),
        ("occurred", Answer(occurred=True, note=" 事由 "), Answer("in_progress", note="事由", occurred=True)),
        ("occurred", Answer("completed", occurred=False), Answer("completed", occurred=False)),
        ("occurred", Answer("in_progress"), "V3 is a veto item: declare --occurred yes or --occurred no"),
        ("occurred", Answer(occurred=True, value="3", period="2021"), "takes no figure"),
        ("occurred", Answer(progress=True), "--progress is for duties"),
        ("yes_no", Answer(progress=True), Answer("in_progress", progress=True)),
        ("yes_no", Answer(progress=False), Answer("not_started", progress=False)),
        ("yes_no", Answer("in_progress"), "涉密信息不得填报"),
        ("yes_no", Answer(progress=True, status="in_progress"), "and nothing else"),
        ("yes_no", Answer(progress=True, note="案情"), "and nothing else"),
        ("yes_no", Answer(progress=True, value="3", period="2021"), "and nothing else"),
        ("yes_no", Answer(progress=True, occurred=False), "and nothing else"),
        ("progress", Answer("in_progress", occurred=False), "--occurred is the declaration of a veto item"),
        ("progress", Answer("in_progress", progress=True), "--progress is for duties"),
    ],
)
def test_a_yes_or_no_is_asked_of_some_items_and_refused_elsewhere(
    question: Question, given: Answer, expected: Answer | str
) -> None:
    """A declaration cannot be forgotten, and a yes/no duty takes no word that might be classified."""
    if isinstance(expected, Answer):
        assert checked(given, "V3", question) == expected
        return
    with pytest.raises(WrongInput, match=expected):
        checked(given, "V3", question)


@pytest.mark.parametrize(
    ("part", "value", "wrong"),
    [
        ("I24", "0", ""),
        ("I24", "100", ""),
        ("I24", "100.01", "lies outside 0 to 100"),
        ("I24", "950", "lies outside 0 to 100"),
        ("I26", "-5", "lies outside 0 to 100"),
        ("I22", "101", "lies outside 0 to 100"),
        ("I08.3", "101", "lies outside 0 to 100"),
        ("I19", "-1", ""),
        ("I07.2", "-3.5", ""),
        ("I08.1", "150", ""),
        ("I15.1", "83000", ""),
        ("I15.1", "-1", "lies below 0"),
        ("I28", "-0.1", "lies below 0"),
        ("I32.3", "-2", "lies below 0"),
    ],
)
def test_a_share_lies_between_0_and_100_and_an_amount_is_not_negative(
    part: str, value: str, wrong: str
) -> None:
    """Rates of change, which the plan names, may be both."""
    code = part.partition(".")[0]
    answer = checked(Answer("in_progress", f"{part}={value}", "2021"), code)
    if not wrong:
        assert figures_in(answer, code, TARGETS[code])[0].value == value
        return
    with pytest.raises(WrongInput, match=f"--value {value} {wrong}.*{part}"):
        figures_in(answer, code, TARGETS[code])


def test_a_target_beyond_what_there_is_cannot_be_proposed() -> None:
    with pytest.raises(WrongInput, match=r"--target 950 lies outside 0 to 100: it is a share in % \(I24"):
        proposed("950", TARGETS["I24"])


@pytest.mark.parametrize(
    ("item", "kept", "words"),
    [
        ("I24", "96", "96%"),
        ("I04", "是", "“是”"),
        ("I15", "I15.1=120 I15.1=是", "生态保护红线：120、“是”"),
        ("I32", "I32.1=55 I32.3=5.5", "节能家电市场占有率：55%；一次性消费品人均使用量：5.5千克"),
    ],
)
def test_a_proposed_target_is_read_with_measures_and_names(item: str, kept: str, words: str) -> None:
    assert target_in_words(kept, TARGETS[item]) == words
