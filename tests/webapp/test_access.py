"""Who may call what: every page and every call of the API, tried by everybody. A new route needs a row."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import url_for
from werkzeug.test import TestResponse

from engine.commands import instances
from engine.commands.anchors import make_anchor
from engine.domain.identity import SYSTEM
from tests.webapp.office import Office

STRANGER = "stranger"
UNIT = {"unit_handler.metrology", "unit_chief.metrology"}
SECRETARIAT = {"sec_handler", "sec_chief"}
BRANCH = UNIT | SECRETARIAT | {"director", "registry"}
SIGNED_IN = BRANCH | {"bureau_sec_handler", "auditor", "sysadmin"}
EVERYBODY = SIGNED_IN | {STRANGER}
AUDITOR = {"auditor"}
READERS = SECRETARIAT | {"director", "auditor"}
SEES_THE_PLAN = BRANCH | {"auditor"}
ADMINISTRATOR = {"sysadmin"}
HANDLER = {"sec_handler"}
NOBODY: set[str] = set()

# What is tried: the cycle of 115, whose first task waits for the secretariat's handler, and the plan of 114.
# “May” means neither refused nor hidden; an action that is offered to nobody right now is hidden from all.
MAY: dict[tuple[str, str], set[str]] = {
    ("GET", "/"): SIGNED_IN,
    ("GET", "/login"): EVERYBODY,
    ("POST", "/login"): EVERYBODY,
    ("GET", "/language/<code>"): EVERYBODY,
    ("GET", "/static/<path:filename>"): EVERYBODY,
    ("GET", "/account/password"): SIGNED_IN,
    ("POST", "/account/password"): SIGNED_IN,
    ("POST", "/account/stay"): SIGNED_IN,
    ("GET", "/account"): SIGNED_IN,
    ("POST", "/account/language"): SIGNED_IN,
    ("GET", "/deputies"): SIGNED_IN,
    ("POST", "/deputies"): {"unit_handler.metrology", "unit_chief.metrology", "sysadmin"},
    ("POST", "/deputies/<int:deputyship_id>/end"): NOBODY,
    ("GET", "/inbox"): SIGNED_IN,
    ("GET", "/inbox/counts"): SIGNED_IN,
    ("POST", "/inbox/columns"): SIGNED_IN,
    ("POST", "/inbox/views"): SIGNED_IN,
    ("POST", "/inbox/views/remove"): NOBODY,
    ("POST", "/inbox/bulk"): SIGNED_IN,
    ("GET", "/inbox/bulk/approve"): SIGNED_IN,
    ("POST", "/inbox/bulk/approve"): SIGNED_IN,
    ("GET", "/inbox/bulk/assign"): SIGNED_IN,
    ("POST", "/inbox/bulk/assign"): SIGNED_IN,
    ("POST", "/inbox/<int:task_id>/claim"): HANDLER,
    ("POST", "/inbox/<int:task_id>/unclaim"): HANDLER,
    ("GET", "/tasks/<int:task_id>"): HANDLER,
    ("POST", "/tasks/<int:task_id>"): HANDLER,
    ("POST", "/tasks/<int:task_id>/claim"): HANDLER,
    ("POST", "/tasks/<int:task_id>/draft"): HANDLER,
    ("GET", "/tasks/<int:task_id>/form.css"): HANDLER,
    ("POST", "/tasks/<int:task_id>/resolve"): NOBODY,
    ("POST", "/tasks/<int:task_id>/unclaim"): HANDLER,
    ("GET", "/comments/<int:instance_id>"): SEES_THE_PLAN,
    ("POST", "/comments/<int:instance_id>"): BRANCH,
    ("GET", "/signoffs/<int:instance_id>"): SEES_THE_PLAN,
    ("POST", "/signoffs/<int:instance_id>/afterwards"): NOBODY,
    ("POST", "/signoffs/<int:instance_id>/circulation"): NOBODY,
    ("GET", "/verbs/<int:task_id>/<name>"): {"sec_chief"},
    ("POST", "/verbs/<int:task_id>/<name>"): {"sec_chief"},
    ("POST", "/files"): SIGNED_IN,
    ("GET", "/files/<digest>"): NOBODY,
    ("GET", "/files/<digest>/preview"): NOBODY,
    ("GET", "/start"): SIGNED_IN,
    ("GET", "/start/<definition_key>"): HANDLER,
    ("POST", "/start/<definition_key>"): HANDLER,
    ("GET", "/instances"): SIGNED_IN,
    ("GET", "/instances/<int:instance_id>"): SEES_THE_PLAN,
    ("GET", "/instances/<int:instance_id>/diagram.svg"): SEES_THE_PLAN,
    ("POST", "/instances/<int:instance_id>/<any(cancel, suspend, resume):verb>"): {"director", "sec_handler"},
    ("POST", "/instances/<int:instance_id>/urge/<int:task_id>"): SECRETARIAT,
    ("POST", "/instances/<int:instance_id>/try-again"): ADMINISTRATOR | SECRETARIAT,
    ("GET", "/instances/<int:instance_id>/actions/<element_id>"): NOBODY,
    ("POST", "/instances/<int:instance_id>/actions/<element_id>"): NOBODY,
    ("GET", "/plans"): SIGNED_IN,
    ("GET", "/plans/<int:roc_year>"): SEES_THE_PLAN,
    ("GET", "/plans/<int:roc_year>/plan.odt"): SEES_THE_PLAN,
    ("GET", "/plans/<int:roc_year>/signatures.odt"): NOBODY,
    ("GET", "/plans/<int:roc_year>/files/<digest>"): NOBODY,
    ("GET", "/plans/<int:roc_year>/letters/<int:letter_id>"): SEES_THE_PLAN,
    ("POST", "/plans/<int:roc_year>/letters/<int:letter_id>"): {"sec_handler", "registry"},
    ("GET", "/schedules/<int:roc_year>"): SEES_THE_PLAN,
    ("POST", "/schedules/<int:roc_year>"): SECRETARIAT,
    ("GET", "/improvements/<int:roc_year>"): SEES_THE_PLAN,
    ("GET", "/search"): SIGNED_IN,
    ("GET", "/search/suggestions"): SIGNED_IN,
    ("GET", "/help"): SIGNED_IN,
    ("POST", "/account/mail"): SIGNED_IN,
    ("GET", "/audit"): AUDITOR,
    ("GET", "/health"): EVERYBODY,
    ("GET", "/ready"): EVERYBODY,
    ("GET", "/metrics"): NOBODY,
    ("GET", "/audit/exports"): AUDITOR,
    ("GET", "/audit/exports/file"): AUDITOR,
    ("GET", "/exports/<int:instance_id>"): READERS,
    ("GET", "/exports/<int:instance_id>/<any(dossier, ods, csv, json, xes, ocel):format_>"): READERS,
    ("GET", "/audit/moments"): AUDITOR,
    ("GET", "/audit/moments/<any(inbox, open, organisation, plans):what>.csv"): AUDITOR,
    ("GET", "/audit/questions"): AUDITOR,
    ("GET", "/audit/replay/<int:instance_id>"): READERS,
    ("GET", "/audit/questions/<slug>"): AUDITOR,
    ("GET", "/audit/questions/<slug>/answer.<any(csv, ods, json):kind>"): AUDITOR,
    ("GET", "/audit/samples"): AUDITOR,
    ("GET", "/audit/samples/new"): AUDITOR,
    ("POST", "/audit/samples"): AUDITOR,
    ("GET", "/audit/samples/<int:run_no>"): NOBODY,
    ("GET", "/audit/samples/<int:run_no>/finding"): NOBODY,
    ("GET", "/audit/samples/<int:run_no>/run.<any(csv, ods, json):kind>"): NOBODY,
    ("POST", "/audit/samples/<int:run_no>/finding"): NOBODY,
    ("POST", "/audit/samples/<int:run_no>/finding/<int:finding_no>/settle"): NOBODY,
    ("POST", "/audit/samples/<int:run_no>/close"): NOBODY,
    ("GET", "/findings"): SIGNED_IN,
    ("POST", "/findings/<int:finding_no>"): NOBODY,
    ("GET", "/audit/proof"): AUDITOR,
    ("POST", "/audit/proof"): AUDITOR,
    ("GET", "/audit/proof/<int:instance_id>"): READERS,
    ("GET", "/audit/proof/anchors"): AUDITOR,
    ("POST", "/audit/proof/anchors"): AUDITOR | ADMINISTRATOR,
    ("GET", "/audit/proof/anchors/<int:number>"): AUDITOR,
    ("GET", "/audit/proof/anchors/<int:number>/anchor.json"): AUDITOR,
    ("GET", "/audit/proof/anchors/anchors.json"): AUDITOR,
    ("GET", "/audit/proof/looks"): AUDITOR,
    ("GET", "/audit/proof/looks/looks.csv"): AUDITOR,
    ("GET", "/audit/processes"): AUDITOR,
    ("GET", "/audit/processes/<definition_key>"): AUDITOR,
    (
        "GET",
        "/audit/processes/<definition_key>/"
        "<any(elements, ways, variants, returns, people, conformance):figures>.csv",
    ): AUDITOR,
    ("GET", "/calendar"): SIGNED_IN,
    ("GET", "/calendar/link"): SIGNED_IN,
    ("GET", "/overdue"): SECRETARIAT | {"unit_chief.metrology", "director", "auditor"},
    ("GET", "/overdue/overdue.<any(csv, ods):kind>"): (
        SECRETARIAT | {"unit_chief.metrology", "director", "auditor"}
    ),
    ("POST", "/overdue/urge"): SECRETARIAT,
    ("POST", "/calendar/link"): SIGNED_IN,
    ("POST", "/calendar/link/revoke"): SIGNED_IN,
    ("GET", "/calendar/<secret>.ics"): NOBODY,
    ("GET", "/statistics"): SEES_THE_PLAN,
    ("GET", "/statistics/<table>.csv"): SEES_THE_PLAN,
    ("GET", "/criteria"): SEES_THE_PLAN,
    ("GET", "/criteria/<key>"): SEES_THE_PLAN,
    ("POST", "/criteria/<key>"): SECRETARIAT,
    ("POST", "/criteria/<key>/copy"): SECRETARIAT,
    ("POST", "/criteria/<key>/release"): SECRETARIAT,
    ("GET", "/amendments/<int:roc_year>"): READERS,
    ("GET", "/rewards"): SECRETARIAT | {"director", "auditor"},
    ("GET", "/rewards/<edition>"): NOBODY,
    ("GET", "/amendments/<int:roc_year>/compare"): SEES_THE_PLAN,
    ("GET", "/awards"): SIGNED_IN,
    ("GET", "/awards/<int:award_year>/<int:no>"): SEES_THE_PLAN,
    ("GET", "/awards/<int:award_year>/<int:no>/files/<digest>"): NOBODY,
    ("GET", "/awards/<int:award_year>/edition"): SEES_THE_PLAN,
    ("POST", "/awards/<int:award_year>/edition"): SECRETARIAT,
    ("GET", "/admin/users"): ADMINISTRATOR,
    ("POST", "/admin/users"): ADMINISTRATOR,
    ("GET", "/admin/users/<user_id>"): ADMINISTRATOR,
    ("POST", "/admin/users/<user_id>"): ADMINISTRATOR,
    ("POST", "/admin/users/<user_id>/disable"): ADMINISTRATOR,
    ("POST", "/admin/users/<user_id>/enable"): ADMINISTRATOR,
    ("POST", "/admin/users/<user_id>/password"): ADMINISTRATOR,
    ("POST", "/admin/users/<user_id>/roles"): ADMINISTRATOR,
    ("POST", "/admin/users/<user_id>/roles/end"): ADMINISTRATOR,
    ("GET", "/admin/units"): ADMINISTRATOR,
    ("POST", "/admin/units"): ADMINISTRATOR,
    ("GET", "/admin/units/<unit_id>"): ADMINISTRATOR,
    ("POST", "/admin/units/<unit_id>"): ADMINISTRATOR,
    ("GET", "/admin/calendar"): ADMINISTRATOR,
    ("POST", "/admin/calendar"): ADMINISTRATOR,
    ("POST", "/admin/calendar/closures"): ADMINISTRATOR,
    ("GET", "/admin/incidents"): ADMINISTRATOR | {"auditor"},
    ("POST", "/admin/incidents/<int:instance_id>"): ADMINISTRATOR | SECRETARIAT,
    ("GET", "/admin/deciding-levels"): SEES_THE_PLAN | ADMINISTRATOR,
    ("POST", "/admin/deciding-levels"): {"sec_chief"} | ADMINISTRATOR,
    ("GET", "/admin/extension-levels"): SEES_THE_PLAN | ADMINISTRATOR,
    ("POST", "/admin/extension-levels"): {"sec_chief"} | ADMINISTRATOR,
    ("GET", "/admin/definitions"): ADMINISTRATOR | SECRETARIAT | {"auditor"},
    ("POST", "/admin/definitions"): ADMINISTRATOR,
    ("GET", "/demo/clock"): SIGNED_IN,
    ("POST", "/demo/clock"): SIGNED_IN,
    ("POST", "/logout"): SIGNED_IN,
    ("GET", "/api/v1/openapi.json"): EVERYBODY,
    ("GET", "/api/v1/me"): SIGNED_IN,
    ("GET", "/api/v1/deputyships"): SIGNED_IN,
    ("POST", "/api/v1/deputyships"): {"unit_handler.metrology", "unit_chief.metrology", "sysadmin"},
    ("POST", "/api/v1/deputyships/<int:deputyship_id>/end"): NOBODY,
    ("GET", "/api/v1/demo/clock"): SIGNED_IN,
    ("POST", "/api/v1/demo/clock"): SIGNED_IN,
    ("POST", "/api/v1/messages"): HANDLER,
    ("GET", "/api/v1/process-definitions"): ADMINISTRATOR | SECRETARIAT | {"auditor"},
    ("POST", "/api/v1/process-definitions"): ADMINISTRATOR,
    ("GET", "/api/v1/process-instances"): SIGNED_IN,
    ("POST", "/api/v1/process-instances"): HANDLER,
    ("GET", "/api/v1/process-instances/<int:instance_id>"): SEES_THE_PLAN,
    ("POST", "/api/v1/process-instances/<int:instance_id>/cancel"): {"director", "sec_handler"},
    ("POST", "/api/v1/process-instances/<int:instance_id>/resume"): {"director", "sec_chief"},
    ("POST", "/api/v1/process-instances/<int:instance_id>/suspend"): {"director", "sec_chief"},
    ("GET", "/api/v1/process-instances/<int:instance_id>/diagram.svg"): SEES_THE_PLAN,
    ("GET", "/api/v1/process-instances/export"): READERS,
    ("GET", "/api/v1/process-instances/<int:instance_id>/export"): READERS,
    ("GET", "/api/v1/process-instances/<int:instance_id>/history"): READERS,
    ("GET", "/api/v1/process-instances/<int:instance_id>/state"): READERS,
    ("GET", "/api/v1/process-instances/<int:instance_id>/verify"): READERS | ADMINISTRATOR,
    ("POST", "/api/v1/process-instances/<int:instance_id>/circulate"): NOBODY,
    ("POST", "/api/v1/process-instances/<int:instance_id>/recall"): NOBODY,
    ("POST", "/api/v1/process-instances/<int:instance_id>/sign-afterwards"): NOBODY,
    ("POST", "/api/v1/tasks/<int:task_id>/ask-opinion"): HANDLER,
    ("GET", "/api/v1/questions"): AUDITOR,
    ("GET", "/api/v1/questions/<slug>"): AUDITOR,
    ("GET", "/api/v1/tasks"): SIGNED_IN,
    ("GET", "/api/v1/tasks/<int:task_id>"): HANDLER,
    ("POST", "/api/v1/tasks/<int:task_id>/assign"): {"sec_chief"},
    ("POST", "/api/v1/tasks/<int:task_id>/claim"): HANDLER,
    ("POST", "/api/v1/tasks/<int:task_id>/complete"): HANDLER,
    ("POST", "/api/v1/tasks/<int:task_id>/delegate"): HANDLER,
    ("POST", "/api/v1/tasks/<int:task_id>/comments"): BRANCH,
    ("POST", "/api/v1/tasks/<int:task_id>/extend"): HANDLER,
    ("POST", "/api/v1/tasks/<int:task_id>/withdraw-extension"): HANDLER,
    ("POST", "/api/v1/tasks/<int:task_id>/follow-up"): HANDLER,
    ("POST", "/api/v1/tasks/<int:task_id>/urge"): SECRETARIAT,
    ("POST", "/api/v1/tasks/<int:task_id>/hand-back"): HANDLER,
    ("POST", "/api/v1/tasks/<int:task_id>/redirect"): NOBODY,
    ("POST", "/api/v1/tasks/<int:task_id>/priority"): {"sec_chief"},
    ("POST", "/api/v1/tasks/<int:task_id>/resolve"): NOBODY,
    ("POST", "/api/v1/tasks/<int:task_id>/unclaim"): HANDLER,
}

# What is sent: enough to come as far as the question who may, too little to change anything.
CHOICE_OF_NOBODY = {"user": "nobody"}
REASON = {"reason": "x"}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/deputies"): {
        "principal": "unit_handler.metrology", "deputy": "nobody",
        "valid_from": "115/1/5", "valid_to": "115/1/5", "cause": "official_duty",
    },
    ("POST", "/plans/<int:roc_year>/letters/<int:letter_id>"): {
        "issuer": "局", "prefix": "經標秘字", "number": "11400000010", "subject": "改過的主旨",
        "doc_on": "114/1/20", "reason": "錯",
    },
    ("POST", "/api/v1/deputyships"): {
        "principal": "unit_handler.metrology", "deputy": "nobody",
        "valid_from": "2026-01-05", "valid_to": "2026-01-05", "cause": "leave",
    },
    ("POST", "/api/v1/deputyships/<int:deputyship_id>/end"): REASON,
    ("POST", "/api/v1/messages"): {"name": "nobody_waits", "correlation": "x", "payload": {}},
    ("POST", "/api/v1/process-instances"): {
        "definition_key": "annual_plan_lifecycle", "business_key": "x", "variables": {"roc_year": 1},
    },
    ("POST", "/api/v1/process-instances/<int:instance_id>/cancel"): REASON,
    ("POST", "/api/v1/process-instances/<int:instance_id>/resume"): REASON,
    ("POST", "/api/v1/process-instances/<int:instance_id>/suspend"): REASON,
    ("POST", "/api/v1/tasks/<int:task_id>/assign"): CHOICE_OF_NOBODY,
    ("POST", "/api/v1/tasks/<int:task_id>/delegate"): CHOICE_OF_NOBODY,
    ("POST", "/api/v1/tasks/<int:task_id>/comments"): {"text": ""},
    ("POST", "/api/v1/tasks/<int:task_id>/urge"): {"note": ""},
    ("POST", "/api/v1/tasks/<int:task_id>/extend"): {"new_on": "2026-01-01", **REASON},
    ("POST", "/api/v1/tasks/<int:task_id>/withdraw-extension"): REASON,
    ("POST", "/api/v1/tasks/<int:task_id>/hand-back"): REASON,
    ("POST", "/api/v1/tasks/<int:task_id>/redirect"): REASON,
    ("POST", "/api/v1/tasks/<int:task_id>/priority"): {**REASON, "priority": "high"},
    ("POST", "/api/v1/tasks/<int:task_id>/ask-opinion"): {"user": "nobody", "question": "x"},
    ("POST", "/api/v1/process-instances/<int:instance_id>/recall"): REASON,
    ("POST", "/api/v1/process-instances/<int:instance_id>/circulate"): {"subject": "plan"},
    ("POST", "/api/v1/process-instances/<int:instance_id>/sign-afterwards"): {
        **REASON, "subject": "plan", "level": 0, "kind": "other",
    },
    ("POST", "/api/v1/tasks/<int:task_id>/complete"): {"values": {}, "revision": 99, "shown_digest": ""},
}  # fmt: skip


def routes(office: Office) -> Iterator[tuple[str, str, str, frozenset[str]]]:
    """(method, rule, endpoint, arguments) of everything that the app answers; signing out comes last."""
    rules = sorted(office.app.url_map.iter_rules(), key=lambda rule: (rule.rule == "/logout", rule.rule))
    for rule in rules:
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule.rule, rule.endpoint, frozenset(rule.arguments)


def is_refused(who: str, answer: TestResponse) -> bool:
    """Refused, hidden, or sent to the sign-in page. That nobody waits for a message is no refusal."""
    if answer.is_json and answer.get_json().get("type", "").endswith(":NobodyWaits"):
        return False
    to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/login")
    return (who == STRANGER and to_sign_in) or answer.status_code in (401, 403, 404)


def start_entry(office: Office) -> None:
    """An award entry of 115, the first one."""
    office.engine.execute(
        office.engine.actor("sec_handler"), instances.start, definition_key="award_entry",
        business_key="bsmi_khh:award:115:1", variables={"award_year": 115, "route": "self"},
    )  # fmt: skip


class Attempts:
    """Everybody's browser and token, and the things that they try to reach."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.browsers = {STRANGER: office.stranger()} | {u: office.client(u) for u in sorted(SIGNED_IN)}
        start_entry(office)
        office.engine.execute(SYSTEM, make_anchor)
        instance_id = office.instance_id("bsmi_khh:115")
        letters = office.engine.ask(SYSTEM, lambda reader: reader.letters.for_plan("bsmi_khh:114"))
        self.arguments: dict[str, Any] = {
            "run_no": 1, "finding_no": 2, "deputyship_id": 1, "number": 1,
            "instance_id": instance_id, "task_id": office.open_task(instance_id), "letter_id": letters[0].id,
            "roc_year": 114, "award_year": 115, "no": 1, "user_id": "unit_handler.kinmen",
            "unit_id": "kinmen", "code": "en",
            "definition_key": "annual_plan_lifecycle", "filename": "planflow.css", "verb": "cancel",
            "name": "assign",
            "element_id": "nothing", "digest": "0" * 64, "key": "example", "edition": "bsmi_khh:award:115",
            "secret": "0" * 43, "kind": "csv", "format_": "dossier", "figures": "elements",
            "table": "progress", "slug": "target-changes", "what": "open",
        }  # fmt: skip

    def who_may(self, method: str, rule: str, endpoint: str, names: frozenset[str]) -> set[str]:
        """Those who are neither refused nor sent away; nobody may ever see an error of the program."""
        with self.office.app.test_request_context():
            address = url_for(endpoint, **{name: self.arguments[name] for name in names})
        answers = {who: self._try(who, method, rule, address) for who in sorted(EVERYBODY)}
        assert {who: a.status_code for who, a in answers.items() if a.status_code >= 500} == {}
        return {who for who, answer in answers.items() if not is_refused(who, answer)}

    def _try(self, who: str, method: str, rule: str, address: str) -> TestResponse:
        body = BODIES.get((method, rule), {})
        browser = self.browsers[who]
        if not rule.startswith("/api/"):
            data = {"files": (BytesIO(b"?"), "a.bpmn")} if rule == "/admin/definitions" else body
            answer = browser.open(address, method=method, data=data if method == "POST" else None)
            answer.close()
            return answer
        headers = {} if who == STRANGER else {"Authorization": f"Bearer {self.office.token(who)}"}
        if rule == "/api/v1/process-definitions":
            files = {"files": (BytesIO(b"?"), "a.bpmn")} if method == "POST" else None
            return browser.open(address, method=method, headers=headers, data=files)
        return browser.open(address, method=method, headers=headers, json=body if method == "POST" else None)


def test_every_route_has_its_row(shared_office: Office) -> None:
    assert {(method, rule) for method, rule, _, _ in routes(shared_office)} == set(MAY)


@pytest.mark.timeout(300)
def test_everybody_may_call_what_the_table_says_and_nothing_else(office: Office) -> None:
    attempts = Attempts(office)
    tried = {
        (method, rule): attempts.who_may(method, rule, endpoint, names)
        for method, rule, endpoint, names in routes(office)
    }
    wrong = {route: sorted(tried[route] ^ MAY[route]) for route in tried if tried[route] != MAY[route]}
    assert wrong == {}
