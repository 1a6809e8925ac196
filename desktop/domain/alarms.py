"""What somebody should be told of: a long stop, a missed hour, a lost device, nobody collecting. Pure.

An alarm that was acknowledged is quiet until it ends or gets worse. It ended where it began anew after that; it is
worse where its level is higher: a standstill or silence rises by one each time that its length has doubled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from desktop.domain.figures.head import AlarmNow, CollectorNow, DeviceNow
from desktop.domain.figures.line import HourRow, MachineNow
from desktop.domain.intervals import Category

STOP_AFTER_MS = 600_000  # of a plant that says nothing else
LOST_AFTER_MS = 60_000  # a device that opens its port anew is no alarm
UNSTORED_AFTER_MS = 10_000
LEAST_HOUR_RATIO = 0.9  # of its target that an hour must have made


class AlarmKind(StrEnum):
    """What is wrong."""

    STOP = "stop"
    HOUR = "hour"
    DEVICE = "device"
    COLLECTOR = "collector"
    REPORT = "report"
    MEASURED = "measured"  # a rule is met on the chart of a characteristic
    SAMPLE = "sample"  # of a characteristic, that was missed


class Acknowledgement(Struct, frozen=True):
    """Somebody has seen an alarm of a kind about a subject, when it had this level."""

    kind: str
    subject: str
    at_ms: int
    level: int
    id: int = 0


def level(length_ms: int, limit_ms: int) -> int:
    """How bad: 0 from the limit on, 1 from twice the limit, 2 from four times."""
    return max(length_ms // max(limit_ms, 1), 1).bit_length() - 1


def derive(
    now_ms: int,
    machines: Sequence[MachineNow],
    hours: Iterable[HourRow],
    devices: Iterable[DeviceNow],
    collector: CollectorNow,
    speed: float,
    stop_after_ms: int = STOP_AFTER_MS,
) -> tuple[AlarmNow, ...]:
    """The alarms of a moment, what nobody can see elsewhere first. A machine that waits for another one has none.

    While nobody collects only that is said: nothing else is known to be so now. Of a simulated history, whose clock
    stands still (`speed` 0), nobody collects and no device answers: both are no alarm there.
    """
    silent_ms = collector.silent_ms
    if speed and silent_ms is not None and silent_ms >= UNSTORED_AFTER_MS:
        since_ms = now_ms - round(silent_ms * speed)
        return (AlarmNow(AlarmKind.COLLECTOR, "", "", since_ms, level(silent_ms, UNSTORED_AFTER_MS)),)
    found = []
    for device in devices:
        length_ms = now_ms - device.since_ms
        if collector.running and device.status == "offline" and length_ms >= LOST_AFTER_MS:
            how = level(length_ms, LOST_AFTER_MS)
            found.append(AlarmNow(AlarmKind.DEVICE, device.key, device.name, device.since_ms, how))
    for machine in sorted(machines, key=lambda machine: machine.since_ms):
        length_ms = now_ms - machine.since_ms
        if machine.category is Category.STOP and not machine.waits_for and length_ms >= stop_after_ms:
            how = level(length_ms, stop_after_ms)
            found.append(AlarmNow(AlarmKind.STOP, machine.code, machine.name, machine.since_ms, how))
    return (*found, *_missed(now_ms, hours))


def _missed(now_ms: int, hours: Iterable[HourRow]) -> list[AlarmNow]:
    """The last hour that is over, where it made too little."""
    over = [row for row in hours if row.span.end_ms <= now_ms and row.target and not row.paused]
    if not over or over[-1].good is None or over[-1].target is None or not over[-1].sure:
        return []
    row = over[-1]
    good, target = row.good or 0, row.target or 0
    if good >= LEAST_HOUR_RATIO * target:
        return []
    return [AlarmNow(AlarmKind.HOUR, "", "", row.span.end_ms, 0, hour=row.span, missing=target - good)]


def is_quiet(alarm: AlarmNow, seen: Iterable[Acknowledgement]) -> bool:
    """Whether somebody has acknowledged it as bad as it is now."""
    return any(
        (one.kind, one.subject) == (alarm.kind, alarm.subject)
        and one.at_ms >= alarm.since_ms
        and one.level >= alarm.level
        for one in seen
    )
