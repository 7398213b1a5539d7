"""The option that adds the site a code is for to texts."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

COMMAND = [sys.executable, "-m", "auth0_mfa_emulator", "--port", "0", "--origin-bound-host"]


def test_the_process_starts_with_the_host_it_is_given(tmp_path: Path) -> None:
    for host in ("localhost:8088", "login.example.com"):  # the option overrides the state file for this run
        command = [*COMMAND, host, "--state", str(tmp_path / "state.db")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            address = process.stdout.readline().split()[-1]
            switches = httpx.get(f"{address}/_control/tenant").json()
            process.terminate()
        assert switches["origin_bound_host"] == host


@pytest.mark.parametrize("host", ["", "https://example.com", "a b"])
def test_what_is_no_host_is_refused(host: str) -> None:
    ended = subprocess.run([*COMMAND, host], capture_output=True, text=True, check=False, timeout=60)

    assert ended.returncode == 2
    assert "--origin-bound-host: must be a lowercase host, optionally with a port" in ended.stderr
