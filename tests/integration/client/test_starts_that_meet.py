"""Two starts for one user meet: whoever came first gets nothing of the second, and no wish is dropped in silence."""

import asyncio
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr
from temporalio.client import WorkflowExecutionStatus

from phone_mfa.client import ConflictingStartError, FinishedFlowError, Flows, OnConflict, Started, UnreadableFlowError
from phone_mfa.client.start_input import BELIEVED_WITHIN
from phone_mfa.contracts import (
    BindingCode,
    Channel,
    Outcome,
    Phase,
    RecipientKey,
    StartChallenge,
    StartEnrollment,
    Verdict,
    names,
    reveal,
)
from phone_mfa.contracts.calls import Associate, Refusal, RemovePending
from phone_mfa.encryption import Keyring, new_recipient, public_of
from phone_mfa.encryption.keyring_source import FixedRing
from phone_mfa.temporal import data_converter
from tests.integration.client.thief import Thief, copy_of_an_old_start
from tests.integration.flows.script import RIGHT_CODE, ScriptedAuth0
from tests.integration.flows.stage import ACCESS_TOKEN, LOGIN_TOKEN, NUMBER, OTHER_NUMBER, Stage, patient
from tests.keys import KEYS, NAMING_KEY, RING

FRESH_TOKEN = "Fe26.2*a*fresh*token"
BARE = StartEnrollment(phone_number=SecretStr(NUMBER))
LOGIN = BARE.model_copy(update={"mfa_token": SecretStr(LOGIN_TOKEN)})


@pytest.fixture
def user() -> str:
    return str(uuid.uuid4())


def asking(request: StartEnrollment, **fields: object) -> StartEnrollment:
    return StartEnrollment.model_validate(request.model_dump() | fields)


STRANGERS = asking(BARE, phone_number=SecretStr(OTHER_NUMBER))
"""Asked for with the number of whoever asks, for a user who has not logged in."""


async def got_nothing(stage: Stage, first: Started, second: Started, auth0: ScriptedAuth0) -> None:
    """The second has a flow of its own, which the first can neither read, change nor finish, and its code."""
    assert first.flow_id == second.flow_id
    assert first.run_id != second.run_id
    assert (second.attached, second.replaced) == (False, True)
    mine, theirs = stage.flows.in_run(second.run_id), stage.flows.in_run(first.run_id)

    await mine_is_asked(stage, second)
    associate = auth0.last(Associate)
    assert isinstance(associate, Associate)
    assert (reveal(associate.phone_number), reveal(associate.token)) == (NUMBER, LOGIN_TOKEN)
    assert auth0.calls(Associate) == 1

    seen = await theirs.view(first.flow_id)
    assert (seen.run_id, seen.outcome, seen.allowed_actions) == (first.run_id, Outcome.SUPERSEDED, ())
    with pytest.raises(FinishedFlowError):
        await theirs.check_binding_code(first.flow_id, BindingCode(code=SecretStr(RIGHT_CODE)))
    with pytest.raises(FinishedFlowError):
        await theirs.change_number(first.flow_id, SecretStr(OTHER_NUMBER))
    with pytest.raises(FinishedFlowError):
        await theirs.cancel(first.flow_id)

    assert (await mine.check_binding_code(second.flow_id, BindingCode(code=SecretStr(RIGHT_CODE)))).verdict is (
        Verdict.ACCEPTED
    )
    ended, before = await mine.result(second.flow_id), await theirs.result(first.flow_id)
    assert (ended.outcome, before.outcome, before.recovery_code) == (Outcome.ENROLLED, Outcome.SUPERSEDED, None)


async def mine_is_asked(stage: Stage, started: Started) -> None:
    async def is_asked() -> bool:
        view = await stage.flows.in_run(started.run_id).view(started.flow_id)
        return view.phase is Phase.WAITING_FOR_CODE

    await stage.eventually(is_asked)


async def test_situation_12_with_keys_a_stranger_who_starts_first_gets_nothing_of_the_user_who_logs_in(
    stage: Stage, auth0: ScriptedAuth0, user: str
) -> None:
    first = await stage.flows.enroll(user, STRANGERS)
    await stage.phase(first.flow_id, Phase.WAITING_FOR_TOKEN)

    second = await stage.flows.enroll(user, LOGIN)

    await got_nothing(stage, first, second, auth0)


async def test_situation_12_with_keys_and_the_users_own_number_the_stranger_gets_nothing_either(
    stage: Stage, auth0: ScriptedAuth0, user: str
) -> None:
    first = await stage.flows.enroll(user, BARE)
    await stage.flows.in_run(first.run_id).change_number(first.flow_id, SecretStr(OTHER_NUMBER))

    second = await stage.flows.enroll(user, LOGIN, until_sent=timedelta(seconds=15))

    await got_nothing(stage, first, second, auth0)


