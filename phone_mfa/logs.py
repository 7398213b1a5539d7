"""Logging setup for our own code, Temporal, flows and activities. JSON unless stderr is a terminal.

Every line is redacted last, so that a secret logged by mistake is not written. Messages of third-party exceptions are
never written.
"""

import logging
import re
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import structlog
from structlog.typing import EventDict, Processor

from .redaction_patterns import beginning, without_secrets
from .tracebacks import traceback_of


class Level(StrEnum):
    """Lowest level that is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


_SECRET_NAMES: Final = re.compile(r"code$|token$|secret|password|phone_number|authorization", re.IGNORECASE)
_MARK: Final = "[redacted]"
_MAX_LENGTH: Final = 32_768
"""Maximum length of a text in a line, in characters. A traceback has a few thousand."""


def configure(*, json: bool | None = None, level: Level = Level.INFO) -> None:
    """Set up logging of this process to stderr. ``json``: defaults to true unless stderr is a terminal."""
    as_json = not sys.stderr.isatty() if json is None else json
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), _name_the_flow],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(lambda exc_info: traceback_of(exc_info[1])),
                redact,
                structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.value, force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # logs URLs, which contain ids


def _name_the_flow(logger: object, method: str, event: EventDict) -> EventDict:
    """Map Temporal's log context to our field names."""
    workflow, activity = event.pop("temporal_workflow", None), event.pop("temporal_activity", None)
    for context in (workflow, activity):
        if isinstance(context, Mapping):
            event.setdefault("flow", context.get("workflow_id"))
            event.setdefault("run", context.get("run_id") or context.get("workflow_run_id"))
    if isinstance(activity, Mapping):
        event.setdefault("activity", activity.get("activity_type"))
        event.setdefault("attempt", activity.get("attempt"))
    return event


def redact(logger: object, method: str, event: EventDict) -> EventDict:
    """Redact values that look like a secret or have the name of one. Keeps the keys, so that lines stay readable."""
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: str, value: object) -> object:
    if _SECRET_NAMES.search(key):
        return _MARK
    if isinstance(value, Mapping):
        return {str(name): _redacted(str(name), inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redacted("", inner) for inner in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return beginning(str(value), _MAX_LENGTH, _without_secrets) if key != "timestamp" else value


def _without_secrets(text: str) -> str:
    return without_secrets(text, _MARK)
