"""A change of the trail in words: what it was of, and what it was before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct, convert

from desktop.calendar_words import capacity_words, days_words, kind_word, standard_words
from desktop.configuration.sheets.cells import written
from desktop.configuration.sheets.kinds import KINDS
from desktop.domain.adjust import BookingKind
from desktop.domain.calendar import Kind
from desktop.domain.entries import OPEN_MS, Calibrated, Disposed, Held, Joined, Parted, Replaced
from desktop.domain.labels import Line
from desktop.domain.people import PersonRole
from desktop.domain.trail import COMMAND_LINE, Chain, Change, Group
from desktop.store import register
from desktop.store.entry_rows import reader
from desktop.summaries.trail import Names
from desktop.text import N_, _, particles, plural
from desktop.wording.holds import disposed_words, held_words, things_words
from desktop.wording.labels import KIND_WORDS, line_words
from desktop.wording.moments import clock, clock_seconds, day, day_clock, span_words
from desktop.wording.numbers import exact_figure, pieces, signed
from desktop.wording.people import role_word
from desktop.wording.states import CALL_PHASES, CALLS, asked_from, booking_word

MOST_DIFFERING = 5  # rows of a table of a configuration that are named one by one
MOST_ROWS = 30  # of a table that are told; what is beyond is counted

GROUPS = {
    Group.STOPS: N_("Stops"),
    Group.WORK: N_("Work"),
    Group.PIECES: N_("Pieces"),
    Group.QUALITY: N_("Quality"),
    Group.HANDOVER: N_("Handover"),
    Group.ATTENDANCE: N_("Attendance"),
    Group.ALARMS: N_("Alarms"),
    Group.PLAN: N_("Plan"),
    Group.MASTER: N_("Master data"),
    Group.LIMITS: N_("Limits"),
    Group.PEOPLE: N_("People"),
    Group.SETTINGS: N_("Settings"),
}
#: what an entry or an action of the audit is called
ACTIONS = {
    "label": N_("Stop reason"),
    "split": N_("Stop split"),
    "call": N_("Call for help"),
    "phase": N_("Answer to a call"),
    "order": N_("Order started"),
    "order_end": N_("Order ended"),
    "changeover": N_("Changeover"),
    "first_piece": N_("First piece"),
    "pieces": N_("Pieces corrected"),
    "note": N_("Shift note"),
    "action": N_("Open item"),
    "action_closed": N_("Open item closed"),
    "safety": N_("Safety"),
    "four_m": N_("4M change"),
    "signed": N_("Signature"),
    "closed": N_("Shift closed"),
    "attended": N_("Attendance"),
    "placed": N_("Place at a machine"),
    "left": N_("Gone"),
    "checked": N_("Check done"),
    "hour": N_("Hour confirmed"),
    "measured": N_("Value entered by hand"),
    "excluded": N_("Value left out of the chart"),
    "chart_limits": N_("Control limits frozen"),
    "calibrated": N_("Gauge calibrated"),
    "held": N_("Put on hold"),
    "disposed": N_("Hold decided"),
    "replaced": N_("Part replaced"),
    "joined": N_("Lots merged"),
    "parted": N_("Lot split"),
    "acknowledge": N_("Alarm seen"),
    "unacknowledge": N_("Alarm not seen"),
    "plan": N_("Plan"),
    "limit": N_("Limit changed"),
    "table import": N_("Table taken over"),
    "table undo": N_("Table taken back"),
    "people": N_("People"),
    "person": N_("Person"),
    "pin": N_("PIN"),
    "calendar": N_("Calendar"),
    "config import": N_("Configuration imported"),
    "config trust": N_("Certificate confirmed"),
    "baud rate": N_("Baud rate"),
    "automatic report": N_("Automatic report"),
    "ask after": N_("Which stops ask"),
    "restore": N_("Backup restored"),
    "labels printed": N_("Labels printed"),
    "labels reprinted": N_("Label printed again"),
    "label settings": N_("Label printer and numbers"),
}
#: entries of gauges and of things with codes
OF_THINGS = ("calibrated", "held", "disposed", "replaced", "joined", "parted")
_SAFETY = {
    "incident": N_("Accident"), "near_miss": N_("Near miss"), "estop": N_("Emergency stop"), "none": N_("Nothing"),
}  # fmt: skip
_FOUR_M = {"man": N_("Man"), "machine": N_("Machine"), "material": N_("Material"), "method": N_("Method")}
_SIGNED = {"outgoing": N_("Outgoing"), "incoming": N_("Incoming"), "approver": N_("Approver")}
_ALARMS = {
    "stop": N_("Stop"), "device": N_("Device"), "hour": N_("Hourly target"), "collector": N_("Collector"),
    "report": N_("Report"), "measured": N_("Measurements"),
    "sample": N_("Missed sample"),
}  # fmt: skip
_PINS = {"set": N_("set"), "wrong": N_("wrong"), "locked": N_("locked"), "unlocked": N_("unlocked")}
_TABLES = {
    "machine": N_("Machines"), "product": N_("Products"), "standard": N_("Cycle times"), "shift": N_("Shifts"),
    "reason": N_("Stop reasons"), "scrap_reason": N_("Scrap reasons"), "bus": N_("Devices"), "person": N_("People"),
    "order": N_("Plan"), "station": N_("Stations"), "route": N_("Routes"), "rules": N_("Rules"),
    "report": N_("Automatic report"), "plant": N_("Plant"), "exception": N_("Exceptions"),
    "planned_stop": N_("Planned stops"), "constraint": N_("Constraint"), "capacity": N_("Standard capacity"),
    "rotation": N_("Crew rotation"), "open_cavities": N_("Open cavities"), "check": N_("Checks"),
}  # fmt: skip


class Told(Struct, frozen=True):
    """A change in words. `where`: machine and the time of which it speaks, or what was changed; "" for none."""

    what: str
    where: str
    old: str
    new: str
    note: str = ""  # that it was taken back, and by whom


def who(name: str) -> str:
    """Who made a change."""
    return _("command line") if name == COMMAND_LINE else name or _("not said")


def chain_words(chain: Chain) -> str:
    """What is known of the chains, in a sentence."""
    if chain.broken is not None:
        table, row = chain.broken
        return _("The chain is broken at row {row} of {table}.").format(row=row, table=table)
    if not chain.whole:
        return _("Chain being checked: {percent} %").format(percent=100 * chain.rows // max(chain.total, 1))
    return _("Chain unbroken: {count} records").format(count=f"{chain.rows:,}")


def named(words: str) -> tuple[str, ...]:
    """The actions and kinds of entries whose words hold these."""
    found = words.casefold()
    return tuple(key for key, name in ACTIONS.items() if found and found in _(name).casefold())


def told(change: Change, names: Names) -> Told:
    """A change in words."""
    what = _(ACTIONS[change.action]) if change.action in ACTIONS else change.action
    if not change.entry:
        where, old, new = _of_audit(change, names)
        return Told(what, where, old, new)
    where = _place(change, names)
    if change.takes_back:
        return Told(_("Take-back: {what}").format(what=what), where, _said(change, change.old, names), "")
    note = ""
    if change.taken_back:
        note = particles(_("taken back by {who}").format(who=who(change.taken_back_who)))
    old = _said(change, change.before, names) if change.before else ""
    return Told(what, where, old, _said(change, change.new, names), note)


# -- entries --


def _place(change: Change, names: Names) -> str:
    machine = next((each.name for each in names.plant.machines if each.id == change.machine), "")
    at = day_clock(change.start_ms, change.at_ms, names.timezone)
    return " · ".join(part for part in (machine or (_("Line") if not change.machine else ""), at) if part)


def _said(change: Change, text: str, names: Names) -> str:
    """What an entry says, from its body."""
    body: dict[str, Any] = json.loads(text)
    plant = names.plant
    reason = body.get("reason")
    product = next((each.name for each in plant.products if each.id == body.get("product")), "")
    parts: list[str] = []
    if change.action == "label":
        parts = [next((f"{each.code} {each.name}" for each in plant.reasons if each.id == reason), f"#{reason}")]
    elif change.action == "split":
        parts = [clock_seconds(change.start_ms, names.timezone)]
    elif change.action in ("order", "order_end"):
        quantity = body.get("quantity")
        parts = [body.get("order", ""), product, pieces(quantity) if quantity is not None else ""]
    elif change.action == "changeover":
        parts = [product]
    elif change.action == "first_piece":
        parts = [_("First piece OK") if body.get("good") else _("First piece not OK")]
    elif change.action == "pieces":
        scrap = next((f"{each.code} {each.name}" for each in plant.scrap_reasons if each.id == reason), "")
        parts = [booking_word(BookingKind(body["kind"])), signed(body["pieces"]), scrap, product]
    elif change.action == "call":
        parts = [_word(CALLS, body.get("what"))]
    elif change.action == "phase":
        parts = [_word(CALL_PHASES, body.get("what"))]
    elif change.action == "checked":
        item = next((each for each in plant.checks if each.id == body.get("item")), None)
        value = body.get("value")
        unit = item.unit if item is not None else ""
        parts = [
            f"{item.code} {item.name}" if item is not None else f"#{body.get('item')}",
            exact_figure(value, unit) if value is not None else "",
            _("right") if body.get("good") else _("not right"),
        ]
    elif change.action == "hour":
        parts = [span_words(change.start_ms, change.end_ms, names.timezone), str(body.get("reason", ""))]
    elif change.action in ("measured", "excluded", "chart_limits"):
        parts = _of_measured(change.action, body, names)
    elif change.action in ("attended", "placed", "left"):
        person = body.get("person")
        parts = [names.people.get(int(person or 0), f"#{person}")]
    elif change.action in ("safety", "four_m", "signed"):
        kinds = {"safety": _SAFETY, "four_m": _FOUR_M, "signed": _SIGNED}[change.action]
        parts = [_word(kinds, body.get("kind") or body.get("what") or body.get("role"))]
    elif change.action in OF_THINGS:
        parts = [_of_things(change, text, names)]
    elif change.action not in ACTIONS:  # a kind that came after these words
        left = {key: value for key, value in body.items() if key not in ("type", "machine", "start_ms", "end_ms")}
        return _plain(left)
    parts += [str(body.get(key, "")) for key in ("text", "owner", "note")]
    return " · ".join(part for part in parts if part)


def _of_measured(action: str, body: Mapping[str, Any], names: Names) -> list[str]:
    of = next((each for each in names.characteristics if each.id == body.get("characteristic")), None)
    unit = of.unit if of is not None else ""
    parts = [f"{of.code} {of.name}" if of is not None else f"#{body.get('characteristic')}"]
    if action == "measured":
        parts += [exact_figure(body["value"], unit), body.get("unit", "")]
    elif action == "chart_limits":
        parts += [
            _("version {number}").format(number=body["version"]),
            _("centre {value}").format(value=exact_figure(body["centre"], unit)),
            _("sigma {value}").format(value=exact_figure(body["sigma"], unit)),
        ]
    return parts


def _of_things(change: Change, text: str, names: Names) -> str:
    """What an entry says of gauges, of what is held and of what went into what."""
    said = reader().decode(text)
    zone, plant = names.timezone, names.plant
    if isinstance(said, Calibrated):
        gauge = names.gauges.get(said.gauge, f"#{said.gauge}")
        due = day(said.end_ms, zone) if said.end_ms < OPEN_MS else ""
        until = _("until {clock}").format(clock=due) if due and said.good else ""
        return " · ".join(part for part in (gauge, _("right") if said.good else _("not right"), until) if part)
    if isinstance(said, Held):
        return " · ".join(part for part in (held_words(said, change.at_ms, zone), said.reason) if part)
    if isinstance(said, Disposed):
        scrap = next((f"{each.code} {each.name}" for each in plant.scrap_reasons if each.id == said.reason), "")
        return " · ".join(
            part for part in (disposed_words(said, zone, change.at_ms, scrap), things_words(said.things)) if part
        )
    if isinstance(said, Replaced):
        return f"{said.unit.code}: {said.old.code} → {said.new.code}"
    if isinstance(said, Joined):
        return f"{' + '.join(lot.code for lot in said.lots)} → {said.into.code}"
    return f"{said.lot.code} → {' + '.join(lot.code for lot in said.into)}" if isinstance(said, Parted) else ""


def _word(words: Mapping[str, str], key: object) -> str:
    return _(words[str(key)]) if str(key) in words else str(key)


# -- the audit --


def _of_audit(change: Change, names: Names) -> tuple[str, str, str]:
    action = change.action
    if action in ("acknowledge", "unacknowledge"):
        kind, _space, subject = change.subject.partition(" ")
        machine = next((each.name for each in names.plant.machines if each.code == subject), subject)
        since = int(change.old) if action == "acknowledge" and change.old.isdecimal() else None
        old = _("since {clock}").format(clock=day_clock(since, change.at_ms, names.timezone)) if since else ""
        where = " · ".join(part for part in (_word(_ALARMS, kind), machine) if part)
        return where, old, _("seen") if action == "acknowledge" else _("not seen")
    if action in ("plan", "people", "table import", "table undo"):
        return _(KINDS[change.subject].title) if change.subject in KINDS else change.subject, *_of_table(change)
    if action == "pin":
        return change.subject, _word(_PINS, change.old) if change.old else "", _word(_PINS, change.new or "–")
    if action == "person":
        return change.subject, *_differing(_loaded(change.old), _loaded(change.new))
    if action == "calendar":
        where = change.subject.partition(" ")[2].strip()  # a shop-wide one begins with its date
        return where, _of_calendar(change.old, change, names), _of_calendar(change.new, change, names)
    if action == "ask after":
        return "", asked_from(int(change.old) * 60_000), asked_from(int(change.new) * 60_000)
    if action in ("labels printed", "labels reprinted"):
        told = json.loads(change.new)
        words = _("copy {number}").format(number=told["copy"]) if told["copy"] > 1 else ""
        count = plural(N_("{count} label"), N_("{count} labels"), told["count"]).format(count=told["count"])
        return change.subject, "", " · ".join(part for part in (count, words, told["fault"]) if part)
    if action == "label settings":
        return change.subject, *_differing(*(_of_label(_loaded(side)) for side in (change.old, change.new)))
    if action == "limit":
        zone = names.timezone
        return change.subject, _limit(_loaded(change.old), zone), _limit(_loaded(change.new), zone)
    if action == "config import":
        return _("Register"), *_of_import(change.old, change.new)
    return change.subject, *_differing(_loaded(change.old), _loaded(change.new))


def _of_label(side: object) -> object:
    """What stands on labels, a text a line; what else was set up of labels as it is."""
    if not isinstance(side, dict) or "unit" not in side:
        return side
    lines = {
        _(words): " / ".join(line_words(line) for line in convert(side[kind], list[Line])) or _("as usual")
        for kind, words in KIND_WORDS
    }
    parts = ", ".join(f"{product} {part}" for product, part in side["customer_parts"].items())
    return {**lines, _("GS1 company prefix"): side["company_prefix"], _("Customer's no."): parts}


def _limit(side: object, timezone: str) -> str:
    """A version of a limit: "29.95 – 30.05 mm, nominal 30, from 2026-11-01 00:00"."""
    if not isinstance(side, dict) or not side:
        return ""
    low, high, nominal = (side[key] for key in ("low", "high", "nominal"))
    span = f"{'…' if low is None else f'{low:g}'} – {'…' if high is None else f'{high:g}'} {side['unit']}".rstrip()
    middle = _("nominal {value}").format(value=f"{nominal:g}") if nominal is not None else ""
    since_ms = side["valid_from_ms"]
    moment = f"{datetime.fromtimestamp(since_ms / 1000, ZoneInfo(timezone)):%Y-%m-%d %H:%M}" if since_ms else ""
    since = _("from {moment}").format(moment=moment) if moment else ""
    return ", ".join(part for part in (span, middle, since) if part)


def _loaded(text: str) -> object:
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return text


def _of_table(change: Change) -> tuple[str, str]:
    """Rows of a table: of each its key and the cells that are others."""
    kind = KINDS.get(change.subject)
    columns = {column.key: column for column in kind.columns} if kind is not None else {}
    sides = []
    for side in (_loaded(change.old), _loaded(change.new)):
        if isinstance(side, list):  # of the plan as rows of the register
            side = {str(row.get("code", "")): row for row in side if isinstance(row, dict)}
        rows = side if isinstance(side, dict) else {}
        said = []
        for key, cells in [*rows.items()][:MOST_ROWS]:
            parts = [
                f"{_(columns[name].title)} {written(value, columns[name])}" if name in columns else f"{name} {value}"
                for name, value in (cells.items() if isinstance(cells, dict) else ())
                if value not in ("", None) and not (kind is not None and name in kind.keys)
            ]
            said.append(f"{key}: {', '.join(parts)}" if parts else str(key))
        if len(rows) > MOST_ROWS:
            said.append(_("... and {count} more").format(count=len(rows) - MOST_ROWS))
        sides.append("; ".join(said))
    return sides[0], sides[1]


def _of_calendar(side: str, change: Change, names: Names) -> str:
    """Rows of the tables of the calendar, each as people say it."""
    tables = _loaded(side)
    said = []
    for table, rows in tables.items() if isinstance(tables, dict) else ():
        for row in rows:
            times = "–".join(row[key] for key in ("start", "end") if row.get(key))
            if table == "shift_patterns":
                days = days_words(frozenset(json.loads(row["weekdays"])))
                since = "" if row["valid_from"] <= "1970-01-01" else row["valid_from"]
                parts = [row["name"], times, days, since, row["crew"]]
            elif table == "day_exceptions":
                parts = [row["on_date"], kind_word(Kind(row["kind"])), row["shift"], times, row["name"]]
            elif table == "capacity_calendars":
                since = "" if row["valid_from"] <= "1970-01-01" else row["valid_from"]
                shifts = register.standard_shifts(row["shifts"])
                free = len(json.loads(row["holidays"]))
                days = plural(N_("{count} holiday"), N_("{count} holidays"), free).format(count=free) if free else ""
                parts = [_("Standard capacity"), since, *map(standard_words, shifts), capacity_words(shifts), days]
            elif table == "planned_stops":
                zone = names.timezone
                start = day_clock(row["start_ms"], change.at_ms, zone)
                machine = next((m.name for m in names.plant.machines if m.id == row["machine_id"]), _("Line"))
                reason = next((r.name for r in names.plant.reasons if r.id == row["reason_id"]), "")
                approved = row.get("approved_by") or ""
                approved = _("approved by {name}").format(name=approved) if approved else ""
                parts = [f"{start}–{clock(row['end_ms'], zone)}", machine, reason, approved]
            else:
                parts = [f"{key} {value}" for key, value in row.items()]
            said.append(" ".join(part for part in parts if part))
    return "; ".join(said)


def _differing(old: object, new: object) -> tuple[str, str]:
    """Two values, of tables only what differs."""
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        differing = [key for key in (*old, *(key for key in new if key not in old)) if old.get(key) != new.get(key)]
        return (_plain({key: old.get(key) for key in differing}), _plain({key: new.get(key) for key in differing}))
    return _plain(old), _plain(new)


_FIELDS = {
    "name": N_("Name"), "crew": N_("Crew"), "role": N_("Role"), "badge": N_("Badge"), "on": N_("On"),
    "folder": N_("Folder"), "formats": N_("Formats"), "printer": N_("Printer"), "language": N_("Language"),
    "after_min": N_("Minutes after the end of the shift"),
}  # fmt: skip


def _plain(value: object) -> str:
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    parts = []
    for key, each in value.items():
        if key == "role" and each in list(PersonRole):
            each = role_word(str(each))
        if key == "delay_ms":
            key, each = "after_min", int(each) // 60_000
        if isinstance(each, (list, tuple)):
            each = ", ".join(map(str, each))
        if each not in ("", None):
            parts.append(f"{_word(_FIELDS, key)} {each}")
    return ", ".join(parts)


_NAMING = ("product", "machine", "name", "on", "shift", "from", "valid_from")


@lru_cache(maxsize=256)
def _of_import(old: str, new: str) -> tuple[str, str]:
    """Which tables of the configuration are others: their rows with what differs, of many only how many."""
    before, after = _loaded(old), _loaded(new)
    if not isinstance(before, dict) or not isinstance(after, dict):
        return "", ""
    sides: tuple[list[str], list[str]] = ([], [])
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        title = _word(_TABLES, key)
        lists = [value if isinstance(value, list) else [] for value in (was, now)]
        others = [[row for row in mine if row not in other] for mine, other in (lists, lists[::-1])]
        if any(isinstance(value, list) for value in (was, now)):
            told = _of_rows(*others) if max(map(len, others)) <= MOST_DIFFERING else None
            for place, side in enumerate(sides):
                if told is not None:
                    side += [f"{title}: {words}" for words in told[place]]
                elif others[place]:
                    side.append(f"{title} {len(others[place])}/{len(lists[place])}")
        else:
            for side, words in zip(sides, _differing(was, now), strict=True):
                side += [f"{title}: {words}"] if words and was and now else [title] if words else []
    return "; ".join(sides[0]), "; ".join(sides[1])


def _of_rows(old: list[Any], new: list[Any]) -> tuple[list[str], list[str]]:
    """Rows of a configuration that are others on each side: what they are called by, and the cells that differ."""
    sides: tuple[list[str], list[str]] = ([], [])
    named = [{_called(row): row for row in rows} for rows in (old, new)]
    for side, mine, other in zip(sides, named, named[::-1], strict=True):
        for name, row in mine.items():
            if name not in other:
                side.append(name)
                continue
            keys = [
                key for key in (*row, *(k for k in other[name] if k not in row)) if row.get(key) != other[name].get(key)
            ]
            plain = {
                key: row.get(key)
                for key in keys
                if not _is_nested(row.get(key)) and not _is_nested(other[name].get(key))
            }
            nested = [key for key in keys if key not in plain]  # too much to be told: the devices of a bus
            side.append(" ".join(part for part in (name, _plain(plain), *nested) if part))
    return sides


def _is_nested(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value))


def _called(row: Mapping[str, Any]) -> str:
    """What tells a row of a configuration from the others of its table."""
    own = next((str(row[key]) for key in ("key", "code") if row.get(key)), "")
    return own or " ".join(str(row[key]) for key in _NAMING if isinstance(row.get(key), str))
