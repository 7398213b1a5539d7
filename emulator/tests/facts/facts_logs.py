"""The tenant log in the Management API: members as the cassettes of go-auth0 v1.45.0 recorded them (`TestLogManager`),
checkpoints from Auth0 docs (retrieve log events), types from section 6."""

from functools import partial

import httpx

from emulator.tests.facts.facts_row import UTF8, Answer, Fact
from emulator.tests.facts.facts_stage import EMAIL, PUSH, Stage

_NOW = "2027-01-15T08:00:00.000Z"
_BEGINNING = "0" * 56
_MASKED = '{"recipient":"XXXXXXXXX9167"}'


def _event(label: str, kind: str, description: str, details: str = "null") -> str:
    return (
        f'{{"_id":"<LOG {label}>","log_id":"<LOG {label}>","date":"{_NOW}","type":"{kind}",'
        f'"description":"{description}","connection":"Username-Password-Authentication","connection_id":"",'
        '"organization_id":null,"organization_name":null,"client_id":"emulator-client","client_name":"Emulator Client",'
        f'"ip":"127.0.0.1","hostname":"<AUTHORITY>","details":{details},"user_id":"auth0|<HEX u>",'
        f'"user_name":"{EMAIL}","user_agent":"Other 0.0.0 / Other 0.0.0","audience":null,"scope":null,'
        '"strategy":"auth0","strategy_type":"database","isMobile":false,"location_info":null}'
    )


async def logs(stage: Stage, query: str) -> httpx.Response:
    return await stage.visitor.manage("GET", f"logs?{query}")


async def logs_of_user(stage: Stage, query: str) -> httpx.Response:
    await stage.associate()
    return await stage.visitor.manage("GET", f"users/{stage.person.user_id}/logs?{query}")


async def logs_of_a_deleted_user(stage: Stage) -> httpx.Response:
    path = f"users/{stage.person.user_id}"
    await stage.visitor.manage("DELETE", path)
    return await stage.visitor.manage("GET", f"{path}/logs?fields=type")


async def after_checkpoint(stage: Stage, query: str) -> httpx.Response:
    await stage.associate()
    return await logs(stage, f"from={_BEGINNING}&{query}")


async def one(stage: Stage) -> httpx.Response:
    (event,) = (await logs(stage, "q=type:mfar")).json()
    return await stage.visitor.manage("GET", f"logs/{event['log_id']}")


async def after_the_last(stage: Stage) -> httpx.Response:
    last = (await logs(stage, "per_page=1")).json()[0]["log_id"]
    token = await stage.visitor.management_token()
    newest = (await logs(stage, "per_page=1")).json()[0]["log_id"]
    assert newest > last
    answer = await stage.http.get(f"/api/v2/logs?from={newest}&take=5", headers={"Authorization": f"Bearer {token}"})
    assert answer.links["next"]["url"] == str(answer.request.url)
    return answer


async def sent(stage: Stage, channel: str) -> httpx.Response:
    """The types of what a user's message left behind."""
    await (stage.add("email", email=EMAIL) if channel == "email" else stage.associate(channel))
    return await logs(stage, f"fields=type&q=type:gd_send_{channel}*")


async def pushed(stage: Stage) -> httpx.Response:
    await stage.challenge()
    return await logs(stage, "fields=type&q=type:gd_send_pn*")


async def failed(stage: Stage, channel: str) -> httpx.Response:
    await stage.visitor.message_fault("fail", code="21211")
    return await sent(stage, channel)


async def failed_push(stage: Stage) -> httpx.Response:
    await stage.visitor.message_fault("fail", code="21211")
    return await pushed(stage)


async def reason(stage: Stage) -> httpx.Response:
    await failed(stage, "sms")
    return await logs(stage, "fields=details&q=type:gd_send_sms_failure")


def _types(*kinds: str) -> Answer:
    return Answer(200, "[" + ",".join(f'{{"type":"{kind}"}}' for kind in kinds) + "]", UTF8)


_MFA_REQUIRED = _event("a", "mfar", "MFA Required")

FACTS = [
    Fact("2.10", "R", "an event of the log has its members whether or not they have values",
         lambda stage: logs(stage, "q=type:mfar"), Answer(200, f"[{_MFA_REQUIRED}]", UTF8)),
    Fact("2.10", "R", "an event is shown the same", one, Answer(200, _MFA_REQUIRED, UTF8)),
    Fact("2.10", "D", "by page the newest event is first", lambda stage: logs_of_user(stage, "fields=type&per_page=2"),
         _types("gd_start_enroll", "gd_send_sms")),
    Fact("2.10", "D", "the events of a deleted user are still there", logs_of_a_deleted_user, _types("mfar")),
    Fact("2.10", "D", "after a checkpoint the oldest event is first", lambda stage: after_checkpoint(stage, "take=2"),
         Answer(200, f'[{_MFA_REQUIRED},{_event("b", "gd_send_sms", "Send SMS", _MASKED)}]', UTF8)),
    Fact("2.10", "D", "with a checkpoint other parameters are ignored",
         lambda stage: after_checkpoint(stage, "take=1&fields=type&page=7&include_totals=true"),
         Answer(200, f"[{_MFA_REQUIRED}]", UTF8)),
    Fact("2.10", "D", "after the last event there is nothing and the same URL is next", after_the_last,
         Answer(200, "[]", UTF8)),
    *(Fact("2.10", "D", f"a message by {channel} leaves an event",
           partial(sent, channel=channel), _types(f"gd_send_{channel}"))
      for channel in ("sms", "voice", "email")),
    Fact("2.10", "D", "a push leaves an event", pushed, _types("gd_send_pn"), has=[PUSH]),
    *(Fact("2.10", "D", f"a message by {channel} that failed leaves another",
           partial(failed, channel=channel), _types(f"gd_send_{channel}_failure"))
      for channel in ("sms", "voice")),
    Fact("2.10", "U", "a message by email that failed leaves another", partial(failed, channel="email"),
         _types("gd_send_email_failure")),
    Fact("2.10", "D", "a push that failed leaves another", failed_push, _types("gd_send_pn_failure"), has=[PUSH]),
    Fact("3.2", "T", "a message that failed tells the code of the provider", reason, Answer(
        200, '[{"details":{"recipient":"XXXXXXXXX9167","failure_details":{"errorCode":"error_sending_sms",'
             '"error":{"code":"21211"}}}}]', UTF8)),
]  # fmt: skip
