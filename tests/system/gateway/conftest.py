from tests.integration.flows.fixtures import auth0, stage, vacant_stage
from tests.system.gateway.installation import installation, whole

__all__ = ["auth0", "installation", "stage", "vacant_stage", "whole"]
