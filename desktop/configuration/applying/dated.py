"""What holds from a date on: an import adds versions to it and never rewrites the past."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from desktop.configuration.applying.rows import hold
from desktop.configuration.tables import Configuration, ConfigurationError, moment_ms
from desktop.domain.calendar import ALWAYS, local_date, utc_ms
from desktop.domain.line import Constraint
from desktop.domain.making import OpenCavities
from desktop.domain.rules import RuleSet
from desktop.store import register
from desktop.text import _

_Version = TypeVar("_Version")


def versions_of(
    path: str,
    stored: Mapping[date, _Version],
    given: Iterable[tuple[date | None, _Version]],
    today: date,
    *,
    new_from: date = ALWAYS,
) -> dict[date, _Version]:
    """All versions of one thing after an import, by the date from which each is valid.

    A version with a date is put there. One without is what held until the first of those; where another is known to
    hold today it begins today, and where none is known it begins with `new_from`. Of what is stored and not given
    only what would begin later than today goes. Raises ConfigurationError where one without a date is not what is
    known of a time before today.
    """
    given = list(given)
    dated = {since: version for since, version in given if since is not None}
    kept = {since: version for since, version in stored.items() if since <= today} | dated
    first = min(dated, default=None)
    until = today if first is None else min(today, first - timedelta(days=1))
    for version in (version for since, version in given if since is None):
        known = max((since for since in stored if since <= until), default=None)
        if known is not None and stored[known] == version:
            continue
        if until == today:
            kept[today if stored else new_from] = version
        elif stored or new_from != ALWAYS:
            words = _(
                "{path}: before {date} something else is known to have held than the file says without a date. Give it"
                " the date from which it is to hold (for example valid_from = {today})."
            )
            raise ConfigurationError([words.format(path=path, date=first, today=today)])
        else:
            kept[ALWAYS] = version
    before = max((since for since in kept if since < today), default=None)
    if before is not None and today not in dated and kept.get(today) == kept[before]:
        del kept[today]  # a change of today that was taken back
    return kept


def called(wanted: Configuration, path: str) -> str:
    """A path as messages call it, behind file and line."""
    return wanted.places.get(path, path)


def put_constraints(
    db: Any, wanted: Configuration, declared: Iterable[Constraint], machines: Mapping[str, int], today: date
) -> None:
    """Which machine sets the line's pace, by the date from which it is declared."""
    if wanted.constraints is None:
        return
    zone = ZoneInfo(wanted.plant["timezone"])
    stored = {
        local_date(c.valid_from_ms, zone) if c.valid_from_ms else ALWAYS: (c.machine, c.parallel) for c in declared
    }
    given = [(c["valid_from"], (machines.get(c["machine"], 0), c["parallel"])) for c in wanted.constraints]
    versions = versions_of(called(wanted, "constraint"), stored, given, today)
    if versions.get(ALWAYS, (0, 1))[0] == 0:
        versions.pop(ALWAYS, None)  # that none is declared from the beginning goes without saying
    hold(
        db,
        "line_constraints",
        (
            ({"valid_from_ms": _midnight_ms(since, zone)}, {"machine_id": machine, "parallel": parallel})
            for since, (machine, parallel) in versions.items()
        ),
    )


def _midnight_ms(since: date, zone: ZoneInfo) -> int:
    return 0 if since == ALWAYS else utc_ms(since, time(), zone)


def put_open_cavities(
    db: Any,
    wanted: Configuration,
    stored: Mapping[tuple[int, int], Iterable[OpenCavities]],
    products: Mapping[str, int],
    machines: Mapping[str, int],
    midnight_ms: int,
) -> None:
    """How many cavities are open; what was said of days before today stays."""
    if wanted.open_cavities is None:
        return
    zone = ZoneInfo(wanted.plant["timezone"])
    found = {
        (product, machine, each.valid_from_ms): each.open
        for (product, machine), said in stored.items()
        for each in said
        if each.valid_from_ms < midnight_ms
    } | {
        (products[c["product"]], machines[c["machine"]], moment_ms(c["valid_from"], zone)): c["open"]
        for c in wanted.open_cavities
    }
    keys = ("product_id", "machine_id", "valid_from_ms")
    hold(db, "open_cavities", ((dict(zip(keys, key, strict=True)), {"open": n}) for key, n in found.items()))


def put_rules(db: Any, wanted: Mapping[str, Any], known: RuleSet, from_ms: int) -> None:
    """Rules that say something else make a new version; a file that was written by a later one keeps its number."""
    values = {
        name: round(wanted[f"{name[:-3]}_s"] * 1000) if name.endswith("_ms") else wanted[name]
        for name in RuleSet.__struct_fields__
    }
    given = RuleSet(**values)
    if replace(given, version=known.version) != known:
        register.put_rules(db, replace(given, version=max(given.version, known.version + 1)), from_ms)
    elif given.version > known.version:
        register.put_rules(db, given, from_ms)
