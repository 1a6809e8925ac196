"""What was wrong at scans, as screens show it."""

from __future__ import annotations

from msgspec import Struct


class FindingNow(Struct, frozen=True):
    """Something that was wrong when a code was read or a value taken: `word` one of `verdicts.Wrong`.

    `by` is the event that brought it about: what is wrong at one scan has one. `kind` and `code` name the unit, lot or
    box, `about` fills the sentence. `refused`: it was not let through.
    """

    id: int
    at_ms: int
    word: str
    machine: int | None
    machine_name: str
    station: str
    kind: str
    code: str
    about: str
    refused: bool
    by: int
