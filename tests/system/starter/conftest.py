from tests.integration.starter.conftest import tenant

__all__ = ["tenant"]
