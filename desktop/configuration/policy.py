"""What the shop wants of its automatic report."""

from __future__ import annotations

import json

from msgspec.structs import asdict, replace

from desktop.domain.automatic import Policy
from desktop.store import register, reports_made
from desktop.store.database import Store


def put_policy(store: Store, wanted: Policy, seen: Policy | None = None, who: str = "") -> Policy:
    """What the shop wants of its automatic report from now on, with a line in the audit trail; returns what it wanted.

    `seen`: what the person had before the eyes; only what differs from it is changed, so that what an import brought
    meanwhile stays. Raises KnownError.
    """
    with store.transaction() as db:
        before = reports_made.policy(store)
        if seen is not None:
            meant = {key: each for key, each in asdict(wanted).items() if each != getattr(seen, key)}
            wanted = replace(before, **meant)
        reports_made.put_policy(db, wanted)
        was, now = (json.dumps(asdict(each), ensure_ascii=False) for each in (before, wanted))
        register.audit(db, store.clock.now_ms(), who, reports_made.AUDITED, "", was, now)
    return before
