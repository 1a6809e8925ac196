"""How many, least, most, sum and last of every signal by minute and by hour, so that long trends read few rows.

A minute is made by SQLite from its facts, an hour from its minutes, when a fact of another bucket arrives, in the
transaction of that fact: nothing is added up value by value, and after a crash nothing is missing but the buckets of
the last fact, which the next ones make. A late fact has its buckets made anew. `rebuild` makes all of them anew.

Numbers are measured values, and pieces of counters. A value belongs to the minute in which it arrived, pieces to the
one in which they were counted. The last of a minute is what arrived last, that of an hour the last of its last minute.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from desktop.domain.spans import Span

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
WIDTHS = {"minutes": MINUTE_MS, "hours": HOUR_MS}

#: the ranges of ids whose facts arrived in a span: (first, last, offset_us)
IdRanges = Callable[[Span], Sequence[tuple[int, int, int]]]

_COUNTED = """
  SELECT id, signal_id, CAST(pieces AS REAL) FROM events
  WHERE {machine} AND kind = 'count' AND at_ms >= ? AND at_ms < ? AND pieces > 0 AND signal_id IS NOT NULL"""
_MEASURED = "SELECT id, signal_id, value FROM measurements WHERE id BETWEEN ? AND ? AND value IS NOT NULL"
_MINUTE = """
WITH fact (id, signal, number) AS ({facts}),
tally (signal, n, low, high, total, last_id) AS (
  SELECT signal, count(*), min(number), max(number), sum(number), max(id) FROM fact GROUP BY signal)
INSERT OR REPLACE INTO minutes SELECT ?, signal, n, low, high, total, coalesce(
  (SELECT value FROM measurements WHERE id = last_id), (SELECT CAST(pieces AS REAL) FROM events WHERE id = last_id))
FROM tally"""
# With a single max() the bare `last` is that of the row with the highest bucket (SQLite, "bare columns").
_HOURS = """
INSERT OR REPLACE INTO hours
SELECT s.hour, s.signal_id, s.n, s.low, s.high, s.total, l.last FROM (
  SELECT bucket_ms / 3600000 * 3600000 AS hour, signal_id, sum(n) AS n, min(low) AS low, max(high) AS high,
    sum(total) AS total FROM minutes WHERE {which} GROUP BY hour, signal_id) s
JOIN (
  SELECT bucket_ms / 3600000 * 3600000 AS hour, signal_id, max(bucket_ms), last FROM minutes WHERE {which}
  GROUP BY hour, signal_id) l ON l.hour = s.hour AND l.signal_id = s.signal_id"""


class Tallies:
    """The buckets of the one writer. `last_ms`: when the last number in the file arrived or was counted, or None."""

    def __init__(self, last_ms: int | None) -> None:
        self._current = None if last_ms is None else last_ms // MINUTE_MS

    def write(self, connection: Any, minutes: Collection[int], last_ms: int, id_ranges: IdRanges) -> int:
        """Make the buckets that are closed, in the transaction of the facts that close them and after these.

        `minutes`: in which minutes (since 1970) the new facts lie; `last_ms`: the moment of the last one of them.
        Returns the minute that stays open, for `keep` once the transaction is committed.
        """
        current = last_ms // MINUTE_MS
        touched = {*minutes, current if self._current is None else self._current}
        for minute in sorted(touched - {current}):
            span = Span(minute * MINUTE_MS, (minute + 1) * MINUTE_MS)
            facts, values = [], []
            for low, high, _offset_us in id_ranges(span):
                facts.append(_MEASURED)
                values += [low, high]
            for machine in ("machine_id IN (SELECT id FROM machines)", "machine_id IS NULL"):
                facts.append(_COUNTED.format(machine=machine))
                values += [span.start_ms, span.end_ms]
            connection.execute(_MINUTE.format(facts=" UNION ALL ".join(facts)), (*values, span.start_ms))
        hours = {minute * MINUTE_MS // HOUR_MS for minute in touched} - {last_ms // HOUR_MS}
        for hour in sorted(hours):
            span = Span(hour * HOUR_MS, (hour + 1) * HOUR_MS)
            which = f"bucket_ms >= {span.start_ms} AND bucket_ms < {span.end_ms}"
            connection.execute(_HOURS.format(which=which))
        return current

    def keep(self, current: int) -> None:
        """The transaction is committed: this minute is the one that grows."""
        self._current = current


_ALL_MINUTES = """
WITH segment (first, last, offset_us) AS (
  SELECT first_id, lead(first_id, 1, 9223372036854775807) OVER (ORDER BY id) - 1, offset_us
  FROM (SELECT 0 AS id, 0 AS first_id, 0 AS offset_us UNION ALL SELECT id, first_id, offset_us FROM clock_segments)),
fact (id, bucket, signal, number) AS (
  SELECT m.id, (m.id - s.offset_us) / 60000000 * 60000, m.signal_id, m.value
  FROM segment s CROSS JOIN measurements m ON m.id BETWEEN s.first AND s.last WHERE m.value IS NOT NULL
  UNION ALL
  SELECT id, at_ms / 60000 * 60000, signal_id, CAST(pieces AS REAL)
  FROM events WHERE kind = 'count' AND pieces > 0 AND signal_id IS NOT NULL),
tally (bucket, signal, n, low, high, total, last_id) AS (
  SELECT bucket, signal, count(*), min(number), max(number), sum(number), max(id) FROM fact GROUP BY bucket, signal)
INSERT OR REPLACE INTO minutes SELECT bucket, signal, n, low, high, total, coalesce(
  (SELECT value FROM measurements WHERE id = last_id), (SELECT CAST(pieces AS REAL) FROM events WHERE id = last_id))
FROM tally"""


def rebuild(connection: Any) -> None:
    """Make every bucket anew from the facts, inside the caller's transaction.

    Buckets of measured values that are older than the oldest value kept stay as they are.
    """
    oldest = connection.execute("SELECT min(id) FROM measurements").fetchone()[0]
    for table, width in WIDTHS.items():
        connection.execute(
            f"DELETE FROM {table} WHERE bucket_ms >= ? OR signal_id IN"
            " (SELECT signal_id FROM events WHERE kind = 'count' AND signal_id IS NOT NULL)",
            ((1 << 62) if oldest is None else oldest // 1000 // width * width,),
        )
    connection.execute(_ALL_MINUTES)
    connection.execute(_HOURS.format(which="true"))
