"""更正參獎結果: an entry has ended, and a letter corrects its outcome; orders are revoked and reissued."""

from typing import Any

import pytest

from engine.commands import instances
from engine.commands.instances import AlreadyStarted
from engine.domain.identity import SYSTEM
from engine.domain.instance import Instance
from engine.errors import Invalid, NotPermitted
from engine.queries.awards import award_page
from tests.stories import commendation_actors as reward
from tests.stories import entrants
from tests.stories.commendation_actors import HANDLER
from tests.stories.entrants import EDITION, ENTRY
from tests.stories.stage import Stage

METROLOGY = "account:unit_handler.metrology"
REASON = "主辦機關復審後更正得獎名單"


def won(stage: Stage) -> None:
    """The entry has won and ended; its main handler was ordered a reward."""
    entry = entrants.recommended(stage)
    entrants.schedule(stage, entry)
    entrants.record_result(stage, entry, "won", "11500000930")
    (first,) = linked(stage, entry)
    reward.to_order(stage, first.id, HANDLER)
    reward.report(stage, first.id)
    reward.reply(stage, first.id)
    reward.order(stage, first.id, "11500000100")


def corrected_win(stage: Stage) -> None:
    """The letter that corrects a win has come."""
    won(stage)
    begin(stage)


SCENES = {"rewarded": won}


@pytest.fixture
def rewarded(stage: Stage) -> Stage:
    return stage


def linked(stage: Stage, instance_id: int) -> list[Instance]:
    return stage.engine.ask(SYSTEM, lambda reader: list(reader.instances.children(instance_id)))


def begin(stage: Stage, user: str = "sec_handler", key: str = ENTRY, **changes: Any) -> int:
    return stage.engine.execute(
        stage.engine.actor(user), instances.start, definition_key="outcome_correction", business_key=key,
        variables={"award_year": 115, "entry_no": 1, **changes},
    )  # fmt: skip


def register(stage: Stage, instance: int, outcome: str, number: str = "11500000950", **changes: Any) -> None:
    values = entrants.result_values(stage, outcome, number, change_reason=REASON, **changes)
    stage.complete("sec_handler", instance, "register_correction", **values)


def corrected(stage: Stage, outcome: str, number: str = "11500000950") -> list[Instance]:
    """The letter is registered; gives the reward lists that it begins."""
    instance = begin(stage)
    register(stage, instance, outcome, number)
    assert stage.has_ended(instance)
    return linked(stage, instance)


def ordered(stage: Stage) -> list[tuple[str, str, str]]:
    """What was issued to the main handler in the edition: state, grade, number."""
    found = stage.engine.ask(SYSTEM, lambda reader: reader.documents.versions(EDITION, "reward", METROLOGY))
    return [(v.body["state"], v.body["grade"], v.body["order"]["number"]) for v in found]


def test_a_win_that_is_corrected_to_finalist_revokes_the_order_and_reissues_lower(rewarded: Stage) -> None:
    (lower,) = corrected(rewarded, "finalist")
    reward.to_order(rewarded, lower.id, HANDLER)
    row = rewarded.shown("hr_handler", lower.id, "issue_order")["lines"][0]
    reward.order(rewarded, lower.id, "11500000200")
    assert (row["issue"], ordered(rewarded)) == (
        "撤銷原令、另發新令",
        [
            ("issued", "記大功1次", "11500000100"),
            ("revoked", "記大功1次", "11500000100"),
            ("issued", "記功1次", "11500000200"),
        ],
    )


def test_the_corrected_outcome_stands_and_the_one_before_stays_readable(rewarded: Stage) -> None:
    corrected(rewarded, "finalist")
    page = rewarded.engine.ask(rewarded.engine.actor("sec_handler"), award_page, 115, 1)
    told = [(o.outcome, o.reason, o.letter.number if o.letter else "") for o in page.outcomes]
    assert (page.line.state, told[1:]) == (
        "finalist", [("won", "", "11500000930"), ("finalist", REASON, "11500000950")],
    )  # fmt: skip


def test_an_outcome_can_be_corrected_upwards_as_well(rewarded: Stage) -> None:
    (lower,) = corrected(rewarded, "finalist")
    reward.to_order(rewarded, lower.id, HANDLER)
    reward.order(rewarded, lower.id, "11500000200")
    (higher,) = corrected(rewarded, "won", "11500000960")
    reward.to_order(rewarded, higher.id, HANDLER)
    reward.report(rewarded, higher.id, "11500000021")
    reward.reply(rewarded, higher.id, "11500000031")
    reward.order(rewarded, higher.id, "11500000300")
    assert ordered(rewarded)[-2:] == [
        ("revoked", "記功1次", "11500000200"), ("issued", "記大功1次", "11500000300"),
    ]  # fmt: skip


