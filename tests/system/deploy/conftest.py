from tests.integration.flows.fixtures import auth0, vacant_stage

__all__ = ["auth0", "vacant_stage"]
