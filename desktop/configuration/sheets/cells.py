"""One cell as a person wrote it -> the value of a column, or what to write instead; and the value back as text."""

from __future__ import annotations

import difflib
import re
import unicodedata
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from desktop.configuration.sheets.columns import Column
from desktop.text import N_, _, in_every_language

#: a cell of a file: None is an empty one
Cell = str | int | float | bool | date | datetime | time | timedelta | None

LONGEST_TEXT = 200
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")  # as in reports
YES, NO = N_("yes"), N_("no")
_YES = ("예", "네", "y", "o", "○", "◯", "●", "✓", "✔", "v", "true", "참", "1", "유")
_NO = ("아니오", "아니요", "n", "x", "×", "✕", "false", "거짓", "0", "무", "-")
_SECONDS = ("초", "s", "sec", "secs", "second", "seconds", "초/개", "s/ea", "sec/ea")
_MINUTES = ("분", "min", "mins", "minute", "minutes", "분/개", "min/ea")
_PIECES = ("개", "ea", "pcs", "pc", "벌", "캐비티", "cav", "cavity", "cavities")
_NUMBER = re.compile(r"(?P<figure>[+-]?(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d*)?|[+-]?\.\d+)\s*(?P<unit>\D*)")
_SHORTENED = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")  # what Excel makes of a long item number
_DATE = re.compile(r"(\d{4})\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})\s*[일.]?(?:\s+0{1,2}:00(?::00)?)?")
_CLOCK = re.compile(
    r"(?:(?P<day>\d{4}\s*[-./년]\s*\d{1,2}\s*[-./월]\s*\d{1,2}\s*[일.]?|\d{8})[\sT]\s*)?(?P<half>오전|오후|[AaPp][Mm])?\s*"
    r"(?P<hour>\d{1,2})\s*(?:[:시]\s*(?:(?P<minute>\d{1,2})\s*(?::\s*(?P<second>\d{1,2})|분)?)?)"
)
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#GETTING_DATA", "#CALC!")
_EXACT = 10**15  # from here on Excel has lost digits
_EPOCHS = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}


class UnfitCellError(Exception):
    """Why a cell does not fit: the end of a sentence that begins with the cell."""


class NoValue(Struct, frozen=True):
    """A formula whose value the file does not hold: no program has reckoned it."""


def is_blank(cell: object) -> bool:
    """Whether nothing stands in a cell."""
    return cell is None or (isinstance(cell, str) and not _clean(cell))


def value_of(cell: object, column: Column, *, minutes: bool = False, epoch: int = 1900) -> object:
    """What a cell of a column says; None for an empty one. Raises UnfitCellError.

    `minutes`: the title of the column says that its figures are minutes. `epoch`: the year with which the workbook
    counts its days.
    """
    if isinstance(cell, NoValue):
        raise UnfitCellError(_("holds a formula without its value: open the file in Excel, save it, and take it again"))
    if is_blank(cell):
        return None
    if isinstance(cell, str) and cell.strip().upper() in _ERRORS:
        raise UnfitCellError(_("holds an error of Excel: correct the formula, or write the value"))
    kind = column.field.kind
    if str not in kind and bool not in kind and str(cell).strip() in ("-", "–", "—"):  # how people write "none"
        return None
    if column.field.choices:
        return _choice(cell, column)
    if bool in kind:
        return _truth(cell)
    if date in kind:
        return _day(cell, epoch)
    if datetime in kind:
        return _moment(cell, epoch)
    if int in kind:
        return _number(cell, column, minutes)
    return _text(cell)


def _clean(words: str) -> str:
    """A text on one line, without blanks at its ends and what nobody sees in it."""
    words = unicodedata.normalize("NFC", words)
    if not words.isprintable() or "  " in words:
        words = "".join("" if unicodedata.category(c) in ("Cf", "Cs") else c for c in words)
        words = " ".join(words.split())
    return words.strip()


