"""What the page about the codec server says is checked against the settings, the roles and the log."""

import re
from pathlib import Path

from phone_mfa.codec_server import Role
from phone_mfa.settings import CodecServerSettings

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "codec-server.md").read_text()
SOURCE = "".join(file.read_text() for file in (ROOT / "phone_mfa" / "codec_server").glob("*.py"))


def rows(heading: str) -> list[list[str]]:
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]


def test_every_setting_is_listed_with_its_default() -> None:
    listed = {row[0].strip("`"): row[1] for row in rows("Settings")}
    prefix = CodecServerSettings.model_config["env_prefix"]
    fields = CodecServerSettings.model_fields

    assert set(listed) - {"PHONE_MFA_KEYS", "TEMPORAL_NAMESPACE"} == {
        f"{prefix}{name.upper()}" for name in fields if name != "namespace"
    }
    for role in Role:
        name = f"{role}_role"
        assert listed[f"{prefix}{name.upper()}"] == f"`{fields[name].default}`"
    assert listed["TEMPORAL_NAMESPACE"] == f"`{fields['namespace'].default}`"


def test_every_audit_line_is_listed() -> None:
    listed = {row[0].strip("`") for row in rows("Audit lines")}

    assert listed == set(re.findall(r'"(codec\.\w+)"', SOURCE))
    assert "jwks.not_fetched" in PAGE


def test_every_reason_in_the_troubles_is_one() -> None:
    for reason in re.findall(r"`reason: (\w+)`", PAGE):
        assert reason in SOURCE or reason.endswith("Error") or reason in ("no_role_to_decode", "invalid_claim_iss")
