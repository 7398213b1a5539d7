"""Members of an application that the control plane, seeds and the Management API set alike."""

from .forms import Form
from .tenant.clients import AppType, Client, Origins, Urls
from .tenant.refresh_token_rules import RefreshTokenRules


class ClientForm(Form):
    """What may be given of an application. What is null or left out stays as it is."""

    grant_types: list[str] | None = None
    app_type: AppType | None = None
    callbacks: Urls | None = None
    allowed_logout_urls: Urls | None = None
    allowed_origins: Origins | None = None
    web_origins: Origins | None = None
    is_first_party: bool | None = None
    refresh_token: RefreshTokenRules | None = None

    def apply(self, client: Client) -> None:
        """Change what is given."""
        for name in ClientForm.model_fields:
            if getattr(self, name) is not None:
                setattr(client, name, getattr(self, name))