def clean(words: str) -> str:
    """As a cell would hold it: for comparing with what the register holds."""
    return _clean(words)


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (date, time, timedelta)):
        raise UnfitCellError(_("was made a date by Excel: format the column as text and type it again"))
    if isinstance(cell, (int, float)):
        if not abs(cell) < _EXACT:
            raise UnfitCellError(_("has lost digits in Excel: format the column as text and type it again"))
        return str(int(cell)) if cell == int(cell) else repr(cell)
    words = _clean(str(cell))
    if _SHORTENED.fullmatch(words):
        raise UnfitCellError(_("has lost digits in Excel: format the column as text and type it again"))
    if any(unicodedata.category(c) == "Cc" for c in words):
        raise UnfitCellError(_("holds characters that cannot be printed: type it again"))
    if len(words) > LONGEST_TEXT:
        raise UnfitCellError(_("is too long: {count} characters at most").format(count=LONGEST_TEXT))
    return words


def _folded(cell: object) -> str:
    words = str(int(cell)) if isinstance(cell, float) and cell == cell and abs(cell) < _EXACT else str(cell)
    return unicodedata.normalize("NFKC", _clean(words)).casefold().replace(" ", "").replace("_", "")


def _choice(cell: object, column: Column) -> object:
    found = _folded(cell)
    words: dict[str, object] = {}
    for value in column.field.choices:
        words.setdefault(_folded(value), value)
        for each in in_every_language(column.words.get(value, "")) if value in column.words else ():
            words.setdefault(_folded(each), value)
    for said, value in column.said.items():
        words.setdefault(_folded(said), value)
    if found in words:
        return words[found]
    names = [column.word(value) for value in column.field.choices if column.word(value)]
    close = difflib.get_close_matches(str(cell).strip(), names, 1, 0.6)
    if close:
        raise UnfitCellError(_("is not known: did you mean {name}?").format(name=close[0]))
    raise UnfitCellError(_("is not known: write one of {names}").format(names=", ".join(names)))


def _truth(cell: object) -> bool:
    if isinstance(cell, bool):
        return cell
    found = _folded(cell)
    if found in (*_YES, *map(str.casefold, in_every_language(YES))):
        return True
    if found in (*_NO, *map(str.casefold, in_every_language(NO))):
        return False
    raise UnfitCellError(_("must be yes or no: write {yes} or {no}").format(yes=_(YES), no=_(NO)))


def _number(cell: object, column: Column, minutes: bool) -> int | float:
    field = column.field
    whole = float not in field.kind
    value: int | float
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        value, in_minutes = cell, minutes
    elif isinstance(cell, str):
        words = unicodedata.normalize("NFKC", _clean(cell))
        match = _NUMBER.fullmatch(words)
        unit = match["unit"].strip().casefold() if match else ""
        units = {"s": (*_SECONDS, *_MINUTES), "pieces": _PIECES}.get(column.unit, ())
        if match is None or (unit and unit not in units):
            raise UnfitCellError(must(column))
        figure = match["figure"].replace(",", "")
        value = float(figure) if "." in figure or len(figure) > 18 else int(figure)
        in_minutes = unit in _MINUTES if unit else minutes
    else:
        raise UnfitCellError(must(column))
    if value != value or abs(value) > _EXACT:
        raise UnfitCellError(must(column))
    if in_minutes and column.unit == "s":
        value = round(value * 60, 6)
    if whole:
        if value != int(value):
            raise UnfitCellError(must(column))
        value = int(value)
    else:
        value = round(float(value), 6)
    if (field.low is not None and value < field.low) or (field.high is not None and value > field.high):
        raise UnfitCellError(must(column))
    return value


def must(column: Column) -> str:
    """What a column must hold, as the end of a sentence."""
    field = column.field
    whole = float not in field.kind
    bounds = {"low": _figure(field.low), "high": _figure(field.high), "example": _figure(field.example)}
    if column.unit == "s":
        return _("must be seconds from {low} to {high}, for example {example}").format(**bounds)
    if whole:
        return _("must be a whole number from {low} to {high}, for example {example}").format(**bounds)
    return _("must be a number from {low} to {high}, for example {example}").format(**bounds)


def _figure(value: object) -> str:
    return f"{value:,.15g}" if isinstance(value, (int, float)) else str(value)


def _day(cell: object, epoch: int) -> date:
    found = _date(cell, epoch)
    if found is None or not 1971 <= found.year <= 2100:
        raise UnfitCellError(_("must be a date such as {example}, without a time").format(example="2026-01-31"))
    return found


