from tests.integration.flows.fixtures import auth0, stage, vacant_stage

__all__ = ["auth0", "stage", "vacant_stage"]
