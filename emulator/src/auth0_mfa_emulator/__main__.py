"""The command line: `python -m auth0_mfa_emulator --port N`."""

import argparse
import contextlib
import sys
from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError

from .app import build
from .control_plane.seed import switch
from .control_plane.seed_file import SeedError, plant_file
from .serving.server import serve
from .serving.tls import Tls, prepared
from .state import Emulator
from .storage.file import StateError
from .tenant.settings import Settings

_FRESH = Path()
"""What `--tls` without a folder means."""
_LESSON = """\
Start it, give it a user, log in, and read the code off the pretend phone:

  python -m auth0_mfa_emulator --port 3000
  curl localhost:3000/_control/users -d '{"email":"ada@example.com","password":"pw"}'
  curl localhost:3000/oauth/token -d grant_type=password -d username=ada@example.com -d password=pw \\
    -d client_id=emulator-client -d client_secret=emulator-secret
  MFA_TOKEN='Fe26.2*...'   # the mfa_token just answered
  curl localhost:3000/mfa/associate -H "Authorization: Bearer $MFA_TOKEN" -H 'Content-Type: application/json' \\
    -d '{"authenticator_types":["oob"],"oob_channels":["sms"],"phone_number":"+15555550100"}'
  curl 'localhost:3000/_control/messages?to=+15555550100'

Applications: emulator-client / emulator-secret logs users in, management-client / management-secret may call
the Management API. Without --state everything is in memory and gone when the process ends.

Control plane (JSON):
  POST   /_control/reset               forget everything
  POST   /_control/users               {"email","password","email_verified","blocked","authenticators"} -> {"user_id"}
  POST   /_control/clients             {"client_id","client_secret","public_key_pem","grant_types"}
  GET    /_phone                       the phones as a page that shows each message as it arrives; ?to=+1... for one
  GET    /_control/messages?to=+1...   what a phone or mailbox received, newest last; holder=stranger, since=<date>
  GET    /_control/messages/stream     the same as it happens, as server-sent events; resumes by Last-Event-ID
  POST   /_control/messages/ID/approve answer a push; or /deny
  POST   /_control/message-faults      {"kind","to","channel","times"}; GET lists the orders, DELETE takes all back
           kind: drop, delay (seconds), duplicate, reorder, refuse, fail (code), invalid_number, changed_hands
  POST   /_control/seed                what --seed takes: {"tenant":{},"clients":[],"users":[]}
  DELETE /_control/blocks              forget wrong passwords
  GET    /_control/logs?type=&user_id= the tenant log, in Auth0's event types
  POST   /_control/clock               {"advance_seconds"}: age codes, tokens and budgets; {"set"} to a date or epoch
           seconds; {"frozen"}: stop time, or let it go. GET reads it
  GET    /_control/tenant              the switches: lifetimes, budgets, channels, grants; PATCH changes some
  POST   /_control/faults              {"method","path","kind","times",...}; GET lists, DELETE takes all back
           kind: status (status, headers, body), delay (seconds), slow_body (seconds), garbage_body, truncated_body,
           drop_response (works, then hangs up), reset (does not work, resets the connection)
           which: a path ending in * is a prefix; match and match_headers name members and headers with their text;
           times null is until taken back; probability 0 to 1, drawn from seed
  GET    /_control/requests            every call so far: method, path, status
  GET    /_control/health              {"status":"ok"}
"""


def main(arguments: list[str] | None = None) -> int:
    """Read the options and serve until SIGTERM or SIGINT. The exit status is 0, or 1, and why, when it cannot start."""
    parser = argparse.ArgumentParser(
        prog="auth0-mfa-emulator",
        description="A pretend Auth0 tenant and a pretend phone, true to Auth0's MFA API.",
        epilog=_LESSON,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"auth0-mfa-emulator {version('auth0-mfa-emulator')}")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=3000, help="port, 0 for a free one (default: %(default)s)")
    parser.add_argument(
        "--tls",
        metavar="DIR",
        type=Path,
        nargs="?",
        const=_FRESH,
        help="serve HTTPS and say first where the certificate of its authority is: in DIR, made there once and "
        "found again at the next start, or without DIR in a private folder that is gone at the end",
    )
    parser.add_argument(
        "--state",
        metavar="FILE",
        type=Path,
        help="keep everything in this SQLite file and go on from it at the next start",
    )
    parser.add_argument(
        "--seed", metavar="FILE", type=Path, help="plant the users, applications and switches of this JSON file, once"
    )
    parser.add_argument(
        "--origin-bound-host",
        metavar="HOST",
        type=_host,
        help="end every text with the line @HOST #CODE, from which browsers fill the code in on that site",
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
            serve(app, options.host, options.port, secured)
        except OSError as problem:
            return _failed(f"emulator cannot listen on {options.host} port {options.port}: {problem.strerror}")
    return 0


def _failed(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


def _emulator(state: Path | None, seed: Path | None, origin_bound_host: str | None) -> Emulator:
    emulator = Emulator()
    held = emulator.keep_in(state) if state else False
    if seed and not held:  # what was planted once may have been changed since
        plant_file(emulator.tenant, seed)
    if origin_bound_host:
        switch(emulator.tenant, {"origin_bound_host": origin_bound_host})
    emulator.save()  # with the seed or not at all: a file that was begun is not planted in again
    return emulator


def _https(folder: Path | None, host: str) -> AbstractContextManager[Tls | None]:
    if folder is None:
        return contextlib.nullcontext()
    return prepared(None if folder is _FRESH else folder, host)


def _host(text: str) -> str:
    try:
        Settings(origin_bound_host=text)
    except ValidationError:
        raise argparse.ArgumentTypeError("must be a host in small letters, and a port if it needs one") from None
    return text


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return number


if __name__ == "__main__":
    sys.exit(main())
