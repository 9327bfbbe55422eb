"""The administration: accounts, units, definitions and calendars through their pages."""

import json
from datetime import date, timedelta
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from engine.domain.identity import SYSTEM, Agency, Membership, Unit, UnitKind, User
from engine.settings import WORKFLOWS
from tests.webapp.office import PASSWORD, Office

NEW = {"user_id": "lin.wen", "name": "林文", "title": "科員", "email": "", "password": "First-Password-115"}


@pytest.fixture
def admin(office: Office) -> FlaskClient:
    return office.client("sysadmin")


def user(office: Office, user_id: str) -> User | None:
    return office.engine.ask(SYSTEM, lambda reader: reader.organisation.find_user(user_id))


def test_a_new_account_signs_in_and_has_to_choose_its_own_password(
    office: Office, admin: FlaskClient
) -> None:
    answer = admin.post("/admin/users", data=NEW)
    assert answer.headers["Location"] == "/admin/users/lin.wen"
    stranger = office.stranger()
    stranger.post("/login", data={"user_id": "lin.wen", "password": NEW["password"]})
    assert stranger.get("/").headers["Location"] == "/account/password"


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"user_id": "Lin Wen"}, "請用小寫英文字母、數字、底線與點，以字母開頭"),
        ({"user_id": "director"}, "director"),
        ({"name": " "}, "這一欄必填"),
        ({"password": "short"}, "至少12個字元"),
    ],
)
def test_a_refused_account_keeps_what_was_entered(
    office: Office, admin: FlaskClient, changed: dict[str, str], fault: str
) -> None:
    answer = admin.post("/admin/users", data={**NEW, **changed})
    assert (answer.status_code, fault in answer.text, 'value="科員"' in answer.text) == (422, True, True)
    assert user(office, "lin.wen") is None


def test_a_person_is_renamed(office: Office, admin: FlaskClient) -> None:
    admin.post(
        "/admin/users/director", data={"name": "許國棟", "title": "代理分局長", "email": "a@b.example"}
    )
    changed = user(office, "director")
    assert changed is not None
    assert (changed.name, changed.title) == ("許國棟", "代理分局長")


def test_nobody_smuggles_another_field_into_an_account(office: Office, admin: FlaskClient) -> None:
    admin.post(
        "/admin/users/director",
        data={"name": "許國棟", "title": "", "email": "", "active": "no", "role": "sysadmin", "id": "x"},
    )
    assert office.client("director").get("/admin/users").status_code == 403


def test_a_role_is_given_from_one_day_to_another(office: Office, admin: FlaskClient) -> None:
    admin.post(
        "/admin/users/director/roles",
        data={"role": "registry", "unit": "secretariat", "valid_from": "115/2/1", "valid_to": "1150228"},
    )
    held = office.engine.ask(SYSTEM, lambda reader: reader.organisation.memberships("director"))
    assert held[-1] == Membership(
        user_id="director", role="registry", unit="secretariat",
        valid_from=date(2026, 2, 1), valid_to=date(2026, 2, 28),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"valid_from": "yesterday"}, "請填日期"),
        ({"role": "king"}, "請選擇其中一項"),
        ({"unit": "nowhere"}, "請選擇其中一項"),
        ({"valid_to": "114/1/1"}, "結束日早於開始日"),
        ({"role": "bureau_sec_handler"}, "這個角色與單位分屬不同機關"),
    ],
)
def test_a_role_that_makes_no_sense_is_refused(
    admin: FlaskClient, changed: dict[str, str], fault: str
) -> None:
    given = {"role": "registry", "unit": "secretariat", "valid_from": "115/2/1", "valid_to": "", **changed}
    answer = admin.post("/admin/users/director/roles", data=given)
    assert (answer.status_code, fault in answer.text) == (422, True)


def test_nobody_gives_a_role_to_themselves(admin: FlaskClient) -> None:
    given = {"role": "director", "unit": "head", "valid_from": "115/2/1", "valid_to": ""}
    assert admin.post("/admin/users/sysadmin/roles", data=given).status_code == 403


