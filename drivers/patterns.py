"""Regular expressions that people write: what is wrong with them in words of every language, and how long they take.

Python's `re` has no time-out, and while it searches no other thread runs: a pattern like (a+)+ and one odd message
would stop every device. So a pattern is examined before it is used, in two ways.

1. Proof. A pattern is made into the automaton of its characters (Glushkov), with the number of ways from each to the
   next. Where a loop can read the same text in two ways, each round doubles the work (exponential ambiguity: Weber and
   Seidl, On the degree of ambiguity of finite automata, 1991, criterion EDA). Such a pattern is refused, however
   unlikely the message. With back references, conditions and possessive repetitions nothing is proven.
2. Trial. What grows more slowly (.*,.*,.*,[0-9]) is measured on texts made from its own loops: a way into the loop,
   many rounds of it, and an end that does not fit. They are short and grow in small steps, so that no trial takes
   long; how the time grew is carried on to the longest message. What grows with the square is ordinary, blanks between
   two optional parts do it, and takes 0.2 s on 4096 characters; with the cube it is 20 s.

`Watched` measures each search besides: what takes more than 50 ms again and again is switched off.
"""

from __future__ import annotations

import importlib
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from drivers.base import UnfitError

SLOW_NS = 50_000_000  # a search may take so long
SLOW_WEIGHT, MOST_WEIGHT = (
    100,
    300,
)  # a slow search weighs so much, a quick one takes 1 away; too much: the pattern is off
MOST_MS = 1000  # a search of the longest message that does not fit may take so long, by the trial
SURE_NS = 50_000_000  # what is expected to take longer is not tried to be sure
NOISE_NS = 200_000  # a trial that takes less tells nothing
LENGTHS = (8, 16, 24, 32, 64, 256)  # of the trials
MOST_STEPS = 100_000  # of the proof; a larger pattern is only tried
MOST_COPIES = 12  # of what is repeated a fixed number of times
MOST_PLACES = 600
MOST_KINDS = 8  # of characters that one loop is tried with

_parser: Any = importlib.import_module("re._parser")
#: time that this thread itself worked; on Windows that clock ticks every 16 ms only
_spent_ns = time.perf_counter_ns if sys.platform == "win32" else time.thread_time_ns


