"""What a flow learns of the phones that Auth0 lists."""

import pytest
from pydantic import SecretStr
from temporalio.testing import ActivityEnvironment

from activities import MfaActivities
from phone_mfa.auth0 import Auth0
from phone_mfa.contracts.calls import ListPhones
from tests.integration.auth0.tenant import ScriptedTenant, answer

LISTED = {"id": "sms|dev_1", "authenticator_type": "oob", "active": True, "oob_channel": "sms"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("XXXXXXXX0123", "XXXXXXXX0123"),
        ("+15555550123", "XXXXXXXX0123"),
        ("+1 (555) 555-0123", "XXXXXXXXXXXXX0123"),
        ("0123", "0123"),
        ("", ""),
        (None, ""),
    ],
)
async def test_a_listed_phone_is_masked_whatever_auth0_calls_it(
    auth0: Auth0, tenant: ScriptedTenant, name: str | None, shown: str
) -> None:
    tenant.will(answer(200, [LISTED | {"name": name}]))

    listed = await ActivityEnvironment().run(MfaActivities(auth0).phones, ListPhones(token=SecretStr("Fe26.2*token")))

    assert [phone.name for phone in listed.phones] == [shown]
