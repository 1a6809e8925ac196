"""What stands over every screen: plant, collector, devices and alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from desktop.domain.spans import Span

if TYPE_CHECKING:
    pass


class PlantHead(Struct, frozen=True):
    """What stands at the top of every screen and page."""

    plant: str
    line: str
    timezone: str
    demo: bool
    speed: float
    product: str = ""  # what the line makes now, "" where nothing is known
    has_shifts: bool = True  # without any shift set up all time counts
    has_people: bool = False  # somebody is set up, so that a person may say who is at the screen


class DeviceNow(Struct, frozen=True):
    """Health of one device. `status`: opening, online, offline or misconfigured.

    `fault_kind` and `fault_detail` make the sentence (`desktop.text` has the words for every kind). Ever counted:
    `frames` that arrived, reconnects, answers that were damaged, missing or refusals, frames that were lost.
    """

    id: int
    key: str
    name: str
    driver: str
    port: str
    status: str
    since_ms: int
    fault_kind: str
    fault_detail: dict[str, object]
    last_value_at_ms: int | None
    machines: tuple[str, ...]  # codes
    frames: int
    reconnects: int
    damaged: int = 0
    missing: int = 0
    refused: int = 0
    lost: int = 0
    stations: tuple[str, ...] = ()  # names of those without a machine at which it reads


class Listened(Struct, frozen=True):
    """What listening for a baud rate has come to. `status`: "working" (at `baud`, the `place`-th of `count` rates),
    "fits" (`baud`, `frame` and a line that was heard), "using" (that is being set), "nothing" (no rate fits;
    `heard_bytes` came) or "cancelled"."""

    status: str
    baud: int = 0
    place: int = 0
    count: int = 0
    heard_bytes: int = 0
    frame: str = ""
    sample: str = ""


class CollectorNow(Struct, frozen=True):
    """Whether somebody collects. `silent_ms` real milliseconds since its last heartbeat, None: never beat."""

    running: bool
    silent_ms: int | None
    version: str
    note: str  # "" or what it says of itself: disk_full, locked ...
    backlog: int  # values that wait to be stored
    lost: int  # values that could not be kept since it started
    held: bool = False  # a collector lives though no heartbeat is stored: it starts, or the database refuses


class AlarmNow(Struct, frozen=True):
    """Something that somebody should know of. `kind`: that of `alarms.AlarmKind`; `subject` is the code of a machine or
    characteristic, the key of a device or a shift ("2026-11-19/Day"), `name` what people call it, `detail` the sentence
    that says why a report was not made, the rule that is met or which sample was missed (the newest of `missing`).

    `level` rises as it gets worse; `quiet`: somebody acknowledged it as bad as it is. `hour` and `missing` pieces are
    those of a missed hour; `hour` is that of a missed sample too.
    """

    kind: str
    subject: str
    name: str
    since_ms: int
    level: int
    quiet: bool = False
    hour: Span | None = None
    missing: int = 0
    detail: str = ""


class SeenAlarm(Struct, frozen=True):
    """An alarm that somebody acknowledged at `at_ms`. `id` takes it back; `subject` and `name` are those of the alarm,
    "" for what has none; `hour` is that of a missed hour, where it is known.
    """

    id: int
    kind: str
    subject: str
    name: str
    at_ms: int
    hour: Span | None = None
