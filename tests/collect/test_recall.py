"""A collector that was killed goes on as if it had not been: what it recalls is what the other one knew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from desktop.collect.interpret import Health, Interpreter
from desktop.collect.memory import Memory
from desktop.collect.recall import from_json, recall, to_json
from desktop.domain.events import State, Thing
from desktop.store import register
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from drivers.base import Reading
from tests.collect.example import ASSEMBLY, CNC, PACKING, PRESS, T0, open_line, reading

DEVICES = ("plc", "scanner", "torque", "cnc", "packer")


class Shop:
    """A file, the interpreter that writes it, and a way to kill it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.plant = register.plant(store)
        self.at_ms = T0
        self.seqs: dict[str, int] = {}  # device -> its last frame
        self.journal = Journal(store)
        self.interpreter = Interpreter(self.plant, Memory(), self.journal.next_id)

    def restart(self) -> None:
        """A new process on the same file."""
        self.journal = Journal(self.store)
        self.interpreter = Interpreter(self.plant, recall(self.store, self.plant), self.journal.next_id)

    def say(self, device: str, after_ms: int = 1000, *, note: str = "", **values: Any) -> Batch:
        self.at_ms += after_ms
        self.seqs[device] = seq = self.seqs.get(device, 0) + 1
        frame: list[Reading] = [
            reading(device, key, value, self.at_ms, seq=seq, note=note) for key, value in values.items()
        ]
        return self._keep(self.interpreter.read(frame))

    def health(self, device: str, status: str, after_ms: int = 1000) -> Batch:
        self.at_ms += after_ms
        fault = "" if status == "online" else "link_lost"
        return self._keep(self.interpreter.health(Health(device, status, self.at_ms, fault)))

    def _keep(self, batch: Batch) -> Batch:
        self.journal.commit(batch)
        return batch


def known(memory: Memory) -> dict[str, Any]:
    """What a memory knows; an empty list or word is the same as none."""
    found = asdict(memory)
    return {name: {key: value for key, value in of.items() if value} for name, of in found.items()}


@pytest.fixture
def shop(store: Store) -> Shop:
    return Shop(store)


def test_nothing_is_recalled_from_an_empty_file(shop: Shop) -> None:
    assert known(recall(shop.store, shop.plant)) == known(Memory())


def test_everything_is_recalled(shop: Shop) -> None:
    for device in DEVICES:
        shop.health(device, "online")
    shop.say("plc", good=5000, reject=3, state=1, alarm=12)
    shop.say("cnc", strokes=10, part="SN9")
    for code in ("LOT-SEAL-1", "LOT-BOLT-1", "LOT-SEAL-2", "SN1"):
        shop.say("scanner", code=code)
    for code in ("SN1", "BX1", "SN2", "SN3"):
        shop.say("packer", code=code)
    shop.health("cnc", "offline")
    memory = recall(shop.store, shop.plant)
    assert known(memory) == known(shop.interpreter.memory)
    assert memory.states == {PRESS: (State.RUN, "1")}
    assert memory.lots == {ASSEMBLY: {"SEAL": Thing("lot", "LOT-SEAL-2"), "BOLT": Thing("lot", "LOT-BOLT-1")}}
    assert memory.unpacked == {PACKING: [Thing("unit", "SN2"), Thing("unit", "SN3")]}
    assert memory.parts[CNC] == Thing("unit", "SN9")
    assert set(memory.gaps) == {signal.id for signal in shop.plant.signals if signal.key == "strokes"}
    shop.say("plc", good=4999)  # a step back
    assert shop.interpreter.memory.stepped
    again = from_json(to_json(shop.interpreter.memory))
    assert again == shop.interpreter.memory
    assert repr(again) == repr(shop.interpreter.memory), "also where == is lenient"


def test_a_large_counter_is_recalled_to_its_last_step(shop: Shop) -> None:
    for made in (1, 3):
        shop.say("cnc", strokes=2**59 + made)
    shop.say("cnc", strokes=2**59 + 3)
    shop.restart()
    (signal,) = (s.id for s in shop.plant.signals if s.key == "strokes")
    assert shop.interpreter.memory.readings[signal] == (2**59 + 3, shop.at_ms)
    assert shop.say("cnc", strokes=2**59 + 4).events[0].pieces == 4  # per stroke


@pytest.mark.parametrize("offline_before", [False, True])
def test_pieces_made_while_the_pc_was_off_are_not_lost(shop: Shop, offline_before: bool) -> None:
    """5,000 stored, PC off, 5,120 read: 120 pieces, timing unknown. Also where the device had gone before the PC."""
    shop.health("plc", "online")
    shop.say("plc", good=5000)
    shop.say("plc", good=5000, after_ms=90_000)
    if offline_before:
        shop.health("plc", "offline")
        off_ms = shop.at_ms
    shop.restart()
    if not offline_before:
        shop.health("plc", "offline")  # what a new collector says of the time of the last heartbeat
        off_ms = shop.at_ms
    shop.restart()  # and once more before the device was heard again
    shop.health("plc", "online", after_ms=3_600_000)
    event = shop.say("plc", good=5120).events[0]
    assert (event.pieces, event.flag, event.from_ms) == (120, "gap", off_ms)


def test_a_lot_is_not_forgotten_for_many_units(shop: Shop) -> None:
    shop.say("scanner", code="LOT-SEAL-1")
    batch = Batch()
    for n in range(2500):
        shop.at_ms += 1000
        found = shop.interpreter.read([reading("scanner", "code", f"SN{n}", shop.at_ms, seq=n)])
        for name in ("events", "steps", "links"):
            getattr(batch, name).extend(getattr(found, name))
    shop.journal.commit(batch)
    shop.restart()
    assert [link.child.code for link in shop.say("scanner", code="SN9999").links] == ["LOT-SEAL-1"]


