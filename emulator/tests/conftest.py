from hypothesis import settings

from emulator.tests.fixtures import address, http, visitor

__all__ = ["address", "http", "visitor"]

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
