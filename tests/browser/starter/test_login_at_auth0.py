"""An operator logs a user in with a browser, and the token enrolls the user's phone: no password grant anywhere."""

import httpx
from playwright.async_api import Page, expect
from temporalio.testing import WorkflowEnvironment

from tests.command_line import CommandLine
from tests.ports import free_port
from tests.system.starter.work import newest_code, waiting_login, working

PHONE = "+15555550177"
CODE = "http://auth0.com/oauth/grant-type/mfa"
MFA = [f"{CODE}-oob", f"{CODE}-otp", f"{CODE}-recovery-code"]
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


async def test_a_login_in_the_browser_enrolls_a_phone(
    engine: WorkflowEnvironment, address: str, tenant: httpx.AsyncClient, page: Page
) -> None:
    port = free_port()
    callbacks = [f"http://127.0.0.1:{port}/callback"]
    await register(tenant, client_secret="emulator-secret", callbacks=callbacks, grant_types=["authorization_code"])
    async with (
        working(engine, address) as command,
        waiting_login(command.settings, "--browser", "--no-open", "--port", str(port)) as login,
    ):
        await page.goto(await login.address())
        await give_password(page)
        await page.get_by_role("button", name="Accept").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("You can close this window")
        token = await login.token()

        assert token.strip() not in login.shown
        await enrolls(command, tenant, token)


async def test_a_login_on_another_device_enrolls_a_phone(
    engine: WorkflowEnvironment, address: str, tenant: httpx.AsyncClient, page: Page
) -> None:
    await register(tenant, client_id="native", app_type="native", grant_types=[DEVICE])
    native = {"AUTH0_CLIENT_ID": "native", "AUTH0_CLIENT_SECRET": "", "AUTH0_PUBLIC_CLIENT": "true"}
    async with (
        working(engine, address, **native) as command,
        waiting_login(command.settings, "--device") as login,
    ):
        await page.goto(await login.address())
        await expect(page.locator("#user-code")).to_have_text(await login.says("[A-Z]{4}-[A-Z]{4}(?=\n)"))
        await page.get_by_role("button", name="Confirm").click()
        await give_password(page)
        await page.get_by_role("button", name="Accept").click()
        await expect(page.get_by_text("Your device is now connected.")).to_be_visible()
        token = await login.token()

        assert token.strip() not in login.shown
        await enrolls(command, tenant, token)


async def register(tenant: httpx.AsyncClient, grant_types: list[str], **client: object) -> None:
    """An application with these grants and MFA, but not the password grant; users need no MFA to log in."""
    made = {"client_id": "emulator-client", "grant_types": [*grant_types, *MFA]} | client
    (await tenant.post("/_control/clients", json=made)).raise_for_status()
    await tenant.patch("/_control/tenant", json={"mfa_required": False, "device_interval_seconds": 1})


async def give_password(page: Page) -> None:
    await page.get_by_label("Email address").fill("ada@example.com")
    await page.get_by_label("Password").fill("correct horse")
    await page.get_by_role("button", name="Continue").click()


async def enrolls(command: CommandLine, tenant: httpx.AsyncClient, token: str) -> None:
    """Pipe the token into the command that enrolls, and type the code."""
    started = command("enroll", "--user", "ada", "--phone", PHONE, "--json", typed=token)
    assert started.code == 0, started.err
    flow = started.json["flow_id"]
    code = await newest_code(tenant, PHONE)
    assert command("status", flow, "--json").json["phase"] == "waiting_for_code"

    assert command("submit-code", flow, "--json", typed=code).json["verdict"] == "accepted"
    assert command("result", flow, "--json").json["outcome"] == "enrolled"
