"""Documents, letters, files, accounts, drafts and the outbox: what they keep, refuse, and tell in history."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest

from engine.clock import FixedClock
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM, Membership, User
from engine.domain.letter import Letter
from engine.engine import Engine
from engine.errors import Invalid, NotFound
from engine.replay import Check, verify_all
from engine.store.unit_of_work import UnitOfWork
from tests.engine.store.moves import CLERK, at_approval, person

OWNER = "branch:114"


def told(event_type: EventType = EventType.DOCUMENT_RECORDED) -> EventDraft:
    return EventDraft(type=event_type, data={"why": "test"})


def put(uow: UnitOfWork, body: dict[str, Any], key: str = "") -> None:
    uow.documents.put(OWNER, "progress", key, body, note="first")
    uow.record_note(ORGANISATION_STREAM, told())


def letter(number: str = "11490000470", **changes: Any) -> Letter:
    fields: dict[str, Any] = {
        "plan_key": OWNER, "direction": "out", "issuer": "高雄分局", "prefix": "經標高秘", "number": number,
        "doc_type": "函", "doc_on": date(2025, 1, 24), "subject": "檢送年度執行計畫", "to": ("總局",),
        "attachments": ({"digest": "0" * 64, "name": "計畫.odt", "size": 1, "media_type": "x/y"},),
    }  # fmt: skip
    return Letter(**{**fields, **changes})


def register(uow: UnitOfWork, entered: Letter) -> Letter:
    registered = uow.letters.register(entered)
    uow.record_note(ORGANISATION_STREAM, told())
    return registered


def last_data(engine: Engine, stream: int) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(engine.ask(SYSTEM, lambda r: r.history.events(stream))[-1].data)
    return data


def test_documents_are_numbered_and_old_versions_stay(engine: Engine) -> None:
    for value in (1, 2):
        engine.execute(CLERK, put, {"value": value})
    versions = engine.ask(SYSTEM, lambda r: r.documents.versions(OWNER, "progress"))
    assert [(v.no, v.body, v.made_by, v.note) for v in versions] == [
        (1, {"value": 1}, "clerk", "first"),
        (2, {"value": 2}, "clerk", "first"),
    ]
    assert engine.ask(SYSTEM, lambda r: r.documents.get(OWNER, "progress")).no == 2
    assert engine.ask(SYSTEM, lambda r: r.documents.get(OWNER, "progress", no=1)) == versions[0]


def test_documents_of_a_kind_are_listed_by_key_in_their_latest_version(engine: Engine) -> None:
    for key, value in (("b", 1), ("a", 1), ("a", 2)):
        engine.execute(CLERK, put, {"value": value}, key)
    listed = engine.ask(SYSTEM, lambda r: r.documents.list(OWNER, "progress"))
    assert [(d.key, d.no, d.body["value"]) for d in listed] == [("a", 2, 2), ("b", 1, 1)]
    assert engine.ask(SYSTEM, lambda r: r.documents.keys(OWNER, "progress")) == ["a", "b"]


def test_document_that_does_not_exist_is_not_found(engine: Engine) -> None:
    assert engine.ask(SYSTEM, lambda r: r.documents.find(OWNER, "plan")) is None
    with pytest.raises(NotFound):
        engine.ask(SYSTEM, lambda r: r.documents.get(OWNER, "plan"))


def test_event_names_the_documents_that_came_with_it(engine: Engine) -> None:
    engine.execute(CLERK, put, {"value": 1}, "kinmen")
    (ref,) = last_data(engine, ORGANISATION_STREAM)["documents"]
    assert (ref["owner"], ref["kind"], ref["key"], ref["no"]) == (OWNER, "progress", "kinmen", 1)
    assert ref["digest"] == sha256(b'{"value":1}').hexdigest()


@pytest.mark.parametrize("second", ["11490000471", "11490000470"])
def test_of_two_letters_at_once_the_second_looks_again(
    postgres_url: str, clock: FixedClock, second: str
) -> None:
    engine = Engine(postgres_url, clock)
    entered, both_at_work = threading.Event(), threading.Event()

    def first(uow: UnitOfWork) -> int:
        number = register(uow, letter()).id
        entered.set()
        both_at_work.wait(0.5)  # the second one reads the same next id meanwhile
        return number

    with ThreadPoolExecutor(2) as pool:
        earlier = pool.submit(engine.execute, CLERK, first)
        entered.wait()
        later = pool.submit(engine.execute, CLERK, register, letter(second))
        refusal = later.exception()
    answer = type(refusal) if refusal else later.result().id
    numbers = (earlier.result(), answer)
    engine.close()
    assert numbers == (1, Invalid if second == "11490000470" else 2)


def test_letter_is_registered_once(engine: Engine) -> None:
    registered = engine.execute(CLERK, register, letter())
    assert engine.ask(SYSTEM, lambda r: r.letters.get(registered.id)) == registered
    assert engine.ask(SYSTEM, lambda r: r.letters.for_plan(OWNER)) == [registered]
    assert last_data(engine, ORGANISATION_STREAM)["letters"] == [registered.json()]
    with pytest.raises(Invalid) as raised:
        engine.execute(CLERK, register, letter())
    assert [error.path for error in raised.value.errors] == ["number"]


def test_correction_keeps_what_stood_before(engine: Engine) -> None:
    registered = engine.execute(CLERK, register, letter())
    changes = {"number": "11490000471", "doc_on": "2025-01-25"}
    engine.execute(CLERK, lambda uow: uow.letters.correct(registered.id, changes, "誤繕") and None)
    after = engine.ask(SYSTEM, lambda r: r.letters.get(registered.id))
    assert (after.number, after.doc_on) == ("11490000471", date(2025, 1, 25))
    assert [(c["by"], c["reason"], c["before"]) for c in after.corrections] == [
        ("clerk", "誤繕", {"number": "11490000470", "doc_on": "2025-01-24"})
    ]
    assert last_data(engine, ORGANISATION_STREAM)["changes"] == changes


def test_correction_to_a_number_that_is_taken_is_refused(engine: Engine) -> None:
    engine.execute(CLERK, register, letter("11490000470"))
    second = engine.execute(CLERK, register, letter("11490000471"))
    with pytest.raises(Invalid):
        engine.execute(CLERK, lambda uow: uow.letters.correct(second.id, {"number": "11490000470"}, "誤繕"))


@pytest.mark.parametrize("name", ["id", "plan_key", "direction", "corrections"])
def test_what_makes_a_letter_itself_cannot_be_corrected(engine: Engine, name: str) -> None:
    registered = engine.execute(CLERK, register, letter())
    with pytest.raises(Invalid) as raised:
        engine.execute(CLERK, lambda uow: uow.letters.correct(registered.id, {name: "x"}, "誤繕"))
    assert [error.path for error in raised.value.errors] == [name]


def test_unknown_letter_is_not_found(engine: Engine) -> None:
    with pytest.raises(NotFound):
        engine.ask(SYSTEM, lambda r: r.letters.get(1))


def test_correction_is_told_where_the_letter_was_registered(engine: Engine) -> None:
    instance_id, _ = at_approval(engine)

    def register_in_instance(uow: UnitOfWork) -> Letter:
        handle = uow.instances.open(instance_id)
        registered = uow.letters.register(letter())
        handle.note(told())
        return registered

    registered = engine.execute(CLERK, register_in_instance)
    engine.execute(CLERK, lambda uow: uow.letters.correct(registered.id, {"speed": "速件"}, "誤繕") and None)
    last = engine.ask(SYSTEM, lambda r: r.history.events(instance_id))[-1]
    assert (last.type, last.actor) == (EventType.LETTER_CORRECTED, "clerk")


def test_upload_is_kept_and_told_in_the_stream_of_the_person(engine: Engine) -> None:
    ref = engine.execute(CLERK, lambda uow: uow.files.add("證明.pdf", b"%PDF-", "application/pdf"))
    assert engine.ask(SYSTEM, lambda r: r.files.get(ref.digest)) == ref
    assert engine.ask(SYSTEM, lambda r: r.content.get(ref.digest)) == b"%PDF-"
    assert engine.ask(SYSTEM, lambda r: r.files.was_uploaded_by(ref.digest, "clerk")) is True
    assert engine.ask(SYSTEM, lambda r: r.files.was_uploaded_by(ref.digest, "other")) is False
    assert last_data(engine, -CLERK.number) == {"file": ref.json()}
    reports = engine.ask(SYSTEM, lambda r: {report.stream: report for report in verify_all(r)})
    assert reports[-CLERK.number].holds(Check.CONTENT)


@pytest.mark.parametrize("noun", ["files", "content"])
def test_bytes_that_were_never_stored_are_not_found(engine: Engine, noun: str) -> None:
    with pytest.raises(NotFound):
        engine.ask(SYSTEM, lambda r: getattr(r, noun).get("0" * 64))


def test_drafts_belong_to_one_person(engine: Engine) -> None:
    _, approval = at_approval(engine)
    other = person("other", number=8)
    for number, user in ((7, "clerk"), (8, "other")):
        account = User(id=user, number=number, name=user, title="", active=True)
        engine.execute(SYSTEM, lambda uow, account=account: uow.organisation.add_user(account, told()))
    engine.execute(CLERK, lambda uow: uow.drafts.save(approval.id, {"decision": "return"}))
    engine.execute(other, lambda uow: uow.drafts.save(approval.id, {"decision": "approve"}))
    engine.execute(CLERK, lambda uow: uow.drafts.save(approval.id, {"decision": "later"}))
    mine = engine.ask(CLERK, lambda r: r.drafts.find(approval.id))
    assert mine is not None
    assert mine.values == {"decision": "later"}
    assert list(engine.ask(CLERK, lambda r: r.drafts.of_actor())) == [approval.id]
    engine.execute(CLERK, lambda uow: uow.drafts.discard(approval.id))
    assert engine.ask(CLERK, lambda r: r.drafts.find(approval.id)) is None
    assert engine.ask(other, lambda r: r.drafts.find(approval.id)) is not None


def test_outbox_takes_a_key_once(engine: Engine) -> None:
    for text in ("first", "second"):
        engine.execute(SYSTEM, lambda uow, text=text: uow.outbox.add("urge:1", "urge", {"text": text}))
    (entry,) = engine.ask(SYSTEM, lambda r: r.outbox.unsent())
    assert (entry.dedup_key, entry.payload) == ("urge:1", {"text": "first"})


def test_what_failed_to_leave_waits_longer_each_time(engine: Engine, clock: FixedClock) -> None:
    engine.execute(SYSTEM, lambda uow: uow.outbox.add("urge:1", "urge", {}))
    waits = []
    for _ in range(3):
        began = clock.now()
        while (entry := engine.execute(SYSTEM, lambda uow: uow.outbox.next_unsent())) is None:
            clock.move_to(clock.now() + timedelta(seconds=30))
        waits.append(clock.now() - began)
        engine.execute(SYSTEM, lambda uow, entry=entry: uow.outbox.mark_failed(entry, "no route"))
    assert waits == [timedelta(0), timedelta(minutes=1), timedelta(minutes=2)]


def test_what_has_left_never_leaves_again(engine: Engine) -> None:
    engine.execute(SYSTEM, lambda uow: uow.outbox.add("urge:1", "urge", {}))
    entry = engine.execute(SYSTEM, lambda uow: uow.outbox.next_unsent())
    assert entry is not None
    engine.execute(SYSTEM, lambda uow: uow.outbox.mark_sent(entry.id))
    engine.execute(SYSTEM, lambda uow: uow.outbox.add("urge:1", "urge", {}))
    assert engine.execute(SYSTEM, lambda uow: uow.outbox.next_unsent()) is None


def add_clerk(uow: UnitOfWork) -> None:
    uow.organisation.add_user(User(id="clerk", number=7, name="承辦人", title="", active=True), told())


def test_hash_of_a_password_never_stands_in_history(engine: Engine) -> None:
    engine.execute(SYSTEM, add_clerk)
    engine.execute(SYSTEM, lambda uow: uow.accounts.set_password("clerk", "$argon2id$secret", told()))
    stored = engine.ask(SYSTEM, lambda r: r.accounts.password("clerk"))
    assert stored is not None
    assert (stored.hash, stored.must_change) == ("$argon2id$secret", False)
    assert all("argon2" not in event.data for event in engine.ask(SYSTEM, lambda r: r.history.events(1)))


def test_token_is_found_by_its_secret_until_it_ends(engine: Engine, clock: FixedClock) -> None:
    engine.execute(SYSTEM, add_clerk)
    ends = clock.now() + timedelta(days=1)
    engine.execute(
        SYSTEM, lambda uow: uow.accounts.add_token("secret", "clerk", "script", told(), expires_at=ends)
    )
    found = engine.ask(SYSTEM, lambda r: r.accounts.find_token("secret"))
    assert found is not None
    assert (found.user_id, found.is_valid_at(clock.now()), found.is_valid_at(ends)) == ("clerk", True, False)
    assert engine.ask(SYSTEM, lambda r: r.accounts.find_token("other")) is None
    engine.execute(SYSTEM, lambda uow: uow.accounts.revoke_token(found.digest, told()))
    (revoked,) = engine.ask(SYSTEM, lambda r: r.accounts.tokens("clerk"))
    assert revoked.is_valid_at(clock.now()) is False


def test_refused_sign_ins_are_counted_by_account_and_by_address(engine: Engine, clock: FixedClock) -> None:
    since = clock.now()
    for user, address in (("a", "1"), ("b", "1"), ("a", "2")):
        engine.execute(
            SYSTEM, lambda uow, u=user, a=address: uow.accounts.add_failure(u, a, told(), stream=0)
        )
    assert engine.ask(SYSTEM, lambda r: r.accounts.count_failures_of_user("a", since)) == 2
    assert engine.ask(SYSTEM, lambda r: r.accounts.count_failures_of_address("1", since)) == 2
    engine.execute(SYSTEM, lambda uow: uow.accounts.clear_failures("a"))
    assert engine.ask(SYSTEM, lambda r: r.accounts.count_failures_of_user("a", since)) == 0


def test_members_are_active_people_of_role_and_unit_on_a_day(engine: Engine) -> None:
    day = date(2025, 1, 6)

    def fill(uow: UnitOfWork) -> None:
        for number, (name, active) in enumerate((("a", True), ("b", False), ("c", True)), start=1):
            uow.organisation.add_user(
                User(id=name, number=number, name=name, title="", active=active), told()
            )
        for name, unit, valid_to in (("a", "kinmen", None), ("b", "kinmen", None), ("c", "matsu", day)):
            held = Membership(user_id=name, role="unit_chief", unit=unit, valid_from=day, valid_to=valid_to)
            uow.organisation.save_membership(held, told())

    engine.execute(SYSTEM, fill)

    def ids(unit: str, on: date) -> list[str]:
        return [
            user.id for user in engine.ask(SYSTEM, lambda r: r.organisation.members("unit_chief", unit, on))
        ]

    assert ids("kinmen", day) == ["a"]
    assert ids("", day) == ["a", "c"]
    assert ids("", day + timedelta(days=1)) == ["a"]
    assert ids("", date(2025, 1, 5)) == []


def test_settings_have_a_default_until_they_are_set(engine: Engine) -> None:
    assert engine.ask(SYSTEM, lambda r: r.organisation.setting("mode", "letter")) == "letter"
    engine.execute(SYSTEM, lambda uow: uow.organisation.change_setting("mode", {"bureau": "login"}, told()))
    assert engine.ask(SYSTEM, lambda r: r.organisation.settings()) == {"mode": {"bureau": "login"}}
