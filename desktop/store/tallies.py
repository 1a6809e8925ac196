"""How many, least, most, sum and last of every signal by minute and by hour, so that long trends read few rows.

A bucket grows in memory and is written when a fact of another bucket arrives, in the same transaction as
that fact. A late fact opens its written bucket again. After a crash the bucket of the last fact is made anew
from the facts; `rebuild` makes all of them anew.

Numbers are measured values, and pieces of counters. A value belongs to the bucket in which it arrived,
pieces to the one in which they were counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desktop.domain.spans import Span
from desktop.store.database import Store

WIDTHS = {"minutes": 60_000, "hours": 3_600_000}
_TABLES = {width: table for table, width in WIDTHS.items()}

Fact = tuple[int, int, int, float]  # id, at_ms, signal, number
_Key = tuple[int, int, int]  # width, bucket, signal
_Sums = list[float]  # n, low, high, total, last
Open = dict[_Key, _Sums]


class Tallies:
    """The open buckets of the one writer."""

    def __init__(self, store: Store) -> None:
        self._open: Open = {}
        #: the newest bucket of each width that was ever begun: a later one cannot be in the file yet
        self._newest = {
            width: int(store.row(f"SELECT max(bucket_ms) FROM {table}")[0] or -1) for table, width in WIDTHS.items()
        }

    def write(self, connection: Any, facts: Sequence[Fact]) -> Open:
        """Add facts and write the buckets that they close, inside the caller's transaction.

        Returns the buckets that stay open, for `keep` once the transaction is committed.
        """
        if not facts:
            return self._open
        facts = sorted(facts)
        merged = {key: list(sums) for key, sums in self._open.items()}
        newest = dict(self._newest)
        for _key, at_ms, signal, number in facts:
            for width in _TABLES:
                key = (width, at_ms - at_ms % width, signal)
                sums = merged.get(key)
                if sums is None:
                    sums = merged[key] = self._written(connection, key)
                    newest[width] = max(newest[width], key[1])
                _add(sums, number)
        self._newest = newest
        last_ms = facts[-1][1]
        current = {width: last_ms - last_ms % width for width in _TABLES}
        for width, table in _TABLES.items():
            connection.executemany(
                f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (key[1], key[2], *sums)
                    for key, sums in merged.items()
                    if key[0] == width and key[1] != current[width]
                ],
            )
        return {key: sums for key, sums in merged.items() if key[1] == current[key[0]]}

    def keep(self, still_open: Open) -> None:
        """The transaction is committed: go on with these buckets."""
        self._open = still_open

    def resume(self, facts: Sequence[Fact]) -> None:
        """After a start: take up the buckets of the last fact, from the `facts` of its whole hour."""
        self._open = {}
        if not facts:
            return
        last_ms = max(facts)[1]
        for width in _TABLES:
            bucket = last_ms - last_ms % width
            self._newest[width] = max(self._newest[width], bucket)
            for _key, at_ms, signal, number in sorted(facts):
                if at_ms - at_ms % width == bucket:
                    _add(self._open.setdefault((width, bucket, signal), _none()), number)

    def _written(self, connection: Any, key: _Key) -> _Sums:
        """What the file holds of a bucket that is not open."""
        width, bucket, signal = key
        if bucket > self._newest[width]:
            return _none()
        row = connection.execute(
            f"SELECT n, low, high, total, last FROM {_TABLES[width]} WHERE bucket_ms = ? AND signal_id = ?",
            (bucket, signal),
        ).fetchone()
        return _none() if row is None else list(row)


def _none() -> _Sums:
    return [0, 0.0, 0.0, 0.0, 0.0]


def _add(sums: _Sums, number: float) -> None:
    if number < sums[1] or not sums[0]:
        sums[1] = number
    if number > sums[2] or not sums[0]:
        sums[2] = number
    sums[0] += 1
    sums[3] += number
    sums[4] = number


def hour_of(at_ms: int) -> Span:
    """The hour bucket of a moment."""
    start_ms = at_ms - at_ms % WIDTHS["hours"]
    return Span(start_ms, start_ms + WIDTHS["hours"])


_FACTS = """
WITH segment (first, last, offset_us) AS (
  SELECT first_id, lead(first_id, 1, 9223372036854775807) OVER (ORDER BY id) - 1, offset_us
  FROM (SELECT 0 AS id, 0 AS first_id, 0 AS offset_us UNION ALL SELECT id, first_id, offset_us FROM clock_segments)),
fact (id, bucket, signal, number) AS (
  SELECT m.id, (m.id - s.offset_us) / 1000 / :width * :width, m.signal_id, m.value
  FROM segment s CROSS JOIN measurements m ON m.id BETWEEN s.first AND s.last WHERE m.value IS NOT NULL
  UNION ALL
  SELECT id, at_ms / :width * :width, signal_id, CAST(pieces AS REAL)
  FROM events WHERE kind = 'count' AND pieces > 0 AND signal_id IS NOT NULL),
tally (bucket, signal, n, low, high, total, last_id) AS (
  SELECT bucket, signal, count(*), min(number), max(number), sum(number), max(id) FROM fact GROUP BY bucket, signal)
"""


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
        connection.execute(
            f"{_FACTS} INSERT OR REPLACE INTO {table}"
            " SELECT bucket, signal, n, low, high, total, coalesce("
            "   (SELECT value FROM measurements WHERE id = last_id),"
            "   (SELECT CAST(pieces AS REAL) FROM events WHERE id = last_id)) FROM tally",
            {"width": width},
        )
