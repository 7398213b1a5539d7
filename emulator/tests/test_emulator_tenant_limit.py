"""The tenant-wide rate limit, under a frozen clock."""

import httpx
import pytest

from emulator.tests.visitor import Visitor, refusal

TOO_MANY = (
    429,
    "too_many_requests",
    "Too many requests. Check the X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset headers.",
)
NOON = 1_769_860_800


@pytest.fixture
async def still(visitor: Visitor) -> Visitor:
    await visitor.control("POST", "clock", {"set": NOON, "frozen": True})
    return visitor


async def ask(visitor: Visitor) -> httpx.Response:
    """The cheapest call that counts; without a limit it returns 401."""
    return await visitor.http.get("/mfa/authenticators")


def standing(answer: httpx.Response) -> tuple[int, int, int]:
    """Limit, remaining and seconds from noon to the reset."""
    limit, remaining, reset = (int(answer.headers[f"x-ratelimit-{name}"]) for name in ("limit", "remaining", "reset"))
    return limit, remaining, reset - NOON


async def test_the_limit_is_off_until_it_is_given_a_budget(still: Visitor) -> None:
    assert not [name for name in (await ask(still)).headers if name.startswith("x-ratelimit")]
    await still.switch(rate_limit={"burst": 1, "per_seconds": 60})
    allowed = await ask(still)
    assert (allowed.status_code, *standing(allowed)) == (401, 1, 0, 60)
    limited = await ask(still)
    assert refusal(limited) == TOO_MANY
    assert standing(limited) == (1, 0, 60)
    await still.switch(rate_limit=None)
    assert (await ask(still)).status_code == 401


async def test_a_limited_caller_is_let_in_when_the_reset_has_come(still: Visitor) -> None:
    await still.switch(rate_limit={"burst": 1, "per_seconds": 0.7})
    await still.advance(0.5)
    await ask(still)
    limited = await ask(still)
    assert limited.status_code == 429
    await still.control("POST", "clock", {"set": int(limited.headers["x-ratelimit-reset"])})
    assert (await ask(still)).status_code == 401


async def test_a_plain_429_says_retry_after_only_when_the_tenant_is_told_to(still: Visitor) -> None:
    await still.switch(rate_limit={"burst": 1, "per_seconds": 60})
    await ask(still)
    assert "retry-after" not in (await ask(still)).headers
    await still.switch(rate_limit_retry_after=True)
    assert (await ask(still)).headers["retry-after"] == "60"
    await still.advance(60)
    assert "retry-after" not in (await ask(still)).headers


@pytest.mark.parametrize(
    ("plan", "limit"), [("free", 300), ("essentials", 25), ("professional", 25), ("enterprise", 100)]
)
async def test_a_plan_has_auth0s_limit(still: Visitor, plan: str, limit: int) -> None:
    await still.switch(plan=plan)
    for left in reversed(range(limit)):
        answer = await ask(still)
        assert (answer.status_code, *standing(answer)[:2]) == (401, limit, left)
    assert refusal(await ask(still)) == TOO_MANY
    await still.advance(60)
    assert standing(await ask(still))[1] == limit - 1


async def test_the_free_plan_allows_thirty_token_calls_a_second_within_its_three_hundred(still: Visitor) -> None:
    await still.switch(plan="free")
    for left in reversed(range(30)):
        assert standing(await still.grant("password"))[:2] == (30, left)
    assert refusal(await still.grant("password")) == TOO_MANY
    assert standing(await ask(still))[:2] == (300, 269)
    await still.advance(1)
    assert standing(await still.grant("password"))[:2] == (30, 29)


async def test_a_limit_of_ones_own_takes_the_place_of_the_plans(still: Visitor) -> None:
    await still.switch(plan="enterprise", rate_limit={"burst": 7, "per_seconds": 1})
    assert standing(await still.grant("password"))[0] == 7


@pytest.mark.parametrize("path", ["/.well-known/jwks.json", "/api/v2/clients", "/_control/health", "/_phone"])
async def test_only_the_authentication_api_is_limited(still: Visitor, path: str) -> None:
    await still.switch(rate_limit={"burst": 0, "per_seconds": 60})
    answer = await still.http.get(path)
    assert answer.status_code != 429
    assert "x-ratelimit-limit" not in answer.headers


async def test_a_limit_spent_before_the_clock_went_back_is_not_spent_for_ever(still: Visitor) -> None:
    await still.switch(rate_limit={"burst": 1, "per_seconds": 60})
    await ask(still)
    await still.control("POST", "clock", {"set": "2002-01-01T00:00:00Z"})
    assert (await ask(still)).status_code == 429
    await still.advance(60)
    assert (await ask(still)).status_code == 401
