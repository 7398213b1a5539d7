"""Decides when a view must be published: when readers cannot derive it from the last published one."""

from typing import Final

from phone_mfa.contracts import FlowView, activity_names
from phone_mfa.contracts.live_view import as_of, during_call

from .records import OpenCall, Purpose
from .state import State
from .view import view_of

ACTIVITIES: Final = {
    Purpose.ASSOCIATE: activity_names.ASSOCIATE_PHONE,
    Purpose.CHALLENGE: activity_names.CHALLENGE_PHONE,
    Purpose.LIST_TO_CHALLENGE: activity_names.LIST_PHONES,
    Purpose.LIST_AFTER_LOST_SEND: activity_names.LIST_PHONES,
    Purpose.LIST_IN_DOUBT: activity_names.LIST_PHONES,
    Purpose.LIST_ENROLLED: activity_names.LIST_PHONES,
    Purpose.LIST_BEFORE_ENROLLING: activity_names.LIST_PHONES,
    Purpose.CHECK: activity_names.CHECK_BINDING_CODE,
    Purpose.CHECK_RECOVERY: activity_names.CHECK_RECOVERY_CODE,
    Purpose.LIST_AFTER_LOST_CHECK: activity_names.LIST_PHONES,
    Purpose.REMOVE: activity_names.REMOVE_PENDING_PHONE,
}
"""The pending activity Temporal shows while a call is open."""


def readers_view(published: FlowView, state: State) -> FlowView:
    """Return the view a reader derives from the published view, the time and the open call."""
    if state.call:
        return during_call(published, ACTIVITIES[state.call.purpose], state.call.at)
    return as_of(published, state.at)


class PublishedView:
    """Tracks the view readers have. ``known``: the view they have before the first publication, if any."""

    def __init__(self, known: FlowView | None) -> None:
        self._known = known
        self._published = False
        self._call: OpenCall | None = None

    def view_to_publish(self, state: State) -> FlowView | None:
        """Return the view to publish; None if readers derive the same one.

        Always a view when the flow first comes to rest; never one while a call stays open, as events are processed
        together with its answer.
        """
        stays_open, self._call = state.call is not None and state.call is self._call, state.call
        if stays_open:
            return None
        view = view_of(state)
        published = self._published or state.call is not None
        if published and self._known and readers_view(self._known, state) == view:
            return None
        self._known, self._published = view, True
        return view
