"""What a screen asks of a code again and again: nothing is looked up twice while nothing has changed."""

from __future__ import annotations

from datetime import date

from desktop.domain.barcode import clean_code
from desktop.domain.figures.trace import Asked, Found, Unknown
from desktop.store import entries, records, register
from desktop.store import orders as plan
from desktop.store.database import KnownError, Store
from desktop.summaries.trace import lists
from desktop.summaries.trace.history import Tracing, UnknownCodeError

LIST_MS = 30_000


class Answers:
    """Remembers the last answer."""

    def __init__(self) -> None:
        self._tracing = Tracing()
        self._key: object = None
        self._found: Found | Unknown | None = None

    def of(self, store: Store, asked: Asked, now_ms: int) -> Found | Unknown | None:
        """What is known of it; the same value again while nothing has changed; None where nothing is asked."""
        if not asked.what:
            return None
        # A list of thousands of units is made anew now and then, not with every piece of the line.
        facts = records.last_event_id(store) if asked.what == "code" else now_ms // LIST_MS
        key = (asked, facts, entries.newest(store), register.version(store), plan.newest(store))
        if key != self._key:
            try:
                self._found = self._look(store, asked, now_ms)
            except UnknownCodeError as error:
                self._found = Unknown(asked, error.sentence, error.similar, error.read)
            except KnownError as error:
                self._found = Unknown(asked, str(error))
            self._key = key
        return self._found

    def _look(self, store: Store, asked: Asked, now_ms: int) -> Found:
        if asked.what == "before":
            return lists.made_before(store, asked.machine, asked.at_ms, now_ms)
        if asked.what in ("order", "day"):
            return lists.recall(store, asked.what, asked.code, now_ms)
        if asked.what == "units":
            if asked.kind == "lot":
                return lists.recall(store, "lot", asked.code, now_ms)
            return lists.units_of(store, asked.code, now_ms, asked.kind)
        try:
            return self._tracing.trace(store, asked.code, now_ms, asked.kind)
        except UnknownCodeError:
            code = clean_code(asked.code)
            if plan.named(store, {code}):
                return lists.recall(store, "order", code, now_ms)
            if _is_date(code):
                return lists.recall(store, "day", code, now_ms)
            raise


def _is_date(code: str) -> bool:
    try:
        date.fromisoformat(code)
    except ValueError:
        return False
    return len(code) == 10
