"""What is measured and what stations take, in the register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from desktop.configuration.applying.dated import called
from desktop.configuration.applying.rows import Translate, hold, put
from desktop.configuration.positions import numbered
from desktop.configuration.quality import signal_names
from desktop.configuration.tables import Configuration, ConfigurationError, moment_ms
from desktop.domain.quality import Quality
from desktop.store import register
from desktop.store.database import Store
from desktop.store.quality import Versions, drop_limits, limits_of, measured_as, note_limits
from desktop.text import _


def put_quality(
    store: Store,
    db: Any,
    wanted: Configuration,
    machines: Mapping[str, int],
    products: Mapping[str, int],
    zone: ZoneInfo,
    translate: Translate,
    who: str,
    why: str,
    begun: bool,
) -> dict[str, set[int]]:
    """All of it that a file speaks of, behind stations and wires; the ids that stay, by their tables. `begun`:
    something was set up before. Each limit that changes is a row of the audit trail of its own, so that it is known
    who changed it last, when and why."""
    plant, kept = register.plant(store), dict[str, set[int]]()
    if wanted.parts is not None:
        put_parts(db, wanted.parts, {s.code: s.id for s in plant.stations}, products)
    gauges = {} if wanted.gauges is None else put_gauges(db, wanted.gauges, translate)
    if wanted.gauges is not None:
        kept["gauges"] = set(gauges.values())
    if wanted.characteristics is not None:
        signals = {name: number for number, name in signal_names(plant).items()}
        now_ms = store.clock.now_ms()
        found = put_characteristics(db, wanted.characteristics, machines, products, signals, gauges, translate, now_ms)
        kept["characteristics"] = set(found.values())
        if wanted.limits is not None:
            before = limits_of(db)
            put_limits(db, wanted, zone, found, now_ms, begun)
            note_limits(db, before, now_ms, who, why)
    return kept


def put_parts(
    db: Any, parts: Iterable[Mapping[str, Any]], stations: Mapping[str, int], products: Mapping[str, int]
) -> None:
    """Let stations take these materials and no others."""
    hold(
        db,
        "station_parts",
        (
            (
                {
                    "station_id": stations[part["station"]],
                    "product_id": products.get(part["product"] or "", 0),
                    "material": part["material"],
                },
                {
                    "required": int(part["required"]),
                    "around": part["around"],
                    "serial": int(part["serial"]),
                    "scanned": part["scanned"],
                },
            )
            for part in parts
        ),
    )


def put_gauges(db: Any, gauges: Iterable[Mapping[str, Any]], translate: Translate) -> dict[str, int]:
    """Ids of the gauges by their codes."""
    return {
        each["code"]: put(
            db,
            "gauges",
            {"code": each["code"]},
            name=translate(each["name"]),
            resolution=each["resolution"],
            interval_days=each["interval_days"],
            when_due=each["when_due"],
            place=each.get("place", place),
        )
        for place, each in enumerate(gauges)
    }


def put_characteristics(
    db: Any,
    characteristics: Iterable[Mapping[str, Any]],
    machines: Mapping[str, int],
    products: Mapping[str, int],
    signals: Mapping[str, int],
    gauges: Mapping[str, int],
    translate: Translate,
    now_ms: int,
) -> dict[str, int]:
    """Ids of the characteristics by their codes. One that is measured otherwise than before is so from now on."""
    was = measured_as(db)

    def since_ms(each: Mapping[str, Any]) -> int:
        now = (products.get(each["product"] or ""), signals.get(each["signal"] or ""), each["sampling"])
        held, began_ms = was.get(each["code"], (None, now_ms))
        return began_ms if held == now else now_ms

    return {
        each["code"]: put(
            db,
            "characteristics",
            {"code": each["code"]},
            name=translate(each["name"]),
            product_id=products.get(each["product"] or ""),
            machine_id=machines.get(each["machine"] or ""),
            signal_id=signals.get(each["signal"] or ""),
            unit=each["unit"],
            mark=each["mark"],
            gauge_id=gauges.get(each["gauge"] or ""),
            sampling=each["sampling"],
            per_hour=each["per_hour"],
            subgroup=each["subgroup"],
            binding=each["binding"],
            window_ms=round(each["window_s"] * 1000),
            retests=each["retests"],
            place=each.get("place", place),
            since_ms=since_ms(each),
        )
        for place, each in enumerate(characteristics)
    }


def put_limits(
    db: Any,
    wanted: Configuration,
    zone: ZoneInfo,
    characteristics: Mapping[str, int],
    now_ms: int,
    begun: bool,
) -> None:
    """Let the limits of a file hold from now on: what was measured before keeps its own.

    Where nothing was there before (`begun` False) they hold as the file says, without a date since ever. Raises
    ConfigurationError where the file says something else of the time before now than what held then.
    """
    given: dict[str, dict[int | None, _Spec]] = {code: {} for code in characteristics}
    places: dict[tuple[str, int | None], str] = {}
    for path, each in numbered("limit", wanted.limits or []):
        since = None if each["valid_from"] is None else moment_ms(each["valid_from"], zone)
        given[each["characteristic"]][since] = _spec(each)
        places[each["characteristic"], since] = called(wanted, path)
    stored = _stored(limits_of(db))
    for code, number in characteristics.items():
        said, known = given[code], stored.get(code, {})
        for since, was in _contradicted(known, said, now_ms) if begun else ():
            words = _(
                "{path}: {limits} of {characteristic} in the past, but {known} held then, and what was measured keeps"
                " its limits. Write {known} there; other limits hold from the import on where a row has no valid_from,"
                " or from a valid_from to come."
            )
            told = {"limits": _words(said[since]), "characteristic": code, "known": _words(was)}
            raise ConfigurationError([words.format(path=places[code, since], **told)])
        _hold(db, number, known, _versions(known, said, now_ms) if begun else {at or 0: s for at, s in said.items()})


def put_limits_now(db: Any, limits: Iterable[Mapping[str, Any]], was: Quality, now_ms: int, who: str, why: str) -> None:
    """Let these limits hold from now on where they are others than those in force: what was measured before keeps its
    own. Those of a characteristic that is not named hold no more; what is to come stays."""
    before = limits_of(db)
    stored = _stored(before)
    wanted = {each["characteristic"]: _spec(each) for each in limits}
    for each in was.characteristics:
        known = stored.get(each.code, {})
        said: dict[int | None, _Spec] = {at: spec for at, spec in known.items() if at > now_ms}
        said[None] = wanted.get(each.code, _NONE)
        _hold(db, each.id, known, _versions(known, said, now_ms))
    note_limits(db, before, now_ms, who, why)


_Spec = tuple[float | None, float | None, float | None]  # nominal, low, high
_NONE: _Spec = (None, None, None)  # from then on there are no limits


def _spec(row: Mapping[str, Any]) -> _Spec:
    return row["nominal"], row["low"], row["high"]


def _words(spec: _Spec) -> str:
    """Limits as a file writes them."""
    told = (
        f"{name} = {value:g}" for name, value in zip(("nominal", "low", "high"), spec, strict=True) if value is not None
    )
    return ", ".join(told) or _("no limits")


def _in_force(versions: Mapping[int, _Spec], at_ms: int) -> _Spec:
    since = max((since for since in versions if since <= at_ms), default=None)
    return _NONE if since is None else versions[since]


def _contradicted(
    stored: Mapping[int, _Spec], said: Mapping[int | None, _Spec], now_ms: int
) -> Iterator[tuple[int | None, _Spec]]:
    """The rows that say something else of the time before now than what held then, and that."""
    past = sorted(since for since in said if since is not None and since < now_ms)
    for since in past:
        if (was := _in_force(stored, since)) != said[since]:
            yield since, was
    if past and None in said and (was := _in_force(stored, past[0] - 1)) != said[None]:
        yield None, was


def _versions(stored: Mapping[int, _Spec], said: Mapping[int | None, _Spec], now_ms: int) -> dict[int, _Spec]:
    """All versions afterwards by the moment from which each holds. What held before now stays; now holds what is said
    last of a time up to now, nothing where nothing is said at all; of what is to come only what is said."""
    past = max((since for since in said if since is not None and since < now_ms), default=None)
    present = said.get(past, _in_force(stored, now_ms) if said else _NONE)
    found = {since: spec for since, spec in stored.items() if since < now_ms}
    if present != _in_force(found, now_ms):
        found[now_ms] = present
    return found | {since: spec for since, spec in said.items() if since is not None and since >= now_ms}


def _stored(before: Versions) -> dict[str, dict[int, _Spec]]:
    found: dict[str, dict[int, _Spec]] = {}
    for (code, since), row in before.items():
        found.setdefault(code, {})[since] = _spec(row)
    return found


def _hold(db: Any, characteristic: int, before: Mapping[int, _Spec], after: Mapping[int, _Spec]) -> None:
    """Let a characteristic have these versions and no others."""
    for since in before:
        if since not in after:
            drop_limits(db, characteristic, since)
    for since, spec in after.items():
        key = {"characteristic_id": characteristic, "valid_from_ms": since}
        register.upsert(db, "characteristic_limits", key, dict(zip(("nominal", "low", "high"), spec, strict=True)))
