from pathlib import Path

import pytest
from lxml import etree

from engine.documents.diagram import DiagramProgress, DiagramWords, draw_diagram
from engine.documents.label_text import width_of
from engine.domain.instance import ElementMark
from engine.settings import WORKFLOWS

HERE = Path(__file__).parent
SVG = "{http://www.w3.org/2000/svg}"
EVERY_CONSTRUCT = (HERE / "every_construct.bpmn").read_bytes()
ATTACK = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def drawn(source: bytes = EVERY_CONSTRUCT, **wishes: object) -> etree._Element:
    return etree.fromstring(draw_diagram(source, **wishes))  # type: ignore[arg-type]


def group_of(root: etree._Element, element: str) -> etree._Element:
    return next(g for g in root.iter(SVG + "g") if g.get("id") == f"bp-{element}")


def parts(root: etree._Element, element: str) -> list[str]:
    return [
        f"{etree.QName(part).localname}.{part.get('class', '')}".rstrip(".")
        for part in group_of(root, element)
        if etree.QName(part).localname not in ("title", "text")
    ]


def texts(root: etree._Element, element: str) -> list[str]:
    return [text.text or "" for text in group_of(root, element).iter(SVG + "text")]


def flow_class(root: etree._Element, flow: str) -> str:
    group = next(g for g in root.iter(SVG + "g") if g.get("data-element") == flow)
    return str(group[0].get("class"))


def labels(root: etree._Element, class_: str) -> list[str]:
    return [text.text or "" for text in root.iter(SVG + "text") if text.get("class") == class_]


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ("begin", ["circle.node"]),
        ("timer_catch", ["circle.node", "circle.ring", "circle.mk", "path.mk"]),
        ("message_catch", ["circle.node", "circle.ring", "path.mk"]),
        ("message_throw", ["circle.node", "circle.ring", "path.mk full fine"]),
        ("late", ["circle.node", "circle.ring beside", "circle.mk", "path.mk"]),
        ("recalled", ["circle.node", "circle.ring", "path.mk"]),
        ("stop", ["circle.node ending", "circle.mk full"]),
        ("failed", ["circle.node ending", "path.mk full"]),
        ("write", ["rect.node", "path.mk fine"]),
        ("record", ["rect.node", "path.mk fine"]),
        ("compute", ["rect.node", "path.mk fine"]),
        ("decide", ["rect.node", "path.mk fine"]),
        ("sign", ["rect.node calling", "path.mk fine", "path.mk"]),
        ("ask", ["rect.node", "path.mk"]),
        ("either", ["polygon.node", "path.mk bold"]),
        ("both", ["polygon.node", "path.mk bold"]),
        ("some", ["polygon.node", "circle.mk bold"]),
        ("first", ["polygon.node", "circle.mk", "polygon.mk"]),
    ],
)
def test_each_construct_has_its_shape_and_mark(element: str, expected: list[str]) -> None:
    assert parts(drawn(), element) == expected


def test_a_drawn_sub_process_is_a_frame_and_a_collapsed_one_a_box_with_a_plus() -> None:
    root = drawn()
    assert (group_of(root, "frame").get("class"), group_of(root, "ask").get("class")) == (
        "frame plain",
        "plain",
    )


def test_lanes_and_pools_name_themselves_in_upright_lines() -> None:
    assert labels(drawn(), "lanename") == ["高雄分局", "秘書室承辦人", "分局長"]


def test_an_organisation_outside_is_a_band_with_its_name() -> None:
    assert [r.get("class") for r in drawn().iter(SVG + "rect") if r.get("class") == "bp-outside"] == [
        "bp-outside"
    ]


@pytest.mark.parametrize(
    ("mark", "state", "seals"),
    [
        (ElementMark(completed=1), "done", ["circle.seal", "path.tickmark"]),
        (ElementMark(completed=3, active=1), "active", ["circle.seal", "path.tickmark"]),
        (ElementMark(cancelled=1), "skip", ["circle.seal", "path.tickmark"]),
        (ElementMark(), "wait", []),
    ],
)
def test_an_element_shows_what_became_of_it(mark: ElementMark, state: str, seals: list[str]) -> None:
    root = drawn(progress=DiagramProgress(marks={"write": mark}))
    assert group_of(root, "write").get("class") == state
    assert parts(root, "write") == ["rect.node", "path.mk fine", *seals]


def test_an_element_that_the_instance_never_met_is_not_reached_yet() -> None:
    assert group_of(drawn(progress=DiagramProgress()), "write").get("class") == "wait"


def test_a_note_stands_inside_the_shape_below_its_name() -> None:
    root = drawn(progress=DiagramProgress(notes={"write": "許國棟1日"}))
    assert texts(root, "write") == ["撰寫計畫", "許國棟1日"]


def test_flows_tell_whether_they_were_taken() -> None:
    root = drawn(progress=DiagramProgress(flows={"f_begin_write": 1}))
    assert (flow_class(root, "f_begin_write"), flow_class(root, "f_write_either")) == ("edge", "edge no")


