"""What a store answers becomes a sentence with what to do; keys, tokens and signatures never show."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from healthsim.errors import HealthSimError
from healthsim.object_stores import opening
from healthsim.object_stores.addresses import address_of
from healthsim.object_stores.sending import outgoing

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"


class Refusing(ThreadingHTTPServer):
    """A store that says the same to every request, or hangs up."""

    answer: tuple[int, str] | None = (403, "AccessDenied")


class _Handler(BaseHTTPRequestHandler):
    server: Refusing

    def _answer(self) -> None:
        if self.server.answer is None:
            self.close_connection = True
            self.connection.close()
            return
        status, code = self.server.answer
        body = f"<Error><Code>{code}</Code><Message>no</Message><AWSAccessKeyId>{KEY}</AWSAccessKeyId></Error>".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _answer

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Refusing]:
    with Refusing(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        monkeypatch.setattr(opening, "RETRIES", 0)
        yield server
        server.shutdown()


def message(address: str = "s3://lake/x") -> str:
    def send() -> None:
        with outgoing(address_of(address), force=False) as place:
            place.path.write_text("x")
            place.send()

    with pytest.raises(HealthSimError) as failed:
        send()
    text = f"{failed.value} {failed.value.details}"
    assert KEY not in text
    assert SECRET not in text
    assert "AWSAccessKeyId" not in text
    return text


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((403, "AccessDenied"), "the right is missing (AccessDenied). It takes s3:ListBucket"),
        ((403, "SignatureDoesNotMatch"), "does not accept the key (SignatureDoesNotMatch). Check AWS_ACCESS_KEY_ID"),
        ((403, "InvalidAccessKeyId"), "does not accept the key"),
        ((404, "NoSuchBucket"), "There is no lake at 127.0.0.1"),
        ((507, "InsufficientStorage"), "is full"),
        ((500, "InternalError"), "the store refused (InternalError)"),
        (None, "was cut"),
    ],
)
def test_each_answer_is_told_in_its_words(server: Refusing, answer: tuple[int, str] | None, expected: str) -> None:
    server.answer = answer
    assert expected in message()


def test_nobody_there(monkeypatch: pytest.MonkeyPatch, server: Refusing) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://user:geheim@127.0.0.1:1")
    text = message()
    assert "127.0.0.1:1 cannot be reached. Check the network" in text
    assert "geheim" not in text


def test_an_account_that_nobody_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_CONNECTION_STRING"):
        monkeypatch.delenv(name, raising=False)
    assert "nothing says who we are. Set AZURE_STORAGE_ACCOUNT_NAME" in message("az://lake/x")
