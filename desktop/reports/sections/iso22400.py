"""The section of the report that divides the shift as ISO 22400-2 does."""

from __future__ import annotations

from desktop.domain.figures.report import ShiftReport
from desktop.reports.blocks import Block, Column, Heading, Kind, Run, Sentences, Table
from desktop.reports.derived import from_to
from desktop.reports.sentences import flag_sentences
from desktop.text import N_, _

# field, name, formula
_RATIOS = (
    ("availability", N_("Availability"), "APT / PBT"),
    ("effectiveness", N_("Effectiveness"), "PRI × PQ / APT"),
    ("quality", N_("Quality ratio"), "GQ / PQ"),
    ("oee", N_("OEE"), "PRI × GQ / PBT"),
    ("nee", N_("NEE: set-up is no loss"), "AUPT / PBT × E × Q"),
    ("utilisation_efficiency", N_("Utilisation efficiency"), "APT / AUBT"),
    ("allocation_efficiency", N_("Allocation efficiency"), "AUBT / PBT"),
    ("technical_efficiency", N_("Technical efficiency"), "APT / (APT + ADET)"),
    ("setup_ratio", N_("Setup ratio"), "AUST / AUPT"),
    ("scrap_ratio", N_("Scrap ratio"), "SQ / PQ"),
    ("rework_ratio", N_("Rework ratio"), "RQ / PQ"),
)
_OF_ORDERS = (
    ("allocation_ratio", N_("Allocation ratio"), "AUBT / AOET"),
    ("production_process_ratio", N_("Production process ratio"), "APT / AOET"),
)
_TIMES = (
    ("pot_ms", "POT", N_("Planned operation time")),
    ("pbt_ms", "PBT", N_("Planned busy time, observed")),
    ("adot_ms", "ADOT", N_("No order")),
    ("aubt_ms", "AUBT", N_("Unit busy time")),
    ("adet_ms", "ADET", N_("Stops, short stops and waiting")),
    ("aupt_ms", "AUPT", N_("Unit processing time")),
    ("aust_ms", "AUST", N_("Setup")),
    ("apt_ms", "APT", N_("Production")),
)
_PIECES = (
    ("produced", "PQ", N_("All pieces")),
    ("good", "GQ", N_("Good")),
    ("scrap", "SQ", N_("Scrap")),
    ("rework", "RQ", N_("To be reworked")),
)


def indicators(report: ShiftReport) -> list[Block]:
    """The same shift as ISO 22400-2 divides it, for those who report by the standard."""
    known = [(row, row.iso) for row in report.machines if row.iso is not None]
    if not known:
        return []
    orders = any(iso.elements.aoet_ms for _row, iso in known)
    names = (Column(_("Machine"), strong=True), Column(_("Code")))
    kpis = (*_RATIOS, *(_OF_ORDERS if orders else ()))
    ratios = Table(
        (
            *names,
            *(Column(_(title), Kind.RATIO, title == "OEE", formula) for _name, title, formula in kpis),
            *((Column(_("Throughput rate"), Kind.PIECES, note="PQ / AOET"),) if orders else ()),
        ),
        tuple(
            (
                row.name,
                row.code,
                *(getattr(iso, name) for name, _title, _formula in kpis),
                *((iso.throughput_per_h,) if orders else ()),
            )
            for row, iso in known
        ),
    )
    elements = Table(
        (
            *names,
            *(Column(symbol, Kind.MINUTES, note=_(words)) for _name, symbol, words in _TIMES),
            *(Column(symbol, Kind.PIECES, note=_(words)) for _name, symbol, words in _PIECES),
        ),
        tuple(
            (
                row.name,
                row.code,
                *(getattr(iso.elements, name) for name, _symbol, _words in _TIMES),
                *(getattr(iso.quantities, name) for name, _symbol, _words in _PIECES),
            )
            for row, iso in known
        ),
    )
    said = [
        _("Short stops and set-up are no production time here: short stops lower availability, not effectiveness."),
        _("Do not put these figures into one table with those of the first page."),
    ]
    if not orders:
        said.append(_("What is compared with the execution time of an order is left out: that time is not kept."))
    said += flag_sentences([row for row, _iso in known])
    return [
        Heading(_("ISO 22400 indicators"), from_to(report.window, report.head.timezone)),
        Sentences(tuple((Run(sentence),) for sentence in said)),
        ratios,
        elements,
    ]
