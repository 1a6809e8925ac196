"""The sums of every machine in every shift that ended: a year is read, not derived. A cache of the collector.

A row is made when its shift is over and dropped when a fact of that shift comes late (a counter that was read again
after an outage). `version` is that of the register it was made with: with another one it is not used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from desktop.domain.kpi import Output, Sums, Times
from desktop.domain.spans import Span
from desktop.store.database import Store


@dataclass(frozen=True, slots=True)
class Row:
    """One machine in one shift."""

    machine: int
    span: Span
    version: int
    rules: str
    sums: Sums


def write(store: Store, span: Span, version: int, rules: str, sums: Mapping[int, Sums]) -> None:
    """Keep the sums of all machines in a shift."""
    with store.transaction() as db:
        db.executemany(
            "INSERT OR REPLACE INTO shift_sums (start_ms, machine_id, end_ms, version, rules, sums)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                (span.start_ms, machine, span.end_ms, version, rules, json.dumps(_plain(each), separators=(",", ":")))
                for machine, each in sums.items()
            ],
        )


def rows(store: Store, machine: int, window: Span) -> list[Row]:
    """What is kept of a machine's shifts that begin in a window, earliest first."""
    return [
        Row(machine, Span(start_ms, end_ms), version, rules, _sums(json.loads(text)))
        for start_ms, end_ms, version, rules, text in store.rows(
            "SELECT start_ms, end_ms, version, rules, sums FROM shift_sums"
            " WHERE machine_id = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms",
            machine,
            window.start_ms,
            window.end_ms,
        )
    ]


def kept(store: Store, version: int) -> set[Span]:
    """The shifts that are kept, made with this version of the register."""
    return {
        Span(start_ms, end_ms)
        for start_ms, end_ms in store.rows(
            "SELECT DISTINCT start_ms, end_ms FROM shift_sums WHERE version = ?", version
        )
    }


def drop_from(store: Store, at_ms: int) -> None:
    """A fact of that moment has come late: what is kept of shifts that ended after it no longer holds."""
    with store.transaction() as db:
        db.execute("DELETE FROM shift_sums WHERE end_ms > ?", (at_ms,))


def _plain(sums: Sums) -> dict[str, Any]:
    """The sums without what is zero."""

    def told(value: object) -> dict[str, Any]:
        return {name: number for name, number in asdict(value).items() if number}  # type: ignore[call-overload]

    return {**told(sums), "times": told(sums.times), "outputs": [told(output) for output in sums.outputs]}


def _sums(data: dict[str, Any]) -> Sums:
    outputs = tuple(Output(**output) for output in data.pop("outputs"))
    return Sums(Times(**data.pop("times")), outputs, **data)
