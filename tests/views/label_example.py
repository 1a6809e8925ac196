"""What the page of labels shows in tests and pictures."""

from __future__ import annotations

from datetime import date

from desktop.domain import numbering
from desktop.domain.figures.labels import LabelsNow
from desktop.domain.labels import Contents, Issued, LabelProduct, Printer
from tests.views import example

ON = date(2026, 11, 19)
PORT = "socket://192.168.0.60:9100"


def labels(printer: Printer | None = None, contents: Contents | None = None) -> LabelsNow:
    """Three products; a unit that was printed twice, one whose printer did not answer, and a box."""
    words = (
        (1, "VH-204", "밸브 하우징", "8801234567893"),
        (2, "VH-205", "밸브 하우징 대형", ""),
        (3, "SC-11", "실린더 캡", ""),
    )
    products = tuple(
        LabelProduct(key, code, name, gtin, dict(numbering.USUAL), {"unit": 5, "box": 2}, "WO-1107", "L-2611-07")
        for key, code, name, gtin in words
    )
    at_ms = example.START + 3_600_000
    values = {"code": "", "product": "VH-204", "name": "밸브 하우징", "date": ON.isoformat(), "gtin": "08801234567893"}
    fault = f"{PORT}에서 응답하는 프린터가 없습니다."
    recent = (
        Issued(7, "box", 1, "BX-VH-204-261119-001", at_ms, "김정호", {**values, "quantity": "24 EA"}, 1, at_ms),
        Issued(6, "unit", 1, "VH-204-261119-0004", at_ms, "김정호", values, 1, at_ms, "", fault),
        Issued(5, "unit", 1, "VH-204-261119-0003", at_ms, "", values),
        Issued(4, "unit", 1, "VH-204-261119-0002", at_ms, "김정호", values, 2, at_ms + 60_000, "라벨 훼손"),
    )
    line = example.LINE
    printer = Printer(port=PORT) if printer is None else printer
    return LabelsNow(
        line.head, line.now_ms, line.shift, line.collector, products, printer,
        contents or Contents(), recent, ON,
    )  # fmt: skip
