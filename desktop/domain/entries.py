"""What people say of a machine or a stop. An entry is never changed: another one takes it back.

Each kind is a struct whose tag is its name in the file. All of them tell a machine (0: the line) and a time.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from desktop.domain.intervals import Interval
from desktop.domain.spans import Span

#: an end that is not known yet: the entry holds until the standstill is over
OPEN_MS = 1 << 52


class Labelled(Struct, frozen=True, tag="label"):
    """Why a machine stood from `start_ms` to `end_ms` (OPEN_MS: until it runs again): `reason` of the register.

    `stop` is the id of the stop as it stood then, `alarm` the code of the alarm that stood with it, `note` whatever
    else there is to say.
    """

    machine: int
    start_ms: int
    end_ms: int
    stop: int
    reason: int
    alarm: str = ""
    note: str = ""


class Split(Struct, frozen=True, tag="split"):
    """A stop is two from a moment in it on: each part has a reason of its own."""

    machine: int
    start_ms: int  # of the second part
    end_ms: int
    stop: int


Said = Labelled | Split


class Entry(Struct, frozen=True):
    """What somebody said: `who` ("" where nobody is set up), when (`at_ms`), and `why` where a reason is asked for.

    `id` rises with the time of saying. `taken_back` is the id of the entry that took this one back, 0 while it stands.
    """

    id: int
    at_ms: int
    said: Said
    who: str = ""
    why: str = ""
    taken_back: int = 0

    @property
    def span(self) -> Span:
        """The time of which it speaks."""
        return Span(self.said.start_ms, max(self.said.start_ms, self.said.end_ms))


def holds(entry: Entry, interval: Interval) -> bool:
    """Whether an interval has its reason from this entry; a label without an end holds for its own stop only."""
    said = entry.said
    if not isinstance(said, Labelled) or said.machine != interval.machine or interval.reason != said.reason:
        return False
    return interval.span.cut(entry.span) is not None and (said.end_ms != OPEN_MS or interval.stop_id == said.stop)


def labels(entries: Iterable[Entry], machine: int) -> tuple[Entry, ...]:
    """The labels of a machine, in the order of saying."""
    found = [e for e in entries if isinstance(e.said, Labelled) and e.said.machine == machine]
    return tuple(sorted(found, key=lambda entry: entry.id))


def splits(entries: Iterable[Entry], machine: int) -> tuple[int, ...]:
    """The moments at which the stops of a machine were split, in order."""
    found = {e.said.start_ms for e in entries if isinstance(e.said, Split) and e.said.machine == machine}
    return tuple(sorted(found))
