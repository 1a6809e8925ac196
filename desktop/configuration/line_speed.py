"""Baud rate and frame of a bus: what was found out by listening is written into the register."""

from __future__ import annotations

import json
from collections.abc import Mapping

from desktop.domain.plant import Plain
from desktop.store import register
from desktop.store.database import KnownError, Store
from desktop.text import _

KEYS = ("baud", "frame")


def put(store: Store, bus: str, wanted: Mapping[str, Plain], who: str = "") -> dict[str, Plain]:
    """Let a bus have this `baud` and `frame`, with a line in the audit trail; returns what it had, None for a default.

    None brings the default back, so that what is returned undoes it. Raises KnownError where there is no such bus.
    """
    found = next((one for one in register.plant(store).buses if one.key == bus), None)
    if found is None:
        raise KnownError(_("There is no bus {key} any more.").format(key=bus))
    before = {key: found.settings.get(key) for key in KEYS}
    after = {key: wanted.get(key) for key in KEYS}
    rest = {key: value for key, value in found.settings.items() if key not in KEYS}
    settings = {**rest, **{key: value for key, value in after.items() if value is not None}}
    with store.transaction() as db:
        words = json.dumps(settings, ensure_ascii=False)
        register.upsert(db, "buses", {"key": bus}, {"port": found.port, "driver": found.driver, "settings": words})
        now_ms = store.clock.now_ms()
        register.audit(db, now_ms, who, "baud rate", f"bus {bus}", json.dumps(before), json.dumps(after))
    return before
