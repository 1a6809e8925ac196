"""What storing costs, as ratios within one run: never an absolute time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from desktop.domain.events import Measurement
from desktop.store import database
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat, LiveValue

pytestmark = pytest.mark.bench

SIGNALS, ROWS, PER_COMMIT = 200, 200_000, 200
START_MS = 1_800_000_000_000


Row = tuple[int, int, int | None, float, int, int | None]


def rows() -> list[Row]:
    """Arrival in microseconds, signal, age, value, status, lag: 200 signals at 10 values a second."""
    return [(START_MS * 1000 + n * 500, n % SIGNALS + 1, None, (n * 7919 % 1000) / 10, 0, None) for n in range(ROWS)]


def test_storage_path_against_bare_executemany(tmp_path: Path) -> None:
    """Rows per CPU second of the whole storage path (queue -> commit with tallies) >= 1/2 of bare executemany."""
    facts = rows()
    bare = database.create(tmp_path / "bare")
    began = time.process_time()
    for place in range(0, ROWS, PER_COMMIT):
        with bare.transaction() as connection:
            connection.executemany(
                "INSERT INTO measurements VALUES (?, ?, ?, ?, ?, ?)", facts[place : place + PER_COMMIT]
            )
    bare_s = time.process_time() - began
    bare.close()

    whole_s, file_per_row, wal_per_row = stored(tmp_path / "whole", facts)
    print(f"\nstorage path: {bare_s / whole_s:.2f} of bare executemany per CPU second (>= 0.5)")
    print(
        f"file bytes per value {file_per_row:.1f} (<= 30), "
        f"WAL bytes per value at {PER_COMMIT} rows a commit {wal_per_row:.0f} (<= 120)"
    )
    for lag_ms in (0, 3):
        timed = [
            (at_us, signal, 20 + n % 90, value, 0, lag_ms) for n, (at_us, signal, _, value, _, _) in enumerate(facts)
        ]
        _, of_opc_ua, wal_of_opc_ua = stored(tmp_path / f"timed-{lag_ms}", timed)
        print(
            f"with the two times of OPC UA, {lag_ms} ms apart: {of_opc_ua:.1f} in the file, {wal_of_opc_ua:.0f} in WAL"
        )
        assert of_opc_ua <= 31  # a byte for each time beyond what a value without any takes
    # 0.5 is what is wanted; the rest is for computers on which more than this runs.
    assert bare_s / whole_s >= 0.45
    assert file_per_row <= 30
    assert wal_per_row <= 120


def stored(folder: Path, facts: list[Row]) -> tuple[float, float, float]:
    """CPU seconds that the whole storage path took, bytes of the file and of the WAL for each value: without those of
    the empty file, which holds a page for each table and index."""
    store = database.create(folder)
    store.checkpoint()
    empty = (folder / "gadong.db").stat().st_size
    journal = Journal(store)
    beat = Beat(1, "", 0, 0, 0, "", 0, 0)
    began = time.process_time()
    for place in range(0, ROWS, PER_COMMIT):
        batch = Batch()
        for at_us, signal, age_ms, value, status, lag_ms in facts[place : place + PER_COMMIT]:
            at_ms = at_us // 1000
            source_ms = None if age_ms is None else at_ms - age_ms
            server_ms = None if source_ms is None or lag_ms is None else source_ms + lag_ms
            batch.measurements.append(
                Measurement(journal.next_id(at_ms), signal, value, None, 0, source_ms, status, server_ms)
            )
            batch.live[signal] = LiveValue(at_ms, value, None, 0)
        journal.commit(batch, beat)
    took_s = time.process_time() - began
    wal_bytes = (folder / "gadong.db-wal").stat().st_size
    store.checkpoint()
    store.close()
    return took_s, ((folder / "gadong.db").stat().st_size - empty) / ROWS, wal_bytes / ROWS
