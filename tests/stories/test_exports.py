"""Histories of the plan of 115 that leave the house: what others read in them, and what is told of it."""

import csv
import io
import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import r4pm
import r4pm.bindings as mining
from lxml import etree
from odfdo import Document

from engine.commands import organisation
from engine.documents import verify_chain
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.errors import Invalid, NotPermitted
from engine.queries import exports
from engine.queries.exports import ExportScope
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors
from tests.stories.stage import Stage
from webapp.app import create_app
from webapp.exporting import Export, export_instance, export_many
from webapp.settings import WebSettings

RULES = Path(__file__).parents[1] / "engine" / "documents"
XES = {"x": "http://www.xes-standard.org/"}
PLAN = ExportScope(plan_key=actors.KEY)
SCENES = {"cycle": actors.reported}


@pytest.fixture(autouse=True)
def people(stage: Stage) -> None:
    """Those who are apart from the branch's work."""

    def add(uow: UnitOfWork) -> None:
        for role in ("auditor", "sysadmin"):
            organisation.add_user(uow, role, name=role)
            organisation.grant(uow, role, role=role, unit="secretariat", valid_from=uow.today)

    stage.engine.execute(SYSTEM, add)


def taken(stage: Stage, format_: str, scope: ExportScope = PLAN, who: str = "auditor") -> bytes:
    return export_many(stage.engine, stage.engine.actor(who), scope, format_).body.read()


def taken_alone(stage: Stage, cycle: int, format_: str, who: str) -> Export:
    app = create_app(stage.engine, WebSettings(secret_key="of tests"))
    return export_instance(app, stage.engine, stage.engine.actor(who), cycle, format_)


def told(stage: Stage, who: str) -> list[dict[str, Any]]:
    """What the stream of a person tells of exports."""
    stream = -stage.engine.actor(who).number
    return actors.events(stage, stream, actors.EventType.EXPORTED)


def instances(stage: Stage) -> list[int]:
    return [i.id for i in stage.engine.ask(SYSTEM, exports.instances_of, PLAN)]


def test_a_log_follows_the_rules_of_the_xes_standard(stage: Stage, cycle: int) -> None:
    rules = etree.RelaxNG(etree.parse(RULES / "xes_rules.rng"))
    rules.assertValid(etree.fromstring(taken(stage, "xes")))


def test_the_rules_of_the_xes_standard_refuse_what_is_not_of_it(stage: Stage, cycle: int) -> None:
    rules = etree.RelaxNG(etree.parse(RULES / "xes_rules.rng"))
    log = taken(stage, "xes").decode()
    broken = (
        log.replace("<date ", "<moment "), log.replace('scope="event"', 'scope="an event"'),
        log.replace('key="seq" value="', 'key="seq" value="no '), log.replace("1849.2016", "XES 2016"),
        log.replace("xes-standard", "other-standard"),
    )  # fmt: skip
    assert [rules.validate(etree.fromstring(text.encode())) for text in broken] == [False] * len(broken)


def test_each_attribute_that_a_log_calls_global_is_everywhere(stage: Stage, cycle: int) -> None:
    log = etree.fromstring(taken(stage, "xes"))
    for scope in ("trace", "event"):
        wanted = set(log.xpath(f"x:global[@scope='{scope}']/*/@key", namespaces=XES))
        for item in log.xpath(f"//x:{scope}", namespaces=XES):
            assert wanted <= set(item.xpath("./*/@key"))


def test_a_miner_reads_one_trace_for_each_instance_with_chinese_activities(
    stage: Stage, cycle: int, tmp_path: Path
) -> None:
    path = tmp_path / "log.xes"
    path.write_bytes(taken(stage, "xes"))
    log = r4pm.import_item("EventLog", str(path))
    projection = mining.log_to_activity_projection(log)
    flow = mining.discover_dfg(log)["activities"]
    written = etree.fromstring(path.read_bytes()).xpath(
        "//x:event/x:string[@key='concept:name']/@value", namespaces=XES
    )
    assert mining.get_num_cases(projection) == len(instances(stage))
    assert flow == Counter(written)
    assert {"登錄總局計畫", "彙整計畫", "簽核"} <= set(flow)


def test_the_transitions_of_a_log_are_those_of_the_standard_lifecycle(stage: Stage, cycle: int) -> None:
    log = etree.fromstring(taken(stage, "xes"))
    used = set(log.xpath("//x:event/x:string[@key='lifecycle:transition']/@value", namespaces=XES))
    assert used == {"schedule", "start", "complete", "withdraw"}
    assert log.xpath("x:string[@key='lifecycle:model']/@value", namespaces=XES) == ["standard"]


def test_an_object_centric_log_follows_the_rules_of_its_standard(stage: Stage, cycle: int) -> None:
    rules = json.loads((RULES / "ocel_rules.json").read_text("utf-8"))
    jsonschema_rs.validator_for(rules, validate_formats=True).validate(json.loads(taken(stage, "ocel")))


def test_what_an_object_centric_log_names_is_declared_in_it(stage: Stage, cycle: int) -> None:
    log = json.loads(taken(stage, "ocel"))
    objects = {item["id"] for item in log["objects"]}
    named = {r["objectId"] for item in (*log["events"], *log["objects"]) for r in item["relationships"]}
    assert named <= objects
    assert len({event["id"] for event in log["events"]}) == len(log["events"])
    for items, types in (("events", "eventTypes"), ("objects", "objectTypes")):
        declared = {t["name"]: {a["name"] for a in t["attributes"]} for t in log[types]}
        for item in log[items]:
            assert {a["name"] for a in item["attributes"]} <= declared[item["type"]]


