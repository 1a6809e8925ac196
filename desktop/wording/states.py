"""What a machine does, why it stands, and what people say of it, in words."""

from __future__ import annotations

from desktop.domain.adjust import BookingKind
from desktop.domain.entries import Call
from desktop.domain.events import State
from desktop.domain.figures.line import HourRow
from desktop.domain.intervals import Category
from desktop.text import N_, _
from desktop.wording.numbers import lasted, minutes, pieces


def asked_from(length_ms: int) -> str:
    """From which length on a stop asks for its reason: "Asks from 5 min on"."""
    if not length_ms:
        return _("Every stop asks")
    return _("Asks from {minutes} min on").format(minutes=length_ms // 60_000)


NOT_LABELLED = N_("Not labelled")
_STATES = {
    State.RUN: N_("Running"),
    State.STOP: N_("Stopped"),
    State.FAULT: N_("Breakdown"),
    State.SETUP: N_("Setup"),
    State.STARVED: N_("Starved"),
    State.BLOCKED: N_("Blocked"),
    State.IDLE: N_("No work"),
    State.MAINTENANCE: N_("Maintenance"),
    State.UNKNOWN: N_("No data"),
    State.NO_SIGNAL: N_("No signal"),
    State.ENTERING: N_("Stopping"),
    State.LEAVING: N_("Starting"),
}
CATEGORIES = {
    Category.RUN: N_("Running"),
    Category.SHORT_STOP: N_("Short stop"),
    Category.REWORK: N_("Rework"),
    Category.STOP: N_("Stopped"),
    Category.SETUP: N_("Setup"),
    Category.WAIT: N_("Waiting"),
    Category.NO_ORDER: N_("No order"),
    Category.PLANNED: N_("Planned stop"),
    Category.NO_DATA: N_("No data"),
    Category.UNSCHEDULED: N_("No shift"),
}


def state_word(category: Category, state: State, by_count: bool = False) -> str:
    """What a machine does, in the supervisor's word. A machine that only counts stands where no piece comes."""
    if category is Category.NO_DATA and state is State.NO_SIGNAL:
        return state_name(state)
    if category in _SAID_BY_CATEGORY:
        return _(CATEGORIES[category])
    if category is Category.STOP and state is State.STOP and by_count:
        return _("No pieces")
    return state_name(state)


def cause_words(category: Category, state: State, *, labelled: bool = True) -> str:
    """Why a machine stood where nobody gave a reason: what it says itself, or that nobody said anything."""
    return state_word(category, state) if labelled else _(NOT_LABELLED)


_SAID_BY_CATEGORY = frozenset(
    {Category.NO_DATA, Category.PLANNED, Category.SHORT_STOP, Category.REWORK, Category.NO_ORDER}
)


def state_name(state: State) -> str:
    """What the machine itself says it does, whatever its time counts as."""
    return _(_STATES[state])


ORDER_KINDS = {"mass": N_("Mass production"), "trial": N_("Trial"), "rework": N_("Rework")}
ORDER_STATUSES = {
    "running": N_("In progress"), "open": N_("Open"), "done": N_("Done"), "cancelled": N_("Cancelled"),
}  # fmt: skip
_BOOKINGS = {
    BookingKind.LATE_REJECT: N_("Rejects"),
    BookingKind.EMPTY_STROKE: N_("Empty strokes"),
    BookingKind.MASTER_PIECE: N_("Master pieces"),
    BookingKind.REJECT_REASON: N_("Reject reason"),
    BookingKind.REWORK: N_("To rework"),
    BookingKind.REJECT_REWORK: N_("Rejects to rework"),
    BookingKind.REWORKED: N_("Rework good"),
    BookingKind.REWORK_SCRAP: N_("Rework scrap"),
    BookingKind.UNCOUNTED: N_("Not counted"),
    BookingKind.UNCOUNTED_REJECT: N_("Rejects not counted"),
}


def order_kind_word(kind: str) -> str:
    """What an order is for: "Trial"."""
    return _(ORDER_KINDS.get(kind, kind))


def order_status_word(status: str) -> str:
    """Where an order stands: "Done"."""
    return _(ORDER_STATUSES.get(status, status))


def booking_word(kind: BookingKind) -> str:
    """What pieces really were: "Empty strokes"."""
    return _(_BOOKINGS[kind])


def by_hand() -> str:
    """The mark of what is known by a person's word alone (수기)."""
    return _("by hand")


def waits_words(cause: str) -> str:
    """For which machine another one stands: "waits for WD-01"."""
    return _("waits for {machine}").format(machine=cause)


def caused_words(cause: str) -> str:
    """The same where the word of the state stands above it: "see WD-01"."""
    return _("see {machine}").format(machine=cause)


def unknown_code_words(code: str) -> str:
    """What stands at a machine whose state is told by a code that the configuration does not have."""
    return _("unknown code {code}").format(code=code)


def extra_words(good: int | None) -> str:
    """What was made outside any shift: "12 off shift"."""
    return _("{count} off shift").format(count=pieces(good))


def hour_loss_word(row: HourRow) -> tuple[str, bool]:
    """What the biggest standstill of an hour is called, and whether nobody has said why.

    A bare number of the device says nothing by itself.
    """
    if not row.loss_ms or row.loss_category is None:
        return "", False
    if row.loss_category is Category.STOP and not row.loss_word and row.loss_state is State.STOP:
        return _(NOT_LABELLED), True
    said = "" if row.loss_word.isdigit() or row.loss_category is Category.NO_DATA else row.loss_word
    return said or state_word(row.loss_category, row.loss_state or State.STOP), False


def hour_loss(row: HourRow) -> tuple[str, bool]:
    """The biggest standstill of an hour in words, and whether nobody has said why."""
    word, unlabelled = hour_loss_word(row)
    return f"{word} {lasted(row.loss_ms)}" if word else "", unlabelled


def alarm_words(word: str) -> str:
    """An alarm as the device says it; a bare number is called what it is."""
    return _("Alarm {code}").format(code=word) if word.isdigit() else word


CALLS = {
    "maintenance": N_("Maintenance called"),
    "material": N_("Material called"),
    "quality": N_("Quality called"),
    "leader": N_("Team leader called"),
}
CALL_PHASES = {"": N_("not answered"), "seen": N_("answered"), "begun": N_("being worked on"), "over": N_("done")}


def call_words(call: Call, now_ms: int) -> str:
    """Which help was called and how long ago: "Maintenance called 12 min"."""
    return f"{_(CALLS[call.what])} {minutes(now_ms - call.called_ms)}"


def call_phase(call: Call) -> str:
    """How far a call has come."""
    return _(CALL_PHASES[call.phase])
