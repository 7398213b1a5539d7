"""One spelling for a user whom callers spell in several ways. Independent of what a user's id means to the caller."""

import unicodedata


def folded_user(user: str) -> str:
    """Return the spelling that stands for all spellings of a user.

    Compatibility forms become plain characters (NFKC), letters lose their case (Unicode case folding), invisible
    format characters (category Cf) and outer spaces are dropped, and inner spaces become one. Folding twice changes
    nothing. A user made of nothing but such characters stays as given.

    Source: the Unicode Standard, section 3.13, "Default Caseless Matching". Like all Unicode data, it depends on the
    Python version for characters that the older version does not know.
    """
    spelled = unicodedata.normalize("NFKC", user).casefold()
    visible = "".join(char for char in spelled if unicodedata.category(char) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", visible).split()) or user
