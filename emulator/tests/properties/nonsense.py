"""Hypothesis strategies for hostile input."""

import json
import os
from urllib.parse import quote_from_bytes

from hypothesis import settings
from hypothesis import strategies as st

MARK = "marked-as-a-secret-8f1c"
"""A text that no response may echo if sent as a secret."""
KINDS = [
    b"application/json",
    b"application/json; charset=utf-16",
    b"application/x-www-form-urlencoded",
    b"application/x-www-form-urlencoded; charset=latin-1",
    b"multipart/form-data; boundary=x",
    b"text/plain",
    b"\xff",
    b"",
]

SPACED = st.sampled_from([" ", "none ", " https://example.com", "a\u00a0", "\ta", "a\n", "https://example.com/ "])
TEXTS = st.text(st.characters(), max_size=40) | SPACED  # lone surrogates too
NUMBERS = st.integers() | st.floats() | st.sampled_from([10**300, -(10**300), 10**4000, 2**63, -0.0, 5e-324, 1e308])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | st.just(MARK),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
ODD_JSON = [
    *(
        "1e400",
        "-1e400",
        "NaN",
        "-Infinity",
        '"\\ud800"',
        '{"\\udfff":1}',
        '"\\u0000"',
        '{"a":1,"a":2}',
        "01",
        "+1",
        "9" * 5000,
    ),
    *("'a'", "", "tru", '"', "\x00", "[1,]", f'["{MARK}"]', f'{{"{MARK}":"{MARK}"}}', f'"{MARK * 400}"'),
    *("[" * depth + "]" * depth for depth in (200, 500, 900, 960, 970, 980, 990, 1100, 100_000)),
    *('{"a":' * depth + "1" + "}" * depth for depth in (250, 950, 1000)),
]
JSON = VALUES.map(json.dumps) | st.sampled_from(ODD_JSON)
"""Text of any JSON value, and of some that only look like JSON."""

FIELDS = st.lists(st.tuples(st.binary(max_size=8), st.binary(max_size=8)), max_size=5)
FORMS = FIELDS.map(lambda fields: b"&".join(b"=".join(map(_escaped, field)) for field in fields))
ODD_FORMS = [
    *(b"grant_type=%ff", b"a=%ed%a0%80", b"a=%", b"a=%zz", b"=&=&;;", b"grant_type=a&grant_type=b", b"&" * 5000),
    *(b"&".join(b"k%d=v" % number for number in range(count)) for count in (999, 1001, 10_000)),
]
BODIES = st.binary(max_size=60) | FORMS | st.sampled_from(ODD_FORMS) | JSON.map(lambda text: text.encode())


TIMES = int(os.environ.get("EMULATOR_EXAMPLES_TIMES", "1"))
"""How many times as many examples there are; more than one are other ones in every run (`make fuzz-emulator`)."""


def examples(count: int) -> settings:
    """Returns settings for a number of examples, the same in every run."""
    return settings(settings.get_profile("properties"), max_examples=count * TIMES, derandomize=TIMES == 1)


def _escaped(part: bytes) -> bytes:
    return quote_from_bytes(part).encode()
