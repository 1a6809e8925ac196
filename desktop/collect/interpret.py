"""From readings to facts: a counter's difference becomes pieces, a code a state, a code read a scan.

Deterministic and without clock, file or device: the same readings in the same order give the same facts.
What it must remember across a restart comes in as `Memory`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from desktop.collect.memory import Memory
from desktop.collect.past import Nothing, Recent
from desktop.collect.tracking import Tracker
from desktop.domain.barcode import clean_code
from desktop.domain.events import (
    Counter,
    CountFlag,
    Event,
    EventKind,
    Measurement,
    Result,
    Role,
    State,
)
from desktop.domain.plant import Device, Plant, Signal
from desktop.domain.quality import Limits, Quality
from desktop.domain.values import Taken, is_no_value
from desktop.store.journal import Batch
from desktop.store.records import LiveValue
from drivers.base import Quality as Trust
from drivers.base import Reading

_COUNTERS = frozenset({Role.GOOD, Role.REJECT, Role.TOTAL})
#: a machine is believed to make at most this many times the pieces that its ideal cycle allows, and some
_FASTEST, _SLACK_PIECES = 4.0, 20
_STEP_BACK = 100  # a decrease of at most this is a step back, not a new start
_LARGEST = 1e18  # no counter and no measurand reaches it, and it still fits the file
_CLOCK_JUMP_MS = 2000  # further apart from the monotonic clock than before: the wall clock was set
_TELL_MS = 1000  # so often at most it is told that frames are missing: a flood loses some between every two


class Health(Struct, frozen=True):
    """A device began or ceased to answer. `fault` "" and `detail` "{}" when it is online."""

    device: str
    status: str  # online, offline or misconfigured
    at_ms: int
    fault: str = ""
    detail: str = "{}"


class _Frames(Struct):
    """The numbers of a device's frames: the last one, how many are missing and not told, and told but not yet counted
    by the driver; when it was last told."""

    seq: int | None = None
    missing: int = 0
    told: int = 0
    told_ms: int = 0


class Interpreter:
    """Readings and health in, facts out. `next_id(at_ms)` gives the id of a new fact.

    Moments are of the wall clock, which people and servers set. A reading carries the monotonic time too: where the two
    have moved apart by more than 2 s, what is remembered moves along, so that how long something lasted stays right.
    `speed` is that of the plant's clock.
    """

    def __init__(
        self,
        plant: Plant,
        memory: Memory,
        next_id: Callable[[int], int],
        speed: float = 1.0,
        quality: Quality | None = None,
        recent: Recent | None = None,
    ) -> None:
        self.plant = plant
        self.quality = Quality() if quality is None else quality
        self.tracker = Tracker(plant, self.quality, memory, next_id, recent or Recent(Nothing()), speed)
        self._next_id = next_id
        self._speed = speed
        self._apart_ms: int | None = None  # of the wall clock from the monotonic one, at the last reading
        self._devices = {device.key: device for device in plant.devices}
        self._signals = {(d.key, s.key): s for d in plant.devices for s in plant.signals if s.device == d.id}
        self._judges = {
            d.key: s for d in plant.devices for s in plant.signals if s.device == d.id and s.role is Role.JUDGE
        }
        self._products = frozenset(product.code for product in plant.products)
        self._texts: dict[int, Signal] = {}  # alarm signal -> the signal that tells its text
        for code in (s for s in plant.signals if s.role is Role.ALARM):
            beside = [s for s in plant.signals if s.role is Role.ALARM_TEXT and s.machine == code.machine]
            for near in sorted(beside, key=lambda s: s.device != code.device)[:1]:
                self._texts[code.id] = near
        self._coded = {self._texts[s.id].id: s for s in plant.signals if s.id in self._texts}
        self._frames = {device.id: _Frames() for device in plant.devices}
        self._dead_band: dict[int, tuple[float, int]] = {}  # signal -> last stored value, when
        self._fastest_ms: dict[int, float] = {}  # machine -> the shortest stroke of what it makes
        for standard in plant.standards:
            known = self._fastest_ms.get(standard.machine, standard.stroke_ms)
            self._fastest_ms[standard.machine] = min(known, standard.stroke_ms)

    @property
    def memory(self) -> Memory:
        """What it knows from before."""
        return self.tracker.memory

    @memory.setter
    def memory(self, memory: Memory) -> None:
        self.tracker.memory = memory

    def device(self, key: str) -> Device | None:
        """The device of that key, None where the register has none."""
        return self._devices.get(key)

    def read(self, readings: Sequence[Reading]) -> Batch:
        """The facts in one poll's readings, in their order; readings of one frame belong together."""
        batch = Batch()
        for index, reading in enumerate(readings):
            device = self._devices.get(reading.device)
            if device is None:
                continue  # a reload took the device away while its last readings were on the way
            self._follow_clock(reading.at_ms, reading.mono_ns)
            if reading.seq != self._frames[device.id].seq:
                self._next_frame(batch, device.id, reading)
            if reading.note == "overflow":
                self._overflow(batch, device.id, reading)
                if not reading.signal:
                    continue
            if reading.note == "discarded":  # bytes are no values: their number stands apart from that of lost values
                detail = f"bytes {reading.value}"
                batch.events.append(self._event(EventKind.LOSS, reading.at_ms, None, device.id, detail=detail))
                continue
            signal = self._signals.get((reading.device, reading.signal))
            if signal is not None:
                judge = self._judges.get(reading.device)
                self._one(batch, signal, reading, None if judge is None else _beside(readings, index, judge.key))
                if signal.role in (Role.ALARM, Role.ALARM_TEXT):
                    self._alarm(batch, signal, reading, readings, index)
            elif not reading.signal:
                batch.events.append(
                    self._event(
                        EventKind.UNPARSED,
                        reading.at_ms,
                        self._machine_of(device.id),
                        device.id,
                        word=reading.note,
                        raw=reading.raw,
                    )
                )
        return batch

    def _next_frame(self, batch: Batch, device: int, reading: Reading) -> None:
        """Frames are numbered without a gap: what is missing was lost. A lower number is a new life of the driver."""
        frames = self._frames[device]
        if frames.seq is not None and reading.seq > frames.seq + 1:
            frames.missing += reading.seq - frames.seq - 1
        frames.seq = reading.seq
        counted = reading.note == "overflow" and not reading.signal  # the driver says itself how many
        if frames.missing and not counted and reading.at_ms - frames.told_ms >= _TELL_MS:
            self._tell_missing(batch, device, reading.at_ms)

    def _tell_missing(self, batch: Batch, device: int, at_ms: int) -> None:
        frames = self._frames[device]
        lost = self._event(EventKind.LOSS, at_ms, None, device, detail="sequence")
        batch.events.append(replace(lost, pieces=frames.missing))
        frames.told, frames.missing, frames.told_ms = frames.told + frames.missing, 0, at_ms

    def _overflow(self, batch: Batch, device: int, reading: Reading) -> None:
        """Values of a device came too fast. Where the driver counted them nothing is told twice: see `_next_frame`."""
        event = self._event(EventKind.LOSS, reading.at_ms, None, device, detail="overflow")
        if not reading.signal and isinstance(reading.value, int):
            frames = self._frames[device]
            event = replace(event, pieces=max(0, reading.value - frames.told))
            frames.missing, frames.told = max(0, frames.told + frames.missing - reading.value), 0
        if event.pieces != 0:
            batch.events.append(event)

    def settle(self, until_ms: int, now_ms: int, mono_ns: int = 0) -> Batch:
        """The states that have lasted long enough by `until_ms`, up to which everything was read.

        A server that reports changes is silent while nothing changes: then the time alone tells that a state holds.
        `mono_ns`: monotonic time of `now_ms`, 0 where there is none.
        """
        batch = Batch()
        self._follow_clock(now_ms, mono_ns)
        for signal in [s for s in self.plant.signals if s.id in self.memory.pending]:
            self._settle(batch, signal, until_ms, now_ms)
        return batch

    def _follow_clock(self, at_ms: int, mono_ns: int) -> None:
        """Move what is remembered by as much as the wall clock was set since the last reading.

        Readings of several buses that were on the way meanwhile may come in any order: each is held against memory in
        its own time. A clock set forward may also have been a computer asleep, in which machines went on: then a
        counter may have made what the wall clock allows, but nothing is known to have lasted.
        """
        if not mono_ns:
            return
        apart_ms = at_ms - round(mono_ns / 1_000_000 * self._speed)
        set_ms = 0 if self._apart_ms is None else apart_ms - self._apart_ms
        self._apart_ms = apart_ms
        if abs(set_ms) <= _CLOCK_JUMP_MS * self._speed:
            return
        memory = self.memory
        memory.pending = {key: (state, code, ms + set_ms) for key, (state, code, ms) in memory.pending.items()}
        for frames in self._frames.values():
            frames.told_ms += set_ms
        memory.came = {key: (event, ms + set_ms) for key, (event, ms) in memory.came.items()}
        if set_ms < 0:
            memory.readings = {key: (value, ms + set_ms) for key, (value, ms) in memory.readings.items()}

    def health(self, change: Health) -> Batch:
        """The facts in a device's change of health: its machines' states are unknown while it is silent."""
        batch = Batch()
        device = self._devices.get(change.device)
        if device is None:
            return batch
        detail = json.dumps({"kind": change.fault, **json.loads(change.detail)}, ensure_ascii=False)
        detail = detail.encode("utf-8", "replace").decode()  # half a character cannot be stored
        batch.events.append(
            self._event(EventKind.DEVICE, change.at_ms, None, device.id, word=change.status, detail=detail)
        )
        if change.status == "online":
            self.memory.offline.pop(device.id, None)
            return batch
        if self._frames[device.id].missing:
            self._tell_missing(batch, device.id, change.at_ms)
        self._frames[device.id] = _Frames()  # numbers begin anew with a new connection
        since_ms = self.memory.offline.setdefault(device.id, change.at_ms)
        for signal in self.plant.signals:
            if signal.device != device.id:
                continue
            if signal.role in _COUNTERS and signal.id in self.memory.readings:
                # Until it fell silent every step of the counter was heard.
                self.memory.gaps.setdefault(signal.id, max(since_ms, self.memory.readings[signal.id][1]))
            if signal.role is Role.STATE and signal.machine is not None:
                self._settle(batch, signal, change.at_ms, change.at_ms)
                self._take_state(batch, signal, signal.machine, (State.UNKNOWN, ""), change.at_ms)
        return batch

    # -- one reading --

    def _one(self, batch: Batch, signal: Signal, reading: Reading, judged: Reading | None) -> None:
        number, text = None, None
        if signal.inverted and isinstance(reading.value, (bool, int, float)):
            reading = replace(reading, value=not reading.value)
        if isinstance(reading.value, str):
            text = clean_code(reading.value)
        else:
            number = _number(reading.value, signal.factor, signal.offset)
        # A number that no file can hold (infinite, not a number) is no value.
        bad = reading.quality is Trust.BAD or (number is None and text is None)
        quality = Trust.BAD if bad else reading.quality
        if reading.value is None and reading.note:
            text = clean_code(reading.note)  # why there is none: "sensor open"
        batch.live[signal.id] = LiveValue(reading.at_ms, None if bad else number, text, int(quality))
        if signal.role is Role.STATE:
            if signal.machine is not None:
                self._settle(batch, signal, reading.at_ms, reading.at_ms)
                told = (State.UNKNOWN, "") if bad else self._told_state(signal, reading.value, number)
                self._take_state(batch, signal, signal.machine, told, reading.at_ms)
        elif signal.role in _COUNTERS:
            if not bad:
                self._steps(batch, signal, reading, number)
        elif signal.role is Role.JUDGE:
            if not bad:
                self._judge(batch, signal, reading, _code(reading.value))
        elif signal.role is Role.SCAN:
            if not bad:
                self.tracker.scan(batch, signal, reading, str(reading.value))
        elif signal.role is Role.PART:
            if not bad:
                self._part(batch, signal, reading, _code(reading.value))
        elif signal.role is Role.PRODUCT:
            if not bad:
                self._product(batch, signal, reading, _code(reading.value))
        elif signal.role in (Role.ALARM, Role.ALARM_TEXT):
            pass  # code and text are taken together, see `_alarm`
        else:
            self._measure(batch, signal, reading, None if bad else number, text, quality, judged)

    def _measure(
        self,
        batch: Batch,
        signal: Signal,
        reading: Reading,
        number: float | None,
        text: str | None,
        quality: Trust,
        judged: Reading | None,
    ) -> None:
        if (signal.per_piece or judged is not None) and reading.note != "snapshot":
            self._result(batch, signal, reading, number, text, judged)
        last = self._dead_band.get(signal.id)
        if (
            signal.dead_band
            and number is not None
            and last is not None
            and abs(number - last[0]) < signal.dead_band
            and 0 <= reading.at_ms - last[1] < 60_000
        ):
            return
        if number is None:
            self._dead_band.pop(signal.id, None)  # so that the first good value after a bad one is stored
        else:
            self._dead_band[signal.id] = (number, reading.at_ms)
        batch.measurements.append(
            Measurement(
                self._next_id(reading.at_ms),
                signal.id,
                number,
                text,
                int(quality),
                reading.source_at_ms,
                reading.status,
                reading.server_at_ms,
            )
        )

    def _result(
        self,
        batch: Batch,
        signal: Signal,
        reading: Reading,
        number: float | None,
        text: str | None,
        judged: Reading | None,
    ) -> None:
        """A value that belongs to a piece, judged by the device, else by the limits of what is measured.

        One of which the device says that it is none (still moving, in another unit, of uncertain quality) is kept in
        words: it is no measurement of the piece, which waits for one.
        """
        word = (text or "") if judged is None else _code(judged.value)
        verdict = "" if judged is None else self._judges[judged.device].codes.get(word, "")
        sure = reading.quality is Trust.GOOD or reading.note == "open_digits"
        if number is not None and not sure and (not verdict or reading.note == "unit"):
            word = f"{number:.10g} ({reading.note or 'uncertain'})" if judged is None else word
            number = None
        key, machine, at_ms = self._next_id(reading.at_ms), signal.machine, reading.at_ms
        what = self.tracker.values.characteristic(signal, at_ms)
        limits = None if what is None else self.quality.limits_at(what.id, at_ms)
        judgement = verdict
        is_value = verdict in ("good", "reject") or not is_no_value(number, limits)
        if self.tracker.values.is_refused(what, at_ms):
            judgement, is_value = "", False
        elif judged is None and is_value:
            judgement = self._judgement(signal, limits, number)
        unit = self.tracker.values.owner(signal, what, at_ms, is_value=is_value)
        batch.results.append(Result(key, unit, signal.id, machine, at_ms, number, word, judgement, reading.raw or None))
        self.tracker.values.measured(batch, signal, what, unit, at_ms, Taken(key, at_ms, number, signal.id, judgement))

    def _judgement(self, signal: Signal, limits: Limits | None, number: float | None) -> str:
        """good or reject by the limits that hold, "" where there are none or the value is not known."""
        if limits is not None and number is not None:
            good = limits.judge(number)
            return "" if good is None else "good" if good else "reject"
        if number is None or (signal.limit_low is None and signal.limit_high is None):
            return ""
        low = signal.limit_low is None or number >= signal.limit_low
        high = signal.limit_high is None or number <= signal.limit_high
        return "good" if low and high else "reject"

    def _steps(self, batch: Batch, signal: Signal, reading: Reading, number: float | None) -> None:
        """What a good value of a counter of any kind counts."""
        contact = signal.counter is Counter.CYCLE and isinstance(reading.value, bool)
        if signal.counter is Counter.EACH:
            # What is shown again, and a scan that was read twice, is no new piece; neither is a message of "off".
            if reading.note not in ("snapshot", "duplicate") and number != 0:
                at_ms = reading.at_ms
                self._pieces(batch, signal, at_ms, signal.pieces_per_step, at_ms, CountFlag.PLAIN, None)
        elif number is None:
            return  # words are no count
        elif signal.counter is Counter.PULSE or contact:
            self._pulse(batch, signal, reading, int(number != 0))
        else:
            self._count(batch, signal, reading, round(number))

    def _pulse(self, batch: Batch, signal: Signal, reading: Reading, level: int) -> None:
        """A contact that goes from off to on is one step.

        What it did while nobody listened is not known, only that it went on at least once where it was off before.
        """
        known = self.memory.readings.get(signal.id)
        self.memory.readings[signal.id] = (level, reading.at_ms)
        silent = self.memory.gaps.pop(signal.id, None) is not None
        if known is None:
            self._pieces(batch, signal, reading.at_ms, 0, reading.at_ms, CountFlag.FIRST, level)
        elif level > known[0]:
            from_ms = reading.at_ms if silent else known[1]
            self._pieces(batch, signal, reading.at_ms, signal.pieces_per_step, from_ms, CountFlag.PLAIN, level)

    def _count(self, batch: Batch, signal: Signal, reading: Reading, now: int) -> None:
        """The difference of two counter readings as pieces, by the rules for wrap, reset and outage."""
        if now < 0:
            # No counter shows this: it is neither pieces nor a base to count from.
            self._pieces(batch, signal, reading.at_ms, 0, reading.at_ms, CountFlag.IMPLAUSIBLE, now)
            return
        known = self.memory.readings.get(signal.id)
        self.memory.readings[signal.id] = (now, reading.at_ms)
        gap_from = self.memory.gaps.pop(signal.id, None)
        if known is None:
            self._pieces(batch, signal, reading.at_ms, 0, reading.at_ms, CountFlag.FIRST, now)
            return
        before, before_ms = known
        higher = self.memory.stepped.pop(signal.id, None)
        if higher is not None and now >= higher:
            before = higher  # the step back was one reading that came late: what was counted is not counted twice
        resets = signal.counter is Counter.RESETTABLE
        steps, flag = count_steps(before, now, signal.modulus, self._most(signal, reading.at_ms - before_ms), resets)
        if flag is CountFlag.STEP_BACK:
            self.memory.stepped[signal.id] = max(before, higher or 0)
        pieces, detail = steps * signal.pieces_per_step, ""
        if gap_from is not None and (steps or flag is CountFlag.PLAIN):
            # Also when nothing was made: that is known then. What happened to the counter stays beside it.
            flag, detail = CountFlag.GAP, flag.value
        if steps or flag is not CountFlag.PLAIN:
            from_ms = before_ms if gap_from is None else gap_from
            self._pieces(batch, signal, reading.at_ms, pieces, from_ms, flag, now, detail=detail)

    def _most(self, signal: Signal, elapsed_ms: int) -> int | None:
        """The most steps that the machine can have made in that time; None where no standard is known."""
        stroke_ms = None if signal.machine is None else self._fastest_ms.get(signal.machine)
        if stroke_ms is None:
            return None
        return round(max(elapsed_ms, 0) * _FASTEST / (stroke_ms * signal.pieces_per_step)) + _SLACK_PIECES

    def _pieces(
        self,
        batch: Batch,
        signal: Signal,
        at_ms: int,
        pieces: int,
        from_ms: int,
        flag: CountFlag,
        reading: int | None,
        *,
        role: Role | None = None,
        detail: str = "",
    ) -> None:
        if flag is CountFlag.PLAIN:
            self.tracker.counted(signal.machine, (role or signal.role).value, pieces)
        batch.events.append(
            Event(
                self._next_id(at_ms),
                EventKind.COUNT,
                at_ms,
                signal.machine,
                signal.device,
                signal.id,
                (role or signal.role).value,
                detail,
                pieces,
                min(from_ms, at_ms),
                reading,
                flag.value,
            )
        )

    def _told_state(self, signal: Signal, value: object, number: float | None) -> tuple[State, str] | None:
        """The state that a good value tells with its code; None where it lies between the thresholds: it stays."""
        if signal.run_above is None or signal.stop_below is None:
            code = _code(value)
            return State(signal.codes.get(code, State.UNKNOWN)), code
        if number is None:
            return State.UNKNOWN, ""
        if number > signal.run_above:
            return State.RUN, ""
        return (State.STOP, "") if number < signal.stop_below else None

    def _take_state(
        self, batch: Batch, signal: Signal, machine: int, told: tuple[State, str] | None, at_ms: int
    ) -> None:
        """Change the state at once, or note since when it would be another where that must last for a while.

        Not to know is at once, and so is the first word after it: there is nothing that it could disturb.
        """
        now = self.memory.states.get(machine)
        if told is None:
            self.memory.pending.pop(signal.id, None)
            if now is None:
                self._change_state(batch, signal, machine, (State.UNKNOWN, ""), at_ms, at_ms)
        elif not signal.settle_ms or now is None or State.UNKNOWN in (now[0], told[0]) or told == now:
            self.memory.pending.pop(signal.id, None)
            self._change_state(batch, signal, machine, told, at_ms, at_ms)
        elif self.memory.pending.get(signal.id, told)[:2] != told or signal.id not in self.memory.pending:
            self.memory.pending[signal.id] = (*told, at_ms)

    def _settle(self, batch: Batch, signal: Signal, until_ms: int, arrived_ms: int) -> None:
        """What has lasted long enough by a moment holds from where it began."""
        waiting = self.memory.pending.get(signal.id)
        if waiting is not None and signal.machine is not None and until_ms - waiting[2] >= signal.settle_ms:
            del self.memory.pending[signal.id]
            self._change_state(batch, signal, signal.machine, waiting[:2], waiting[2], arrived_ms)

    def _change_state(
        self, batch: Batch, signal: Signal, machine: int, told: tuple[State, str], at_ms: int, arrived_ms: int
    ) -> None:
        if self.memory.states.get(machine) == told:
            return
        self.memory.states[machine] = told
        batch.events.append(
            Event(
                self._next_id(arrived_ms), EventKind.STATE, at_ms, machine, signal.device, signal.id,
                told[0].value, told[1],
            )
        )  # fmt: skip

    def _judge(self, batch: Batch, signal: Signal, reading: Reading, word: str) -> None:
        if reading.note == "snapshot":
            return  # what was judged before the link came back
        judgement = signal.codes.get(word)
        if judgement is None:
            raw = reading.raw or word.encode()
            batch.events.append(
                self._event(EventKind.UNPARSED, reading.at_ms, signal.machine, signal.device, word="judgement", raw=raw)
            )
        elif judgement != "retest":
            role = Role.GOOD if judgement == "good" else Role.REJECT
            at_ms = reading.at_ms
            self._pieces(batch, signal, at_ms, signal.pieces_per_step, at_ms, CountFlag.PLAIN, None, role=role)
            if role is Role.REJECT:
                self.tracker.packing.rejected(signal.machine)

    def _tell(
        self,
        batch: Batch,
        kind: EventKind,
        signal: Signal,
        at_ms: int,
        word: str,
        *,
        detail: str = "",
        flag: str = "",
    ) -> Event:
        event = self._event(
            kind, at_ms, signal.machine, signal.device, signal=signal.id, word=word, detail=detail, flag=flag
        )
        batch.events.append(event)
        return event

    def _alarm(self, batch: Batch, signal: Signal, reading: Reading, frame: Sequence[Reading], index: int) -> None:
        """The alarm's code with its text: of the table, of the same frame, or the first that comes after the code."""
        if reading.quality is Trust.BAD or reading.value is None:
            return
        word, alarm = _code(reading.value), self._coded.get(signal.id)
        if alarm is not None:
            code = self.memory.words.get(alarm.id, "")
            beside = _beside(frame, index, alarm.key) if alarm.device == signal.device else None
            if beside is not None and _alarm_code(beside) not in (None, code):
                return  # the code changes in the same frame, and takes this text along
            if code and word and word != self.memory.texts.get(alarm.id):
                self.memory.texts[alarm.id] = word
                self._tell(batch, EventKind.ALARM, alarm, reading.at_ms, code, detail=word)
            return
        word = "" if word == "0" else word
        if self.memory.words.get(signal.id, "") == word:
            return
        self.memory.words[signal.id] = word
        self.memory.texts.pop(signal.id, None)
        text = (signal.texts.get(word) or self._text_beside(signal, frame, index)) if word else ""
        if text:
            self.memory.texts[signal.id] = text
        self._tell(batch, EventKind.ALARM, signal, reading.at_ms, word, detail=text, flag=reading.note)

    def _text_beside(self, signal: Signal, frame: Sequence[Reading], index: int) -> str:
        """The text in the same frame as an alarm code, "" where there is none."""
        text = self._texts.get(signal.id)
        found = None if text is None or text.device != signal.device else _beside(frame, index, text.key)
        return "" if found is None or found.quality is Trust.BAD or found.value is None else _code(found.value)

    def _product(self, batch: Batch, signal: Signal, reading: Reading, told: str) -> None:
        """From now on a product is made. A code that the register does not know is kept as it is."""
        word = signal.codes.get(told, told)
        if self.memory.words.get(signal.id, "") == word:
            return
        self.memory.words[signal.id] = word
        flag = "unknown" if word and word not in self._products else ""
        self._tell(
            batch, EventKind.PRODUCT, signal, reading.at_ms, word, detail=told if told != word else "", flag=flag
        )

    def _part(self, batch: Batch, signal: Signal, reading: Reading, word: str) -> None:
        if self.memory.words.get(signal.id, "") == word:
            return
        self.memory.words[signal.id] = word
        event = self._tell(batch, EventKind.PART, signal, reading.at_ms, word, flag=reading.note)
        self.tracker.part(batch, signal, event)

    def _event(
        self,
        kind: EventKind,
        at_ms: int,
        machine: int | None,
        device: int | None,
        *,
        signal: int | None = None,
        word: str = "",
        detail: str = "",
        flag: str = "",
        raw: bytes | None = None,
    ) -> Event:
        return Event(self._next_id(at_ms), kind, at_ms, machine, device, signal, word, detail, flag=flag, raw=raw)

    def _machine_of(self, device: int) -> int | None:
        return next((s.machine for s in self.plant.signals if s.device == device and s.machine is not None), None)


