"""What people paste as a number or a code, as reported from the field, with what it is, or None if it is refused."""

from typing import Final

PHONE_NUMBERS: Final[tuple[tuple[str, str | None, str | None], ...]] = (
    ("+49 7775abc2219", None, None),
    ("+32 475 qsdfqs", None, None),
    ("+1555555012 3 ab", None, None),
    ("call me at +15555550123", None, None),
    ("+15555550123 / +15555550124", None, None),
    ("+49 (0)172 1234567", None, "+491721234567"),
    ("+44 (0)7400 123456", None, "+447400123456"),
    ("+4901721234567", None, "+491721234567"),
    ("+39 06 1234 5678", None, "+390612345678"),
    ("\u2068+1 555-555-0178\u2069", None, "+15555550178"),
    ("\u202a+15555550179\u202c", None, "+15555550179"),
    ("+1\u200b5555550180", None, "+15555550180"),
    ("\uff0b15555550181", None, "+15555550181"),
    ("+1 \u2014 555 555 0187", None, "+15555550187"),
    ("tel:+1-555-555-0177", None, "+15555550177"),
    ("+999 1234567", None, None),
    ("+11234567", None, None),
    ("+1 555 555 0123 ext. 7", None, None),
    ("(555) 555-0402", "US", "+15555550402"),
    ("(555) 555-0402", None, None),
    ("0049 172 1234567", "DE", "+491721234567"),
    ("+15555550123\n", None, "+15555550123"),
)
"""The typed text, the region, and the number in E.164. Premium numbers are a matter of policy, not of parsing."""

BINDING_CODES: Final[tuple[tuple[str, str | None], ...]] = (
    ("\u2068123456\u2069", "123456"),
    ("\ufeff123456", "123456"),
    ("\u200e123456", "123456"),
    ("123\u200b456", "123456"),
    ("123\u2014456", "123456"),
    ("123\u2012456", "123456"),
    ("123456123456", "123456"),
    ("12 34 56", "123456"),
    ("\u0661\u0662\u0663\u0664\u0665\u0666", "123456"),
    ("1" * 65, None),
)

PAGE_CODES: Final[tuple[tuple[str, str | None], ...]] = (
    *BINDING_CODES,
    ("G-123456", "123456"),
    ("Your code is 12 34 56. Do not share it.", "123456"),
)
"""What the page takes as a code, out of the text around it."""

RECOVERY_CODES: Final[tuple[tuple[str, str | None], ...]] = (
    ("ABCD\u2013EFGH\u2013JKLM\u2013NPQR\u2013STUV\u2013WXYZ", "ABCDEFGHJKLMNPQRSTUVWXYZ"),
    ("\uff21BCD EFGH JKLM NPQR STUV WXYZ", "ABCDEFGHJKLMNPQRSTUVWXYZ"),
    ("\u2068ABCDEFGHJKLMNPQRSTUVWXYZ\u2069", "ABCDEFGHJKLMNPQRSTUVWXYZ"),
)
