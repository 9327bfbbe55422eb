"""The pages of the standing questions: the list, an answer, and what is taken away."""

import csv
import io
import json

import pytest

from engine.queries.questions.registry import QUESTIONS
from tests.stories import commendation_actors as reward
from tests.stories.stage import Stage
from tests.webapp.audit.pages import page, words
from tests.webapp.office import Office

TARGETS = "/audit/questions/target-changes"


def exported(office: Office) -> list[dict[str, object]]:
    """What the auditor took away, as the own stream tells it."""
    number = office.engine.actor("auditor").number
    found = office.engine.ask(office.engine.actor("auditor"), lambda reader: reader.history.events(-number))
    return [json.loads(event.data) for event in found if event.type == "exported"]


def test_the_list_tells_every_question_and_leads_to_its_answer(shared_office: Office) -> None:
    listed = page(shared_office.client("auditor"), "/audit/questions").select(".questions a")
    assert [link["href"] for link in listed] == [f"/audit/questions/{q.slug}" for q in QUESTIONS]


def test_the_desk_leads_to_every_question(shared_office: Office) -> None:
    listed = page(shared_office.client("auditor"), "/audit").select(".shortlist a")
    assert [link["href"] for link in listed] == [f"/audit/questions/{q.slug}" for q in QUESTIONS]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.slug)
def test_every_answer_says_what_was_asked_and_what_was_looked_at(
    shared_office: Office, question: object
) -> None:
    slug = question.slug  # type: ignore[attr-defined]
    shown = page(shared_office.client("auditor"), f"/audit/questions/{slug}?plan=115")
    looked = shown.select_one(".told p:last-child")
    assert looked is not None
    assert words(looked).startswith("已查閱")
    assert [link["href"] for link in shown.select(".pagehead a.btn")] == [
        f"/audit/questions/{slug}/answer.{kind}?plan=115" for kind in ("csv", "ods", "json")
    ]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.slug)
@pytest.mark.parametrize("kind", ["csv", "ods", "json"])
def test_every_answer_can_be_taken_away_and_that_is_told(office: Office, question: object, kind: str) -> None:
    slug = question.slug  # type: ignore[attr-defined]
    answer = office.client("auditor").get(f"/audit/questions/{slug}/answer.{kind}?plan=115")
    assert answer.status_code == 200
    told = exported(office)
    assert [(one["question"], one["format"], one["scope"]) for one in told] == [(slug, kind, {"plan": 115})]


def test_a_file_for_spreadsheets_has_the_headings_and_the_numbers_of_entries(shared_office: Office) -> None:
    body = shared_office.client("auditor").get(f"{TARGETS}/answer.csv").data
    assert body.startswith(b"\xef\xbb\xbf")
    (head, *_) = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    assert head == [
        "作法", "指標", "原為", "改為", "異動時間", "異動人", "辦理事項", "核定",
        "結果得知前後", "分局長理由", "發現事項", "發現原因", "案件編號", "歷程序號",
    ]  # fmt: skip


def test_a_file_for_machines_names_its_columns(shared_office: Office) -> None:
    told = shared_office.client("auditor").get(f"{TARGETS}/answer.json?plan=115").get_json()
    assert (told["question"], told["scope"], sorted(told)) == (
        {"number": 1, "slug": "target-changes"}, {"plan": 115},
        ["looked_at", "question", "rows", "scope", "summary"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["/audit/questions/none", f"{TARGETS}?plan=next", f"{TARGETS}?instance=5", f"{TARGETS}/answer.xls"],
)
def test_what_cannot_be_asked_is_not_there(shared_office: Office, address: str) -> None:
    assert shared_office.client("auditor").get(address).status_code == 404


@pytest.mark.parametrize("address", ["/audit/questions", TARGETS, f"{TARGETS}/answer.csv"])
@pytest.mark.parametrize("who", ["sec_handler", "director", "sysadmin"])
def test_only_auditors_ask(shared_office: Office, who: str, address: str) -> None:
    assert shared_office.client(who).get(address).status_code == 403


def test_the_last_question_leads_to_the_state_at_a_moment(shared_office: Office) -> None:
    client = shared_office.client("auditor")
    (link, *_) = page(client, "/audit/questions/moments-and-readings").select("table.answer td a")
    assert str(link["href"]).startswith("/audit/moments?what=open&at=")
    page(client, str(link["href"]))


def looks(office: Office) -> list[dict[str, object]]:
    """What is kept among few and was shown to the auditor, as the own stream tells it."""
    number = office.engine.actor("auditor").number
    found = office.engine.ask(office.engine.actor("auditor"), lambda reader: reader.history.events(-number))
    return [json.loads(event.data) for event in found if event.type == "sensitive_read"]


def test_a_question_about_a_reward_list_is_a_look_at_it(office: Office) -> None:
    stage = Stage(office.engine, office.clock)
    instance = reward.commendation(stage)
    client = office.client("auditor")
    page(client, f"/audit/questions/returns?instance={instance}")
    page(client, "/audit/questions/returns")  # tells nothing of it
    assert looks(office) == [{"kind": "restricted_instance", "instance": instance}]


def test_rows_of_a_reward_list_are_a_look_at_it_and_so_is_a_file(office: Office) -> None:
    stage = Stage(office.engine, office.clock)
    instance = reward.commendation(stage)
    reward.to_committee(stage, instance, reward.HANDLER)
    client = office.client("auditor")
    for address in ("reward-grounds", "reward-grounds/answer.csv"):
        assert client.get(f"/audit/questions/{address}").status_code == 200
    seen = [look["instance"] for look in looks(office) if look["kind"] == "restricted_instance"]
    assert seen == [instance] * 2
