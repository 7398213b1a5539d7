"""The payload codec that the documentation gives to JavaScript, as it stands there, against ours."""

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload

from phone_mfa.encryption import MarkingCodec, Place, SealError, SealingCodec, refuse_marked
from phone_mfa.encryption.keyring_source import FixedRing
from phone_mfa.encryption.rotation import new_ring, rotated
from tests.unit.encryption.rings import opened, sealed

ROOT = Path(__file__).resolve().parents[3]
MODULES = ROOT / "emulator" / "tests" / "sdk" / "node" / "node_modules"
NODE = shutil.which("node") or ""
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"code": "135790"}')
RING = new_ring()

pytestmark = [
    pytest.mark.skipif(not NODE, reason="node is not installed"),
    pytest.mark.skipif(not (MODULES / "@temporalio").is_dir(), reason="`make setup` has not installed Temporal's"),
]

SCRIPT = """
import { SealingCodec } from './sealing-codec.mjs';
const [what, given] = process.argv.slice(2);
const codec = new SealingCodec('keys.json', 'default', 'enroll-1');
const each = (metadata, change) => Object.fromEntries(Object.entries(metadata).map(([k, v]) => [k, change(v)]));
const bytes = (text) => Buffer.from(text, 'base64');
const text = (bytes) => Buffer.from(bytes).toString('base64');
const { metadata, data } = JSON.parse(given);
const [done] = await codec[what]([{ metadata: each(metadata, bytes), data: bytes(data) }]);
console.log(JSON.stringify({ metadata: each(done.metadata, text), data: text(done.data) }));
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the documented module stands, as a user would save it."""
    page = (ROOT / "docs" / "signalling.md").read_text()
    [module] = re.findall(r"`sealing-codec\.mjs`, all of it:\n\n```js\n(.*?)```", page, re.DOTALL)
    (tmp_path / "sealing-codec.mjs").write_text(module)
    (tmp_path / "script.mjs").write_text(SCRIPT)
    (tmp_path / "keys.json").write_text(RING.text())
    (tmp_path / "node_modules").symlink_to(MODULES)
    return tmp_path


def codec(flow: str, kind: type[SealingCodec] = SealingCodec) -> SealingCodec:
    return kind(FixedRing(RING), "default", Place(flow))


def in_node(folder: Path, what: str, payload: Payload) -> Payload:
    metadata = {name: base64.b64encode(value).decode() for name, value in payload.metadata.items()}
    given = json.dumps({"metadata": metadata, "data": base64.b64encode(payload.data).decode()})
    run = subprocess.run(
        [NODE, "script.mjs", what, given], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    answer = json.loads(run.stdout)
    opened_metadata = {name: base64.b64decode(value) for name, value in answer["metadata"].items()}
    return Payload(metadata=opened_metadata, data=base64.b64decode(answer["data"]))


def test_what_javascript_seals_opens_here_and_only_in_its_flow(folder: Path) -> None:
    payload = in_node(folder, "encode", PLAIN)

    assert opened(codec("enroll-1"), payload) == PLAIN
    with pytest.raises(SealError, match="does not belong here"):
        opened(codec("enroll-2"), payload)


def test_what_is_sealed_here_opens_in_javascript_and_only_in_its_flow(folder: Path) -> None:
    shown = in_node(folder, "decode", sealed(codec("enroll-1"), PLAIN))

    assert (shown.data, shown.metadata["flow"]) == (PLAIN.data, b"enroll-1")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        in_node(folder, "decode", sealed(codec("enroll-2"), PLAIN))
    assert "sealed for another flow" in refused.value.stderr


def test_a_worker_waits_for_the_key_that_javascript_has_already(folder: Path) -> None:
    newer = rotated(RING)
    (folder / "keys.json").write_text(newer.text())
    payload = in_node(folder, "encode", PLAIN)

    with pytest.raises(SealError, match="a key that the ring does not have") as waiting:
        refuse_marked([opened(codec("enroll-1", MarkingCodec), payload)])
    assert not waiting.value.non_retryable
