"""What the page of labels shows."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.figures.head import CollectorNow, PlantHead
from desktop.domain.labels import Contents, Issued, LabelProduct, Printer


class LabelsNow(Struct, frozen=True):
    """Products, those that labels were printed for last first; the printer; what stands on labels; the numbers issued
    last, the newest first; and the day by which numbers are made."""

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    products: tuple[LabelProduct, ...]
    printer: Printer
    contents: Contents
    recent: tuple[Issued, ...]
    on: date
