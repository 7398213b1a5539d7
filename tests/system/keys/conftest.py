from tests.integration.keys.conftest import installation

__all__ = ["installation"]
