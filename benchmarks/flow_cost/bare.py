"""Baseline: a plain Temporal workflow, written like those in Temporal's own guides.

It makes the same three Auth0 calls, and answers its callers through updates. It seals nothing, publishes nothing, has
only JSON types and no lifetime, and repeats a send or check if a worker crashes. The SDK's sandbox executes this module
again for each flow, so it has few imports.
"""

from datetime import timedelta
from typing import Final

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    import httpx

_TIMEOUT: Final = timedelta(seconds=20)


class Activities:
    """Calls to Auth0."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    @activity.defn
    async def associate(self, request: dict[str, str]) -> str:
        """Send a code and return the oob code."""
        asked = {
            "authenticator_types": ["oob"],
            "oob_channels": ["sms"],
            "phone_number": request["phone_number"],
            "client_id": "emulator-client",
            "client_secret": "emulator-secret",
        }
        headers = {"Authorization": f"Bearer {request['mfa_token']}"}
        answer = await self._http.post("/mfa/associate", json=asked, headers=headers)
        return str(answer.raise_for_status().json()["oob_code"])

    @activity.defn
    async def check(self, request: dict[str, str]) -> bool:
        """Return whether the code is correct."""
        credentials = {"client_id": "emulator-client", "client_secret": "emulator-secret"}
        asked = {"grant_type": "http://auth0.com/oauth/grant-type/mfa-oob", **credentials, **request}
        return (await self._http.post("/oauth/token", data=asked)).status_code == 200


@workflow.defn
class BareEnrollment:
    """Sends a code and checks codes until one is correct."""

    @workflow.init
    def __init__(self, request: dict[str, str]) -> None:
        """``request``: ``phone_number`` and ``mfa_token``."""
        self._token = request["mfa_token"]
        self._oob_code: str | None = None
        self._enrolled = False

    @workflow.run
    async def run(self, request: dict[str, str]) -> dict[str, str]:
        """Run until the phone is enrolled."""
        self._oob_code = await workflow.execute_activity_method(
            Activities.associate, request, start_to_close_timeout=_TIMEOUT
        )
        await workflow.wait_condition(lambda: self._enrolled and workflow.all_handlers_finished())
        return {"outcome": "enrolled"}

    @workflow.update
    async def sent(self) -> str:
        """Wait until the message is sent."""
        await workflow.wait_condition(lambda: self._oob_code is not None)
        return "waiting_for_code"

    @workflow.update
    async def check_code(self, code: str) -> dict[str, str]:
        """Return the verdict on a code."""
        request = {"mfa_token": self._token, "oob_code": str(self._oob_code), "binding_code": code}
        self._enrolled = await workflow.execute_activity_method(
            Activities.check, request, start_to_close_timeout=_TIMEOUT
        )
        return {"verdict": "accepted" if self._enrolled else "wrong"}
