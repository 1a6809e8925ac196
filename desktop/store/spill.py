"""Facts that wait beside the database while it is locked, full or gone, in the order in which they arrived.

A spill file begins with a line that names the database it belongs to. Records follow: a header of length of the
body, newest fact's id, number of facts and CRC-32 (over the other three and the body), then the body as JSON. What
does not check, at the end, is a record whose writer was killed: it and what follows it are cut off.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import struct
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from desktop.domain.events import Attribute, Event, EventKind, Link, LinkEnd, Measurement, Move, Result, Step, Thing
from desktop.store.database import KnownError, Store
from desktop.store.journal import Batch
from desktop.store.records import Beat, DeviceHealth, LiveValue
from desktop.text import _, os_reason

log = logging.getLogger(__name__)

_TITLE = b"Gadong spill 1 "
_HEADER = struct.Struct("<IQII")  # length of the body, id of the newest fact, facts, CRC-32


class Waiting(Struct, frozen=True):
    """What one transaction would have written. `batch.devices` tells of every device, not only of changed ones.

    `segments`: the clock jumps (first id, offset in microseconds) that were in no file yet; `memory`: what the
    interpreter knew after these facts, as JSON; `beat`: the heartbeat that could not be written.
    """

    batch: Batch
    segments: list[tuple[int, int]]
    memory: str
    beat: Beat


class _Mark(Struct, frozen=True):
    """Where a record lies."""

    last_id: int
    facts: int
    path: Path
    place: int
    length: int


class Spill:
    """The records that wait for one database. Not thread-safe; the caller holds the collector's lock.

    They lie in the data folder; where that cannot be written, in the first folder of `elsewhere` that can.
    """

    def __init__(self, store: Store, elsewhere: Sequence[Path] = ()) -> None:
        identity = store.meta("site_uuid") or ""
        self._title = _TITLE + identity.encode() + b"\n"
        # Outside of the data folder two copies of one database must not take each other's.
        copy = f"{zlib.crc32(os.fsencode(store.folder.resolve())):08x}"
        paths = [folder / f"waiting-{identity}-{copy}.spill" for folder in elsewhere]
        found: list[_Mark] = []
        #: the files in order of preference: how far each is sound, None where it is not ours
        self._ends = {path: self._scan(path, found) for path in (store.folder / f"waiting-{identity}.spill", *paths)}
        self._marks = deque(sorted(found, key=attrgetter("last_id")))
        self.facts = sum(mark.facts for mark in self._marks)

    def __len__(self) -> int:
        return len(self._marks)

    def put(self, waiting: Waiting) -> Path:
        """Write a record down behind the others; returns in which file. Raises KnownError where no place takes it."""
        body = _encode(waiting)
        facts, last_id = len(waiting.batch), waiting.batch.last_id
        fields = (len(body), last_id, facts)
        record = _HEADER.pack(*fields, _crc(fields, body)) + body
        reason: OSError | None = None
        for path, end in self._ends.items():
            if end is None:
                continue
            try:
                place = self._append(path, end, record)
            except OSError as error:
                reason = error
                continue
            self._ends[path] = place + len(record)
            self._marks.append(_Mark(last_id, facts, path, place, len(record)))
            self.facts += facts
            return path
        raise KnownError(
            _("Values that wait cannot be written down beside the database either: {reason}.").format(
                reason=os_reason(reason) if reason else "?"
            )
        )

    def first(self) -> Waiting | None:
        """The oldest record, None where it cannot be read back."""
        return self._read(self._marks[0])

    def newest(self) -> Waiting | None:
        """The newest record that can be read, None where nothing waits."""
        return next((found for mark in reversed(self._marks) if (found := self._read(mark)) is not None), None)

    def drop_first(self) -> None:
        """The oldest record is in the database, or lost: forget it. With the last one the files go away."""
        mark = self._marks.popleft()
        self.facts -= mark.facts
        if not self._marks:
            self._remove()

    def drop_until(self, last_id: int, there: Callable[[int], bool]) -> int:
        """Forget what is not newer than the newest fact of the database: a kill came before `drop_first`.

        `there(id)` tells whether the database holds a fact. A record that was not to be found when newer ones were
        stored can no longer go in before them: it is set aside; returns the number of such facts.
        """
        late = 0
        while self._marks and self._marks[0].last_id <= last_id:
            if not there(self._marks[0].last_id):
                late += self.set_first_aside()
            self.drop_first()
        if not self._marks:
            self._remove()
        return late

    def set_first_aside(self) -> int:
        """Copy the oldest record, which the database will never take, to a file beside, for a person to look at.

        Returns how many facts it holds.
        """
        mark = self._marks[0]
        path = mark.path.with_suffix(".refused")
        with contextlib.suppress(OSError), mark.path.open("rb") as source, path.open("ab") as target:
            source.seek(mark.place)
            target.write((b"" if target.tell() else self._title) + source.read(mark.length))
        return mark.facts

    def _scan(self, path: Path, found: list[_Mark]) -> int | None:
        """Find the records of a file. Returns how far it is sound, None where it is another's."""
        try:
            with path.open("rb") as stream:
                size, title = os.fstat(stream.fileno()).st_size, stream.read(len(self._title))
                if not self._title.startswith(title) or not _ours(stream.fileno()):
                    log.warning("%s belongs to another database and is left alone", path)
                    return None
                end = len(title) if title == self._title else 0
                while end and (head := stream.read(_HEADER.size)):
                    if len(head) < _HEADER.size or _HEADER.unpack(head)[0] > size - end - _HEADER.size:
                        break
                    *fields, crc = _HEADER.unpack(head)
                    if _crc(tuple(fields), stream.read(fields[0])) != crc:
                        break
                    length = _HEADER.size + fields[0]
                    found.append(_Mark(fields[1], fields[2], path, end, length))
                    end += length
                if end < size:
                    log.warning("the last %d bytes of %s were never written whole", size - end, path)
                return end
        except FileNotFoundError:
            return 0
        except OSError as error:
            log.warning("%s cannot be read: %s", path, error)
            return None

    def _append(self, path: Path, end: int, record: bytes) -> int:
        """Write a record at the sound end of a file and through to the disk; returns where it begins."""
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            os.ftruncate(file, end)
            os.lseek(file, end, os.SEEK_SET)
            title = b"" if end else self._title
            try:
                left = memoryview(title + record)
                while left:
                    left = left[os.write(file, left) :]
                os.fsync(file)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(file, end)
                raise
        finally:
            os.close(file)
        if not end and os.name == "posix":  # the name too must outlast a power cut
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return end + len(title)

    def _read(self, mark: _Mark) -> Waiting | None:
        try:
            with mark.path.open("rb") as stream:
                stream.seek(mark.place)
                record = stream.read(mark.length)
            *fields, crc = _HEADER.unpack_from(record)
            body = record[_HEADER.size :]
            return _decode(body) if _crc(tuple(fields), body) == crc else None
        except (OSError, struct.error, ValueError, KeyError, TypeError) as error:
            log.error("%s cannot be read: %s", mark.path, error)
            return None

    def _remove(self) -> None:
        for path, end in self._ends.items():
            if end is not None:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
                    self._ends[path] = 0


