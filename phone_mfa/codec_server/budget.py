"""Budget of a request, counted in work instead of time, so that the response does not depend on the load.

One unit is a value, or a character of a text that is searched for secrets: at most a few microseconds.
"""

from typing import Final

REQUEST_UNITS: Final = 250_000
"""Units for the payloads of a request."""
TEXT_UNITS: Final = 8_192
"""Units for a text that is JSON."""
MAX_VALUES: Final = 16_384
"""Maximum number of values in a JSON document, since other requests wait while it is parsed; ours have a hundred."""
_UNITS_PER_TEXT: Final = 16
"""Units for a text, in addition to its characters."""
_PARSED_PER_UNIT: Final = 4
"""Values that are parsed for one unit."""
_UNITS_PER_MESSAGE: Final = 4
"""Units for a value in one of Temporal's messages, which are parsed in Python."""


def values_in(json_text: str) -> int:
    """Returns an upper bound of the number of values in a JSON document, without parsing it."""
    return sum(map(json_text.count, ",[{")) + 1


class Budget:
    """Units that are left. ``whole``: the budget that this is a part of, from which it spends, too."""

    def __init__(self, units: int = REQUEST_UNITS, whole: "Budget | None" = None) -> None:
        self._units, self._whole = units, whole

    @property
    def is_left(self) -> bool:
        """Whether anything is left."""
        return self._units > 0 and (self._whole is None or self._whole.is_left)

    def spend(self, units: int) -> bool:
        """Spend units. Returns whether there were enough."""
        self._units -= units
        return (self._whole is None or self._whole.spend(units)) and self._units >= 0

    def spend_text(self, characters: int) -> bool:
        """Spend the units of a text that is searched. Returns whether there were enough."""
        return self.spend(_UNITS_PER_TEXT + characters)

    def spend_json(self, text: str) -> bool:
        """Spend the units of parsing JSON. Returns whether there were enough for that and for its values."""
        values = values_in(text)
        return values <= min(self._units, MAX_VALUES) and self.spend(1 + values // _PARSED_PER_UNIT)

    def spend_message(self, text: str) -> bool:
        """Spend the units of one of Temporal's messages. Returns whether there were enough."""
        values = values_in(text)
        return values <= MAX_VALUES and self.spend(_UNITS_PER_MESSAGE * values)

    def of_text(self) -> "Budget":
        """Returns the budget of a text that is JSON. Texts in it share it."""
        return self if self._whole else Budget(TEXT_UNITS, self)
