"""Words of labels: what their lines tell."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain.labels import Line
from desktop.text import N_, _

KIND_WORDS = (("unit", N_("Unit label")), ("box", N_("Box label")))
FIELD_WORDS: Mapping[str, str] = {
    "name": N_("Product name"),
    "product": N_("Item no."),
    "code": N_("Label number"),
    "order": N_("Work order"),
    "lot": N_("Lot"),
    "date": N_("Date"),
    "quantity": N_("Pieces inside"),
    "customer_part": N_("Customer's no."),
    "gtin": N_("GTIN"),
}


def line_words(line: Line) -> str:
    """A line in words: its own, and what it tells."""
    words = [f"“{line.words}”"] if line.words else []
    return " · ".join([*words, *(_(FIELD_WORDS[each]) for each in line.fields)]) or _("Empty line")
