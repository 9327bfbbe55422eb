"""The calls beside signing refuse as their commands do; what they do stands in ../test_signoffs.py."""

from bench import approval_15
from tests.webapp.api.desk import Desk, fields, problem

QUESTION = {"user": approval_15.CLERK, "question": "場次是否足夠？"}
READERS = {"subject": "plan", "people": [], "units": ["kinmen"]}
AFTERWARDS = {"subject": "plan", "level": 0, "kind": "absent", "reason": "決行時公出，返局後補簽。"}


def test_nobody_asks_themselves(desk: Desk) -> None:
    assert fields(desk.post(approval_15.CLERK, f"/tasks/{desk.start().id}/ask-opinion", QUESTION)) == ["user"]


def test_nothing_follows_a_decision_that_there_is_not(desk: Desk) -> None:
    instance = desk.start().instance_id
    told = {
        verb: problem(desk.post(approval_15.CLERK, f"/process-instances/{instance}/{verb}", body))
        for verb, body in (
            ("sign-afterwards", AFTERWARDS),
            ("circulate", READERS),
            ("recall", {"reason": "x"}),
        )
    }
    assert told == {
        "sign-afterwards": (404, "NotFound"), "circulate": (404, "NotFound"), "recall": (404, "NotFound"),
    }  # fmt: skip
