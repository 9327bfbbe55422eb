"""`planflow verify --all` over a database that was forged by raw SQL: stream and event are named."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.clock import FixedClock
from engine.commands import organisation
from engine.commands.files import add_file
from engine.domain.canonical import canonical_json
from engine.domain.history import ORGANISATION_STREAM, EventType
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from tests.engine.replay.test_rows_beside import hire
from tests.engine.replay.test_verify import make_anchor, seq_of
from tests.engine.store.moves import CLERK, complete, start, to_approval
from tests.engine.store.moves import at_approval as deployed_at_approval
from tests.webapp.cli.forger import Forger, forging
from tests.webapp.cli.test_tampering import named
from webapp.cli import main


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Two finished instances; an anchor was made before and after the last step of the first one."""

    url: str
    engine: Engine
    one: int
    other: int
    anchored: int  # the last event of `one` that the first anchor saw
    last: int
    kept: Path

    def forging(self) -> AbstractContextManager[Forger]:
        return forging(self.url)

    def verify(self, *words: object) -> Result:
        env = {"PLANFLOW_DATABASE_URL": self.url}
        return CliRunner().invoke(main, ["verify", "--all", *map(str, words)], env=env)

    def faults(self, *words: object) -> list[str]:
        return named(self.verify(*words))

    def told(self, event_type: EventType) -> int:
        """The last event of a type in the organisation's stream."""
        return seq_of(self.engine, ORGANISATION_STREAM, event_type)


@pytest.fixture
def scene(engine: Engine, database_url: str, clock: FixedClock, tmp_path: Path) -> Scene:
    engine.execute(SYSTEM, hire)
    one, approval = deployed_at_approval(engine)
    other = engine.execute(CLERK, start, 1, "branch:115")
    engine.execute(CLERK, complete, to_approval(engine, other).id)
    engine.execute(CLERK, add_file, name="佐證.txt", body="十二場".encode())
    make_anchor(engine)
    anchored = engine.ask(SYSTEM, lambda reader: reader.history.head(one))[0]
    engine.execute(CLERK, complete, approval.id)
    make_anchor(engine)
    last = engine.ask(SYSTEM, lambda reader: reader.history.head(one))[0]
    kept = tmp_path / "anchors.json"
    env = {"PLANFLOW_DATABASE_URL": database_url}
    assert CliRunner().invoke(main, ["anchor", "--export", str(kept)], env=env).exit_code == 0
    return Scene(
        url=database_url, engine=engine, one=one, other=other, anchored=anchored, last=last, kept=kept
    )  # fmt: skip


def lower_the_target(event: dict[str, Any]) -> None:
    """What somebody entered was less; nothing that follows depends on it."""
    event["data"] = event["data"].replace(
        '"values":{"decision":"approve"}', '"values":{"decision":"APPROVE"}'
    )


def approval_of(scene: Scene) -> int:
    return seq_of(scene.engine, scene.one, EventType.TASK_COMPLETED)


def test_a_scene_that_nobody_forged_is_proven(scene: Scene) -> None:
    assert scene.verify().exit_code == 0
    assert scene.verify("--anchors", scene.kept).exit_code == 0


def test_an_edited_event(scene: Scene) -> None:
    with scene.forging() as forger:
        forger.run(
            "update history_event set data = replace(data, 'approve', 'return')"
            " where stream = :s and seq = :n",
            s=scene.one, n=approval_of(scene),
        )  # fmt: skip
    assert scene.faults() == [f"stream {scene.one}, event {approval_of(scene)}, chain"]


def test_a_deleted_event(scene: Scene) -> None:
    with scene.forging() as forger:
        forger.run("delete from history_event where stream = :s and seq = 4", s=scene.one)
    assert scene.faults() == [f"stream {scene.one}, event 4, chain"]


def test_an_inserted_event(scene: Scene) -> None:
    with scene.forging() as forger:
        for event in reversed(forger.events(scene.one)[4:]):
            move = "update history_event set seq = seq + 1 where stream = :s and seq = :n"
            forger.run(move, s=scene.one, n=event["seq"])
        forger.run(
            "insert into history_event select stream, 5, type, origin, actor, on_behalf_of, role, unit,"
            " occurred_at, null, element_id, task_id, data, digest from history_event"
            " where stream = :s and seq = 4",
            s=scene.one,
        )
    assert scene.faults()[0] == f"stream {scene.one}, event 5, chain"


def test_two_events_that_changed_places(scene: Scene) -> None:
    with scene.forging() as forger:
        forger.swap(scene.one, 4, 5)
    assert scene.faults() == [f"stream {scene.one}, event 4, chain"]


