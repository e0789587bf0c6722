"""What tests of the collecting side share: a host of files, and a small disk."""

from pathlib import Path

import pytest

from tests.agent.collect.fake_host import FakeHost
from tests.agent.collect.world import World
from tests.bus.conftest import small_disk as small_disk


@pytest.fixture
def fake_host(tmp_path: Path) -> FakeHost:
    return FakeHost(tmp_path / "root")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def pod(world: World) -> World:
    """Three drives."""
    for name, serial in (("sda", "A"), ("sdb", "B"), ("sdc", "C")):
        world.plug(name, serial)
    return world
