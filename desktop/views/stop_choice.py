"""Which stop is asked about, which are taken along, where it is split, and what a reason that is given now says."""

from __future__ import annotations

from collections.abc import Iterable

from desktop.domain.entries import OPEN_MS, Labelled, Said, Split
from desktop.domain.figures.stops import LabelRow, StopRow, StopsNow
from desktop.domain.spans import Span
from desktop.text import N_, _, plural
from desktop.views.entering import TakingBack, Telling
from desktop.views.widgets.stop_head import snapped
from desktop.views.widgets.stop_lists import Key
from desktop.wording.moments import clock

_LEAST_SPLIT_MS = 2_000  # shorter stops are not split


class StopChoice:
    """What is chosen among the stops that are known. Nothing is painted and nothing is written here.

    `chosen` is the stop that is asked about (None: the longest that waits), `entry` the reason that is looked at (0 for
    none), `ticked` the stops that are taken along, `split_ms` where the stop is to be split.
    """

    def __init__(self) -> None:
        self.now: StopsNow | None = None
        self.chosen: Key | None = None
        self.entry = 0
        self.ticked: frozenset[Key] = frozenset()
        self.split_ms: int | None = None
        self._settled: dict[Key, int] = {}  # told already -> the entry that says so, 0 while it is being written

    def learn(self, now: StopsNow) -> None:
        """The stops as they are known now; what was chosen of them and is gone is not chosen any more."""
        self.now = now
        self._settled = {key: number for key, number in self._settled.items() if not number or now.seen < number}
        if self.chosen is not None and now.chosen is not None and _about(now.chosen, self.chosen):
            self.chosen = key_of(now.chosen)
        self.ticked &= {key_of(row) for row in now.open}
        if self.entry and all(row.entry != self.entry for row in now.said):
            self.entry, self.chosen = 0, None

    # -- what is chosen --

    def waiting(self) -> list[StopRow]:
        """The stops that wait, without those that were told just now."""
        rows = self.now.open if self.now is not None else ()
        return [row for row in rows if key_of(row) not in self._settled]

    def several(self) -> list[StopRow]:
        """The waiting stops that are taken along."""
        return [row for row in self.waiting() if key_of(row) in self.ticked]

    def stop(self) -> StopRow | None:
        """The stop that is asked about."""
        rows = self.waiting()
        looked_at = self.now.chosen if self.now is not None else None
        if looked_at is not None and key_of(looked_at) == self.chosen and self.chosen not in self._settled:
            return looked_at
        if self.chosen is not None:  # never another one: the next press would give that its reason
            return next((row for row in rows if key_of(row) == self.chosen), None)
        return rows[0] if rows and self.said() is None else None

    def gone(self) -> bool:
        """Whether the stop that was asked for is not there."""
        now = self.now
        return now is not None and self.chosen is not None and now.asked == self.chosen and self.stop() is None

    def said(self) -> LabelRow | None:
        """The reason that is looked at."""
        rows = self.now.said if self.now is not None else ()
        return next((row for row in rows if row.entry == self.entry), None)

    def any(self) -> bool:
        """Whether there is anything that a reason could be given to."""
        return self.now is not None and (bool(self.ticked) or self.said() is not None or self.stop() is not None)

    def splits_at(self, stop: StopRow) -> tuple[int, ...]:
        """The entries that split it off from what lies before and after it."""
        now = self.now
        if now is None or now.chosen is None or key_of(now.chosen) != key_of(stop):
            return ()
        return tuple(entry for at_ms, entry in now.splits if at_ms in (stop.start_ms, stop.end_ms))

    def neighbours(self, stop: StopRow) -> list[Key]:
        """The waiting stops of its machine just before and just after it."""
        same = sorted((row for row in self.waiting() if row.machine == stop.machine), key=lambda row: row.start_ms)
        keys = [key_of(row) for row in same]
        if key_of(stop) not in keys:
            return []
        place = keys.index(key_of(stop))
        return keys[max(place - 1, 0) : place] + keys[place + 1 : place + 2]

    # -- choosing --

    def forget(self) -> None:
        """Nothing is chosen: the longest that waits is asked about."""
        self.chosen, self.entry, self.ticked, self.split_ms = None, 0, frozenset(), None

    def pick(self, key: Key) -> None:
        """Ask about this stop and no other."""
        self.forget()
        self.chosen = key

    def pick_said(self, entry: int) -> None:
        """Look at a reason that was given."""
        self.forget()
        self.entry = entry
        if (said := self.said()) is not None:
            self.chosen = (said.said.machine, said.start_ms)

    def tick(self, key: Key) -> None:
        """Take a stop along, or no longer; the first that is taken along joins the one that is looked at."""
        stop = self.stop()
        if not self.ticked and stop is not None and not self.entry:
            self.ticked = frozenset({key_of(stop)})
            if key in self.ticked:
                return
        elif not self.ticked:
            self.entry, self.chosen = 0, key
        self.ticked ^= {key}

    def alike(self, *, brief: bool) -> list[StopRow]:
        """The waiting stops that are too short to ask, or those that only waited, as it seems."""
        return [row for row in self.waiting() if (row.brief and not row.behind if brief else bool(row.behind))]

    def tick_alike(self, *, brief: bool) -> None:
        """Take all of these along, and nothing else; a second time leaves them."""
        alike = [key_of(row) for row in self.alike(brief=brief)]
        wanted = frozenset() if self.ticked == frozenset(alike) else frozenset(alike)
        self.forget()
        if wanted:
            self.chosen = alike[0]
        self.ticked = wanted

    def begin_split(self, stop: StopRow) -> bool:
        """Begin to split it in its middle; False where it is too short."""
        assert self.now is not None
        whole = span_of(stop, self.now)
        if whole.length_ms >= _LEAST_SPLIT_MS:
            self.split_ms = snapped((whole.start_ms + whole.end_ms) / 2, whole)
        return self.split_ms is not None

    def keep_split(self, stop: StopRow | None) -> None:
        """Leave the split where the stop that is asked about does not hold it any more."""
        if self.split_ms is None:
            return
        span = span_of(stop, self.now) if stop is not None and self.now is not None else None
        if span is None or self.ticked or not span.start_ms < self.split_ms < span.end_ms:
            self.split_ms = None

    # -- what is told --

    def says_already(self, reason: str, note: str) -> bool:
        """Whether what is looked at has this reason, and nothing new is said of it."""
        said = self.said()
        return not self.ticked and said is not None and said.reason == reason and not note

    def given(self, reason: int, note: str, why: str) -> Telling | None:
        """What is told where a reason is given to what is chosen: the ticked stops, the first part of a split, another
        one to a label, else the stop that is asked about. None where there is nothing of these."""
        now = self.now
        name = next((each.name for each in now.reasons if each.id == reason), None) if now is not None else None
        if now is None or name is None:
            return None
        stop, said = self.stop(), self.said()
        told: list[Said] = []
        if self.ticked:
            several = self.several()
            told += [_label(row, reason, note) for row in several]
            words = plural(
                N_("{count} stop · saved as {reason}"), N_("{count} stops · saved as {reason}"), len(several)
            ).format(count=len(several), reason=name)
            stops = self.ticked
        elif said is not None:
            old = said.said
            told.append(Labelled(old.machine, old.start_ms, old.end_ms, old.stop, reason, old.alarm, note or old.note))
            words, stops = self._saved(now, said.machine_name, said.start_ms, name), frozenset[Key]()
        elif stop is not None:
            whole = _label(stop, reason, note)
            if self.split_ms is not None:
                told.append(Split(stop.machine, self.split_ms, whole.end_ms, stop.id))
                whole = Labelled(stop.machine, stop.start_ms, self.split_ms, stop.id, reason, stop.word, note)
            told.append(whole)
            words, stops = self._saved(now, stop.machine_name, stop.start_ms, name), frozenset({key_of(stop)})
        else:
            return None
        return Telling(tuple(told), now.seen, words, stops, why)

    @staticmethod
    def _saved(now: StopsNow, machine: str, start_ms: int, reason: str) -> str:
        at = clock(start_ms, now.head.timezone)
        return _("{machine} {clock} · saved as {reason}").format(machine=machine, clock=at, reason=reason)

    def split(self, stop: StopRow, why: str) -> Telling:
        """What is told where a stop is split without a reason."""
        assert self.now is not None
        assert self.split_ms is not None
        at = clock(self.split_ms, self.now.head.timezone)
        words = _("{machine} · split at {clock}").format(machine=stop.machine_name, clock=at)
        parts = (Split(stop.machine, self.split_ms, _end_ms(stop), stop.id),)
        return Telling(parts, self.now.seen, words, frozenset(), why)

    def merged(self, stop: StopRow, why: str) -> TakingBack:
        """What is taken back where the parts of a stop become one again."""
        assert self.now is not None
        numbers = self.splits_at(stop)
        again = tuple(
            Split(stop.machine, at_ms, stop.end_ms or OPEN_MS, stop.id) for at_ms, n in self.now.splits if n in numbers
        )
        return TakingBack(numbers, _("{machine} · one stop again").format(machine=stop.machine_name), again, why)

    def taken_back(self, said: LabelRow, why: str) -> TakingBack:
        """What is taken back where a reason is."""
        assert self.now is not None
        at = clock(said.start_ms, self.now.head.timezone)
        words = _("{machine} {clock} · reason {reason} taken back")
        words = words.format(machine=said.machine_name, clock=at, reason=said.reason)
        return TakingBack((said.entry,), words, (said.said,), why)

    # -- what came of it --

    def settle(self, stops: Iterable[Key]) -> None:
        """These were told: they wait no longer."""
        self._settled |= dict.fromkeys(stops, 0)

    def entered(self, stops: Iterable[Key], number: int) -> None:
        """What was told of them is in the file, by this entry."""
        self._settled |= {key: number for key in stops if key in self._settled}

    def refused(self, stops: frozenset[Key]) -> None:
        """It is not: they wait again."""
        self._settled = {key: number for key, number in self._settled.items() if key not in stops}


def key_of(row: StopRow) -> Key:
    """By what a stop is known on the screen: its machine, and when it began."""
    return row.machine, row.start_ms


def span_of(row: StopRow, now: StopsNow) -> Span:
    """The span of a stop, up to now where it goes on."""
    return Span(row.start_ms, now.now_ms if row.end_ms is None else row.end_ms)


def _about(row: StopRow, key: Key) -> bool:
    """Whether a stop is the one that is meant: it may have begun earlier than whoever asked for it could see."""
    return row.machine == key[0] and row.start_ms <= key[1] and (row.end_ms is None or key[1] < row.end_ms)


def _end_ms(row: StopRow) -> int:
    return OPEN_MS if row.end_ms is None else row.end_ms


def _label(row: StopRow, reason: int, note: str) -> Labelled:
    """A reason for a whole stop; for one that goes on, until it is over."""
    return Labelled(row.machine, row.start_ms, _end_ms(row), row.id, reason, row.word, note)
