"""Secrets in texts: they are refused where a place is named, and taken out of everything that is shown.

Passwords and tokens come from the environment. An engine that cannot connect repeats what it was given, so that every
door takes what it prints through ``scrubbed``.
"""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "***"
_WORDS = (
    "token|password|passwd|passphrase|pwd|secret|access_?key|account_?key|shared_?key|secret_?key|private_?key|api_?key"
    "|access_?key_?id|credentials?|signature|(?<![a-z])sig(?![a-z])"
)
#: (what to look for, what to show instead)
_SECRETS = (
    # scheme://user:password@host, also where a path has swallowed a slash; a password may have any of / : @ in it
    (re.compile(r"\b([a-z][a-z0-9+.-]*:/{1,3}[^\s/@:'\"]*):[^\s'\"]*@", re.I), rf"\1:{HIDDEN}@"),
    # scheme://token@host; what stands before the @ of Azure's abfss://container@account is no secret
    (re.compile(r"\b((?!abfss?:)[a-z][a-z0-9+.-]*:/{1,3})[^\s/@:'\"]{16,}@", re.I), rf"\1{HIDDEN}@"),
    # name=value in query strings, connection strings and settings
    (
        re.compile(
            rf"""((?:[\w.-]|%2D)*(?:{_WORDS})\w*\s*(?:=|%3D)\s*)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s&;,'"()]+)""",
            re.I,
        ),
        rf"\1{HIDDEN}",
    ),
    # "name": "value" in JSON, 'name': 'value' of Python
    (
        re.compile(rf"""((["'])[\w.-]*(?:{_WORDS})\w*\2\s*:\s*)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", re.I),
        rf"\1{HIDDEN}",
    ),
    # CREATE SECRET (KEY_ID 'value', SECRET 'value')
    (re.compile(rf"\b((?:key_id|{_WORDS})\s+)'(?:[^']|'')+'", re.I), rf"\1{HIDDEN}"),
    (re.compile(r"\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.I), rf"\1{HIDDEN}"),
    # what is a secret by its looks: keys of AWS, JSON Web Tokens, tokens of Databricks and GitHub
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), HIDDEN),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"), HIDDEN),
    (re.compile(r"\b(?:dapi[0-9a-f]{32}\b|gh[pousr]_\w{20,}|github_pat_\w{20,})"), HIDDEN),
)


def scrubbed(text: str) -> str:
    """A text without the passwords, tokens and keys in it."""
    for secret, instead in _SECRETS:
        text = secret.sub(instead, text)
    return text


def scrubbed_value(value: Any) -> Any:
    """The same for every text in a value that is shown as JSON."""
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, dict):
        return {key: scrubbed_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [scrubbed_value(inner) for inner in value]
    return value


def has_secret(text: str) -> bool:
    """Whether a text holds what ``scrubbed`` would take out."""
    return scrubbed(text) != text