async def test_situation_12_with_keys_and_a_made_up_login_the_stranger_gets_nothing_either(
    stage: Stage, auth0: ScriptedAuth0, user: str
) -> None:
    first = await stage.flows.enroll(
        user, asking(BARE, mfa_token="made-up", mfa_token_issued_at="2026-01-01T00:00:00Z")
    )
    await stage.phase(first.flow_id, Phase.WAITING_FOR_TOKEN)

    second = await stage.flows.enroll(user, LOGIN)

    await got_nothing(stage, first, second, auth0)


async def test_situation_12_without_keys_a_copied_start_gets_nothing_of_the_user_who_logs_in(
    stage: Stage, auth0: ScriptedAuth0, user: str
) -> None:
    copy = await copy_of_an_old_start(stage, user, STRANGERS)
    first = Started(copy.flow_id, await Thief(stage).starts(copy), attached=False)

    second = await stage.flows.enroll(user, LOGIN)

    await got_nothing(stage, first, second, auth0)


async def test_situation_12_without_keys_a_copied_start_does_not_block_a_start_without_a_login(
    stage: Stage, user: str
) -> None:
    copy = await copy_of_an_old_start(stage, user, STRANGERS)
    run_id = await Thief(stage).starts(copy)

    started = await stage.flows.enroll(user, BARE)

    assert started.replaced
    assert started.run_id != run_id


async def test_situation_12_without_keys_a_copied_start_is_not_the_answer_to_its_idempotency_key(
    stage: Stage, auth0: ScriptedAuth0, user: str
) -> None:
    copy = await copy_of_an_old_start(stage, user, STRANGERS, key="key")
    first = Started(copy.flow_id, await Thief(stage).starts(copy), attached=False)

    second = await stage.flows.enroll(user, LOGIN, stage.flows.attempt("key", "what is asked for"))

    await got_nothing(stage, first, second, auth0)


async def test_situation_12_without_keys_the_memo_of_a_start_does_not_make_another_one_its_answer(
    vacant_stage: Stage, user: str
) -> None:
    stage, thief = vacant_stage, Thief(vacant_stage)
    theirs = await stage.flows.enroll(user, STRANGERS)
    copy = await thief.copied(theirs.flow_id, theirs.run_id)
    attempt = stage.flows.attempt("key", "what is asked for")
    mine = await stage.flows.enroll(user, LOGIN, attempt)
    memo = (await thief.copied(mine.flow_id, mine.run_id)).memo
    await stage.handle(mine.flow_id).terminate()
    run_id = await thief.starts(replace(copy, memo=memo))

    again = await stage.flows.enroll(user, LOGIN, attempt)

    assert again.replaced
    assert again.run_id != run_id


@pytest.mark.parametrize("workflow", [names.CHALLENGE_WORKFLOW, "Unheard-of"])
async def test_situation_12_without_keys_a_start_as_another_workflow_is_replaced(
    vacant_stage: Stage, user: str, workflow: str
) -> None:
    stage = vacant_stage
    mine = await stage.flows.enroll(user, BARE)
    copy = await Thief(stage).copied(mine.flow_id, mine.run_id)
    await stage.handle(mine.flow_id).terminate()
    await Thief(stage).starts(copy, workflow)

    assert (await stage.flows.enroll(user, BARE)).replaced


