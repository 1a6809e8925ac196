"""What scanned commands came to since somebody last looked."""

from __future__ import annotations

from desktop.domain.dialogue import ScanAnswer
from desktop.store import scan_answers
from desktop.store.database import Store


def scans_answered(store: Store, after: int | None, now_ms: int) -> tuple[int, tuple[ScanAnswer, ...]]:
    """The answers behind one, oldest first, and the id of the newest; None: only that, what was said is no news."""
    if after is None:
        return scan_answers.newest(store), ()
    found = scan_answers.since(store, after, now_ms)
    return max((answer.id for answer in found), default=after), found
