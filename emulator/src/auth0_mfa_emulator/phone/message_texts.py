"""Message texts: Auth0's default phone templates (Auth0 docs, Guardian phone templates), and e-mails in that style."""

from .message import Draft


def text_of(draft: Draft) -> str:
    """Returns the text of an SMS or e-mail, the transcript of a call, or the prompt of a push."""
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
        return f"Your verification code is: {code}\nEnter it to {purpose}. If you did not request it, contact {name}."
    # The documented default for verification has no final period.
    text = f"{code} is your verification code for {name}"
    text = f"{text}. Please enter this code to verify your enrollment." if enrolling else text
    # The line that lets browsers and phones autofill the code (WICG, Origin-bound one-time codes delivered via SMS).
    return f"{text}\n\n@{draft.origin_bound_host} #{code}" if draft.origin_bound_host else text


def subject_of(draft: Draft) -> str | None:
    """Returns the subject of an e-mail."""
    return f"Your verification code for {draft.friendly_name}" if draft.medium == "email" else None
