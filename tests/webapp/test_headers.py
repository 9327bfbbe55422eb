"""What every response carries: security headers, closed cookies, and forms that only our pages can send."""

import pytest
from werkzeug.datastructures import Headers

from tests.webapp.office import PASSWORD, Office
from webapp.app import create_app
from webapp.settings import WebSettings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def headers_of(office: Office, path: str) -> Headers:
    with office.stranger().get(path) as answer:
        return answer.headers


@pytest.mark.parametrize("path", ["/login", "/inbox", "/nothing", "/static/planflow.css", "/api/v1/me"])
def test_every_response_carries_the_security_headers(shared_office: Office, path: str) -> None:
    headers = headers_of(shared_office, path)
    assert {
        name: headers.get(name)
        for name in (
            "Content-Security-Policy",
            "X-Content-Type-Options",
            "X-Frame-Options",
            "Referrer-Policy",
        )
    } == {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
    }


def test_pages_are_kept_by_no_cache_and_static_files_are(shared_office: Office) -> None:
    paths = ("/login", "/static/planflow.css")
    kept = {path: headers_of(shared_office, path)["Cache-Control"] for path in paths}
    assert kept == {"/login": "no-store", "/static/planflow.css": "public, max-age=3600"}


def test_strict_transport_is_off_until_it_is_asked_for(shared_office: Office) -> None:
    assert "Strict-Transport-Security" not in shared_office.stranger().get("/login").headers


def test_over_https_cookies_are_secure_and_browsers_stay_there(shared_office: Office) -> None:
    settings = WebSettings(secret_key="x" * 40, hsts=True, secure_cookies=True)
    app = create_app(shared_office.engine, settings)
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().post("/login", data={"user_id": "director", "password": PASSWORD})
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "; Secure;" in answer.headers["Set-Cookie"]


def test_the_session_cookie_is_closed_to_scripts_and_to_other_sites(shared_office: Office) -> None:
    answer = shared_office.stranger().post("/login", data={"user_id": "director", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert [part.strip() for part in cookie.split(";")[1:]] == ["HttpOnly", "Path=/", "SameSite=Lax"]


@pytest.mark.parametrize("path", ["/login", "/logout", "/admin/users", "/account/password", "/demo/clock"])
def test_a_form_that_is_not_ours_is_refused(shared_office: Office, path: str) -> None:
    app = create_app(shared_office.engine, WebSettings(secret_key="x" * 40, demo=True))
    answer = app.test_client().post(path, data={"user_id": "director", "password": PASSWORD})
    assert (answer.status_code, "請重新整理頁面後再送出" in answer.text) == (400, True)


def test_outside_a_demo_there_is_no_time_machine(shared_office: Office) -> None:
    app = create_app(shared_office.engine, WebSettings(secret_key="x" * 40))
    assert [rule.rule for rule in app.url_map.iter_rules() if "clock" in rule.rule] == []
