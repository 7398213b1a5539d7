"""ASCII forms of digits and letters of other scripts and shapes, so that patterns need to know only ASCII."""

import unicodedata
from functools import lru_cache


def in_plain_characters(text: str) -> str:
    """Returns the text with digits of all scripts, circled and full-width characters in ASCII; at most twice as long.

    ``①`` and ``一`` become 1, ``⑫`` becomes 12, and full-width letters become ASCII. Everything else stays.
    """
    return text if text.isascii() else "".join(map(_plain, text))


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    number = unicodedata.numeric(char, -1)
    if 0 <= number < 100 and number == int(number):
        return str(int(number))
    compatible = unicodedata.normalize("NFKC", char)
    return compatible if len(compatible) == 1 and compatible.isascii() else char