def _date(cell: object, epoch: int) -> date | None:
    """The day that a cell is, None for what is none."""
    found: date | None = None
    if isinstance(cell, datetime):
        found = cell.date() if cell.time() == time() else None
    elif isinstance(cell, date):
        found = cell
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if cell == cell and abs(cell) < _EXACT and cell == int(cell):
            found = _packed(str(int(cell))) or _counted(int(cell), epoch)
    elif isinstance(cell, str):
        words = unicodedata.normalize("NFKC", _clean(cell))
        match = _DATE.fullmatch(words)
        if match:
            found = _at(*map(int, match.groups()))
        elif words.isdecimal() and words.isascii():
            found = _packed(words) or (_counted(int(words), epoch) if len(words) == 5 else None)
    return found


def _moment(cell: object, epoch: int) -> datetime | time:
    """A moment of the plant's clock; a day, which Excel also writes as its midnight, means its end, a time alone is one
    of a day that is told elsewhere."""
    found = _clock(cell, epoch)
    if isinstance(found, datetime) and found.time() == time():
        found = found.date()
    if isinstance(found, date) and not isinstance(found, datetime):
        found = datetime.combine(found + timedelta(days=1), time())
    if found is None or (isinstance(found, datetime) and not 1971 <= found.year <= 2100):
        words = _("must be a day with a time such as {example}, or a time such as {time}")
        raise UnfitCellError(words.format(example="2026-01-31 17:00", time="17:00"))
    return found


def _clock(cell: object, epoch: int) -> date | time | None:
    """A day, a moment or a time of day, as far as a cell is one."""
    if isinstance(cell, (date, time)):
        return cell.replace(microsecond=0, tzinfo=None) if isinstance(cell, (datetime, time)) else cell
    if isinstance(cell, timedelta):
        return _time(cell.seconds // 3600, cell.seconds // 60 % 60) if cell.days == 0 else None
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if 0 <= cell < 1:
            minutes, seconds = divmod(round(cell * 86_400), 60)
            return _time(minutes // 60, minutes % 60, seconds)
        if cell == cell and abs(cell) < _EXACT and cell != int(cell):
            day = _counted(int(cell), epoch)
            into = timedelta(seconds=round((cell - int(cell)) * 86_400))
            return None if day is None else datetime.combine(day, time()) + into
        return _date(cell, epoch)
    if not isinstance(cell, str):
        return None
    words = unicodedata.normalize("NFKC", _clean(cell))
    told = _CLOCK.fullmatch(words)
    if told is None:
        return _date(words, epoch)
    hour, minute = int(told["hour"]), int(told["minute"] or 0)
    if told["half"] and 1 <= hour <= 12:
        hour = hour % 12 + 12 * (told["half"].casefold() in ("오후", "pm"))
    day = _date(told["day"], epoch) if told["day"] else None
    if told["day"] and day is None:
        return None
    if hour == 24 and minute == 0 and day is not None:
        return day  # until it ends
    at = _time(hour, minute, int(told["second"] or 0))
    return at if day is None or at is None else datetime.combine(day, at)


def _time(hour: int, minute: int, second: int = 0) -> time | None:
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _packed(words: str) -> date | None:
    match = _PACKED.fullmatch(words)
    return _at(*map(int, match.groups())) if match else None


def _counted(days: int, epoch: int) -> date | None:
    """A day as a workbook counts it, where a person would: from 1971 to 2100."""
    return _EPOCHS[epoch] + timedelta(days=days) if 20_000 < days < 80_000 else None


def _at(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


# -- the way back --


def written(value: object, column: Column) -> str:
    """A value as text that `value_of` takes back as the same, in the language in use; "" for None."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _(YES) if value else _(NO)
    if column.field.choices:
        return column.word(value)
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime):
        if value.time() == time() and value.tzinfo is None:
            return f"{value - timedelta(days=1):%Y-%m-%d} 24:00"  # the day until its end
        return f"{value:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    return value.isoformat() if isinstance(value, date) else str(value)


def guarded(words: str) -> str:
    """A text that no spreadsheet takes for a formula; one that begins so already gets another apostrophe, so that
    `unguarded` gives back what was there."""
    return "'" + words if words.lstrip("'").startswith(FORMULA_STARTS) else words


def unguarded(words: str) -> str:
    """The text that was guarded."""
    return words[1:] if words.startswith("'") and words.lstrip("'").startswith(FORMULA_STARTS) else words
