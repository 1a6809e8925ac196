"""Where a unit was, what it was made of and what it went into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    pass


class TraceStep(Struct, frozen=True):
    """A unit at a machine: when, with which result, what was measured and what was consumed there."""

    machine_code: str
    machine_name: str
    at_ms: int
    result: str
    values: tuple[tuple[str, float | None, str, str], ...]  # (name, value, unit, judgement)


class TraceLink(Struct, frozen=True):
    """One edge of the family tree as seen from the asked code."""

    kind: str  # consumed, packed
    code: str
    what: str  # unit, lot, box
    machine_code: str
    at_ms: int
    depth: int  # 1 direct


class TraceResult(Struct, frozen=True):
    """Everything known of one code. `made_of`: towards its parts; `went_into`: towards the customer."""

    code: str
    what: str
    first_at_ms: int
    steps: tuple[TraceStep, ...]
    made_of: tuple[TraceLink, ...]
    went_into: tuple[TraceLink, ...]
    scans: int
    timezone: str = "UTC"
