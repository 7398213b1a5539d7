"""Runs `codec_server` as people do, and asks it as the Temporal UI does."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from tests.command_line import environment

ROOT = Path(__file__).parents[3]
ORIGIN = "http://localhost:8233"
TOKEN = "a+token/that&all-of-us%share=="


def plain(value: object) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(value).encode())


def body(payloads: Sequence[Payload]) -> str:
    return json_format.MessageToJson(Payloads(payloads=payloads))


@dataclass(frozen=True)
class CodecProcess:
    """A codec server that runs. ``log``: the file its lines go to."""

    process: subprocess.Popen[str]
    address: str
    log: Path
    http: httpx.Client

    def decode(self, *payloads: Payload, content: str | None = None, **headers: str) -> httpx.Response:
        """Ask with the shared token, unless the headers say otherwise; ``x_namespace`` is X-Namespace."""
        return self.post("/decode", body(payloads) if content is None else content, headers)

    def encode(self, *payloads: Payload, **headers: str) -> httpx.Response:
        return self.post("/encode", body(payloads), headers)

    def post(self, path: str, content: str | bytes, headers: Mapping[str, str]) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"content-type": "application/json", "authorization": f"Bearer {TOKEN}"} | named
        return self.http.post(path, content=content, headers={name: text for name, text in sent.items() if text})

    def shown(self, *payloads: Payload, **headers: str) -> list[Any]:
        """The values that were answered."""
        answer = self.decode(*payloads, **headers)
        assert answer.status_code == 200, answer.text
        return values(answer)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What was logged so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def payloads_of(answer: httpx.Response) -> Sequence[Payload]:
    return json_format.Parse(answer.text, Payloads()).payloads


def values(answer: httpx.Response) -> list[Any]:
    return [json.loads(payload.data) if payload.data else None for payload in payloads_of(answer)]


def raw(answer: httpx.Response) -> str:
    """Everything that was answered, in clear."""
    inside = [base64.b64decode(p.get("data", "")).decode(errors="replace") for p in answer.json().get("payloads", [])]
    return "\n".join([answer.text, *inside, *(f"{name}: {text}" for name, text in answer.headers.items())])


@contextmanager
def codec_process(folder: Path, *options: str, **settings: str) -> Iterator[CodecProcess]:
    log = folder / "codec.log"
    named = {name if name.isupper() else f"PHONE_MFA_CODEC_{name.upper()}": text for name, text in settings.items()}
    command = [sys.executable, "-m", "codec_server", "--port", "0", "--log-json", "--log-level", "DEBUG", *options]
    with log.open("w") as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment({"PHONE_MFA_CODEC_ORIGIN": ORIGIN, "NO_PROXY": "*"} | named),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout
    with process, process.stdout:
        said = process.stdout.readline()
        assert said.startswith("codec server listening on http://127.0.0.1:"), log.read_text()
        address = said.split()[-1]
        try:
            with httpx.Client(base_url=address, trust_env=False, timeout=20) as http:
                yield CodecProcess(process, address, log, http)
        finally:
            process.terminate()
            assert process.wait(15) == 0


def refused_start(*options: str, **settings: str) -> tuple[int, str]:
    """The exit code, and the one line that says why."""
    ended = subprocess.run(
        [sys.executable, "-m", "codec_server", "--port", "0", "--log-json", *options],
        cwd=ROOT,
        env=environment(settings) | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    [line] = ended.stderr.splitlines()
    assert json.loads(line)["event"] == "codec.not_started"
    return ended.returncode, str(json.loads(line)["reason"])
