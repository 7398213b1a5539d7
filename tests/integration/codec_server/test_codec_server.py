"""The codec server as a process: what it answers to the Temporal UI and CLI, and what it writes down."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload

from phone_mfa.contracts import StartEnrollment
from phone_mfa.encryption import Keyring, Place, SealingCodec, opaque
from phone_mfa.encryption.keyring_source import FixedRing
from phone_mfa.encryption.rotation import new_ring, rotated
from tests.integration.codec_server.codec_process import (
    ORIGIN,
    TOKEN,
    CodecProcess,
    codec_process,
    plain,
    raw,
    refused_start,
)
from tests.integration.codec_server.issuer import Issuer
from tests.unit.encryption.rings import codec, write

START = StartEnrollment(phone_number=SecretStr("+15555550123"), mfa_token=SecretStr("Fe26.2*SERVER_1*hush-hush-hush"))
SECRETS = ("5555550123", "hush-hush-hush", TOKEN)
FLOW = f"enroll-{opaque(new_ring().naming_key, 'enroll', 'ada')}"


def started() -> Payload:
    return plain(json.loads(START.model_dump_json()))


def test_a_sealed_start_is_shown_without_its_secrets(shared: CodecProcess, sealing: SealingCodec) -> None:
    answer = shared.decode(sealing.sealed(started()))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert '"phone_number": "XXXXXXXX0123"' in raw(answer)
    assert not [secret for secret in SECRETS if secret in raw(answer)]


def test_the_order_is_kept_and_what_does_not_open_costs_nobody_else(
    shared: CodecProcess, sealing: SealingCodec
) -> None:
    foreign = codec(new_ring()).sealed(plain("there"))

    first, second, third = shared.shown(sealing.sealed(plain("one")), foreign, plain("three"))
    assert (first, third) == ("one", "three")
    assert second == "[not opened: The payload is sealed with a key of another ring]"


def test_a_payload_of_another_namespace_does_not_open(shared: CodecProcess, sealing: SealingCodec) -> None:
    sealed = sealing.sealed(plain("here"))

    assert shared.shown(sealed) == shared.shown(sealed, x_namespace="default") == ["here"]
    [answered] = shared.shown(sealed, x_namespace="another")
    assert answered.startswith("[not opened: The payload does not open")


def test_the_namespace_of_payloads_without_one_is_temporals_own(tmp_path: Path) -> None:
    ring = new_ring()
    sealed = SealingCodec(FixedRing(ring), "ours").sealed(plain("here"))
    settings = {"token": TOKEN, "TEMPORAL_NAMESPACE": "ours", "PHONE_MFA_KEYS": ring.text()}
    with codec_process(tmp_path, **settings) as process:
        assert process.shown(sealed) == ["here"]


def test_a_rotated_ring_is_picked_up_without_a_restart(tmp_path: Path) -> None:
    first = new_ring()
    second, keys = rotated(first), tmp_path / "keys.json"
    write(keys, first.text())
    with codec_process(tmp_path, token=TOKEN, PHONE_MFA_KEYS=str(keys)) as process:
        sealed = codec(second).sealed(plain("new"))
        assert "[not opened" in process.shown(sealed)[0]
        write(keys, second.text())
        assert process.shown(sealed, codec(first).sealed(plain("old"))) == ["new", "old"]


def test_a_key_file_that_others_can_read_is_warned_of_in_the_log(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    write(keys, new_ring().text())
    keys.chmod(0o640)
    with codec_process(tmp_path, token=TOKEN, PHONE_MFA_KEYS=str(keys)) as process:
        warned = [line["event"] for line in process.lines if line["level"] == "warning"]

    assert warned == ["A file of secret keys is readable by users other than its owner: its mode should be 0600."]


def test_codec_servers_are_told_what_is_asked_by_the_end_of_the_path(shared: CodecProcess) -> None:
    assert shared.post("/any/where/decode", '{"payloads":[]}', {}).json() == {}


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/nowhere", 404, "Not Found."),
        ("POST", "/decode/more", 404, "Not Found."),
        ("GET", "/decode", 405, "Method Not Allowed."),
        ("PUT", "/session", 405, "Method Not Allowed."),
    ],
)
def test_what_is_not_served_is_said_in_json(
    shared: CodecProcess, method: str, path: str, status: int, message: str
) -> None:
    answer = shared.http.request(method, path)

    assert (answer.status_code, answer.json()) == (status, {"message": message})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/session/", 404),
        ("GET", "/healthz/", 404),
        ("GET", "/sign-in.js/", 404),
        ("POST", "/decode/", 404),
        ("POST", "/any/where/decode/", 404),
        ("GET", "/", 200),
        ("GET", "/session", 200),
        ("POST", "/decode", 200),
    ],
)
def test_a_host_that_somebody_made_up_is_never_repeated(
    shared: CodecProcess, method: str, path: str, status: int
) -> None:
    headers = {"host": "evil.example", "authorization": f"Bearer {TOKEN}"}
    answer = shared.http.request(method, path, headers=headers, content="{}" if method == "POST" else None)

    assert (answer.status_code, "location" in answer.headers) == (status, False)
    assert "evil.example" not in f"{answer.text} {answer.headers}"


@pytest.mark.parametrize(
    "content",
    [
        json.dumps("12345 " * 10_000),
        json.dumps(["1234567 and " * 300] * 200),
        json.dumps({"note": json.dumps(["a 1"] * 8_000)}),
        "[" * 30 + json.dumps("abcd1 " * 9_000) + "]" * 30,
        '{"any":[' + "[]," * 8_000 + "1]}",
    ],
    ids=range(5),
)
def test_everybody_is_answered_while_others_ask_for_much(shared: CodecProcess, content: str) -> None:
    costly = Payload(metadata={"encoding": b"json/plain"}, data=content.encode())
    many = [costly] * max(1, min(1000, 1_000_000 // len(content)))
    with ThreadPoolExecutor(4) as others:
        answers = [others.submit(shared.decode, *many) for _ in range(4)]
        healthy = [shared.http.get("/healthz").status_code for _ in range(20)]
        assert {answer.result().status_code for answer in answers} == {200}

    assert healthy == [200] * 20


def test_a_body_of_too_many_values_is_refused(shared: CodecProcess) -> None:
    answer = shared.post("/decode", '{"payloads":[' + "{}," * 100_000 + "{}]}", {})

    assert (answer.status_code, answer.json()) == (400, {"message": "At most 65536 values in a body."})
    assert shared.lines[-1]["reason"] == "too_many"


def test_health_asks_for_nothing(shared: CodecProcess) -> None:
    assert shared.http.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"{",
        b'{"payloads":1}',
        b'{"payloads":[null]}',
        b'{"payloads":[{"metadata":{"encoding":1}}]}',
        b'{"payloads":[],"payloads":[]}',
        b"[" * 200_000,
        b'{"payloads":' * 50_000,
        b'{"payloads":' + b"9" * 5000 + b"}",
        b'{"payloads":[{"data":"\\ud800"}]}',
        b'{"payloads":[{"metadata":{"\\ud800":""}}]}',
    ],
)
def test_a_body_that_is_none_is_refused_in_a_sentence(shared: CodecProcess, content: bytes) -> None:
    answer = shared.post("/decode", content, {})

    assert (answer.status_code, answer.json()) == (400, {"message": 'The body must be JSON: {"payloads": [...]}.'})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200) | st.text(max_size=50).map(lambda text: json.dumps({"payloads": [{"data": text}]}).encode())
)
def test_no_body_is_a_defect_of_ours(shared: CodecProcess, content: bytes) -> None:
    assert shared.post("/decode", content, {}).status_code in {200, 400}


def test_fields_that_we_do_not_know_are_no_mistake(shared: CodecProcess) -> None:
    newer = '{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"IngI","externalPayloads":[{}]}],"x":1}'

    assert shared.post("/decode", newer, {}).status_code == 200


def test_what_is_too_long_or_too_many_is_refused(shared: CodecProcess) -> None:
    longest = 4 * 1024 * 1024
    assert shared.post("/decode", b"{}" + b" " * (longest - 2), {}).status_code == 200
    for length in (longest + 1, 3 * longest):
        answer = shared.post("/decode", b" " * length, {})
        assert (answer.status_code, answer.json()["message"]) == (
            413,
            "The body must not be longer than 4194304 bytes.",
        )

    assert shared.decode(*[Payload()] * 1000).status_code == 200
    answer = shared.decode(*[Payload()] * 1001)
    assert (answer.status_code, answer.json()) == (400, {"message": "At most 1000 payloads at once."})


@pytest.mark.parametrize("namespace", ["a b", "n" * 256, "\u00e9".encode("latin-1").decode("latin-1")])
def test_a_namespace_that_is_none_is_refused(shared: CodecProcess, namespace: str) -> None:
    answer = shared.http.post(
        "/decode",
        content="{}",
        headers=[(b"authorization", f"Bearer {TOKEN}".encode()), (b"x-namespace", namespace.encode("latin-1"))],
    )

    assert (answer.status_code, answer.json()) == (400, {"message": "X-Namespace is not a valid namespace name."})


def test_every_decode_is_one_line_without_content(shared: CodecProcess, sealing: SealingCodec) -> None:
    before = len(shared.lines)
    shared.decode(sealing.sealed(started()), codec(new_ring()).sealed(started()), x_flow_id=FLOW)
    [line] = [line for line in shared.lines[before:] if line["event"].startswith("codec.")]

    del line["timestamp"]
    assert line == {
        "event": "codec.decoded",
        "logger": "codec",
        "level": "info",
        "who": "shared token",
        "namespace": "default",
        "payloads": 2,
        "not_opened": 1,
        "flow": FLOW,
    }


def test_the_line_names_the_flows_that_are_sealed_in_whatever_the_caller_says(
    shared: CodecProcess, ring: Keyring
) -> None:
    others = ["challenge-" + 32 * "b", "somebody@example.com"]
    there = [SealingCodec(FixedRing(ring), "default", Place(flow)).sealed(started()) for flow in (FLOW, *others)]
    shared.decode(*there, x_flow_id="challenge-" + 32 * "c")

    assert shared.lines[-1]["flows"] == sorted([FLOW, "challenge-" + 32 * "b"])


@pytest.mark.parametrize(
    ("headers", "flow"),
    [
        ({"x_workflow_id": FLOW}, FLOW),
        ({"x_flow_id": FLOW, "x_workflow_id": "challenge-" + 32 * "a"}, FLOW),
        ({"x_flow_id": "no flow", "x_workflow_id": FLOW}, FLOW),
        ({"x_flow_id": "+15555550123"}, None),
        ({"x_flow_id": "enroll-ada.lovelace"}, None),
        ({"x_flow_id": "enroll-555-0123"}, None),
        ({"x_flow_id": f"{FLOW}a"}, None),
        ({"x_flow_id": "hq7x" * 8}, None),
        ({}, None),
    ],
    ids=lambda given: None if isinstance(given, dict) else str(given is not None),
)
def test_a_flow_is_named_when_the_name_is_one_of_ours(
    shared: CodecProcess, headers: dict[str, str], flow: str | None
) -> None:
    assert shared.decode(**headers).status_code == 200
    assert shared.lines[-1].get("flow") == flow


def test_the_log_at_debug_holds_no_secret_and_no_token(
    shared: CodecProcess, by_issuer: CodecProcess, the_issuer: Issuer, sealing: SealingCodec
) -> None:
    token = the_issuer.token()
    shared.decode(sealing.sealed(started()), started())
    shared.decode(started(), authorization="Bearer a-token-somebody-made-up")
    with httpx.Client(base_url=shared.address, headers={"origin": shared.address}, trust_env=False) as browser:
        assert browser.post("/session", json={"token": TOKEN}).status_code == 200
    by_issuer.decode(sealing.sealed(started()), authorization=f"Bearer {token}")
    by_issuer.decode(started(), authorization=f"Bearer {the_issuer.token(aud='x')}")
    log = shared.log.read_text() + by_issuer.log.read_text()

    assert "codec.decoded" in log
    assert "codec.refused" in log
    assert '"level": "debug"' in log
    for secret in (*SECRETS, token, token.split(".")[2], "somebody-made-up", "127.0.0.1:5"):
        assert secret not in log


def test_who_saw_what_is_written_at_every_level(tmp_path: Path) -> None:
    with codec_process(tmp_path, "--log-level", "ERROR", token=TOKEN, PHONE_MFA_KEYS=new_ring().text()) as process:
        process.decode()
        assert [line["event"] for line in process.lines] == ["codec.decoded"]


GOOD = {
    "PHONE_MFA_KEYS": new_ring().text(),
    "PHONE_MFA_CODEC_ORIGIN": ORIGIN,
    "PHONE_MFA_CODEC_TOKEN": TOKEN,
}
ONE_OF_TWO = (
    "exactly one must be set: PHONE_MFA_CODEC_TOKEN, or PHONE_MFA_CODEC_ISSUER together with PHONE_MFA_CODEC_AUDIENCE."
)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"ORIGIN": ""}, "PHONE_MFA_CODEC_ORIGIN is not set."),
        ({"TOKEN": ""}, ONE_OF_TWO),
        ({"ISSUER": "https://i.example/", "AUDIENCE": "a"}, ONE_OF_TWO),
        ({"ISSUER": "https://i.example/"}, ONE_OF_TWO),
        ({"TOKEN": "", "ISSUER": "https://i.example/"}, ONE_OF_TWO),
        (
            {"TOKEN": "short-hush"},
            "PHONE_MFA_CODEC_TOKEN: must be at least 20 visible ASCII characters, without spaces.",
        ),
    ],
)
def test_a_wrong_setting_is_named_in_a_sentence(changed: dict[str, str], sentence: str) -> None:
    code, reason = refused_start(**GOOD | {f"PHONE_MFA_CODEC_{name}": value for name, value in changed.items()})

    assert code == 2
    assert sentence in reason
    assert "hush" not in reason


def test_without_keys_it_does_not_start() -> None:
    code, reason = refused_start(**GOOD | {"PHONE_MFA_KEYS": ""})

    assert (code, reason[:28]) == (2, "PHONE_MFA_KEYS is not set: c")


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, reason = refused_start("--port", str(port), **GOOD)

    assert (code, reason) == (2, f"Cannot listen on 127.0.0.1 port {port}: Address already in use.")


def test_answers_under_way_end_before_the_process_does(tmp_path: Path) -> None:
    with codec_process(tmp_path, token=TOKEN, PHONE_MFA_KEYS=new_ring().text()) as process:
        host, port = process.address.removeprefix("http://").split(":")
        head = (
            f"POST /decode HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 15\r\n"
            "Content-Type: application/json\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        with socket.create_connection((host, int(port)), 20) as connection:
            connection.sendall(head.encode())
            assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"  # the request is under way
            process.process.terminate()
            connection.sendall(b'{"payloads":[]}')
            answer = b"".join(iter(lambda: connection.recv(1000), b""))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {}
