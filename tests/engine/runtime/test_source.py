"""Files from outside: hostile, huge and broken ones are refused quickly and with a reason (T20)."""

import pytest

from engine.domain.definition import SourceFile
from engine.runtime import lint
from tests.engine.runtime.drawing import end, flow, process, start

BOMB = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><d>&b;&b;&b;</d>'
OUTSIDE = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'


def rules(body: bytes, name: str = "p.bpmn") -> list[str]:
    return [finding.rule for finding in lint((SourceFile(name=name, body=body),))]


@pytest.mark.parametrize("body", [BOMB, OUTSIDE, b"<!DOCTYPE html><d/>"], ids=["bomb", "outside", "plain"])
@pytest.mark.parametrize("name", ["p.bpmn", "p.dmn"])
def test_document_types_are_refused(body: bytes, name: str) -> None:
    assert rules(body, name) == ["doctype"]


def test_a_document_type_hidden_by_its_encoding_is_refused() -> None:
    assert rules('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d []><d/>'.encode("utf-16")) == ["doctype"]


@pytest.mark.parametrize("name", ["p.bpmn", "p.dmn", "forms/p.json"])
def test_a_huge_file_is_refused_unread(name: str) -> None:
    assert rules(b"<d>" + b" " * 20_000_000, name) == ["file_too_large"]


@pytest.mark.parametrize("body", [b"", b"<d>", b"\xff\xfe\x00", b"<d>" * 100_000, b"not xml"], ids=range(5))
def test_malformed_xml_is_refused(body: bytes) -> None:
    assert rules(body) == ["malformed_xml"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b"\xff"], ids=range(5))
def test_malformed_json_is_refused(body: bytes) -> None:
    assert rules(body, "forms/p.json") == ["malformed_json"]


def test_xml_that_is_not_bpmn_is_refused() -> None:
    assert rules(b"<html/>") == ["not_bpmn"]


def test_comments_and_processing_instructions_are_not_read() -> None:
    file = process("p", start() + end() + flow("begin > done"))
    body = file.body.replace(b"<bpmn:endEvent", b"<!-- note --><?run this?><bpmn:endEvent", 1)
    assert rules(body) == []


def test_a_file_with_very_many_elements_is_refused_without_long_work() -> None:
    many = "".join(f'<bpmn:endEvent id="e{number}"/>' for number in range(5_000))
    file = process("p", start() + many + flow("begin > e1"), shapes=False)
    assert "too_many_elements" in rules(file.body)
