"""Why the command refused or did not reach what was asked. Sentences for people; none repeats a value."""


class BadInputError(Exception):
    """What was typed, piped in or set cannot be used; the sentence names the field."""


class NotReachedOutcomeError(Exception):
    """Everything answered, and what was asked for did not come about."""
