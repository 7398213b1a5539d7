import pytest
from hypothesis import settings

from emulator.tests.fixtures import address, browser_of_web, http, visitor

__all__ = ["address", "browser_of_web", "http", "visitor"]

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--hosted-page-images", metavar="DIR", help="write pictures of the hosted pages into this folder")
    parser.addoption(
        "--control-page-images", metavar="DIR", help="write the picture of the control page into this folder"
    )
