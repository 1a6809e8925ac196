"""Units, lots and boxes: what each was made of and what it went into, any number of levels deep."""

from __future__ import annotations

from msgspec import Struct

from desktop.domain.spans import Span
from desktop.store.database import Store


class Known(Struct, frozen=True):
    """A unit, lot or box in the file."""

    id: int
    kind: str
    code: str
    at_ms: int


class Edge(Struct, frozen=True):
    """One link as seen from an asked thing: the thing at its other end and how far away it is."""

    kind: str
    code: str
    what: str
    machine: int | None
    at_ms: int
    depth: int


class Visit(Struct, frozen=True):
    """A thing at a machine."""

    machine: int
    at_ms: int
    result: str


class Value(Struct, frozen=True):
    """A measured result of a unit."""

    machine: int | None
    signal: int
    at_ms: int
    value: float | None
    word: str
    judgement: str


class Spread(Struct, frozen=True):
    """The values of one signal in a window: how many, how many were judged, how many of these are out, how they lie.

    `sigma` is the standard deviation of the values themselves, 0 of a single one.
    """

    values: int
    judged: int
    outside: int
    low: float
    mean: float
    high: float
    sigma: float


def find(store: Store, code: str) -> list[Known]:
    """Everything that carries exactly this code (a unit and a lot may share one), oldest first."""
    return [
        Known(*row) for row in store.rows("SELECT id, kind, code, at_ms FROM units WHERE code = ? ORDER BY at_ms", code)
    ]


def similar(store: Store, code: str, most: int = 5) -> list[str]:
    """Known codes that contain `code`, newest first."""
    escaped = code.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return [
        row[0]
        for row in store.rows(
            "SELECT code FROM units WHERE code LIKE ? ESCAPE '\\' ORDER BY id DESC LIMIT ?", f"%{escaped}%", most
        )
    ]


def scans(store: Store, code: str) -> int:
    """How often a code was scanned."""
    return int(store.row("SELECT count(*) FROM events WHERE kind = 'scan' AND word = ?", code)[0])


def visits(store: Store, thing: int) -> list[Visit]:
    """Where a thing was, oldest first."""
    return [
        Visit(*row)
        for row in store.rows("SELECT machine_id, at_ms, result FROM steps WHERE unit_id = ? ORDER BY at_ms, id", thing)
    ]


def values(store: Store, thing: int) -> list[Value]:
    """What was measured on a unit, oldest first."""
    return [
        Value(*row)
        for row in store.rows(
            "SELECT machine_id, signal_id, at_ms, value, word, judgement FROM results"
            " WHERE unit_id = ? ORDER BY at_ms, id",
            thing,
        )
    ]


def spread(store: Store, signal: int, window: Span) -> Spread | None:
    """How the results of a signal in a window lie; None where there is no value."""
    where = "FROM results WHERE signal_id = ? AND at_ms >= ? AND at_ms < ? AND value IS NOT NULL"
    values, judged, outside, low, mean, high = store.row(
        "SELECT count(*), count(nullif(judgement, '')), count(nullif(judgement <> 'reject', 1)),"
        f" min(value), avg(value), max(value) {where}",
        signal,
        window.start_ms,
        window.end_ms,
    )
    if not values:
        return None
    squares = store.row(
        f"SELECT sum((value - ?) * (value - ?)) {where}", mean, mean, signal, window.start_ms, window.end_ms
    )[0]
    sigma = (squares / (values - 1)) ** 0.5 if values > 1 else 0.0
    return Spread(values, judged, outside, low, mean, high, sigma)


def made_of(store: Store, thing: int) -> list[Edge]:
    """Towards its parts: what went into it, and into those."""
    return _walk(store, thing, "parent_id", "child_id")


def went_into(store: Store, thing: int) -> list[Edge]:
    """Towards the customer: what it went into, and what those went into."""
    return _walk(store, thing, "child_id", "parent_id")


def _walk(store: Store, thing: int, near: str, far: str) -> list[Edge]:
    """Breadth first, each thing once, so that a deliberate loop ends."""
    found: list[Edge] = []
    seen, level, depth = {thing}, [thing], 1
    while level:
        following: list[int] = []
        for place in range(0, len(level), 500):
            part = level[place : place + 500]
            marks = ", ".join("?" * len(part))
            for other, kind, machine, at_ms, code, what in store.rows(
                f"SELECT l.{far}, l.kind, l.machine_id, l.at_ms, u.code, u.kind"
                f" FROM links l JOIN units u ON u.id = l.{far}"
                f" WHERE l.{near} IN ({marks}) ORDER BY l.at_ms, l.id",
                *part,
            ):
                if other not in seen:
                    seen.add(other)
                    following.append(other)
                    found.append(Edge(kind, code, what, machine, at_ms, depth))
        level, depth = following, depth + 1
    return found
