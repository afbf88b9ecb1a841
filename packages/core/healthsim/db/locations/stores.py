"""The keys of object stores for the engine: read from the variables that the tools of each cloud have, and told to nobody else."""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from healthsim.db.locations.extensions import load
from healthsim.db.sql import literal
from healthsim.errors import HealthSimError
from healthsim.paths import scheme_of
from healthsim.targets import SCHEMES

#: scheme -> the extension that reads and writes there
_EXTENSIONS = {"s3": "httpfs", "az": "azure", "abfss": "azure"}


def open_store(connection: duckdb.DuckDBPyConnection, folder: str, *, fetch: bool = False) -> None:
    """Let an engine read and write the files in a folder, where that is in an object store.

    Raises:
        HealthSimError: the extension is missing, or there are no keys.
    """
    scheme = scheme_of(folder)
    if scheme not in _EXTENSIONS:
        return
    load(connection, [_EXTENSIONS[scheme]], place=folder, fetch=fetch)
    settings = _s3(os.environ) if scheme == "s3" else _azure(os.environ)
    if settings is None:
        raise HealthSimError(
            f"There are no keys for {folder}. Give them in the environment: {SCHEMES[scheme].secrets}.", location=folder
        )
    kind = "s3" if scheme == "s3" else "azure"
    parts = ", ".join(f"{name} {value if name == 'USE_SSL' else literal(value)}" for name, value in settings.items())
    connection.execute(f"CREATE OR REPLACE SECRET healthsim_{kind} (TYPE {kind}, {parts})")


def _s3(environment: Mapping[str, str]) -> dict[str, str] | None:
    key, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
    token = environment.get("AWS_SESSION_TOKEN")
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if not (key and secret):
        profile = _profile(environment)
        key, secret = profile.get("aws_access_key_id"), profile.get("aws_secret_access_key")
        token, region = profile.get("aws_session_token"), region or profile.get("region")
    if not (key and secret):
        return None
    settings = {"KEY_ID": key, "SECRET": secret, "REGION": region or "us-east-1"}
    if token:
        settings["SESSION_TOKEN"] = token
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    if endpoint:
        address = urlsplit(endpoint)
        settings["ENDPOINT"] = address.netloc + address.path.rstrip("/")
        settings["URL_STYLE"] = "path"
        settings["USE_SSL"] = "false" if address.scheme == "http" else "true"
    return settings


def _profile(environment: Mapping[str, str]) -> Mapping[str, str]:
    """What the tools of AWS keep under the name of a profile."""
    path = Path(environment.get("AWS_SHARED_CREDENTIALS_FILE") or Path.home() / ".aws" / "credentials")
    known = configparser.ConfigParser(interpolation=None)
    known.read(path, encoding="utf-8")
    name = environment.get("AWS_PROFILE") or "default"
    return known[name] if known.has_section(name) else {}


def _azure(environment: Mapping[str, str]) -> dict[str, str] | None:
    connection = environment.get("AZURE_STORAGE_CONNECTION_STRING")
    if connection:
        return {"CONNECTION_STRING": connection}
    account, key = environment.get("AZURE_STORAGE_ACCOUNT_NAME"), environment.get("AZURE_STORAGE_ACCOUNT_KEY")
    if account and key:
        parts = {"DefaultEndpointsProtocol": "https", "AccountName": account, "AccountKey": key}
        endpoint = environment.get("AZURE_STORAGE_ENDPOINT")
        if endpoint:
            parts |= {"DefaultEndpointsProtocol": urlsplit(endpoint).scheme, "BlobEndpoint": endpoint}
        return {"CONNECTION_STRING": ";".join(f"{name}={value}" for name, value in parts.items())}
    return {"PROVIDER": "credential_chain", "ACCOUNT_NAME": account} if account else None
