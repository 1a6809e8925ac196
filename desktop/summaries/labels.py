"""Labels 라벨: which products there are, their next numbers, the printer, and what was printed last."""

from __future__ import annotations

from datetime import datetime

from desktop.domain import numbering
from desktop.domain.figures.labels import LabelsNow
from desktop.domain.labels import LabelProduct
from desktop.store import labels, register
from desktop.store.database import Store
from desktop.summaries.now import Live

KINDS = ("unit", "box")


def labels_now(live: Live, store: Store, now_ms: int) -> LabelsNow:
    """What the page of labels shows at a moment."""
    line, plant = live.line_now(store, now_ms), register.plant(store)
    on = datetime.fromtimestamp(now_ms / 1000, register.zone(store)).date()
    own = labels.patterns(store)
    products = []
    for each in plant.products:
        patterns = {kind: own.get((each.id, kind), numbering.USUAL[kind]) for kind in KINDS}
        counts = {kind: labels.next_count(store, patterns[kind], each.code, on) for kind in KINDS}
        products.append(LabelProduct(each.id, each.code, each.name, each.gtin, patterns, counts))
    recent = labels.recent(store)
    last = list(dict.fromkeys(issued.product for issued in recent))
    products.sort(key=lambda each: last.index(each.id) if each.id in last else len(last))
    return LabelsNow(
        line.head, now_ms, line.shift, line.collector, tuple(products), labels.printer(store), recent, on,
        plant.line,
    )  # fmt: skip
