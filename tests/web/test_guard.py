"""Each rule of who is let in, with the attack that it stops."""

from __future__ import annotations

import socket
from collections.abc import Mapping

import pytest
from clinic_pages import HERE, PORT, browser
from starlette.testclient import TestClient, WebSocketDisconnect

from healthsim.web.guard import LARGEST_BODY, TOKEN_SECONDS, Keys
from healthsim.web.serving import listening
from healthsim.workbench import Workbench

OURS = {"origin": HERE, "sec-fetch-site": "same-origin"}
RENAME = "/s/clinic/change/rename"


def test_it_listens_to_this_machine_only() -> None:
    sockets = listening()
    try:
        names = {sock.getsockname()[0] for sock in sockets}
        ports = {sock.getsockname()[1] for sock in sockets}
        assert names <= {"127.0.0.1", "::1"}
        assert "127.0.0.1" in names
        assert len(ports) == 1
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", ports.pop()))
    finally:
        for sock in sockets:
            sock.close()


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        f"attacker.example:{PORT}",
        "127.0.0.1",
        f"127.0.0.1:{PORT + 1}",
        f"127.0.0.1:{PORT}.attacker.example",
        "",
    ],
)
def test_a_foreign_host_is_refused_before_anything_else(page: TestClient, host: str) -> None:
    """DNS rebinding: the browser thinks that another name is this server."""
    assert page.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_the_names_of_this_machine_are_known(page: TestClient, host: str) -> None:
    assert page.get("/", headers={"host": f"{host}:{PORT}", "cookie": _cookie(page)}).status_code == 200


def _cookie(client: TestClient) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://attacker.example"},
        {"origin": f"https://127.0.0.1:{PORT}"},
        {"origin": f"http://127.0.0.1:{PORT + 1}"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "anything"},
    ],
)
def test_what_another_page_sends_is_refused(page: TestClient, headers: Mapping[str, str]) -> None:
    assert page.get("/", headers=headers).status_code == 403
    assert page.post(RENAME, data={"value": "gone"}, headers=headers).status_code == 403
    assert page.get("/s/clinic").status_code == 200, "nothing was renamed"


def test_a_change_needs_to_say_where_it_comes_from(page: TestClient) -> None:
    assert page.post(RENAME, data={"value": "gone"}).status_code == 403, "no origin at all"
    assert (
        page.post(RENAME, data={"value": "gone"}, headers={"sec-fetch-site": "none", "origin": HERE}).status_code == 403
    )
    assert page.post(RENAME, data={"value": "renamed"}, headers=OURS).status_code == 303
    null = {"origin": "null", "sec-fetch-site": "same-origin"}
    assert page.post("/s/renamed/change/rename", data={"value": "clinic"}, headers=null).status_code == 303


def test_a_stranger_sees_nothing(bench: Workbench, keys: Keys) -> None:
    client = browser(bench, keys, inside=False)
    for path in ("/", "/s/clinic", "/s/clinic/people.csv", "/static/app.css", "/static/../app.py", "/nothing"):
        answer = client.get(path)
        assert answer.status_code == 401, path
        assert "clinic" not in answer.text
    assert client.post(RENAME, data={"value": "gone"}, headers=OURS).status_code == 401
    for value in ("", "x", "a" * 10_000, "é"):
        assert client.get("/", headers={"cookie": f"healthsim-{PORT}={value}".encode()}).status_code == 401


def test_the_token_works_once_and_is_exchanged_for_a_cookie_and_a_clean_address(bench: Workbench, keys: Keys) -> None:
    client = browser(bench, keys, inside=False)
    token = keys.new_token()
    answer = client.get(f"/?token={token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"healthsim-{PORT}=")
    assert cookie.endswith("; HttpOnly; SameSite=Strict; Path=/")
    assert token not in cookie
    again = browser(bench, keys, inside=False).get(f"/?token={token}")
    assert again.status_code == 401
    assert "set-cookie" not in again.headers
    assert client.get("/").status_code == 200
    for wrong in ("", "x", token + "x", token[:-1]):
        assert browser(bench, keys, inside=False).get(f"/?token={wrong}").status_code == 401


def test_a_token_ages_and_a_new_one_voids_it(bench: Workbench) -> None:
    now = 0.0
    keys = Keys(clock=lambda: now)
    first = keys.new_token()
    second = keys.new_token()
    assert keys.exchange(first) is None, "only the last one counts"
    now = TOKEN_SECONDS + 0.1
    assert browser(bench, keys, inside=False).get(f"/?token={second}").status_code == 401
    third = keys.new_token()
    now += TOKEN_SECONDS
    assert keys.exchange(third) is not None


def test_two_browsers_and_two_servers_do_not_know_each_other(bench: Workbench, keys: Keys) -> None:
    first, second = browser(bench, keys), browser(bench, keys)
    assert first.get("/").status_code == second.get("/").status_code == 200
    assert _cookie(first) != _cookie(second)
    other = browser(bench, Keys(), inside=False)
    assert other.get("/", headers={"cookie": _cookie(first)}).status_code == 401


def test_every_answer_forbids_what_pages_do_not_need(page: TestClient) -> None:
    for path in ("/", "/s/clinic.json", "/s/clinic/people.csv", "/static/app.js", "/nothing", "/?token=wrong"):
        headers = page.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers


def test_there_is_no_websocket(page: TestClient) -> None:
    for path in ("/", "/s/clinic", "/ws"):
        with (
            pytest.raises(WebSocketDisconnect) as refused,
            page.websocket_connect(path, headers={"cookie": _cookie(page)}),
        ):
            pass
        assert refused.value.code == 1008


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_none(page: TestClient, method: str) -> None:
    assert page.request(method, "/s/clinic", headers=OURS).status_code in (403, 405)


def test_a_form_is_small(page: TestClient) -> None:
    assert page.post(RENAME, data={"value": "x" * LARGEST_BODY}, headers=OURS).status_code == 413
    endless = page.post(RENAME, content=(b"value=x" for _ in range(3)), headers=OURS)
    assert endless.status_code == 413, "a length has to be said"


def test_read_only_pages_change_nothing(bench: Workbench, keys: Keys) -> None:
    with browser(bench, keys, read_only=True) as client:
        assert client.post(RENAME, data={"value": "gone"}, headers=OURS).status_code == 403
        shown = client.get("/s/clinic").text
        assert "read only" in shown
        assert "/change/" not in shown


def test_no_file_is_reached_through_the_address(page: TestClient) -> None:
    for path in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/../../config.py",
        "/s/..%2f..%2fetc%2fpasswd",
    ):
        assert page.get(path).status_code in (404, 405), path
