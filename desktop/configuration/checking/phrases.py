"""What is said of a value that does not fit, and of what may stand there."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from datetime import date, datetime

from desktop.configuration.tables import Field
from desktop.text import _
from drivers.base import Setting, UnfitError, Value

LARGEST = 10**15  # beyond it a float no longer counts singly, and no shop has such a number
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # what no name may hold
NOTHING = object()  # a key that is not there
#: what a driver's setting without a default looks like
_EXAMPLES = {"address": "40001", "node": "ns=2;s=Counter"}


def one_line(fault: str) -> str:
    """A fault as one line, also where a name holds a line end."""
    return CONTROL.sub(" ", fault)


def in_words(value: Value | UnfitError) -> str:
    """A value of a finding; a driver's reason in the language in use."""
    return _(value.template).format(**value.values) if isinstance(value, UnfitError) else str(value)


def field_of(spec: Setting) -> Field:
    """A driver's setting as a key of a table."""
    kind = (int, float) if spec.kind is float else (spec.kind,)
    example = _EXAMPLES.get(spec.key) if spec.default in (None, "") else spec.default
    return Field(spec.key, kind, None, spec.required, spec.choices, spec.low, spec.high, example)


def must(field: Field) -> str:
    """What a field must be, in a sentence."""
    if field.kind[-1] not in (int, float):
        kinds = {
            str: _("must be text in quotes, on one line"),
            bool: _("must be true or false"),
            list: _("must be a list in [ ]"),
            dict: _("must be a table in { }"),
            date: _("must be a date without a time, from 1971 to 2100"),
            datetime: _("must be a date with a time, from 1971 to 2100"),
        }
        return kinds[field.kind[-1]]
    low, high = (None if bound is None else f"{bound:.15g}" for bound in (field.low, field.high))
    whole = field.kind[-1] is int
    if low is not None and high is not None:
        words = (
            _("must be a whole number from {low} to {high}") if whole else _("must be a number from {low} to {high}")
        )
    elif low is not None:
        words = _("must be a whole number of {low} or more") if whole else _("must be a number of {low} or more")
    else:
        words = _("must be a whole number") if whole else _("must be a number")
    return words.format(low=low, high=high)


def closest(word: str, names: Sequence[str]) -> str:
    """The name most like a word, big or small letters alike; "" where none is."""
    folded = {name.casefold(): name for name in reversed(names)}
    close = difflib.get_close_matches(word.casefold(), folded, 1, 0.6)
    return folded[close[0]] if close else ""


def as_toml(value: object) -> str:
    """A value as a TOML file has it, shortened."""
    try:
        if isinstance(value, dict):
            return "{ " + ", ".join(f'"{key}" = {as_toml(each)}' for key, each in value.items()) + " }"
        words = json.dumps(value, ensure_ascii=False) if isinstance(value, (str, bool, list)) else str(value)
    except (TypeError, ValueError, RecursionError):  # a list with dates, thousands of digits or of brackets
        return "..."
    return words if len(words) <= 60 else words[:57] + "..."
