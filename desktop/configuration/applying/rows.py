"""Rows of the register's tables, as an import puts them there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from desktop.store import register

#: gives a name in the language in use
Translate = Callable[[str], str]


def as_json(value: object, **more: Any) -> str:
    """A value as the text of a column, Hangul as it is."""
    return json.dumps(value, ensure_ascii=False, **more)


def put(db: Any, table: str, key: Mapping[str, object], **columns: object) -> int:
    """Insert or change a row that may have been retired; its id."""
    return register.upsert(db, table, key, {**columns, "retired_at_ms": None})


def hold(db: Any, table: str, rows: Iterable[tuple[Mapping[str, object], Mapping[str, object]]]) -> None:
    """Make a table hold these rows, each as key and other columns, and no others."""
    register.drop_others(db, table, {register.upsert(db, table, key, columns) for key, columns in rows})
