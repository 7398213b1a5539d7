"""Where a journey is played: on the installation, by its own processes. Only its starter is in this one."""

from dataclasses import dataclass, field
from typing import Any

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from emulator.tests.visitor import Person
from phone_mfa.client import Flows
from phone_mfa.contracts import RecipientKey, reveal
from phone_mfa.encryption import new_recipient, public_of
from phone_mfa.encryption.keyring_source import FixedRing
from tests.integration.flows.script import ScriptedAuth0
from tests.integration.flows.stage import Stage
from tests.system.leaks.gateway import Gateway
from tests.system.leaks.people import People
from tests.system.leaks.stack import TASK_QUEUE, Stack

MANAGE = "openid enroll read:authenticators remove:authenticators"


@dataclass
class Recipient:
    """Somebody to whom tokens are sealed."""

    private: dict[str, str] = field(default_factory=new_recipient, repr=False)

    @property
    def key(self) -> RecipientKey:
        """What a request carries."""
        return RecipientKey.model_validate(public_of(self.private))


class Play(Stage):
    """A stage whose worker and tenant run already. ``people``: who plays. ``recipient``, ``gateway``: the only ones."""

    def __init__(
        self,
        stack: Stack,
        client: Client,
        people: People,
        recipient: Recipient,
        gateway: Gateway,
        task_queue: str = TASK_QUEUE,
    ) -> None:
        super().__init__(WorkflowEnvironment.from_client(client), ScriptedAuth0(), cached=0)
        self.stack, self.people, self.recipient, self.gateway = stack, people, recipient, gateway
        self.task_queue = task_queue
        keys = FixedRing(stack.own.ring)
        self.flows = Flows(client, tenant=stack.tenant, keys=keys, task_queue=task_queue, clock=self.clock)

    def on(self, task_queue: str) -> "Play":
        """The same, where another worker looks."""
        return Play(self.stack, self.engine.client, self.people, self.recipient, self.gateway, task_queue)

    def alone(self) -> "Play":
        """The same with a clock of its own, for a journey that moves time while others are under way."""
        return self.on(self.task_queue)

    async def enrolls(self, person: Person, **fields: Any) -> str:
        """A flow that enrolls the person's phone, with the token of a login unless one is given."""
        token = fields.pop("token", None) or await self.people.mfa_token(person)
        return await self.enroll(token=token, user=person.email, **{"phone_number": person.number} | fields)

    async def challenges(self, person: Person, **fields: Any) -> str:
        """A flow that challenges the person's phone."""
        return await self.challenge(token=await self.people.mfa_token(person), user=person.email, **fields)

    async def enrolled(self) -> tuple[Person, str]:
        """Somebody whose phone is enrolled, and their recovery code."""
        person = await self.people.person()
        flow = await self.enrolls(person)
        await self.message(flow, 1)
        await self.check(flow, await self.people.code(person.number))
        result = await self.flows.result(flow)
        assert result.recovery_code
        return person, reveal(result.recovery_code)

    async def right_code(self, flow: str, number: str, message: int = 1) -> None:
        """Wait for a message, and type its code."""
        await self.message(flow, message)
        await self.check(flow, await self.people.code(number))
