"""Numbers that were issued, and what became of their labels; written by window and command line alone.

A number is taken and written down in one transaction, so that two windows never take the same one, and none comes again
after a crash. What is printed is written down behind it: a copy more each time, with who and why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from msgspec import Struct, convert, to_builtins
from msgspec.structs import asdict, replace

from desktop.domain import numbering
from desktop.domain.labels import Contents, Issued, Printer
from desktop.store import holding, register
from desktop.store.chain import EMPTY_CHAIN, link_hashes
from desktop.store.database import Store
from desktop.store.schema import GUARDED

KEY = "label_printer"  # the setting that holds the printer
CONTENTS = "label_contents"  # and the one that holds what stands on labels
PRINTED, REPRINTED, SET_UP = "labels printed", "labels reprinted", "label settings"  # actions in the audit trail
MOST_SHOWN = 200
Kept = TypeVar("Kept", bound=Struct)
_ISSUED = (
    "SELECT i.id, i.kind, i.product_id, i.code, i.at_ms, i.who, i.fields, count(p.id), max(p.at_ms),"
    " (SELECT why FROM label_prints l WHERE l.issued_id = i.id ORDER BY l.id DESC LIMIT 1),"
    " (SELECT fault FROM label_prints l WHERE l.issued_id = i.id ORDER BY l.id DESC LIMIT 1)"
    " FROM issued i LEFT JOIN label_prints p ON p.issued_id = i.id"
)
_TAKEN = (
    "SELECT 1 FROM issued WHERE code = ?1 UNION ALL SELECT 1 FROM units WHERE code = ?1"
    " UNION ALL SELECT 1 FROM events WHERE kind = 'scan' AND word = ?1"
    " UNION ALL SELECT 1 FROM entries WHERE kind = 'measured' AND json_extract(body, '$.unit') = ?1"
)
#: the labels that were printed after a row of `label_prints`, at most so many: its columns, then those of `issued`
PRINTS = (
    f"SELECT {', '.join(f'p.{column}' for column in GUARDED['label_prints'])},"
    f" {', '.join(f'i.{column}' for column in GUARDED['issued'])}"
    " FROM label_prints p LEFT JOIN issued i ON i.id = p.issued_id WHERE p.id > ? ORDER BY p.id LIMIT ?"
)


def printer(store: Store) -> Printer:
    """The label printer that is set up."""
    told = register.settings(store).get(KEY)
    return Printer() if told is None else convert(json.loads(told), Printer)


def put_printer(store: Store, wanted: Printer, who: str = "") -> Printer:
    """Set the printer up, with a line in the audit trail; returns the one before."""
    return _put(store, KEY, printer, wanted, None, who)


def contents(store: Store) -> Contents:
    """What the shop wants on its labels."""
    told = register.settings(store).get(CONTENTS)
    return Contents() if told is None else convert(json.loads(told), Contents)


def put_contents(store: Store, wanted: Contents, seen: Contents | None = None, who: str = "") -> Contents:
    """Let labels say this from now on, with a line in the audit trail; returns what they said. `seen`: what the person
    had before the eyes; only what differs from it is changed, so that what an import brought meanwhile stays."""
    return _put(store, CONTENTS, contents, wanted, seen, who)


def import_contents(db: Any, wanted: Contents) -> None:
    """The same inside the transaction of an import, which has its own line in the audit trail."""
    register.put_setting(db, CONTENTS, _written(wanted))


def _put(store: Store, key: str, read: Callable[[Store], Kept], wanted: Kept, seen: Kept | None, who: str) -> Kept:
    with store.transaction() as db:
        before = read(store)
        if seen is not None:
            meant = {name: each for name, each in asdict(wanted).items() if each != getattr(seen, name)}
            wanted = replace(before, **meant)
        was, now = _written(before), _written(wanted)
        if was != now:
            register.put_setting(db, key, now)
            register.audit(db, store.clock.now_ms(), who, SET_UP, "", was, now)
    return before


def _written(value: Struct) -> str:
    return json.dumps(to_builtins(value), ensure_ascii=False)


def patterns(store: Store) -> dict[tuple[int, str], str]:
    """Product and kind (unit, box) -> pattern of its numbers, where the shop gave one of its own."""
    rows = store.rows("SELECT product_id, kind, pattern FROM label_numbers")
    return {(int(product), str(kind)): str(pattern) for product, kind, pattern in rows}


def put_pattern(store: Store, product: int, kind: str, pattern: str, who: str = "") -> str:
    """From now on numbers look like this; returns how they did, "" as usual. "": as usual again."""
    with store.transaction() as db:
        before = patterns(store).get((product, kind), "")
        if pattern != before:
            db.execute("DELETE FROM label_numbers WHERE product_id = ? AND kind = ?", (product, kind))
            if pattern:
                db.execute("INSERT INTO label_numbers VALUES (?, ?, ?)", (product, kind, pattern))
            code = store.row("SELECT code FROM products WHERE id = ?", product)
            register.audit(db, store.clock.now_ms(), who, SET_UP, str(code[0]), before, pattern)
    return before


def next_count(store: Store, pattern: str, product: str, on: date) -> int:
    """The count of the number that comes next in the scope of a pattern, from 1."""
    counter = numbering.scope(pattern, product, on)
    return int(store.row("SELECT coalesce(max(n), 0) FROM issued WHERE scope = ?", counter)[0]) + 1


def issue(
    store: Store,
    kind: str,
    product: int,
    code: str,
    pattern: str,
    count: int,
    on: date,
    values: Mapping[str, str],
    who: str = "",
) -> tuple[Issued, ...]:
    """Take the next numbers of a pattern for a product (its id and code). One that is known as a thing already, was
    read or measured by hand, was ever held or scrapped, or was issued in another scope, is passed over."""
    at_ms = store.clock.now_ms()
    found: list[Issued] = []
    counter = numbering.scope(pattern, code, on)
    fields = json.dumps(dict(values), ensure_ascii=False)
    with store.transaction() as db:
        n, held = next_count(store, pattern, code, on), holding.named(store)
        while len(found) < count:
            made = numbering.number(pattern, code, on, n)
            if made not in held and db.execute(_TAKEN, (made,)).fetchone() is None:
                sql = (
                    "INSERT INTO issued (kind, product_id, scope, n, code, at_ms, who, fields) VALUES (?,?,?,?,?,?,?,?)"
                )
                key = db.execute(sql, (kind, product, counter, n, made, at_ms, who, fields)).lastrowid
                found.append(Issued(int(key), kind, product, made, at_ms, who, dict(values)))
            n += 1
    return tuple(found)


def note(store: Store, printed: Sequence[Issued], who: str, why: str, fault: str) -> None:
    """Write down that labels were sent to the printer, or how that failed; `why` they were printed again."""
    if not printed:
        return
    at_ms = store.clock.now_ms()
    with store.transaction() as db:
        copies, key = 0, 0
        for each in printed:
            row = db.execute("SELECT count(*) FROM label_prints WHERE issued_id = ?", (each.id,)).fetchone()
            copies = int(row[0]) + 1
            key = db.execute(
                "INSERT INTO label_prints (issued_id, copy, at_ms, who, why, fault) VALUES (?, ?, ?, ?, ?, ?)",
                (each.id, copies, at_ms, who, why, fault),
            ).lastrowid
        ends = dict.fromkeys((printed[0].code, printed[-1].code))
        rows = db.execute(PRINTS, (key - len(printed), len(printed))).fetchall()
        told = json.dumps(
            {"count": len(printed), "copy": copies, "fault": fault, "hashes": digests(rows)}, ensure_ascii=False
        )
        action = REPRINTED if why else PRINTED
        register.audit(db, at_ms, who, action, " – ".join(ends), "", told, why)


def digests(rows: Sequence[Sequence[object]]) -> dict[str, str]:
    """Of rows of `PRINTS`, by table, 16 hex digits that the audit trail keeps: no row of them changes unnoticed."""
    cut = len(GUARDED["label_prints"])
    parts = {"label_prints": [row[:cut] for row in rows], "issued": [row[cut:] for row in rows]}
    return {table: link_hashes(EMPTY_CHAIN, part)[-1].hex()[:16] for table, part in parts.items()}


def recent(store: Store, most: int = MOST_SHOWN) -> tuple[Issued, ...]:
    """The numbers that were issued last, the newest first."""
    return tuple(map(_issued, store.rows(f"{_ISSUED} GROUP BY i.id ORDER BY i.id DESC LIMIT ?", most)))


def find(store: Store, code: str) -> Issued | None:
    """The number that was issued as this code, None where none was."""
    row = store.row(f"{_ISSUED} WHERE i.code = ? GROUP BY i.id", code)
    return None if row is None else _issued(row)


def _issued(row: Any) -> Issued:
    number, kind, product, code, at_ms, who, fields, copies, printed_ms, why, fault = row
    return Issued(
        int(number), str(kind), int(product), str(code), int(at_ms), str(who), json.loads(fields), int(copies),
        None if printed_ms is None else int(printed_ms), why or "", fault or "",
    )  # fmt: skip
