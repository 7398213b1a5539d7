"""Message texts: Auth0's default phone templates (Auth0 docs, Guardian phone templates), and e-mails in that style."""

import re

from .message import Draft

VERIFICATION_TEMPLATE = "{{code}} is your verification code for {{tenant.friendly_name}}"
ENROLLMENT_TEMPLATE = f"{VERIFICATION_TEMPLATE}. Please enter this code to verify your enrollment."
"""The documented defaults; the one for verification has no final period."""


def text_of(draft: Draft) -> str:
    """Returns the text of an SMS or e-mail, the transcript of a call, or the prompt of a push."""
    if draft.mail:
        return draft.mail.text
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
    if draft.link:
        return f"{name} asks you to set up multi-factor authentication.\nOpen this page to enroll: {draft.link}"
    if draft.medium == "email":
        purpose = "confirm this address" if enrolling else "log in"
        return f"Your verification code is: {code}\nEnter it to {purpose}. If you did not request it, contact {name}."
    template = draft.template or (ENROLLMENT_TEMPLATE if enrolling else VERIFICATION_TEMPLATE)
    text = filled(template, {"code": code, "tenant.friendly_name": name})
    # The line that lets browsers and phones autofill the code (WICG, Origin-bound one-time codes delivered via SMS).
    return f"{text}\n\n@{draft.origin_bound_host} #{code}" if draft.origin_bound_host else text


def subject_of(draft: Draft) -> str | None:
    """Returns the subject of an e-mail."""
    if draft.medium != "email":
        return None
    if draft.mail:
        return draft.mail.subject
    return f"Enroll with {draft.friendly_name}" if draft.link else f"Your verification code for {draft.friendly_name}"


def filled(template: str, variables: dict[str, str]) -> str:
    """Returns a template with `{{name}}`, spaces allowed, replaced; other Liquid stays as given."""
    return re.sub(r"\{\{\s*([\w.]+)\s*\}\}", lambda found: variables.get(found[1], found[0]), template)


def links_in(text: str) -> list[str]:
    """Returns the http and https addresses in a text, in their order, without the punctuation around them."""
    return [_trimmed(found) for found in re.findall(r"https?://[\w\[][^\s<>\"'`]*", text, re.IGNORECASE)]


def _trimmed(link: str) -> str:
    """Cuts off what ends the sentence, and closing parentheses that the link does not open."""
    end, unopened = len(link), link.count(")") - link.count("(")
    while link[end - 1] in ".,;:!?*" or (link[end - 1] == ")" and unopened > 0):
        unopened -= link[end - 1] == ")"
        end -= 1
    return link[:end]
