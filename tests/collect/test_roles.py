"""Roles of signals: pulses, contacts, states by threshold, alarms with their text, products, and lost frames."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from desktop.collect.interpret import Health, Interpreter, count_steps
from desktop.collect.memory import Memory
from desktop.collect.recall import from_json, recall, to_json
from desktop.domain.events import Counter, CountFlag, Event, EventKind, Role, State
from desktop.domain.plant import Bus, Device, Machine, Plant, Product, Signal, Standard
from desktop.store import database, register
from desktop.store.journal import Journal
from drivers.base import Quality, Reading

PRESS, OVEN, DRILL = 1, 2, 3
T0 = 1_763_510_400_000
SIGNALS = (
    Signal(1, 1, "pulse", "Pulse", PRESS, Role.GOOD, counter=Counter.PULSE, pieces_per_step=2),
    Signal(2, 1, "reject", "Reject", PRESS, Role.REJECT, counter=Counter.EACH),
    Signal(3, 1, "cycle", "Cycle", OVEN, Role.TOTAL, counter=Counter.CYCLE),
    Signal(4, 1, "closed", "Closed", OVEN, Role.STATE, inverted=True, codes={"1": "run", "0": "stop"}, settle_ms=3000),
    Signal(5, 2, "current", "Current", DRILL, Role.STATE, run_above=5.0, stop_below=3.0, settle_ms=2000),
    Signal(6, 2, "alarm", "Alarm", DRILL, Role.ALARM, texts={"12": "Door open"}),
    Signal(7, 2, "words", "Alarm text", DRILL, Role.ALARM_TEXT),
    Signal(8, 2, "item", "Item", DRILL, Role.PRODUCT, codes={"7": "P-7"}),
    Signal(9, 2, "strokes", "Strokes", DRILL, Role.GOOD, counter=Counter.RESETTABLE),
    Signal(10, 1, "off", "Off", PRESS, Role.REJECT, counter=Counter.PULSE, inverted=True),
)
PLANT = Plant(
    "P", "L", "Asia/Seoul", None,
    machines=tuple(Machine(n, f"M{n}", f"M{n}", n) for n in (PRESS, OVEN, DRILL)),
    buses=(Bus(1, "io", "p1", "modbus_rtu"), Bus(2, "plc", "p2", "opc_ua")),
    devices=(Device(1, 1, "io", "IO"), Device(2, 2, "plc", "PLC")),
    signals=SIGNALS,
    products=(Product(1, "P-7", "Seven"), Product(2, "P-8", "Eight")),
    standards=(Standard(1, DRILL, 1000.0, 1000.0),),
)  # fmt: skip
DEVICE_OF = {s.key: "io" if s.device == 1 else "plc" for s in SIGNALS}


class Voice:
    """Devices that speak, a second between two frames. `clock_set` is by how much the wall clock has been set."""

    def __init__(self, plant: Plant = PLANT) -> None:
        ids = count(1)
        self.interpreter = Interpreter(plant, Memory(), lambda _at_ms: next(ids))
        self.at_ms = T0
        self.clock_set = 0
        self.seqs: dict[str, int] = {}

    @property
    def mono_ns(self) -> int:
        return (self.at_ms - self.clock_set - T0 + 1) * 1_000_000

    def set_clock(self, by_ms: int) -> None:
        self.at_ms += by_ms
        self.clock_set += by_ms

    def say(
        self, after_ms: int = 1000, *, note: str = "", quality: Quality = Quality.GOOD, **values: Any
    ) -> list[Event]:
        """One frame; the events that it makes."""
        self.at_ms += after_ms
        device = DEVICE_OF[next(iter(values))]
        self.seqs[device] = seq = self.seqs.get(device, 0) + 1
        return self.interpreter.read(
            [
                Reading(device, key, value, quality, self.at_ms, self.mono_ns, seq, note=note)
                for key, value in values.items()
            ]
        ).events

    def health(self, device: str, status: str, after_ms: int = 1000) -> list[Event]:
        self.at_ms += after_ms
        return self.interpreter.health(Health(device, status, self.at_ms)).events

    def settle(self, after_ms: int = 0) -> list[Event]:
        self.at_ms += after_ms
        return self.interpreter.settle(self.at_ms, self.at_ms, self.mono_ns).events


@pytest.fixture
def voice() -> Voice:
    return Voice()


def pieces(events: list[Event]) -> list[tuple[int | None, str]]:
    return [(e.pieces, e.flag) for e in events if e.kind is EventKind.COUNT]


def states(events: list[Event]) -> list[tuple[str, int]]:
    """State and when it began, in seconds from the start."""
    return [(e.word, (e.at_ms - T0) // 1000) for e in events if e.kind is EventKind.STATE]


# -- counters --


@pytest.mark.parametrize(
    ("before", "now", "modulus", "most", "steps", "flag"),
    [
        (65530, 4, 65536, 50, 10, CountFlag.ROLLOVER),
        (5120, 3, None, 50, 3, CountFlag.RESET),
        (9998, 7, 10_000, 50, 9, CountFlag.ROLLOVER),
        (32760, 5, 32768, 50, 13, CountFlag.ROLLOVER),
        (5120, 5100, None, 50, 0, CountFlag.STEP_BACK),
        (2**32 - 3, 4, 2**32, 50, 7, CountFlag.ROLLOVER),
        (65530, 4, 65536, 5, 4, CountFlag.RESET),  # ten pieces are not possible in that time, four are
        (65530, 40, 65536, 5, 0, CountFlag.IMPLAUSIBLE),
        (300, 4, 65536, 50, 4, CountFlag.RESET),  # to wrap it would have to make 65,240
        (5120, 900, None, 50, 0, CountFlag.IMPLAUSIBLE),  # a new start with more than the time allows
        (5000, 5120, None, 200, 120, CountFlag.PLAIN),
        (5000, 60_000, None, 50, 0, CountFlag.IMPLAUSIBLE),
        (4, 65530, 65536, 50, 0, CountFlag.IMPLAUSIBLE),  # never 65,526 pieces, never less than none
    ],
)
def test_every_row_of_the_counter_rules(
    before: int, now: int, modulus: int | None, most: int, steps: int, flag: CountFlag
) -> None:
    assert count_steps(before, now, modulus, most) == (steps, flag)


@given(
    st.integers(0, 2**32), st.integers(0, 2**32), st.sampled_from([None, 10_000, 65_536, 2**32]),
    st.one_of(st.none(), st.integers(0, 10_000)), st.booleans(),
)  # fmt: skip
def test_no_counter_makes_less_than_nothing_or_more_than_possible(
    before: int, now: int, modulus: int | None, most: int | None, resets: bool
) -> None:
    steps, flag = count_steps(before, now, modulus, most, resets)
    assert 0 <= steps <= (most if most is not None else (modulus or 1_000_000) // 2)
    assert (flag is CountFlag.PLAIN) <= (steps == now - before)


@given(st.integers(2, 2**32), st.data())
def test_a_wrap_counts_what_was_made(modulus: int, data: st.DataObject) -> None:
    before = data.draw(st.integers(0, modulus - 1))
    made = data.draw(st.integers(0, modulus // 2))
    steps, flag = count_steps(before, (before + made) % modulus, modulus, None)
    assert steps == made
    assert flag in (CountFlag.PLAIN, CountFlag.ROLLOVER)


def test_a_counter_that_somebody_resets_begins_anew_also_by_a_small_step(voice: Voice) -> None:
    assert pieces(voice.say(strokes=50)) == [(0, "first")]
    assert pieces(voice.say(60_000, strokes=30)) == [(30, "reset")]
    assert pieces(voice.say(100, strokes=25)) == [(0, "step_back")], "25 pieces in a tenth of a second are none"


def test_a_pulse_is_one_step_each_time_it_comes(voice: Voice) -> None:
    levels = [False, True, True, False, False, True, 1, 0, 5]
    assert [pieces(voice.say(pulse=level)) for level in levels] == [
        [(0, "first")], [(2, "")], [], [], [], [(2, "")], [], [], [(2, "")],
    ]  # fmt: skip
    assert pieces(voice.say(pulse=True, quality=Quality.BAD)) == []


def test_a_pulse_that_is_on_at_the_first_look_is_no_piece(voice: Voice) -> None:
    assert [pieces(voice.say(pulse=level)) for level in (True, False, True)] == [[(0, "first")], [], [(2, "")]]


def test_an_inverted_contact_counts_when_it_opens(voice: Voice) -> None:
    assert [pieces(voice.say(off=level)) for level in (True, False, True)] == [[(0, "first")], [(1, "")], []]


def test_pulses_in_a_silence_are_not_invented(voice: Voice) -> None:
    voice.say(pulse=False)
    voice.say(pulse=True)
    voice.health("io", "offline")
    voice.health("io", "online", 600_000)
    assert pieces(voice.say(pulse=True)) == [], "whether it went off and on in between nobody knows"
    voice.say(pulse=False)
    voice.health("io", "offline")
    voice.health("io", "online", 600_000)
    (event,) = voice.say(pulse=True)
    assert (event.pieces, event.flag, event.from_ms) == (2, "", event.at_ms), "it went on: one stroke, not the silence"


def test_each_message_is_a_piece_but_for_what_is_shown_again(voice: Voice) -> None:
    assert [pieces(voice.say(reject=value)) for value in (1, 1, "NG", 0, False)] == [[(1, "")]] * 3 + [[], []]
    assert pieces(voice.say(reject=1, note="snapshot")) == []
    assert pieces(voice.say(reject=1, note="duplicate")) == []


def test_a_cycle_is_told_by_a_contact_or_by_a_number(voice: Voice) -> None:
    assert [pieces(voice.say(cycle=value)) for value in (False, True, False, True)] == [
        [(0, "first")], [(1, "")], [], [(1, "")],
    ]  # fmt: skip
    other = Voice()
    assert [pieces(other.say(cycle=value)) for value in (10, 11, 11, 13)] == [[(0, "first")], [(1, "")], [], [(2, "")]]


# -- states --


def test_a_motor_runs_above_and_stands_below_and_between_it_stays(voice: Voice) -> None:
    assert states(voice.say(current=4.0)) == [("unknown", 1)]
    assert states(voice.say(current=6.0)) == [("run", 2)], "the first word is taken at once"
    for amps in (4.0, 3.0, 5.0, 3.1):
        assert states(voice.say(current=amps)) == []
    assert states(voice.say(current=1.0)) == []
    assert states(voice.say(current=1.0)) == []
    assert states(voice.say(current=1.0)) == [("stop", 7)], "it stands since it fell, said when that had lasted"
    assert states(voice.say(current=6.0)) == []
    assert states(voice.say(current=4.0)) == []
    assert states(voice.say(5000, current=2.0)) == [], "between the two nothing speaks for a change any more"
    assert states(voice.say(current=None, quality=Quality.BAD)) == [("unknown", 17)]
    assert states(voice.say(current="?")) == []
    assert states(voice.say(current=float("nan"))) == []
    assert states(voice.say(current=2.0)) == [("stop", 20)]


def test_a_short_dip_is_no_stop(voice: Voice) -> None:
    voice.say(current=9)
    for amps in (0, 9, 0, 0, 9):
        assert states(voice.say(900, current=amps)) == []


def test_a_contact_that_is_closed_while_nothing_runs(voice: Voice) -> None:
    assert states(voice.say(closed=False)) == [("run", 1)]
    assert states(voice.say(closed=True)) == []
    assert states(voice.say(3000, closed=True)) == [("stop", 2)]


def test_time_alone_settles_what_a_server_does_not_say_again(voice: Voice) -> None:
    voice.say(current=9)
    voice.say(current=0)
    assert states(voice.settle(1999)) == []
    assert states(voice.settle(1)) == [("stop", 2)]
    assert states(voice.settle(60_000)) == []


def test_silence_is_unknown_at_once_and_nothing_pends_behind_it(voice: Voice) -> None:
    voice.say(current=9)
    voice.say(current=0)
    assert states(voice.health("plc", "offline", 500)) == [("unknown", 2)]
    assert states(voice.settle(60_000)) == []
    voice.health("plc", "online")
    assert [word for word, _at in states(voice.say(current=0))] == ["stop"]


@pytest.mark.parametrize("by_ms", [-3_600_000, 3_600_000], ids=["back", "forward"])
def test_a_clock_that_is_set_loses_no_piece_and_no_loss(voice: Voice, by_ms: int) -> None:
    voice.say(strokes=100)
    voice.set_clock(by_ms)
    (count_event,) = voice.say(40_000, strokes=140)  # a stroke takes a second
    assert (count_event.pieces, count_event.flag) == (40, "")
    assert count_event.from_ms == (voice.at_ms - 40_000 if by_ms < 0 else T0 + 1000)
    voice.seqs["plc"] += 3
    assert [e.pieces for e in voice.say(strokes=140) if e.kind is EventKind.LOSS] == [3]
    voice.seqs["plc"] += 2
    voice.set_clock(by_ms)
    assert [e.pieces for e in voice.say(strokes=140) if e.kind is EventKind.LOSS] == [2], "told within a second"


@pytest.mark.parametrize("by_ms", [-3_600_000, 3_600_000], ids=["back", "forward"])
@pytest.mark.parametrize("silent", [True, False])
def test_a_state_that_must_last_lasts_by_the_time_that_passed(voice: Voice, by_ms: int, silent: bool) -> None:
    voice.say(current=6.0)
    voice.say(current=1.0)
    voice.set_clock(by_ms)
    begun_ms = voice.at_ms
    assert states(voice.settle(1500)) == [], "an hour on the wall is no time"
    found = voice.settle(500) if silent else voice.say(500, current=1.0)
    assert [(e.word, e.at_ms) for e in found if e.kind is EventKind.STATE] == [("stop", begun_ms)]


def test_readings_of_two_buses_around_the_moment_in_which_the_clock_was_set(voice: Voice) -> None:
    """One was stamped before and comes after one that was stamped behind it."""
    voice.say(strokes=100)
    voice.say(pulse=False)
    voice.set_clock(-3_600_000)
    voice.say(500, pulse=True)
    voice.set_clock(3_600_000)
    assert [(e.pieces, e.flag) for e in voice.say(-400, strokes=101)] == [(1, "")]
    voice.set_clock(-3_600_000)
    assert [(e.pieces, e.flag) for e in voice.say(60_000, strokes=161)] == [(60, "")]


@given(st.lists(st.tuples(st.sampled_from([0.0, 4.0, 9.0, None]), st.integers(1, 5000)), max_size=30), st.data())
def test_when_time_is_looked_at_changes_nothing(story: list[tuple[float | None, int]], data: st.DataObject) -> None:
    """A state settles by a look at the clock or by the next reading: the same change of the same moment."""
    told = []
    for looks in (False, True):
        voice, found = Voice(), []
        for amps, after_ms in story:
            if looks and data.draw(st.booleans()):
                before_ms = data.draw(st.integers(0, after_ms - 1))
                found += voice.settle(before_ms)
                after_ms -= before_ms
            quality = Quality.GOOD if amps is not None else Quality.BAD
            found += voice.say(after_ms, current=amps, quality=quality)
        found += voice.settle(60_000)
        told.append([(e.word, e.detail, e.at_ms) for e in found])
    assert told[0] == told[1]


# -- alarms and products --


def alarms(events: list[Event]) -> list[tuple[str, str]]:
    return [(e.word, e.detail) for e in events if e.kind is EventKind.ALARM]


def test_the_text_of_an_alarm_comes_from_the_table_the_frame_or_after_it(voice: Voice) -> None:
    assert alarms(voice.say(alarm=12)) == [("12", "Door open")]
    assert alarms(voice.say(words="Spindle hot", alarm=15)) == [("15", "Spindle hot")]
    assert alarms(voice.say(alarm=15, words="Spindle hot")) == []
    assert alarms(voice.say(alarm=16)) == [("16", "")]
    assert alarms(voice.say(words="No air")) == [("16", "No air")], "what comes after the code belongs to it"
    assert alarms(voice.say(words="No air")) == []
    assert alarms(voice.say(alarm=0, words="No air")) == [("", "")]
    assert alarms(voice.say(words="old words")) == [], "no alarm, no text"
    assert alarms(voice.say(alarm=None, quality=Quality.BAD)) == []


def test_a_text_without_a_code_is_an_alarm_of_its_own() -> None:
    lone = replace(PLANT, signals=(SIGNALS[6],))
    voice = Voice(lone)
    assert [alarms(voice.say(words=text)) for text in ("Door", "Door", "")] == [[("Door", "")], [], [("", "")]]


def test_a_product_code_is_known_or_kept_as_it_is(voice: Voice) -> None:
    def told(events: list[Event]) -> list[tuple[str, str, str]]:
        return [(e.word, e.detail, e.flag) for e in events if e.kind is EventKind.PRODUCT]

    assert told(voice.say(item="P-8")) == [("P-8", "", "")]
    assert told(voice.say(item="P-8")) == []
    assert told(voice.say(item=7)) == [("P-7", "7", "")]
    assert told(voice.say(item="P-9")) == [("P-9", "", "unknown")]
    assert told(voice.say(item=None, quality=Quality.BAD)) == []
    assert told(voice.say(item="")) == [("", "", "")]


# -- lost frames --


def lost(events: list[Event]) -> list[tuple[int | None, int | None, str]]:
    return [(e.device, e.pieces, e.detail) for e in events if e.kind is EventKind.LOSS]


def test_frames_that_never_came_are_counted(voice: Voice) -> None:
    assert lost(voice.say(alarm=0, item="P-7")) == []
    voice.seqs["plc"] += 3
    assert lost(voice.say(alarm=0, item="P-7")) == [(2, 3, "sequence")]
    assert lost(voice.say(1, pulse=False)) == [], "each device has numbers of its own"
    voice.seqs["plc"] += 1
    assert lost(voice.say(100, alarm=0)) == []
    voice.seqs["plc"] += 2
    assert lost(voice.say(100, alarm=0)) == [], "not with every frame of a flood"
    assert lost(voice.say(900, alarm=0)) == [(2, 3, "sequence")]
    voice.seqs["plc"] += 1
    assert lost(voice.say(1, alarm=0)) == []
    assert lost(voice.health("plc", "offline")) == [(2, 1, "sequence")]
    voice.health("plc", "online")
    voice.say(alarm=0)
    voice.seqs["plc"] = 0
    assert lost(voice.say(alarm=0)) == [], "a new connection begins with 1"
    voice.health("plc", "offline")
    voice.seqs["plc"] += 40
    assert lost(voice.say(alarm=0)) == []


def test_what_the_driver_counts_itself_is_told_once(voice: Voice) -> None:
    """A flood: frame 1, then 40 that did not pass, 42, then 60 more, and the driver's word that 100 are missing."""
    found: list[Event] = []
    for seq, note in ((1, ""), (42, ""), (102, "overflow"), (103, "")):
        voice.at_ms += 400
        value = 100 if note else 5
        found += voice.interpreter.read(
            [Reading("io", "" if note else "reject", value, 0, voice.at_ms, 0, seq, note=note)]
        ).events
    assert lost(found) == [(1, 40, "sequence"), (1, 60, "overflow")]


