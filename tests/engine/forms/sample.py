"""A form with one field of every kind."""

from typing import Any

from engine.domain.canonical import digest_of
from engine.domain.definition import FormDefinition

FILE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["digest", "name", "size", "media_type"],
    "properties": {
        "digest": {"type": "string", "title": "摘要碼"},
        "name": {"type": "string", "title": "檔名"},
        "size": {"type": "integer", "title": "大小"},
        "media_type": {"type": "string", "title": "種類"},
    },
}

ROW: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["summary", "target_kind"],
    "properties": {
        "code": {"type": "string", "title": "編號", "readOnly": True},
        "summary": {"type": "string", "title": "具體推動作法", "minLength": 2, "maxLength": 500},
        "target_kind": {
            "type": "string",
            "title": "目標型態",
            "enum": ["quantified", "milestone", "narrative"],
            "x-labels": {"quantified": "量化", "milestone": "里程碑", "narrative": "敘述"},
        },
        "value": {"type": "string", "title": "目標值", "format": "decimal", "x-exclusiveMinimum": "0"},
        "counting_rule": {"type": "string", "title": "計數規則", "maxLength": 200},
        "milestone_on": {"type": "string", "title": "里程碑日期", "format": "date"},
        "evidence": {
            "type": "array",
            "title": "佐證類型",
            "uniqueItems": True,
            "items": {
                "type": "string",
                "enum": ["list", "photo"],
                "x-labels": {"list": "清冊", "photo": "照片"},
            },
        },
        "creative": {"type": "boolean", "title": "創新作為"},
    },
    "allOf": [
        {
            "if": {"properties": {"target_kind": {"const": "quantified"}}, "required": ["target_kind"]},
            "then": {"required": ["value", "counting_rule"]},
        }
    ],
}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["applicable", "doc_no", "decision"],
    "$defs": {"file": FILE, "row": ROW},
    "properties": {
        "plan": {"type": "string", "title": "計畫", "readOnly": True},
        "applicable": {"type": "boolean", "title": "本單位適用"},
        "na_reason": {"type": "string", "title": "不適用原因", "minLength": 10, "maxLength": 500},
        "decision": {
            "type": "string",
            "title": "簽核意見別",
            "enum": ["approve", "return"],
            "x-labels": {"approve": "核可", "return": "退件"},
        },
        "doc_no": {
            "type": "string",
            "title": "號",
            "pattern": "^[0-9]{10,11}$",
            "x-pattern-text": "10 或 11 位數字",
        },
        "doc_date": {"type": "string", "title": "發文日期", "format": "date"},
        "published_at": {"type": "string", "title": "公開時間", "format": "date-time"},
        "url": {"type": "string", "title": "網址", "format": "uri"},
        "score": {"type": "integer", "title": "評分", "minimum": 0, "maximum": 25},
        "weight": {"type": "number", "title": "權重"},
        "acknowledged": {"type": "boolean", "title": "已檢視警示"},
        "owner": {"type": "string", "title": "聯絡人", "format": "person", "x-choices": "people"},
        "units": {
            "type": "array",
            "title": "加會單位",
            "uniqueItems": True,
            "items": {"type": "string", "format": "unit"},
            "x-choices": "units",
        },
        "tags": {"type": "array", "title": "關鍵詞", "items": {"type": "string"}, "maxItems": 3},
        "letter": {
            "type": "object",
            "title": "公文",
            "additionalProperties": False,
            "properties": {"subject": {"type": "string", "title": "主旨", "maxLength": 60}},
        },
        "attachment": {
            "type": "array",
            "title": "附件",
            "format": "files",
            "x-accept": ["pdf", "odt"],
            "items": {"$ref": "#/$defs/file"},
        },
        "actions": {"type": "array", "title": "作法", "items": {"$ref": "#/$defs/row"}},
        "checks": {
            "type": "array",
            "title": "查核",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["item"],
                "properties": {
                    "item": {"type": "string", "title": "項目", "readOnly": True},
                    "result": {"type": "string", "title": "結果", "enum": ["ok", "bad"]},
                },
            },
        },
    },
    "allOf": [
        {
            "if": {"properties": {"applicable": {"const": False}}, "required": ["applicable"]},
            "then": {"required": ["na_reason"]},
        },
        {
            "if": {"properties": {"applicable": {"const": True}}, "required": ["applicable"]},
            "then": {"properties": {"actions": {"minItems": 1}}, "required": ["actions"]},
        },
    ],
}

UI: dict[str, Any] = {
    "order": ["applicable", "na_reason"],
    "widgets": {"acknowledged": "checkbox", "actions.summary": "textarea"},
    "table": {
        "actions": {
            "summary_columns": ["summary", "value"],
            "number": "code",
            "add": "新增作法",
            "noun": "作法",
        },
        "checks": {"summary_columns": ["item", "result"], "fixed_rows": True},
    },
    "show_if": {"na_reason": {"applicable": False}, "actions.value": {"target_kind": "quantified"}},
    "help": {"actions.value": "填年度目標"},
    "phrases": {"na_reason": ["本單位無對外服務"]},
}


def sample_form(schema: dict[str, Any] = SCHEMA, ui: dict[str, Any] = UI) -> FormDefinition:
    """The form with one field of every kind, or another of the caller's making."""
    return FormDefinition(
        key="sample", title="單位提報", schema=schema, ui=ui, inputs=(), variables=(), prefill=None,
        check=None, on_complete=None, digest=digest_of([schema, ui]).hex(),
    )  # fmt: skip


def valid_values() -> dict[str, Any]:
    """Values without a fault."""
    return {"applicable": True, "decision": "approve", "doc_no": "11490000470", "actions": [valid_row()]}


def valid_row() -> dict[str, Any]:
    """A row without a fault."""
    return {
        "summary": "砝碼校正服務",
        "target_kind": "quantified",
        "value": "150",
        "counting_rule": "每具計 1",
    }
