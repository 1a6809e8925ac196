"""One raw value in the words of a page or the plain figures of a text file.

Not known is a dash on a page and an empty cell in a file, never 0.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from desktop.reports.blocks import Cell, Kind
from desktop.text import _
from desktop.wording.moments import clock, clock_seconds
from desktop.wording.numbers import MINUS, UNKNOWN, percent_figure, pieces, points, signed, table_minutes

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}  # control, half a surrogate pair, line and paragraph separators


def local(at_ms: float, timezone: str) -> datetime:
    """A UTC moment as local wall time."""
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(timezone))


def percent(ratio: float | None) -> str:
    """A ratio in per cent with one decimal, "100" where it is exactly all: "76.7"."""
    return percent_figure(ratio, 0 if ratio == 1 else 1)


def duration(length_ms: float) -> str:
    """Milliseconds as hours, minutes and seconds: "10:05:00"."""
    total = round(length_ms / 1000)
    return f"{total // 3600}:{total // 60 % 60:02d}:{total % 60:02d}"


def shown(value: Cell, kind: Kind, timezone: str) -> str:
    """The value as a page shows it."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return visible(value)
    return {
        Kind.TEXT: lambda: str(value),
        Kind.RATIO: lambda: percent(value),
        Kind.POINTS: lambda: points(value),
        Kind.VALUE: lambda: f"{value:.{6 if abs(value) >= 1 else 4}g}".replace("-", MINUS),
        Kind.INDEX: lambda: f"{value:.2f}".replace("-", MINUS),
        Kind.PIECES: lambda: pieces(round(value)),
        Kind.SIGNED: lambda: signed(round(value)),
        Kind.MINUTES: lambda: table_minutes(value),
        Kind.DURATION: lambda: duration(value),
        Kind.CLOCK: lambda: clock(round(value), timezone),
        Kind.DATE: lambda: f"{local(value, timezone):%Y-%m-%d}",
        Kind.MOMENT: lambda: f"{local(value, timezone):%Y-%m-%d %H:%M}",
    }[kind]()


def unit_title(title: str, kind: Kind) -> str:
    """A label with the unit of the plain figures that stand under or beside it."""
    if kind is Kind.RATIO:
        return f"{title} %"
    return _("{title} (min)").format(title=title) if kind in (Kind.MINUTES, Kind.DURATION) else title


def plain(value: Cell, kind: Kind, timezone: str) -> str:
    """The value for a text file that other programs read: no thousands separator, ASCII minus, "" for not known.

    Nothing is rounded: ratios are in per cent with every digit, lengths in seconds with their milliseconds.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    return {
        Kind.TEXT: lambda: str(value),
        Kind.RATIO: lambda: _exact(Decimal(repr(float(value))) * 100),
        Kind.POINTS: lambda: _exact(Decimal(repr(float(value))) * 100),
        Kind.VALUE: lambda: _exact(Decimal(repr(float(value)))),
        Kind.INDEX: lambda: _exact(Decimal(repr(float(value)))),
        Kind.PIECES: lambda: str(round(value)),
        Kind.SIGNED: lambda: str(round(value)),
        Kind.MINUTES: lambda: _exact(Decimal(repr(float(value))) / 1000),
        Kind.DURATION: lambda: _exact(Decimal(repr(float(value))) / 1000),
        Kind.CLOCK: lambda: clock_seconds(round(value), timezone),
        Kind.DATE: lambda: f"{local(value, timezone):%Y-%m-%d}",
        Kind.MOMENT: lambda: f"{local(value, timezone):%Y-%m-%d %H:%M:%S}",
    }[kind]()


def _exact(value: Decimal) -> str:
    """Every digit and nothing more: "76.7", "610", never "6.1E+2"."""
    figure = f"{value:f}"
    return (figure.rstrip("0").rstrip(".") if "." in figure else figure) or "0"


def visible(text: str) -> str:
    """The text on one line, with control characters written out, so that no name can break a page or a row."""
    if text.isprintable():
        return text
    return "".join(f"\\x{ord(c):02x}" if unicodedata.category(c) in _UNSEEN else c for c in text)


def guarded(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: a leading = + - @, tab or line end gets an apostrophe."""
    return ("'" if text.startswith(_FORMULA_STARTS) else "") + visible(text)
