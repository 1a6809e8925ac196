"""A shop in a folder whose name has a blank and Hangul."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.store.database import Store
from tests.store.example import open_shop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "가동 데이터"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    opened = open_shop(folder)
    yield opened
    opened.close()