def _ours(file: int) -> bool:
    """Whether this user made a file: others can write into a temporary folder too."""
    return os.name != "posix" or os.fstat(file).st_uid == os.getuid()


def _crc(fields: tuple[int, ...], body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(struct.pack("<IQI", *fields)))


_ROWS: dict[str, type[Struct]] = {
    "events": Event, "measurements": Measurement, "steps": Step, "links": Link, "results": Result,
    "attributes": Attribute, "link_ends": LinkEnd, "moves": Move,
}  # fmt: skip
_FIELDS = {name: attrgetter(*kind.__struct_fields__) for name, kind in _ROWS.items()}


def _encode(waiting: Waiting) -> bytes:
    batch = waiting.batch
    told: dict[str, Any] = {name: [fields(row) for row in getattr(batch, name)] for name, fields in _FIELDS.items()}
    told["live"] = [(signal, astuple(value)) for signal, value in batch.live.items()]
    told["devices"] = [(device, astuple(health)) for device, health in batch.devices.items()]
    told |= {"segments": waiting.segments, "memory": waiting.memory, "beat": astuple(waiting.beat)}
    return json.dumps(told, separators=(",", ":"), default=_tagged).encode()


def _decode(body: bytes) -> Waiting:
    told = json.loads(body, object_hook=_untagged)
    rows: dict[str, Any] = {name: [kind(*row) for row in told.get(name, [])] for name, kind in _ROWS.items()}
    batch = Batch(
        **rows,
        live={signal: LiveValue(*value) for signal, value in told["live"]},
        devices={device: DeviceHealth(*health) for device, health in told["devices"]},
    )
    batch.events = [Event(event[0], EventKind(event[1]), *event[2:]) for event in told["events"]]
    return Waiting(batch, [tuple(jump) for jump in told["segments"]], told["memory"], Beat(*told["beat"]))


def _tagged(value: object) -> object:
    """What JSON does not know."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, Thing):
        return {"thing": astuple(value)}
    raise TypeError(type(value).__name__)


def _untagged(value: dict[str, Any]) -> object:
    if "hex" in value:
        return bytes.fromhex(value["hex"])
    return Thing(*value["thing"]) if "thing" in value else value
