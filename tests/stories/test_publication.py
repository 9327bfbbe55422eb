"""Publication (公開): website and every place, verified against the acknowledged version."""

from dataclasses import replace

import pytest

from engine.activities.plan_documents import release
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.errors import NotPermitted, ProcessFailed
from engine.plan.document import to_json
from engine.store.unit_of_work import UnitOfWork
from tests.stories.stage import PLAN_KEY, Stage, small_plan


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    fresh_stage.move_to("2025-02-10T10:00")
    return fresh_stage


def publish_web(stage: Stage, instance: int, **changes: object) -> None:
    proof = {
        "url": "https://www.bsmi.gov.tw/khh/114", "page_title": "114年度提升服務效能執行計畫",
        "published_at": "2025-02-10T09:00:00+08:00", "formats": ["pdf", "odf"],
        "screenshot": [stage.file("web_owner")],
    }  # fmt: skip
    stage.complete("web_owner", instance, "publish_web", **(proof | changes))


def post(stage: Stage, instance: int, unit: str) -> None:
    user = f"counter_owner.{unit}"
    stage.complete(
        user, instance, f"post_at_place@{unit}", outcome="posted", posted_on="2025-02-10", posted_by=user,
        photo=[stage.file(user)],
    )  # fmt: skip


def verify(stage: Stage, instance: int, name: str, **values: object) -> None:
    stage.complete("sec_handler", instance, name, **(values or {"result": "fits"}))


def publish_everything(stage: Stage, instance: int) -> None:
    publish_web(stage, instance)
    verify(stage, instance, "verify_web")
    for unit in ("registration", "kinmen", "penghu"):
        post(stage, instance, unit)
        verify(stage, instance, "verify_place")


def test_the_plan_is_published_when_the_website_and_every_place_are_verified(stage: Stage) -> None:
    instance = stage.start("plan_publication", publication_reason="first")
    opened = stage.open(instance)
    publish_everything(stage, instance)
    assert (opened, stage.has_ended(instance), stage.state()) == (
        ["post_at_place@kinmen", "post_at_place@penghu", "post_at_place@registration", "publish_web"],
        True,
        "published",
    )


def test_the_proof_names_the_acknowledged_version(stage: Stage) -> None:
    publish_everything(stage, stage.start("plan_publication", publication_reason="first"))
    proof, plan = stage.document("publication", "web"), stage.document("plan")
    assert (proof.body["plan_no"], proof.body["plan_digest"]) == (plan.no, plan.digest)


def reported_again(uow: UnitOfWork) -> None:
    """A changed plan goes to the bureau once more."""
    ref = uow.documents.put(PLAN_KEY, "plan", "", to_json(replace(small_plan(), title="修正後計畫")))
    uow.documents.put(PLAN_KEY, "report", "2", {"plan_no": ref.no, "plan_digest": ref.digest})
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def acknowledged_again(uow: UnitOfWork) -> None:
    reported_again(uow)
    release(uow, PLAN_KEY, "2", "acknowledged")
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def test_a_version_that_was_reported_without_a_reply_is_not_published(stage: Stage) -> None:
    stage.engine.execute(SYSTEM, reported_again)
    publish_everything(stage, stage.start("plan_publication", publication_reason="first"))
    assert stage.document("publication", "web").body["plan_no"] == 1


def test_a_page_does_not_fit_when_the_bureau_acknowledged_another_version(stage: Stage) -> None:
    instance = stage.start("plan_publication", publication_reason="first")
    publish_web(stage, instance)
    stage.engine.execute(SYSTEM, acknowledged_again)
    faults = stage.faults("sec_handler", instance, "verify_web", result="fits")
    assert faults == [("result", "The published version is not the acknowledged one")]


def test_the_acknowledged_version_is_there_as_a_file_to_publish(stage: Stage) -> None:
    instance = stage.start("plan_publication", publication_reason="first")
    (file,) = stage.content("web_owner", instance, "publish_web").panels["made_file"]["files"]
    assert (file["name"], file["media_type"]) == (
        "114年度提升服務效能執行計畫-第1版.odt", "application/vnd.oasis.opendocument.text",
    )  # fmt: skip


def test_what_does_not_fit_goes_back_to_the_one_who_published_it(stage: Stage) -> None:
    instance = stage.start("plan_publication", publication_reason="first")
    publish_web(stage, instance)
    verify(stage, instance, "verify_web", result="differs", reason="頁尾摘要值不同")
    assert "publish_web" in stage.open(instance)


def test_a_page_without_odf_is_refused(stage: Stage) -> None:
    instance = stage.start("plan_publication", publication_reason="first")
    proof = {
        "url": "https://www.bsmi.gov.tw/khh/114", "page_title": "114年度計畫",
        "published_at": "2025-02-10T09:00:00+08:00", "formats": ["pdf"],
        "screenshot": [stage.file("web_owner")],
    }  # fmt: skip
    faults = stage.faults("web_owner", instance, "publish_web", **proof)
    assert faults == [("formats", "Publish the plan as PDF and as ODF")]


def test_a_page_that_is_published_tomorrow_is_refused(stage: Stage) -> None:
    instance = stage.start("plan_publication", publication_reason="first")
    proof = {
        "url": "https://www.bsmi.gov.tw/khh/114", "page_title": "114年度計畫",
        "published_at": "2025-02-11T09:00:00+08:00", "formats": ["pdf", "odf"],
        "screenshot": [stage.file("web_owner")],
    }  # fmt: skip
    faults = stage.faults("web_owner", instance, "publish_web", **proof)
    assert faults == [("published_at", "This moment lies in the future")]


