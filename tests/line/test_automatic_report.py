"""The report writes itself: real collectors over the end of a shift, with no window and no display."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdf
import pytest

from desktop import clock, configuration, control
from desktop.domain.automatic import Made, Policy
from desktop.domain.events import Event, EventKind
from desktop.store import database, records, reports_made
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat
from tests.example import one_scanner
from tests.waiting import wait_for

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="SIGKILL")

HOUR, MINUTE = 3_600_000, 60_000
DAY = 1_763_510_400_000 - HOUR  # 2025-11-19 08:00 in Seoul, when the day shift begins
END = DAY + 9 * HOUR
SHIFTS = """
[[shift]]
name = "Day"
start = "08:00"
end = "17:00"
weekdays = [1, 2, 3, 4, 5, 6, 7]
[[shift]]
name = "Night"
start = "20:00"
end = "05:00"
weekdays = [1, 2, 3, 4, 5, 6, 7]
"""
SPEED = 60.0


def make(folder: Path) -> None:
    """A line whose clock stands short before the end of the day shift and runs a minute a second."""
    store = database.create(folder, clock=clock.starting_at(END - MINUTE, SPEED))
    configuration.apply(store, configuration.parse(one_scanner() + SHIFTS + "[report]\nafter_min = 1\n"))
    book = Journal(store)
    scan = Event(book.next_id(DAY + HOUR), EventKind.SCAN, DAY + HOUR, 1, 1, word="SN-1", detail="unit")
    book.commit(Batch(events=[scan]), Beat(1, "1", 0, 0, DAY + HOUR, "stopped", 0, 0))
    store.close()


def set_clock(folder: Path, now_ms: int) -> None:
    """The PC was off meanwhile."""
    store = database.open_writer(folder)
    with store.transaction() as db:
        for key, value in (("clock_plant_ms", now_ms), ("clock_real_ms", time.time_ns() // 1_000_000)):
            db.execute("UPDATE meta SET value = ? WHERE key = ?", (str(value), key))
    store.close()


@contextmanager
def collecting(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment.pop("QT_QPA_PLATFORM", None)
    process = subprocess.Popen(
        control.command(folder, "collect"), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)


@contextmanager
def looking(folder: Path) -> Iterator[Store]:
    store = database.open_reader(folder)
    try:
        yield store
    finally:
        store.close()


def rows(folder: Path) -> list[Made]:
    with looking(folder) as store:
        return list(reports_made.since(store, 0))


def made(folder: Path, count: int) -> bool:
    return len([row for row in rows(folder) if row.state == "made"]) >= count


def test_killed_at_the_end_of_a_shift_and_two_more_missed(tmp_path: Path) -> None:
    """A collector that is killed while the report is being made leaves nothing half. What was missed while the PC was
    off is made at the start, the newest first, each once; what a person wrote stays."""
    make(tmp_path)
    out = tmp_path / "reports"
    with collecting(tmp_path) as first, looking(tmp_path) as store:
        wait_for(lambda: reports_made.since(store, 0), 40)
        os.kill(first.pid, signal.SIGKILL)
    (row,) = rows(tmp_path)
    assert row.state == "writing"
    with looking(tmp_path) as store:
        assert row.at_ms >= END + MINUTE
        assert row.chain == records.chain_at(store, END) != ""
    wait_for(lambda: not list(out.glob(".*")), 10)  # its child ends by itself, whether it was to go on or not
    assert row.provisional
    (out / "2025-11-19-0800-Day.xlsx").write_bytes(b"a person wrote here")
    set_clock(tmp_path, END + 25 * HOUR)  # Night and Day are over meanwhile
    with collecting(tmp_path):
        wait_for(lambda: made(tmp_path, 3), 60)
        first_day, night, day = rows(tmp_path)
        assert [(row.shift, row.revision) for row in (first_day, night, day)] == [("Day", 1), ("Night", 1), ("Day", 1)]
        assert first_day.at_ms > night.at_ms > day.at_ms, "the newest is made first"
        assert night.provisional, "nobody has closed it"
    assert (out / "2025-11-19-0800-Day.xlsx").read_bytes() == b"a person wrote here"
    assert {file.name for file in out.iterdir()} == {
        *("2025-11-19-0800-Day.pdf", "2025-11-19-0800-Day.xlsx", "2025-11-19-0800-Day (2).xlsx"),
        *(f"2025-11-19-2000-Night.{ending}" for ending in ("pdf", "xlsx")),
        *(f"2025-11-20-0800-Day.{ending}" for ending in ("pdf", "xlsx")),
    }
    text = pypdf.PdfReader(out / "2025-11-19-2000-Night.pdf").pages[0].extract_text()
    assert "Provisional" in text


def test_a_share_that_is_offline_is_said_and_tried_again(tmp_path: Path) -> None:
    share = tmp_path / "share"
    make(tmp_path / "data")
    store = database.open_writer(tmp_path / "data")
    with store.transaction() as db:
        reports_made.put_policy(db, Policy(folder=str(share), formats=("csv",), delay_ms=0))
    store.close()
    with collecting(tmp_path / "data"):
        wait_for(lambda: [row.state for row in rows(tmp_path / "data")] == ["failed"], 40)
        (row,) = rows(tmp_path / "data")
        assert "is not there" in row.fault
        assert str(share) in row.fault
        assert not share.exists(), "not made on this computer's own disk"
        status = subprocess.run(
            control.command(tmp_path / "data", "status"), capture_output=True, text=True, timeout=60, check=True
        ).stdout
        assert "No automatic report of 2025-11-19 Day" in status
        assert row.fault in status
        share.mkdir()
        asked = control.request(tmp_path / "data", "report")
        assert asked is not None
        assert asked.result == {"shift": "2025-11-19 Day"}
        wait_for(lambda: made(tmp_path / "data", 1), 40)
    assert [file.name for file in share.iterdir()] == ["2025-11-19-0800-Day.csv"]
    (row,) = rows(tmp_path / "data")
    assert (row.revision, row.provisional, row.tries, row.fault) == (1, True, 0, "")
