"""A checked configuration into the register, in one transaction."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import asdict, replace

from desktop.configuration import orders as plan
from desktop.configuration.exporting import tables_of
from desktop.configuration.tables import (
    CHECK,
    MEANING,
    REASON,
    SCRAP_REASON,
    Configuration,
    ConfigurationError,
    Field,
    moment_ms,
)
from desktop.domain.automatic import Policy
from desktop.domain.calendar import ALWAYS, Calendar, ShiftPattern, local_date, utc_ms
from desktop.domain.line import Constraint
from desktop.domain.making import OpenCavities
from desktop.domain.orders import Order
from desktop.domain.people import Person, PersonRole
from desktop.domain.rules import RuleSet
from desktop.store import calendar_edits, orders, people, register, reports_made
from desktop.store.database import Store
from desktop.text import _

Translate = Callable[[str], str]
_CHECKS = Path(__file__).resolve().parents[2] / "resources" / "checks.toml"
_DEFAULTS = Path(__file__).resolve().parents[2] / "resources" / "reasons.toml"


#: tables whose rows people enter here and there, by what a row is called by; devices are the file's own
_CALLED = {
    **dict.fromkeys(("machine", "product", "station", "reason", "scrap_reason", "check", "order"), ("code",)),
    "person": ("name",),
    "shift": ("name",),
    "exception": ("on", "shift"),
    "planned_stop": ("from", "machine"),
}


def apply(
    store: Store,
    wanted: Configuration,
    *,
    ports: Mapping[str, str] | None = None,
    translate: Translate = str,
    who: str = "",
    why: str = "",
) -> tuple[str, ...]:
    """Write a checked configuration into the register in one transaction; what it does not name is retired.

    What holds from a date on keeps its past: what the file says differently and gives no date holds from today on, and
    of what it does not name only the future goes. Raises ConfigurationError where a version without a date would have
    to change the past. `ports` replaces the port of a bus by its key (the demo line's wires), `translate` its names
    (the demo line's). `who` imports it, and `why`: they stand in the audit trail. Returns what stood and stands no
    more, "product VH-204": what the file did not name, perhaps because it is older than what somebody entered since.
    """
    now_ms = store.clock.now_ms()
    with store.transaction() as db:
        old = tables_of(store)
        was = register.calendar(store)
        declared, cavities, rules = register.constraints(store), register.open_cavities(store), register.rules(store)
        begun = bool(register.plant(store, since_ms=0).machines)
        zone = ZoneInfo(wanted.plant["timezone"])
        today = local_date(now_ms, zone)
        midnight_ms = utc_ms(today, time(), zone)
        _plant(db, wanted.plant, translate)
        machines = _machines(db, wanted.machines, translate)
        products = _products(db, wanted.products, translate)
        _standards(db, wanted.standards, zone, products, machines)
        _constraints(db, wanted, declared, machines, today)
        _open_cavities(db, wanted, cavities, products, machines, midnight_ms)
        _shifts(db, wanted, was, translate, today)
        _rotations(db, wanted, translate)
        _capacity(db, wanted, was, translate, today)
        _exceptions(db, wanted, was, translate, now_ms)
        if wanted.rules is not None:
            _rules(db, wanted.rules, rules[-1][1], now_ms if begun else 0)
        _report(db, wanted.report)
        kept = _buses(db, wanted.buses, machines, ports or {}, translate)
        kept["machines"] = set(machines.values())
        kept["products"] = set(products.values())
        # A shop that never had reasons begins with the usual ones, in the language in use.
        usual = not wanted.reasons and not register.ever_had(store, "reasons")
        reasons = _reasons(db, *((default_reasons(), _) if usual else (wanted.reasons, translate)))
        kept["reasons"] = set(reasons.values())
        if wanted.scrap_reasons is not None:
            kept["scrap_reasons"] = set(_scrap_reasons(db, wanted.scrap_reasons, translate).values())
        elif not register.ever_had(store, "scrap_reasons"):
            _scrap_reasons(db, default_scrap_reasons(), _)
        if wanted.checks is not None:
            kept["check_items"] = set(_checks(db, wanted.checks, machines, products, translate))
        _planned_stops(db, wanted, was, machines, reasons, midnight_ms)
        _orders(db, wanted, orders.orders(store), machines, products, now_ms, today)
        stations = None if wanted.stations is None else _stations(db, wanted.stations, machines, translate)
        if stations is not None:
            kept["stations"] = set(stations.values())
        if wanted.routes is not None:
            steps = [(r["product"], n, code) for r in wanted.routes for n, code in enumerate(r["stations"])]
            _routes(db, steps, products, stations or {})
        if wanted.people is not None:
            people.replace_all(db, [_person(each, translate) for each in wanted.people], now_ms, who)
        for table, ids in kept.items():
            register.retire_others(db, table, ids, now_ms)
        new = tables_of(store)
        before, after = _json(old, default=str), _json(new, default=str)
        edit = register.audit(db, now_ms, who, "config import", "register", before, after, why)
        calendar_edits.note(store, db, was, edit, now_ms)
    stands = set(_called_rows(new))
    return tuple(dict.fromkeys(name for name in _called_rows(old) if name not in stands))


def _called_rows(tables: Mapping[str, Any]) -> Iterator[str]:
    """The rows of a configuration by the words of its file: "product VH-204", "exception 2026-12-03 Day"."""
    for table, columns in _CALLED.items():
        for row in tables.get(table) or ():
            yield " ".join(str(word) for word in (table, *(row.get(column) for column in columns)) if word)


class Rows(Struct, frozen=True):
    """Whole tables of the register, rows as a configuration has them, read once; None: stays as it is."""

    machines: Iterable[Mapping[str, Any]] | None = None
    products: Iterable[Mapping[str, Any]] | None = None
    standards: Iterable[Mapping[str, Any]] | None = None
    reasons: Iterable[Mapping[str, Any]] | None = None
    scrap_reasons: Iterable[Mapping[str, Any]] | None = None
    checks: Iterable[Mapping[str, Any]] | None = None
    stations: Iterable[Mapping[str, Any]] | None = None
    routes: Iterable[tuple[str, int, str]] | None = None  # product, place from 0, station
    people: Iterable[Mapping[str, Any]] | None = None
    orders: Iterable[Mapping[str, Any]] | None = None  # `due` as plant time, `place` from 0


def put_rows(store: Store, db: Any, rows: Rows, who: str = "") -> None:
    """Let tables of the register hold these rows, inside the caller's transaction; what they do not name is retired.

    Rows are checked already. The caller leaves the line in the audit trail; `who` stands in those of PINs that go.
    """
    now_ms = store.clock.now_ms()
    plant = register.plant(store)
    machines = {m.code: m.id for m in plant.machines}
    products = {p.code: p.id for p in plant.products}
    if rows.machines is not None:
        machines = _machines(db, rows.machines, str)
        register.retire_others(db, "machines", set(machines.values()), now_ms)
    if rows.products is not None:
        products = _products(db, rows.products, str)
        register.retire_others(db, "products", set(products.values()), now_ms)
    if rows.standards is not None:
        past = register.standards_of_retired(store)
        _standards(db, rows.standards, ZoneInfo(plant.timezone), products, machines, past)
    if rows.reasons is not None:
        register.retire_others(db, "reasons", set(_reasons(db, rows.reasons, str).values()), now_ms)
    if rows.scrap_reasons is not None:
        kept = set(_scrap_reasons(db, rows.scrap_reasons, str).values())
        register.retire_others(db, "scrap_reasons", kept, now_ms)
    if rows.checks is not None:
        register.retire_others(db, "check_items", set(_checks(db, rows.checks, machines, products, str)), now_ms)
    if rows.stations is not None:
        kept = set(_stations(db, rows.stations, machines, str).values())
        register.retire_others(db, "stations", kept, now_ms)
    if rows.routes is not None:
        _routes(db, rows.routes, products, {station.code: station.id for station in plant.stations})
    if rows.people is not None:
        people.replace_all(db, [_person(each, str) for each in rows.people], now_ms, who)
    if rows.orders is not None:
        plan.put_all(store, db, rows.orders, plant, now_ms)


def default_reasons() -> list[dict[str, Any]]:
    """The reasons that a new shop begins with, R01 and on, in English source texts."""
    return [_filled(REASON, reason) for reason in _defaults()["reason"]]


def default_scrap_reasons() -> list[dict[str, Any]]:
    """The kinds of rejects that a new shop begins with, D01 and on, in English source texts."""
    return [_filled(SCRAP_REASON, reason) for reason in _defaults()["scrap_reason"]]


def default_checks() -> list[dict[str, Any]]:
    """Checks that a shop can take over, C01 and on, in English source texts."""
    read = tomllib.loads(_CHECKS.read_text(encoding="utf-8"))
    return [_filled(CHECK, check) for check in read["check"]]


def _defaults() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(_DEFAULTS.read_text(encoding="utf-8"))


def _filled(fields: Iterable[Field], row: Mapping[str, Any]) -> dict[str, Any]:
    return {field.key: row.get(field.key, field.default) for field in fields}


def _json(value: object, **more: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **more)


def _put(db: Any, table: str, key: Mapping[str, object], **columns: object) -> int:
    """Insert or change a row that may have been retired; its id."""
    return register.upsert(db, table, key, {**columns, "retired_at_ms": None})


def _plant(db: Any, plant: Mapping[str, Any], translate: Translate) -> None:
    register.put_setting(db, "plant", translate(plant["name"]))
    register.put_setting(db, "line", translate(plant["line"]))
    register.put_setting(db, "timezone", plant["timezone"])
    register.put_setting(db, "day_start", plant["day_start"])
    register.put_setting(db, "alarm_after_min", str(plant["alarm_after_min"]))
    register.put_setting(db, "ask_after_min", str(plant["ask_after_min"]))
    target = plant["oee_target"]
    register.put_setting(db, "oee_target", "" if target is None else str(target))


def _machines(db: Any, machines: Iterable[Mapping[str, Any]], translate: Translate) -> dict[str, int]:
    return {
        m["code"]: _put(
            db,
            "machines",
            {"code": m["code"]},
            name=translate(m["name"]),
            place=m.get("place", place),
            threshold_ms=round(m["threshold_s"] * 1000),
            unattended=int(m["unattended"]),
        )
        for place, m in enumerate(machines)
    }


def _products(db: Any, products: Iterable[Mapping[str, Any]], translate: Translate) -> dict[str, int]:
    return {p["code"]: _put(db, "products", {"code": p["code"]}, name=translate(p["name"])) for p in products}


def _standards(
    db: Any,
    standards: Iterable[Mapping[str, Any]],
    zone: ZoneInfo,
    products: Mapping[str, int],
    machines: Mapping[str, int],
    kept: Iterable[int] = (),
) -> None:
    """Write cycle times and drop all others but those `kept`."""
    found = {
        register.upsert(
            db,
            "standards",
            {
                "product_id": products[s["product"]],
                "machine_id": machines[s["machine"]],
                "valid_from_ms": 0 if s["valid_from"] is None else utc_ms(s["valid_from"], time(), zone),
            },
            {
                # To the microsecond, so that the text of an export stays what it was.
                **{name: round(s[f"{name[:-3]}_s"] * 1000.0, 3) for name in ("ideal_cycle_ms", "standard_cycle_ms")},
                "cavities": s["cavities"],
                "family_cavities": s["family_cavities"],
            },
        )
        for s in standards
    }
    register.drop_others(db, "standards", found | set(kept))


def _stations(
    db: Any, stations: Iterable[Mapping[str, Any]], machines: Mapping[str, int], translate: Translate
) -> dict[str, int]:
    return {
        s["code"]: _put(
            db,
            "stations",
            {"code": s["code"]},
            name=translate(s["name"]),
            machine_id=machines.get(s["machine"] or ""),
            place=s.get("place", place),
        )
        for place, s in enumerate(stations)
    }


def _routes(
    db: Any, steps: Iterable[tuple[str, int, str]], products: Mapping[str, int], stations: Mapping[str, int]
) -> None:
    """Let these products go by these stations and no others; a product that is retired keeps its route."""
    kept = register.steps_of_others(db, set(products.values()))
    found = {
        register.upsert(
            db, "route_steps", {"product_id": products[product], "place": place}, {"station_id": stations[station]}
        )
        for product, place, station in steps
    }
    register.drop_others(db, "route_steps", found | kept)


def _called(wanted: Configuration, path: str) -> str:
    return wanted.places.get(path, path)


_Version = TypeVar("_Version")


def _versions(
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


def _replace(db: Any, table: str, rows: Iterable[tuple[Mapping[str, object], Mapping[str, object]]]) -> None:
    """Make a table hold these rows, each as key and other columns, and no others."""
    register.drop_others(db, table, {register.upsert(db, table, key, columns) for key, columns in rows})


def _constraints(
    db: Any, wanted: Configuration, declared: Iterable[Constraint], machines: Mapping[str, int], today: date
) -> None:
    if wanted.constraints is None:
        return
    zone = ZoneInfo(wanted.plant["timezone"])
    stored = {
        local_date(c.valid_from_ms, zone) if c.valid_from_ms else ALWAYS: (c.machine, c.parallel) for c in declared
    }
    given = [(c["valid_from"], (machines.get(c["machine"], 0), c["parallel"])) for c in wanted.constraints]
    versions = _versions(_called(wanted, "constraint"), stored, given, today)
    if versions.get(ALWAYS, (0, 1))[0] == 0:
        versions.pop(ALWAYS, None)  # that none is declared from the beginning goes without saying
    _replace(
        db,
        "line_constraints",
        (
            ({"valid_from_ms": _midnight_ms(since, zone)}, {"machine_id": machine, "parallel": parallel})
            for since, (machine, parallel) in versions.items()
        ),
    )


def _midnight_ms(since: date, zone: ZoneInfo) -> int:
    return 0 if since == ALWAYS else utc_ms(since, time(), zone)


def _open_cavities(
    db: Any,
    wanted: Configuration,
    stored: Mapping[tuple[int, int], Iterable[OpenCavities]],
    products: Mapping[str, int],
    machines: Mapping[str, int],
    midnight_ms: int,
) -> None:
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
    _replace(db, "open_cavities", ((dict(zip(keys, key, strict=True)), {"open": n}) for key, n in found.items()))


def _times(shift: Mapping[str, Any], translate: Translate) -> dict[str, Any]:
    """What a shift is, apart from its name and date."""
    return {
        "start": shift["start"],
        "end": shift["end"],
        "weekdays": sorted(shift["weekdays"]),
        "breaks": [{**b, "name": translate(b["name"])} for b in shift["breaks"]],
    }


def _stored_times(pattern: ShiftPattern) -> dict[str, Any]:
    return {
        "start": f"{pattern.start:%H:%M}",
        "end": f"{pattern.end:%H:%M}",
        "weekdays": sorted(pattern.weekdays),
        "breaks": [{"name": b.name, "start": f"{b.start:%H:%M}", "end": f"{b.end:%H:%M}"} for b in pattern.breaks],
    }


def _shifts(db: Any, wanted: Configuration, was: Calendar, translate: Translate, today: date) -> None:
    stored: dict[str, dict[date, dict[str, Any]]] = {}
    for p in was.patterns:
        more = {"crew": p.crew, "business_days": p.business_days, "people": p.people}
        stored.setdefault(p.name, {})[p.valid_from] = _stored_times(p) | more
    given: dict[str, list[tuple[date | None, dict[str, Any]]]] = {}
    for s in wanted.shifts:
        more = {"crew": s["crew"], "business_days": s["business_days"], "people": s["people"]}
        given.setdefault(translate(s["name"]), []).append((s["valid_from"], _times(s, translate) | more))
    found: list[tuple[str, date, dict[str, Any]]] = []
    for name in dict.fromkeys((*stored, *given)):
        # A shift beside others that are known begins today: yesterday it did not take place.
        new_from = today if stored else ALWAYS
        versions = _versions(
            _called(wanted, f"shift[{name}]"), stored.get(name, {}), given.get(name, ()), today, new_from=new_from
        )
        if name not in given:
            versions.pop(today, None)  # it began today and is gone again
            last = max(versions, default=None)
            if last is not None and versions[last]["weekdays"]:
                versions[today] = {**versions[last], "weekdays": []}
        found += [(name, since, version) for since, version in sorted(versions.items())]
    _replace(
        db,
        "shift_patterns",
        (
            (
                {"name": name, "valid_from": since.isoformat()},
                {**version, "weekdays": json.dumps(version["weekdays"]), "breaks": _json(version["breaks"])},
            )
            for name, since, version in found
        ),
    )


def _rotations(db: Any, wanted: Configuration, translate: Translate) -> None:
    if wanted.rotations is None:
        return
    _replace(
        db,
        "crew_rotations",
        (
            (
                {"anchor": r["valid_from"].isoformat(), "shifts": _json([translate(name) for name in r["shifts"]])},
                {"crews": _json(r["crews"]), "days": r["days"]},
            )
            for r in wanted.rotations
        ),
    )


def _capacity(db: Any, wanted: Configuration, was: Calendar, translate: Translate, today: date) -> None:
    if wanted.capacity is None:
        return

    def version(shifts: list[dict[str, Any]], holidays: Iterable[date]) -> dict[str, str]:
        return {"shifts": _json(shifts), "holidays": _json(sorted(on.isoformat() for on in set(holidays)))}

    stored = {
        c.valid_from: version([{"name": p.name, **_stored_times(p)} for p in c.patterns], c.holidays)
        for c in was.capacity
    }
    given = [
        (
            c["valid_from"],
            version([{"name": translate(s["name"]), **_times(s, translate)} for s in c["shift"]], c["holidays"]),
        )
        for c in wanted.capacity
    ]
    versions = _versions(_called(wanted, "capacity"), stored, given, today)
    _replace(
        db,
        "capacity_calendars",
        (({"valid_from": since.isoformat()}, columns) for since, columns in versions.items()),
    )


def _exceptions(db: Any, wanted: Configuration, was: Calendar, translate: Translate, now_ms: int) -> None:
    """What is different on a date. What was entered stays as it was entered, and what is said anew is entered now."""
    if wanted.exceptions is None:
        return
    zone = ZoneInfo(wanted.plant["timezone"])
    today = local_date(now_ms, zone).isoformat()
    names = {pattern.id: pattern.name for pattern in was.patterns}
    stored: dict[tuple[str, str, str], dict[int, tuple[str | None, str | None, str]]] = {}
    for e in was.exceptions:
        if e.pattern is not None and e.pattern not in names:
            continue  # its shift was never in force
        key = (e.on.isoformat(), e.kind.value, names.get(e.pattern or 0, ""))
        start, end = (None if at is None else f"{at:%H:%M}" for at in (e.start, e.end))
        stored.setdefault(key, {})[e.entered_at_ms] = (start, end, e.name)
    found = {key: dict(entered) for key, entered in stored.items() if key[0] < today}
    for g in wanted.exceptions:
        key = (g["on"].isoformat(), g["kind"], translate(g["shift"]) if g["shift"] else "")
        said = (g["start"], g["end"], translate(g["name"]) if g["name"] else "")
        entered = found.setdefault(key, dict(stored.get(key, {})))
        if g["entered_at"] is not None:
            entered[moment_ms(g["entered_at"], zone)] = said
        elif not entered or entered[max(entered)] != said:
            entered[now_ms] = said
    _replace(
        db,
        "day_exceptions",
        (
            (
                {"on_date": on, "kind": kind, "shift": shift, "entered_at_ms": at_ms},
                {"start": start, "end": end, "name": name},
            )
            for (on, kind, shift), entered in found.items()
            for at_ms, (start, end, name) in entered.items()
        ),
    )


def _planned_stops(
    db: Any,
    wanted: Configuration,
    was: Calendar,
    machines: Mapping[str, int],
    reasons: Mapping[str, int],
    midnight_ms: int,
) -> None:
    if wanted.planned_stops is None:
        return
    zone = ZoneInfo(wanted.plant["timezone"])
    found: dict[tuple[int, int, int], tuple[int | None, int | None, bool, str, int | None, str]] = {
        (p.span.start_ms, p.span.end_ms, p.machine or 0): (
            p.reason, p.approved_at_ms, p.no_order, p.asked_by, p.asked_at_ms, p.approved_by,
        )
        for p in was.planned
        if p.span.start_ms < midnight_ms
    } | {
        (moment_ms(p["from"], zone), moment_ms(p["to"], zone), machines.get(p["machine"], 0)): (
            reasons.get(p["reason"]),
            None if p["approved_at"] is None else moment_ms(p["approved_at"], zone),
            p["no_order"],
            p["asked_by"],
            None if p["asked_at"] is None else moment_ms(p["asked_at"], zone),
            p["approved_by"],
        )
        for p in wanted.planned_stops
    }  # fmt: skip
    _replace(
        db,
        "planned_stops",
        (
            (
                {"start_ms": start_ms, "end_ms": end_ms, "machine_id": machine},
                {
                    "reason_id": reason,
                    "approved_at_ms": at_ms,
                    "no_order": int(no_order),
                    "asked_by": asked_by,
                    "asked_at_ms": asked_at_ms,
                    "approved_by": approved_by,
                },
            )
            for (start_ms, end_ms, machine), (reason, at_ms, no_order, asked_by, asked_at_ms, approved_by) in (
                found.items()
            )
        ),
    )


def _orders(
    db: Any,
    wanted: Configuration,
    stored: Iterable[Order],
    machines: Mapping[str, int],
    products: Mapping[str, int],
    now_ms: int,
    today: date,
) -> None:
    """The plan in the order of the file. What the file does not name goes, but for the days before."""
    if wanted.orders is None:
        return
    zone = ZoneInfo(wanted.plant["timezone"])
    kept = {
        orders.put(
            db,
            {
                "code": o["code"],
                "product_id": products[o["product"]],
                "quantity": o["quantity"],
                "lot": o["lot"],
                "due_ms": None if o["due"] is None else moment_ms(o["due"], zone),
                "kind": o["kind"],
                "machine_id": machines.get(o["machine"]),
                "planned_on": None if o["on"] is None else o["on"].isoformat(),
                "shift": o["shift"],
                "place": place,
                "status": o["status"],
            },
            now_ms,
        )[0]
        for place, o in enumerate(wanted.orders)
    }
    for order in stored:
        if order.id not in kept and (order.planned_on is None or order.planned_on >= today):
            orders.retire(db, order.id, now_ms)


def _rules(db: Any, wanted: Mapping[str, Any], known: RuleSet, from_ms: int) -> None:
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


def _report(db: Any, wanted: Mapping[str, Any] | None) -> None:
    if wanted is not None:
        printer = wanted["printer"] if wanted["print"] else None
        formats, delay_ms = tuple(dict.fromkeys(wanted["formats"])), wanted["after_min"] * 60_000
        cost = float(wanted["hour_cost"])
        policy = Policy(wanted["automatic"], wanted["folder"], formats, delay_ms, printer, wanted["language"], cost)
        reports_made.put_policy(db, policy)


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
        now_ms = store.clock.now_ms()
        register.audit(db, now_ms, who, reports_made.AUDITED, "", _json(asdict(before)), _json(asdict(wanted)))
    return before


def _reasons(db: Any, reasons: Iterable[Mapping[str, Any]], translate: Translate) -> dict[str, int]:
    return {
        r["code"]: _put(
            db,
            "reasons",
            {"code": r["code"]},
            name=translate(r["name"]),
            kind=r["kind"],
            failure=int(r["failure"]),
            loss=r["loss"],
            group_name=translate(r["group"]) if r["group"] else "",
            subgroup_name=translate(r["subgroup"]) if r["subgroup"] else "",
            icon=r["icon"],
            place=r.get("place", place),
        )
        for place, r in enumerate(reasons)
    }


def _scrap_reasons(db: Any, reasons: Iterable[Mapping[str, Any]], translate: Translate) -> dict[str, int]:
    return {
        r["code"]: _put(
            db,
            "scrap_reasons",
            {"code": r["code"]},
            name=translate(r["name"]),
            group_name=translate(r["group"]) if r["group"] else "",
            icon=r["icon"],
            place=r.get("place", place),
        )
        for place, r in enumerate(reasons)
    }


def _checks(
    db: Any,
    checks: Iterable[Mapping[str, Any]],
    machines: Mapping[str, int],
    products: Mapping[str, int],
    translate: Translate,
) -> list[int]:
    return [
        _put(
            db,
            "check_items",
            {"code": c["code"]},
            name=translate(c["name"]),
            machine_id=machines[c["machine"]] if c["machine"] else None,
            product_id=products[c["product"]] if c["product"] else None,
            **{key: c[key] for key in ("kind", "every", "low", "high", "unit")},
            hours=float(c["hours"] or 0),
            place=c.get("place", place),
        )
        for place, c in enumerate(checks)
    ]


def _person(person: Mapping[str, Any], translate: Translate) -> Person:
    return Person(0, translate(person["name"]), person["crew"], PersonRole(person["role"]), person["badge"])


def _buses(
    db: Any,
    buses: list[dict[str, Any]],
    machines: Mapping[str, int],
    ports: Mapping[str, str],
    translate: Translate,
) -> dict[str, set[int]]:
    kept: dict[str, set[int]] = {"buses": set(), "devices": set(), "signals": set()}
    for bus in buses:
        bus_id = _put(
            db,
            "buses",
            {"key": bus["key"]},
            port=ports.get(bus["key"], bus["port"]),
            driver=bus["driver"],
            settings=_json(bus["settings"]),
        )
        kept["buses"].add(bus_id)
        for device in bus["device"]:
            device_id = _put(
                db,
                "devices",
                {"key": device["key"]},
                bus_id=bus_id,
                name=translate(device["name"]),
                settings=_json(device["settings"]),
            )
            kept["devices"].add(device_id)
            kept["signals"] |= {_signal(db, device_id, s, machines, translate) for s in device["signal"]}
    return kept


def _signal(
    db: Any, device_id: int, signal: Mapping[str, Any], machines: Mapping[str, int], translate: Translate
) -> int:
    return _put(
        db,
        "signals",
        {"device_id": device_id, "key": signal["key"]},
        name=translate(signal["name"]),
        machine_id=machines.get(signal["machine"]),
        role=signal["role"],
        unit=signal["unit"],
        factor=float(signal["factor"]),
        offset_value=float(signal["offset"]),
        dead_band=float(signal["dead_band"]),
        modulus=signal["modulus"],
        pieces_per_step=signal["pieces_per_step"],
        limit_low=None if signal["limit_low"] is None else float(signal["limit_low"]),
        limit_high=None if signal["limit_high"] is None else float(signal["limit_high"]),
        per_piece=int(signal["per_piece"]),
        codes=_json(signal["codes"]),
        classes=_json(signal["classes"]),
        settings=_json(signal["settings"]),
        meaning=_json({key: signal[key] for key, usual in MEANING.items() if signal[key] != usual}),
    )
