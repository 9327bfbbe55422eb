"""Nobody beside those who work on a reward list finds it: neither names nor titles, numbers or counts."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import url_for
from werkzeug.test import TestResponse

from engine.domain.identity import SYSTEM
from engine.queries.questions.registry import QUESTIONS
from engine.queries.tasks import COUNTED, View
from tests.stories import commendation_actors as reward
from tests.stories.stage import Stage
from tests.webapp.office import Office
from tests.webapp.test_access import BODIES, routes

OUTSIDERS = ("unit_handler.kinmen", "bureau_sec_handler", "sysadmin", "ministry_handler")
INSIDERS = ("sec_handler", "hr_handler", "director", "auditor")
NAME = "歐陽慕雪"
MERITS = "輔導各單位整備參獎佐證資料，並多次到場指導服務流程改造。"
TITLE = "115年政府服務獎敘獎"
WORDS = (NAME, MERITS, TITLE)
COUNTING = ("/inbox", *(f"/inbox?view={view}" for view in View), "/instances", "/plans", "/awards")
Lists = tuple[Office, int, int]
Counts = dict[str, int]


@pytest.fixture(scope="module")
def entered(shared_office: Office) -> Office:
    """Two entries with their outcomes, before anybody is proposed for them."""
    stage = Stage(shared_office.engine, shared_office.clock)
    for key, changes in ((reward.ENTRY, {}), (reward.OTHER_ENTRY, {"entrant": "metrology"})):
        reward.entry(stage, key, **changes)
        reward.outcome(stage, "finalist", key=key)
    return shared_office


@pytest.fixture(scope="module")
def before(entered: Office) -> dict[str, tuple[Counts, list[str]]]:
    """What everybody counted before there was a reward list."""
    return {who: counted(entered, who) for who in (*OUTSIDERS, *INSIDERS)}


@pytest.fixture(scope="module")
def lists(entered: Office, before: dict[str, tuple[Counts, list[str]]]) -> Lists:
    """A reward list whose orders are issued, and one that waits for the committee."""
    assert set(before) == {*OUTSIDERS, *INSIDERS}  # counted first: a list that exists would be in it
    stage = Stage(entered.engine, entered.clock)
    coach = reward.outsider(NAME, reward.BUREAU, "bureau_coach", merits=MERITS)
    handler = {**reward.HANDLER, "merits": MERITS}
    issued = reward.start(stage)
    reward.to_order(stage, issued, handler)
    reward.order(stage, issued)
    waiting = reward.start(stage, key=reward.OTHER_ENTRY)
    reward.to_committee(stage, waiting, coach, {**reward.CHIEF, "merits": MERITS})
    return entered, issued, waiting


def counted(office: Office, who: str) -> tuple[Counts, list[str]]:
    """The numbers of the views of the inbox, and what the pages that count read like."""
    headers = {"Authorization": f"Bearer {office.token(who)}"}
    counts: Counts = office.stranger().get("/api/v1/tasks", headers=headers).get_json()["counts"]
    browser = office.client(who)
    pages = [browser.get(path, follow_redirects=True).text for path in COUNTING]
    return counts, [" ".join(BeautifulSoup(page, "html.parser").stripped_strings) for page in pages]


def numbers(office: Office, *instances: int) -> list[int]:
    """The numbers of instances and of their tasks."""
    found = [office.engine.ask(SYSTEM, lambda reader, i=i: reader.tasks.of_instance(i)) for i in instances]
    return [*instances, *(task.id for tasks in found for task in tasks)]


def digests(office: Office, *instances: int) -> set[str]:
    """The digests of everything that the instances wrote or were given."""
    events = [
        event.data
        for i in instances
        for event in office.engine.ask(SYSTEM, lambda reader, i=i: reader.history.events(i))
    ]
    return {digest for data in events for digest in re.findall(r"\b[0-9a-f]{64}\b", data)}


def addresses(office: Office, *instances: int) -> Iterator[tuple[str, str, str, set[int]]]:
    """(method, rule, address, numbers in it) of every route, with everything of the lists in its place."""
    values: dict[str, list[Any]] = {
        "instance_id": [*instances],
        "task_id": [number for number in numbers(office, *instances) if number not in instances],
        "letter_id": [letter.id for letter in office.engine.ask(SYSTEM, letters)] or [1],
        "digest": sorted(digests(office, *instances)), "roc_year": [114, 115],
        "definition_key": ["commendation"], "element_id": ["sign"], "user_id": ["unit_handler.kinmen"],
        "unit_id": ["kinmen"], "code": ["zh_Hant_TW"], "verb": ["suspend"], "filename": ["planflow.css"],
        "edition": [reward.EDITION], "award_year": [115], "no": [1], "key": [reward.ENTRY],
        "table": ["progress", "durations", "returns", "overdue"],
        "figures": ["elements", "people", "conformance"],
        "secret": ["no-such-secret"], "name": ["assign"], "deputyship_id": [1], "kind": ["csv", "ods"],
        "format_": ["dossier", "ods", "csv", "json", "xes", "ocel"],
        "what": ["inbox", "open", "organisation", "plans"],
        "slug": [question.slug for question in QUESTIONS], "run_no": [1], "finding_no": [2],
        "number": [1],
    }  # fmt: skip
    for method, rule, endpoint, names in routes(office):
        if rule.startswith("/static") or rule in ("/logout", "/login", "/account/password"):
            continue
        chosen: list[dict[str, Any]] = [{}]
        for name in sorted(names):
            chosen = [{**one, name: value} for one in chosen for value in values[name]]
        with office.app.test_request_context():
            for one in chosen:
                asked = {int(v) for k, v in one.items() if k in ("instance_id", "task_id")}
                yield method, rule, url_for(endpoint, **one), asked
    for query in (
        *(f"view={view}" for view in View),
        f"q={NAME}",
        f"q={TITLE}",
        "definition_key=commendation",
    ):
        for path in ("/inbox", "/api/v1/tasks"):
            yield "GET", path, f"{path}?{query}", set()
    for query in (f"business_key={reward.ENTRY}", "definition_key=commendation", "state=completed"):
        for path in ("/instances", "/api/v1/process-instances"):
            yield "GET", path, f"{path}?{query}", set()
    for query in ("definition=commendation", f"plan={reward.ENTRY}", "year=115"):
        path = "/audit/exports/file"
        yield "GET", path, f"{path}?{query}&format=json", set()
        path = "/api/v1/process-instances/export"
        yield "GET", path, f"{path}?{query.replace('=', '_key=') if 'year' not in query else query}", set()
    for style in ("json", "csv", "ods", "xes", "ocel", "dossier"):
        for number in instances:
            path = f"/api/v1/process-instances/{number}/export"
            yield "GET", path, f"{path}?format={style}", {number}


def letters(reader: Any) -> list[Any]:
    keys = (reward.ENTRY, reward.OTHER_ENTRY, reward.EDITION, "bsmi_khh:114")
    return [letter for key in keys for letter in reader.letters.for_plan(key)]


def answer_to(office: Office, browser: Any, who: str, method: str, rule: str, address: str) -> TestResponse:
    body = BODIES.get((method, rule), {}) if method == "POST" else None
    if not rule.startswith("/api/"):
        answer: TestResponse = browser.open(address, method=method, data=body, follow_redirects=True)
        return answer
    headers = {"Authorization": f"Bearer {office.token(who)}"}
    return browser.open(address, method=method, headers=headers, json=body)  # type: ignore[no-any-return]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", OUTSIDERS)
def test_no_page_and_no_call_tells_an_outsider_of_a_reward_list(lists: Lists, who: str) -> None:
    office, *instances = lists
    browser, told = office.client(who), []
    secret = set(numbers(office, *instances))
    for method, rule, address, asked in addresses(office, *instances):
        answer = answer_to(office, browser, who, method, rule, address)
        assert answer.status_code < 500, address
        text = answer.get_data().decode("utf-8", "ignore")
        named = [
            word for word in WORDS if word in text and word not in address
        ]  # a search shows what was asked
        named += [str(n) for n in secret - asked if re.search(rf"(?<!\d){n}(?!\d)", text)]
        if named:
            told.append((method, address, named))
        answer.close()
    assert told == []


@pytest.mark.parametrize("who", OUTSIDERS)
def test_an_outsider_counts_nothing_of_it(
    lists: Lists, before: dict[str, tuple[Counts, list[str]]], who: str
) -> None:
    counts, pages = counted(lists[0], who)
    assert set(counts) == set(map(str, COUNTED))
    assert (counts, pages) == before[who]


@pytest.mark.parametrize("who", ["sec_handler", "hr_handler"])
def test_who_worked_on_it_counts_it(
    lists: Lists, before: dict[str, tuple[Counts, list[str]]], who: str
) -> None:
    counts, pages = counted(lists[0], who)
    assert counts != before[who][0]
    assert pages != before[who][1]


@pytest.mark.parametrize("who", INSIDERS)
def test_who_works_on_it_or_audits_sees_it(lists: Lists, who: str) -> None:
    office, *instances = lists
    browser = office.client(who)
    pages = [browser.get(f"/instances/{number}") for number in instances]
    assert [(page.status_code, TITLE in page.get_data(as_text=True)) for page in pages] == [(200, True)] * 2
