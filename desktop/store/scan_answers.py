"""What scanned commands came to: what was answered, what was entered, and how far the dialogue with each scanner is.

The entries of a scan, its answer, the dialogue behind it and how far scans are carried out go in together or not at
all: whoever is killed between a scan and its entries carries it out at the next start, and never twice. The collector
writes those of line scanners, the window those of its own (scanner 0).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from desktop.domain.dialogue import Dialogue, Say, ScanAnswer
from desktop.store.database import Store

WINDOW = 0  # the scanner that types, at the PC of the window
_MOST = 5_000  # answers that are kept; what was entered stays
_RECENT_MS = 10 * 60_000  # answers older than this are no news


class Scan(Struct, frozen=True):
    """A command as it was scanned: `id` of its event, `scanner` the signal that read it, `machine` that of the
    scanner."""

    id: int
    at_ms: int
    scanner: int
    machine: int | None
    code: str


def waiting(store: Store) -> list[Scan]:
    """The commands of line scanners that are not carried out yet, in their order; one pull of the trigger is one."""
    return [
        Scan(int(key), int(at_ms), int(signal or 0), machine, code)
        for key, at_ms, signal, machine, code in store.rows(
            "SELECT id, at_ms, signal_id, machine_id, word FROM events"
            " WHERE id > (SELECT scan FROM carried_out) AND kind = 'scan' AND detail = 'command'"
            " AND flag NOT IN ('duplicate', 'cut') ORDER BY id"
        )
    ]


def dialogue(store: Store, scanner: int) -> Dialogue:
    """How far the dialogue with a scanner is; one that begins where it never said anything."""
    row = store.row("SELECT body FROM dialogues WHERE scanner = ?", scanner)
    return Dialogue() if row is None else msgspec.json.decode(row[0], type=Dialogue)


def half_said(store: Store) -> list[int]:
    """The scanners of the line that were left within a sentence."""
    rows = store.rows("SELECT scanner, body FROM dialogues WHERE scanner <> ?", WINDOW)
    return [int(scanner) for scanner, body in rows if msgspec.json.decode(body, type=Dialogue).waiting is not None]


def entered_by(store: Store, scanner: int, refs: Iterable[int]) -> list[int]:
    """The entries of scans of a scanner, in their order."""
    found: list[int] = []
    for ref in refs:
        rows = store.rows("SELECT entries FROM scan_answers WHERE scanner = ? AND scan = ? ORDER BY id", scanner, ref)
        found += [number for (numbers,) in rows for number in msgspec.json.decode(numbers, type=list[int])]
    return found


def put(
    connection: Any,
    scan: Scan,
    now: Dialogue,
    ref: int,
    says: Sequence[Say],
    entries: Sequence[int],
    machine: int | None,
) -> int:
    """Keep what a scan came to, inside the caller's transaction; returns the id of its answer. `ref`: the scan whose
    wish it was, by which it is taken back."""
    row = connection.execute(
        "INSERT INTO scan_answers (at_ms, scanner, scan, code, machine_id, says, entries) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            scan.at_ms, scan.scanner, ref, scan.code, machine, msgspec.json.encode(list(says)).decode(),
            msgspec.json.encode(list(entries)).decode(),
        ),
    )  # fmt: skip
    number = int(row.lastrowid)
    connection.execute("DELETE FROM scan_answers WHERE id <= ?", (number - _MOST,))
    body = msgspec.json.encode(now).decode()
    connection.execute("INSERT OR REPLACE INTO dialogues VALUES (?, ?)", (scan.scanner, body))
    if scan.scanner != WINDOW:
        connection.execute("UPDATE carried_out SET scan = max(scan, ?)", (scan.id,))
    return number


def last_scan(store: Store, scanner: int) -> int:
    """The id of the last scan of a scanner that was answered, 0 for none."""
    return int(store.row("SELECT coalesce(max(scan), 0) FROM scan_answers WHERE scanner = ?", scanner)[0])


def newest(store: Store) -> int:
    """The id of the last answer, 0 where there is none."""
    return int(store.row("SELECT coalesce(max(id), 0) FROM scan_answers")[0])


def since(store: Store, answer: int, now_ms: int) -> tuple[ScanAnswer, ...]:
    """The answers after one that are still news, in their order."""
    return tuple(
        ScanAnswer(
            int(key), int(at_ms), int(scanner), code, machine, msgspec.json.decode(says, type=tuple[Say, ...]),
            msgspec.json.decode(numbers, type=tuple[int, ...]),
        )
        for key, at_ms, scanner, code, machine, says, numbers in store.rows(
            "SELECT id, at_ms, scanner, code, machine_id, says, entries FROM scan_answers"
            " WHERE id > ? AND at_ms > ? ORDER BY id",
            answer,
            now_ms - _RECENT_MS,
        )
    )  # fmt: skip
