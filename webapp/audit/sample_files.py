"""Audit runs as files: for spreadsheets, and whole for machines, so that anybody can draw again elsewhere."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext

from engine.domain.audit_run import AuditFinding, Words
from engine.queries.audit_runs import Drawn, RunPage
from webapp.audit.sample_words import OUTCOME_WORDS, SEVERITY_WORDS
from webapp.definition_words import in_language


def run_json(page: RunPage) -> dict[str, Any]:
    """The run with everything that its draw needs: seed, criteria and population."""
    run = page.run
    return {
        "run": run.no,
        "title": run.title,
        "begun": _words(run.begun),
        "seed": run.seed,
        "rule": "sha256(seed:instance), ascending",
        "criteria": run.criteria.json(),
        "population": {"digest": run.population, "members": [member.json() for member in page.population]},
        "drawn": list(run.drawn),
        "findings": [_finding(finding) for finding in run.findings],
        "closed": _words(run.closed) if run.closed else None,
    }


def sample_rows(page: RunPage) -> list[list[Any]]:
    """The sample as rows with their headings: one for each finding, or for a process without any."""
    head = [
        gettext("Process number"), gettext("Which process"), gettext("Stage"),
        gettext("Units that took part"), gettext("Returns"), gettext("Entries then"),
        gettext("Entry of the history"), gettext("Weight"),
        gettext("What was found"), gettext("Who is asked to answer"), gettext("Answers"),
        gettext("What became of it"), gettext("Explanation"),
    ]  # fmt: skip
    return [
        head,
        *(
            [*_drawn_cells(drawn), *_finding_cells(page, finding)]
            for drawn in page.sample
            for finding in drawn.findings or (None,)
        ),
    ]


def _drawn_cells(drawn: Drawn) -> list[Any]:
    member, instance = drawn.member, drawn.instance
    return [
        Decimal(instance.id), instance.title or instance.business_key, in_language(drawn.stage),
        "、".join(drawn.units), Decimal(member.returns), Decimal(member.seq),
    ]  # fmt: skip


def _finding_cells(page: RunPage, finding: AuditFinding | None) -> list[Any]:
    if finding is None:
        return [""] * 7
    return [
        Decimal(finding.seq),
        str(SEVERITY_WORDS[finding.severity]),
        finding.found.text,
        "、".join(_person(page, user) for user in finding.asked),
        "\n".join(f"{_person(page, answer.by)}：{answer.text}" for answer in finding.answers),
        str(OUTCOME_WORDS[finding.outcome]) if finding.outcome else "",
        finding.settled.text if finding.settled else "",
    ]


def _finding(finding: AuditFinding) -> dict[str, Any]:
    return {
        "finding": finding.no, "instance": finding.instance, "seq": finding.seq,
        "severity": str(finding.severity), "found": _words(finding.found), "asked": list(finding.asked),
        "answers": [_words(answer) for answer in finding.answers],
        "outcome": str(finding.outcome) if finding.outcome else None,
        "settled": _words(finding.settled) if finding.settled else None,
    }  # fmt: skip


def _words(words: Words) -> dict[str, str]:
    return {"by": words.by, "at": words.at.isoformat(), "text": words.text}


def _person(page: RunPage, user_id: str) -> str:
    user = page.people.get(user_id)
    return f"{user.name} {user.title}".strip() if user else user_id
