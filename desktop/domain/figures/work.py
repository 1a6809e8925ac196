"""Orders, changeovers and rejects, as the Work screen shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.entries import Said
from desktop.domain.events import State
from desktop.domain.figures.head import CollectorNow, PlantHead
from desktop.domain.intervals import Category
from desktop.domain.plant import ScrapReason
from desktop.domain.spans import Span

if TYPE_CHECKING:
    pass


class OrderNow(Struct, frozen=True):
    """An order as far as it is. `quantity` None: nobody said how many. `code` "": only a product was named.

    `made` counts good pieces of first passes, accepted ones of set-ups and good ones of rework; `in_shift` those of the
    shift. `planned`: what the plan wanted when the shift began, None where the order was not in it. `status`: running
    (on the machine that is asked for), open, done or cancelled. `finish_ms`: when it will be done, `by_standard`: by
    the standard cycle, for want of an hour's pace.
    """

    code: str
    product: int
    product_code: str
    product_name: str
    lot: str
    kind: str
    quantity: int | None
    machine_name: str  # "" for one of the whole line
    due_ms: int | None
    made: int
    in_shift: int
    remaining: int | None
    over: int
    finish_ms: int | None
    late_ms: int | None
    status: str
    started_ms: int | None = None
    planned: int | None = None
    by_standard: bool = False
    by_hand: int = 0  # so many of `made` no counter saw: a person keyed them in


class ChangeoverRow(Struct, frozen=True):
    """A changeover. `end_ms` None: it goes on; names are "" where nobody said which product it was."""

    machine: int
    machine_code: str
    machine_name: str
    start_ms: int
    end_ms: int | None
    length_ms: int
    from_name: str
    to_name: str
    first_good_ms: int | None
    refused: int
    entry: int


class FromToRow(Struct, frozen=True):
    """How long it took to change from one product to another."""

    from_name: str
    to_name: str
    count: int
    median_ms: int
    best_ms: int


class ScrapRow(Struct, frozen=True):
    """Pieces that people corrected: rejects by reason (`kind` reject), or pieces that were none (empty_stroke,
    master_piece). `reason` "": nobody said one."""

    kind: str
    reason: str
    pieces: int


class WorkMachine(Struct, frozen=True):
    """A machine in the list of the Work screen: what it does and for which order."""

    id: int
    code: str
    name: str
    state: State
    category: Category
    since_ms: int
    order: str
    product_name: str
    made: int
    quantity: int | None
    asks_reason: bool = False


class EnteredRow(Struct, frozen=True):
    """Something that was said at a machine and can be taken back. `product` is a code, `reason` a name or a note."""

    entry: int
    said: Said
    at_ms: int
    who: str
    reason: str = ""
    product: str = ""


class WorkNow(Struct, frozen=True):
    """Everything the Work screen shows of a machine at one moment; `machine` None: there is none.

    `products`: what else it may make, id and name. `counts_rejects`: it counts its rejects itself. `hours`: those of
    the shift that have begun, latest first. `before`: the shift before, to which late rejects may belong.
    """

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    machines: tuple[WorkMachine, ...]
    machine: int | None = None
    orders: tuple[OrderNow, ...] = ()
    setup: ChangeoverRow | None = None
    products: tuple[tuple[int, str, str], ...] = ()
    scrap_reasons: tuple[ScrapReason, ...] = ()
    counts_rejects: bool = False
    hours: tuple[Span, ...] = ()
    before: Shift | None = None
    entered: tuple[EnteredRow, ...] = ()
    changeovers: tuple[ChangeoverRow, ...] = ()
    matrix: tuple[FromToRow, ...] = ()
    good: int | None = None
    reject: int | None = None
    late_plan: bool = False
    makings: tuple[tuple[Span, int | None], ...] = ()  # what was made when, from the shift before on
    by_hand: int = 0  # so many pieces of the shift no counter saw: a person keyed them in
    blind: tuple[Span, ...] = ()  # times without data of this shift and the one before, the latest first
    in_rework: int = 0  # pieces that were sent to rework and did not come out of it yet

    def product_at(self, at_ms: int) -> int | None:
        """What was made at a moment; None where that is not known."""
        return next((product for span, product in self.makings if span.holds(at_ms)), None)

    @property
    def running(self) -> OrderNow | None:
        """The order that the machine works on."""
        return next((order for order in self.orders if order.status == "running"), None)
