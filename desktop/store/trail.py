"""The trail of changes as the file holds it: pages of what the audit and the entries say, newest first."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain.trail import ACTIONS, ENTRIES, HELD, PAGE, Asked, Chain, Change, Cursor, Group
from desktop.store.chain import EMPTY_CHAIN, agrees, link_hash
from desktop.store.database import Store
from desktop.store.schema import APPEND_ONLY, HEAD

TABLES = ("audit", "entries")
_BACK = "back"
_REACH_MS = 12 * 3_600_000  # so far around a stop or an order is looked for what had been said before


class Meant(Struct, frozen=True):
    """What searched words may mean besides themselves: ids of what bears them in its name, actions and kinds."""

    reasons: Collection[int] = ()
    scraps: Collection[int] = ()
    products: Collection[int] = ()
    machines: Collection[int] = ()
    people: Collection[int] = ()
    actions: Collection[str] = ()


def page(
    store: Store, asked: Asked, meant: Meant | None = None, most: int = PAGE
) -> tuple[list[Change], Cursor | None]:
    """At most `most` changes before the cursor, newest first, and where the next page begins (None: it is the last)."""
    found = [*_audit(store, asked, meant or Meant(), most + 1), *_entries(store, asked, meant or Meant(), most + 1)]
    found.sort(key=lambda change: (change.id, change.entry), reverse=True)
    shown = found[:most]
    if len(found) <= most:
        return [_complete(store, change) for change in shown], None
    behind = asked.before
    for change in shown:
        behind = replace(behind, entries=change.id) if change.entry else replace(behind, audit=change.id)
    return [_complete(store, change) for change in shown], behind


def every(store: Store, asked: Asked, meant: Meant | None = None, most: int = 100_000) -> Iterator[Change]:
    """All changes that are asked for, newest first."""
    told = 0
    cursor: Cursor | None = asked.before
    while cursor is not None and told < most:
        found, cursor = page(store, replace(asked, before=cursor), meant, min(1000, most - told))
        yield from found
        told += len(found)


def last_limit_change(store: Store, characteristic: str) -> Change | None:
    """Who changed the limits of a characteristic (its code) last, when, why, from what to what; of those that never
    were others the import that brought them. None where no such characteristic was ever there."""
    columns = "SELECT id, at_ms, who, why, action, subject, old, new FROM audit"
    row = store.row(f"{columns} WHERE action = 'limit' AND subject = ? ORDER BY id DESC LIMIT 1", characteristic)
    if row is None:
        named = json.dumps(characteristic, ensure_ascii=False)
        row = store.row(
            f"{columns} WHERE action = 'config import' AND instr(new, '\"characteristic\": ' || ?) LIMIT 1", named
        )
    return None if row is None else Change(*row)


def names(store: Store) -> tuple[str, ...]:
    """Everybody in whose name anything was changed, "" for nobody."""
    # From name to name in the index: a handful of steps, however much each of them said.
    sql = (
        "WITH RECURSIVE said (who) AS (SELECT min(who) FROM entries UNION ALL"
        " SELECT (SELECT min(who) FROM entries WHERE who > said.who) FROM said WHERE said.who IS NOT NULL)"
        " SELECT who FROM audit UNION SELECT who FROM said WHERE who IS NOT NULL ORDER BY 1"
    )
    return tuple(str(who) for (who,) in store.rows(sql))


def _audit(store: Store, asked: Asked, meant: Meant, most: int) -> list[Change]:
    wheres, given = _common(asked, asked.before.audit)
    wheres.append("action <> ?")
    given.append(HELD)
    if asked.machine is not None:
        wheres.append("subject IN (SELECT 'stop ' || code FROM machines WHERE id = ?)")
        given.append(asked.machine)
    if asked.group is not None:
        known = [action for action, group in ACTIONS.items() if group is asked.group]
        others = " OR action NOT IN (SELECT value FROM json_each(?))" if asked.group is Group.SETTINGS else ""
        wheres.append(f"(action IN (SELECT value FROM json_each(?)){others})")
        given += [json.dumps(known), *([json.dumps([*ACTIONS])] if others else [])]
    if asked.words:
        columns = ("who", "why", "subject", "old", "new")
        parts = [f"{column} LIKE ? ESCAPE '\\'" for column in columns]
        # A configuration holds every word of the shop, so that all imports would be found.
        within = " OR ".join(parts[3:])
        parts[3:] = [f"(action <> 'config import' AND ({within}))"]
        wheres.append(f"({' OR '.join(parts)} OR action IN (SELECT value FROM json_each(?)))")
        given += [*[_like(asked.words)] * len(columns), json.dumps([*meant.actions])]
    sql = (
        "SELECT id, at_ms, who, why, action, subject, old, new FROM audit"
        f" WHERE {' AND '.join(wheres)} ORDER BY id DESC LIMIT ?"
    )
    return [Change(*row) for row in store.rows(sql, *given, most)]


def _entries(store: Store, asked: Asked, meant: Meant, most: int) -> list[Change]:
    wheres, given = _common(asked, asked.before.entries)
    tag = "json_extract(body, '$.type')"
    if asked.machine is not None:
        wheres.append("machine_id = ?")
        given.append(asked.machine)
    if asked.group is not None:
        known = json.dumps([kind for kind, group in ENTRIES.items() if group is asked.group])
        if asked.group is Group.HANDOVER:
            wheres.append(f"{tag} NOT IN (SELECT value FROM json_each(?))")
            given.append(json.dumps([*ENTRIES]))
        else:
            wheres.append(
                "(+kind IN (SELECT value FROM json_each(?)) OR"  # the newest first, not by their kind
                f" (+kind = '{_BACK}' AND {tag} IN (SELECT value FROM json_each(?))))"
            )
            given += [known, known]
    if asked.words:
        parts = ["who LIKE ? ESCAPE '\\'", "why LIKE ? ESCAPE '\\'", "body LIKE ? ESCAPE '\\'"]
        given += [_like(asked.words)] * 3
        ids: list[tuple[str, Collection[Any]]] = [
            ("kind IN (SELECT value FROM json_each(?))", meant.actions),
            ("machine_id IN (SELECT value FROM json_each(?))", meant.machines),
            ("kind = 'label' AND json_extract(body, '$.reason') IN (SELECT value FROM json_each(?))", meant.reasons),
            ("kind = 'pieces' AND json_extract(body, '$.reason') IN (SELECT value FROM json_each(?))", meant.scraps),
            ("json_extract(body, '$.product') IN (SELECT value FROM json_each(?))", meant.products),
            ("json_extract(body, '$.person') IN (SELECT value FROM json_each(?))", meant.people),
        ]
        for sql, values in ids:
            if values:
                parts.append(f"({sql})")
                given.append(json.dumps([*values]))
        wheres.append(f"({' OR '.join(parts)})")
    sql = (
        f"SELECT id, at_ms, who, why, {tag}, body, machine_id, start_ms, end_ms, takes_back FROM entries"
        f" WHERE {' AND '.join(wheres)} ORDER BY id DESC LIMIT ?"
    )
    return [
        Change(number, at_ms, who, why, str(kind), "", "" if not back else body, "" if back else body, True, machine,
               start_ms, end_ms, back)
        for number, at_ms, who, why, kind, body, machine, start_ms, end_ms, back in store.rows(sql, *given, most)
    ]  # fmt: skip


def _common(asked: Asked, before: int) -> tuple[list[str], list[Any]]:
    wheres, given = ["id < ?"], [before]
    more: list[Any] = []
    if asked.since_ms is not None:
        wheres += ["id >= ?", "at_ms >= ?"]  # an id is its moment in microseconds, or more
        more += [asked.since_ms * 1000, asked.since_ms]
    if asked.until_ms is not None:
        wheres.append("at_ms < ?")
        more.append(asked.until_ms)
    if asked.who is not None:
        wheres.append("who = ?")
        more.append(asked.who)
    return wheres, [*given, *more]


def _like(words: str) -> str:
    for sign in ("\\", "%", "_"):
        words = words.replace(sign, f"\\{sign}")
    return f"%{words}%"


def _complete(store: Store, change: Change) -> Change:
    """With what took an entry back, and what had been said of the same stop or machine before."""
    if not change.entry:
        return change
    row = store.row("SELECT id, who FROM entries WHERE takes_back = ?", change.id)
    if row is not None:
        change = replace(change, taken_back=int(row[0]), taken_back_who=str(row[1]))
    if change.takes_back or change.action not in ("label", "order"):
        return change
    stop = json.loads(change.new).get("stop")
    wheres, given = "kind = 'order' AND start_ms <= ?", [change.start_ms]
    if change.action == "label":  # two labels of one stop lie in it, and a shift is long enough for most stops
        wheres = "kind = 'label' AND start_ms <= ? AND json_extract(body, '$.stop') = ?"
        given = [min(change.end_ms, change.start_ms + _REACH_MS), stop]
    row = store.row(
        f"SELECT body FROM entries WHERE start_ms >= ? AND {wheres} AND machine_id = ? AND id < ? AND NOT EXISTS"
        " (SELECT 1 FROM entries back WHERE back.takes_back = entries.id AND back.id < ?)"
        " ORDER BY start_ms DESC, id DESC LIMIT 1",
        change.start_ms - _REACH_MS, *given, change.machine, change.id, change.id,
    )  # fmt: skip
    return change if row is None else replace(change, before=str(row[0]))


# -- the chains --


class ChainWatch:
    """Follows the chains of both tables bit by bit, so that no look waits for all of it, and goes on where it was."""

    def __init__(self) -> None:
        self._at: dict[str, tuple[int, int, bytes]] = dict.fromkeys(TABLES, (0, -1, EMPTY_CHAIN))
        self._broken: tuple[str, int] | None = None

    def go_on(self, store: Store, most: int = 4000) -> Chain:
        """Follow at most so many more rows; how far that is."""
        total = 0
        for table in TABLES:
            rows, last, sealed = self._at[table]
            columns = ", ".join(APPEND_ONLY[table])
            if self._broken is None and most > 0:
                sql = f"SELECT {columns}, hash FROM {table} WHERE id > ? ORDER BY id LIMIT ?"
                for *facts, told in store.rows(sql, last, most):
                    sealed = link_hash(sealed, facts)
                    if not agrees(sealed, told):
                        self._broken = (table, int(facts[0]))
                        break
                    rows, last, most = rows + 1, int(facts[0]), most - 1
                self._at[table] = (rows, last, sealed)
            total += self._length(store, table, rows, last, sealed)
        return Chain(sum(rows for rows, _last, _hash in self._at.values()), total, self._broken)

    def _length(self, store: Store, table: str, rows: int, last: int, sealed: bytes) -> int:
        """How many rows were written; where the end was reached it must be the one that was written down."""
        meta = store.meta(f"{HEAD}{table}")
        if meta is None:
            return rows
        count, end, head = json.loads(meta)
        there = store.row(f"SELECT 1 FROM {table} WHERE id > ? LIMIT 1", last) is not None
        if self._broken is None and not there and (rows, sealed.hex()) != (count, head):
            self._broken = (table, int(end))
        return int(count)
