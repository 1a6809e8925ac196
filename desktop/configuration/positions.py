"""In which line of a TOML file a table or key stands: the parser of the standard library does not tell.

The text has been parsed before, so that a small scanner is enough: it knows comments, the four kinds of strings and
brackets, and takes everything else as it comes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

#: a table or key by its way: names, and the place of a table in its list ("bus", 0, "device", 1, "unit")
Way = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
      (?P<comment> \#[^\n]*)
    | (?P<text> \"{3}(?:\\.|[^\\])*?\"{3}\"{0,2} | '{3}.*?'{3}'{0,2} | "(?:\\.|[^"\\\n])*" | '[^'\n]*')
    | (?P<word> [A-Za-z0-9_-]+)
    | (?P<open> [\[{])
    | (?P<close> [\]}])
    | (?P<equals> =)
    | (?P<end> \n)
    | (?P<other> .)
    """,
    re.VERBOSE | re.DOTALL,
)


def ways(text: str) -> dict[Way, int]:
    """The line (from 1) of every header and key of a valid TOML text; keys inside of a value in { } have none."""
    found: dict[Way, int] = {}
    lists: dict[Way, int] = {}  # the place of the last table of a list
    table: Way = ()
    names: list[str] = []
    headers, valued, depth, line, first = 0, False, 0, 1, 1
    for token in _TOKEN.finditer(text + "\n"):
        kind, said = token.lastgroup, token[0]
        if kind == "end" and not depth:
            if headers:
                table = _entered(names, lists, headers > 1)
            if names:
                found.setdefault(table if headers else (*table, *names), first)
            names, headers, valued, first = [], 0, False, line + 1
        elif kind == "equals":
            valued = True
        elif valued:
            depth += (kind == "open") - (kind == "close")
        elif kind == "open":
            headers += 1
        elif kind in ("word", "text"):
            names.append(said if kind == "word" else next(iter(tomllib.loads(f"{said} = 0"))))
        line += said.count("\n")
    return found


def _entered(names: Sequence[str], lists: dict[Way, int], begins: bool) -> Way:
    """The way to the table of a header; one that `begins` a table of a list counts it."""
    way: Way = ()
    for place, name in enumerate(names, 1):
        way = (*way, name)
        if begins and place == len(names):
            lists[way] = lists.get(way, -1) + 1
        if way in lists:
            way = (*way, lists[way])
    return way


def numbered(path: str, tables: Sequence[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Each table with its path: the name that a person gave it where there is one, else its place."""
    found: dict[str, dict[str, Any]] = {}
    for place, table in enumerate(tables, 1):
        name = next(
            (table[key] for key in ("key", "code", "name") if isinstance(table.get(key), str) and table[key]), place
        )
        named = f"{path}[{name}]"
        found[f"{path}[{name} #{place}]" if named in found else named] = table
    return list(found.items())


_DEEPEST = 12  # so deep no key of ours lies, but a file may write a.a.a.a ... = 1


class Lines:
    """The lines of a file by the paths of messages, "bus[rs485].device[oven].unit"."""

    def __init__(self, text: str, data: Mapping[str, Any]) -> None:
        """`data` is what the text holds, parsed."""
        self._lines: dict[str, int] = {}
        self._lists: dict[str, int] = {}  # where the first table of a list stands
        self._also: list[tuple[str, str]] = []
        known = ways(text)
        for key, value in data.items():
            self._walk(key, (key,), value, known)

    def rename(self, path: str, other: str) -> None:
        """What stands at `path` is called `other` in messages from now on; what lies in it is renamed after it."""
        self._also.append((other, path))

    def of(self, path: str) -> int | None:
        """The line of a path, or of the nearest table around it that has one; None where none has."""
        paths = [path]
        for new, old in reversed(self._also):
            paths += [
                old + each[len(new) :] for each in paths if each == new or each.startswith((f"{new}[", f"{new}."))
            ]
        listed = next((self._lists[each] for each in paths if each in self._lists), None)
        return listed or min(map(self._nearest, paths))[1] or None

    def _nearest(self, path: str) -> tuple[int, int]:
        """How much of the path's end is not known, and the line of what is."""
        ends = [len(path), *(at for at in range(len(path) - 1, 0, -1) if path[at] in ".[")]
        known = ((len(path) - end, self._lines[path[:end]]) for end in ends if path[:end] in self._lines)
        return next(known, (len(path), 0))

    def _walk(self, path: str, way: Way, value: object, known: Mapping[Way, int]) -> None:
        if way in known:
            self._lines.setdefault(path, known[way])
        if len(way) > _DEEPEST:
            return
        if isinstance(value, dict):
            for key, each in value.items():
                # A preset puts signals of its own before these: those without a name have another place then.
                named = [e for e in each if not isinstance(e, dict) or "key" in e] if _completed(value, key) else each
                self._walk(f"{path}.{key}", (*way, key), named, known)
        elif isinstance(value, list) and all(isinstance(each, dict) for each in value):
            if (*way, 0) in known:
                self._lists.setdefault(path, known[*way, 0])
            for place, (named_path, table) in enumerate(numbered(path, value)):
                self._walk(named_path, (*way, place), table, known)


def _completed(table: Mapping[str, Any], key: str) -> bool:
    return key == "signal" and "preset" in table and isinstance(table[key], list)
