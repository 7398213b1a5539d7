from tests.integration.gateway.installation import installation, whole

__all__ = ["installation", "whole"]
