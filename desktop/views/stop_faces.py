"""What the Stops screen says of what is chosen: the stop, the time around it, the question, or why there is none."""

from __future__ import annotations

from desktop.domain.entries import Entry, Labelled, Split
from desktop.domain.figures.stops import LabelRow, StopRow, StopsNow
from desktop.text import N_, _, particles, plural
from desktop.tokens import Look, look
from desktop.views.stop_choice import StopChoice, key_of, span_of
from desktop.views.widgets.reason_board import AskFace
from desktop.views.widgets.stop_head import HeadFace, StripFace, span_to_second
from desktop.wording.moments import clock
from desktop.wording.numbers import lasted, minutes, minutes_seconds
from desktop.wording.states import alarm_words


def head(choice: StopChoice, now: StopsNow) -> tuple[HeadFace | None, frozenset[str]]:
    """What is asked about as words, and which of the buttons beside them are of use; None where nothing is."""
    zone, stop, said = now.head.timezone, choice.stop(), choice.said()
    if choice.ticked:
        several = choice.several()
        names = " · ".join(f"{row.machine_name} {clock(row.start_ms, zone)}" for row in several)
        face = HeadFace(
            Look.STOP, plural(N_("{count} stop"), N_("{count} stops"), len(several)).format(count=len(several)), "",
            lasted(sum(row.length_ms for row in several)), names, True,
        )  # fmt: skip
        return face, frozenset({"cancel"})
    if said is not None:
        return _head_of_label(said, zone), frozenset({"back", "timeline", "before"} if stop is not None else {"back"})
    if stop is None:
        return None, frozenset()
    about = (span_to_second(stop.start_ms, stop.end_ms, zone), alarm_words(stop.word) if stop.word else "")
    face = HeadFace(
        look(stop.category, stop.state, bool(stop.reason)), stop.machine_name, stop.machine_code,
        minutes_seconds(stop.length_ms), " · ".join(part for part in about if part),
    )  # fmt: skip
    return face, _buttons(choice, stop)


def _head_of_label(said: LabelRow, zone: str) -> HeadFace:
    entered = _("entered {clock}").format(clock=clock(said.said_at_ms, zone))
    notes = (said.reason, span_to_second(said.start_ms, said.end_ms, zone), said.who, entered, said.note)
    return HeadFace(
        look(said.category, said.state, labelled=True), said.machine_name, said.machine_code,
        minutes_seconds(said.length_ms), " · ".join(part for part in notes if part),
    )  # fmt: skip


def _buttons(choice: StopChoice, stop: StopRow) -> frozenset[str]:
    if choice.split_ms is not None:
        return frozenset({"here", "cancel"})
    found = {"timeline", "before"}
    if stop.length_ms >= 2_000:
        found.add("split")
    if choice.neighbours(stop) or choice.splits_at(stop):
        found.add("merge")
    return frozenset(found)


def strip(choice: StopChoice, now: StopsNow) -> StripFace | None:
    """The time around the stop that is asked about."""
    stop = choice.stop()
    if stop is None:
        return None
    known = now.chosen is not None and key_of(now.chosen) == key_of(stop)
    several = [row for row in choice.several() if row.machine == stop.machine]
    marked = tuple(span_of(row, now) for row in several or [stop])
    return StripFace(
        now.around if known else None, span_of(stop, now), now.intervals if known else (),
        now.pieces if known else (), marked, choice.split_ms, now.now_ms, now.head.timezone,
    )  # fmt: skip


def question(choice: StopChoice, now: StopsNow) -> AskFace:
    """What is asked, and what a press on a reason does."""
    stop, said = choice.stop(), choice.said()
    asked, known = _("Why did it stop?"), ""
    does = _("A press saves it and opens the next stop")
    if choice.ticked:
        asked, does = _("Why did they stop?"), _("A press gives all of them that reason; they stay separate stops")
    elif choice.split_ms is not None and stop is not None:
        length = minutes(choice.split_ms - stop.start_ms)
        asked = _("Why did it stop in the first {minutes}?").format(minutes=length)
    elif said is not None:
        asked, does = _("Another reason?"), _("A press changes it")
    elif stop is not None and stop.word:
        known = alarm_words(stop.word)
    if now.closed:
        does = _("This shift is closed: write into the note why you change it, then press")
    return AskFace(asked, known, does)


def nothing_to_ask(choice: StopChoice, now: StopsNow, any_reasons: bool) -> tuple[str, str, str]:
    """Why nothing is asked: head, what to do, and the icon."""
    if choice.gone() and any_reasons:
        hint = _("It was split or has become another one, or the shift has other times now. Choose one at the left.")
        return _("The stop that was asked for is not there any more"), hint, "info"
    if choice.chosen is not None and any_reasons:  # till the answer is there
        return _("The stop is being looked up"), "", "search"
    if not any_reasons:
        hint = _("Add reasons to the configuration file and import it again: Help (F1) says how.")
        return _("No reasons are set up"), hint, "info"
    if now.said:
        hint = _("The next stop that needs one appears here by itself. A press on a reason at the left changes it.")
        return _("Every stop has a reason"), hint, "check"
    hint = _("A stop that lasts long enough appears here by itself. Short stops are never asked about.")
    return _("No stop waits for a reason"), hint, "check"


def meanwhile(now: StopsNow | None, entry: Entry) -> str:
    """What somebody else said of a stop, as a sentence; "" where that is not known."""
    said = entry.said
    if now is None:
        return ""
    at, who = clock(entry.at_ms, now.head.timezone), entry.who
    if isinstance(said, Split):
        sentence = _("{who} split this stop at {clock}.") if who else _("This stop was split at {clock} meanwhile.")
        return sentence.format(who=who, clock=at)
    if not isinstance(said, Labelled):
        return ""
    name = next((reason.name for reason in now.reasons if reason.id == said.reason), "")
    sentence = _("Somebody else entered {reason} for this stop at {clock}.")
    if who:
        sentence = _("{who} entered {reason} for this stop at {clock}.")
    return particles(sentence.format(who=who, reason=name, clock=at)) if name else ""
