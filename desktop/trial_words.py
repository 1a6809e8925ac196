"""What `config try` prints: each bus with its devices, of each device its signals in columns and its last frames."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.configuration.trying import Frame, Trial, TriedBus, TriedDevice, TriedSignal
from desktop.text import N_, _, cells, visible
from desktop.wording.devices import fault_sentence, server_words, status_word, value_note
from desktop.wording.moments import clock_seconds
from desktop.wording.numbers import UNKNOWN, age
from drivers.base import Quality, Value

_QUALITIES = {Quality.GOOD: N_("good value"), Quality.UNCERTAIN: N_("uncertain value"), Quality.BAD: N_("no value")}
_KINDS = {"bool": N_("on/off"), "int": N_("whole number"), "float": N_("number"), "text": N_("text")}
_MOST_SHOWN = 80


def trial(found: Trial, timezone: str) -> str:
    """The whole try, and at its end whether something is missing."""
    rows = [row for bus in found.buses for row in (*_bus(bus, found.now_ms, timezone), "")]
    signals = [signal for bus in found.buses for device in bus.devices for signal in device.signals]
    came = sum(signal.came for signal in signals)
    if found.complete:
        rows.append(_("All signals came: {count}.").format(count=came))
    else:
        rows.append(_("Signals that came: {came} of {count}.").format(came=came, count=len(signals)))
    return "\n".join(rows)


def _bus(bus: TriedBus, now_ms: int, timezone: str) -> list[str]:
    rows = [visible(f"{bus.key} · {bus.driver} · {bus.port}")]
    if bus.held:
        words = _(
            "The running collector has this port, so it was not opened. See what it reads with main.py status, or stop "
            "it first: main.py collect --stop"
        )
        return [*rows, f"  ! {words}"]
    for device in bus.devices:
        rows += _device(device, now_ms, timezone)
    return rows


def _device(device: TriedDevice, now_ms: int, timezone: str) -> list[str]:
    named = device.key if device.name in ("", device.key) else f"{device.key} · {device.name}"
    rows = [visible(f"  {named} · {status_word(device.status, device.fault)}")]
    if device.fault:
        rows.append(visible(f"    ! {fault_sentence(device.fault, device.detail)}"))
    elif device.pushes and not device.frames and not device.loose:
        words = _("Nothing was heard. Make it send something: pull the trigger, press Print.")
        rows.append(f"    ! {words}")
    if device.damaged or device.missing or device.refused:
        words = _("Messages not understood: {damaged}, answers missing: {missing}, refused: {refused}")
        counted = words.format(damaged=device.damaged, missing=device.missing, refused=device.refused)
        rows.append(f"    ! {counted}")
    rows += _table([_heads(), *(_columns(signal, now_ms) for signal in device.signals)], device.signals)
    for frame in device.frames:
        rows += _frame(frame, timezone)
    if device.loose:
        rows.append("    " + _("Heard, but no end of a message in it (terminator):"))
        rows += [f"      {visible(repr(device.loose)[2:-1])}", f"      {device.loose.hex(' ').upper()}"]
    return rows


def _heads() -> list[str]:
    return [_("Signal"), _("Value"), _("State"), _("Age"), _("Where"), _("Type"), _("Bytes")]


def _columns(signal: TriedSignal, now_ms: int) -> list[str]:
    kind = _(_KINDS[signal.kind]) if signal.kind in _KINDS else signal.kind
    where = visible(signal.where)
    if not signal.count:
        return [signal.key, UNKNOWN, _("nothing came"), "", where, kind, ""]
    note = server_words(signal.problem) or value_note(signal.note)
    quality = _(_QUALITIES[signal.quality])
    value = _value(signal.value, signal.kind)
    return [
        signal.key,
        f"{value} {signal.unit}".rstrip() if signal.value is not None else value,
        f"{quality}: {note}" if note else quality,
        age(max(0, now_ms - signal.at_ms)),
        where,
        f"{kind} {signal.order}".rstrip(),
        signal.raw.hex(" ").upper(),
    ]


def _table(rows: Sequence[Sequence[str]], signals: Sequence[TriedSignal]) -> list[str]:
    """The rows in columns; columns without a word below their head are left out."""
    used = [place for place in range(len(rows[0])) if any(row[place] for row in rows[1:])]
    widths = {place: max(cells(row[place]) for row in rows) for place in used}
    lines = [
        "    " + "  ".join(row[place] + " " * (widths[place] - cells(row[place])) for place in used).rstrip()
        for row in rows
    ]
    found = lines[:1]
    for line, signal in zip(lines[1:], signals, strict=True):
        found += [line, *_decodings(signal)]
    return found


def _decodings(signal: TriedSignal) -> list[str]:
    """A number of two registers in all four orders, the configured one in brackets, and which may be meant."""
    if not signal.decodings:
        return []
    said = [f"{order} {_value(value, signal.kind)}" for order, value in signal.decodings.items()]
    marked = [f"[{words}]" if words.startswith(signal.order) else words for words in said]
    rows = ["      " + "   ".join(marked)]
    if signal.meant:
        hint = _('did you mean order = "{order}"?').format(order=signal.meant)
        rows.append(f"      ! {signal.key}: {hint}")
    return rows


def _value(value: Value, kind: str) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:.7g}" if kind == "f32" else f"{value:.12g}"
    if isinstance(value, int):
        return str(value)
    return visible(value if len(value) <= _MOST_SHOWN else value[:_MOST_SHOWN] + "...")


def _frame(frame: Frame, timezone: str) -> list[str]:
    """A message as text, as bytes, and what was found in it or why nothing was."""
    at = clock_seconds(frame.at_ms, timezone)
    rows = [f"    {at}  {visible(frame.text)}", f"              {frame.raw.hex(' ').upper()}"]
    if frame.why is not None:
        why = _(frame.why.template).format(**{key: visible(str(each)) for key, each in frame.why.values.items()})
        rows.append(f"              ! {_('This message')}: {why}")
    elif frame.fields:
        found = ", ".join(f"{name} = {visible(text)}" for name, text in frame.fields.items())
        rows.append(f"              {frame.by}: {found}")
    elif note := value_note(frame.note):
        rows.append(f"              ! {note}")
    return rows
