"""Somebody who reads pages over HTTP: with a token, or signed in as in a browser."""

import http.client
import re
import urllib.parse
from collections.abc import Callable

_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Visitor:
    """One connection that is kept; RuntimeError for every answer that is no page."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers: dict[str, str] = {}

    def show(self, token: str) -> None:
        """Come with a token of the API."""
        self._headers = {"Authorization": f"Bearer {token}"}

    def sign_in(self, user: str, password: str) -> None:
        """Come with a session, by the page that people use."""
        form = _CSRF.search(self._send("GET", "/login").decode())
        if form is None:
            raise RuntimeError("the sign-in has no form")
        entries = {"user_id": user, "password": password, "csrf_token": form[1]}
        self._headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        self._send("POST", "/login", urllib.parse.urlencode(entries), expected=http.client.FOUND)
        del self._headers["Content-Type"]

    def reads(self, address: str) -> Callable[[], bytes]:
        """Reads one address whenever it is called."""
        return lambda: self._send("GET", address)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _send(
        self, method: str, address: str, body: str | None = None, expected: int = http.client.OK
    ) -> bytes:
        self._connection.request(method, address, body, self._headers)
        answer = self._connection.getresponse()
        read = answer.read()
        if answer.status != expected:
            raise RuntimeError(f"{answer.status} {read[:300]!r}")
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            self._headers["Cookie"] = cookie.partition(";")[0]
        return read
