"""The example line, as a value and in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.domain.plant import Plant
from desktop.store import register
from desktop.store.database import Store
from tests.collect.example import Talk, open_line


@pytest.fixture(scope="session")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    store = open_line(tmp_path_factory.mktemp("plant") / "d")
    try:
        return register.plant(store)
    finally:
        store.close()


@pytest.fixture
def talk(plant: Plant) -> Talk:
    return Talk(plant)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_line(tmp_path / "data")
    yield opened
    opened.close()