def test_what_was_last_is_told_by_order_not_by_a_clock_that_jumped(shop: Shop) -> None:
    shop.say("plc", state=1, alarm=5, good=10, after_ms=365 * 86_400_000)
    shop.say("plc", state=2, alarm=0, good=11, after_ms=-365 * 86_400_000)
    assert known(recall(shop.store, shop.plant)) == known(shop.interpreter.memory)
    assert recall(shop.store, shop.plant).states == {PRESS: (State.STOP, "2")}


def test_a_part_that_left_is_not_there_any_more(shop: Shop) -> None:
    shop.say("cnc", part="SN1")
    shop.say("cnc", part="")
    shop.restart()
    assert shop.say("cnc", bore=10.0).results[0].unit is None


def test_a_step_back_is_remembered_until_it_is_confirmed(shop: Shop) -> None:
    for value in (5120, 5119):
        shop.say("plc", good=value)
    shop.restart()
    assert [e.pieces for e in shop.say("plc", good=5121).events] == [1]
    for value in (5100, 5100):
        shop.say("plc", good=value)
    shop.restart()
    assert [e.pieces for e in shop.say("plc", good=5122).events] == [22]


codes = st.sampled_from(["SN1", "SN2", "SN3", "LOT-SEAL-1", "LOT-SEAL-2", "LOT-BOLT-1", "BX1", "BX2", "?", ""])
actions = st.one_of(
    st.tuples(st.just("plc"), st.fixed_dictionaries({"good": st.integers(0, 40)})),
    st.tuples(st.just("plc"), st.fixed_dictionaries({"good": st.integers(0, 40), "reject": st.integers(0, 9)})),
    st.tuples(st.just("plc"), st.fixed_dictionaries({"state": st.integers(0, 4), "alarm": st.integers(0, 2)})),
    st.tuples(st.just("cnc"), st.fixed_dictionaries({"strokes": st.integers(0, 40)})),
    st.tuples(st.just("cnc"), st.fixed_dictionaries({"part": st.sampled_from(["SN1", "SN2", ""])})),
    st.tuples(st.just("cnc"), st.fixed_dictionaries({"bore": st.floats(9, 11)})),
    st.tuples(st.just("scanner"), st.fixed_dictionaries({"code": codes})),
    st.tuples(st.just("packer"), st.fixed_dictionaries({"code": codes})),
    st.tuples(st.just("packer"), st.fixed_dictionaries({"verdict": st.sampled_from(["OK", "NG"])})),
    st.tuples(st.just("torque"), st.fixed_dictionaries({"value": st.floats(0, 9), "verdict": st.just("NG")})),
    st.tuples(st.sampled_from(DEVICES), st.sampled_from(["online", "offline", "misconfigured"])),
)
turns = st.lists(
    st.tuples(actions, st.integers(1, 100_000), st.sampled_from(["", "", "duplicate", "snapshot"]), st.booleans()),
    max_size=40,
)


@given(turns)
@settings(max_examples=40)
def test_an_interrupted_collector_writes_what_an_uninterrupted_one_writes(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[tuple[str, Any], int, str, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("recall")
    told = []
    for name in ("whole", "killed"):
        store = open_line(folder / name)
        try:
            shop = Shop(store)
            for (device, what), after_ms, note, kill in story:
                if isinstance(what, str):
                    shop.health(device, what, after_ms)
                else:
                    shop.say(device, after_ms, note=note, **what)
                if kill and name == "killed":
                    before = known(shop.interpreter.memory)
                    shop.restart()
                    assert known(shop.interpreter.memory) == before
            told.append(facts(store))
        finally:
            store.close()
    assert told[0] == told[1]


def facts(store: Store) -> list[list[Any]]:
    """Everything that is not an id."""
    return [
        store.rows(
            "SELECT kind, at_ms, machine_id, device_id, signal_id, word, detail, pieces, from_ms, reading, flag"
            " FROM events ORDER BY id"
        ),
        store.rows(
            "SELECT l.kind, p.code, c.code, l.at_ms FROM links l JOIN units p ON p.id = l.parent_id"
            " JOIN units c ON c.id = l.child_id ORDER BY l.id"
        ),
        store.rows("SELECT u.code, s.machine_id, s.at_ms FROM steps s JOIN units u ON u.id = s.unit_id ORDER BY s.id"),
        store.rows(
            "SELECT u.code, r.value, r.judgement FROM results r LEFT JOIN units u ON u.id = r.unit_id ORDER BY r.id"
        ),
    ]


def test_recalling_costs_no_more_in_a_long_journal(tmp_path: Path) -> None:
    """Every question is answered by an index or found near the end: no step counts with the length of the journal."""
    steps = []
    for rows in (200, 4000):
        store = open_line(tmp_path / str(rows))
        shop = Shop(store)
        batch = Batch()
        for n in range(rows):
            shop.at_ms += 1000
            found = shop.interpreter.read(
                [
                    reading("plc", "good", n, shop.at_ms, seq=n),
                    reading("plc", "state", n % 2 + 1, shop.at_ms, seq=n),
                    reading("scanner", "code", "LOT-SEAL-1" if n == 50 else f"SN{n}", shop.at_ms, seq=n),
                ]
            )
            for name in ("events", "steps", "links"):
                getattr(batch, name).extend(getattr(found, name))
            batch.live.update(found.live)
        shop.journal.commit(batch)
        counted = [0]
        store.connection.set_progress_handler(lambda counted=counted: counted.__setitem__(0, counted[0] + 1), 100)
        recall(store, shop.plant)
        store.connection.set_progress_handler(None, 0)
        steps.append(counted[0])
        store.close()
    assert steps[1] < 3 * steps[0] + 50, steps
