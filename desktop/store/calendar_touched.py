"""Of which times changes of the calendar spoke, read only: `calendar_edits` writes it. Light, so that a window that
shows the present need not load what changes the calendar."""

from __future__ import annotations

from desktop.domain.spans import Span
from desktop.store.database import Store


def newest(store: Store) -> int:
    """The id of the last touched time, 0 where there is none."""
    return int(store.row("SELECT coalesce(max(id), 0) FROM calendar_touched")[0])


def since(store: Store, touch: int) -> list[Span]:
    """The times that were touched after one."""
    return [Span(*row) for row in store.rows("SELECT start_ms, end_ms FROM calendar_touched WHERE id > ?", touch)]


def former(store: Store, window: Span) -> list[tuple[int, Span]]:
    """The shifts of a window as they were before a change, each with the newest entry of that moment, in the order of
    the changes. By their ids: a clock that was set back tells nothing of what was said first."""
    sql = (
        "SELECT newest, start_ms, end_ms FROM calendar_touched WHERE former AND start_ms < ? AND end_ms > ? ORDER BY id"
    )
    return [(int(newest), Span(*span)) for newest, *span in store.rows(sql, window.end_ms, window.start_ms)]


def count(store: Store, window: Span, entry: int) -> int:
    """How many changes after an entry was said spoke of a window."""
    sql = "SELECT count(DISTINCT edit) FROM calendar_touched WHERE newest >= ? AND start_ms < ? AND end_ms > ?"
    return int(store.row(sql, entry, window.end_ms, window.start_ms)[0])
