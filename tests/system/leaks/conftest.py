"""One run of everything for all tests here: it takes most of a minute, and they only look at what it left."""

import pytest

from tests.system.leaks.evidence import Evidence, evidence_of
from tests.system.leaks.search import Hit, Search


@pytest.fixture(scope="session")
async def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return await evidence_of(tmp_path_factory.mktemp("leaks"))


@pytest.fixture(scope="session")
def found(evidence: Evidence) -> list[Hit]:
    """Every secret that was found anywhere."""
    search = Search(evidence.secrets)
    return [hit for place in evidence.places for hit in search.hits(place)]


@pytest.fixture(scope="session")
def planted(evidence: Evidence) -> list[Hit]:
    """Everything planted that was found."""
    assert evidence.plant
    search = Search(evidence.plant.secrets)
    return [hit for place in evidence.places for hit in search.hits(place)]
