"""What people correct afterwards: late rejects, empty strokes, master pieces, pieces that no counter saw.

What was counted stays as it was; a booking is laid over it, in the shift that made the piece, and makes a new revision
of a shift that was closed. One that cannot be true (more than was made) changes nothing and is handed back with the
flag that says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain.events import Count, CountFlag, Role
from desktop.domain.kpi import Making, Output, Sums
from desktop.domain.spans import Span, intersect, total_ms, union


class BookingKind(StrEnum):
    """What pieces that were counted as good really were, why counted rejects are none, or what was not counted."""

    LATE_REJECT = "late_reject"  # rejected after the shift: good becomes reject
    EMPTY_STROKE = "empty_stroke"  # 공타: a stroke without a piece: nothing was made
    MASTER_PIECE = "master_piece"  # a reference piece went through: nothing was made
    REJECT_REASON = "reject_reason"  # rejects that the machine counted itself: why; no piece moves
    REWORK = "rework"  # counted good, but to be worked on again: good becomes reject, a first pass that was not good
    REJECT_REWORK = "reject_rework"  # of the rejects that the machine counted: to be worked on again; no piece moves
    REWORKED = "reworked"  # came out of rework good: counts for its order, never as a first pass
    REWORK_SCRAP = "rework_scrap"  # came out of rework as scrap: it was no good first pass already
    UNCOUNTED = "uncounted"  # 미계수: made and good, though no counter saw it
    UNCOUNTED_REJECT = "uncounted_reject"  # made and rejected, though no counter saw it


#: what came out of rework, whenever it went in
OUTCOMES = (BookingKind.REWORKED, BookingKind.REWORK_SCRAP)
#: what went in
SENT = (BookingKind.REWORK, BookingKind.REJECT_REWORK)
#: what leaves every piece where it was counted
STILL = (BookingKind.REJECT_REASON, BookingKind.REJECT_REWORK, *OUTCOMES)
#: counted rejects of which it only says more
OF_REJECTS = (BookingKind.REJECT_REASON, BookingKind.REJECT_REWORK)
#: pieces that a person counted where no counter did (수기): they come on top of what was counted
ADDED = (BookingKind.UNCOUNTED, BookingKind.UNCOUNTED_REJECT)
#: good pieces that were no good first passes
_REJECTING = (BookingKind.LATE_REJECT, BookingKind.REWORK)


class Booking(Struct, frozen=True):
    """So many pieces that are not what they were counted as. A negative number takes back what was booked before.

    `made_at_ms` is a moment of their making (any of the shift where more is not known), `at_ms` when it was said.
    `product` None: the only one that was made then. `id` rises with the time of saying. `until_ms`: of pieces that were
    not counted the end of the time in which they were made, None for a moment of it.
    """

    id: int
    machine: int
    kind: BookingKind
    pieces: int
    made_at_ms: int
    at_ms: int
    reason: int | None = None
    product: int | None = None
    until_ms: int | None = None

    def within(self, span: Span) -> int:
        """How many of the pieces fall to a part of the time, by the clock; any cut adds up to the whole."""
        if self.until_ms is None or self.until_ms <= self.made_at_ms:
            return self.pieces if span.holds(self.made_at_ms) else 0
        start_ms, end_ms = (min(max(at, self.made_at_ms), self.until_ms) for at in (span.start_ms, span.end_ms))
        length_ms = self.until_ms - self.made_at_ms
        low, high = (round(self.pieces * (at - self.made_at_ms) / length_ms) for at in (start_ms, end_ms))
        return high - low


class Refused(Struct, frozen=True):
    """A booking that could not be, and why."""

    booking: Booking
    flag: str


class Adjusted(Struct, frozen=True):
    """Sums with the bookings in them. `flags`: those of what was refused, and no_reason for strokes and pieces that
    were taken off without one.
    """

    sums: Sums
    booked: tuple[Booking, ...] = ()
    refused: tuple[Refused, ...] = ()
    flags: tuple[str, ...] = ()


def adjusted(
    window: Span,
    machine: int,
    sums: Sums,
    bookings: Iterable[Booking],
    makings: Sequence[Making] = (),
    silent: Sequence[Span] = (),
    by_hand: Sequence[Span] = (),
) -> Adjusted:
    """The sums of a machine in a window with what was booked to pieces of it.

    Pieces that were not counted are of what was made then by the `makings` of the window. What was made in a time that
    was `silent`, or is known `by_hand` alone, has no known time of running: it counts for OEE and quality, not for the
    performance of the observed time. The silence in which somebody counted is bridged, as by a counter that survived.

    Refused with a flag: no_pieces (a booking of none), unknown_product (not made then, or several were and none is
    named), exceeds_made (more than the good pieces that there were), exceeds_booked (more taken
    back than was booked; of pieces that were not counted none are).
    """
    made = {output.product for output in sums.outputs if output.total}
    good = {product: sum(o.good for o in sums.outputs if o.product == product) for product in made}
    bad = {
        kind: {product: sum(o.reject for o in sums.outputs if o.product == product) for product in made}
        for kind in OF_REJECTS
    }
    booked: list[Booking] = []
    refused: list[Refused] = []
    net: dict[tuple[int | None, BookingKind], int] = {}
    added: list[tuple[Booking, tuple[tuple[Output, int], ...]]] = []
    mine = (b for b in bookings if b.machine == machine and window.holds(b.made_at_ms))
    for booking in sorted(mine, key=lambda booking: booking.id):
        product = next(iter(made)) if booking.product is None and len(made) == 1 else booking.product
        key = (product, booking.kind)
        if not booking.pieces:
            refused.append(Refused(booking, "no_pieces"))
        elif booking.kind in ADDED:
            shares = _shares(booking, makings, sums.outputs, product)
            if not shares:
                refused.append(Refused(booking, "unknown_product"))
            elif booking.pieces < 0:  # whoever keyed in too many takes that back and keys it in again
                refused.append(Refused(booking, "exceeds_booked"))
            else:
                booked.append(booking)
                added.append((booking, shares))
                for one, pieces in shares:
                    made.add(one.product)
                    good.setdefault(one.product, 0)
                    good[one.product] += pieces * (booking.kind is BookingKind.UNCOUNTED)
                    for of_kind in bad.values():
                        of_kind.setdefault(one.product, 0)
                        of_kind[one.product] += pieces * (booking.kind is BookingKind.UNCOUNTED_REJECT)
        elif booking.kind in OUTCOMES and (product is not None or len(made) <= 1):
            if net.get(key, 0) + booking.pieces < 0:
                refused.append(Refused(booking, "exceeds_booked"))
            else:
                net[key] = net.get(key, 0) + booking.pieces
                booked.append(booking)
        elif not made:
            refused.append(Refused(booking, "exceeds_made"))
        elif product not in made or (product is None and len(made) > 1):
            refused.append(Refused(booking, "unknown_product"))
        elif booking.pieces > (left := bad.get(booking.kind, good))[product]:
            refused.append(Refused(booking, "exceeds_made"))
        elif net.get(key, 0) + booking.pieces < 0:
            refused.append(Refused(booking, "exceeds_booked"))
        else:
            left[product] -= booking.pieces
            net[key] = net.get(key, 0) + booking.pieces
            booked.append(booking)
    outputs, known = list(sums.outputs), []
    for booking, shares in added:
        blind = [own for span in silent if (own := _of_silence(booking, span))]
        known += blind
        timed = not blind and not any(_of_silence(booking, span) for span in by_hand)
        for one, pieces in shares:
            _put(outputs, one, pieces, good=booking.kind is BookingKind.UNCOUNTED, timed=timed)
    if known:
        bridged_ms = sums.bridged_ms + total_ms(intersect(union(known), silent))
        sums = replace(sums, bridged_ms=min(bridged_ms, sums.times.no_data_ms))
    for (product, kind), pieces in net.items():
        if kind in OUTCOMES:
            _came_out(outputs, product, pieces, good=kind is BookingKind.REWORKED)
        elif kind not in STILL:
            _take(outputs, product, pieces, kind in _REJECTING)
    moved = (BookingKind.EMPTY_STROKE, BookingKind.MASTER_PIECE)
    bare = any(b.reason is None and b.kind in moved for b in booked)
    flags = [each.flag for each in refused] + ["no_reason"] * bare
    return Adjusted(replace(sums, outputs=tuple(outputs)), tuple(booked), tuple(refused), tuple(dict.fromkeys(flags)))


def over_hours(
    hours: Sequence[tuple[Span, int | None, int | None]], booked: Iterable[Booking]
) -> tuple[tuple[int | None, int | None], ...]:
    """Good and rejected pieces of each hour with what was booked, so that they add up as the sums do.

    A booking is taken off the hour in which its pieces were made, and what that hour did not make off the one that
    made most. An hour of which nothing is known stays unknown, but for the pieces that somebody counted in it.
    """
    good, reject = [row[1] for row in hours], [row[2] for row in hours]
    for booking in booked:
        if booking.kind in STILL:
            continue
        if booking.kind in ADDED:
            rejected = booking.kind is BookingKind.UNCOUNTED_REJECT
            for place, (span, *_made) in enumerate(hours):
                if pieces := booking.within(span):
                    good[place] = (good[place] or 0) + pieces * (not rejected)
                    reject[place] = (reject[place] or 0) + pieces * rejected
            continue
        own = [place for place, (span, *_made) in enumerate(hours) if span.holds(booking.made_at_ms)]
        most = sorted(range(len(hours)), key=lambda place: -(good[place] or 0))
        left = booking.pieces
        for place in [*own, *most]:
            made = good[place]
            if made is None or not left:
                continue
            taken = min(left, made)
            good[place], left = made - taken, left - taken
            if booking.kind in _REJECTING:
                reject[place] = (reject[place] or 0) + taken
    return tuple(zip(good, reject, strict=True))


def _take(outputs: list[Output], product: int | None, pieces: int, rejects: bool) -> None:
    """Take pieces off the good ones of a product, of its cycles from the one with most first."""
    places = [place for place, output in enumerate(outputs) if output.product == product]
    for place in sorted(places, key=lambda place: -outputs[place].good):
        output = outputs[place]
        taken = min(pieces, output.good)
        good, reject = output.good - taken, output.reject + (taken if rejects else 0)
        # Of pieces that were not made none can have been made at an unknown time.
        outputs[place] = replace(output, good=good, reject=reject, untimed=min(output.untimed, good + reject))
        pieces -= taken


def _shares(
    booking: Booking, makings: Sequence[Making], outputs: Sequence[Output], product: int | None
) -> tuple[tuple[Output, int], ...]:
    """How many pieces that were not counted are of what: of what was made in their time; where nobody gives that, of
    the product that is named or was the only one. Empty where that is not known."""
    if makings:
        parts = ((Output(each.product, each.ideal_cycle_ms), booking.within(each.span)) for each in makings)
        return tuple((one, pieces) for one, pieces in parts if pieces)
    mine = [each for each in outputs if product is None or each.product == product]
    if len({each.product for each in mine}) != 1:
        return ()
    most = max(mine, key=lambda each: each.total)
    return ((Output(most.product, most.ideal_cycle_ms), booking.pieces),)


def _of_silence(booking: Booking, silence: Span) -> Span | None:
    """The part of a silence of which a booking gives the pieces: its own time, for a moment the whole of it."""
    if booking.until_ms is None:
        return silence if silence.holds(booking.made_at_ms) else None
    return silence.cut(Span(booking.made_at_ms, max(booking.until_ms, booking.made_at_ms)))


def _put(outputs: list[Output], like: Output, pieces: int, *, good: bool, timed: bool) -> None:
    """Add pieces that were not counted to the output of their product and cycle."""
    same = (place for place, o in enumerate(outputs) if (o.product, o.ideal_cycle_ms) == _key(like))
    place = next(same, len(outputs))
    if place == len(outputs):
        outputs.append(like)
    output = outputs[place]
    outputs[place] = replace(
        output,
        good=output.good + pieces * good,
        reject=output.reject + pieces * (not good),
        untimed=output.untimed + pieces * (not timed),
    )


def _key(output: Output) -> tuple[int | None, float | None]:
    return output.product, output.ideal_cycle_ms


def _came_out(outputs: list[Output], product: int | None, pieces: int, *, good: bool) -> None:
    """Add what came out of rework to a product, though none of it was made in the window."""
    place = next((place for place, output in enumerate(outputs) if output.product == product), len(outputs))
    if place == len(outputs):
        outputs.append(Output(product))
    output = outputs[place]
    passed, failed = output.rework_good + pieces * good, output.rework_reject + pieces * (not good)
    outputs[place] = replace(output, rework_good=passed, rework_reject=failed)


def findings(refused: Iterable[Refused]) -> tuple[tuple[str, int], ...]:
    """What a reader of the figures must know of bookings that cannot be: booking_refused, each with its pieces."""
    return tuple(("booking_refused", each.booking.pieces) for each in refused)


def in_rework(bookings: Iterable[Booking]) -> int:
    """How many pieces went into rework and did not come out of it yet."""
    told = list(bookings)
    return sum(b.pieces for b in told if b.kind in SENT) - sum(b.pieces for b in told if b.kind in OUTCOMES)


class Revision(Struct, frozen=True):
    """Which edition of a shift's figures this is: 0 as it was closed, and one more for every booking since then.

    `confirmed` (확정): somebody confirmed it after the last booking; else it is provisional (잠정).
    """

    number: int
    confirmed: bool


def revision(
    window: Span, booked: Iterable[Booking], closed_at_ms: int | None, confirmed_at_ms: int | None = None
) -> Revision:
    """The revision of a shift by what was booked to its pieces; one that is not closed is provisional."""
    if closed_at_ms is None:
        return Revision(0, False)
    since = [b.at_ms for b in booked if window.holds(b.made_at_ms) and b.at_ms > closed_at_ms]
    confirmed = confirmed_at_ms is not None and confirmed_at_ms >= max([closed_at_ms, *since])
    return Revision(len(since), confirmed)


def count_flags(window: Span, counts: Iterable[Count]) -> tuple[str, ...]:
    """What cannot be in the counts of a machine: exceeds_made, more rejects than there were pieces at all."""
    sums = dict.fromkeys((Role.TOTAL, Role.GOOD, Role.REJECT), 0)
    told = set()
    for count in counts:
        inside = window.start_ms <= count.from_ms if count.flag is CountFlag.GAP else True
        if count.role in sums and inside and window.holds(count.at_ms - 1):
            sums[count.role] += count.pieces
            told.add(count.role)
    parts = sums[Role.GOOD] + sums[Role.REJECT] if Role.GOOD in told else sums[Role.REJECT]
    return ("exceeds_made",) if Role.TOTAL in told and parts > sums[Role.TOTAL] else ()
