"""One emulator and one tenant per property test file."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from auth0_mfa_emulator.state import Emulator
from emulator.tests.properties.hostile_client import Hostile, emulator
from emulator.tests.properties.surface import Scene, Watch, picture, prepared

settings.register_profile(
    "properties",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    state = tmp_path_factory.mktemp("hostile") / "state"
    with emulator(state) as running:
        yield running
    again = Emulator()
    assert again.keep_in(state)  # everything accepted can be read again
    assert again.store
    again.store.close()


@pytest.fixture(scope="module")
def scene(hostile: Hostile) -> Scene:
    return prepared(hostile)


@pytest.fixture(scope="module")
def watch(hostile: Hostile, scene: Scene) -> Watch:
    return Watch(hostile, scene, picture(hostile, scene))
