"""What is wrong with a unit or part that is read at a station: said at once, before anything is stored of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from desktop.domain.quality import StationKind, WhenWrong


class Wrong(StrEnum):
    """What may be wrong.

    duplicate_serial  a serial begins a second time at the station where units begin
    skipped_step      a station before this one has not seen the unit
    off_route         the product does not pass this station
    passed_before     the unit was here before and has been elsewhere since
    on_hold           the unit, a lot in it or what it is packed in is on hold (보류)
    scrapped          the unit, lot, box or what it is packed in was scrapped
    expired_lot       the lot is past its date
    wrong_part        the station does not take this material for the product
    no_part           a material that is asked for was not scanned
    failed_before     a station before this one found it bad
    not_measured      what is measured of each piece at a station before this one was not measured of it
    too_many_tests    measured again more often than is allowed
    gauge_due         the calibration of the gauge has run out
    gauge_unknown     no calibration of the gauge is known, and it refuses values then
    packed_before     it is packed and lies in another box or on another pallet already
    unknown_code      a code that is no unit, lot, box or pallet by any pattern of the shop
    used_box          the box or pallet was filled and closed before
    not_known         no station before the one where it is put into stock or shipped ever read it
    empty_box         nothing lies in the box or on the pallet
    shipped_before    it was shipped, alone or in what it lies in, and did not come back
    shipped_alone     it is shipped without the box or pallet in which it lies
    used_part         a part with a serial of its own is in another unit already
    """

    DUPLICATE = "duplicate_serial"
    SKIPPED = "skipped_step"
    OFF_ROUTE = "off_route"
    AGAIN = "passed_before"
    HELD = "on_hold"
    SCRAPPED = "scrapped"
    EXPIRED = "expired_lot"
    WRONG_PART = "wrong_part"
    NO_PART = "no_part"
    FAILED = "failed_before"
    UNMEASURED = "not_measured"
    RETESTS = "too_many_tests"
    GAUGE = "gauge_due"
    NEVER = "gauge_unknown"
    PACKED = "packed_before"
    UNKNOWN = "unknown_code"
    USED = "used_box"
    NOT_KNOWN = "not_known"
    EMPTY = "empty_box"
    SHIPPED = "shipped_before"
    ALONE = "shipped_alone"
    USED_PART = "used_part"


#: what no station lets pass
_NEVER = frozenset({Wrong.DUPLICATE, Wrong.SCRAPPED})
#: what a station that refuses does not let pass; the rest is flagged there, too
REFUSED = frozenset(
    {
        Wrong.DUPLICATE, Wrong.SKIPPED, Wrong.OFF_ROUTE, Wrong.HELD, Wrong.EXPIRED, Wrong.WRONG_PART, Wrong.PACKED,
        Wrong.USED, Wrong.FAILED, Wrong.UNKNOWN, Wrong.NOT_KNOWN, Wrong.EMPTY, Wrong.SHIPPED, Wrong.UNMEASURED,
        Wrong.USED_PART,
    }
)  # fmt: skip
#: by one of these a thing is refused; another word that is flagged so refuses a value alone
STOPPING = REFUSED | _NEVER


#: where things are put away: they come there from wherever their route ends
PLACED = frozenset({StationKind.STOCK, StationKind.SHIP})


class Tried(Struct, frozen=True):
    """A value that a unit has of a characteristic (`what`) at a station (None: at none), of which it may have `most`;
    `good`: how it lies in its limits, None where it has none."""

    what: int
    station: int | None
    most: int
    good: bool | None


class Fault(Struct, frozen=True):
    """Something that is wrong, and what it is about: station codes, a material, a date, the reason of a hold."""

    word: Wrong
    about: str = ""


class Place(Struct, frozen=True):
    """A station as it judges: its id, code, kind, how it answers, and whether units are told apart there (a scanner or
    a part id)."""

    id: int
    code: str
    kind: StationKind = StationKind.MAKE
    when_wrong: WhenWrong = WhenWrong.FLAG
    tells: bool = True


def refuses(place: Place, faults: Iterable[Fault]) -> bool:
    """Whether a unit or part does not pass. One serial on two units is never let pass, nor what was scrapped, nor is a
    shipment on hold."""
    found = {fault.word for fault in faults}
    if found & _NEVER or (place.kind is StationKind.SHIP and Wrong.HELD in found):
        return True
    return place.when_wrong is WhenWrong.REFUSE and bool(found & REFUSED)


def of_unit(
    place: Place,
    route: Sequence[Place],
    seen: Collection[int],
    *,
    here_last: bool = False,
    made: bool = False,
    mended: bool = False,
    held: str = "",
    bad: Iterable[Place] = (),
    unmeasured: Iterable[tuple[Place, str]] = (),
) -> list[Fault]:
    """What is wrong with a unit at a station.

    `route`: the stations of its product in order, empty where nobody said. `seen`: ids of the stations that it passed.
    `here_last`: it was the last unit here, so that it is read once more; `made`: and yet it was finished here, so that
    where units begin it is another piece with the same serial. `mended`: it was sent back to be worked on
    again. `held`: why it is on hold, "" where it is not. `bad`: the stations that found it bad; of them those before
    this one count, and where nobody said which these are, all once it is packed or put away. All of the route is
    before a station where things are put away that does not stand on it. `unmeasured`: what was not measured of it
    where it passed; of that what should have been before this station counts.
    """
    found = [Fault(Wrong.HELD, held)] if held else []
    ids = [each.id for each in route]
    if place.kind is StationKind.REWORK:  # it comes there from anywhere
        return found
    if route and place.id not in ids and place.kind not in PLACED:
        return [*found, Fault(Wrong.OFF_ROUTE)]
    before = route[: ids.index(place.id)] if place.id in ids else route
    missing = [each.code for each in before if each.tells and each.id not in seen]
    if missing:
        found.append(Fault(Wrong.SKIPPED, ", ".join(missing)))
    is_last = place.kind in PLACED or (not route and place.kind is StationKind.PACK)
    failed = [each.code for each in bad if each in before or (is_last and each != place)]
    if failed:
        found.append(Fault(Wrong.FAILED, ", ".join(failed)))
    lacks = [what for station, what in unmeasured if station in before]
    if lacks:
        found.append(Fault(Wrong.UNMEASURED, ", ".join(lacks)))
    first = bool(route) and not any(each.tells for each in before)
    if place.id in seen and not mended and (not here_last or (first and made)):
        found.append(Fault(Wrong.DUPLICATE if first else Wrong.AGAIN))
    return found


def found_bad(tried: Iterable[Tried]) -> set[int]:
    """The stations whose last word of a unit is that it is bad. To measure until it is good does not make it so: what
    was measured more often than is allowed does not count."""
    count: dict[int, int] = {}
    last: dict[int, Tried] = {}
    for each in tried:
        count[each.what] = count.get(each.what, 0) + 1
        if count[each.what] <= each.most and each.good is not None:
            last[each.what] = each
    return {each.station for each in last.values() if each.station is not None and not each.good}


def of_lot(material: str, taken: Collection[str], expires_on: str, today: str, held: str = "") -> list[Fault]:
    """What is wrong with a lot at a station. `taken`: the materials that it takes for what is made, empty where nobody
    said. Dates are ISO dates of plant time, `expires_on` "" where none is known; a lot may be used on its last day."""
    found = [Fault(Wrong.HELD, held)] if held else []
    if taken and material not in taken:
        found.append(Fault(Wrong.WRONG_PART, material))
    if expires_on and expires_on < today:
        found.append(Fault(Wrong.EXPIRED, expires_on))
    return found


def of_component(
    route: Iterable[Place], seen: Collection[int], *, bad: Iterable[Place] = (), units: Iterable[str] = ()
) -> list[Fault]:
    """What is wrong with a part that has a serial of its own, besides what is of a lot. `route`: the stations at which
    its product is made and inspected, `seen`: ids of those that it passed, `bad`: those that found it bad; `units`: the
    codes of the units in which it is already."""
    missing = [each.code for each in route if each.tells and each.id not in seen]
    told = {Wrong.SKIPPED: missing, Wrong.FAILED: [each.code for each in bad], Wrong.USED_PART: [*units]}
    return [Fault(word, ", ".join(about)) for word, about in told.items() if about]


def of_parts(asked: Iterable[str], in_use: Collection[str]) -> list[Fault]:
    """Which materials a unit should have and none was scanned of."""
    return [Fault(Wrong.NO_PART, material) for material in asked if material not in in_use]
