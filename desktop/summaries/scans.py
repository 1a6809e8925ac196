"""What scans came to since somebody last looked: commands that were carried out, and what was wrong with units."""

from __future__ import annotations

from desktop.domain.dialogue import ScanAnswer
from desktop.domain.figures.findings import FindingNow
from desktop.store import findings, scan_answers
from desktop.store.database import Store


def scans_answered(
    store: Store, after: tuple[int, int] | None, now_ms: int
) -> tuple[tuple[int, int], tuple[ScanAnswer | FindingNow, ...]]:
    """The answers and findings behind those of two ids, oldest first of each kind, and the ids of the newest; None:
    only these, what was said is no news."""
    if after is None:
        return (scan_answers.newest(store), findings.newest(store)), ()
    answers, found = scan_answers.since(store, after[0], now_ms), findings.since(store, after[1], now_ms)
    last = max((each.id for each in answers), default=after[0]), max((each.id for each in found), default=after[1])
    return last, (*answers, *found)
