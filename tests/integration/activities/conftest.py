from tests.integration.auth0.conftest import auth0, http, tenant

__all__ = ["auth0", "http", "tenant"]
