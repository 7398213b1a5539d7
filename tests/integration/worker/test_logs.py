"""What a line of the log shows, and what it never does."""

import json
import subprocess
import sys

import pytest

from phone_mfa.logs import redact

SCRIPT = """
import logging, structlog
from phone_mfa import logs
logs.configure(json=True)
with structlog.contextvars.bound_contextvars(flow="enroll-1"):
    structlog.get_logger("activities").info("auth0.answered", phone_number="+15555550123", seconds=0.125)
logging.getLogger("temporalio.workflow").warning(
    "binding_code.dropped", extra={"temporal_workflow": {"workflow_id": "enroll-2", "run_id": "r"}, "code": "314159"})
try:
    raise RuntimeError("sent +15555550123 with Fe26.2*a*b and 314159")
except RuntimeError:
    logging.getLogger("elsewhere").exception("it broke")
"""

BROKEN = """
import logging, sys
from temporalio.exceptions import ApplicationError
from phone_mfa import logs
logs.configure(json=sys.argv[1] == "json")
hush = "correct" + " horse"
try:
    try:
        try:
            {}[hush]
        except KeyError as error:
            raise ValueError(f"no {hush}") from error
    except ValueError:
        raise ExceptionGroup(hush, [OSError(hush), ApplicationError("Auth0 is down.", type="ServerFailedError")])
except ExceptionGroup:
    logging.getLogger("elsewhere").exception("it broke")
    logging.getLogger("elsewhere").error("it broke", exc_info=OSError(hush))
try:
    try:
        raise ValueError(hush)
    except ValueError:
        raise ApplicationError("It is wrong.") from None
except ApplicationError:
    logging.getLogger("elsewhere").exception("it broke")
"""


@pytest.mark.parametrize(
    "secret",
    [
        "+15555550123",
        "+1 (555) 555-0123",
        "Fe26.2*SERVER_1700000000*abc*def",
        "eyJhbGciOi.eyJzdWIi.c2ln",
        "314159",
        "ABCDEFGHJKLMNPQRSTUVWX23",
    ],
)
def test_what_has_the_shape_of_a_secret_is_redacted_wherever_it_is(secret: str) -> None:
    event = redact(
        None, "", {"event": f"sent {secret}.", "deep": {"list": [secret], "n": 1}, "why": ValueError(secret)}
    )
    assert secret not in str(event)
    assert event["deep"] == {"list": ["[redacted]"], "n": 1}


@pytest.mark.parametrize("name", ["mfa_token", "code", "oob_code", "client_secret", "Password", "phone_number"])
def test_what_has_the_name_of_a_secret_is_redacted_whatever_it_is(name: str) -> None:
    assert redact(None, "", {name: "anything"}) == {name: "[redacted]"}


def test_ids_times_and_counts_stay_readable() -> None:
    event = {"event": "auth0.answered", "flow": "enroll-b51502851314eb7e", "seconds": 0.123456, "timestamp": "1.123456"}
    assert redact(None, "", dict(event)) == event


def test_a_long_text_is_cut() -> None:
    assert redact(None, "", {"event": "a " * 20_000}) == {"event": "a " * 16_384 + " [7232 more characters]"}


def test_every_logger_of_the_process_writes_the_same_redacted_json() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    ours, temporals, others = [json.loads(line) for line in run.stderr.splitlines()]
    assert (ours["flow"], ours["event"], ours["seconds"]) == ("enroll-1", "auth0.answered", 0.125)
    assert (temporals["flow"], temporals["run"], temporals["level"]) == ("enroll-2", "r", "warning")
    assert others["exception"].endswith("RuntimeError")
    for secret in ("+15555550123", "314159", "Fe26.2*a*b"):
        assert secret not in run.stderr


@pytest.mark.parametrize("shape", ["json", "text"])
def test_an_exception_shows_where_it_came_from_and_a_message_only_when_that_is_ours(shape: str) -> None:
    run = subprocess.run([sys.executable, "-c", BROKEN, shape], capture_output=True, text=True, check=True)

    assert "correct horse" not in run.stderr
    assert "Auth0 is down." in run.stderr


def test_a_traceback_tells_what_led_to_what() -> None:
    run = subprocess.run([sys.executable, "-c", BROKEN, "json"], capture_output=True, text=True, check=True)

    group, bare, ours = [json.loads(line)["exception"] for line in run.stderr.splitlines()]
    kinds = [line for line in group.splitlines() if line and not line.startswith((" ", "Traceback", "which", "one"))]
    assert kinds == [
        "KeyError",
        "ValueError",
        "ExceptionGroup",
        "OSError",
        "temporalio.exceptions.ApplicationError: Auth0 is down.",
    ]
    assert 'File "<string>", line 10, in <module>' in group
    assert bare.endswith("OSError")
    assert "ValueError" not in ours
    assert ours.endswith("temporalio.exceptions.ApplicationError: It is wrong.")


def test_a_process_that_breaks_down_repeats_nothing_either() -> None:
    script = "from phone_mfa.process import run_and_leave\nrun_and_leave(lambda: {}['correct' + ' horse'])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("Traceback (most recent call last):\n")
    assert run.stderr.endswith("KeyError\n")
    assert "correct horse" not in run.stderr