def test_a_role_ends_today(office: Office, admin: FlaskClient) -> None:
    (held,) = office.engine.ask(SYSTEM, lambda reader: reader.organisation.memberships("registry"))
    given = {"role": held.role, "unit": held.unit, "valid_from": held.valid_from.isoformat()}
    admin.post("/admin/users/registry/roles/end", data=given)
    (ended,) = office.engine.ask(SYSTEM, lambda reader: reader.organisation.memberships("registry"))
    assert ended.valid_to == date(2026, 1, 28)


def test_an_account_is_disabled_and_enabled(office: Office, admin: FlaskClient) -> None:
    states = []
    for verb in ("disable", "enable"):
        admin.post(f"/admin/users/director/{verb}")
        found = user(office, "director")
        states.append(found.active if found else None)
    assert states == [False, True]


def test_a_password_that_was_set_for_somebody_is_a_first_password(office: Office, admin: FlaskClient) -> None:
    admin.post("/admin/users/director/password", data={"password": "Set-By-Somebody-115"})
    stranger = office.stranger()
    assert stranger.post("/login", data={"user_id": "director", "password": PASSWORD}).status_code == 422
    stranger.post("/login", data={"user_id": "director", "password": "Set-By-Somebody-115"})
    assert stranger.get("/inbox").headers["Location"] == "/account/password"


def test_a_unit_is_added_renamed_and_closed(office: Office, admin: FlaskClient) -> None:
    new = {"unit_id": "tech_d", "label": "檢驗業務科丁", "position": "9", "kind": "line", "agency": "branch"}
    admin.post("/admin/units", data=new)
    admin.post("/admin/units/tech_d", data={**new, "label": "檢驗科", "active": "no"})
    assert office.engine.ask(SYSTEM, lambda reader: reader.organisation.unit("tech_d")) == Unit(
        id="tech_d", label="檢驗科", kind=UnitKind.LINE, agency=Agency.BRANCH, position=9, active=False
    )


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"unit_id": "kinmen"}, "kinmen"),
        ({"unit_id": "金門"}, "請用小寫英文字母"),
        ({"label": ""}, "這一欄必填"),
        ({"position": "first"}, "請填整數"),
        ({"kind": "palace"}, "請選擇其中一項"),
    ],
)
def test_a_unit_that_makes_no_sense_is_refused(
    admin: FlaskClient, changed: dict[str, str], fault: str
) -> None:
    new = {"unit_id": "tech_d", "label": "檢驗科", "position": "9", "kind": "line", "agency": "branch"}
    answer = admin.post("/admin/units", data={**new, **changed})
    assert (answer.status_code, fault in answer.text) == (422, True)


def test_a_deployment_with_a_fault_is_refused_with_its_place(admin: FlaskClient) -> None:
    files = {"files": (BytesIO(b"<bpmn/>"), "broken.bpmn")}
    answer = admin.post("/admin/definitions", data=files)
    assert (answer.status_code, "broken.bpmn:1" in answer.text) == (422, True)


def test_a_deployment_without_files_is_refused(admin: FlaskClient) -> None:
    answer = admin.post("/admin/definitions", data={})
    assert (answer.status_code, "請選擇要部署的檔案" in answer.text) == (422, True)


def test_a_whole_set_of_files_is_deployed(office: Office, admin: FlaskClient) -> None:
    paths = [path for path in WORKFLOWS.rglob("*") if path.suffix in {".bpmn", ".dmn", ".json"}]
    files = [
        (BytesIO(path.read_bytes() + (b"\n" if path.suffix == ".json" else b"")), path.name) for path in paths
    ]
    sent = EnvironBuilder(path="/admin/definitions", method="POST", data={"files": files}).get_environ()
    with sent["wsgi.input"]:
        answer = admin.open(sent)
    assert answer.status_code == 302, answer.text
    newest = office.engine.ask(SYSTEM, lambda reader: reader.definitions.latest("plan_drafting"))
    assert newest.version == 2


