"""Labels 라벨: which products there are, their next numbers, the printer, and what was printed last."""

from __future__ import annotations

import re
from datetime import date, datetime

from desktop.domain import numbering
from desktop.domain.barcode import classify
from desktop.domain.events import Role, Thing
from desktop.domain.figures.labels import LabelsNow
from desktop.domain.labels import KINDS, LabelProduct
from desktop.domain.plant import Plant, Product
from desktop.domain.spans import Span
from desktop.store import labels, latest, orders, register, seen
from desktop.store.database import Store
from desktop.summaries.now import Live
from desktop.summaries.trace.places import Orders

_LOTS_BACK = 100  # among so many scans of lots at a machine are those in use there


def labels_now(live: Live, store: Store, now_ms: int) -> LabelsNow:
    """What the page of labels shows at a moment."""
    line, there = live.line_now(store, now_ms), ProductsNow(store, now_ms)
    products, recent = [there.product(each) for each in there.plant.products], labels.recent(store)
    last = list(dict.fromkeys(issued.product for issued in recent))
    products.sort(key=lambda each: last.index(each.id) if each.id in last else len(last))
    return LabelsNow(
        line.head, now_ms, line.shift, line.collector, tuple(products), labels.printer(store), there.contents, recent,
        there.on,
    )  # fmt: skip


def day_of(store: Store, now_ms: int) -> date:
    """The day that stands in numbers and on labels."""
    return datetime.fromtimestamp(now_ms / 1000, register.zone(store)).date()


class ProductsNow:
    """The products as labels tell of them at a moment: next numbers, order and lot."""

    def __init__(self, store: Store, now_ms: int) -> None:
        self.plant, self.contents, self.on = register.plant(store), labels.contents(store), day_of(store, now_ms)
        self._store = store
        self._own = labels.patterns(store)
        self._running = Orders(store, Span(now_ms, now_ms)).all_at(now_ms)

    def product(self, product: Product) -> LabelProduct:
        """A product with its next numbers, its order and its lot.

        The order is the one of it that was begun last and runs now, at whatever machine. The lot is that of the order;
        where it has none the lot that was read last at that machine, if all lots in use there are of one material: of
        two it would be a guess which one a label means.
        """
        store, prefix = self._store, self.contents.company_prefix
        patterns = {kind: self._own.get((product.id, kind), numbering.USUAL[kind]) for kind in KINDS}
        if prefix:
            patterns["box"] = numbering.sscc_pattern(prefix)
        counts = {kind: labels.next_count(store, patterns[kind], product.code, self.on) for kind in KINDS}
        machine, run = max(
            ((machine, run) for machine, run in self._running if run.product == product.id),
            key=lambda each: each[1].span.start_ms,
            default=(0, None),
        )
        order = run.order if run is not None else ""
        lot = "".join(each.lot for each in orders.named(store, {order})) if order else ""
        lot = lot or (_in_use(store, self.plant, machine) if machine else "")
        return LabelProduct(product.id, product.code, product.name, product.gtin, patterns, counts, order, lot)


def _in_use(store: Store, plant: Plant, machine: int) -> str:
    """The lot in use at a machine, "" where there is none or lots of several materials are."""
    scanners = {each.id: each for each in plant.signals if each.role is Role.SCAN and each.machine == machine}
    lots = [lot for lot in latest.lots(store, machine, _LOTS_BACK) if lot.signal in scanners]
    read = {lot.code: lot.signal for lot in lots}
    materials = set()
    for code, signal in read.items():
        material = classify(code, scanners[signal].classes)[1]
        materials.add(material or dict(seen.seen(store, Thing("lot", code)).attributes).get("gtin", ""))
    # a code that tells its product, as `Identity.full_code` writes it, ends with the lot
    return re.sub(r"^\(01\)\d{14}\(10\)", "", lots[0].code) if len(materials) == 1 else ""
