"""The trail of changes as a table for people and as files: in words, with the exact values behind."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from desktop import trail_words
from desktop.domain.trail import Asked, Chain, Change
from desktop.reports import csv_file, write
from desktop.reports.blocks import Column, Heading, Kind, Section, Table
from desktop.store.database import Store
from desktop.summaries import trail
from desktop.summaries.trail import Names
from desktop.text import _, cells

_LONGEST_CELL = 32_000  # characters: Excel takes 32,767
MOST = 50_000  # changes in a file


def table(changes: Iterable[Change], names: Names, *, exact: bool = False, wide: int = 0) -> Table:
    """Changes in words, newest first; `exact`: with the values as the file holds them. `wide`: no text takes more room
    than so many Latin letters (0: all of it is told)."""
    columns = [
        Column(_("When"), Kind.MOMENT),
        Column(_("Changed by")),
        Column(_("What"), strong=True),
        Column(_("Of what")),
        Column(_("Old value")),
        Column(_("New value")),
        Column(_("Why")),
    ]
    if exact:
        columns += [Column(title) for title in ("id", "utc_ms", "kind", "old", "new", "takes_back")]
    rows = []
    for change in changes:
        told = trail_words.told(change, names)
        what = f"{told.what} ({told.note})" if told.note else told.what
        row: list[str | int | float | None] = [
            change.at_ms, trail_words.who(change.who), what,
            *(_fitting(words, wide) for words in (told.where, told.old, told.new, change.why)),
        ]  # fmt: skip
        if exact:
            back = str(change.takes_back or "")
            kind = " ".join(part for part in (change.action, change.subject) if part)
            row += [str(change.id), str(change.at_ms), kind]
            row += [*(_cut(words, _LONGEST_CELL) for words in (change.old, change.new)), back]
        rows.append(tuple(row))
    return Table(tuple(columns), tuple(rows))


def _fitting(words: str, wide: int) -> str:
    if not wide:
        return _cut(words, _LONGEST_CELL)
    if cells(words) <= wide:
        return words
    taken = 0
    for place, letter in enumerate(words):
        taken += cells(letter)
        if taken >= wide:
            return f"{words[:place].rstrip()}…"
    return words


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def export(store: Store, asked: Asked, ending: str, out: Path, name: str) -> Path:
    """Write the changes that are asked for into a new file of the folder `out`, "csv" or "xlsx". Raises KnownError."""
    names, changes = trail.changes(store, asked, trail_words.named(asked.words), MOST)
    section = _section(changes, names, trail.chain(store))
    return write.write_tables([section], ending, names.timezone, out, name)


def as_csv(changes: Iterable[Change], names: Names, chain: Chain) -> str:
    """The same as the text of a CSV file."""
    return csv_file.tables([_section(changes, names, chain)], names.timezone).decode("utf-8-sig").rstrip()


def _section(changes: Iterable[Change], names: Names, chain: Chain) -> Section:
    heading = Heading(_("Change history"), trail_words.chain_words(chain))
    return Section("trail", (heading, table(changes, names, exact=True)))


def lines(changes: Iterable[Change], names: Names, chain: Chain) -> list[str]:
    """A line for each change, and what is known of the chain at the end."""
    from desktop.reports.cells import shown

    said = []
    for change in changes:
        told = trail_words.told(change, names)
        moved = " → ".join(part for part in (told.old, told.new) if part)
        parts = (shown(change.at_ms, Kind.MOMENT, names.timezone), trail_words.who(change.who), told.what, told.where)
        why = _("why: {words}").format(words=change.why) if change.why else ""
        said.append(" · ".join(part for part in (*parts, moved, told.note, why) if part))
    return [*(said or [_("Nothing was changed.")]), trail_words.chain_words(chain)]


def as_json(changes: Iterable[Change], names: Names, chain: Chain) -> str:
    """The same as JSON: words, and the values as the file holds them."""
    rows = []
    for change in changes:
        told = trail_words.told(change, names)
        rows.append(
            {
                "id": change.id,
                "at_ms": change.at_ms,
                "who": change.who or None,
                "kind": change.action,
                "group": change.group.value,
                "subject": change.subject or None,
                "machine": next((m.code for m in names.plant.machines if m.id == change.machine), None),
                "what": told.what,
                "of_what": told.where,
                "before": told.old,
                "after": told.new,
                "why": change.why or None,
                "takes_back": change.takes_back or None,
                "taken_back": change.taken_back or None,
                "old": change.old or change.before or None,
                "new": change.new or None,
            }
        )
    state = {"unbroken": chain.whole, "rows": chain.rows, "broken": chain.broken}
    return json.dumps({"chain": state, "changes": rows}, ensure_ascii=False, indent=1)