# -- any way of reading, and a restart in the middle --


FRAMES = st.one_of(
    st.fixed_dictionaries({"pulse": st.booleans(), "off": st.booleans()}),
    st.fixed_dictionaries({"reject": st.sampled_from([1, 0, "NG"])}),
    st.fixed_dictionaries({"cycle": st.booleans()}),
    st.fixed_dictionaries({"closed": st.booleans()}),
    st.fixed_dictionaries({"current": st.sampled_from([0.0, 4.0, 9.0])}),
    st.fixed_dictionaries({"alarm": st.sampled_from([0, 12, 15]), "words": st.sampled_from(["", "A", "B"])}),
    st.fixed_dictionaries({"words": st.sampled_from(["", "A", "B"])}),
    st.fixed_dictionaries({"item": st.sampled_from(["", 7, "P-8", "P-9"])}),
    st.fixed_dictionaries({"strokes": st.integers(0, 60)}),
)
STORY = st.lists(st.tuples(FRAMES, st.integers(1, 20_000), st.booleans()), max_size=30)


def frames_of(story: list[tuple[dict[str, Any], int, bool]]) -> list[tuple[list[Reading], bool]]:
    at_ms, seqs, found = T0, {"io": 0, "plc": 0}, []
    for values, after_ms, cut in story:
        at_ms += after_ms
        device = DEVICE_OF[next(iter(values))]
        seqs[device] += 1
        frame = [Reading(device, key, value, Quality.GOOD, at_ms, 0, seqs[device]) for key, value in values.items()]
        found.append((frame, cut))
    return found


