"""ASCII forms of digits and letters of other scripts and shapes, so that patterns need to know only ASCII."""

import unicodedata
from functools import lru_cache


def in_plain_characters(text: str) -> str:
    """Returns the text with digits of all scripts and shapes in ASCII, and other characters that have an ASCII form.

    ``①`` and ``一`` become 1, ``⑫`` becomes 12. No character becomes more than two.
    """
    return text if text.isascii() else "".join(map(_plain, text))


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    number = unicodedata.numeric(char, -1)
    if 0 <= number < 100 and number == int(number):
        return str(int(number))
    compatible = unicodedata.normalize("NFKC", char)
    return compatible if len(compatible) == 1 and compatible.isascii() else char