def test_where_no_right_remains_the_order_is_revoked_alone(rewarded: Stage) -> None:
    (none,) = corrected(rewarded, "not_recommended")
    reward.to_order(rewarded, none.id, HANDLER)
    reward.order(rewarded, none.id, "11500000200")
    assert [state for state, _, _ in ordered(rewarded)] == ["issued", "revoked"]


def test_a_list_under_way_gives_way_to_the_list_of_the_corrected_outcome(stage: Stage) -> None:
    entry = entrants.recommended(stage)
    entrants.schedule(stage, entry)
    entrants.record_result(stage, entry, "won", "11500000930")
    (first,) = linked(stage, entry)
    reward.nominate(stage, first.id, HANDLER)
    (lower,) = corrected(stage, "finalist")
    assert (lower.business_key, stage.open(lower.id)) == (f"{ENTRY}:reward:3", ["nominate_persons"])


def test_without_rights_and_rewards_no_list_begins(stage: Stage) -> None:
    entry = entrants.recommended(stage)
    entrants.schedule(stage, entry)
    entrants.record_result(stage, entry, "recommended", "11500000930")
    assert corrected(stage, "not_recommended") == []


@pytest.mark.parametrize(
    ("outcome", "changes", "faults"),
    [
        ("won", {}, [("outcome", "This outcome was recorded already")]),
        ("finalist", {"doc_no": "11500000930"},
         [("doc_no", "This number of this sender is in the register already")]),
        ("finalist", {"change_reason": ""}, [("change_reason", "This entry is required")]),
        ("finalist", {"certificate_no": ""}, [("certificate_no", "This entry is required")]),
        ("finalist", {"on": "2027-01-01"}, [("on", "This date cannot lie in the future")]),
    ],
)  # fmt: skip
def test_a_correction_with_a_fault_is_refused(
    rewarded: Stage, outcome: str, changes: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    values = entrants.result_values(rewarded, outcome, "11500000950", change_reason=REASON)
    instance = begin(rewarded)
    assert rewarded.faults("sec_handler", instance, "register_correction", **{**values, **changes}) == faults


def test_an_entry_that_goes_on_takes_the_letter_in_its_own_process(stage: Stage) -> None:
    entrants.recommended(stage)
    with pytest.raises(Invalid) as refusal:
        begin(stage)
    assert [str(error) for error in refusal.value.errors] == [
        "Only the outcome of an entry that has ended can be corrected"
    ]


@pytest.mark.parametrize(
    ("key", "changes", "path"),
    [(ENTRY, {"entry_no": 2}, "business_key"), (f"{EDITION}:2", {"entry_no": 2}, "entry_no")],
)
def test_a_correction_names_an_entry_that_is_there(
    rewarded: Stage, key: str, changes: dict[str, int], path: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        begin(rewarded, key=key, **changes)
    assert [error.path for error in refusal.value.errors] == [path]


def test_two_corrections_of_an_entry_do_not_run_at_once(rewarded: Stage) -> None:
    begin(rewarded)
    with pytest.raises(AlreadyStarted):
        begin(rewarded)


def test_only_those_who_register_the_letters_of_the_award_correct_it(rewarded: Stage) -> None:
    with pytest.raises(NotPermitted):
        begin(rewarded, user="unit_handler.metrology")


@pytest.mark.parametrize(("user", "may"), [("sec_handler", True), ("unit_handler.metrology", False)])
def test_the_page_offers_the_correction_to_those_who_may(rewarded: Stage, user: str, may: bool) -> None:
    assert rewarded.engine.ask(rewarded.engine.actor(user), award_page, 115, 1).may_correct is may


def test_the_page_offers_no_correction_while_one_is_under_way(rewarded: Stage) -> None:
    begin(rewarded)
    assert not rewarded.engine.ask(rewarded.engine.actor("sec_handler"), award_page, 115, 1).may_correct


def test_a_correction_can_be_re_executed_and_proven(rewarded: Stage) -> None:
    instance = begin(rewarded)
    register(rewarded, instance, "finalist")
    (lower,) = linked(rewarded, instance)
    assert [rewarded.faults_of_history(each) for each in (instance, lower.id)] == [[], []]
