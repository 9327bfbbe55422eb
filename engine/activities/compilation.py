"""Compiling the plan (彙整): its texts, the findings of the check, and the comments to answer."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.activities.calls import Activity, ActivityCall, Check, Completion, Prefill
from engine.activities.contribution import considered_by_units
from engine.activities.drafting import working_day_faults
from engine.activities.letter_entries import KINDS
from engine.activities.plan_documents import enter_state_of, is_amendment, plan_key_of, released_version
from engine.activities.working_plan import (
    COMPILATION,
    REWARD_RULES,
    load_plan,
    parse_day,
    plan_panel,
    refused,
    save_plan,
)
from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError, Invalid
from engine.plan.completeness import check_plan
from engine.plan.document import (
    Assessment,
    BasisLetter,
    Plan,
    Rewards,
    Sections,
    Steps,
    to_json,
    with_basis,
    with_sections,
)
from engine.plan.document_number import DocumentNumber
from engine.plan.finding import Finding, blocking
from engine.plan.quantification import QUANTIFIED_PERCENT
from engine.plan.rule_error import PlanRuleError
from engine.store.unit_of_work import Reader, UnitOfWork

_KIND_WORDS = {label: word for word, label in KINDS.items()}


def compilation(reader: Reader, task: Task) -> FormContent:
    """The plan's texts as they stand, what the check found, and what the bureau and the signers said."""
    plan_key = plan_key_of(task)
    plan = load_plan(reader, plan_key)
    units = [(unit.id, unit.label) for unit in plan.units]
    assigned = {unit for method in plan.methods() for unit in method.units}
    return FormContent(
        values=_values(plan),
        choices={
            "units": units,
            "assigned_units": [(unit, label) for unit, label in units if unit in assigned],
            "reward_rules": [(rule, _rule_words(rule)) for rule in _reward_rules(reader)],
        },
        panels={
            "plan": plan_panel(reader, plan_key),
            "findings": [_finding(finding) for finding in findings_of(reader, plan)],
            "comments": _comments(reader, plan_key),
            "improvements": considered_by_units(reader, plan_key),
            "signatures": _returned(reader, task),
        },
    )


def check_compilation(reader: Reader, task: Task, values: dict[str, Any]) -> list[FieldError]:
    """Warnings must be read before the plan goes up; units are asked with a working day's date (F4)."""
    if values["decision"] == "ask_units":
        return list(working_day_faults(reader, parse_day(values["ask_due"]), "ask_due"))
    try:
        plan = compiled(load_plan(reader, plan_key_of(task)), values)
    except Invalid as refusal:
        return list(refusal.errors)
    if is_amendment(task) and to_json(plan) == released_version(reader, plan_key_of(task)).body:
        return [FieldError(path="decision", template="Nothing differs from the version in effect")]
    warnings = [finding for finding in findings_of(reader, plan) if finding.severity == "warn"]
    if warnings and not values.get("completeness_ack"):
        return [
            FieldError(
                path="completeness_ack",
                template="Read the {count} warning(s) of the check and confirm that you did",
                params={"count": len(warnings)},
            )
        ]
    return []


