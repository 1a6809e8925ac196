"""What every test starts from: English sentences, no setting of this computer, the same examples every time."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything loads Qt

import pytest
from hypothesis import HealthCheck, settings
from PySide6.QtWidgets import QApplication

from desktop import text

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # no test opens a window on somebody's screen

# The same examples on every computer and every run; a failing example is printed whole, so no database is needed.
settings.register_profile(
    "gadong",
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("gadong")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What plays on real wires takes longest and begins first, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: "line" not in item.path.parts)


@pytest.fixture(scope="session", autouse=True)
def _one_application(qapp: QApplication) -> None:
    """The application of the tests with windows, made first: a report that is written in this process would make one
    without them, and there can be only one."""


@pytest.fixture(autouse=True)
def _plain_start(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Sentences in English and no data folder or language from this computer's environment."""
    for name in ("GADONG_DATA", "GADONG_LANG"):
        monkeypatch.delenv(name, raising=False)
    text.use("en")
    yield
    text.use("en")


class _Unexpected(logging.Handler):
    """Keeps the warnings of the program that no test asked for."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_unexpected_warning(request: pytest.FixtureRequest) -> Iterator[None]:
    """A warning or error that the program logs fails the test, unless it looks at the log itself (`caplog`).

    Tests of drivers provoke warnings of the wire on purpose and are left out.
    """
    handler = _Unexpected()
    loggers = [logging.getLogger(name) for name in ("desktop", "drivers")]
    for logger in loggers:
        logger.addHandler(handler)
    yield
    for logger in loggers:
        logger.removeHandler(handler)
    if "caplog" not in request.fixturenames and "drivers" not in request.path.parts:
        assert handler.words == []
