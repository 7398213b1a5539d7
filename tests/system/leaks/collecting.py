"""Collects every secret of a run: from what the tenant keeps, from what went by, from what we made ourselves."""

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from phone_mfa.signed_tokens import signing_key
from tests.system.leaks.people import People
from tests.system.leaks.secrets import Secrets
from tests.system.leaks.stack import Own


def of_tenant(state: Path, secrets: Secrets) -> None:
    """What the pretend tenant keeps, once it has ended. It forgets no code and no token within a day."""
    with closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as opened:
        for kind, key, text in opened.execute("SELECT kind, key, value FROM entries"):
            _of_entry(kind, key, json.loads(text), secrets)


def _of_entry(kind: str, key: str, value: Any, secrets: Secrets) -> None:
    match kind:
        case "users":
            secrets.whole("user", value["email"])
            secrets.whole("user", value["id"])
            secrets.whole("password", value["password"])
            for one in value["authenticators"]:
                _of_authenticator(one, secrets)
        case "sessions":
            secrets.token("mfa_token", value["token"])
        case "oob_codes":
            secrets.token("oob_code", value["value"])
            secrets.code(value["binding_code"] or "")
        case "refresh_tokens":
            secrets.token("refresh token", key)
        case "messages" | "underway":
            secrets.number(value["to"])
            secrets.code(value["code"] or "")


def _of_authenticator(one: Any, secrets: Secrets) -> None:
    if one["kind"] == "phone":
        secrets.number(one["number"])
    elif one["kind"] == "recovery-code":
        secrets.whole("recovery code", one["code"])


def of_installation(own: Own, secrets: Secrets) -> None:
    """What the installation itself keeps secret."""
    for value in (own.client_secret, own.wrong_secret):
        secrets.token("client secret", value)
    secrets.token("codec token", own.codec_token)
    secrets.token("API key", own.api_key)
    for key in own.ring.keys.values():
        secrets.key("sealing key", key.key)
        secrets.key("key for flow tokens", signing_key(key.key).raw_value)
    secrets.key("naming key", own.ring.naming_key)


def of_people(people: People, recipients: tuple[dict[str, str], ...], secrets: Secrets) -> None:
    """What the people have, used or not, and the private keys of those to whom tokens are sealed."""
    for email, password in people.passwords.items():
        secrets.whole("user", email)
        secrets.whole("password", password)
    for number in people.numbers:
        secrets.number(number)
    for private in recipients:
        secrets.key("recipient's key", base64.urlsafe_b64decode(private["d"] + "="))