def test_a_tail_that_was_cut(scene: Scene) -> None:
    with scene.forging() as forger:
        cut = "delete from history_event where stream = :s and seq > :n"
        forger.run(cut, s=scene.one, n=scene.anchored)
    assert scene.faults()[:2] == [
        f"stream {scene.one}, event {scene.anchored + 1}, chain",
        f"stream {scene.one}, event {scene.last}, anchor",
    ]


def test_a_tail_that_was_cut_together_with_its_head(scene: Scene) -> None:
    with scene.forging() as forger:
        cut = "delete from history_event where stream = :s and seq > :n"
        forger.run(cut, s=scene.one, n=scene.anchored)
        forger.head(scene.one, scene.anchored, forger.digest(scene.one, scene.anchored))
    assert f"stream {scene.one}, event {scene.last}, anchor" in scene.faults()


def test_two_streams_that_were_swapped(scene: Scene) -> None:
    with scene.forging() as forger:
        forger.exchange(scene.one, scene.other)
    chains = [fault for fault in scene.faults() if fault.endswith("chain")]
    assert chains == [f"stream {stream}, event 1, chain" for stream in (scene.one, scene.other)]


def test_two_streams_that_were_swapped_and_sealed_anew(scene: Scene) -> None:
    with scene.forging() as forger:
        forger.exchange(scene.one, scene.other)
        forger.reseal(scene.one)
        forger.reseal(scene.other)
    found = [fault for fault in scene.faults() if fault.endswith("anchor")]
    last_of_other = scene.engine.ask(SYSTEM, lambda reader: reader.history.head(scene.other))[0]
    assert found == [
        f"stream {scene.one}, event {scene.anchored}, anchor",
        f"stream {scene.other}, event {last_of_other}, anchor",
    ]


def test_a_file_that_was_replaced(scene: Scene) -> None:
    with scene.forging() as forger:
        forger.run("update content set body = :b where body = :a", a="十二場".encode(), b="二十場".encode())
    assert scene.faults() == [f"stream {-CLERK.number}, event 1, content"]


def test_a_document_that_was_replaced(scene: Scene) -> None:
    with scene.forging() as forger:
        document = scene.engine.ask(SYSTEM, lambda reader: reader.documents.get("branch:114", "plan"))
        replace = "update content set body = :body where digest = :digest"
        forger.run(replace, body=b'{"units":[]}', digest=bytes.fromhex(document.digest))
    wrote = seq_of(scene.engine, scene.one, EventType.ACTIVITY_RETURNED)
    assert f"stream {scene.one}, event {wrote}, content" in scene.faults()


def test_a_chain_that_was_forged_from_an_event_on(scene: Scene) -> None:
    with scene.forging() as forger:
        forger.reseal(scene.one, lower_the_target, first=approval_of(scene))
    result = scene.verify()
    assert named(result) == [f"stream {scene.one}, event {scene.last}, anchor"]
    assert f"it was altered after event {scene.anchored}" in result.stdout


def test_a_chain_that_was_forged_together_with_every_anchor(scene: Scene) -> None:
    """Nothing inside the database can tell; the anchors that were kept elsewhere can."""
    with scene.forging() as forger:
        forger.reseal(scene.one, lower_the_target, first=approval_of(scene))
        forger.reseal_anchors()
    assert scene.verify().exit_code == 0
    result = scene.verify("--anchors", scene.kept)
    assert f"stream {scene.one}, event {scene.last}, anchor" in named(result)
    assert f"it was altered after event {scene.anchored}" in result.stdout


def test_a_tail_that_was_cut_together_with_every_anchor(scene: Scene) -> None:
    with scene.forging() as forger:
        cut = "delete from history_event where stream = :s and seq > :n"
        forger.run(cut, s=ORGANISATION_STREAM, n=scene.told(EventType.CALENDAR_IMPORTED))
        last = scene.told(EventType.CALENDAR_IMPORTED)
        forger.head(ORGANISATION_STREAM, last, forger.digest(ORGANISATION_STREAM, last))
        forger.run("delete from anchor")
    assert scene.verify().exit_code == 0
    faults = scene.faults("--anchors", scene.kept)
    assert any(fault.startswith(f"stream {ORGANISATION_STREAM}, event {last + 1}") for fault in faults)


@pytest.mark.parametrize("place", ["instance", "organisation"])
def test_a_head_that_was_forged(scene: Scene, place: str) -> None:
    stream = scene.one if place == "instance" else ORGANISATION_STREAM
    last = scene.engine.ask(SYSTEM, lambda reader: reader.history.head(stream))[0]
    with scene.forging() as forger:
        forger.head(stream, last, b"x" * 32)
    assert scene.faults()[0] == f"stream {stream}, event {last + 1}, chain"


