"""From a file to a checked configuration; what is no TOML is said by line and column."""

from __future__ import annotations

import codecs
import difflib
import re
import tomllib
from pathlib import Path

from desktop.configuration.checking import check
from desktop.configuration.checking.phrases import one_line
from desktop.configuration.positions import Lines
from desktop.configuration.tables import Configuration, ConfigurationError
from desktop.store.database import KnownError, unreadable
from desktop.text import N_, _, os_reason

_QUOTE = N_("a text is not closed: a quote is missing at its end")
_TWICE = N_("this stands in the file twice")
_LINE = N_('a line is a key with its value (name = "Press 1"), a table ([plant]) or a comment (# ...)')
#: how the parser begins its reason -> what a person does about it
_REASONS = {
    "Expected '=' after a key": N_('a key needs = and a value behind it, for example name = "Press 1"'),
    "Invalid value": N_("a value is text in quotes, a number, true, false, a date, a list in [ ] or a table in { }"),
    "Invalid date": N_("a date is written as 2026-01-31"),
    "Unclosed": N_("a bracket is opened and not closed"),
    "Duplicate": _TWICE,
    "Cannot": _TWICE,
    "Expected ']": N_("a table begins with its name in brackets, for example [plant] or [[machine]]"),
    'Expected "': _QUOTE,
    "Illegal character": _QUOTE,
    "Found invalid character": _QUOTE,
    "Unterminated string": _QUOTE,
    "Unescaped '\\'": N_(r"write \\ for each \ in a text, or put the text in single quotes"),
    "Expected newline": N_("something stands behind the value: write one key a line, and text in quotes"),
    "Invalid statement": _LINE,
    "Invalid initial character": _LINE,
}
_PLACE = re.compile(r"(?P<reason>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)


def read(path: Path) -> Configuration:
    """Read and check a file. Raises KnownError (no file, a folder) or ConfigurationError with every fault."""
    if path.is_dir():
        raise KnownError(
            _("{path} is a folder. Name the TOML file, for example {example}.").format(
                path=path, example=path / "line.toml"
            )
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        words = _("{path} cannot be read: {reason}.").format(path=path, reason=os_reason(error))
        near = difflib.get_close_matches(path.name, [file.name for file in path.parent.glob("*.toml")], 1)
        if isinstance(error, FileNotFoundError) and near:
            words += " " + _("Did you mean {name}?").format(name=path.with_name(near[0]))
        raise unreadable(error, words) from error
    try:
        wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # what a Notepad calls "Unicode"
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp949", "replace")  # what a Korean Notepad saves as "ANSI"
    return parse(text, str(path))


def parse(text: str, name: str = "TOML") -> Configuration:
    """Check a configuration given as text; `name` stands in messages. Raises as `read`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([one_line(_misspelt(text, name, str(error)))]) from error
    except RecursionError as error:  # thousands of brackets
        raise ConfigurationError(
            [_("{name} is not valid TOML: {reason}.").format(name=name, reason=_("brackets lie too deep in brackets"))]
        ) from error
    except ValueError as error:  # thousands of digits
        raise ConfigurationError(
            [_("{name} is not valid TOML: {reason}.").format(name=name, reason=_("a number has too many digits"))]
        ) from error
    return check(data, name, Lines(text, data))


def _misspelt(text: str, name: str, said: str) -> str:
    """What the parser says, as a sentence with line, column, what to do and the line itself."""
    lines = text.replace("\r\n", "\n").split("\n")
    found = _PLACE.fullmatch(said)
    reason = found["reason"] if found else said
    if found and found["line"]:
        line, column = int(found["line"]), int(found["column"])
    else:
        line, column = len(lines), len(lines[-1]) + 1
    while line > 1 and not lines[line - 1].strip():  # what is missing at a line's end is missed on the next
        line, column = line - 1, len(lines[line - 2]) + 1
    problem = next((_(words) for start, words in _REASONS.items() if reason.startswith(start)), reason)
    return _("{name} is not valid TOML, line {line}, column {column}: {reason}. The line is: {text}").format(
        name=name, line=line, column=column, reason=problem, text=lines[line - 1].strip()[:80]
    )
