"""The standing questions over the HTTP API."""

from engine.queries.questions.registry import QUESTIONS
from tests.webapp.office import Office

API = "/api/v1/questions"


def get(office: Office, user: str, path: str) -> tuple[int, dict[str, object]]:
    answer = office.stranger().get(path, headers={"Authorization": f"Bearer {office.token(user)}"})
    return answer.status_code, answer.get_json()


def test_every_question_is_listed(shared_office: Office) -> None:
    status, told = get(shared_office, "auditor", API)
    items = told["items"]
    assert isinstance(items, list)
    assert (status, [item["slug"] for item in items]) == (200, [question.slug for question in QUESTIONS])


def test_every_question_is_answered_over_a_scope(shared_office: Office) -> None:
    answered = [get(shared_office, "auditor", f"{API}/{q.slug}?plan=115") for q in QUESTIONS]
    assert [(status, told["question"], told["scope"]) for status, told in answered] == [
        (200, {"number": q.number, "slug": q.slug}, {"plan": 115}) for q in QUESTIONS
    ]


def test_nobody_else_asks_and_nothing_else_is_answered(shared_office: Office) -> None:
    asked = [
        get(shared_office, user, path)[0]
        for user, path in (
            ("sec_handler", API), ("director", f"{API}/returns"), ("auditor", f"{API}/none"),
            ("auditor", f"{API}/returns?instance=5"), ("auditor", f"{API}/returns?plan=next"),
        )
    ]  # fmt: skip
    assert asked == [403, 403, 404, 404, 422]
