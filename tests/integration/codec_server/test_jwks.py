"""How often an issuer is asked for its keys, and how long they are good for."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from phone_mfa.codec_server import IssuerKeys
from phone_mfa.jwks import INVALID_AFTER, MIN_FETCH_INTERVAL, REFRESH_AFTER, IssuerDownError
from tests.integration.codec_server.issuer import Issuer, issuer, rsa_key


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ours() -> Iterator[Issuer]:
    with issuer() as ours:
        yield ours


@asynccontextmanager
async def keys(ours: Issuer, clock: Clock, path: str = "/.well-known/jwks.json") -> AsyncIterator[IssuerKeys]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield IssuerKeys(http, f"{ours.address}{path}", clock)


async def test_known_keys_are_fetched_again_when_they_are_old(ours: Issuer) -> None:
    clock = Clock()
    async with keys(ours, clock) as known:
        for _ in range(3):
            assert await known.key("rsa")
        assert ours.asked == 1
        clock.now += REFRESH_AFTER
        assert await known.key("rsa")
        assert ours.asked == 2


async def test_a_key_that_is_new_is_found_after_a_pause(ours: Issuer) -> None:
    clock = Clock()
    async with keys(ours, clock) as known:
        assert await known.key("newer") is None
        ours.keys["newer"] = rsa_key()
        assert await known.key("newer") is None
        clock.now += MIN_FETCH_INTERVAL
        assert await known.key("newer")
        assert ours.asked == 2


async def test_a_key_that_is_gone_is_no_longer_good(ours: Issuer) -> None:
    clock = Clock()
    async with keys(ours, clock) as known:
        assert await known.key("rsa")
        del ours.keys["rsa"]
        clock.now += REFRESH_AFTER
        assert await known.key("rsa") is None


async def test_keys_outlive_an_outage_but_not_for_ever(ours: Issuer) -> None:
    clock = Clock()
    async with keys(ours, clock) as known:
        assert await known.key("rsa")
        ours.down = True
        clock.now += REFRESH_AFTER
        assert await known.key("rsa")
        with pytest.raises(IssuerDownError) as down:
            await known.key("newer")
        assert down.value.retry_after == MIN_FETCH_INTERVAL
        clock.now += INVALID_AFTER
        with pytest.raises(IssuerDownError):
            await known.key("rsa")
        ours.down = False
        clock.now += MIN_FETCH_INTERVAL
        assert await known.key("rsa")


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        "{}",
        '{"keys":1}',
        '{"keys":[1]}',
        '{"keys":[]}',
        '{"keys":[{"kty":"?"}]}',
        "[" * 99_999,
        "x" * 300_000,
    ],
)
async def test_an_issuer_that_talks_nonsense_is_down(ours: Issuer, said: str) -> None:
    ours.jwks = lambda: said  # type: ignore[method-assign]  # what it publishes is no set of keys
    async with keys(ours, Clock()) as known:
        with pytest.raises(IssuerDownError):
            await known.key("rsa")


BAD_KEYS: list[Any] = [
    *(1, None, [], "rsa", {}, {"kty": []}, {"kty": "ML-DSA"}, {"kty": "RSA"}, {"kty": "RSA", "n": "", "e": ""}),
    *({"kty": "RSA", "n": n, "e": "AQAB"} for n in (1, "é", "AA", "=")),
    *({"kty": "EC", "crv": crv, "x": "AQ", "y": "AQ"} for crv in ("P-256", "P-1")),
    {"kty": "EC", "crv": [], "x": "AQ", "y": "AQ"},
    *({"kty": "oct", "k": k} for k in ("", 1)),
    {"kty": "OKP", "crv": "Ed25519", "x": "AQ"},
]


@pytest.mark.parametrize("bad", BAD_KEYS, ids=str)
async def test_a_key_that_is_broken_or_of_an_unknown_type_does_not_spoil_the_others(ours: Issuer, bad: Any) -> None:
    published = json.loads(ours.jwks())["keys"]
    bad = bad | {"kid": "bad"} if isinstance(bad, dict) else bad
    ours.jwks = lambda: json.dumps({"keys": [bad, *published]})  # type: ignore[method-assign]
    async with keys(ours, Clock()) as known:
        assert await known.key("rsa")
        assert await known.key("ec")
        assert await known.key("bad") is None


@pytest.mark.parametrize("use", ["enc", "other", "", 5, ["sig"]])
async def test_a_key_for_another_use_is_not_taken(ours: Issuer, use: object) -> None:
    rsa, ec = json.loads(ours.jwks())["keys"]
    del ec["use"]
    ours.jwks = lambda: json.dumps({"keys": [ec, rsa | {"use": use}]})  # type: ignore[method-assign]
    async with keys(ours, Clock()) as known:
        assert await known.key("rsa") is None
        assert await known.key("ec")


async def test_an_issuer_that_is_not_there_is_down(ours: Issuer) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(IssuerDownError):
            await IssuerKeys(http, "http://127.0.0.1:9/", Clock()).key("rsa")
    async with keys(ours, Clock(), "/elsewhere") as known:
        with pytest.raises(IssuerDownError):
            await known.key("rsa")
