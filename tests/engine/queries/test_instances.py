import json
import zlib
from dataclasses import replace
from datetime import date

import pytest

from engine.clock import FixedClock
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.instance import ElementMark, InstanceState
from engine.engine import Engine
from engine.errors import NotFound
from engine.queries import instances
from engine.queries.instance_actions import action_page
from engine.queries.instance_state import first_broken_link, present_view, view_after
from engine.queries.instances import InstancePage
from engine.store import tables
from engine.store.unit_of_work import Reader, UnitOfWork
from tests.engine.queries.scene import WHY, Scene, play


def page(scene: Scene, user: str = "sec_handler") -> InstancePage:
    return scene.engine.ask(scene.engine.actor(user), instances.page, scene.instance)


def test_the_page_names_the_open_tasks_the_most_urgent_first(scene: Scene) -> None:
    found = [(line.task.element_id, line.due_on, line.days_left) for line in page(scene).open_tasks]
    assert found == [
        ("post_at_place", date(2025, 2, 17), 3),
        ("post_at_place", date(2025, 2, 17), 3),
        ("verify_web", None, None),
        ("verify_place", None, None),
    ]


def test_an_open_task_tells_which_role_of_which_unit_is_wanted(scene: Scene) -> None:
    assert page(scene).open_tasks[0].wanted == (("服務場所負責人", "registration"),)


def test_only_who_may_see_a_task_may_open_it_from_the_page(scene: Scene) -> None:
    assert [line.may_open for line in page(scene).open_tasks] == [False, False, True, True]


def test_the_timeline_tells_a_return_with_its_reason(scene: Scene) -> None:
    returned = [(row.element, row.verdict, row.quote) for row in page(scene).rows if row.is_return]
    assert returned == [("查核網站公開", "不符", WHY)]


def test_the_timeline_has_every_event_in_order(scene: Scene) -> None:
    shown = page(scene)
    assert [row.seq for row in shown.rows] == list(range(1, shown.instance.seq + 1))


def test_the_first_row_is_the_start(scene: Scene) -> None:
    first = page(scene).rows[0]
    assert (first.type, first.by_system) == (EventType.INSTANCE_STARTED, True)


def test_people_are_listed_with_the_role_in_which_they_acted(scene: Scene) -> None:
    assert [(p.user.id, p.role_label) for p in page(scene).participants] == [
        ("web_owner", "網頁負責人"),
        ("sec_handler", "秘書室承辦人"),
        ("counter_owner.kinmen", "服務場所負責人"),
    ]


def test_time_is_told_per_step_the_longest_first(scene: Scene) -> None:
    assert [(stage.label, stage.times, stage.is_open) for stage in page(scene).stages] == [
        ("張貼公告", 3, True),
        ("公開於網站", 2, False),
        ("查核網站公開", 2, True),
        ("查核場所公告", 1, True),
    ]


def test_files_of_forms_and_files_that_steps_made_are_listed_once(scene: Scene) -> None:
    assert [file["name"] for file in page(scene).files] == [
        "photo.png",
        "114年度提升服務效能執行計畫-第1版.odt",
    ]


def test_documents_are_listed_in_their_latest_version(scene: Scene) -> None:
    assert [(ref.kind, ref.key, ref.no) for ref in page(scene).documents] == [
        ("publication", "counter_kinmen", 1),
        ("publication", "web", 3),
    ]


def test_the_processes_that_were_reached_can_be_chosen(scene: Scene) -> None:
    found = [(process.key, process.is_active) for process in page(scene).processes]
    assert found == [("plan_publication", True), ("place_posting", True)]


def test_the_chain_holds(scene: Scene) -> None:
    assert page(scene).broken_link is None


def test_a_changed_event_is_named(scene: Scene) -> None:
    shown = page(scene)
    events = scene.engine.ask(SYSTEM, lambda reader: reader.history.events(scene.instance))
    events[6] = replace(events[6], data="{}")
    assert first_broken_link(shown.instance, events) == 7


def test_a_missing_tail_is_named(scene: Scene) -> None:
    shown = page(scene)
    events = scene.engine.ask(SYSTEM, lambda reader: reader.history.events(scene.instance))
    assert first_broken_link(shown.instance, events[:-1]) == shown.instance.seq


@pytest.mark.parametrize("user", ["bureau_sec_handler", "bureau_sec_chief"])
def test_people_of_another_agency_are_told_that_there_is_nothing(scene: Scene, user: str) -> None:
    with pytest.raises(NotFound):
        page(scene, user)


def test_an_instance_that_does_not_exist_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound):
        scene.engine.ask(SYSTEM, instances.page, 99_999)


@pytest.mark.parametrize(
    ("user", "rights"),
    [
        ("sec_handler", (False, False, True, True)),
        ("director", (True, True, False, True)),
        ("sec_chief", (False, True, True, True)),
        ("web_owner", (False, False, False, False)),
    ],
)
def test_what_may_be_done_follows_from_the_role(scene: Scene, user: str, rights: tuple[bool, ...]) -> None:
    shown = page(scene, user)
    assert (shown.may_cancel, shown.may_suspend, shown.may_urge, shown.may_see_variables) == rights


