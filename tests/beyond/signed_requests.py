"""A request to an S3 server, signed as AWS describes it (version 4): for buckets, which the tools under test do not make."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import http.client
from contextlib import closing
from typing import Protocol


class Keys(Protocol):
    """Where a server is, and the keys for it."""

    @property
    def port(self) -> int: ...
    @property
    def key(self) -> str: ...
    @property
    def secret(self) -> str: ...


def s3_request(store: Keys, method: str, path: str, body: bytes = b"") -> int:
    """The status that a server answers a request with; 0 where it does not answer."""
    now = dt.datetime.now(dt.UTC)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    host, digest = f"127.0.0.1:{store.port}", hashlib.sha256(body).hexdigest()
    names = "host;x-amz-content-sha256;x-amz-date"
    request = f"{method}\n{path}\n\nhost:{host}\nx-amz-content-sha256:{digest}\nx-amz-date:{stamp}\n\n{names}\n{digest}"
    scope = f"{day}/us-east-1/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{store.secret}".encode()
    for part in (day, "us-east-1", "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    headers = {
        "x-amz-content-sha256": digest,
        "x-amz-date": stamp,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={store.key}/{scope}, SignedHeaders={names}, Signature={signature}",
    }
    with closing(http.client.HTTPConnection("127.0.0.1", store.port, timeout=30)) as connection:
        try:
            connection.request(method, path, body, headers)
            with connection.getresponse() as response:
                return response.status
        except OSError:
            return 0
