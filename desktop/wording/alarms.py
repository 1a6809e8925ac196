"""Alarms as sentences, those that ring and those that somebody has seen."""

from __future__ import annotations

from desktop.domain.alarms import AlarmKind
from desktop.domain.figures.head import AlarmNow, SeenAlarm
from desktop.text import N_, _, plural
from desktop.wording.measuring import SAMPLES, rule_word
from desktop.wording.moments import clock, span_words
from desktop.wording.numbers import minutes, pieces


def alarm_sentence(alarm: AlarmNow, now_ms: int, timezone: str) -> tuple[str, str]:
    """What an alarm is about, and since when: ("Weld stopped for 12 min", "WD-01 · since 14:20")."""
    length = minutes(now_ms - alarm.since_ms)
    since = _("since {clock}").format(clock=clock(alarm.since_ms, timezone))
    if alarm.kind == AlarmKind.SAMPLE:
        words = plural(N_("{name}: {count} sample missed"), N_("{name}: {count} samples missed"), alarm.missing)
        return words.format(name=alarm.name, count=alarm.missing), sample_word(alarm, timezone)
    if alarm.hour is not None:
        head = _("Hourly target missed by {count}").format(count=pieces(alarm.missing))
        return head, span_words(alarm.hour.start_ms, alarm.hour.end_ms, timezone)
    if alarm.kind == AlarmKind.REPORT:
        head = _("No automatic report of {shift}").format(shift=alarm.name)
        return head, " ".join((alarm.detail, _("It is tried again.")))
    if alarm.kind == AlarmKind.MEASURED:
        return _("{name}: {rule}").format(name=alarm.name, rule=rule_word(alarm.detail)), since
    heads = {
        AlarmKind.STOP: _("{name} stopped for {minutes}"),
        AlarmKind.DEVICE: _("{name} has not answered for {minutes}"),
        AlarmKind.COLLECTOR: _("Nothing has been stored for {minutes}"),
    }
    return heads[AlarmKind(alarm.kind)].format(name=alarm.name, minutes=length), _of_machine(alarm, since)


def sample_word(alarm: AlarmNow, timezone: str) -> str:
    """Of which hour the newest sample is that was missed, or of which piece: "10:00–11:00", "First piece"."""
    if alarm.detail == "hour" and alarm.hour is not None:
        return span_words(alarm.hour.start_ms, alarm.hour.end_ms, timezone)
    return _(SAMPLES[alarm.detail])


def seen_words(alarm: SeenAlarm, timezone: str) -> tuple[str, str]:
    """What was acknowledged, and when: ("Weld stopped", "WD-01 · seen at 14:20")."""
    heads = {
        AlarmKind.STOP: _("{name} stopped"),
        AlarmKind.DEVICE: _("{name} did not answer"),
        AlarmKind.HOUR: _("Hourly target missed"),
        AlarmKind.COLLECTOR: _("Nothing was stored"),
        AlarmKind.REPORT: _("An automatic report was not made"),
        AlarmKind.SAMPLE: _("Sample missed: {name}"),
        AlarmKind.MEASURED: _("Signal of a control chart: {name}"),
    }
    note = _("seen at {clock}").format(clock=clock(alarm.at_ms, timezone))
    if alarm.hour is not None:
        note = f"{span_words(alarm.hour.start_ms, alarm.hour.end_ms, timezone)} · {note}"
    return heads[AlarmKind(alarm.kind)].format(name=alarm.name), _of_machine(alarm, note)


def _of_machine(alarm: AlarmNow | SeenAlarm, note: str) -> str:
    """The note of an alarm with the code of its machine before it, by which machines of like names are told apart."""
    return f"{alarm.subject} · {note}" if alarm.kind == AlarmKind.STOP and alarm.subject else note
