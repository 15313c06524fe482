"""The table of DOMAIN 9: who may do what, and who decides for the office's own host bureau."""

import pytest

from eco_workflow.domain.errors import Refused
from eco_workflow.domain.roles import Action, Actor, Role, Signed, needs_both, needs_two

# O operator, S supervisor, L leader, l liaison, u unit leader, a auditor, A admin; "-" may not.
LETTERS = "OSLluaA"
ROLES = dict(zip(LETTERS, Role, strict=True))

TABLE = """
                     everybody's  the host's
answer               ---lu--      ---lu--
recall               ---lu--      ---lu--
ask_extension        ---lu--      ---lu--
acknowledge          ---lu--      ---lu--
record_on_behalf     O------      O------
review               O------      -S-----
close_out            O------      -S-----
decide_extension     O------      -S-----
extend_again         --L----      --L----
release_summary      O------      O------
settle_message       O------      O------
settle_item          O------      -S-----
run                  O------      O------
hold                 O------      O------
adhoc_round          O------      O------
assign               OS-----      OS-----
keep_rhythm          O------      O------
tell                 O------      O------
remind               O------      O------
suspend              OS-----      -S-----
not_applicable       OS-----      -S-----
sign_order           -S-----      -S-----
sign_report          --L----      --L----
sign_accountability  --L----      --L----
close_phase          O------      O------
pass_conditionally   --L----      --L----
clear_veto           --L----      --L----
annul                OSL----      -SL----
quarantine           O------      -S-----
manage_contacts      O------      O------
manage_accounts      ------A      ------A
manage_plan          O------      O------
manage_calendar      O------      O------
read_audit           -----a-      -----a-
verify_audit         O----aA      O----aA
back_up              O-----A      O-----A
look                 OSLlu--      OSLlu--
"""
ROWS = [row.split() for row in TABLE.strip().splitlines()[1:]]


def one(*roles: Role, name: str = "王五", in_host: bool = False) -> Actor:
    """A person in these roles, at the water bureau where a role needs a unit."""
    return Actor(name, frozenset(roles), "shuiwuju", "地区水务局", in_host=in_host)


OPERATOR, SUPERVISOR, LEADER = one(Role.OPERATOR), one(Role.SUPERVISOR), one(Role.LEADER)


def test_the_table_names_every_action_once() -> None:
    assert sorted(row[0] for row in ROWS) == sorted(Action)


@pytest.mark.parametrize(("action", "ordinary", "host"), ROWS, ids=[row[0] for row in ROWS])
def test_each_action_is_done_by_the_roles_of_its_row(action: str, ordinary: str, host: str) -> None:
    for of_host, row in ((False, ordinary), (True, host)):
        may = "".join(
            letter if one(role).may(Action(action), of_host=of_host) else "-"
            for letter, role in ROLES.items()
        )
        assert may == row


@pytest.mark.parametrize("action", list(Action))
def test_who_may_not_is_refused_in_words_and_who_may_acts_in_that_role(action: Action) -> None:
    for role in Role:
        if one(role).may(action):
            assert one(role).must(action) is role
        else:
            with pytest.raises(Refused, match=r"^王五 is an? [a-z ]+( of 地区水务局)?; .+ needs an? .+\.$"):
                one(role).must(action)


@pytest.mark.parametrize("role", [Role.LIAISON, Role.UNIT_LEADER])
def test_a_unit_is_answered_for_by_its_own_people_only(role: Role) -> None:
    assert one(role).may(Action.ANSWER, unit="shuiwuju")
    assert not one(role).may(Action.ANSWER, unit="caizhengju")


@pytest.mark.parametrize(
    ("who", "action", "given", "said"),
    [
        (
            one(Role.LIAISON),
            Action.REVIEW,
            {"doing": "returning an answer"},
            "王五 is a liaison of 地区水务局; returning an answer needs an operator.",
        ),
        (
            one(Role.UNIT_LEADER),
            Action.ANSWER,
            {"unit": "caizhengju"},
            "王五 is a unit leader of 地区水务局; answering needs a liaison or a unit leader of caizhengju.",
        ),
        (
            OPERATOR,
            Action.CLOSE_OUT,
            {"of_host": True},
            "王五 is an operator; closing out an item of the host bureau needs a supervisor.",
        ),
        (
            one(Role.OPERATOR, Role.ADMIN),
            Action.SIGN_ORDER,
            {},
            "王五 is an operator and an admin; "
            "signing a supervision order or letter of request needs a supervisor.",
        ),
        (
            one(Role.LEADER, Role.UNIT_LEADER, in_host=True),
            Action.CLEAR_VETO,
            {},
            "王五 is a leader and a unit leader of 地区水务局; "
            "clearing a veto item needs a leader who is not of the host bureau.",
        ),
    ],
)
def test_a_refusal_says_who_as_what_and_what_is_needed(
    who: Actor, action: Action, given: dict[str, str], said: str
) -> None:
    with pytest.raises(Refused) as refused:
        who.must(action, **given)  # type: ignore[arg-type]
    assert str(refused.value) == said