@given(STORY)
def test_however_frames_are_split_into_polls_the_facts_are_the_same(
    story: list[tuple[dict[str, Any], int, bool]],
) -> None:
    frames, told = frames_of(story), []
    for split in (False, True):
        interpreter = Voice().interpreter
        waiting: list[Reading] = []
        events: list[Event] = []
        for frame, cut in frames:
            waiting += frame
            if cut or split:
                events += interpreter.read(waiting).events
                waiting = []
        events += interpreter.read(waiting).events
        told.append([asdict(event) for event in events])
    assert told[0] == told[1]


def in_a_file(folder: Path) -> database.Store:
    """The same line in a register."""
    store = database.create(folder)
    with store.transaction() as db:
        for machine in PLANT.machines:
            words = {"name": machine.name, "place": machine.place, "threshold_ms": 120_000}
            register.upsert(db, "machines", {"code": machine.code}, words)
        for product in PLANT.products:
            register.upsert(db, "products", {"code": product.code}, {"name": product.name})
        register.upsert(
            db, "standards", {"product_id": 1, "machine_id": DRILL, "valid_from_ms": 0},
            {"ideal_cycle_ms": 1000.0, "standard_cycle_ms": 1000.0},
        )  # fmt: skip
        for bus, device in zip(PLANT.buses, PLANT.devices, strict=True):
            register.upsert(db, "buses", {"key": bus.key}, {"port": bus.port, "driver": bus.driver, "settings": "{}"})
            register.upsert(
                db, "devices", {"key": device.key}, {"bus_id": bus.id, "name": device.name, "settings": "{}"}
            )
        for s in SIGNALS:
            meant = {
                "counter": s.counter.value, "inverted": s.inverted, "run_above": s.run_above,
                "stop_below": s.stop_below, "settle_ms": s.settle_ms, "texts": dict(s.texts),
            }  # fmt: skip
            row = {
                "name": s.name, "machine_id": s.machine, "role": s.role.value, "unit": "", "factor": 1.0,
                "offset_value": 0.0, "dead_band": 0.0, "modulus": None, "pieces_per_step": s.pieces_per_step,
                "limit_low": None, "limit_high": None, "per_piece": 0, "codes": json.dumps(dict(s.codes)),
                "classes": "{}", "settings": "{}", "meaning": json.dumps(meant),
            }  # fmt: skip
            register.upsert(db, "signals", {"device_id": s.device, "key": s.key}, row)
    return store


