"""Search queries of users and logs: the part of Lucene's syntax that tests and tools use.

Terms `field:value` and `field:"two words"`, a final `*` for a prefix, `NOT`, `AND` (also if left out) and `OR`, of
which `AND` binds closer. No parentheses and no ranges. Fields are members of the shown object, by dotted path.
"""

import re
from collections.abc import Callable, Mapping

from auth0_mfa_emulator import errors

Match = Callable[[Mapping[str, object]], bool]

MAX_TERMS = 50
"""Terms of a query: each is compared with every user, while nobody else is answered."""
_TOKEN = re.compile(r'\s*(?:(AND|OR|NOT)(?=\s)|(-?)([\w.]+):(?:"((?:[^"\\]|\\.)*)"|([^\s()"\[\]{}]+)))')


def parsed(query: str) -> Match:
    """Returns whether an object satisfies the query. Raises 400 for syntax that the emulator does not know."""
    alternatives: list[list[Match]] = [[]]
    negate, position = False, 0
    while position < len(query.rstrip()):
        found = _TOKEN.match(query, position)
        if not found:
            raise _unknown()
        position = found.end()
        match found[1]:
            case "OR":
                alternatives.append([])
            case "NOT":
                negate = True
            case "AND":
                pass
            case _:
                alternatives[-1].append(_term(found, negate=negate or bool(found[2])))
                negate = False
    if (position and not all(alternatives)) or sum(map(len, alternatives)) > MAX_TERMS:
        raise _unknown()
    return lambda shown: any(all(term(shown) for term in terms) for terms in alternatives)


def _unknown() -> errors.RefusedError:
    return errors.invalid_query("the emulator knows field:value terms with AND, OR, NOT and a final *")


def _term(found: re.Match[str], *, negate: bool) -> Match:
    field, quoted, bare = found[3], found[4], found[5]
    wanted = (bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted)).lower()

    def holds(shown: Mapping[str, object]) -> bool:
        if field == "_exists_":
            return (_value(shown, wanted) is not None) != negate
        return any(_equal(value, wanted) for value in _values(_value(shown, field))) != negate

    return holds


def _equal(value: object, wanted: str) -> bool:
    text = str(value).lower()
    return text.startswith(wanted[:-1]) if wanted.endswith("*") else text == wanted


def _values(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _value(shown: object, path: str) -> object:
    for name in path.split("."):
        if isinstance(shown, list):
            shown = next(iter(shown), None)
        shown = shown.get(name) if isinstance(shown, Mapping) else None
    return shown