def test_the_diagram_shows_what_was_done_by_now(scene: Scene) -> None:
    now = scene.engine.ask(SYSTEM, instances.diagram, scene.instance)
    assert (now.process, now.marks["publish_web"]) == ("plan_publication", ElementMark(completed=2))


def test_the_diagram_shows_an_earlier_moment(scene: Scene) -> None:
    first = next(row for row in page(scene).rows if row.type is EventType.TASK_COMPLETED)
    then = scene.engine.ask(SYSTEM, instances.diagram, scene.instance, at=first.seq - 1)
    assert then.marks["publish_web"] == ElementMark(active=1)


@pytest.mark.parametrize("wanted", [{"at": 0}, {"at": 10_000}, {"process": "internal"}])
def test_a_diagram_of_what_does_not_exist_is_not_found(scene: Scene, wanted: dict[str, object]) -> None:
    with pytest.raises(NotFound):
        scene.engine.ask(SYSTEM, instances.diagram, scene.instance, **wanted)  # type: ignore[arg-type]


def test_the_state_without_a_snapshot_is_the_one_with_it(sqlite_url: str, clock: FixedClock) -> None:
    engine = Engine(sqlite_url, clock, snapshot_every=2)
    scene = play(engine, clock)
    assert engine.ask(SYSTEM, _view, scene.instance, False) == engine.ask(SYSTEM, _view, scene.instance, True)
    engine.close()


def _view(reader: Reader, instance_id: int, from_start: bool) -> object:
    instance = reader.instances.get(instance_id)
    kept = reader.instances.snapshot(instance_id)
    assert kept is not None
    assert kept[0] > 0
    events = reader.history.events(instance_id)
    if not from_start:
        return view_after(reader, instance, events)
    runtime = reader.memory.runtime
    live = runtime.create(
        reader.definitions.parsed(instance.deployment_id), instance.definition_key, instance_id
    )
    for event in events:
        if event.origin == "cause":
            live.apply(event)
    return live.view()


def test_a_snapshot_of_another_version_of_the_program_is_passed_over(
    sqlite_url: str, clock: FixedClock
) -> None:
    engine = Engine(sqlite_url, clock, snapshot_every=2)
    scene = play(engine, clock)
    before = engine.ask(SYSTEM, _view, scene.instance, True)
    engine.execute(SYSTEM, _spoil_snapshot, scene.instance)
    assert engine.ask(SYSTEM, _view, scene.instance, False) == before
    engine.close()


def _spoil_snapshot(uow: UnitOfWork, instance_id: int) -> None:
    found = uow.instances.snapshot(instance_id)
    assert found is not None
    picture = {**json.loads(zlib.decompress(found[1])), "format": 0}
    row = {"body": zlib.compress(json.dumps(picture).encode())}
    where = tables.snapshot.c.instance_id == instance_id
    uow.transaction.core.execute(tables.snapshot.update().where(where).values(row))


def test_the_list_holds_what_the_reader_may_see(scene: Scene) -> None:
    engine = scene.engine
    seen = [engine.ask(engine.actor(user), instances.index) for user in ("sec_handler", "bureau_sec_handler")]
    assert [[line.instance.id for line in found.lines] for found in seen] == [[scene.instance], []]


def test_the_list_can_be_narrowed(scene: Scene) -> None:
    found = [
        scene.engine.ask(SYSTEM, instances.index, states=(InstanceState.COMPLETED,)),
        scene.engine.ask(SYSTEM, instances.index, definition_key="plan_publication"),
    ]
    assert [len(one.lines) for one in found] == [0, 1]


def test_the_history_is_for_those_who_may_see_the_instance(scene: Scene) -> None:
    engine = scene.engine
    assert len(engine.ask(SYSTEM, instances.history, scene.instance, limit=5)) == 5
    with pytest.raises(NotFound):
        engine.ask(engine.actor("bureau_sec_handler"), instances.history, scene.instance)


def test_an_action_that_nobody_offers_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound):
        scene.engine.ask(scene.engine.actor("sec_handler"), action_page, scene.instance, "recalled")


def executed(reader: Reader, instance_id: int) -> tuple[bool, bool]:
    """Whether the picture is that of the executed history, and whether it is remembered for this moment."""
    instance = reader.instances.get(instance_id)
    known = reader.memory.views.find(instance_id, instance.head) is not None
    events = reader.history.events(instance_id)
    return present_view(reader, instance) == view_after(reader, instance, events), known


def test_a_picture_is_executed_once_for_each_moment(scene: Scene) -> None:
    scene.engine.memory.forget()
    first = scene.engine.ask(SYSTEM, executed, scene.instance)
    again = scene.engine.ask(SYSTEM, executed, scene.instance)
    scene.stage.complete("sec_handler", scene.instance, "verify_web", result="fits")
    moved = scene.engine.ask(SYSTEM, executed, scene.instance)
    assert (first, again, moved) == ((True, False), (True, True), (True, False))