def test_an_anchor_that_was_deleted(scene: Scene) -> None:
    with scene.forging() as forger:
        forger.run("delete from anchor where id = 3")
    told = scene.told(EventType.ANCHOR_MADE)
    assert scene.faults() == [f"stream {ORGANISATION_STREAM}, event {told}, anchor"]


def test_a_stream_that_was_deleted_whole(scene: Scene) -> None:
    of_instance = ("timer", "message_subscription", "snapshot", "task")
    with scene.forging() as forger:
        for table in of_instance:
            forger.run(f"delete from {table} where instance_id = :s", s=scene.one)
        forger.run("delete from process_instance where id = :s", s=scene.one)
        forger.run("delete from history_event where stream = :s", s=scene.one)
    assert f"stream {scene.one}, event {scene.anchored}, anchor" in scene.faults()


def test_a_person_who_was_given_a_role_by_hand(scene: Scene) -> None:
    with scene.forging() as forger:
        forger.run("update membership set role = 'director' where user_id = 'wang'")
    granted = scene.told(EventType.MEMBERSHIP_GRANTED)
    assert scene.faults() == [
        f"stream {ORGANISATION_STREAM}, event {granted}, projection",
        f"stream {ORGANISATION_STREAM}, event -, projection",
    ]


def told_of(scene: Scene, event_type: EventType) -> list[str]:
    """The only fault: a row that the last event of a type told otherwise."""
    return [f"stream {ORGANISATION_STREAM}, event {scene.told(event_type)}, projection"]


@pytest.fixture
def guarded(scene: Scene) -> Scene:
    """Two people of the house with a password each, and a token of one of them."""
    scene.engine.execute(SYSTEM, organisation.add_user, "head", name="分局長", password="Correct-horse-7")
    scene.engine.execute(SYSTEM, organisation.reset_password, "wang", password="Battery-staple-8")
    scene.engine.execute(SYSTEM, organisation.issue_token, "wang", label="匯入")
    assert scene.verify().exit_code == 0
    return scene


def test_a_password_that_was_copied_over_another_one(guarded: Scene) -> None:
    with guarded.forging() as forger:
        hash_ = forger.run("select hash from password where user_id = 'head'").scalar_one()
        forger.run("update password set hash = :h where user_id = 'wang'", h=hash_)
    assert guarded.faults() == told_of(guarded, EventType.PASSWORD_CHANGED)


def test_a_password_that_nobody_has_to_change_any_more(guarded: Scene) -> None:
    with guarded.forging() as forger:
        forger.run("update password set must_change = false where user_id = 'wang'")
    assert guarded.faults() == told_of(guarded, EventType.PASSWORD_CHANGED)


def test_a_password_for_an_account_without_one(guarded: Scene) -> None:
    guarded.engine.execute(SYSTEM, organisation.add_user, "guest", name="訪客")
    with guarded.forging() as forger:
        forger.run("insert into password select 'guest', hash, changed_at, must_change from password limit 1")
    assert guarded.faults() == [f"stream {ORGANISATION_STREAM}, event -, projection"]


def test_a_copy_without_passwords_and_tokens_is_proven(guarded: Scene) -> None:
    with guarded.forging() as forger:
        forger.run("delete from password")
        forger.run("delete from api_token")
    assert guarded.verify().exit_code == 0


def test_a_token_that_became_another_persons(guarded: Scene) -> None:
    with guarded.forging() as forger:
        forger.run("update api_token set user_id = 'head'")
    assert guarded.faults() == told_of(guarded, EventType.TOKEN_ISSUED)


def test_a_token_that_is_valid_again(guarded: Scene) -> None:
    (token,) = guarded.engine.ask(SYSTEM, lambda reader: reader.accounts.tokens("wang"))
    guarded.engine.execute(SYSTEM, organisation.revoke_token, "wang", digest=token.digest)
    assert guarded.verify().exit_code == 0
    with guarded.forging() as forger:
        forger.run("update api_token set revoked_at = null")
    assert guarded.faults() == told_of(guarded, EventType.TOKEN_ISSUED)


def without(*names: str) -> Callable[[dict[str, Any]], None]:
    """Events as an earlier version wrote them."""

    def forget(event: dict[str, Any]) -> None:
        told = json.loads(event["data"])
        event["data"] = canonical_json({key: value for key, value in told.items() if key not in names})

    return forget


def test_what_earlier_versions_told_less_of_is_no_fault(guarded: Scene) -> None:
    with guarded.forging() as forger:
        forger.run("delete from anchor")
        first = guarded.told(EventType.USER_ADDED)
        forger.reseal(ORGANISATION_STREAM, without("seal", "token"), first=first)
    assert [fault for fault in guarded.faults() if fault.endswith("projection")] == []
