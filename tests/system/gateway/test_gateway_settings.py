"""Settings that the gateway shares with the command, in a process of its own."""

import uuid

import httpx

from tests.integration.flows.stage import NUMBER
from tests.integration.gateway.door import bearer
from tests.system.gateway.installation import API_KEY, Installation


async def test_the_gateway_folds_the_spelling_of_users_if_told_to(installation: Installation) -> None:
    user = str(uuid.uuid4())
    async with installation.another_gateway(PHONE_MFA_FOLD_USERS="true") as address:
        async with httpx.AsyncClient(base_url=address, headers=bearer(API_KEY), timeout=30, trust_env=False) as http:
            requests = ({"user": spelled, "phone_number": NUMBER} for spelled in (user.upper(), f" {user}"))
            answers = [await http.post("/v1/enrollments", json=request) for request in requests]

    assert [answer.status_code for answer in answers] == [201, 200]
