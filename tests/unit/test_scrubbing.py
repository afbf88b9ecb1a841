"""No message, log or traceback shows a secret (kind 11 of what strangers try)."""

from __future__ import annotations

import logging

import pytest

from healthsim.scrubbing import has_secret, scrubbed, scrubbed_value
from healthsim.server.log import scrub_logs

SECRET = "Sek-ret_42xyz"


@pytest.mark.parametrize(
    "text",
    [
        f"md:x?motherduck_token={SECRET}",
        f"md:x?a=1&MOTHERDUCK_TOKEN={SECRET}&b=2",
        f"md:x?motherduck_token%3D{SECRET}",
        f'Unable to connect to Postgres at "host=h user=u password={SECRET}": refused',
        f"ducklake:postgres:dbname=x password='{SECRET} with \\' a quote {SECRET}' host=h",
        f"password = {SECRET}",
        f"postgres://ann:{SECRET}@h/db",
        f"postgresql://ann:p@ss/{SECRET}@h/db",
        f"postgres:/ann:{SECRET}@h/db",
        f"redis://:{SECRET}@h",
        f"https://{SECRET}{SECRET}@github.com/x",
        f"az://c/x?sv=2024&sig={SECRET}%2Bx&se=1",
        f"https://a.blob.core.windows.net/c?sig={SECRET}",
        f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={SECRET}==;EndpointSuffix=x",
        f"s3://b/x?AWSAccessKeyId=a&Signature={SECRET}&X-Amz-Credential={SECRET}&X-Amz-Security-Token={SECRET}",
        f"s3_secret_access_key='{SECRET}'",
        f"AWS_SECRET_ACCESS_KEY={SECRET}",
        f"CREATE SECRET s (TYPE s3, KEY_ID '{SECRET}', SECRET '{SECRET}')",
        f"Authorization: Bearer {SECRET}",
        f'{{"password": "{SECRET}", "b": 1}}',
        f"{{'api_key': '{SECRET}'}}",
    ],
)
def test_secrets_are_taken_out(text: str) -> None:
    assert SECRET not in scrubbed(text)
    assert has_secret(text)
    assert scrubbed(scrubbed(text)) == scrubbed(text)


@pytest.mark.parametrize(
    "text",
    [
        "key AKIAIOSFODNN7EXAMPLE is unknown",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def",
        "dapi" + "0a" * 16,
        "ghp_" + "a1" * 18,
    ],
)
def test_what_looks_like_a_key_is_taken_out(text: str) -> None:
    assert scrubbed(text).replace("***", "") in ("key  is unknown", "")


@pytest.mark.parametrize(
    "text",
    [
        "Check the network, the extension 'motherduck' and the token in the variable motherduck_token.",
        "/data/x.duckdb cannot be read: could not read enough bytes from file (at 12:30, by ann@example.org).",
        "ssh://git@example.org/x",
        "s3://bucket:80/x",
        "md:team",
        "C:\\data\\x.duckdb",
        "signature of page 3",
        "expected password: none was given",
        "The name of a column = secretary",
        "sigma=3",
        "tokens = 12",
        '{"token_count": 3, "secret": null}',
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    if text == "tokens = 12":
        # better one word too many
        assert scrubbed(text) == "tokens = ***"
        return
    assert scrubbed(text) == text


def test_values_of_details_are_scrubbed_however_deep() -> None:
    value = {"a": [{"b": (f"x?token={SECRET}", 1, None)}], "n": 2}
    assert scrubbed_value(value) == {"a": [{"b": ["x?token=***", 1, None]}], "n": 2}


def test_logs_and_the_tracebacks_in_them_show_none() -> None:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]  # a list is a log
    logging.getLogger().addHandler(handler)
    try:
        scrub_logs()
        scrub_logs()
        try:
            raise ValueError(f"cannot connect: password={SECRET}")
        except ValueError:
            logging.getLogger("x").exception("failed at %s", f"md:x?motherduck_token={SECRET}")
    finally:
        logging.getLogger().removeHandler(handler)
    text = "\n".join(lines)
    assert "ValueError: cannot connect: password=***" in text
    assert SECRET not in text.replace('f"cannot connect', "")
    assert text.startswith("failed at md:x?motherduck_token=***")