def test_a_person_in_several_roles_may_what_any_of_them_may() -> None:
    """The office's liaison is an operator too, and acts as what the act needs."""
    both = one(Role.OPERATOR, Role.LIAISON)
    assert both.must(Action.ANSWER, unit="shuiwuju") is Role.LIAISON
    assert both.must(Action.REVIEW) is Role.OPERATOR
    assert not both.may(Action.ANSWER, unit="caizhengju")


# --- acts that need two

NEED_BOTH = [Action.SUSPEND, Action.NOT_APPLICABLE]


@pytest.mark.parametrize("action", NEED_BOTH)
def test_operator_and_supervisor_suspend_together_whoever_asks_first(action: Action) -> None:
    zhao = one(Role.SUPERVISOR, name="赵六")
    assert needs_both(action)
    assert zhao.must_confirm(action, OPERATOR.signed(action)) == Signed("赵六", Role.SUPERVISOR)
    assert OPERATOR.must_confirm(action, zhao.signed(action)) == Signed("王五", Role.OPERATOR)


@pytest.mark.parametrize("action", NEED_BOTH)
def test_two_operators_are_not_operator_and_supervisor(action: Action) -> None:
    with pytest.raises(
        Refused, match=r"王五 asked for it as an operator; 李四 .+ needs a supervisor to confirm"
    ):
        one(Role.OPERATOR, name="李四").must_confirm(action, OPERATOR.signed(action))


def test_who_holds_both_roles_does_not_confirm_himself() -> None:
    both = one(Role.OPERATOR, Role.SUPERVISOR)
    with pytest.raises(Refused, match="second person"):
        both.must_confirm(Action.SUSPEND, both.signed(Action.SUSPEND))


def test_who_holds_both_roles_confirms_as_the_one_that_the_first_was_not() -> None:
    both = one(Role.OPERATOR, Role.SUPERVISOR, name="李四")
    confirmed = both.must_confirm(Action.SUSPEND, OPERATOR.signed(Action.SUSPEND))
    assert confirmed == Signed("李四", Role.SUPERVISOR)


def test_of_the_host_bureau_a_supervisor_suspends_alone() -> None:
    assert not any(needs_two(action, of_host=True) for action in NEED_BOTH)
    assert SUPERVISOR.must(Action.SUSPEND, of_host=True) is Role.SUPERVISOR


def test_two_persons_annul_whatever_the_two_are() -> None:
    first = OPERATOR.signed(Action.ANNUL)
    assert needs_two(Action.ANNUL)
    for role in (Role.OPERATOR, Role.SUPERVISOR, Role.LEADER):
        assert one(role, name="李四").must_confirm(Action.ANNUL, first) == Signed("李四", role)
    with pytest.raises(Refused, match="second person"):
        SUPERVISOR.must_confirm(Action.ANNUL, first)  # the same 王五
    with pytest.raises(Refused, match="needs an operator or a supervisor or a leader"):
        one(Role.LIAISON, name="李四").must_confirm(Action.ANNUL, first)


def test_one_of_the_two_who_annul_for_the_host_bureau_is_a_supervisor() -> None:
    first = LEADER.signed(Action.ANNUL, of_host=True)
    with pytest.raises(Refused, match="needs a supervisor to confirm"):
        one(Role.LEADER, name="李四").must_confirm(Action.ANNUL, first, of_host=True)
    second = one(Role.SUPERVISOR, name="李四").must_confirm(Action.ANNUL, first, of_host=True)
    assert second == Signed("李四", Role.SUPERVISOR)
    with pytest.raises(Refused, match="of the host bureau"):
        OPERATOR.signed(Action.ANNUL, of_host=True)


def test_only_two_kinds_of_act_need_a_second_person() -> None:
    assert [action for action in Action if needs_two(action)] == [*NEED_BOTH, Action.ANNUL]
