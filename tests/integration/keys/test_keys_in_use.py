"""A key that running flows need is not dropped, and the names of flows are not replaced under them, unless forced."""

import re
import shutil

from pydantic import SecretStr

from phone_mfa.client import Flows
from phone_mfa.contracts import ProvideMfaToken
from phone_mfa.encryption.keyring_file import read_ring
from phone_mfa.encryption.keyring_source import WatchedRing
from tests.integration.keys.installation import Installation

MORE_TOKEN = ProvideMfaToken(mfa_token=SecretStr("Fe26.2*another*token"))


async def test_a_key_that_flows_were_started_with_is_not_dropped_and_some_of_them_are_named(
    installation: Installation,
) -> None:
    old_flows = {(await installation.enroll()).flow_id for _ in range(7)}
    old, _ = await installation.rotate()
    await installation.enroll()
    await installation.running(8)
    before = installation.file.read_text()

    refused = await installation.run("keys", "drop", old)
    rotated = await installation.run("keys", "rotate", "--drop", old, "--json")

    named = set(re.findall(r"enroll-\w+", refused.err))
    assert (refused.code, refused.out, installation.file.read_text()) == (1, "", before)
    assert refused.err.startswith("Error: 7 running flows (enroll-")
    assert " and 2 more) need the key: " in refused.err
    assert (len(named), named <= old_flows) == (5, True)
    assert rotated.code == 1
    assert '"KeyInUseError"' in rotated.err


async def test_a_flow_needs_the_key_of_a_signal_that_came_late_until_it_has_ended(installation: Installation) -> None:
    copy = installation.file.with_name("copy.json")
    shutil.copy(installation.file, copy)
    old, new = await installation.rotate()
    flow = (await installation.enroll()).flow_id
    behind = Flows(installation.client_with(WatchedRing(copy)), tenant="tenant", keys=WatchedRing(copy))
    await behind.provide_token(flow, MORE_TOKEN)
    await installation.enroll()
    await installation.running(2)

    refused = await installation.run("keys", "drop", old)
    await installation.client.get_workflow_handle(flow).terminate()
    await installation.running(1)
    dropped = await installation.run("keys", "drop", old)

    assert refused.err.startswith(f"Error: 1 running flow ({flow}) needs the key: ")
    assert (dropped.code, set(read_ring(installation.file).keys)) == (0, {new})
    target = installation.client.service_client.config.target_host
    assert (
        f"no running flow needs it (1 checked, in namespace {installation.client.namespace} at {target})" in dropped.out
    )


async def test_force_drops_a_key_that_is_needed(installation: Installation) -> None:
    await installation.enroll()
    old, new = await installation.rotate()

    forced = await installation.run("keys", "drop", old, "--force")

    assert (forced.code, set(read_ring(installation.file).keys)) == (0, {new})


async def test_flows_get_other_names_only_when_none_runs_and_processes_follow_without_a_restart(
    installation: Installation,
) -> None:
    flow = (await installation.enroll("ada")).flow_id
    await installation.running(1)

    refused = await installation.run("keys", "rename")
    before = read_ring(installation.file)
    await installation.client.get_workflow_handle(flow).terminate()
    await installation.running(0)
    renamed = await installation.run("keys", "rename")

    assert (refused.code, renamed.code) == (1, 0)
    assert refused.err.startswith(f"Error: 1 running flow ({flow}) would no longer be found by user: ")
    assert installation.source.ring(having="nobody").naming_key != before.naming_key
    assert (await installation.enroll("ada")).flow_id != flow
