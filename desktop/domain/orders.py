"""Orders of the plan (작업지시): what is to be made, how far it is and when it will be done. What changeovers took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from desktop.domain import targets
from desktop.domain.calendar import Shift
from desktop.domain.spans import Span

_LEAST_PACE_MS = 600_000  # below ten minutes of work a pace says nothing
_NEVER = 1 << 62


class OrderKind(StrEnum):
    """What an order is for."""

    MASS = "mass"  # 양산
    TRIAL = "trial"  # 시작
    REWORK = "rework"  # 재작업: its pieces passed before


class OrderStatus(StrEnum):
    """What the plan says of an order; that it runs is what people say at the machine."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Order(Struct, frozen=True):
    """So many pieces of a product, to be made on a machine (None: on the line) in a shift of a day.

    `planned_on` None: no day was named, `shift` "": any of the day. `place`: in which order they are made. `due_ms`:
    when it must be done.
    """

    id: int
    code: str
    product: int
    quantity: int
    lot: str = ""
    due_ms: int | None = None
    kind: OrderKind = OrderKind.MASS
    machine: int | None = None
    planned_on: date | None = None
    shift: str = ""
    place: int = 0
    status: OrderStatus = OrderStatus.OPEN

    def is_for(self, machine: int) -> bool:
        """Whether a machine may work on it."""
        return self.machine in (None, machine)

    def is_planned_in(self, shift: Shift) -> bool:
        """Whether it was planned for this shift."""
        return self.planned_on == shift.business_on and self.shift in ("", shift.name)


class OrderVersion(Struct, frozen=True):
    """An order as it was entered at a moment; `retired`: it was taken out of the plan then."""

    entered_at_ms: int
    order: Order
    retired: bool = False


class ShiftPlan(Struct, frozen=True):
    """The orders of a shift: as the plan stood when it began (`frozen`), and as it stands now (`adjusted`).

    `late`: nothing was planned when it began; then the first plan that was entered in it is the frozen one.
    """

    frozen: tuple[Order, ...]
    adjusted: tuple[Order, ...]
    late: bool = False


def in_sequence(orders: Iterable[Order]) -> tuple[Order, ...]:
    """Orders as they are to be made: by day, place, due moment."""
    return tuple(
        sorted(
            orders, key=lambda o: (o.planned_on or date.max, o.place, _NEVER if o.due_ms is None else o.due_ms, o.id)
        )
    )


def as_of(versions: Iterable[OrderVersion], at_ms: int) -> tuple[Order, ...]:
    """The orders as the plan stood at a moment, in sequence: without those that were taken out or cancelled."""
    last: dict[int, OrderVersion] = {}
    for version in sorted(versions, key=lambda version: version.entered_at_ms):
        if version.entered_at_ms <= at_ms:
            last[version.order.id] = version
    return in_sequence(
        each.order for each in last.values() if not each.retired and each.order.status is not OrderStatus.CANCELLED
    )


def shift_plan(versions: Sequence[OrderVersion], shift: Shift, now_ms: int) -> ShiftPlan:
    """What was planned for a shift when it began, and what is planned for it now (or was when it ended)."""

    def stood(at_ms: int) -> tuple[Order, ...]:
        return tuple(order for order in as_of(versions, at_ms) if order.is_planned_in(shift))

    frozen, late = stood(shift.span.start_ms), False
    if not frozen:
        entered = sorted({v.entered_at_ms for v in versions if shift.span.start_ms < v.entered_at_ms <= now_ms})
        frozen = next((found for at_ms in entered if (found := stood(at_ms))), ())
        late = bool(frozen)
    return ShiftPlan(frozen, stood(min(now_ms, shift.span.end_ms)), late)


class Progress(Struct, frozen=True):
    """How far an order is. `over`: so many pieces more than wanted (과잉 생산). `finish_ms`: when it will be done, None
    where nobody can tell; `late_ms`: so much after it is due, 0 where it is in time, None where that is not known.
    """

    made: int
    remaining: int
    over: int
    finish_ms: int | None
    late_ms: int | None


def progress(
    quantity: int, made: int, now_ms: int, pace_ms: float | None, busy: Iterable[Span], due_ms: int | None = None
) -> Progress:
    """How far an order is with so many pieces made, at a pace (net working time a piece) in the `busy` time to come."""
    remaining = max(quantity - made, 0)
    finish_ms = targets.finish(remaining, pace_ms, now_ms, busy)
    late_ms = None if finish_ms is None or due_ms is None else max(finish_ms - due_ms, 0)
    return Progress(made, remaining, max(made - quantity, 0), finish_ms, late_ms)


def pace_ms(good: int, busy_ms: int) -> float | None:
    """Working time per good piece of the last hour net of breaks: stops are in it. None below ten minutes of work and
    where nothing was made."""
    return busy_ms / good if good > 0 and busy_ms >= _LEAST_PACE_MS else None


class Changeover(Struct, frozen=True):
    """A machine changed over: `end_ms` None where that goes on. Products are None where nobody said which.

    `first_good_ms`: when the first piece was found good (초물 합격), `refused` how often it was not. `entry`: what
    people said of it, 0 where only the machine did.
    """

    machine: int
    start_ms: int
    end_ms: int | None
    from_product: int | None
    to_product: int | None
    first_good_ms: int | None = None
    refused: int = 0
    entry: int = 0


class FromTo(Struct, frozen=True):
    """What it takes to change from one product to another: how often that was done, the median and the best of it."""

    from_product: int
    to_product: int
    count: int
    median_ms: int
    best_ms: int


def matrix(changeovers: Iterable[Changeover]) -> tuple[FromTo, ...]:
    """From what to what changeovers went, the most frequent first. Those that go on or whose products are not known
    are left out."""
    from statistics import median  # slow to import, and the first picture asks for no matrix

    lengths: dict[tuple[int, int], list[int]] = {}
    for each in changeovers:
        if each.end_ms is not None and each.from_product is not None and each.to_product is not None:
            lengths.setdefault((each.from_product, each.to_product), []).append(each.end_ms - each.start_ms)
    found = [FromTo(*pair, len(each), round(median(each)), min(each)) for pair, each in lengths.items()]
    return tuple(sorted(found, key=lambda row: (-row.count, -row.median_ms, row.from_product, row.to_product)))
