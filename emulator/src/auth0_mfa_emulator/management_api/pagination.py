"""Pages of lists: `page`, `per_page` and `include_totals`, and which members of each entry are wanted.

Where totals are not asked for, a list is a bare array.
"""

from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request

from auth0_mfa_emulator import errors

View = dict[str, object]

REACHABLE = 1_000
"""How many users, or log events, can be reached by page (Auth0 docs, user search and log retrieval)."""
MOST = 100
"""Entries of one page."""


@dataclass(frozen=True)
class Page:
    """A page by number, from 0, and size. `totals` wraps the array in an object with counts."""

    number: int
    size: int
    totals: bool

    @property
    def start(self) -> int:
        """Index of the first entry."""
        return self.number * self.size

    @property
    def end(self) -> int:
        """Index after the last entry."""
        return self.start + self.size


def page_of(request: Request, *, least: int = 0, reachable: int | None = None, advice: str = "") -> Page:
    """Returns the page that the query asks for, of 50 entries if it does not say.

    Raises 400 if it is no page, has fewer than `least` entries, or ends beyond `reachable` entries, with `advice`.
    """
    page = Page(
        number(request, "page", 0, 0, 1_000_000),
        number(request, "per_page", 50, least, MOST),
        totals=flag(request, "include_totals") or False,
    )
    if reachable and page.end > max(reachable, page.size):
        message = f"You can only page through the first {reachable} records.{advice}"
        raise errors.management(400, message, "invalid_paging")
    return page


def number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """Returns a whole number of the query."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
        raise errors.invalid_query(f"{name} must be a whole number from {least} to {most}")
    return int(text)


def flag(request: Request, name: str) -> bool | None:
    """Returns a truth value of the query."""
    text = request.query_params.get(name)
    if text not in (None, "true", "false"):
        raise errors.invalid_query(f"{name} must be true or false")
    return None if text is None else text == "true"


def sort_of(request: Request, fields: tuple[str, ...]) -> tuple[str, bool] | None:
    """Returns the field to sort by and whether the greatest comes first, as in `sort=created_at:-1`."""
    text = request.query_params.get("sort")
    if text is None:
        return None
    field, _, direction = text.partition(":")
    if field not in fields or direction not in ("1", "-1"):
        raise errors.invalid_query(f"sort must be FIELD:1 or FIELD:-1 with a field of: {', '.join(fields)}")
    return field, direction == "-1"


def selected(request: Request, view: View, *, always: tuple[str, ...] = ()) -> View:
    """Returns the members in `fields`, or, if `include_fields` is false, all others."""
    fields, include = request.query_params.get("fields"), flag(request, "include_fields") is not False
    if not fields:
        return view
    named = {*fields.split(","), *always}
    return {name: value for name, value in view.items() if (name in named) == include or name in always}


Counts = Literal["total first", "total last"]


def listed(page: Page, name: str, shown: list[View], total: int, order: Counts = "total first") -> object:
    """Returns the array, or the object that holds it in `name`, members in recorded order."""
    if not page.totals:
        return shown
    if order == "total first":
        return {"total": total, "start": page.start, "limit": page.size, name: shown}
    return {"start": page.start, "limit": page.size, "length": len(shown), name: shown, "total": total}


def asks_for_checkpoint(request: Request) -> bool:
    """Whether the query pages by checkpoint, which makes it ignore pages by number and totals (recorded)."""
    return not {"from", "take"}.isdisjoint(request.query_params.keys())


def after_checkpoint(request: Request, key: str, views: list[View]) -> tuple[list[View], View]:
    """Returns the entries after the one whose `key` is `from`, and `next`, the next `from`, if any are left."""
    take, since = number(request, "take", 50, 1, MOST), request.query_params.get("from")
    ids = [view[key] for view in views]
    if since is not None and since not in ids:
        raise errors.invalid_query(f"from must be the {key} of an entry of the list")
    start = ids.index(since) + 1 if since is not None else 0
    left: View = {"next": ids[start + take - 1]} if start + take < len(ids) else {}
    return views[start : start + take], left
