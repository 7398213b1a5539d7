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
    given = request.query_params.get("include_totals", "false")
    if given not in ("true", "false"):
        raise errors.invalid_query("include_totals must be true or false")
    page = Page(
        number(request, "page", 0, 0, 1_000_000), number(request, "per_page", 50, least, MOST), totals=given == "true"
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
    fields, inclusion = request.query_params.get("fields"), request.query_params.get("include_fields", "true")
    if inclusion not in ("true", "false"):
        raise errors.invalid_query("include_fields must be true or false")
    if not fields:
        return view
    named, include = {*fields.split(","), *always}, inclusion == "true"
    return {name: value for name, value in view.items() if (name in named) == include or name in always}


Counts = Literal["total first", "total last"]


def listed(page: Page, name: str, shown: list[View], total: int, order: Counts = "total first") -> object:
    """Returns the array, or the object that holds it in `name`, members in recorded order."""
    if not page.totals:
        return shown
    if order == "total first":
        return {"total": total, "start": page.start, "limit": page.size, name: shown}
    return {"start": page.start, "limit": page.size, "length": len(shown), name: shown, "total": total}
