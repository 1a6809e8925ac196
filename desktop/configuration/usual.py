"""What a new shop begins with, or can take over: reasons, kinds of rejects, checks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from desktop.configuration.tables import CHECK, REASON, SCRAP_REASON, Field

_CHECKS = Path(__file__).resolve().parents[2] / "resources" / "checks.toml"
_REASONS = Path(__file__).resolve().parents[2] / "resources" / "reasons.toml"


def reasons() -> list[dict[str, Any]]:
    """The reasons that a new shop begins with, R01 and on, in English source texts."""
    return [_filled(REASON, reason) for reason in _both()["reason"]]


def scrap_reasons() -> list[dict[str, Any]]:
    """The kinds of rejects that a new shop begins with, D01 and on, in English source texts."""
    return [_filled(SCRAP_REASON, reason) for reason in _both()["scrap_reason"]]


def checks() -> list[dict[str, Any]]:
    """Checks that a shop can take over, C01 and on, in English source texts."""
    read = tomllib.loads(_CHECKS.read_text(encoding="utf-8"))
    return [_filled(CHECK, check) for check in read["check"]]


def _both() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(_REASONS.read_text(encoding="utf-8"))


def _filled(fields: Iterable[Field], row: Mapping[str, Any]) -> dict[str, Any]:
    return {field.key: row.get(field.key, field.default) for field in fields}
