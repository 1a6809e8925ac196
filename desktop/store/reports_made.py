"""What the automatic report made, of which shift, when and as which revision; written by the collector alone."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from desktop.domain.automatic import FORMATS, Made, Policy
from desktop.domain.spans import Span
from desktop.store import register
from desktop.store.database import Store

_COLUMNS = (
    "business_on, shift, revision, start_ms, end_ms, state, provisional, digest, chain, at_ms, folder, files, hashes,"
    " printed, fault, failed_ms, tries"
)
#: settings of the register that hold the policy
KEYS = ("report_on", "report_folder", "report_formats", "report_delay_min", "report_printer", "report_language",
        "report_hour_cost")  # fmt: skip
AUDITED = "automatic report"  # the action in the audit trail: it changes no figure


def put(store: Store, made: Made) -> None:
    """Write down what became of a revision, over what was known of it. Raises KnownError."""
    row = (
        made.business_on.isoformat(), made.shift, made.revision, made.span.start_ms, made.span.end_ms, made.state,
        int(made.provisional), made.digest, made.chain, made.at_ms, made.folder, _json(made.files), _json(made.hashes),
        int(made.printed), made.fault, made.failed_ms, made.tries,
    )  # fmt: skip
    with store.transaction() as db:
        db.execute(f"INSERT OR REPLACE INTO reports_made ({_COLUMNS}) VALUES ({', '.join('?' * len(row))})", row)


def of_shift(store: Store, business_on: date, shift: str) -> tuple[Made, ...]:
    """Every revision of a shift's report, oldest first."""
    sql = f"SELECT {_COLUMNS} FROM reports_made WHERE business_on = ? AND shift = ? ORDER BY revision"
    return tuple(_made(row) for row in store.rows(sql, business_on.isoformat(), shift))


def with_hash(store: Store, digits: str) -> Made | None:
    """The report of which a file has this SHA-256, as hex digits; None where none has."""
    row = store.row(f"SELECT {_COLUMNS} FROM reports_made WHERE instr(hashes, ?) LIMIT 1", json.dumps(digits))
    return None if row is None else _made(row)


def since(store: Store, start_ms: int) -> tuple[Made, ...]:
    """Every revision of the reports of shifts that begin from a moment on, oldest first."""
    sql = f"SELECT {_COLUMNS} FROM reports_made WHERE start_ms >= ? ORDER BY start_ms, revision"
    return tuple(_made(row) for row in store.rows(sql, start_ms))


def newest(store: Store) -> Made | None:
    """The report that was made last."""
    row = store.row(f"SELECT {_COLUMNS} FROM reports_made WHERE state = 'made' ORDER BY at_ms DESC LIMIT 1")
    return None if row is None else _made(row)


def failed(store: Store) -> tuple[Made, ...]:
    """What could not be made and is tried again, the newest shift first."""
    sql = f"SELECT {_COLUMNS} FROM reports_made WHERE state = 'failed' ORDER BY start_ms DESC"
    return tuple(_made(row) for row in store.rows(sql))


def forget(store: Store, made: Made) -> None:
    """Nobody tries again what could not be made: its shift lies too far back, or is none any more."""
    with store.transaction() as db:
        db.execute(
            "DELETE FROM reports_made WHERE business_on = ? AND shift = ? AND revision = ? AND state <> 'made'",
            (made.business_on.isoformat(), made.shift, made.revision),
        )


def policy(store: Store) -> Policy:
    """What the shop wants of its automatic report."""
    known, usual = register.settings(store), Policy()
    formats = known.get("report_formats")
    printer = known.get("report_printer", "")
    return Policy(
        known.get("report_on", "1") == "1",
        known.get("report_folder", usual.folder),
        usual.formats if formats is None else tuple(name for name in formats.split(",") if name in FORMATS),
        int(known.get("report_delay_min", usual.delay_ms // 60_000)) * 60_000,
        json.loads(printer) if printer else None,
        known.get("report_language", usual.language),
        float(known.get("report_hour_cost", usual.hour_cost)),
    )


def put_policy(connection: Any, wanted: Policy) -> None:
    """Write it into the register, inside the caller's transaction."""
    values = (
        "1" if wanted.on else "0", wanted.folder, ",".join(wanted.formats), str(wanted.delay_ms // 60_000),
        "" if wanted.printer is None else _json(wanted.printer), wanted.language,
        repr(float(wanted.hour_cost)),
    )  # fmt: skip
    for key, value in zip(KEYS, values, strict=True):
        register.put_setting(connection, key, value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _made(row: Any) -> Made:
    on, shift, revision, start_ms, end_ms, state, provisional, digest, chain, at_ms, folder, files, hashes, *rest = row
    printed, fault, failed_ms, tries = rest
    return Made(
        date.fromisoformat(on),
        shift,
        revision,
        Span(start_ms, end_ms),
        state,
        bool(provisional),
        digest,
        chain,
        at_ms,
        folder,
        tuple(json.loads(files)),
        tuple(json.loads(hashes)),
        bool(printed),
        fault,
        failed_ms,
        tries,
    )
