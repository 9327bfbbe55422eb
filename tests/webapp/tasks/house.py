"""A small house for the task page: two units, five people, a process with two forms."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from engine.commands.definitions import deploy
from engine.commands.instances import start
from engine.commands.organisation import add_unit, add_user, grant
from engine.domain.definition import SourceFile
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from tests.engine.forms.sample import SCHEMA, UI
from webapp.app import create_app
from webapp.settings import WebSettings

PASSWORD = "Correct-horse-7-battery"

BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:planflow="urn:planflow:bpmn"
 id="d" targetNamespace="urn:planflow:workflows">
 <bpmn:process id="report" name="單位提報" isExecutable="true" planflow:agency="branch"
  planflow:starters="sec_handler" planflow:title="'115年度計畫・度量衡科'">
  <bpmn:laneSet id="lanes">
   <bpmn:lane id="l1" name="單位承辦人" planflow:role="unit_handler">
    <bpmn:flowNodeRef>begin</bpmn:flowNodeRef>
    <bpmn:flowNodeRef>fill</bpmn:flowNodeRef></bpmn:lane>
   <bpmn:lane id="l2" name="單位主管" planflow:role="unit_chief"><bpmn:flowNodeRef>sign</bpmn:flowNodeRef>
    <bpmn:flowNodeRef>again</bpmn:flowNodeRef><bpmn:flowNodeRef>done</bpmn:flowNodeRef></bpmn:lane>
  </bpmn:laneSet>
  <bpmn:startEvent id="begin" name="開始"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
  <bpmn:userTask id="fill" name="單位提報" planflow:form="report.fill" planflow:unit="unit"
   planflow:due="due" planflow:extendable="true">
   <bpmn:incoming>f1</bpmn:incoming><bpmn:incoming>f5</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:userTask>
  <bpmn:userTask id="sign" name="單位主管核章" planflow:form="report.sign" planflow:unit="unit"
   planflow:due="due">
   <bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing></bpmn:userTask>
  <bpmn:exclusiveGateway id="again" name="核可？" default="f4"><bpmn:incoming>f3</bpmn:incoming>
   <bpmn:outgoing>f4</bpmn:outgoing><bpmn:outgoing>f5</bpmn:outgoing></bpmn:exclusiveGateway>
  <bpmn:endEvent id="done" name="已核可"><bpmn:incoming>f4</bpmn:incoming></bpmn:endEvent>
  <bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="fill"/>
  <bpmn:sequenceFlow id="f2" sourceRef="fill" targetRef="sign"/>
  <bpmn:sequenceFlow id="f3" sourceRef="sign" targetRef="again"/>
  <bpmn:sequenceFlow id="f4" name="核可" sourceRef="again" targetRef="done"/>
  <bpmn:sequenceFlow id="f5" name="退件" sourceRef="again" targetRef="fill">
   <bpmn:conditionExpression xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:type="bpmn:tFormalExpression">sign.decision == "return"</bpmn:conditionExpression></bpmn:sequenceFlow>
 </bpmn:process>
</bpmn:definitions>
"""

SHAPES = ("l1", "l2", "begin", "fill", "sign", "again", "done")
EDGES = ("f1", "f2", "f3", "f4", "f5")


def drawn(source: str) -> bytes:
    """The process with a drawing of each of its elements, which a deployment must have."""
    shapes = "".join(
        f'<bpmndi:BPMNShape id="{i}_s" bpmnElement="{i}">'
        f'<dc:Bounds x="{n * 150}" y="0" width="100" height="80"/></bpmndi:BPMNShape>'
        for n, i in enumerate(SHAPES)
    )
    edges = "".join(
        f'<bpmndi:BPMNEdge id="{i}_e" bpmnElement="{i}"><di:waypoint x="0" y="0"/><di:waypoint x="9" y="0"/>'
        "</bpmndi:BPMNEdge>"
        for i in EDGES
    )
    diagram = (
        '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
        'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" '
        f'id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="report">{shapes}{edges}</bpmndi:BPMNPlane>'
        "</bpmndi:BPMNDiagram></bpmn:definitions>"
    )
    return source.replace("</bpmn:definitions>", diagram).encode()


