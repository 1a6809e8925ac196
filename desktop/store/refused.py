"""Which units may lie in a box that does not say so: they were refused where it was filled, and nobody saw them since.

The collector links nothing of a unit that a station refuses, but the piece may have been left in the box all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from desktop.domain.events import COMPONENT
from desktop.domain.verdicts import STOPPING
from desktop.store.database import Store
from desktop.store.latest import FILLED

_SOON_US = 60_000_000  # the id of what is wrong follows that of its scan within a minute
_STOPPING = json.dumps(sorted(STOPPING))
_CODE, _BY = "json_extract(f.detail, '$.code')", "json_extract(f.detail, '$.by')"
#: a finding (`f`) by which a unit was refused that was let through nowhere and put nowhere afterwards, and was not read
#: to be built into another one
_REFUSED = (
    "f.kind = 'finding' AND f.flag = 'refused' AND json_valid(f.detail) AND json_extract(f.detail, '$.kind') = 'unit'"
    " AND f.word IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM units u WHERE u.kind = 'unit'"
    f" AND u.code = {_CODE} AND (EXISTS (SELECT 1 FROM steps WHERE unit_id = u.id AND event_id >= {_BY})"
    f" OR EXISTS (SELECT 1 FROM moves WHERE unit_id = u.id AND event_id >= {_BY})))"
    f" AND NOT EXISTS (SELECT 1 FROM events WHERE id = {_BY} AND detail = '{COMPONENT}')"
)


def beside(store: Store, box: int) -> list[str]:
    """The codes of the units that may lie in a box and are not known to, in the order of their reading."""
    found: dict[str, None] = {}
    filled = store.rows(
        "SELECT s.machine_id, s.event_id, (SELECT max(e.id) FROM events e WHERE e.machine_id = s.machine_id"
        f" AND e.id < s.event_id AND {FILLED}) FROM steps s WHERE s.unit_id = ?"
        f" AND EXISTS (SELECT 1 FROM events e WHERE e.id = s.event_id AND {FILLED}) ORDER BY s.id",
        box,
    )
    for machine, event, before in filled:
        after = (before or 0) + 1
        rows = store.rows(
            f"SELECT {_CODE} FROM events f INDEXED BY events_finding WHERE {_REFUSED} AND f.machine_id = ?"
            f" AND f.id BETWEEN ? AND ? AND {_BY} BETWEEN ? AND ? ORDER BY f.id",
            *(_STOPPING, machine, after, event + _SOON_US, after, event),
        )
        found.update((str(code), None) for (code,) in rows)
    return list(found)


def boxes(store: Store, codes: Iterable[str]) -> list[int]:
    """The boxes in which one of some units may lie so: the first that were filled where it was refused."""
    rows = store.rows(
        "SELECT DISTINCT b.id FROM events f INDEXED BY events_finding JOIN events n ON n.id = (SELECT min(e.id)"
        f" FROM events e WHERE e.machine_id = f.machine_id AND e.id >= {_BY} AND {FILLED})"
        f" JOIN units b ON b.code = n.word AND b.kind = 'box' WHERE {_REFUSED}"
        f" AND {_CODE} IN (SELECT value FROM json_each(?)) ORDER BY b.id",
        _STOPPING,
        json.dumps([*codes]),
    )
    return [int(row[0]) for row in rows]
