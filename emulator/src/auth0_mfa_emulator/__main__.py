"""Command line: `auth0-mfa-emulator --port N`, or `python -m auth0_mfa_emulator`."""

import argparse
import contextlib
import sys
from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError

from .app import build
from .control_plane.seed import SeedError, load_seed_file, switch
from .serving.server import AddressError, serve
from .serving.tls import Tls, prepared
from .state import Emulator
from .storage.state_file import StateError
from .tenant.settings import Settings

_FRESH = Path()
"""The value of `--tls` without a folder."""
_EXAMPLES = """\
Start the emulator, add a user, log in, and read the code from the emulated phone:

  auth0-mfa-emulator --port 3000
  curl localhost:3000/_control/users -d '{"email":"ada@example.com","password":"pw"}'
  curl localhost:3000/oauth/token -d grant_type=password -d username=ada@example.com -d password=pw \\
    -d client_id=emulator-client -d client_secret=emulator-secret
  MFA_TOKEN='Fe26.2*...'   # the mfa_token from the last response
  curl localhost:3000/mfa/associate -H "Authorization: Bearer $MFA_TOKEN" -H 'Content-Type: application/json' \\
    -d '{"authenticator_types":["oob"],"oob_channels":["sms"],"phone_number":"+15555550100"}'
  curl 'localhost:3000/_control/messages?to=+15555550100'

Applications: emulator-client / emulator-secret and the public spa-client log users in, management-client /
management-secret may call the Management API. Without --state, everything is kept in memory and lost when the
process ends.

Control plane (JSON):
  POST   /_control/reset               reset everything except the signing key
  GET    /_control                     page of all this: users, settings, clock, faults, requests, applications, logs
  GET    /_phone                       page of the phones, showing each message as it arrives; ?to=+1... for one phone
  POST   /_control/users               {"email","password","email_verified","blocked","authenticators"} -> {"user_id"}
  GET    /_control/users?search=&page=&per_page=   users, newest first, by part of their address, number or id
  PATCH  /_control/users/ID            {"password","email_verified","blocked"}; DELETE removes the user, and
           DELETE /_control/users/ID/authenticators/DEVICE one authenticator
  POST   /_control/clients             {"client_id","client_secret","public_key_pem","grant_types","callbacks",...};
           GET lists them
  GET    /_control/messages?to=+1...   messages a phone or mailbox received, newest last; holder=stranger, since=<date>
  GET    /_control/messages/stream     the same, live, as server-sent events; resumes from Last-Event-ID
  POST   /_control/messages/ID/approve approve a push; /deny denies it
  POST   /_control/message-faults      {"kind","to","channel","times"}; GET lists the faults, DELETE removes all
           kind: drop, delay (seconds), duplicate, reorder, refuse, fail (code), invalid_number, changed_hands
  POST   /_control/seed                same content as --seed: {"tenant":{},"clients":[],"users":[]}
  DELETE /_control/blocks              clear failed logins and unblock users
  GET    /_control/logs?type=&user_id= the tenant log, with Auth0's event types; last=N for the newest
  POST   /_control/clock               {"advance_seconds"}: age codes, tokens and budgets; {"set"}: to a date or epoch
           seconds; {"frozen"}: stop or resume time. GET reads it
  GET    /_control/tenant              settings: lifetimes, budgets, channels, grants; PATCH changes some;
           GET /_control/tenant/schema describes them
  POST   /_control/faults              {"method","path","kind","times",...}; GET lists, DELETE removes all
           kind: status (status, headers, body), delay (seconds), slow_body (seconds), garbage_body, truncated_body,
           drop_response (processes the call, then hangs up), reset (resets the connection unprocessed)
           matching: a path ending in * is a prefix; match and match_headers map members and headers to their text;
           times null means until removed; probability 0 to 1, drawn from seed
  GET    /_control/requests            every call so far: method, path, status; last=N for the newest
  GET    /_control/smtp                {"port"} of the SMTP listener, null without --smtp-port
  GET    /_control/health              {"status":"ok"}
"""


def main(arguments: list[str] | None = None) -> int:
    """Parse options and serve until SIGTERM or SIGINT. Returns 0, or 1 after printing why it cannot start."""
    parser = argparse.ArgumentParser(
        prog="auth0-mfa-emulator",
        description="An emulator of an Auth0 tenant and its users' phones, faithful to Auth0's MFA API.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"auth0-mfa-emulator {version('auth0-mfa-emulator')}")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=3000, help="port, 0 for a free one (default: %(default)s)")
    parser.add_argument(
        "--smtp-port",
        metavar="PORT",
        type=_port,
        help="also listen for SMTP, so that mails of an application under test reach the emulated mailboxes; 0 for a "
        "free port",
    )
    parser.add_argument(
        "--tls",
        metavar="DIR",
        type=Path,
        nargs="?",
        const=_FRESH,
        help="serve HTTPS and first print the path of the CA certificate: in DIR, created once and reused at the "
        "next start, or without DIR in a private temporary folder",
    )
    parser.add_argument(
        "--state",
        metavar="FILE",
        type=Path,
        help="keep all state in this SQLite file and resume from it at the next start",
    )
    parser.add_argument(
        "--seed", metavar="FILE", type=Path, help="load users, applications and settings from this JSON file, once"
    )
    parser.add_argument(
        "--origin-bound-host",
        metavar="HOST",
        type=_host,
        help="end every text with the line @HOST #CODE, which lets browsers autofill the code on that site",
    )
    options = parser.parse_args(arguments)
    try:
        app = build(_emulator(options.state, options.seed, options.origin_bound_host))
    except (StateError, SeedError) as problem:
        return _failed(str(problem))
    with contextlib.ExitStack() as stack:
        try:
            secured = stack.enter_context(_https(options.tls, options.host))
        except (OSError, ValueError) as problem:
            return _failed(f"emulator cannot serve HTTPS: {problem}")
        try:
            serve(app, options.host, options.port, secured, options.smtp_port)
        except AddressError as problem:
            return _failed(str(problem))
    return 0


def _failed(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


def _emulator(state: Path | None, seed: Path | None, origin_bound_host: str | None) -> Emulator:
    emulator = Emulator()
    held = emulator.keep_in(state) if state else False
    if seed and not held:  # seeded data may have been changed since
        load_seed_file(emulator.tenant, seed)
    if origin_bound_host:
        switch(emulator.tenant, {"origin_bound_host": origin_bound_host})
    emulator.save()  # together with the seed: an existing file is not seeded again
    return emulator


def _https(folder: Path | None, host: str) -> AbstractContextManager[Tls | None]:
    if folder is None:
        return contextlib.nullcontext()
    return prepared(None if folder is _FRESH else folder, host)


def _host(text: str) -> str:
    try:
        Settings(origin_bound_host=text)
    except ValidationError:
        raise argparse.ArgumentTypeError("must be a lowercase host, optionally with a port") from None
    return text


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return number


if __name__ == "__main__":
    sys.exit(main())
