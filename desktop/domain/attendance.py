"""Who was there and who was at which machine, and the man-hours of it: pure, in half-open spans of UTC milliseconds.

What people say are entries (`Attended`, `Placed`); what was taken back is left out before it comes here. Nothing is
said twice: who is at a machine is there, and who is there without a machine works at none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise

from msgspec import Struct, field
from msgspec.structs import replace

from desktop.domain.entries import OPEN_MS, Attended, Left, Placed
from desktop.domain.spans import Span, intersect, subtract, union

_Said = Attended | Placed


class ManHours(Struct, frozen=True):
    """Working time of people in a window, in milliseconds; exact fractions, so that parts add up to `total_ms`.

    `by_machine`: 0 is the time of who was at no machine. `by_crew`: "" is the time of who has no crew.
    """

    total_ms: int = 0
    by_machine: Mapping[int, Fraction] = field(default_factory=dict)
    by_crew: Mapping[str, int] = field(default_factory=dict)
    by_person: Mapping[int, int] = field(default_factory=dict)

    @property
    def hours(self) -> float:
        """The whole in hours."""
        return self.total_ms / 3_600_000


def settled(said: Iterable[_Said | Left], until_of: Callable[[int], int] = lambda _at_ms: OPEN_MS) -> tuple[_Said, ...]:
    """What was said of people, in the order of saying, with the ends that came of it: who left is at no machine.

    `until_of`: when the shift of a moment ends. What has no end of its own ends with the shift in which it begins, so
    that nobody who forgot to leave works at night too.
    """
    found: list[_Said] = []
    for each in said:
        if not isinstance(each, Left):
            end_ms = until_of(each.start_ms) if each.end_ms >= OPEN_MS else each.end_ms
            found.append(each if end_ms == each.end_ms else replace(each, end_ms=max(end_ms, each.start_ms)))
            continue
        for place, before in enumerate(found):
            mine = before.person == each.person
            at = not each.machine or (isinstance(before, Placed) and before.machine == each.machine)
            if mine and at and before.start_ms <= each.start_ms < before.end_ms:
                found[place] = replace(before, end_ms=each.start_ms)
    return tuple(each for each in found if not unfit(each))


def unfit(said: _Said) -> bool:
    """Whether something that is said ends before or as it begins."""
    return said.end_ms <= said.start_ms


def man_hours(
    said: Iterable[_Said], window: Span, crews: Mapping[int, str] | None = None, pauses: Iterable[Span] = ()
) -> ManHours:
    """Man-hours in a window without its pauses. `crews`: the crew of each person.

    A moment of a person counts once, however often it is said; who is at several machines at once is shared equally
    among them. What is still going on reaches to the end of the window, so that a running shift is asked with its
    present moment as the end.
    """
    working = subtract(window, pauses)
    machines: dict[int, Fraction] = {}
    by_crew: dict[str, int] = {}
    by_person: dict[int, int] = {}
    for person, mine in _by_person(said).items():
        own = 0
        for span, at in _pieces(mine, window, working):
            own += span.length_ms
            for machine in at or (0,):
                machines[machine] = machines.get(machine, Fraction()) + Fraction(span.length_ms, len(at) or 1)
        if own:
            by_person[person] = own
            crew = (crews or {}).get(person, "")
            by_crew[crew] = by_crew.get(crew, 0) + own
    return ManHours(sum(by_person.values()), machines, by_crew, by_person)


def placed_at(said: Iterable[_Said], at_ms: int) -> dict[int, frozenset[int]]:
    """Who is there at a moment, and at which machines: a person who is at none has an empty set."""
    now: dict[int, set[int]] = {}
    for each in said:
        if each.start_ms <= at_ms < each.end_ms:
            mine = now.setdefault(each.person, set())
            if isinstance(each, Placed) and each.machine:
                mine.add(each.machine)
    return {person: frozenset(mine) for person, mine in now.items()}


def absent(expected: Iterable[int], said: Iterable[_Said], at_ms: int) -> tuple[int, ...]:
    """Who of the expected people is not there at a moment, in their order."""
    there = placed_at(said, at_ms)
    return tuple(person for person in expected if person not in there)


def unmanned_ms(said: Iterable[_Said], machine: int, window: Span, pauses: Iterable[Span] = ()) -> int:
    """How long nobody was at a machine in a window without its pauses, in milliseconds."""
    manned = [
        _span(each, window) for each in said if isinstance(each, Placed) and each.machine == machine and not unfit(each)
    ]
    working = subtract(window, pauses)
    there = sum(span.length_ms for span in intersect(working, (span for span in manned if span is not None)))
    return sum(span.length_ms for span in working) - there


def _span(said: _Said, window: Span) -> Span | None:
    """The part of what is said that lies in a window; what still goes on lasts to its end."""
    start_ms, end_ms = max(said.start_ms, window.start_ms), min(said.end_ms, window.end_ms)
    return Span(start_ms, end_ms) if start_ms < end_ms else None


def _by_person(said: Iterable[_Said]) -> dict[int, list[_Said]]:
    found: dict[int, list[_Said]] = {}
    for each in said:
        if not unfit(each):
            found.setdefault(each.person, []).append(each)
    return found


def _pieces(said: list[_Said], window: Span, working: Iterable[Span]) -> Iterator[tuple[Span, frozenset[int]]]:
    """The working time of one person in spans, each with the machines at which the person was then."""
    spans = [(span, each) for each in said if (span := _span(each, window)) is not None]
    there = intersect(working, union(span for span, _each in spans))
    edges = sorted({edge for span, _each in spans for edge in (span.start_ms, span.end_ms)})
    for start_ms, end_ms in pairwise(edges):
        at = frozenset(
            each.machine for span, each in spans if isinstance(each, Placed) and each.machine and span.holds(start_ms)
        )
        for part in intersect(there, (Span(start_ms, end_ms),)):
            yield part, at
