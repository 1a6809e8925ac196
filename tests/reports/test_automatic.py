"""The report that writes itself: what it says before it places anything, what stays, and what it says of faults."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from desktop.configuration.policy import put_policy
from desktop.domain.automatic import Made, Policy
from desktop.domain.figures.report import ShiftReport
from desktop.reports import automatic, write
from desktop.reports.pdf import printing
from desktop.store import reports_made
from desktop.store.database import KnownError, Store
from desktop.summaries import find_shift
from tests.store.example import HOUR
from tests.test_live import START, Shop, open_counting

NAME = "2025-11-19-0800-Day"
WANTED = "2025-11-19/Day"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_counting(tmp_path / "data")
    shop = Shop(store, 1)
    while shop.at_ms < START + 2 * HOUR:
        shop.go_on()
    with store.transaction() as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'clock_plant_ms'", (str(START + 3 * HOUR),))
    put_policy(store, Policy(formats=("csv", "json")))
    yield store
    store.close()


def run(store: Store, *, goes_on: bool = True) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    automatic.make(store, WANTED, lambda line: said.append(json.loads(line)), lambda: goes_on)
    return said


def known(store: Store, said: list[dict[str, Any]], **more: Any) -> None:
    """What the collector writes down."""
    shift = find_shift(store, WANTED, START + 3 * HOUR)
    row = Made(shift.business_on, shift.name, 1, shift.span, hashes=tuple(said[0]["plan"]["hashes"]), at_ms=START)
    reports_made.put(store, replace(row, **more))


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_nothing_is_placed_before_that_may_be(store: Store) -> None:
    said = run(store, goes_on=False)
    assert list(said[0]["plan"]) == ["revision", "provisional", "chain", "folder", "hashes"]
    assert len(said) == 1
    assert names(store.folder / "reports") == set()
    said = run(store)
    assert said[1] == {"placed": [f"{NAME}.csv", f"{NAME}.json"]}
    placed = [write.hash_of((store.folder / "reports" / name).read_bytes()) for name in said[1]["placed"]]
    assert placed == said[0]["plan"]["hashes"]


def test_what_a_person_changed_stays_and_what_is_ours_is_replaced(store: Store) -> None:
    out = store.folder / "reports"
    known(store, run(store))
    (out / f"{NAME}.csv").write_text("by hand", encoding="utf-8")
    said = run(store)
    assert said[1]["placed"] == [f"{NAME} (2).csv", f"{NAME}.json"]
    assert (out / f"{NAME}.csv").read_text(encoding="utf-8") == "by hand"
    assert names(out) == {f"{NAME}.csv", f"{NAME} (2).csv", f"{NAME}.json"}


def test_a_later_revision_has_a_name_of_its_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = automatic.summaries.shift_report
    monkeypatch.setattr(automatic.summaries, "shift_report", lambda *of: replace(honest(*of), revision=2))
    assert run(store)[1]["placed"] == [f"{NAME}-r2.csv", f"{NAME}-r2.json"]


def test_a_file_held_open_by_another_program_is_left_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    known(store, run(store))
    honest = Path.read_bytes

    def held(self: Path) -> bytes:
        if self.suffix == ".csv":
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(self))
        return honest(self)

    monkeypatch.setattr(Path, "read_bytes", held)
    assert run(store)[1]["placed"] == [f"{NAME} (2).csv", f"{NAME}.json"]
    assert f"{NAME} (2).csv" in names(store.folder / "reports")


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (OSError(errno.EROFS, "Read-only file system"), "no right to write there"),
        (PermissionError(errno.EACCES, "Permission denied"), "no right to write there"),
        (OSError(errno.EHOSTDOWN, "Host is down"), "Host is down"),
    ],
)
def test_a_fault_of_the_folder_is_said_before_the_work(
    store: Store, fault: OSError, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_words: object) -> None:
        raise fault

    monkeypatch.setattr(Path, "write_bytes", fail)
    monkeypatch.setattr(automatic.summaries, "shift_report", lambda *_of: pytest.fail("made for nothing"))
    with pytest.raises(KnownError, match=sentence):
        run(store)


def test_a_disk_that_fills_up_leaves_nothing_half(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(KnownError, match="The disk is full"):
        run(store)
    assert names(store.folder / "reports") == set()


def test_a_chosen_folder_must_be_there(store: Store, tmp_path: Path) -> None:
    share = tmp_path / "share"
    put_policy(store, Policy(folder=str(share / "2026"), formats=("csv",)))
    with pytest.raises(KnownError, match="is not there"):
        run(store)
    assert not share.exists()
    (share / "2026").mkdir(parents=True)
    assert run(store)[1]["placed"] == [f"{NAME}.csv"]
    put_policy(store, Policy(folder=str(share / "2026" / f"{NAME}.csv"), formats=("csv",)))
    with pytest.raises(KnownError, match="is not a folder"):
        run(store)


def test_a_revision_is_printed_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    def send(_report: ShiftReport, name: str) -> str:
        sent.append(name)
        return name or "Office"

    monkeypatch.setattr(printing, "send", send)
    put_policy(store, Policy(formats=("csv",), printer=""))
    said = run(store)
    assert said[2] == {"printed": "Office"}
    known(store, said, printed=True)
    assert len(run(store)) == 2
    assert sent == [""]
