"""What a configuration file says of the report that writes itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop import configuration
from desktop.configuration.policy import put_policy
from desktop.domain.automatic import Policy
from desktop.store import database, reports_made
from desktop.store.database import Store
from tests.example import one_scanner

SAID = """
[report]
automatic = false
folder = "D:/보고"
formats = ["xlsx", "csv"]
after_min = 0
print = true
printer = "사무실"
language = "ko"
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = database.create(tmp_path)
    yield store
    store.close()


def take(store: Store, text: str) -> Policy:
    configuration.apply(store, configuration.parse(text))
    return reports_made.policy(store)


def test_what_is_said_holds_and_comes_back_by_an_export(store: Store, tmp_path: Path) -> None:
    assert reports_made.policy(store) == Policy()
    said = take(store, one_scanner() + SAID)
    assert said == Policy(False, "D:/보고", ("xlsx", "csv"), 0, "사무실", "ko")
    other = database.create(tmp_path / "other")
    try:
        assert take(other, configuration.export(store)) == said
    finally:
        other.close()
    assert take(store, one_scanner()) == said, "a file that does not speak of it leaves it as it is"
    assert take(store, one_scanner() + "[report]\n") == Policy()
    assert "[report]" not in configuration.export(store)
    assert take(store, one_scanner() + "[report]\nprint = true\n").printer == ""


def test_an_import_and_a_press_in_the_window_do_not_lose_each_other(store: Store) -> None:
    seen = reports_made.policy(store)
    take(store, one_scanner() + '[report]\nfolder = "D:/Reports"\nafter_min = 15\n')
    pressed = replace(seen, formats=("png",), delay_ms=0)
    assert put_policy(store, pressed, seen).folder == "D:/Reports"
    assert reports_made.policy(store) == Policy(folder="D:/Reports", formats=("png",), delay_ms=0)
    put_policy(store, seen, pressed)  # taken back
    assert reports_made.policy(store) == Policy(folder="D:/Reports")


def test_every_fault_is_named() -> None:
    with pytest.raises(configuration.ConfigurationError) as caught:
        configuration.parse(one_scanner() + '[report]\nformats = ["pdff", 3]\nafter_min = 999\nlangage = "ko"\n')
    told = "\n".join(caught.value.faults)
    for words in ("after_min = 999", "did you mean language?", "did you mean pdf?", "allowed: pdf, xlsx, csv, json"):
        assert words in told
