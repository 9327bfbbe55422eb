"""Question 15 of an audit: the way to any moment, and who has read or taken away what is kept among few."""

from datetime import date

from engine.commands import anchors, exports, looks, organisation, sensitive_reads
from engine.domain.identity import SYSTEM
from engine.domain.sensitive import Kept, SensitiveLook
from engine.queries.questions.answer import MomentPlace
from tests.stories import commendation_actors as reward
from tests.stories.asking import ask, summary, table
from tests.stories.commendation_actors import EDITION, HANDLER
from tests.stories.stage import Stage

SLUG = "moments-and-readings"
STATE = {"kind": "State of the process", "format": "", "by": "", "why": ""}


def read(stage: Stage, user: str, key: int | str, kept: Kept = Kept.RESTRICTED_INSTANCE) -> None:
    look = SensitiveLook(kept=kept, key=key)
    stage.engine.execute(stage.engine.actor(user), sensitive_reads.record_looks, [look])


def auditor(stage: Stage) -> None:
    execute = stage.engine.execute
    execute(SYSTEM, organisation.add_user, "auditor", name="吳稽核", title="視察")
    held = {"role": "auditor", "unit": "personnel", "valid_from": date(2024, 1, 1)}
    execute(SYSTEM, organisation.grant, "auditor", **held)


def answers(stage: Stage, *keys: str, **scope: int) -> list[dict[str, str]]:
    return table(stage, SLUG, *(keys or ("kind", "what", "format", "by")), **scope)


def test_a_list_that_nobody_read_has_only_the_way_to_its_moments(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    (row,) = answers(fresh_stage, "kind", "format", "by", instance_id=instance)
    assert row == STATE
    asked = ask(fresh_stage, SLUG, instance_id=instance)
    assert asked.answer.rows[0].cells[0][0].place == MomentPlace(at=fresh_stage.clock.now())
    assert summary(asked)[1] == "Times read: 0; times taken away: 0."


def test_who_read_and_who_took_away_a_list_is_told(fresh_stage: Stage) -> None:
    stage = fresh_stage
    instance = reward.commendation(stage, "finalist")
    reward.nominate(stage, instance, HANDLER)
    stage.move_to("2025-01-07T10:00")
    read(stage, "hr_handler", EDITION, Kept.REWARD_LIST)
    stage.move_to("2025-01-07T11:00")
    read(stage, "director", instance)
    stage.move_to("2025-01-07T12:00")
    taken = [exports.Taken(instance=instance, seq=3)]
    stage.engine.execute(
        stage.engine.actor("sec_chief"), exports.record_export, format_="csv", digest="0" * 64, taken=taken
    )
    told = [row for row in answers(stage, "at", "kind", "format", "by", instance_id=instance) if row["by"]]
    assert told == [
        {"at": "2025-01-07 12:00", "kind": "Taken away", "format": "CSV", "by": "sec_chief 科員", "why": ""},
        {"at": "2025-01-07 11:00", "kind": "Was read", "format": "", "by": "director 科員", "why": ""},
        {"at": "2025-01-07 10:00", "kind": "Was read", "format": "", "by": "hr_handler 科員", "why": ""},
    ]
    assert summary(ask(stage, SLUG, instance_id=instance))[1] == "Times read: 2; times taken away: 1."


def test_another_process_has_nothing_of_it(fresh_stage: Stage) -> None:
    stage = fresh_stage
    read(stage, "director", reward.commendation(stage, "finalist"))
    other = stage.start("plan_publication", publication_reason="first")
    assert answers(stage, "kind", "format", "by", instance_id=other) == [STATE]


def test_an_answer_that_was_taken_away_is_told(fresh_stage: Stage) -> None:
    stage = fresh_stage
    auditor(stage)
    command = {"format_": "ods", "scope": {}, "rows": 2}
    stage.engine.execute(
        stage.engine.actor("auditor"), exports.record_answer_taken, "reward-grounds", **command
    )
    told = {"kind": "Taken away", "what": "Answer to a standing question / reward-grounds", "format": "ODS"}
    assert answers(stage)[1:] == [{**told, "by": "吳稽核 視察", "why": ""}]


def test_what_was_taken_away_at_the_command_line_is_told(fresh_stage: Stage) -> None:
    stage = fresh_stage
    instance = reward.commendation(stage, "finalist")
    taken = [exports.Taken(instance=instance, seq=3)]
    stage.engine.execute(SYSTEM, exports.record_export, format_="csv", digest="0" * 64, taken=taken)
    (told,) = answers(stage, "kind", "format", "by", instance_id=instance)[1:]
    assert told == {"kind": "Taken away", "format": "CSV", "by": "The system itself", "why": ""}


def test_anchors_and_the_list_of_looks_are_called_by_their_names(fresh_stage: Stage) -> None:
    stage = fresh_stage
    auditor(stage)
    stage.engine.execute(stage.engine.actor("auditor"), anchors.tell_export)
    stage.engine.execute(stage.engine.actor("auditor"), looks.tell_looks_taken, rows=1)
    assert [row["what"] for row in answers(stage)[1:]] == ["Looks and refusals", "Anchors"]
