"""Half-open spans of UTC milliseconds and the algebra that every KPI rests on."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from msgspec import Struct


class Span(Struct, frozen=True, order=True):
    """[start_ms, end_ms): the end does not belong to it. Raises ValueError if it ends before it starts."""

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if self.end_ms < self.start_ms:
            raise ValueError(f"span ends before it starts: {self.start_ms} to {self.end_ms}")

    @property
    def length_ms(self) -> int:
        """Length in milliseconds, 0 or more."""
        return self.end_ms - self.start_ms

    def cut(self, other: Span) -> Span | None:
        """The part that lies in `other`, or None where they share no time."""
        start, end = max(self.start_ms, other.start_ms), min(self.end_ms, other.end_ms)
        return Span(start, end) if start < end else None

    def holds(self, at_ms: int) -> bool:
        """Whether the moment lies in the span."""
        return self.start_ms <= at_ms < self.end_ms


_start_ms = attrgetter("start_ms")


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time once: sorted, overlapping and touching spans joined, empty ones left out."""
    told = [span for span in spans if span.start_ms != span.end_ms]
    if len(told) < 2:
        return tuple(told)
    joined: list[Span] = []
    for span in sorted(told, key=_start_ms):
        if joined and span.start_ms <= joined[-1].end_ms:
            if span.end_ms > joined[-1].end_ms:
                joined[-1] = Span(joined[-1].start_ms, span.end_ms)
        else:
            joined.append(span)
    return tuple(joined)


def subtract(span: Span, holes: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of `span` when the time of `holes` is taken out."""
    rest: list[Span] = []
    at_ms = span.start_ms
    for hole in union(holes):
        part = hole.cut(span)
        if part is None:
            continue
        if part.start_ms > at_ms:
            rest.append(Span(at_ms, part.start_ms))
        at_ms = part.end_ms
    if at_ms < span.end_ms:
        rest.append(Span(at_ms, span.end_ms))
    return tuple(rest)


def intersect(spans: Iterable[Span], others: Iterable[Span]) -> tuple[Span, ...]:
    """The time that lies in both, sorted and apart."""
    ones, twos = union(spans), union(others)
    found: list[Span] = []
    one = two = 0
    while one < len(ones) and two < len(twos):
        if part := ones[one].cut(twos[two]):
            found.append(part)
        if ones[one].end_ms < twos[two].end_ms:
            one += 1
        else:
            two += 1
    return tuple(found)


def total_ms(spans: Iterable[Span]) -> int:
    """Milliseconds covered by the spans, each moment counted once."""
    return sum(span.length_ms for span in union(spans))


def shared_ms(span: Span, others: Iterable[Span]) -> int:
    """Milliseconds of `span` that lie in any of `others`, each moment counted once."""
    return sum(part.length_ms for other in union(others) if (part := other.cut(span)))