def test_a_return_is_marked_and_counted() -> None:
    words = DiagramWords(times="{name}{count}次")
    root = drawn(progress=DiagramProgress(flows={"f_either_write": 3}), words=words)
    assert flow_class(root, "f_either_write") == "edge back"
    assert labels(root, "elab back") == ["退件3次"]


def test_without_an_instance_the_model_is_plain() -> None:
    root = drawn()
    assert (group_of(root, "write").get("class"), flow_class(root, "f_begin_write")) == ("plain", "edge")


def test_the_picture_has_a_role_and_a_title() -> None:
    root = drawn(words=DiagramWords(title="115年度計畫研訂"))
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "bp-title")
    assert (root[0].get("id"), root[0].text) == ("bp-title", "115年度計畫研訂")


def test_the_title_of_an_element_tells_its_name_its_state_and_its_note() -> None:
    progress = DiagramProgress(marks={"write": ElementMark(active=1)}, notes={"write": "許國棟"})
    root = drawn(progress=progress, words=DiagramWords(states={"active": "進行中"}))
    assert group_of(root, "write")[0].text == "撰寫計畫，進行中，許國棟"


def test_elements_carry_their_id() -> None:
    assert group_of(drawn(), "write").get("data-element") == "write"


def test_ids_of_two_pictures_in_one_page_differ() -> None:
    ids = [{e.get("id") for e in drawn(prefix=prefix).iter() if e.get("id")} for prefix in ("a", "b")]
    assert ids[0] & ids[1] == set()


def test_a_call_carries_the_address_of_what_it_calls() -> None:
    root = drawn(links={"internal_signoff": "?process=internal_signoff"})
    assert group_of(root, "sign").get("data-href") == "?process=internal_signoff"


def test_a_call_without_an_address_leads_nowhere() -> None:
    assert group_of(drawn(), "sign").get("data-href") is None


def test_nothing_in_the_picture_has_a_style_or_a_script() -> None:
    attributes = {name for element in drawn(progress=DiagramProgress()).iter() for name in element.attrib}
    assert {name for name in attributes if str(name).startswith(("style", "on"))} == set()


def test_names_cannot_bring_markup_into_the_page() -> None:
    escaped = ATTACK.replace("<", "&lt;").replace('"', "&quot;")
    source = EVERY_CONSTRUCT.replace("撰寫計畫".encode(), escaped.encode())
    words = DiagramWords(title=ATTACK, times=ATTACK, states={"active": ATTACK})
    progress = DiagramProgress(
        marks={"write": ElementMark(active=1)}, flows={"f_either_write": 1}, notes={"write": ATTACK}
    )
    svg = draw_diagram(source, progress=progress, words=words)
    assert ("<script" in svg, "<img" in svg) == (False, False)
    assert (group_of(etree.fromstring(svg), "write")[0].text or "").startswith(ATTACK)


def test_a_note_with_control_characters_is_cleaned() -> None:
    assert texts(drawn(progress=DiagramProgress(notes={"write": "許\x00國棟"})), "write")[-1] == "許國棟"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"<broken", "not well-formed"),
        (b"", "not well-formed"),
        (b'<!DOCTYPE a [<!ENTITY e "boom">]><a>&e;</a>', "document type"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "no diagram"),
        (EVERY_CONSTRUCT.replace(b'x="240"', b'x="1e300"'), "coordinate"),
        (EVERY_CONSTRUCT.replace(b'x="240"', b'x="nan"'), "coordinate"),
        (EVERY_CONSTRUCT.replace(b'x="240"', b'x="left"'), "coordinate"),
    ],
)
def test_a_file_that_cannot_be_drawn_is_refused(source: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        draw_diagram(source)


def test_a_file_outside_is_never_opened() -> None:
    source = b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'
    with pytest.raises(ValueError, match="document type"):
        draw_diagram(source)


SHIPPED = sorted(WORKFLOWS.glob("*.bpmn"))


@pytest.mark.parametrize("file", SHIPPED, ids=[file.stem for file in SHIPPED])
def test_every_shipped_process_is_drawn_whole_and_no_label_leaves_its_box(file: Path) -> None:
    source = file.read_bytes()
    root = drawn(source)
    shown = {element.get("data-element") for element in root.iter() if element.get("data-element")}
    tree = etree.fromstring(source)
    tags = ("Task", "Event", "Gateway", "callActivity", "subProcess", "sequenceFlow")
    wanted = {
        e.get("id")
        for e in tree.iter(etree.Element)
        if etree.QName(e).localname.endswith(tags) and e.get("id")
    }
    assert shown == wanted
    for box in root.iter(SVG + "rect"):
        group = box.getparent()
        if (
            group is not None
            and group.tag == SVG + "g"
            and not (group.get("class") or "").startswith("frame")
        ):
            widths = [
                width_of(t.text or "") * (12 if t.get("class") else 13) for t in group.iter(SVG + "text")
            ]
            assert max(widths) <= float(box.get("width", "0"))
