"""Matching, listing and removing of ordered faults."""

import pytest

from emulator.tests.visitor import OOB, Visitor, bearer

JWKS = "/.well-known/jwks.json"


async def statuses(visitor: Visitor, calls: int) -> list[int]:
    return [(await visitor.http.get(JWKS)).status_code for _ in range(calls)]


async def test_an_order_without_a_number_strikes_until_it_is_taken_back(visitor: Visitor) -> None:
    await visitor.fault("GET", JWKS, "status", times=None)
    assert await statuses(visitor, 5) == [503] * 5
    (order,) = await visitor.control("GET", "faults")
    assert (order["times"], order["struck"], order["left"]) == (None, 5, None)
    await visitor.control("DELETE", "faults")
    assert await statuses(visitor, 1) == [200]


async def test_open_orders_are_listed_with_what_is_left_of_them(visitor: Visitor) -> None:
    assert await visitor.control("GET", "faults") == []
    await visitor.fault("GET", JWKS, "status", times=2)
    await visitor.fault("GET", JWKS, "reset")
    await statuses(visitor, 1)
    listed = await visitor.control("GET", "faults")
    assert [(order["kind"], order["struck"], order["left"]) for order in listed] == [("status", 1, 1), ("reset", 0, 1)]
    await statuses(visitor, 1)
    assert [order["kind"] for order in await visitor.control("GET", "faults")] == ["reset"]


async def test_the_same_seed_draws_the_same_strikes(visitor: Visitor) -> None:
    drawn = []
    for seed in (7, 7, 8):
        await visitor.control("DELETE", "faults")
        await visitor.fault("GET", JWKS, "status", times=None, probability=0.5, seed=seed)
        drawn.append(await statuses(visitor, 40))
    assert drawn[0] == drawn[1] != drawn[2]
    assert set(drawn[0]) == {200, 503}


async def test_a_call_that_is_spared_by_the_draw_spends_nothing(visitor: Visitor) -> None:
    await visitor.fault("GET", JWKS, "status", probability=0)
    assert await statuses(visitor, 5) == [200] * 5
    (order,) = await visitor.control("GET", "faults")
    assert order["left"] == 1


async def test_a_call_spared_by_one_order_may_be_struck_by_the_next(visitor: Visitor) -> None:
    await visitor.fault("GET", JWKS, "status", status=500, probability=0)
    await visitor.fault("GET", JWKS, "status", status=501)
    assert await statuses(visitor, 2) == [501, 200]


async def test_a_form_member_picks_the_grant_that_is_struck(visitor: Visitor) -> None:
    await visitor.fault("POST", "/oauth/token", "status", match={"grant_type": OOB})
    person = await visitor.person()
    assert (await visitor.login(person)).status_code == 403
    assert (await visitor.grant(OOB)).status_code == 503


async def test_json_members_pick_the_call_and_a_list_of_one_text_counts_as_the_text(visitor: Visitor) -> None:
    person, other = await visitor.person(), await visitor.person()
    await visitor.fault(
        "POST", "/mfa/associate", "status", match={"phone_number": person.number, "oob_channels": "voice"}
    )
    token = await visitor.mfa_token(person)
    assert (await visitor.associate(token, other.number, "voice")).status_code == 200
    assert (await visitor.associate(token, person.number, "sms")).status_code == 200
    assert (await visitor.associate(token, person.number, "voice")).status_code == 503


async def test_a_query_member_picks_the_call(visitor: Visitor) -> None:
    await visitor.fault("GET", JWKS, "status", match={"page": "2"})
    assert [(await visitor.http.get(JWKS, params={"page": page})).status_code for page in "12"] == [200, 503]


async def test_a_header_picks_the_call_whatever_the_case_of_its_name(visitor: Visitor) -> None:
    await visitor.fault("GET", "/mfa/*", "status", match_headers={"AUTHORIZATION": "Bearer b"})
    asked = [await visitor.http.get("/mfa/authenticators", headers=bearer(token)) for token in "ab"]
    assert [answer.status_code for answer in asked] == [401, 503]


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b'{"a":', b"[" * 100_000, b'{"a":1}', b'{"a":["1","1"]}'])
async def test_a_body_without_the_member_is_not_meant(visitor: Visitor, body: bytes) -> None:
    await visitor.fault("*", "*", "status", match={"a": "1"})
    assert (await visitor.http.post("/mfa/challenge", content=body)).status_code in (400, 401)


@pytest.mark.parametrize("path", ["/_phone", "/_phone/", "/_phone/messages", "/_control/health"])
async def test_neither_the_phone_nor_the_control_plane_is_struck_or_recorded(visitor: Visitor, path: str) -> None:
    await visitor.fault("*", "*", "status", status=599)
    assert (await visitor.http.get(path)).status_code != 599
    assert await visitor.control("GET", "requests") == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"times": 0}, "times"),
        ({"probability": 1.1}, "probability"),
        ({"probability": -0.1}, "probability"),
        ({"seed": "x"}, "seed"),
        ({"seed": 0.5}, "seed"),
        ({"match": {"a": 1}}, "match.a"),
        ({"match": "a"}, "match"),
        ({"match_headers": {"a b": "c"}}, "match_headers"),
    ],
)
async def test_an_order_that_cannot_be_carried_out_is_refused(
    visitor: Visitor, wrong: dict[str, object], field: str
) -> None:
    order = {"method": "GET", "path": "/", "kind": "status"} | wrong
    answer = await visitor.http.post("/_control/faults", json=order)
    assert (answer.status_code, answer.json()["error"].startswith(field)) == (400, True), answer.text
    assert await visitor.control("GET", "faults") == []
