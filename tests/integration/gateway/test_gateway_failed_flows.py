"""What HTTP tells of a flow that failed: that it did, and to the service why. Nothing can be asked of it any more."""

from typing import Any

import pytest

from phone_mfa.client import FailedFlowError
from phone_mfa.contracts import Channel
from phone_mfa.contracts.calls import Associate, Refusal
from tests.integration.flows.script import ScriptedAuth0
from tests.integration.flows.stage import Stage
from tests.integration.gateway.door import Door, bearer, events_in


async def seen(door: Door, started: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The flow as its service and its browser see it."""
    address = f"/v1/flows/{started['flow_id']}"
    service = await door.service.get(address)
    browser = await door.anybody.get(address, headers=bearer(started["flow_token"]))
    return service.raise_for_status().json(), browser.raise_for_status().json()


def is_over(view: dict[str, Any]) -> bool:
    """Whether it says failed, and offers nothing."""
    waits = (view["wait"], view["retry_at"], view["outcome"])
    return view["phase"] == "failed" and view["allowed_actions"] == [] and waits == (None, None, None)


async def test_situation_5_a_terminated_flow_is_failed_over_http_and_allows_nothing(stage: Stage, door: Door) -> None:
    started = (await door.enroll()).json()
    await stage.message(started["flow_id"], 1)
    await stage.handle(started["flow_id"]).terminate(reason="asked by phone")

    service, browser = await seen(door, started)

    assert is_over(service) and is_over(browser)
    assert service["failure"] == "The flow was terminated: asked by phone"
    assert browser["failure"] == "The flow failed."


async def test_situation_5_a_flow_whose_channel_is_off_is_failed_over_http_and_allows_nothing(
    stage: Stage, auth0: ScriptedAuth0, door: Door
) -> None:
    auth0.refuse(Associate, Refusal.CHANNEL_DISABLED)
    started = (await door.enroll(channel=Channel.VOICE)).json()
    with pytest.raises(FailedFlowError):
        await stage.flows.result(started["flow_id"])

    service, browser = await seen(door, started)

    assert is_over(service) and is_over(browser)
    assert "does not send codes by voice" in service["failure"]
    assert browser["failure"] == "The flow failed."


async def test_the_stream_of_a_terminated_flow_tells_its_service_why_and_a_browser_that_it_failed(
    stage: Stage, door: Door
) -> None:
    started = (await door.enroll()).json()
    await stage.message(started["flow_id"], 1)
    await stage.handle(started["flow_id"]).terminate(reason="asked by phone")
    address = f"/v1/flows/{started['flow_id']}/events"

    async with (
        door.service.stream("GET", address) as service,
        door.anybody.stream("GET", address, headers=bearer(started["flow_token"])) as browser,
    ):
        told = [(await anext(events_in(stream)))["data"]["failure"] for stream in (service, browser)]

    assert told == ["The flow was terminated: asked by phone", "The flow failed."]
