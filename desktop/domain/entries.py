"""What people say of a machine or a stop. An entry is never changed: another one takes it back.

Each kind is a struct whose tag is its name in the file. All of them tell a machine (0: the line) and a time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain.adjust import ADDED, Booking, BookingKind
from desktop.domain.events import Thing
from desktop.domain.intervals import Interval, Window
from desktop.domain.making import Run
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


class Ordered(Struct, frozen=True, tag="order"):
    """A machine works on an order from `start_ms` on: until `end_ms` (OPEN_MS: until the next one or its end is said).

    `quantity` pieces are wanted, None where nobody said. `rework`: its pieces passed before.
    """

    machine: int
    start_ms: int
    end_ms: int
    order: str
    product: int
    quantity: int | None = None
    rework: bool = False


class OrderEnded(Struct, frozen=True, tag="order_end"):
    """Nothing is made on a machine any more from `start_ms` on, for no order."""

    machine: int
    start_ms: int
    end_ms: int
    order: str = ""


class Changed(Struct, frozen=True, tag="changeover"):
    """A machine is changed over from `start_ms` on, to `product` (None: not said yet)."""

    machine: int
    start_ms: int
    end_ms: int
    product: int | None = None


class FirstPiece(Struct, frozen=True, tag="first_piece"):
    """A piece was looked at: the first (초물), one in the middle (중물) or the last (종물). A `good` first one ends a
    changeover; the two others end none."""

    machine: int
    start_ms: int
    end_ms: int
    good: bool
    note: str = ""
    which: Literal["first", "middle", "last"] = "first"


class Booked(Struct, frozen=True, tag="pieces"):
    """So many pieces made about `start_ms` were not what they were counted as; a negative number takes some back.

    `kind` is one of `adjust.BookingKind`, `reason` one of the scrap reasons, `product` None: the only one made then.
    Of pieces that were not counted `start_ms` to `end_ms` may be the time in which they were made.
    """

    machine: int
    start_ms: int
    end_ms: int
    kind: BookingKind
    pieces: int
    reason: int | None = None
    product: int | None = None
    note: str = ""


class Note(Struct, frozen=True, tag="note"):
    """Words to the next shift (전달사항)."""

    machine: int
    start_ms: int
    end_ms: int
    text: str


class Action(Struct, frozen=True, tag="action"):
    """Something that is left open: it comes back at every handover until somebody closes it. `due_ms` None: no date."""

    machine: int
    start_ms: int
    end_ms: int
    text: str
    owner: str = ""
    due_ms: int | None = None


class ActionClosed(Struct, frozen=True, tag="action_closed"):
    """The open item of the entry `action` is done."""

    machine: int
    start_ms: int
    end_ms: int
    action: int
    text: str = ""


class SafetyKind(StrEnum):
    """What happened; NONE: somebody says that nothing did."""

    INCIDENT = "incident"
    NEAR_MISS = "near_miss"
    ESTOP = "estop"
    NONE = "none"


class Safety(Struct, frozen=True, tag="safety"):
    """Safety in a shift."""

    machine: int
    start_ms: int
    end_ms: int
    kind: SafetyKind
    text: str = ""


class FourM(Struct, frozen=True, tag="four_m"):
    """A change of man, machine, material or method (4M 변경): `what` is one of these words."""

    machine: int
    start_ms: int
    end_ms: int
    what: Literal["man", "machine", "material", "method"]
    text: str


class Signed(Struct, frozen=True, tag="signed"):
    """The person of the entry has signed the report of the shift of this time."""

    machine: int
    start_ms: int
    end_ms: int
    role: Literal["outgoing", "incoming", "approver"]


class Closed(Struct, frozen=True, tag="closed"):
    """The shift of this time is closed (마감): what is said of it afterwards makes a new revision."""

    machine: int
    start_ms: int
    end_ms: int


class Attended(Struct, frozen=True, tag="attended"):
    """Somebody was there in this time (OPEN_MS: still is), on the line: `person` of the register."""

    machine: int
    start_ms: int
    end_ms: int
    person: int


class Placed(Struct, frozen=True, tag="placed"):
    """Somebody was at a machine in this time (OPEN_MS: still is); 0: there, and at no machine (material, a meeting)."""

    machine: int
    start_ms: int
    end_ms: int
    person: int


class Called(Struct, frozen=True, tag="call"):
    """Somebody called for help at a machine: `what` is maintenance, material or quality. `end_ms` is OPEN_MS: it ends
    with its last phase."""

    machine: int
    start_ms: int
    end_ms: int
    what: str


class Phase(Struct, frozen=True, tag="phase"):
    """A call goes on: `what` is "seen" (somebody answered), "begun" (repair began, or help is there) or "over" (fixed).
    `call` is the id of its entry."""

    machine: int
    start_ms: int
    end_ms: int
    call: int
    what: str


class Left(Struct, frozen=True, tag="left"):
    """Somebody is at a machine no more from `start_ms` on; machine 0: not there any more, and at no machine.

    It ends what was said of that person before it and holds at that moment.
    """

    machine: int
    start_ms: int
    end_ms: int
    person: int


class Checked(Struct, frozen=True, tag="checked"):
    """An item of the daily check (일상점검) was looked at: `item` of the register, for a machine (0: the line).

    `value` in the unit of the item, None for one that is only right or wrong. `note`: what was not right.
    """

    machine: int
    start_ms: int
    end_ms: int
    item: int
    good: bool
    value: float | None = None
    note: str = ""


class HourConfirmed(Struct, frozen=True, tag="hour"):
    """The hour from `start_ms` to `end_ms` is confirmed: `reason` is why it missed its target, "" where it did not."""

    machine: int
    start_ms: int
    end_ms: int
    reason: str = ""


class Measured(Struct, frozen=True, tag="measured"):
    """A value of a characteristic of the register that somebody measured and entered by hand, of a unit by its code
    ("": of none that is known)."""

    machine: int
    start_ms: int
    end_ms: int
    characteristic: int
    value: float
    unit: str = ""


class Excluded(Struct, frozen=True, tag="excluded"):
    """A value stays where it is and is left out of the chart of a characteristic: `result` is the id of the fact or of
    the entry by hand, `start_ms` when it was measured. Why says the entry."""

    machine: int
    start_ms: int
    end_ms: int
    characteristic: int
    result: int


class ChartLimits(Struct, frozen=True, tag="chart_limits"):
    """The limits of a characteristic's chart (관리한계) are frozen from `start_ms` on, until the next version: `centre`
    and the `sigma` of single values within subgroups of `n`, of the `values` from `from_ms` and before `to_ms`.

    `chart` is a `spc.ChartKind`, `rules` are the `spc.Rule`s that the points are held against.
    """

    machine: int
    start_ms: int
    end_ms: int
    characteristic: int
    version: int
    chart: Literal["i_mr", "xbar_r", "xbar_s"]
    centre: float
    sigma: float
    n: int
    values: int
    from_ms: int
    to_ms: int
    rules: tuple[str, ...] = ("n1", "n2")


class Calibrated(Struct, frozen=True, tag="calibrated"):
    """A gauge (측정기) was calibrated or checked at `start_ms` and holds until `end_ms` (OPEN_MS: no date is set).

    Not `good`: what it measured since it was last found good is in doubt.
    """

    machine: int
    start_ms: int
    end_ms: int
    gauge: int
    good: bool
    note: str = ""


class Held(Struct, frozen=True, tag="held"):
    """Something is held (보류, 격리) from `start_ms` on, until each of its things is disposed of.

    `things`: units, lots, boxes or pallets. Without them a rule: the units that were at the machine, or were
    measured by these `signals`, from `since_ms` and before `until_ms`. `because`: the entry that made it, 0 for a
    person's own word.
    """

    machine: int
    start_ms: int
    end_ms: int
    reason: str = ""
    things: tuple[Thing, ...] = ()
    signals: tuple[int, ...] = ()
    since_ms: int = 0
    until_ms: int = 0
    because: int = 0


class Disposition(StrEnum):
    """What becomes of something held: let go, mended and inspected again, let go by a customer's leave (특채), or
    thrown away."""

    RELEASE = "release"
    REWORK = "rework"
    CONCESSION = "concession"
    SCRAP = "scrap"


class Disposed(Struct, frozen=True, tag="disposed"):
    """What becomes of `things` of the hold of an entry, empty: of all that it holds.

    Of a concession the number that the customer gave, for how many pieces (None: all) and before which moment (None:
    for good); of scrap its reason of the register.
    """

    machine: int
    start_ms: int
    end_ms: int
    hold: int
    what: Disposition
    things: tuple[Thing, ...] = ()
    reason: int | None = None
    number: str = ""
    quantity: int | None = None
    expires_ms: int | None = None
    note: str = ""


class Replaced(Struct, frozen=True, tag="replaced"):
    """A part of a unit was replaced: `old` came out of it and `new` went in."""

    machine: int
    start_ms: int
    end_ms: int
    unit: Thing
    old: Thing
    new: Thing
    note: str = ""


class Joined(Struct, frozen=True, tag="joined"):
    """Lots were merged by hand into one."""

    machine: int
    start_ms: int
    end_ms: int
    lots: tuple[Thing, ...]
    into: Thing


class Parted(Struct, frozen=True, tag="parted"):
    """A lot was split by hand into several."""

    machine: int
    start_ms: int
    end_ms: int
    lot: Thing
    into: tuple[Thing, ...]


HELP = ("maintenance", "material", "quality")
PHASES = ("seen", "begun", "over")

Said = (
    Labelled
    | Split
    | Ordered
    | OrderEnded
    | Changed
    | FirstPiece
    | Booked
    | Note
    | Action
    | ActionClosed
    | Safety
    | FourM
    | Signed
    | Closed
    | Attended
    | Placed
    | Called
    | Phase
    | Left
    | Checked
    | HourConfirmed
    | Measured
    | Excluded
    | ChartLimits
    | Calibrated
    | Held
    | Disposed
    | Replaced
    | Joined
    | Parted
)
#: what says what went into what, besides scans
OF_LINKS = Replaced | Joined | Parted
#: what changes figures of the shift that it speaks of
OF_FIGURES = Labelled | Split | Ordered | OrderEnded | Changed | FirstPiece | Booked
#: what stands on the page of that shift: said after its closing it makes another revision. A signature makes one
#: only where it is taken back
OF_REPORT = (
    OF_FIGURES | Note | Action | Safety | FourM | Attended | Placed | Left | Checked | HourConfirmed | Called | Phase
)


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


def of(entries: Iterable[Entry], machine: int) -> tuple[Entry, ...]:
    """Everything that was said of a machine, in the order of saying."""
    return tuple(sorted((e for e in entries if e.said.machine == machine), key=lambda entry: entry.id))


def runs(entries: Iterable[Entry], until_ms: int) -> tuple[Run, ...]:
    """What a machine made by its orders: each holds until its end, the next one's start or the end that was said, the
    last at most until `until_ms`."""
    told = sorted(
        (e for e in entries if isinstance(e.said, Ordered | OrderEnded)), key=lambda e: (e.said.start_ms, e.id)
    )
    found = []
    for place, entry in enumerate(told):
        said = entry.said
        if isinstance(said, Ordered):
            following = told[place + 1].said.start_ms if place + 1 < len(told) else until_ms
            span = Span(said.start_ms, max(said.start_ms, min(said.end_ms, following)))
            found.append(Run(entry.id, said.machine, span, said.product, said.order, said.rework))
    return tuple(found)


class Changing(Struct, frozen=True):
    """A time in which a machine was changed over, as `changeover.setup_window` takes it.

    `approved_ms`: when its first piece was found good (None: not yet); `product`: to what (None: nobody said).
    """

    window: Window
    approved_ms: int | None
    product: int | None


def changeovers(entries: Iterable[Entry], until_ms: int) -> tuple[Changing, ...]:
    """When a machine was changed over, at most until a moment. One ends with the next one."""
    told = sorted(
        ((e.id, said) for e in entries if isinstance(said := e.said, Changed)), key=lambda e: (e[1].start_ms, e[0])
    )
    first = (e.said for e in entries if isinstance(e.said, FirstPiece) and e.said.which == "first")
    good = sorted(said.start_ms for said in first if said.good)
    found = []
    for place, (number, said) in enumerate(told):
        following = told[place + 1][1].start_ms if place + 1 < len(told) else until_ms
        span = Span(said.start_ms, max(said.start_ms, min(said.end_ms, following)))
        behind = good[bisect_left(good, span.start_ms) :][:1]
        approved = behind[0] if behind and span.holds(behind[0]) else None
        found.append(Changing(Window(span, number), approved, said.product))
    return tuple(found)


TOLD_MS = 2 * 3_600_000
APPROVED_MS = 900_000


def set_up_for(entries: Iterable[Entry], runs: Iterable[Run], machine: int, until_ms: int) -> tuple[Run, ...]:
    """What a machine is changed over to, from the beginning of the changeover until an order or a device tells what is
    made: what was said, else what the first of these `runs` in it makes, where that begins while it is set up: within
    `TOLD_MS`, or `APPROVED_MS` after its first piece was found good. An order may begin later without a changeover.
    """
    told = sorted(runs, key=lambda run: (run.span.start_ms, run.id))
    found = []
    for each in changeovers([e for e in entries if e.said.machine == machine], until_ms):
        span = each.window.span
        first = next((run for run in told if span.holds(run.span.start_ms)), None)
        end_ms = span.end_ms if first is None else first.span.start_ms
        product, latest_ms = each.product, span.start_ms + TOLD_MS
        if each.approved_ms is not None:
            latest_ms = each.approved_ms + APPROVED_MS
        if product is None and first is not None and first.span.start_ms <= latest_ms:
            product = first.product
        if product is not None and end_ms > span.start_ms:
            found.append(Run(each.window.event, machine, Span(span.start_ms, end_ms), product))
    return tuple(found)


def bookings(entries: Iterable[Entry]) -> tuple[Booking, ...]:
    """The pieces that people corrected."""
    return tuple(booking(e.id, s, e.at_ms) for e in entries if isinstance(s := e.said, Booked))


def booking(number: int, said: Booked, at_ms: int) -> Booking:
    """Corrected pieces as `adjust` takes them."""
    until_ms = said.end_ms if said.kind in ADDED and said.end_ms > said.start_ms else None
    return Booking(
        number, said.machine, said.kind, said.pieces, said.start_ms, at_ms, said.reason, said.product, until_ms
    )


def splits(entries: Iterable[Entry]) -> dict[int, tuple[int, ...]]:
    """The moments at which the stops of each machine were split, in order."""
    found: dict[int, set[int]] = {}
    for entry in entries:
        if isinstance(entry.said, Split):
            found.setdefault(entry.said.machine, set()).add(entry.said.start_ms)
    return {machine: tuple(sorted(moments)) for machine, moments in found.items()}


class Call(Struct, frozen=True):
    """A call for help and how far it has come, as moments; None for what has not been yet."""

    entry: int
    machine: int
    what: str
    who: str
    called_ms: int
    seen_ms: int | None = None
    begun_ms: int | None = None
    over_ms: int | None = None
    last: int = 0  # the entry of the last phase, by which that is taken back

    @property
    def phase(self) -> str:
        """The last phase that was told, "" where nobody answered."""
        told = (self.seen_ms, self.begun_ms, self.over_ms)
        return next((PHASES[n] for n in (2, 1, 0) if told[n] is not None), "")


def calls(entries: Iterable[Entry]) -> tuple[Call, ...]:
    """All calls for help in the order of calling, each with its phases. Where several called for the same help at the
    same machine while it was not over they are one call."""
    found: dict[int, Call] = {}
    standing: dict[tuple[int, str], int] = {}
    told = (entry for entry in entries if isinstance(entry.said, Called | Phase))
    for entry in sorted(told, key=lambda each: each.id):
        said = entry.said
        if isinstance(said, Called):
            place = (said.machine, said.what)
            before = found.get(standing.get(place, 0))
            if before is None or before.over_ms is not None:
                found[entry.id] = Call(entry.id, said.machine, said.what, entry.who, said.start_ms)
                standing[place] = entry.id
        elif isinstance(said, Phase) and said.call in found and said.what in PHASES:
            found[said.call] = replace(found[said.call], last=entry.id, **{f"{said.what}_ms": said.start_ms})
    return tuple(found.values())