def published(year: int) -> bytes:
    """A year's table in the form in which the government publishes it, with New Year's Day off."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=n) for n in range(366) if (first + timedelta(days=n)).year == year)
    lines = (f"{on:%Y%m%d},,{2 if on.weekday() > 4 or on == first else 0}," for on in days)
    return "\n".join(("西元日期,星期,是否放假,備註", *lines)).encode()


def test_a_published_table_is_imported(office: Office, admin: FlaskClient) -> None:
    given = {"source": "公布於115年6月", "confirmed": "yes", "table": (BytesIO(published(2029)), "118年.csv")}
    assert admin.post("/admin/calendar", data=given).status_code == 302
    table = office.engine.ask(SYSTEM, lambda reader: reader.calendars.tables()[2029])
    assert table == {
        "holidays": ["2029-01-01"], "workdays": [], "source": "公布於115年6月", "confirmed": True
    }  # fmt: skip


def test_a_day_on_which_work_is_stopped_is_entered(admin: FlaskClient) -> None:
    given = {"day": "115/7/10", "basis": "高雄市政府115年7月9日公告"}
    answer = admin.post("/admin/calendar/closures", data=given, follow_redirects=True)
    assert "停止上班 07/10 (五) 高雄市政府115年7月9日公告" in " ".join(
        BeautifulSoup(answer.text, "html.parser").stripped_strings
    )


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_table_that_comes_anew_keeps_the_days_on_which_work_was_stopped(
    office: Office, admin: FlaskClient, forgotten: bool
) -> None:
    for day, basis in (("118/7/10", "颱風公告"), ("118/7/11", "地震公告")):
        table = (BytesIO(published(2029)), "118年.csv")
        asked = {"forget_closures": "yes"} if forgotten else {}
        given = {"source": "公布於115年6月", "confirmed": "yes", "table": table, **asked}
        assert admin.post("/admin/calendar", data=given).status_code == 302
        assert admin.post("/admin/calendar/closures", data={"day": day, "basis": basis}).status_code == 302
    calendar = office.engine.ask(SYSTEM, lambda reader: reader.calendar)
    first, second = date(2029, 7, 10), date(2029, 7, 11)
    kept = {} if forgotten else {first: "颱風公告"}
    assert calendar.closures(2029) == {**kept, second: "地震公告"}
    assert calendar.is_working_day(first) is forgotten


def test_a_day_that_is_missing_is_asked_for(admin: FlaskClient) -> None:
    answer = admin.post("/admin/calendar/closures", data={"day": "", "basis": "公告"})
    assert (answer.status_code, "請填日期" in answer.text, "不是正確的日期" in answer.text) == (
        422,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"day": "7月10日", "basis": "公告"}, "f-day"),
        ({"day": "115/7/10", "basis": ""}, "f-basis"),
        ({"day": "115/7/11", "basis": "公告"}, "f-day"),
    ],
)
def test_a_day_that_is_wrong_is_not_entered(admin: FlaskClient, given: dict[str, str], fault: str) -> None:
    answer = admin.post("/admin/calendar/closures", data=given)
    assert (answer.status_code, f'href="#{fault}"' in answer.text) == (422, True)
    assert given["basis"] in answer.text


def test_a_table_in_json_needs_its_year(office: Office, admin: FlaskClient) -> None:
    table = json.dumps({"holidays": [], "workdays": []}).encode()
    given = {"source": "試算", "confirmed": "no", "year": "119"}
    answer = admin.post("/admin/calendar", data={**given, "table": (BytesIO(table), "t.json")})
    assert answer.status_code == 302
    assert 2030 in office.engine.ask(SYSTEM, lambda reader: reader.calendars.tables())


@pytest.mark.parametrize(
    ("name", "body", "changed", "fault"),
    [
        ("t.json", b"{", {}, "這不是辦公日曆表"),
        ("t.json", b"[]", {}, "這不是辦公日曆表"),
        ("t.json", b"{}", {"year": "next"}, "請填年度"),
        ("t.json", b'{"holidays":["2030-01-05"],"workdays":[]}', {}, "是週末，本來就放假"),
        ("t.csv", b"x", {}, "表格須為同一年的日期"),
        ("t.csv", published(2029), {"source": ""}, "請填由誰、何時公布"),
        ("", b"", {}, "請選擇年度表"),
    ],
    ids=["no json", "a list", "no year", "a weekend", "no table", "no source", "no file"],
)
def test_a_table_that_makes_no_sense_is_refused(
    admin: FlaskClient, name: str, body: bytes, changed: dict[str, str], fault: str
) -> None:
    given = {"source": "試算", "confirmed": "no", "year": "119", **changed, "table": (BytesIO(body), name)}
    answer = admin.post("/admin/calendar", data=given)
    assert (answer.status_code, fault in answer.text) == (422, True)
