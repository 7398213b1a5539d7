"""Response templates: each `<PIECE>` stands for a varying part and matches one strict pattern.

`<SEAL 578>` is a sealed token of 578 characters that expires with an mfa_token made at START; `<SEAL 578 615>` one
that expires 615 seconds after START. Other pieces with a label, such as `<DEVICE a>`, must match the same text
wherever the label recurs.
"""

import json
import re
from collections.abc import Iterator

START = 1_800_000_000
"""Epoch second of the frozen tenant clock at the start of a row."""
_FRAME = 236
"""Characters of a seal besides its ciphertext: seven stars and seven fields of fixed length (recorded)."""
_PIECES = {
    "RECOVERY": "[1-9A-HJ-NP-Z]{24}",
    "DEVICE": "dev_[A-Za-z0-9]{16}",
    "SECRET": "[A-Z2-7]{32}",
    "HEX": "[0-9a-f]{24}",
    "GRANT": "cgr_[A-Za-z0-9]{16}",
    "LOG": "[0-9]{56}",
    "TRANSACTION": "[A-Za-z0-9]{32}",
    "KEY": r"[\w-]+",
    "DER": r"[\w+/]+=*",
    "JWT": r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+",
    "REFRESH": r"v1\.[\w-]{56}",
}


def compiled(template: str, host: str) -> re.Pattern[bytes]:
    """Returns the pattern of the whole body; `<AUTHORITY>` is the host and port called, `<HOST>` the
    same in a query, `<ISSUER>` the tenant's address."""
    return re.compile("".join(_patterns(template, host)).encode())


def canonical(text: str) -> str:
    """Returns the JSON with object members sorted by name."""
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"), sort_keys=True) if text else text


def _patterns(template: str, host: str) -> Iterator[str]:
    seen: set[str] = set()
    for number, part in enumerate(re.split(r"<([A-Z]+(?: [^>]+)?)>", template)):
        if number % 2 == 0:
            yield re.escape(part)
            continue
        name, *details = part.split()
        match name:
            case "SEAL":
                yield _seal(*map(int, details))
            case "ISSUER":
                yield re.escape(f"http://{host}/")
            case "AUTHORITY":
                yield re.escape(host)
            case "HOST":
                yield re.escape(host.replace(":", "%3A"))
            case _ if details:
                group = f"{name}_{details[0]}"
                yield f"(?P={group})" if group in seen else f"(?P<{group}>{_PIECES[name]})"
                seen.add(group)
            case _:
                yield _PIECES[name]


def _seal(length: int, expires_after: int = 600) -> str:
    expiry = (START + expires_after) * 1000
    ciphertext = rf"[\w-]{{{length - _FRAME}}}"
    fields = [r"Fe26\.2", r"SERVER_\d{10}", "[0-9a-f]{64}", r"[\w-]{22}", ciphertext, str(expiry)]
    return r"\*".join([*fields, "[0-9a-f]{64}", r"[\w-]{43}"])
