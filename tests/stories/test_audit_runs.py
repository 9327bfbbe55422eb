"""Audit runs: a sample that its seed draws again, findings at events, answers by those concerned."""

import json
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from engine.commands import audit_runs, instances, organisation, tasks
from engine.domain.audit_run import AuditRun, Criteria, Member, Spread, draw
from engine.domain.canonical import GENESIS, chain_digest
from engine.domain.history import AUDITS_STREAM, EventType, sealed_json
from engine.domain.identity import SYSTEM
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries.audit_runs import audit_runs as runs_of
from engine.queries.audit_runs import finding_page, own_findings, run_page
from engine.replay import verify_all
from engine.store import tables
from tests.engine.replay.test_verify import tamper
from tests.stories import commendation_actors as reward
from tests.stories.stage import Stage

AUDITOR = "auditor"
SEED = "114-07-大樂透-0512"
FOUND = "公開佐證照片未顯示張貼日期"
ALL = Criteria(size=3)


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    """An auditor, and five publications of which two were sent back."""
    execute = fresh_stage.engine.execute
    execute(SYSTEM, organisation.add_user, AUDITOR, name="吳稽核", title="視察")
    held = {"role": "auditor", "unit": "personnel", "valid_from": date(2024, 1, 1)}
    execute(SYSTEM, organisation.grant, AUDITOR, **held)
    for _ in range(5):
        fresh_stage.start("plan_publication", publication_reason="first")
    return fresh_stage


def do(stage: Stage, command: Any, *args: Any, user: str = AUDITOR, **values: Any) -> Any:
    return stage.engine.execute(stage.engine.actor(user), command, *args, **values)


def begun(stage: Stage, criteria: Criteria = ALL, seed: str = SEED) -> AuditRun:
    do(stage, audit_runs.begin, title="114年度公開作業抽查", seed=seed, criteria=criteria)
    return run(stage)


def run(stage: Stage) -> AuditRun:
    """The newest run."""
    return stage.engine.ask(stage.engine.actor(AUDITOR), runs_of)[0]


def post(stage: Stage, instance: int, unit: str = "penghu") -> None:
    """A place posts the plan: the unit takes part in the process."""
    user = f"counter_owner.{unit}"
    stage.complete(
        user, instance, f"post_at_place@{unit}", outcome="posted", posted_on="2025-01-06",
        photo=[stage.file(user)], posted_by=user,
    )  # fmt: skip


def found(stage: Stage, drawn: AuditRun, *asked: str, **changes: Any) -> int:
    """A finding at the third entry of the first process of the sample; gives its number."""
    values = {"instance_id": drawn.drawn[0], "seq": 3, "severity": "should", "text": FOUND, "asked": asked}
    do(stage, audit_runs.find, drawn.no, **{**values, **changes})
    return run(stage).findings[-1].no


