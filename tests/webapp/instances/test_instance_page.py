import re

import pytest
from lxml import etree, html

from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.instance import InstanceState
from tests.engine.queries.scene import WHY
from tests.webapp.instances.conftest import Office

REASON = "總局來函要求暫緩辦理，俟通知後再行續辦。"


def shown(office: Office, user: str = "sec_handler", query: str = "") -> html.HtmlElement:
    answer = office.client(user).get(f"/instances/{office.instance}{query}")
    assert answer.status_code == 200
    return html.fromstring(answer.get_data(as_text=True))


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_first_sentence_says_who_owes_what_until_when(office: Office) -> None:
    (here,) = shown(office).find_class("here")
    assert words(here) == (
        "報驗發證科 服務場所負責人 自114/02/10 (一) 10:00起待辦「張貼公告」，期限02/17 (一)；另有3件待辦剩3日"
    )


def test_the_timeline_tells_what_people_did_the_latest_first(office: Office) -> None:
    (timeline,) = shown(office).find_class("tl")
    told = [words(item) for item in timeline.xpath(".//ol/li/div")]
    assert told[0] == "counter_owner.kinmen 金門辦事處 科員完成了「張貼公告」"
    assert told[2] == f"sec_handler 科員完成了「查核網站公開」：不符「{WHY}」"


def test_everything_shows_every_event(office: Office) -> None:
    (timeline,) = shown(office, query="?show=all").find_class("tl")
    seq = office.engine.ask(SYSTEM, lambda reader: reader.instances.get(office.instance)).seq
    assert len(timeline.xpath(".//ol/li")) == seq


def test_signatures_and_returns_can_be_shown_alone(office: Office) -> None:
    (timeline,) = shown(office, query="?show=signing").find_class("tl")
    assert [words(item) for item in timeline.xpath(".//ol/li[@class='warn']/div")] == [
        f"sec_handler 科員完成了「查核網站公開」：不符「{WHY}」"
    ]


def test_the_diagram_marks_what_is_done_and_under_way(office: Office) -> None:
    page = shown(office)
    states = {g.get("data-element"): g.get("class") for g in page.xpath("//svg//g[@data-element]")}
    assert (states["publish_web"], states["verify_web"], states["publication_end"]) == (
        "done",
        "active",
        "wait",
    )


def test_another_process_of_the_instance_can_be_drawn(office: Office) -> None:
    page = shown(office, query="?process=place_posting")
    assert page.xpath("//svg//g[@data-element='post_at_place']/@class") == ["active"]


def test_a_process_that_is_not_part_of_it_is_not_drawn(office: Office) -> None:
    page = shown(office, query="?process=plan_drafting")
    assert page.xpath("//svg//g[@data-element='publish_web']/@class") == ["done"]


@pytest.mark.parametrize("path", ["", "/diagram.svg", "/actions/recalled"])
def test_people_of_another_agency_find_nothing(office: Office, path: str) -> None:
    assert office.client("bureau_sec_handler").get(f"/instances/{office.instance}{path}").status_code == 404


def test_the_picture_by_itself_is_well_formed_and_styled_by_this_server(office: Office) -> None:
    answer = office.client("sec_handler").get(f"/instances/{office.instance}/diagram.svg")
    root = etree.fromstring(answer.get_data())
    assert (answer.mimetype, root.tag) == ("image/svg+xml", "{http://www.w3.org/2000/svg}svg")
    assert re.findall(r'href="(/static/[a-z.]+)"', answer.get_data(as_text=True)) == [
        "/static/planflow.css",
        "/static/diagram.css",
    ]


def test_the_picture_shows_an_earlier_moment(office: Office) -> None:
    answer = office.client("sec_handler").get(f"/instances/{office.instance}/diagram.svg?at=1")
    root = etree.fromstring(answer.get_data())
    states = [g.get("class") for g in root.iter("{*}g") if g.get("data-element") == "verify_web"]
    assert states == ["wait"]


def test_a_moment_that_never_was_is_not_found(office: Office) -> None:
    answer = office.client("sec_handler").get(f"/instances/{office.instance}/diagram.svg?at=9999")
    assert answer.status_code == 404


def test_urging_is_recorded(office: Office) -> None:
    client = office.client("sec_handler")
    task = office.engine.ask(SYSTEM, lambda reader: reader.tasks.open_of_instance(office.instance))[0]
    answer = client.post(f"/instances/{office.instance}/urge/{task.id}", data={"note": "請儘速辦理"})
    event = office.engine.ask(
        SYSTEM, lambda reader: reader.history.last_of_type(office.instance, EventType.TASK_URGED)
    )
    assert answer.status_code == 302
    assert event is not None
    assert event.task_id == task.id


def test_who_may_not_urge_is_refused(office: Office) -> None:
    task = office.engine.ask(SYSTEM, lambda reader: reader.tasks.open_of_instance(office.instance))[0]
    answer = office.client("web_owner").post(
        f"/instances/{office.instance}/urge/{task.id}", data={"note": ""}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("verbs", "state"),
    [
        (["cancel"], InstanceState.CANCELLED),
        (["suspend"], InstanceState.SUSPENDED),
        (["suspend", "resume"], InstanceState.RUNNING),
    ],
)
def test_the_director_steers_with_a_reason(office: Office, verbs: list[str], state: InstanceState) -> None:
    client = office.client("director")
    for verb in verbs:
        client.post(f"/instances/{office.instance}/{verb}", data={"reason": REASON})
    assert office.engine.ask(SYSTEM, lambda reader: reader.instances.get(office.instance)).state is state


def test_a_short_reason_is_refused_and_kept_on_the_page(office: Office) -> None:
    answer = office.client("director").post(f"/instances/{office.instance}/cancel", data={"reason": "算了"})
    page = html.fromstring(answer.get_data(as_text=True))
    assert (answer.status_code, page.get_element_by_id("f-reason").text.strip()) == (422, "算了")


def test_who_may_not_steer_is_offered_nothing_and_refused(office: Office) -> None:
    client = office.client("web_owner")
    page = html.fromstring(client.get(f"/instances/{office.instance}").get_data(as_text=True))
    refused = client.post(f"/instances/{office.instance}/cancel", data={"reason": REASON})
    assert (page.find_class("steer"), refused.status_code) == ([], 403)


def test_process_data_is_for_those_who_may_read_the_history(office: Office) -> None:
    found = [
        len(shown(office, user).xpath("//dl[contains(@class,'data')]"))
        for user in ("sec_handler", "web_owner")
    ]
    assert found == [1, 0]


def test_the_list_shows_what_the_person_may_see(office: Office) -> None:
    pages = [
        html.fromstring(office.client(user).get("/instances").get_data(as_text=True))
        for user in ("sec_handler", "bureau_sec_handler")
    ]
    assert [len(page.xpath("//ul[@class='rows']/li")) for page in pages] == [1, 0]
    assert len(pages[1].find_class("empty")) == 1


def test_the_list_can_be_narrowed_to_a_state(office: Office) -> None:
    answer = office.client("sec_handler").get("/instances?state=completed")
    assert len(html.fromstring(answer.get_data(as_text=True)).find_class("empty")) == 1
