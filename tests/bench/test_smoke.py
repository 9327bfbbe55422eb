from bench import completion_http, completion_sqlite
from bench.approval_15 import COMPLETIONS


def test_completions_in_process_are_all_done_and_proven() -> None:
    report = completion_sqlite.run(2, 1)
    assert report.proof.bad == 0
    assert report.proof.streams == 2 + 2  # the instances, the organisation and the definitions


def test_completions_over_http_are_all_done_and_proven() -> None:
    report = completion_http.run(2, 2, mix=True)
    assert report.proof.bad == 0
    figures = {line.label: line for line in report.lines}
    assert figures["completions per second"].remark == f"{2 * COMPLETIONS} of {2 * COMPLETIONS}"
    assert figures["answers that refused"].figure == "0"