def known(memory: Memory) -> dict[str, Any]:
    return {name: {key: value for key, value in of.items() if value} for name, of in asdict(memory).items()}


@given(STORY)
@settings(max_examples=25)
def test_a_restart_in_the_middle_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[dict[str, Any], int, bool]]
) -> None:
    """Where somebody starts the collector anew every device was silent: what pended ends with that in both cases."""
    told = []
    for kills in (False, True):
        store = in_a_file(tmp_path_factory.mktemp("roles") / "d")
        try:
            plant = register.plant(store)
            assert plant.signals == SIGNALS
            journal = Journal(store)
            interpreter = Interpreter(plant, Memory(), journal.next_id)
            events: list[Event] = []
            for frame, cut in frames_of(story):
                batches = [interpreter.read(frame)]
                at_ms = frame[0].at_ms
                if cut:
                    batches += [interpreter.health(Health(device, "offline", at_ms)) for device in ("io", "plc")]
                for batch in batches:
                    events += batch.events
                    journal.commit(batch)
                if cut and kills:
                    assert from_json(to_json(interpreter.memory)) == interpreter.memory
                    journal = Journal(store)
                    assert known(recall(store, plant)) == known(interpreter.memory)
                    interpreter = Interpreter(plant, recall(store, plant), journal.next_id)
                for device in ("io", "plc") if cut else ():
                    batch = interpreter.health(Health(device, "online", at_ms))
                    events += batch.events
                    journal.commit(batch)
            told.append([{**asdict(event), "id": 0} for event in events])
        finally:
            store.close()
    assert told[0] == told[1]


def test_what_pends_waits_outside_of_the_journal_too(voice: Voice) -> None:
    voice.say(current=9)
    voice.say(current=0)
    assert voice.interpreter.memory.pending == {5: (State.STOP, "", T0 + 2000)}
    assert from_json(to_json(voice.interpreter.memory)) == voice.interpreter.memory
