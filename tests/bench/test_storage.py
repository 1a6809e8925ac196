"""What storing costs, as ratios within one run: never an absolute time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from desktop.domain.events import Measurement
from desktop.store import database
from desktop.store.journal import Batch, Beat, Journal, LiveValue

pytestmark = pytest.mark.bench

SIGNALS, ROWS, PER_COMMIT = 200, 200_000, 200
START_MS = 1_800_000_000_000


def rows() -> list[tuple[int, int, None, float, int]]:
    """Arrival in microseconds, signal, source offset, value, quality: 200 signals at 10 values a second."""
    return [(START_MS * 1000 + n * 500, n % SIGNALS + 1, None, (n * 7919 % 1000) / 10, 0) for n in range(ROWS)]


def test_storage_path_against_bare_executemany(tmp_path: Path) -> None:
    """Rows per CPU second of the whole storage path (queue -> commit with tallies) >= 1/2 of bare executemany."""
    facts = rows()
    bare = database.create(tmp_path / "bare")
    began = time.process_time()
    for place in range(0, ROWS, PER_COMMIT):
        with bare.transaction() as connection:
            connection.executemany("INSERT INTO measurements VALUES (?, ?, ?, ?, ?)", facts[place : place + PER_COMMIT])
    bare_s = time.process_time() - began
    bare.close()

    store = database.create(tmp_path / "whole")
    journal = Journal(store)
    beat = Beat(1, "", 0, 0, 0, "", 0, 0)
    began = time.process_time()
    for place in range(0, ROWS, PER_COMMIT):
        batch = Batch()
        for at_us, signal, _offset, value, quality in facts[place : place + PER_COMMIT]:
            batch.measurements.append(Measurement(journal.next_id(at_us // 1000), signal, value, None, quality))
            batch.live[signal] = LiveValue(at_us // 1000, value, None, quality)
        journal.commit(batch, beat)
    whole_s = time.process_time() - began
    wal_per_row = (tmp_path / "whole" / "gadong.db-wal").stat().st_size / ROWS
    store.checkpoint()
    store.close()
    file_per_row = (tmp_path / "whole" / "gadong.db").stat().st_size / ROWS
    print(f"\nstorage path: {bare_s / whole_s:.2f} of bare executemany per CPU second (>= 0.5)")
    print(
        f"file bytes per value {file_per_row:.1f} (<= 30), "
        f"WAL bytes per value at {PER_COMMIT} rows a commit {wal_per_row:.0f} (<= 120)"
    )
    # 0.5 is what is wanted; the rest is for computers on which more than this runs.
    assert bare_s / whole_s >= 0.45
    assert file_per_row <= 30
    assert wal_per_row <= 120
