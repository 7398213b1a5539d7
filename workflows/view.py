"""Shows a flow to people: the status document, search attributes, and the details in the Temporal UI. No secrets."""

from datetime import datetime

from temporalio import workflow

from .flow import Flow

with workflow.unsafe.imports_passed_through():
    from phone_mfa.contracts import Action, FlowAttributes, FlowKind, FlowView, Phase


def view_of(flow: Flow, now: datetime) -> FlowView:
    """The status document."""
    phase, live, credential = flow.phase(now), flow.live_message(now), flow.usable_credential(now)
    return FlowView(
        run_id=workflow.info().run_id,
        kind=flow.kind,
        phase=phase,
        channel=flow.channel,
        phone_number=flow.phone_number,
        message=flow.message.number if flow.message else 0,
        sent_at=flow.message.sent_at if flow.message else None,
        code_expires_at=live.expires_at if live else None,
        token_expires_at=credential.expires_at if credential else None,
        flow_expires_at=flow.deadline,
        retry_at=flow.held_until(now) if phase is Phase.COOLING_DOWN else None,
        resend_allowed_at=flow.resend_allowed_at(now),
        sends_left=flow.sends_left,
        tries_left=flow.tries_left,
        wrong_codes=flow.wrong_codes,
        proving_current_phone=flow.proving_current_phone,
        allowed_actions=_allowed(flow, now, phase),
        last_verdict=flow.last_verdict,
        outcome=flow.outcome,
        note=flow.note,
    )


def _allowed(flow: Flow, now: datetime, phase: Phase) -> tuple[Action, ...]:
    if phase is Phase.DONE:
        return ()
    may_resend = flow.resend_allowed_at(now) == now and flow.usable_credential(now) and phase is Phase.WAITING_FOR_CODE
    allowed = {
        Action.SUBMIT_CODE: bool(flow.live_message(now)) or phase is Phase.SENDING_CODE,
        Action.SUBMIT_RECOVERY_CODE: flow.kind is FlowKind.CHALLENGE and flow.usable_credential(now) is not None,
        Action.RESEND: may_resend,
        Action.SWITCH_CHANNEL: may_resend,
        Action.CHANGE_NUMBER: flow.kind is FlowKind.ENROLLMENT and flow.sends_left > 0,
        Action.RENEW_TOKEN: True,
        Action.CANCEL: True,
    }
    return tuple(action for action, may in allowed.items() if may)


def announce(flow: Flow) -> None:
    """Tell the engine what changed since the last time, for lists and for the UI."""
    view = view_of(flow, workflow.now())
    if flow.announced == view:
        return
    flow.announced = view
    attributes = FlowAttributes(
        flow=view.kind,
        phase=view.phase,
        channel=view.channel,
        outcome=view.outcome,
        sends=flow.sends,
        wrong_codes=view.wrong_codes,
    )
    if flow.listed != attributes:
        flow.listed = attributes
        workflow.upsert_search_attributes(attributes.updates)
    workflow.set_current_details(_details(view))


def _details(view: FlowView) -> str:
    rows = {
        "phase": view.phase,
        "outcome": view.outcome,
        "channel": view.channel,
        "phone": view.phone_number,
        "message": view.message or None,
        "code expires": _clock(view.code_expires_at),
        "token expires": _clock(view.token_expires_at),
        "flow expires": _clock(view.flow_expires_at),
        "goes on at": _clock(view.retry_at),
        "sends left": view.sends_left,
        "tries left": view.tries_left,
        "last verdict": view.last_verdict.verdict if view.last_verdict else None,
        "note": view.note or None,
    }
    lines = [f"| {name} | {value} |" for name, value in rows.items() if value is not None]
    return "\n".join(["| | |", "|---|---|", *lines])


def _clock(time: datetime | None) -> str | None:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC") if time else None
