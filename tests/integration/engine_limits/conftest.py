from tests.integration.engine_limits.fixtures import recorded_stage, strict_engine, strict_stage, vacant_strict_stage
from tests.integration.flows.fixtures import auth0, stage, vacant_stage

__all__ = ["auth0", "recorded_stage", "stage", "strict_engine", "strict_stage", "vacant_stage", "vacant_strict_stage"]