def test_an_address_without_https_is_refused(stage: Stage) -> None:
    instance = stage.start("plan_publication", publication_reason="first")
    proof = {
        "url": "http://www.bsmi.gov.tw/khh/114", "page_title": "114年度計畫",
        "published_at": "2025-02-10T09:00:00+08:00", "formats": ["pdf", "odf"],
        "screenshot": [stage.file("web_owner")],
    }  # fmt: skip
    faults = stage.faults("web_owner", instance, "publish_web", **proof)
    assert faults == [("url", "Write it like this: https:// 開頭的網址")]


def test_a_closed_place_postpones_with_a_reason_to_a_later_working_day(stage: Stage) -> None:
    instance = stage.start("plan_publication", publication_reason="first")
    stage.complete(
        "counter_owner.penghu", instance, "post_at_place@penghu", outcome="postponed",
        postpone_reason="颱風停止上班", new_due_on="2025-02-20",
    )  # fmt: skip
    task = stage.task(instance, "post_at_place@penghu")
    assert (task.due_at or stage.clock.now()).date().isoformat() == "2025-02-20"


def test_a_place_cannot_be_postponed_to_a_holiday(stage: Stage) -> None:
    instance = stage.start("plan_publication", publication_reason="first")
    faults = stage.faults(
        "counter_owner.penghu", instance, "post_at_place@penghu", outcome="postponed",
        postpone_reason="颱風停止上班", new_due_on="2025-02-28",
    )  # fmt: skip
    assert faults == [("new_due_on", "Choose a working day after today")]


def test_a_postponement_needs_its_reason(stage: Stage) -> None:
    instance = stage.start("plan_publication", publication_reason="first")
    faults = stage.faults(
        "counter_owner.penghu", instance, "post_at_place@penghu", outcome="postponed", new_due_on="2025-02-20"
    )
    assert faults == [("postpone_reason", "This entry is required")]


def test_a_place_belongs_to_its_own_counter(stage: Stage) -> None:
    instance = stage.start("plan_publication", publication_reason="first")
    task = stage.task(instance, "post_at_place@penghu")
    assert [(c.role, c.unit) for c in task.candidates] == [("counter_owner", "penghu")]


def test_the_owners_are_reminded_and_the_secretariat_hears_when_it_is_late(stage: Stage) -> None:
    stage.start("plan_publication", publication_reason="first")
    stage.move_to("2025-02-13T12:00")
    reminded = sorted({user for user, _ in stage.mailed()})
    stage.move_to("2025-02-18T12:00")
    assert (reminded, ("sec_chief", "公開於網站") in stage.mailed()) == (
        ["counter_owner.kinmen", "counter_owner.penghu", "counter_owner.registration", "web_owner"],
        True,
    )


def test_a_wrong_version_found_later_is_published_again_and_the_old_proof_stays(stage: Stage) -> None:
    publish_everything(stage, stage.start("plan_publication", publication_reason="first"))
    execution = stage.start("plan_execution")
    stage.act(
        "sec_handler", execution, "correct_publication", wrong_place="web", found_on="2025-02-10",
        reason="網頁上仍為核備前之版本",
    )  # fmt: skip
    again = stage.instances("plan_publication")[-1]
    publish_everything(stage, again)
    proofs = stage.engine.ask(
        stage.engine.actor("sec_handler"),
        lambda reader: reader.documents.versions(PLAN_KEY, "publication", "web"),
    )
    assert (stage.has_ended(again), stage.state(), len(proofs)) == (True, "executing", 4)


def test_a_first_publication_and_a_correction_have_titles_of_their_own(stage: Stage) -> None:
    stage.start("plan_publication", publication_reason="first")
    execution = stage.start("plan_execution")
    stage.act(
        "sec_handler", execution, "correct_publication", wrong_place="web", found_on="2025-02-10",
        reason="網頁上仍為核備前之版本",
    )  # fmt: skip
    titles = stage.engine.ask(SYSTEM, lambda reader: [
        reader.instances.get(id).title for id in stage.instances("plan_publication")
    ])  # fmt: skip
    assert titles == ["114年度提升服務效能執行計畫公開", "114年度提升服務效能執行計畫更正公開"]


def test_the_correction_can_be_asked_for_more_than_once(stage: Stage) -> None:
    execution = stage.start("plan_execution")
    for _ in range(2):
        stage.act(
            "sec_handler", execution, "correct_publication", wrong_place="web", found_on="2025-02-10",
            reason="網頁上仍為核備前之版本",
        )  # fmt: skip
    assert len(stage.instances("plan_publication")) == 2


def test_without_any_service_place_nothing_is_published(stage: Stage) -> None:
    stage.set("service_places", [])
    with pytest.raises(ProcessFailed) as failure:
        stage.start("plan_publication", publication_reason="first")
    assert failure.value.reason == "no service place is set, and 伍.一 asks for publication at service places"


def test_a_place_that_is_due_tomorrow_is_not_reminded_at_once(stage: Stage) -> None:
    instance = stage.start("plan_publication", publication_reason="first")
    stage.complete(
        "counter_owner.penghu", instance, "post_at_place@penghu", outcome="postponed",
        postpone_reason="颱風停止上班", new_due_on="2025-02-11",
    )  # fmt: skip
    stage.move_to("2025-02-10T11:00")
    assert stage.mailed() == []


def test_who_published_does_not_verify_it(stage: Stage) -> None:
    stage.grant("web_owner", "sec_handler", "secretariat")
    publication = stage.start("plan_publication", publication_reason="first")
    publish_web(stage, publication)
    with pytest.raises(NotPermitted):
        stage.complete("web_owner", publication, "verify_web", result="fits")
    verify(stage, publication, "verify_web")
