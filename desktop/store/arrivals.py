"""Everything that ever arrived, in the order of arrival: for whoever holds the whole file against something else."""

from __future__ import annotations

from desktop.domain.events import Event, EventKind, Measurement, Result
from desktop.store.database import Store
from desktop.store.ids import id_ranges
from desktop.store.records import ALWAYS, quality_of


def events(store: Store) -> list[Event]:
    """The events of every kind."""
    return [
        Event(row[0], EventKind(row[1]), *row[2:])
        for row in store.rows(
            "SELECT id, kind, at_ms, machine_id, device_id, signal_id, word, detail, pieces, from_ms, reading, flag,"
            " raw FROM events ORDER BY id"
        )
    ]


def measurements(store: Store) -> list[tuple[int, Measurement]]:
    """The measured values, each with the moment of its arrival in milliseconds."""
    return [
        (
            (key - ahead_us) // 1000,
            _measurement((key - ahead_us) // 1000, key, *row),
        )
        for low, high, ahead_us in id_ranges(store, ALWAYS)
        for key, *row in store.rows(
            "SELECT m.id, m.signal_id, m.value, t.text, m.status, m.source_age_ms, m.server_lag_ms"
            " FROM measurements m LEFT JOIN measurement_texts t ON t.id = m.id"
            " WHERE m.id BETWEEN ? AND ? ORDER BY m.id",
            low,
            high,
        )
    ]


def _measurement(
    arrived_ms: int, key: int, signal: int, value: float | None, text: str | None, status: int, age_ms: int | None,
    lag_ms: int | None,
) -> Measurement:  # fmt: skip
    source_ms = None if age_ms is None else arrived_ms - age_ms
    told_ms = arrived_ms if source_ms is None else source_ms
    server_ms = None if lag_ms is None else told_ms + lag_ms
    return Measurement(key, signal, value, text, quality_of(status), source_ms, status, server_ms)


def results(store: Store) -> list[Result]:
    """The results of pieces, without the unit that each belongs to."""
    return [
        Result(row[0], None, *row[1:])
        for row in store.rows(
            "SELECT id, signal_id, machine_id, at_ms, value, word, judgement, raw FROM results ORDER BY id"
        )
    ]