def _alarm_code(reading: Reading) -> str | None:
    """The alarm code of a reading, "" for none, None where it is not known."""
    if reading.quality is Trust.BAD or reading.value is None:
        return None
    code = _code(reading.value)
    return "" if code == "0" else code


def _beside(readings: Sequence[Reading], index: int, signal: str) -> Reading | None:
    """The reading of a signal that came in the same frame as that at `index`: same sequence number, side by side."""
    one = readings[index]
    for places in (range(index, len(readings)), range(index - 1, -1, -1)):
        for place in places:
            other = readings[place]
            if other.seq != one.seq or other.device != one.device:
                break
            if other.signal == signal:
                return other
    return None


def count_steps(
    before: int, now: int, modulus: int | None, most: int | None, resets: bool = False
) -> tuple[int, CountFlag]:
    """Steps between two readings of a counter, 0 or more, and why they are not the plain difference.

    A wrap is believed only if the wrapped step is possible in the time (`most` steps, None: up to half the
    modulus); a decrease to a possible value is a new start; a small step back counts nothing and is flagged;
    what is left is implausible and counts nothing: the reading is kept as the new baseline. Of a counter that somebody
    `resets` a small step back is a new start too, where it is known that so many can have been made.
    """

    def possible(steps: int) -> bool:
        return steps <= (most if most is not None else (modulus or 1_000_000) // 2)

    if now >= before:
        return (now - before, CountFlag.PLAIN) if possible(now - before) else (0, CountFlag.IMPLAUSIBLE)
    if modulus is not None and now < modulus and possible((now - before) % modulus):
        return (now - before) % modulus, CountFlag.ROLLOVER
    resets = resets and most is not None
    if before - now <= _STEP_BACK and not ((resets or now <= before // 2) and possible(now)):
        return 0, CountFlag.STEP_BACK
    return (now, CountFlag.RESET) if possible(now) else (0, CountFlag.IMPLAUSIBLE)


def _number(value: object, factor: float, offset: float) -> float | None:
    """A device's value as the finite number that it means, None where it is none; an int keeps every digit."""
    if not isinstance(value, (int, float)):
        return None
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int) and factor == 1 and offset == 0:
        return value if abs(value) < _LARGEST else None
    try:
        number = float(value) * factor + offset
    except OverflowError:
        return None
    return number if abs(number) < _LARGEST else None


def _code(value: object) -> str:
    """A device's code as clean text: 1.0 and True read "1"."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return clean_code(str(value))