def test_a_miner_reads_the_objects_and_what_binds_them(stage: Stage, cycle: int, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(taken(stage, "ocel", ExportScope(roc_year=115)))
    log = json.loads(path.read_bytes())
    linked = mining.slim_link_ocel(ocel=r4pm.import_item("OCEL", str(path)))
    (child,) = actors.instances_of(stage, "bureau_review")
    bound = mining.get_o2o_ids(linked, f"process_instance:{child}")
    assert (mining.num_events(linked), mining.num_objects(linked)) == (
        len(log["events"]),
        len(log["objects"]),
    )
    assert set(bound) == {f"process_instance:{cycle}", f"plan:{actors.KEY}"}


def test_a_sheet_holds_every_instance_and_every_event(stage: Stage, cycle: int) -> None:
    own, events = Document(io.BytesIO(taken(stage, "ods"))).body.tables
    histories = stage.engine.ask(SYSTEM, exports.histories_of, PLAN)
    assert own.get_column_values(0) == ["案件", *instances(stage)]
    assert len(events.get_values()) == 1 + sum(len(history.events) for history in histories)


def test_several_histories_are_one_table_and_one_list(stage: Stage, cycle: int) -> None:
    rows = list(csv.DictReader(io.StringIO(taken(stage, "csv").decode("utf-8-sig"))))
    several = json.loads(taken(stage, "json"))
    assert {int(row["stream"]) for row in rows} == set(instances(stage))
    assert (several["format"], [one["instance"] for one in several["histories"]]) == (
        "planflow-histories/1", instances(stage),
    )  # fmt: skip


def test_several_histories_in_one_file_are_proven_one_by_one(
    stage: Stage, cycle: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "histories.json"
    path.write_bytes(taken(stage, "json"))
    assert verify_chain.main([str(path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(instances(stage)) > 1
    several = json.loads(path.read_bytes())
    several["histories"][-1]["events"][1]["actor"] = "thief"
    path.write_text(json.dumps(several), "utf-8")
    assert verify_chain.main([str(path)]) == 1
    (child,) = actors.instances_of(stage, "bureau_review")
    assert capsys.readouterr().out.startswith(f"NOT PROVEN: history {child}: event 2 ")


def test_what_left_is_told_for_each_instance_with_its_digest(stage: Stage, cycle: int) -> None:
    body = taken(stage, "xes")
    ids = instances(stage)
    assert [(t["instance"], t["format"], t["digest"], t["together"]) for t in told(stage, "auditor")] == [
        (number, "xes", sha256(body).hexdigest(), len(ids)) for number in ids
    ]


def test_a_scope_narrows_by_process_plan_and_year(stage: Stage, cycle: int) -> None:
    def found(**scope: Any) -> list[int]:
        return [i.id for i in stage.engine.ask(SYSTEM, exports.instances_of, ExportScope(**scope))]

    assert found(definition_key="annual_plan_lifecycle") == [cycle]
    assert found(plan_key=actors.KEY, definition_key="annual_plan_lifecycle") == [cycle]
    assert found(roc_year=115) == sorted({cycle, *actors.instances_of(stage, "bureau_review")})


@pytest.mark.parametrize(
    "scope", [ExportScope(), ExportScope(roc_year=90), ExportScope(definition_key="no_such_process")]
)
def test_an_export_of_nothing_is_refused(stage: Stage, cycle: int, scope: ExportScope) -> None:
    with pytest.raises(Invalid):
        taken(stage, "json", scope)


def test_more_than_lies_in_memory_at_once_is_refused(
    stage: Stage, cycle: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_EVENTS", 5)
    with pytest.raises(Invalid):
        taken(stage, "json")


def test_a_dossier_holds_one_instance_only(stage: Stage, cycle: int) -> None:
    with pytest.raises(Invalid):
        taken(stage, "dossier")


@pytest.mark.parametrize("who", ["unit_handler.metrology", "sysadmin"])
def test_only_those_who_read_histories_take_them_away(stage: Stage, cycle: int, who: str) -> None:
    with pytest.raises(NotPermitted):
        taken(stage, "json", who=who)
    with pytest.raises(NotPermitted):
        taken_alone(stage, cycle, "json", who)


def test_an_export_reads_as_many_statements_for_two_instances_as_for_one(stage: Stage, cycle: int) -> None:
    counted: list[str] = []
    engine = Engine(str(stage.engine.database.core.url), stage.clock, on_statement=counted.append)

    def statements(scope: ExportScope) -> int:
        counted.clear()
        engine.ask(SYSTEM, exports.histories_of, scope)
        return len(counted)

    statements(PLAN)
    one, several = statements(ExportScope(definition_key="annual_plan_lifecycle")), statements(PLAN)
    engine.close()
    assert one == several


def test_an_export_is_a_file_with_a_name(stage: Stage, cycle: int) -> None:
    made = taken_alone(stage, cycle, "ocel", "auditor")
    assert (made.file.name, made.file.size) == (f"planflow-{cycle}.ocel.json", len(made.body.read()))