def compile_plan(uow: UnitOfWork, task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Write the texts into the plan; it is a draft again until it is signed.

    The warnings that were read, with what was noted on them, go up with it.
    """
    plan_key = plan_key_of(task)
    plan = compiled(load_plan(uow, plan_key), values)
    ref = save_plan(uow, plan_key, plan, values.get("warning_notes", "compiled"))
    warnings = [_finding(f) for f in findings_of(uow, plan) if f.severity == "warn"]
    body = {"plan_no": ref.no, "warnings": warnings, "notes": values.get("warning_notes", "")}
    uow.documents.put(plan_key, COMPILATION, "", body)
    enter_state_of(uow, task, "draft")
    return {"compiled_by": uow.actor.user_id, "plan_no": ref.no}


def check_completeness(uow: UnitOfWork, call: ActivityCall) -> dict[str, Any]:
    """伍.二 and 伍.三 on the working plan: complete when nothing blocks it."""
    findings = findings_of(uow, load_plan(uow, plan_key_of(call)))
    blocks = blocking(findings)
    return {
        "complete": not blocks,
        "blocks": len(blocks),
        "warnings": len(findings) - len(blocks),
        "rules": sorted({finding.rule for finding in blocks}),
    }


def findings_of(reader: Reader, plan: Plan) -> tuple[Finding, ...]:
    """What the check says about a plan, with the share and the reward rules of the settings."""
    share = int(reader.organisation.setting("quantified_share", QUANTIFIED_PERCENT))
    return check_plan(plan, active_reward_rules=_reward_rules(reader), quantified_share=share)


def compiled(plan: Plan, values: Mapping[str, Any]) -> Plan:
    """The plan with the texts, dates and letters of the form; Invalid when a letter's number cannot be."""
    sections = plan.sections
    steps, assessment, rewards = sections.steps, sections.assessment, sections.rewards
    written = Sections(
        basis=values.get("basis_text", ""),
        goal=values.get("goal", ""),
        scope=values.get("scope_text", ""),
        scope_units=tuple(values.get("scope_units", sections.scope_units)),
        strategies=values.get("strategies_text", ""),
        steps=Steps(
            text=values.get("steps_text", ""),
            reporting=bool(values.get("steps_reporting", steps.reporting)),
            publication=bool(values.get("steps_publication", steps.publication)),
        ),
        assessment=Assessment(
            text=values.get("assessment_text", ""),
            k2_on=parse_day(values.get("k2_on")) or assessment.k2_on,
            k3_on=parse_day(values.get("k3_on")) or assessment.k3_on,
            k4_on=parse_day(values.get("k4_on")) or assessment.k4_on,
        ),
        rewards=Rewards(
            text=values.get("rewards_text", ""), rule_version=values.get("rewards_rule", rewards.rule_version)
        ),
        supplement=values.get("supplement", ""),
    )
    basis = [_basis_letter(plan, index, row) for index, row in enumerate(values.get("basis", ()))]
    return replace(with_sections(with_basis(plan, basis), written), title=values["title"])


def _basis_letter(plan: Plan, index: int, row: Mapping[str, Any]) -> BasisLetter:
    number = None
    if row.get("doc_prefix") and row.get("doc_no"):
        try:
            number = DocumentNumber(
                prefix=row["doc_prefix"], number=row["doc_no"], kind=KINDS[row.get("doc_type", "letter")]
            )
        except PlanRuleError as error:
            raise refused(error, f"basis/{index}/doc_no") from None
    return BasisLetter(
        issuer=row["issuer"],
        issued_on=parse_day(row.get("doc_date")),
        number=number,
        subject=row["subject"],
        also=row.get("also", ""),
        bureau_plan_year=plan.roc_year if row.get("is_bureau_plan") else None,
    )


def _values(plan: Plan) -> dict[str, Any]:
    sections = plan.sections
    dates = {
        "k2_on": sections.assessment.k2_on,
        "k3_on": sections.assessment.k3_on,
        "k4_on": sections.assessment.k4_on,
    }
    values: dict[str, Any] = {
        "title": plan.title,
        "basis": [_basis_row(plan, letter) for letter in plan.basis],
        "basis_text": sections.basis,
        "goal": sections.goal,
        "scope_text": sections.scope,
        "scope_units": list(sections.scope_units),
        "strategies_text": sections.strategies,
        "steps_text": sections.steps.text,
        "steps_reporting": sections.steps.reporting,
        "steps_publication": sections.steps.publication,
        "assessment_text": sections.assessment.text,
        "rewards_text": sections.rewards.text,
        "supplement": sections.supplement,
        "decision": "submit",
        **{name: on.isoformat() for name, on in dates.items() if on},
    }
    if sections.rewards.rule_version:
        values["rewards_rule"] = sections.rewards.rule_version
    return values


def _basis_row(plan: Plan, letter: BasisLetter) -> dict[str, Any]:
    row: dict[str, Any] = {
        "issuer": letter.issuer,
        "subject": letter.subject,
        "also": letter.also,
        "is_bureau_plan": letter.bureau_plan_year == plan.roc_year,
    }
    if letter.issued_on:
        row["doc_date"] = letter.issued_on.isoformat()
    if letter.number:
        row |= {
            "doc_prefix": letter.number.prefix,
            "doc_no": letter.number.number,
            "doc_type": _KIND_WORDS[letter.number.kind],
        }
    return row


def _reward_rules(reader: Reader) -> tuple[str, ...]:
    return tuple(reader.organisation.setting("reward_rules", REWARD_RULES))


def _rule_words(rule: str) -> str:
    """A version of the reward rule as people call it: `reward_clause:1` is the first of chapter 柒."""
    clause, _, version = rule.partition(":")
    return f"計畫柒、獎勵方式 第{version}版" if clause == "reward_clause" else rule


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "section": finding.section,
        "element_id": finding.element_id,
        "template": finding.template,
        "params": {name: str(value) for name, value in finding.params.items()},
    }


def _comments(reader: Reader, plan_key: str) -> list[dict[str, Any]]:
    """Every remark of the bureau, the latest round first: the draft must answer them."""
    replies = sorted(reader.documents.list(plan_key, "reply"), key=lambda reply: -int(reply.key))
    return [{**comment, "round": int(reply.key)} for reply in replies for comment in reply.body["comments"]]


def _returned(reader: Reader, task: Task) -> list[dict[str, Any]]:
    """The signatures of the round that came back, so that its reasons stand beside the draft."""
    result = task.inputs.get("signoff_result") or {}
    if result.get("outcome") != "returned":
        return []
    return list(_signatures(reader, plan_key_of(task), int(result["round"])))


def _signatures(reader: Reader, plan_key: str, round_no: int) -> Iterator[dict[str, Any]]:
    for document in reader.documents.list(plan_key, "signature"):
        if document.key.startswith(f"plan:{round_no}:"):
            yield document.body


ACTIVITIES: dict[str, Activity] = {"drafting.check_completeness": check_completeness}
PREFILLS: dict[str, Prefill] = {"drafting.compilation": compilation}
CHECKS: dict[str, Check] = {"drafting.check_compilation": check_compilation}
COMPLETIONS: dict[str, Completion] = {"drafting.compile": compile_plan}