def refused(stage: Stage, command: Any, *args: Any, **values: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        do(stage, command, *args, **values)
    return [(fault.path, fault.template) for fault in refusal.value.errors]


def proof(stage: Stage) -> list[str]:
    return [
        str(fault)
        for report in stage.engine.ask(SYSTEM, lambda r: list(verify_all(r)))
        for fault in report.faults
    ]


def test_a_sample_is_recorded_with_its_seed_and_drawn_again_it_is_the_same(stage: Stage) -> None:
    first = begun(stage)
    shown = stage.engine.ask(stage.engine.actor(AUDITOR), run_page, first.no)
    assert (first.seed, len(first.drawn), first.population_size, shown.is_repeated) == (SEED, 3, 5, True)
    assert begun(stage).drawn == first.drawn
    assert begun(stage, seed="another").drawn != first.drawn
    assert proof(stage) == []


def test_what_happens_after_the_draw_changes_no_sample(stage: Stage) -> None:
    first = begun(stage)
    stage.start("plan_publication", publication_reason="correction")
    assert stage.engine.ask(stage.engine.actor(AUDITOR), run_page, first.no).is_repeated


def test_a_run_is_history_and_moves_no_process_and_opens_no_task(stage: Stage) -> None:
    before = stage.engine.ask(SYSTEM, lambda reader: reader.history.heads())
    drawn = begun(stage)
    finding = found(stage, drawn)
    do(stage, audit_runs.settle, run(stage).no, finding, outcome="stands", text="列入下年度查核重點")
    do(stage, audit_runs.close, drawn.no, text="抽查完成，列管一項")
    after = stage.engine.ask(SYSTEM, lambda reader: reader.history.heads())
    assert [head for head in after if head[0] != AUDITS_STREAM] == before
    told = stage.engine.ask(SYSTEM, lambda reader: reader.history.events(AUDITS_STREAM))
    assert [(event.type, event.actor) for event in told] == [
        (event_type, AUDITOR)
        for event_type in (
            EventType.AUDIT_RUN_BEGUN, EventType.AUDIT_FINDING_MADE, EventType.AUDIT_FINDING_SETTLED,
            EventType.AUDIT_RUN_CLOSED,
        )
    ]  # fmt: skip
    assert proof(stage) == []


MEMBERS = tuple(
    Member(
        instance=1024 + n, stage="plan" if n < 8 else "award", units=("a", "b") if n % 2 else ("b",),
        returns=n % 5, seq=9,
    )
    for n in range(10)
)  # fmt: skip


@pytest.mark.parametrize(
    ("criteria", "fits"),
    [
        (Criteria(size=10, stages=("award",)), {1032, 1033}),
        (Criteria(size=10, units=("a",)), {1025, 1027, 1029, 1031, 1033}),
        (Criteria(size=10, least_returns=3), {1027, 1028, 1032, 1033}),
        (Criteria(size=10, units=("a",), least_returns=3), {1027, 1033}),
    ],
)
def test_a_population_is_narrowed_by_stage_unit_and_returns(criteria: Criteria, fits: set[int]) -> None:
    assert set(draw("s", MEMBERS, criteria)) == fits


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_a_spread_sample_leaves_no_part_out(seed: str) -> None:
    by_stage = draw(seed, MEMBERS, Criteria(size=2, spread=Spread.STAGE))
    by_returns = draw(seed, MEMBERS, Criteria(size=4, spread=Spread.RETURNS))
    by_unit = draw(seed, MEMBERS, Criteria(size=2, spread=Spread.UNIT))
    of = {member.instance: member for member in MEMBERS}
    assert {of[n].stage for n in by_stage} == {"plan", "award"}
    assert {min(of[n].returns, 3) for n in by_returns} == {0, 1, 2, 3}
    assert "a" in of[by_unit[0]].units


def test_a_sample_is_as_large_as_asked_for_and_never_draws_twice() -> None:
    for spread in Spread:
        drawn = draw("s", MEMBERS, Criteria(size=7, spread=spread))
        assert (len(drawn), len(set(drawn))) == (7, 7)


def test_units_and_returns_are_those_of_the_histories(stage: Stage) -> None:
    instance = stage.start("plan_publication", publication_reason="first")
    post(stage, instance)
    stage.complete("sec_handler", instance, "verify_place", result="differs", reason="照片模糊，請重拍")
    for unit in ("penghu", "secretariat"):  # who verified acts for the secretariat
        drawn = begun(stage, Criteria(size=5, units=(unit,), least_returns=1))
        shown = stage.engine.ask(stage.engine.actor(AUDITOR), run_page, drawn.no)
        assert [(s.instance.id, s.units, s.member.returns) for s in shown.sample] == [
            (instance, ("澎湖辦事處", "秘書室"), 1)
        ]


def test_a_finding_is_answered_by_whom_it_asks_and_settled_by_the_auditor(stage: Stage) -> None:
    for instance in stage.instances("plan_publication"):
        post(stage, instance)
    drawn = begun(stage)
    finding = found(stage, drawn, "counter_owner.penghu")
    mine = stage.engine.ask(stage.engine.actor("counter_owner.penghu"), own_findings)
    assert [(own.finding.no, own.finding.found.text, own.may_answer) for own in mine] == [
        (finding, FOUND, True)
    ]
    do(stage, audit_runs.answer, finding, user="counter_owner.penghu", text="已補拍並加註日期")
    mine = stage.engine.ask(stage.engine.actor("counter_owner.penghu"), own_findings)
    assert [own.may_answer for own in mine] == [False]
    do(stage, audit_runs.settle, run(stage).no, finding, outcome="remedied", text="補拍照片已確認")
    (settled,) = run(stage).findings
    assert [(a.by, a.text) for a in settled.answers] == [("counter_owner.penghu", "已補拍並加註日期")]
    assert (settled.instance, settled.seq, settled.outcome) == (drawn.drawn[0], 3, "remedied")


def test_whoever_is_asked_hears_of_it_without_the_words_of_the_finding(stage: Stage) -> None:
    for instance in stage.instances("plan_publication"):
        post(stage, instance)
    found(stage, begun(stage), "counter_owner.penghu")
    sent = stage.engine.ask(SYSTEM, lambda reader: reader.outbox.unsent())
    told = [entry.payload for entry in sent if entry.payload.get("path") == "/findings"]
    assert [(payload["user"], payload["params"]) for payload in told] == [
        ("counter_owner.penghu", {"label": "114年度公開作業抽查"})
    ]


def test_nobody_else_answers_and_nobody_answers_twice(stage: Stage) -> None:
    for instance in stage.instances("plan_publication"):
        post(stage, instance)
    finding = found(stage, begun(stage), "counter_owner.penghu")
    with pytest.raises(NotFound):
        do(stage, audit_runs.answer, finding, user="director", text="由我來回應")
    do(stage, audit_runs.answer, finding, user="counter_owner.penghu", text="已補拍並加註日期")
    with pytest.raises(Conflict):
        do(stage, audit_runs.answer, finding, user="counter_owner.penghu", text="再補充一點說明")


def test_a_settled_finding_is_neither_answered_nor_settled_again(stage: Stage) -> None:
    for instance in stage.instances("plan_publication"):
        post(stage, instance)
    finding = found(stage, begun(stage), "counter_owner.penghu")
    do(stage, audit_runs.settle, run(stage).no, finding, outcome="explained", text="經查係檔案轉檔所致")
    with pytest.raises(Conflict):
        do(stage, audit_runs.answer, finding, user="counter_owner.penghu", text="已補拍並加註日期")
    with pytest.raises(Conflict):
        do(stage, audit_runs.settle, run(stage).no, finding, outcome="stands", text="改列應改善事項")


def test_a_run_closes_when_every_finding_is_settled_and_takes_no_more(stage: Stage) -> None:
    drawn = begun(stage)
    finding = found(stage, drawn)
    fault = [("text", "Settle every finding first")]
    assert refused(stage, audit_runs.close, drawn.no, text="抽查完成") == fault
    do(stage, audit_runs.settle, run(stage).no, finding, outcome="stands", text="列入下年度查核重點")
    do(stage, audit_runs.close, drawn.no, text="抽查完成，列管一項")
    with pytest.raises(Conflict):
        found(stage, drawn)
    with pytest.raises(Conflict):
        do(stage, audit_runs.close, drawn.no, text="再次結束抽查")


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"title": " "}, [("title", "This entry is required")]),
        ({"seed": ""}, [("seed", "This entry is required")]),
        ({"criteria": Criteria(size=0)}, [("size", "Enter a number from {first} to {last}")]),
        ({"criteria": Criteria(size=201)}, [("size", "Enter a number from {first} to {last}")]),
        ({"criteria": Criteria(size=1, stages=("none",))}, [("size", "No process fits these criteria")]),
    ],
)
def test_a_draw_is_refused(stage: Stage, changes: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    values = {"title": "抽查", "seed": SEED, "criteria": ALL, **changes}
    assert refused(stage, audit_runs.begin, **values) == faults


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"text": "短"}, [("text", "Use at least {limit} characters")]),
        ({"severity": "dreadful"}, [("severity", "Choose one of the options")]),
        ({"seq": 9999}, [("seq", "The history of this process has no such entry")]),
        ({"asked": ["director"]}, [("asked", "Choose among the people who took part")]),
    ],
)
def test_a_finding_is_refused(stage: Stage, changes: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    drawn = begun(stage)
    values = {"instance_id": drawn.drawn[0], "seq": 3, "severity": "note", "text": FOUND, **changes}
    assert refused(stage, audit_runs.find, drawn.no, **values) == faults


def test_a_finding_belongs_to_a_process_that_was_drawn(stage: Stage) -> None:
    drawn = begun(stage, Criteria(size=1))
    other = next(n for n in stage.instances("plan_publication") if n not in drawn.drawn)
    with pytest.raises(NotFound):
        found(stage, drawn, instance_id=other)
    with pytest.raises(NotFound):
        stage.engine.ask(stage.engine.actor(AUDITOR), finding_page, drawn.no, other, None)


@pytest.mark.parametrize("user", ["sec_handler", "director", "sysadmin"])
def test_only_auditors_draw_find_settle_and_close(stage: Stage, user: str) -> None:
    if user == "sysadmin":
        stage.engine.execute(SYSTEM, organisation.add_user, user, name="林系統", title="管理師")
        stage.grant(user, "sysadmin", "secretariat")
    drawn = begun(stage)
    finding = found(stage, drawn)
    text = {"text": "沒有這個權限"}
    for command, args, values in (
        (audit_runs.begin, (), {"title": "抽查", "seed": SEED, "criteria": ALL}),
        (audit_runs.find, (drawn.no,), {"instance_id": drawn.drawn[0], "seq": 3, "severity": "note", **text}),
        (audit_runs.settle, (drawn.no, finding), {"outcome": "stands", **text}),
        (audit_runs.close, (drawn.no,), text),
    ):
        with pytest.raises(NotPermitted):
            do(stage, command, *args, user=user, **values)
    with pytest.raises(NotPermitted):
        stage.engine.ask(stage.engine.actor(user), runs_of)


def test_an_auditor_holds_no_business_task_and_moves_no_process(stage: Stage) -> None:
    instance = stage.instances("plan_publication")[0]
    task = stage.task(instance, "publish_web")
    for command, args in ((tasks.claim, (task.id,)), (instances.suspend, (instance,))):
        values = {} if command is tasks.claim else {"reason": "稽核期間暫停"}
        with pytest.raises(NotPermitted):
            do(stage, command, *args, **values)
    with pytest.raises(Invalid):
        stage.grant(AUDITOR, "web_owner", "secretariat")


def test_somebody_who_lost_the_way_to_a_process_is_told_no_title_of_it(stage: Stage) -> None:
    instance = reward.commendation(stage, "finalist")
    reward.nominate(stage, instance, reward.HANDLER)
    stage.grant("web_owner", "sec_handler", "secretariat")
    drawn = begun(stage, Criteria(size=1, stages=("commendation",)))
    found(stage, drawn, "sec_handler", seq=1)
    (own,) = stage.engine.ask(stage.engine.actor("sec_handler"), own_findings)
    assert own.title != ""
    stage.engine.execute(
        SYSTEM, organisation.end_membership, "sec_handler", role="sec_handler", unit="secretariat",
        valid_from=date(2024, 1, 1), valid_to=date(2025, 1, 5),
    )  # fmt: skip
    (own,) = stage.engine.ask(stage.engine.actor("sec_handler"), own_findings)
    assert own.title == ""


def test_a_sample_that_was_exchanged_by_forged_events_is_found(stage: Stage) -> None:
    drawn = begun(stage)
    left_out = next(n for n in stage.instances("plan_publication") if n not in drawn.drawn)
    (event,) = stage.engine.ask(SYSTEM, lambda reader: reader.history.events(AUDITS_STREAM))
    forged = json.dumps(
        {**json.loads(event.data), "drawn": [left_out]}, ensure_ascii=False, sort_keys=True,
        separators=(",", ":"),
    )  # fmt: skip
    text = sealed_json(
        event.stream, event.seq, event.type, event.actor, event.on_behalf_of, event.role, event.unit,
        event.occurred_at, event.command_id, event.element_id, event.task_id, forged,
    )  # fmt: skip
    digest, of = chain_digest(GENESIS, text), tables.history_event.c
    tamper(
        stage.engine,
        sa.update(tables.history_event).where(of.stream == AUDITS_STREAM).values(data=forged, digest=digest),
        sa.update(tables.stream_head).where(tables.stream_head.c.stream == AUDITS_STREAM).values(head=digest),
    )
    assert proof(stage) == ["The sample of the audit run 1 is not the one that its seed draws"]
