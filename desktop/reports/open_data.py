"""A view of the file as CSV or JSON, written row by row, so that millions of rows take no memory."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from desktop.reports.cells import guarded
from desktop.store import open_data
from desktop.store.database import KnownError, Store
from desktop.text import _, os_reason

FORMATS = ("csv", "json")
_SAID_EVERY_S = 0.5


def export(
    store: Store, view: str, since_ms: int, until_ms: int, file: Path, progress: Callable[[str, int, int], None]
) -> int:
    """Write the rows of moments in [since, until) into a new .csv or .json; how many there were.

    CSV: UTF-8 with BOM, titles first, text that begins as a formula with an apostrophe before it, empty for what is not
    known. JSON: one list of objects, as the file holds them. Raises KnownError: another ending, a file that is there, a
    folder that cannot be written; no half file is left.
    """
    ending = file.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise KnownError(_("{file}: an export is written as .csv or .json.").format(file=file))
    if file.exists():
        raise KnownError(_("{file} already exists. Choose another name.").format(file=file))
    unfinished = file.with_name(file.name + ".part")
    try:
        encoding = "utf-8-sig" if ending == "csv" else "utf-8"
        with unfinished.open("w", encoding=encoding, errors="backslashreplace", newline="") as stream:
            done = write(store, view, since_ms, until_ms, stream, ending, progress)
        unfinished.rename(file)
    except OSError as error:
        reason = os_reason(error)
        raise KnownError(_("{file} cannot be written: {reason}.").format(file=file, reason=reason)) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return done


def write(
    store: Store,
    view: str,
    since_ms: int,
    until_ms: int,
    stream: TextIO,
    ending: str,
    progress: Callable[[str, int, int], None],
) -> int:
    """The same into an open text stream."""
    total, done, said = open_data.count(store, view, since_ms, until_ms), 0, time.monotonic()
    names = open_data.columns_of(view)
    writer = csv.writer(stream, lineterminator="\r\n")
    if ending == "csv":
        writer.writerow(names)
    else:
        stream.write("[")
    for row in open_data.rows(store, view, since_ms, until_ms):
        if ending == "csv":
            writer.writerow([_cell(value) for value in row])
        else:
            stream.write(",\n" if done else "\n")
            stream.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False))
        done += 1
        if time.monotonic() - said > _SAID_EVERY_S:
            progress(view, done, max(done, total))
            said = time.monotonic()
    if ending == "json":
        stream.write("\n]\n")
    return done


def _cell(value: Any) -> Any:
    return guarded(value) if isinstance(value, str) else value
