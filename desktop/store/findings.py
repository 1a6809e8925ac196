"""What was wrong at scans and values: events of kind `finding`, read by an index of their own."""

from __future__ import annotations

from typing import Any

import msgspec

from desktop.domain.figures.findings import FindingNow
from desktop.store.database import Store

_RECENT_MS = 60_000  # older ones are no news


class _Detail(msgspec.Struct, frozen=True):
    kind: str
    code: str
    station: str
    about: str
    by: int


_detail = msgspec.json.Decoder(_Detail)


def newest(store: Store) -> int:
    """The id of the last finding, 0 where there is none."""
    return int(store.row("SELECT coalesce(max(id), 0) FROM events WHERE kind = 'finding'")[0])


def since(store: Store, finding: int, now_ms: int) -> tuple[FindingNow, ...]:
    """The findings after one that are still news, in their order."""
    return tuple(
        _finding(row)
        for row in store.rows(
            "SELECT e.id, e.at_ms, e.word, e.machine_id, m.name, e.detail, e.flag FROM events e"
            " LEFT JOIN machines m ON m.id = e.machine_id"
            " WHERE e.kind = 'finding' AND e.id > ? AND e.at_ms > ? ORDER BY e.id",
            finding,
            now_ms - _RECENT_MS,
        )
    )


def _finding(row: Any) -> FindingNow:
    number, at_ms, word, machine, name, detail, flag = row
    told = _detail.decode(detail)
    return FindingNow(
        int(number), int(at_ms), str(word), machine, name or "", told.station, told.kind, told.code, told.about,
        flag == "refused", told.by,
    )  # fmt: skip
