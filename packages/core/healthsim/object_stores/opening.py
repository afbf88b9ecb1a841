"""Opening an object store, and its errors in words: which right, which variable, which place; never a secret.

Who may do what comes from the usual variables of each cloud; nothing of it is taken from an address.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from healthsim.errors import AlreadyExists, HealthSimError, NotFound
from healthsim.object_stores.addresses import Address
from healthsim.outputs import disk_full

#: scheme -> the variables that say who we are
CREDENTIALS: Mapping[str, str] = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or the role of the machine), AWS_REGION and, for stores other than"
    " Amazon's, AWS_ENDPOINT_URL",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS (or the account of the machine)",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY (or AZURE_STORAGE_SAS_KEY, or a client id and secret)",
    "abfss": "AZURE_STORAGE_ACCOUNT_KEY (or AZURE_STORAGE_SAS_KEY, or a client id and secret)",
}
#: scheme -> the rights that sending needs
RIGHTS: Mapping[str, str] = {
    "s3": "s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject",
    "gs": "storage.objects.list, get, create and delete",
    "az": "the role Storage Blob Data Contributor",
    "abfss": "the role Storage Blob Data Contributor",
}
#: scheme -> how the variables of its cloud begin, and what its service is called
_CLOUDS = {
    "s3": ("AWS", "Amazon S3"),
    "gs": ("GOOGLE", "Google Cloud Storage"),
    "az": ("AZURE", "Azure Storage"),
    "abfss": ("AZURE", "Azure Storage"),
}
_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AZURE_STORAGE_ENDPOINT", "GOOGLE_BASE_URL")
#: a request is tried again this often, and for no longer than this
RETRIES, RETRY_SECONDS = 4, 60
_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"non-2xx status code\W+(\d{3})")
#: where machines of a cloud ask who they are: asked when nothing else says so
_OF_MACHINE = "169.254.169.254"
_NO_CONTAINER = frozenset(("NoSuchBucket", "ContainerNotFound", "InvalidBucketName"))
_WRONG_SECRET = frozenset(("SignatureDoesNotMatch", "InvalidAccessKeyId", "AuthenticationFailed", "ExpiredToken"))
_NO_SPACE = frozenset(("InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "EntityTooLarge"))


def open_store(address: Address) -> Any:
    """The store of an address, at the bucket.

    Raises:
        HealthSimError: what speaks to stores is not installed, or nothing says which account is meant.
    """
    try:
        from obstore import store as stores
    except ImportError:
        raise HealthSimError(
            f"{address.scheme}:// needs obstore. Install: pip install 'healthsim[cloud]'", path=str(address)
        ) from None
    settings: dict[str, Any] = {
        "client_options": {"allow_http": plain_http(), "timeout": "120s", "connect_timeout": "10s"},
        "retry_config": {"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
    }
    with told(address):
        if address.scheme == "s3":
            return stores.S3Store(address.container, **settings)
        if address.scheme == "gs":
            return stores.GCSStore(address.container, **settings)
        account: dict[str, Any] = {"account_name": address.host.split(".", 1)[0]} if address.host else {}
        return stores.AzureStore(address.container, **account, **settings)


def plain_http() -> bool:
    """Whether an endpoint of one's own is spoken to without TLS: it then begins with http."""
    return any(os.environ.get(name, "").startswith("http://") for name in _ENDPOINTS)


@contextmanager
def told(address: Address) -> Iterator[None]:
    """The errors of a store in words that say what to do.

    Raises:
        NotFound: the bucket, or what is read, is not there.
        AlreadyExists: something is there that is not to be replaced.
        HealthSimError: everything else.
    """
    from obstore.exceptions import AlreadyExistsError, BaseError

    try:
        yield
    except AlreadyExistsError:
        raise AlreadyExists(
            f"{address} was written by somebody else meanwhile; nothing of it was replaced. Choose another place.",
            path=str(address),
        ) from None
    except FileNotFoundError as error:
        raise _missing(address, str(error)) from None
    except BaseError as error:
        raise failure(address, str(error)) from None


def _missing(address: Address, text: str) -> HealthSimError:
    code = (_CODE.findall(text) or [""])[0]
    if code in _NO_CONTAINER:
        return NotFound(
            f"There is no {address.container} at {_where(address)} ({code}). Make it first; HealthSim makes no buckets.",
            path=str(address),
        )
    return NotFound(f"There is nothing at {address}. Check the address.", path=str(address))


def failure(address: Address, text: str) -> HealthSimError:
    """What an error of a store means. Its own text names keys and signatures: only its code is passed on."""
    code = (_CODE.findall(text) or _STATUS.findall(text) or [""])[0]
    shown = f" ({code})" if code else ""
    if _OF_MACHINE in text or "IMDS" in text or "must be specified" in text or "Missing" in text.split("\n", 1)[0]:
        why = f"nothing says who we are. Set {CREDENTIALS[address.scheme]}"
    elif code in _NO_CONTAINER:
        return _missing(address, text)
    elif code in _WRONG_SECRET:
        why = f"the store does not accept the key{shown}. Check {CREDENTIALS[address.scheme]}"
    elif code in ("401", "403", "AccessDenied", "AuthorizationFailure", "AuthorizationPermissionMismatch"):
        why = f"the right is missing{shown}. It takes {RIGHTS[address.scheme]}"
    elif code in _NO_SPACE or code == "507":
        return disk_full(str(address), "nothing there is whole")
    elif "Connect" in text or "dns error" in text:
        why = f"{_where(address)} cannot be reached. Check the network, the region and the endpoint"
    elif "Timeout" in text or "timed out" in text:
        why = f"{_where(address)} does not answer. Try again"
    elif code:
        why = f"the store refused{shown}. Try again, or see its log"
    else:
        why = f"the connection to {_where(address)} was cut. Try again: what has arrived is not sent again"
    return HealthSimError(f"{address}: {why}.", path=str(address))


def _where(address: Address) -> str:
    """The host that is spoken to, as far as it is known; a user and a password in an endpoint are not shown."""
    if address.host:
        return address.host
    prefix, service = _CLOUDS[address.scheme]
    endpoints = [os.environ.get(name, "") for name in _ENDPOINTS if name.startswith(prefix)]
    endpoint = next(filter(None, endpoints), "")
    host = endpoint.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1]
    return host or service
