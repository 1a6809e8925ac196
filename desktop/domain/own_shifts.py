"""The shop's own shifts as a whole: how their crews take turns from a date on, and when one of them ends. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from msgspec.structs import replace

from desktop.domain.calendar import ALWAYS, Calendar, Rotation, ShiftPattern, crew_on
from desktop.domain.scheduling import (
    LAST_DAY,
    Edit,
    RefusalError,
    UsePatterns,
    in_force,
    in_force_on,
    in_order,
    started_on,
)

_CREWS = "ABCDEFGH"


class EndShift(Edit, frozen=True):
    """From `since` on a shift takes place no more. `seen`: what somebody had before the eyes.

    Where one shift is left of those whose crews took turns, nobody is there to take turns with: the crew that works it
    on that date stays with it. Of more than one the crews go on as they do.
    """

    seen: ShiftPattern
    since: date

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        stood = in_force(shop, self.seen.id, self.since)
        if stood is None or not stood.weekdays:
            raise RefusalError("no_shift", name=self.seen.name, on=self.since)
        if len(in_force_on(shop, self.since)) == 1:
            raise RefusalError("last_shift", name=stood.name)
        ended = replace(stood, weekdays=frozenset(), valid_from=self.since)
        alone = left_alone(shop, stood.id, self.since)
        stays = {number: crew for number in alone if (crew := crew_on(shop, number, self.since))}
        changed = [ended]
        for number, crew in stays.items():
            there = in_force(shop, number, self.since)
            if there is not None:
                changed.append(replace(there, crew=crew, valid_from=self.since))
        kept = [
            p
            for p in shop.patterns
            if (p.id != stood.id or p.valid_from < self.since) and (p.id not in stays or p.valid_from != self.since)
        ]
        # What was said of its days behind that speaks of nothing any more.
        exceptions = tuple(e for e in shop.exceptions if e.pattern != stood.id or e.on < self.since)
        return replace(
            shop,
            patterns=in_order([*kept, *changed]),
            exceptions=exceptions,
            rotations=_without_turns(shop, stood.id, self.since, stays),
        )


def left_alone(shop: Calendar, ended: int, since: date) -> tuple[int, ...]:
    """The shifts that take turns with no other one any more when one ends on a date."""
    there = {p.id for p in in_force_on(shop, since)} - {ended}
    left = (there & set(r.patterns) for r in shop.rotations if ended in r.patterns and len(set(r.crews)) > 1)
    return tuple({number: None for each in left if len(each) == 1 for number in each})


def _without_turns(shop: Calendar, ended: int, since: date, stays: Mapping[int, str]) -> tuple[Rotation, ...]:
    """How crews take turns when a shift ends on a date: `stays` says of the shifts left alone which crew has them."""
    kept = [
        r for r in shop.rotations if r.anchor < since or ended not in r.patterns or not stays.keys() & set(r.patterns)
    ]
    return (*kept, *(Rotation((number,), (crew,), 7, since) for number, crew in stays.items()))


def turns(shop: Calendar, on: date) -> int:
    """After how many days the crews of a date take turns; 0 where each stays with its shift."""
    turning = [r for r in shop.rotations if r.anchor <= on and len(set(r.crews)) > 1]
    last = max(turning, key=lambda r: r.anchor, default=None)
    in_turn = {number for r in shop.rotations if last is not None and r.anchor > last.anchor for number in r.patterns}
    there = {p.id for p in in_force_on(shop, on)}
    return last.days if last is not None and not there & set(last.patterns) <= in_turn else 0


def with_turns(shop: Calendar, since: date, days: int) -> UsePatterns | None:
    """The shifts as they are, whose crews take turns after so many days from a date on (0: they stay). The crew that a
    shift has on that date begins there; one that has none gets a letter. None where no shift is set up."""
    known = min(max(since, ALWAYS), LAST_DAY)  # a date too far off is refused when it is to be applied
    on_that_day = {s.pattern: s.crew for s in started_on(shop, known)}
    taken = {*on_that_day.values(), *(p.crew for p in shop.patterns)}
    free = iter([letter for letter in _CREWS if letter not in taken])
    patterns = []
    for pattern in in_force_on(shop, known):
        crew = on_that_day.get(pattern.id) or pattern.crew or (next(free, "") if days else "")
        patterns.append(replace(pattern, crew=crew))
    return UsePatterns(since, tuple(patterns), days) if patterns else None
