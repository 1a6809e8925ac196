"""What checks, hours and people are called on screen and in reports."""

from __future__ import annotations

from desktop.domain.daily_rows import CheckRow
from desktop.domain.figures.line import HourRow
from desktop.text import N_, _
from desktop.wording.measuring import PIECES, SAMPLE_STATES, SAMPLES
from desktop.wording.moments import span_words
from desktop.wording.states import hour_loss_word

CHECK_STATES = {
    "due": N_("due"), "late": N_("late"), "missed": N_("missed"), "good": N_("Fine"), "bad": N_("Not OK"),
}  # fmt: skip
EVERY = {"shift": N_("Each shift"), "day": N_("Each day"), "week": N_("Each week")}
#: what is usually wrong with a machine, and with a piece
_FAULTS = (
    N_("Leak"), N_("Loose"), N_("Worn"), N_("Damaged"), N_("Dirty"), N_("Noise or vibration"), N_("Below the level"),
    N_("Does not work"), N_("Something else"),
)  # fmt: skip
_PIECE_FAULTS = (
    N_("Dimension out of tolerance"), N_("Surface defect"), N_("Burr"), N_("Wrong or missing part"),
    N_("Wrong setting"), N_("Something else"),
)  # fmt: skip
#: why an hour missed its target where no stop says so
_GAPS = (
    N_("Rejects"), N_("Slow cycles"), N_("Short stops"), N_("People missing"), N_("Material missing"),
    N_("First time made"), N_("Something else"),
)  # fmt: skip


def state_word(row: CheckRow) -> str:
    """How far a check is."""
    return _((SAMPLE_STATES if row.kind == "sample" else CHECK_STATES)[row.state])


def every_word(row: CheckRow) -> str:
    """How often a check comes: each shift, day or week; of a piece which one it is; of a sample which or how often."""
    if row.kind == "sample":
        return _(SAMPLES[row.every])
    return _(PIECES[row.kind]) if row.kind in PIECES else _(EVERY[row.every])


def occasion_words(row: CheckRow, zone: str) -> str:
    """For when a check is: of a sample its hour or piece, else as `every_word`."""
    if row.kind == "sample" and row.every == "hour":
        return span_words(row.start_ms, row.end_ms, zone)
    return every_word(row)


def limits_words(row: CheckRow) -> str:
    """The limits of a value with its unit: "0.4 to 0.6 MPa"; "" for what has none."""
    if row.kind != "value":
        return ""
    low, high = (None if each is None else f"{each:g}" for each in (row.low, row.high))
    if low and high:
        words = _("{low} to {high}").format(low=low, high=high)
    elif low or high:
        words = _("at least {low}").format(low=low) if low else _("at most {high}").format(high=high)
    else:
        return row.unit
    return f"{words} {row.unit}".strip()


def value_words(row: CheckRow) -> str:
    """A value that was read with its unit, "" for none; of a sample how much of it there is."""
    if row.kind == "sample":
        return _("{taken} of {wanted} measured").format(taken=row.taken, wanted=row.wanted)
    return "" if row.value is None else f"{row.value:g} {row.unit}".strip()


def note_words(row: CheckRow) -> str:
    """What was said of a check; of a sample that was missed whether somebody acknowledged that."""
    return row.note or (_("acknowledged") if row.kind == "sample" and row.state == "missed" and row.done_ms else "")


def faults(row: CheckRow) -> tuple[str, ...]:
    """What may be wrong with what is checked, as choices."""
    return tuple(_(words) for words in (_PIECE_FAULTS if row.kind in PIECES else _FAULTS))


def gap_reasons(row: HourRow, causes: tuple[str, ...]) -> tuple[str, ...]:
    """Why an hour may have missed its target: what it stood for first, the rest of what is usual after it."""
    loss, unlabelled = hour_loss_word(row)
    known = [*causes, *([loss] if loss and not unlabelled else [])]
    return tuple(dict.fromkeys([*known, *(_(words) for words in _GAPS)]))
