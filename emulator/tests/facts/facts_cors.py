"""Origins whose pages may read responses (docs, configure CORS; docs, subdomain placeholders).

That no header of a page's own choice is allowed is a matter of preflight requests: `test_emulator_cors.py` has it.
"""

import httpx

from emulator.tests.facts.facts_row import BAD_BEARER, PLAIN, Answer, Fact, Scene
from emulator.tests.facts.facts_stage import Stage

_DOCS = "docs, configure CORS"
_WILDCARDS = "docs, subdomain placeholders"
_APP = "https://app.example.com"


def _called_from(origin: str, **members: list[str]) -> Scene:
    """List authenticators from a page, where an application has these members."""

    async def scene(stage: Stage) -> httpx.Response:
        await stage.visitor.control("POST", "clients", {"client_id": "app", **members})
        return await stage.http.get("/mfa/authenticators", headers={"Origin": origin})

    return scene


def _answer(origin: str | None) -> Answer:
    headers = {"access-control-allow-origin": origin, "vary": "Origin"}
    return Answer(BAD_BEARER.status, BAD_BEARER.body, PLAIN, headers)


_READABLE, _HIDDEN = _answer(_APP), _answer(None)
_ANY = ["https://*.example.com"]

FACTS = [
    Fact(_DOCS, "D", "the origin of a callback is allowed", _called_from(_APP, callbacks=[f"{_APP}/callback?a=b"]),
         _READABLE),
    Fact(_DOCS, "D", "an allowed origin is", _called_from(_APP, allowed_origins=[_APP]), _READABLE),
    Fact(_DOCS, "U", "a web origin is", _called_from(_APP, web_origins=[_APP]), _READABLE),
    Fact(_DOCS, "U", "or is not, as a setting says", _called_from(_APP, web_origins=[_APP]), _HIDDEN,
         switches={"cors": {"origins_of": ["callbacks", "allowed_origins"]}}),
    Fact(_DOCS, "D", "no other origin is", _called_from("https://evil.example.com", allowed_origins=[_APP]), _HIDDEN),
    Fact(_DOCS, "D", "nor another port", _called_from(f"{_APP}:8443", allowed_origins=[_APP]), _HIDDEN),
    Fact(_WILDCARDS, "D", "a wildcard stands for a subdomain", _called_from(_APP, allowed_origins=_ANY), _READABLE),
    Fact(_WILDCARDS, "D", "it may have a prefix", _called_from(_APP, allowed_origins=["https://a*.example.com"]),
         _READABLE),
    Fact(_WILDCARDS, "D", "it stands for one level", _called_from("https://a.b.example.com", allowed_origins=_ANY),
         _HIDDEN),
    Fact(_WILDCARDS, "D", "and never for the domain", _called_from(_APP, allowed_origins=["https://*.com"]), _HIDDEN),
]  # fmt: skip
