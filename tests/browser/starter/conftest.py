from tests.browser.gateway.conftest import context, page
from tests.integration.starter.conftest import tenant

__all__ = ["context", "page", "tenant"]
