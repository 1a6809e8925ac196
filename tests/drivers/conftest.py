"""A wire for each test, and what every driver owes: when it is closed, no thread of its own stays."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.simulated.port import WirePort


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + 3
    while (left := set(threading.enumerate()) - before) and time.monotonic() < until:
        time.sleep(0.01)
    assert not left


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[WirePort]:
    with WirePort(tmp_path / "rs485", "socket" if sys.platform == "win32" else "pty") as port:
        yield port