@pytest.mark.parametrize(
    ("fields", "differing"),
    [
        ({"phone_number": OTHER_NUMBER}, ("phone_number",)),
        ({"recipient": RecipientKey.model_validate(public_of(new_recipient()))}, ("recipient",)),
        ({"policy": patient(sends=2), "channel": Channel.VOICE}, ("channel", "policy")),
    ],
)
async def test_situation_13_a_start_with_other_values_is_refused_and_told_what_differs(
    stage: Stage, auth0: ScriptedAuth0, user: str, fields: dict[str, object], differing: tuple[str, ...]
) -> None:
    first = await stage.flows.enroll(user, LOGIN, until_sent=timedelta(seconds=15))

    with pytest.raises(ConflictingStartError) as refused:
        await stage.flows.enroll(user, asking(LOGIN, **fields))

    assert refused.value.fields == differing
    assert OTHER_NUMBER not in str(refused.value)
    assert await stage.flows.newest_run(first.flow_id) == first.run_id
    assert (await stage.check(first.flow_id, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_situation_13_a_start_with_other_values_replaces_the_flow_when_it_is_to(
    stage: Stage, auth0: ScriptedAuth0, user: str
) -> None:
    first = await stage.flows.enroll(user, asking(LOGIN, mfa_token=ACCESS_TOKEN), until_sent=timedelta(seconds=15))

    second = await stage.flows.enroll(
        user, asking(LOGIN, phone_number=OTHER_NUMBER), until_sent=timedelta(seconds=15), on_conflict=OnConflict.REPLACE
    )

    assert (second.attached, second.replaced) == (False, True)
    assert second.receipt and second.receipt.sent
    before = await stage.flows.in_run(first.run_id).result(first.flow_id)
    assert (before.outcome, before.note) == (
        Outcome.SUPERSEDED,
        "Another start of the user's flow has replaced this one.",
    )
    removed, associate = auth0.last(RemovePending), auth0.last(Associate)
    assert isinstance(removed, RemovePending) and reveal(removed.phone_number) == NUMBER
    assert isinstance(associate, Associate) and reveal(associate.phone_number) == OTHER_NUMBER


async def test_situation_13_holds_for_challenges(stage: Stage, auth0: ScriptedAuth0, user: str) -> None:
    auth0.list_phone(NUMBER, active=True)
    login = StartChallenge(mfa_token=SecretStr(LOGIN_TOKEN))
    first = await stage.flows.challenge(user, login)
    other = login.model_copy(update={"flow_seconds": 60})

    with pytest.raises(ConflictingStartError) as refused:
        await stage.flows.challenge(user, other)
    second = await stage.flows.challenge(user, other, on_conflict=OnConflict.REPLACE)

    assert refused.value.fields == ("flow_seconds",)
    assert (second.replaced, second.run_id == first.run_id) == (True, False)


async def test_the_same_start_attaches_and_gives_the_flow_nothing(
    stage: Stage, auth0: ScriptedAuth0, user: str
) -> None:
    first = await stage.flows.enroll(user, BARE)
    await stage.phase(first.flow_id, Phase.WAITING_FOR_TOKEN)

    again = await stage.flows.enroll(user, BARE)

    assert again == replace(first, attached=True)
    assert not auth0.heard


async def test_a_start_without_a_login_never_joins_one(stage: Stage, user: str) -> None:
    """Whoever joins gets a flow token, which can change the number."""
    first = await stage.flows.enroll(user, LOGIN)

    with pytest.raises(ConflictingStartError) as refused:
        await stage.flows.enroll(user, BARE)

    assert refused.value.fields == ("mfa_token",)
    assert (await stage.flows.in_run(first.run_id).view(first.flow_id)).outcome is None


async def test_a_made_up_login_keeps_nobody_out(stage: Stage, auth0: ScriptedAuth0, user: str) -> None:
    auth0.refuse(Associate, Refusal.TOKEN_REFUSED)
    first = await stage.flows.enroll(user, asking(STRANGERS, mfa_token="made-up"))
    await stage.phase(first.flow_id, Phase.WAITING_FOR_TOKEN)

    assert (await stage.flows.enroll(user, LOGIN)).replaced


async def test_a_new_login_has_a_flow_of_its_own(stage: Stage, auth0: ScriptedAuth0, user: str) -> None:
    first = await stage.flows.enroll(user, LOGIN, until_sent=timedelta(seconds=15))

    second = await stage.flows.enroll(user, asking(LOGIN, mfa_token=FRESH_TOKEN), until_sent=timedelta(seconds=15))

    assert second.replaced
    associate = auth0.last(Associate)
    assert isinstance(associate, Associate) and reveal(associate.token) == FRESH_TOKEN
    assert (await stage.flows.in_run(first.run_id).view(first.flow_id)).outcome is Outcome.SUPERSEDED


async def test_a_login_given_to_the_flow_itself_stays_with_it(stage: Stage, auth0: ScriptedAuth0, user: str) -> None:
    """A pipeline starts flows at night; its service gives each flow the login of the person who comes."""
    first = await stage.flows.enroll(user, BARE)
    assert await stage.renew(first.flow_id, LOGIN_TOKEN) is Phase.SENDING_CODE
    await stage.message(first.flow_id, 1)

    with pytest.raises(ConflictingStartError):
        await stage.flows.enroll(user, BARE)
    assert (await stage.check(first.flow_id, RIGHT_CODE)).verdict is Verdict.ACCEPTED


async def test_a_flow_that_no_worker_ends_is_superseded_all_the_same(
    vacant_stage: Stage, auth0: ScriptedAuth0, user: str
) -> None:
    stage = vacant_stage
    first = await stage.flows.enroll(user, STRANGERS)

    second = await stage.flows.enroll(user, LOGIN)

    before = stage.flows.in_run(first.run_id)
    assert (await before.described(first.flow_id)).status is WorkflowExecutionStatus.TERMINATED
    view, result = await before.view(first.flow_id), await before.result(first.flow_id)
    assert (view.phase, view.outcome, view.failure, view.cleanup) == (Phase.DONE, Outcome.SUPERSEDED, "", "")
    assert (result.outcome, result.note, view.note) == (Outcome.SUPERSEDED, view.note, result.note)
    assert [each async for each in before.watch(first.flow_id)] == [view]
    async with stage.worker():
        await mine_is_asked(stage, second)
    assert auth0.calls(Associate) == 1


async def test_whoever_has_no_keys_cannot_pass_a_termination_off_as_a_replacement(stage: Stage) -> None:
    flow = await stage.enroll(token=None)
    await stage.handle(flow).terminate(reason="Another start of the user's flow has replaced this one.")

    assert (await stage.flows.view(flow)).phase is Phase.FAILED


async def test_a_request_made_again_finds_what_its_first_attempt_has_started_in_place_of_another(
    stage: Stage, user: str
) -> None:
    await stage.flows.enroll(user, STRANGERS)
    attempt = stage.flows.attempt("key", "what is asked for")
    first = await stage.flows.enroll(user, LOGIN, attempt)
    again = await stage.flows.enroll(user, LOGIN, attempt)

    assert (first.replaced, again) == (True, Started(first.flow_id, first.run_id, attached=True))


@pytest.mark.parametrize("until_sent", [None, timedelta(seconds=15)])
async def test_a_request_made_many_times_at_once_replaces_a_flow_once(
    stage: Stage, auth0: ScriptedAuth0, user: str, until_sent: timedelta | None
) -> None:
    before = await stage.flows.enroll(user, STRANGERS)
    attempt = stage.flows.attempt("key", "what is asked for")

    answers = await asyncio.gather(*(stage.flows.enroll(user, LOGIN, attempt, until_sent) for _ in range(5)))

    assert len({each.run_id for each in answers} - {before.run_id}) == 1
    assert before.run_id not in {each.run_id for each in answers}
    await mine_is_asked(stage, answers[0])
    assert auth0.calls(Associate) == 1


async def test_two_logins_at_once_end_with_one_flow_that_belongs_to_one_of_them(
    stage: Stage, auth0: ScriptedAuth0, user: str
) -> None:
    await stage.flows.enroll(user, STRANGERS)
    logins = [asking(LOGIN, mfa_token=token) for token in (LOGIN_TOKEN, FRESH_TOKEN)]

    answers = await asyncio.gather(*(stage.flows.enroll(user, login) for login in logins))

    newest = await stage.flows.newest_run(answers[0].flow_id)
    assert newest in {each.run_id for each in answers}
    assert len({each.run_id for each in answers}) == 2
    views = [await stage.flows.in_run(each.run_id).view(each.flow_id) for each in answers]
    assert [view.outcome for view in views if view.run_id != newest] == [Outcome.SUPERSEDED]


async def test_a_start_under_a_key_that_is_not_here_yet_is_told_of_and_left_alone(
    vacant_stage: Stage, user: str
) -> None:
    rotated = Keyring(RING.id, "newer", {**RING.keys, "newer": replace(RING.keys["tests"], id="newer")}, NAMING_KEY)
    client = vacant_stage.engine.client
    configured = client.config()
    configured["data_converter"] = data_converter(FixedRing(rotated), client.namespace)
    elsewhere = Flows(type(client)(**configured), tenant="tenant", keys=KEYS)
    theirs = await elsewhere.enroll(user, BARE)

    with pytest.raises(UnreadableFlowError, match="key that the ring does not have"):
        await vacant_stage.flows.enroll(user, LOGIN)

    assert (await vacant_stage.flows.described(theirs.flow_id)).status is WorkflowExecutionStatus.RUNNING


@pytest.mark.parametrize("sign", [-1, 1])
async def test_a_clock_may_be_wrong_by_some_minutes(vacant_stage: Stage, user: str, sign: int) -> None:
    def with_clock(off: timedelta) -> Flows:
        return Flows(vacant_stage.engine.client, tenant="tenant", keys=KEYS, clock=lambda: vacant_stage.clock() + off)

    nearly, too_far = sign * (BELIEVED_WITHIN - timedelta(seconds=30)), sign * (BELIEVED_WITHIN + timedelta(seconds=30))
    first = await with_clock(nearly).enroll(user, BARE)
    assert (await vacant_stage.flows.enroll(user, BARE)).run_id == first.run_id

    await vacant_stage.handle(first.flow_id).terminate()
    await with_clock(too_far).enroll(user, BARE)
    assert (await vacant_stage.flows.enroll(user, BARE)).replaced
