"""What a message says: Auth0's default phone templates (Auth0 docs, Guardian phone templates); mail in that tone."""

from .message import Draft


def text_of(draft: Draft) -> str:
    """The text of an SMS or e-mail, the transcript of a call, or the question of a push."""
    code, name, enrolling = draft.code or "", draft.friendly_name, draft.action == "enroll"
    if draft.medium == "push":
        return (
            f"Approve or deny to enroll this device with {name}."
            if enrolling
            else f"Approve or deny the login to {name}."
        )
    if draft.medium == "voice":
        purpose = "enroll with" if enrolling else "log in to"
        spoken = ". ".join(code)
        return (
            f"Hello, you requested a verification code to {purpose} {name}. "
            f"Your code is: {spoken}. I repeat, your code is: {spoken}."
        )
    if draft.medium == "email":
        purpose = "confirm this address" if enrolling else "log in"
        return f"Your verification code is: {code}\nEnter it to {purpose}. If you did not ask for it, tell {name}."
    # The documented default of a verification ends without a full stop.
    text = f"{code} is your verification code for {name}"
    text = f"{text}. Please enter this code to verify your enrollment." if enrolling else text
    # What browsers and phones fill in by themselves (WICG, Origin-bound one-time codes delivered via SMS).
    return f"{text}\n\n@{draft.origin_bound_host} #{code}" if draft.origin_bound_host else text


def subject_of(draft: Draft) -> str | None:
    """The subject of an e-mail."""
    return f"Your verification code for {draft.friendly_name}" if draft.medium == "email" else None