def compiled(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Return the expression. Raises UnfitError with the place (from 1) and what is wrong there."""
    try:
        return re.compile(pattern, flags)
    except re.error as error:
        raise _why(error.msg, (error.pos or 0) + 1) from error
    except (OverflowError, RecursionError) as error:
        raise UnfitError("is too large for a regular expression") from error


def harmless(
    pattern: str,
    flags: re.RegexFlag = re.NOFLAG,
    longest: int = 4096,
    anywhere: bool = False,
    most_ms: int = MOST_MS,
) -> None:
    """Raise UnfitError for an expression that may take much longer than `most_ms` on a text of `longest` characters.

    `anywhere`: it is searched for, and need not fit the whole text. Takes some milliseconds itself. Raises as
    `compiled` too.
    """
    why = _hazard(pattern, flags, longest, anywhere, most_ms)
    if why is not None:
        raise why.with_traceback(None)


@lru_cache(maxsize=512)  # a bus whose pattern is refused is opened again and again
def _hazard(pattern: str, flags: re.RegexFlag, longest: int, anywhere: bool, most_ms: int) -> UnfitError | None:
    """Return why `harmless` refuses it. Raises as `compiled`."""
    expression = compiled(pattern, flags)
    try:
        automaton = _Automaton(pattern, expression.flags)
    except RecursionError:
        return UnfitError("is too large for a regular expression")
    if automaton.proven and automaton.ambiguous():
        return UnfitError(
            "can read what repeats in countless ways, like {example}: one message that does not fit would stop all "
            "devices. Put a fixed character between the repeated parts, like {better}",
            example="(a+)+", better="(a+,)+",
        )  # fmt: skip
    search = expression.search if anywhere else expression.fullmatch
    attacks = automaton.attacks()
    for length, attack in ((length, attack) for length in LENGTHS if length <= longest for attack in attacks):
        if _too_slow(search, attack, length, longest, most_ms):
            return UnfitError(
                "takes far too long on a message that does not fit, of {count} characters like {text!r}. Say which "
                "characters may come, like {better} in place of {example}",
                count=longest, text=attack.text(8)[:8], better="[^,]*", example=".*",
            )  # fmt: skip
    return None


def _too_slow(search: Any, attack: _Attack, length: int, longest: int, most_ms: int) -> bool:
    """Whether a search would take more than `most_ms` on the longest text, if it goes on growing as it does now."""
    text = attack.text(length)
    if _took_ns(search, text) < NOISE_NS or (took_ns := _took_ns(search, text, 3)) < NOISE_NS:
        return False
    half_ns = max(1, _took_ns(search, attack.text(length // 2), 3))
    growth = min(max(1.0, math.log2(took_ns / half_ns)), 4.0)
    excess = took_ns * math.pow(longest / length, growth) / (most_ms * 1_000_000)
    # the longer the text, the surer: in doubt go on as long as that costs little
    if 1 < excess < 50 and length * 4 <= longest and took_ns * math.pow(2, growth) < SURE_NS:
        return _too_slow(search, attack, length * 2, longest, most_ms)
    return excess > 1


def _took_ns(search: Any, text: str, times: int = 1) -> int:
    """The shortest of so many searches: what is slow once may have been disturbed."""
    took = []
    for _ in range(times):
        before = _spent_ns()
        search(text)
        took.append(_spent_ns() - before)
    return min(took)


class _Attack(Struct, frozen=True):
    """A text that may take long: a way into a loop, turns of it, an end."""

    way: str
    turn: str
    end: str

    def text(self, length: int) -> str:
        """Return it with so many characters of turns at most."""
        return self.way + self.turn * (length // len(self.turn)) + self.end


class Watched:
    """An expression whose searches are measured: once three of some hundred took more than 50 ms it finds nothing more.

    `off`: that has happened.
    """

    def __init__(self, expression: re.Pattern[str]) -> None:
        self.expression = expression
        self.off = False
        self._weight = 0

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Return what the whole text means, None where it does not fit or the expression is off."""
        if self.off:
            return None
        began = time.perf_counter_ns()
        found = self.expression.fullmatch(text)
        # The time of the thread itself is a system call, and asked for only where another thread may have come between.
        slow = time.perf_counter_ns() - began > SLOW_NS
        if slow and _took_ns(self.expression.fullmatch, text) > SLOW_NS:
            self._weight += SLOW_WEIGHT
            self.off = self._weight >= MOST_WEIGHT
        elif self._weight:
            self._weight -= 1
        return found


#: which characters stand for all that a class of characters may tell apart, besides those of the pattern itself
_SAMPLES = "0a_Z ,.!-\n\x00가٣"


class _Part(Struct, frozen=True):
    """A piece of a pattern: in how many ways (at most 2) it begins and ends at which character, or is empty."""

    first: Counter[int]
    last: Counter[int]
    empty: int


def _most(ways: Counter[int]) -> Counter[int]:
    return Counter({place: min(2, count) for place, count in ways.items() if count})


def _times(ways: Counter[int], factor: int) -> Counter[int]:
    return Counter({place: count * factor for place, count in ways.items()})


_EMPTY = _Part(Counter(), Counter(), 1)


class _Automaton:
    """The places of a pattern where a character is read, and in how many ways (2: several) each leads to which."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.proven = True
        self._fold = bool(flags & re.IGNORECASE)
        tree = _parser.parse(pattern, flags)
        atoms = list({repr(atom): atom for atom in _atoms(tree)}.values())
        found = {char for atom in atoms for char in _named(atom)} | set(_SAMPLES)
        kinds: dict[tuple[bool, ...], str] = {}
        for char in sorted(found, key=lambda char: (char not in _SAMPLES, char)):  # one for each kind it can tell apart
            kinds.setdefault(tuple(self._accepts(atom, char) for atom in atoms), char)
        self._chars = list(kinds.values())
        self._sets: list[frozenset[str]] = []
        self._next: list[Counter[int]] = []
        whole = self._sequence(tree)
        self._first = whole.first

    # -- building --

    def _accepts(self, atom: tuple[Any, Any], char: str) -> bool:
        forms = {char, char.lower(), char.upper()} if self._fold else {char}
        return any(_accepts(atom, form) for form in forms)

    def _sequence(self, items: Iterable[tuple[Any, Any]]) -> _Part:
        whole = _EMPTY
        for item in items:
            whole = self._behind(whole, self._part(item))
        return whole

    def _behind(self, one: _Part, other: _Part) -> _Part:
        self._join(one.last, other.first)
        return _Part(
            _most(one.first + _times(other.first, one.empty)),
            _most(other.last + _times(one.last, other.empty)),
            min(2, one.empty * other.empty),
        )

    def _join(self, last: Counter[int], first: Counter[int]) -> None:
        for place, ways in last.items():
            self._next[place] = _most(self._next[place] + _times(first, ways))

    def _part(self, item: tuple[Any, Any]) -> _Part:
        name, value = str(item[0]), item[1]
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            return self._atom(item)
        if name == "SUBPATTERN":
            return self._sequence(value[-1])
        if name == "BRANCH":
            parts = [self._sequence(each) for each in value[1]]
            first, last = Counter[int](), Counter[int]()
            for part in parts:
                first, last = first + part.first, last + part.last
            return _Part(_most(first), _most(last), min(2, sum(part.empty for part in parts)))
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            self.proven &= name != "POSSESSIVE_REPEAT"
            return self._repeat(*value)
        if name in ("ASSERT", "ASSERT_NOT"):
            self._sequence(value[1])  # a world of its own: whatever it reads, nothing is read
            return _EMPTY
        if name == "AT":
            return _EMPTY
        self.proven = False
        if name == "ATOMIC_GROUP":
            return self._sequence(value)
        if name == "GROUPREF_EXISTS":
            return self._part((_parser.BRANCH, (None, [value[1], value[2] or []])))
        return _EMPTY if name == "FAILURE" else self._repeat(0, _parser.MAXREPEAT, [(_parser.ANY, None)])

    def _atom(self, item: tuple[Any, Any]) -> _Part:
        self._sets.append(frozenset(char for char in self._chars if self._accepts(item, char)))
        self._next.append(Counter())
        one = Counter({len(self._sets) - 1: 1})
        return _Part(one, one, 0)

    def _repeat(self, least: int, most: int, items: Sequence[tuple[Any, Any]]) -> _Part:
        """Copies for what must come, then nested ones for what may, or a loop where these are many."""
        if most > MOST_COPIES or len(self._sets) > MOST_PLACES:
            most = _parser.MAXREPEAT
        whole = _EMPTY
        for _ in range(min(least, MOST_COPIES) if len(self._sets) <= MOST_PLACES else 0):
            whole = self._behind(whole, self._sequence(items))
        if most is _parser.MAXREPEAT:
            body = self._sequence(items)
            self._join(body.last, body.first)
            return self._behind(whole, _Part(body.first, body.last, min(2, 1 + body.empty)))
        tail = _EMPTY
        for _ in range(most - least):  # a(a(a)?)? and not a?a?a?, which would be ambiguous
            body = self._behind(self._sequence(items), tail)
            tail = _Part(body.first, body.last, min(2, 1 + body.empty))
        return self._behind(whole, tail)

    # -- judging --

    def _loops(self) -> list[list[int]]:
        """The places that lead back to themselves, those of one loop together."""
        return _components(range(len(self._next)), lambda place: list(self._next[place]))

    def ambiguous(self) -> bool:
        """Whether some loop can read the same text in two ways; False where that is not proven in the time for it."""
        return any(self._ambiguous(set(loop)) for loop in self._loops())

    def _ambiguous(self, loop: set[int]) -> bool:
        """Whether two walks through a loop that read the same part and meet again."""
        steps = {place: [near for near in self._next[place] if near in loop] for place in loop}
        if sum(len(near) for near in steps.values()) ** 2 > MOST_STEPS:
            self.proven = False
            return False

        def onward(pair: tuple[int, int]) -> list[tuple[int, int]]:
            return [
                (one, other) if one <= other else (other, one)
                for one in steps[pair[0]]
                for other in steps[pair[1]]
                if not self._sets[one].isdisjoint(self._sets[other])
            ]

        for meeting in _components([(place, place) for place in loop], onward):
            same = {one for one, other in meeting if one == other}
            if same and len(same) < len(meeting):
                return True
            if any(self._next[place][near] > 1 for place in same for near in steps[place] if near in same):
                return True
        return False

    # -- trying --

    def attacks(self) -> list[_Attack]:
        """Texts that make each loop turn."""
        found: dict[_Attack, None] = {}
        for loop in self._loops():
            for place in loop:
                way, ends, turns = self._way(place), self._ends(place), self._turns(place, set(loop))
                found.update((_Attack(way, turn, end), None) for turn in turns if turn for end in ends)
        return list(found)

    def _way(self, place: int) -> str:
        """A text that leads to a place, without its own character."""
        return self._walk(list(self._first), {place}, None)[:-1]

    def _turns(self, place: int, loop: set[int]) -> list[str]:
        """What a turn from a place back to it reads: each kind of character where it turns around itself, and all of
        them in a row, which lets many such loops behind each other share the text in any way."""
        if place in self._next[place]:
            own = [char for char in self._chars if char in self._sets[place]][:MOST_KINDS]
            return [*own, "".join(own)]
        return [self._walk([near for near in self._next[place] if near in loop], {place}, loop)]

    def _ends(self, place: int) -> list[str]:
        """Ends that a loop may stumble over: none, what fits neither it nor behind it, and a few others."""
        behind = set[str]().union(*(self._sets[near] for near in self._next[place]))
        foreign = next((char for char in self._chars if char not in behind), "")
        return list(dict.fromkeys(["", foreign, *self._chars[:2], *sorted(behind - self._sets[place])[:1]]))

    def _walk(self, starts: list[int], goals: set[int], inside: set[int] | None) -> str:
        """The shortest text from any of the places to one of the goals, both read; "" where there is no way."""
        texts = {place: min(self._sets[place], default="") for place in starts}
        queue = list(starts)
        for place in queue:
            if place in goals:
                return texts[place]
            for near in self._next[place]:
                if near not in texts and (inside is None or near in inside):
                    texts[near] = texts[place] + min(self._sets[near], default="")
                    queue.append(near)
        return ""


def _components(starts: Iterable[Any], onward: Any) -> list[list[Any]]:
    """The sets of two and more nodes, or of one that leads to itself, in which each leads to each (Tarjan)."""
    number: dict[Any, int] = {}
    low: dict[Any, int] = {}
    stack: list[Any] = []
    on: set[Any] = set()
    found: list[list[Any]] = []
    for start in starts:
        if start in number:
            continue
        work = [(start, iter(onward(start)))]
        number[start] = low[start] = len(number)
        stack.append(start)
        on.add(start)
        while work:
            node, rest = work[-1]
            for near in rest:
                if near not in number:
                    number[near] = low[near] = len(number)
                    stack.append(near)
                    on.add(near)
                    work.append((near, iter(onward(near))))
                    break
                if near in on:
                    low[node] = min(low[node], number[near])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    at = stack.index(node)
                    group = stack[at:]
                    del stack[at:]
                    on.difference_update(group)
                    if len(group) > 1 or node in onward(node):
                        found.append(group)
    return found


def _atoms(items: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """Whatever reads one character, anywhere in a parsed pattern."""
    for item in items:
        name, value = str(item[0]), item[1]
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            yield item
        elif name == "BRANCH":
            for each in value[1]:
                yield from _atoms(each)
        elif name in ("SUBPATTERN", "ASSERT", "ASSERT_NOT"):
            yield from _atoms(value[-1])
        elif name.endswith("_REPEAT"):
            yield from _atoms(value[2])
        elif name == "ATOMIC_GROUP":
            yield from _atoms(value)
        elif name == "GROUPREF_EXISTS":
            yield from _atoms(value[1])
            yield from _atoms(value[2] or [])


def _named(atom: tuple[Any, Any]) -> set[str]:
    """The characters at which an atom begins or ceases to fit."""
    name, value = str(atom[0]), atom[1]
    if name == "IN":
        return {char for each in value for char in _named(each)}
    if name == "RANGE":
        low, high = value
        return {chr(code) for code in (low - 1, low, high, high + 1) if 0 <= code < sys.maxunicode}
    return {chr(value)} if name in ("LITERAL", "NOT_LITERAL") else set()


_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "DIGIT": str.isdecimal,
    "SPACE": str.isspace,
    "WORD": lambda char: char.isalnum() or char == "_",
}


def _accepts(atom: tuple[Any, Any], char: str) -> bool:
    name, value = str(atom[0]), atom[1]
    if name == "IN":
        negated = bool(value) and str(value[0][0]) == "NEGATE"
        return negated != any(_accepts(each, char) for each in value[negated:])
    if name in ("LITERAL", "NOT_LITERAL"):
        return bool(ord(char) == value) == (name == "LITERAL")
    if name == "RANGE":
        return bool(value[0] <= ord(char) <= value[1])
    if name == "CATEGORY":
        kind = str(value).removeprefix("CATEGORY_")
        return _CATEGORIES[kind.removeprefix("NOT_")](char) != kind.startswith("NOT_")
    return True  # ANY; that a line end is none without DOTALL makes no difference here


def _why(message: str, at: int) -> UnfitError:
    """What a message of Python's parser means; one that is not known here keeps its place."""
    if message.startswith("missing )"):
        return UnfitError("is no regular expression: the ( at character {at} is not closed", at=at)
    if message.startswith("unbalanced"):
        return UnfitError("is no regular expression: the ) at character {at} closes nothing", at=at)
    if message.startswith("unterminated character set"):
        return UnfitError("is no regular expression: the [ at character {at} is not closed", at=at)
    if "repeat" in message:
        return UnfitError("is no regular expression: the repetition at character {at} cannot be", at=at)
    if "escape" in message:
        return UnfitError("is no regular expression: the backslash at character {at} has no meaning there", at=at)
    if message.startswith("bad character range"):
        return UnfitError("is no regular expression: the range at character {at} runs backwards", at=at)
    if message.startswith("redefinition"):
        return UnfitError("is no regular expression: a name of a field is there twice at character {at}", at=at)
    if "name" in message:
        return UnfitError("is no regular expression: no field can have the name at character {at}", at=at)
    return UnfitError("is no regular expression from character {at} on", at=at)
