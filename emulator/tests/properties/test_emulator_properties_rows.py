"""Hundreds of refused calls leave every stored row unchanged."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emulator.tests.properties.hostile_client import REFUSED_CALLS_TOUCH, bearer, emulator, rows
from emulator.tests.properties.nonsense import BODIES, KINDS, examples
from emulator.tests.properties.surface import prepared

WRONG = st.sampled_from([b"null", b"0", b"true", b"[]", b"{}", b'"\\ud800"', b'[["oob"]]', b'""', b"NaN", b"1e400"])
REQUIRED = {
    "login": ("grant_type", "username", "password", "client_id", "client_secret"),
    "refresh": ("grant_type", "refresh_token", "client_id", "client_secret"),
    "verify": ("grant_type", "mfa_token", "oob_code", "binding_code", "client_id", "client_secret"),
    "challenge": ("mfa_token", "client_id", "client_secret"),
    "associate": ("authenticator_types", "oob_channels", "phone_number"),
    "enroll a phone": ("type", "phone_number"),
    "user": ("email", "password"),
    "client": ("client_id",),
}
"""Members without which a call is refused."""


def test_refused_calls_leave_every_row_as_it_was(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with emulator(state) as hostile:
        scene = prepared(hostile)
    before = rows(state)

    with emulator(state) as hostile:

        @examples(250)
        @given(name=st.sampled_from(sorted(REQUIRED)), data=st.data())
        def spoilt(name: str, data: Any) -> None:
            call = scene.calls[name]
            member = data.draw(st.sampled_from(REQUIRED[name]), "member")
            body = json.dumps(call.body).encode()[:-1] + b',"%s":' % member.encode() + data.draw(WRONG, "value") + b"}"
            headers = (bearer(call.token),) if call.token else ()
            answer = hostile.send(call.method.encode(), call.path.encode(), body, headers)
            assert 400 <= answer.status < 500, answer

        @examples(250)
        @given(path=st.sampled_from(["/oauth/token", "/mfa/challenge", "/mfa/associate"]), body=BODIES, data=st.data())
        def senseless(path: str, body: bytes, data: Any) -> None:
            kind = (b"Content-Type", data.draw(st.sampled_from(KINDS), "kind"))
            answer = hostile.send(b"POST", path.encode(), body, (kind, bearer(scene.fresh_token)))
            assert 400 <= answer.status < 500, answer

        spoilt()
        senseless()
    after = rows(state)
    assert {name for name in {*before, *after} if before.get(name) != after.get(name)} <= REFUSED_CALLS_TOUCH
