"""Expired entries are dropped, in whatever order they expire."""

from auth0_mfa_emulator.tenant import tenant as module
from auth0_mfa_emulator.tenant.sessions import Login, OobCode
from auth0_mfa_emulator.tenant.tenant import Tenant

LOGIN = Login("auth0|1", "client", "http://a/", None, "openid", for_mfa=False)
DAY = 86_400


def test_sessions_and_all_that_hangs_on_them_are_swept_though_the_clock_was_set_back() -> None:
    tenant = Tenant()
    tenant.clock.change(by=365 * DAY, frozen=True)
    far = tenant.start_mfa(LOGIN)
    tenant.clock.change(by=-365 * DAY)
    first = tenant.start_mfa(LOGIN)
    tenant.oob_codes["oob"] = OobCode("oob", first.token, "dev_1", "sms", "123456", None, tenant.clock.now() + 300)
    tenant.newest_codes[first.token] = "oob"
    for name, owner in (("exchanges", first.token), ("wrong_codes", "oob"), ("exchanges", "an access token")):
        assert tenant.take(name, owner)  # type: ignore[arg-type]
    tenant.clock.change(by=2 * DAY)
    while len(tenant.sessions) % module._SWEPT_EVERY:
        tenant.start_mfa(LOGIN)
    newest = tenant.start_mfa(LOGIN)
    assert first.token not in tenant.sessions
    assert {far.token, newest.token} <= set(tenant.sessions)
    assert (dict(tenant.oob_codes), dict(tenant.newest_codes), dict(tenant.buckets)) == ({}, {}, {})
