"""Errors of the commands. Their messages are for people and never contain input values."""


class BadInputError(Exception):
    """Input that was typed, piped in or set is invalid; the message names the field."""


class OutcomeNotReachedError(Exception):
    """Every service responded, but the requested outcome was not reached."""


class KeyInUseError(OutcomeNotReachedError):
    """Running flows need a key that was to be dropped."""