SIGN_FORM: dict[str, Any] = {
    "title": "單位主管核章",
    "inputs": [],
    "variables": ["decision"],
    "schema": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "required": ["decision"],
        "properties": {
            "decision": {
                "type": "string",
                "title": "簽核意見別",
                "enum": ["approve", "return"],
                "x-labels": {"approve": "核可", "return": "退件"},
            },
            "opinion": {"type": "string", "title": "簽核意見", "minLength": 2, "maxLength": 2000},
            "return_reason": {
                "type": "array",
                "title": "退件原因",
                "minItems": 1,
                "items": {
                    "type": "string",
                    "enum": ["incomplete", "numbers"],
                    "x-labels": {"incomplete": "內容不完整", "numbers": "數據或佐證不符"},
                },
            },
        },
        "allOf": [
            {
                "if": {"properties": {"decision": {"const": "return"}}, "required": ["decision"]},
                "then": {"required": ["opinion", "return_reason"]},
            }
        ],
    },
    "ui": {
        "display": "approval",
        "submit": "核章，看下一件",
        "show_if": {"return_reason": {"decision": "return"}},
        "phrases": {"opinion": ["如擬", "可", "修正後發"]},
        "help": {"opinion": "退件時必填"},
    },
}


def fill_form() -> dict[str, Any]:
    """The form with one field of every kind, as a file of a deployment."""
    return {
        "title": "單位提報",
        "inputs": [],
        "variables": ["applicable"],
        "schema": {"$schema": "https://json-schema.org/draft/2020-12/schema", **SCHEMA},
        "ui": {**UI, "submit": "送核"},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An app over an engine, and the process instance that was started in it."""

    app: Flask
    engine: Engine
    instance_id: int

    def task_id(self, element_id: str = "fill") -> int:
        """The open task of an element."""
        found = self.engine.ask(SYSTEM, lambda reader: reader.tasks.open_of_instance(self.instance_id))
        return next(task.id for task in found if task.element_id == element_id)

    def client(self, user_id: str) -> FlaskClient:
        """A browser in which this person has signed in."""
        client = self.app.test_client()
        answer = client.post("/login", data={"user_id": user_id, "password": PASSWORD})
        assert answer.status_code == 302
        return client


def furnish(engine: Engine) -> int:
    """Units, people and a deployment; gives the id of one instance that runs."""
    for position, (unit, label) in enumerate((("metrology", "度量衡科"), ("secretariat", "秘書室"))):
        engine.execute(SYSTEM, add_unit, unit, label=label, kind="line", agency="branch", position=position)
    for user, name, role, unit in (
        ("wang", "王怡婷", "unit_handler", "metrology"),
        ("lin", "林志明", "unit_handler", "metrology"),
        ("chen", "陳志明", "unit_chief", "metrology"),
        ("zhang", "張家豪", "sec_handler", "secretariat"),
        ("other", "何人", "unit_handler", "secretariat"),
    ):
        engine.execute(SYSTEM, add_user, user, name=name, title="", password=PASSWORD, must_change=False)
        engine.execute(SYSTEM, grant, user, role=role, unit=unit, valid_from=date(2024, 1, 1))
    files = (
        SourceFile(name="report.bpmn", body=drawn(BPMN)),
        SourceFile(name="forms/report.fill.json", body=json.dumps(fill_form(), ensure_ascii=False).encode()),
        SourceFile(name="forms/report.sign.json", body=json.dumps(SIGN_FORM, ensure_ascii=False).encode()),
    )
    engine.execute(SYSTEM, deploy, files)
    variables = {"unit": "metrology", "due": "2025-01-13T17:30:00+08:00"}
    return engine.execute(
        engine.actor("zhang"), start, definition_key="report", business_key="k", variables=variables
    )


def open_house(engine: Engine, instance_id: int) -> House:
    """The app over an engine that was furnished."""
    app = create_app(engine, WebSettings(secret_key="a-secret-of-tests-only"), clock=engine.clock)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return House(app=app, engine=engine, instance_id=instance_id)
