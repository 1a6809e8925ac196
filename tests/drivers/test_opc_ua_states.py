"""State machines of the companion models on an independent server: from the node to the state of the shop floor."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import pytest

from desktop.clock import REAL
from desktop.collect.interpret import Interpreter
from desktop.collect.memory import Memory
from desktop.configuration import presets
from desktop.domain.events import CountFlag, EventKind, Role
from desktop.domain.plant import Bus, Device, Machine, Plant, Signal
from drivers.base import Quality, Reading, Value
from drivers.opc_ua import OpcUa
from drivers.opc_ua_states import StateMachine
from tests.drivers.opc_ua_peers import Plc, arrived, bus, collect, have, opened, other_ua

MACHINERY = "http://opcfoundation.org/UA/Machinery/"
PACKML = "http://opcfoundation.org/UA/PackML/"
TOOLS = "http://opcfoundation.org/UA/MachineTool/"


@pytest.fixture(scope="module")
def plc() -> Iterator[Plc]:
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    plc = Plc()
    yield plc
    plc.close()


class Told:
    """A state machine on the server: its states are nodes of a companion model."""

    def __init__(self, plc: Plc, name: str, uri: str, states: Mapping[int, tuple[int, str]], *, show: bool = True):
        self.plc, self.states, self.index = plc, states, plc.do(plc.server.register_namespace(uri))
        self.node = plc.do(plc.server.nodes.objects.add_object(other_ua.NodeId(name, plc.index), name))
        for number, (_, state) in states.items():
            if show:
                node_id = other_ua.NodeId(number, self.index)
                plc.do(self.node.add_object(node_id, other_ua.QualifiedName(state, self.index)))
        first = other_ua.LocalizedText("?", "ko")
        self.text = plc.do(self.node.add_variable(self._id(name), "0:CurrentState", first))
        self.id = plc.do(self.text.add_property(self._id(f"{name}.Id"), "0:Id", other_ua.NodeId()))
        zero = other_ua.Variant(0, other_ua.VariantType.UInt32)
        self.number = plc.do(self.text.add_property(self._id(f"{name}.Number"), "0:Number", zero))

    def _id(self, name: str) -> Any:
        return other_ua.NodeId(f"{name}.CurrentState", self.plc.index)

    def go(self, number: int, *, text: str = "상태", by: str = "id number text") -> None:
        """Enter a state, told by these variables only."""
        place, name = self.states[number]
        if "id" in by:
            self.plc.do(self.id.write_value(other_ua.NodeId(number, self.index)))
        if "number" in by:
            self.plc.do(self.number.write_value(other_ua.Variant(place, other_ua.VariantType.UInt32)))
        if "text" in by:
            self.plc.do(self.text.write_value(other_ua.LocalizedText(text or name, "ko")))


def facts(readings: list[Reading], preset: str) -> list[str]:
    """The states of the machine that the interpreter makes of the readings of signal "state"."""
    signals = [Signal(1, 1, "state", "state", 1, Role.STATE, codes=presets.codes(preset))]
    plant = Plant(
        "P", "L", "Asia/Seoul", None, (Machine(1, "M", "M", 0, 120_000),),
        (Bus(1, "cell", "", "opc_ua"),), (Device(1, 1, "plc", "plc"),), tuple(signals),
    )  # fmt: skip
    ids = count(1)
    events = Interpreter(plant, Memory(), lambda _at: next(ids)).read(readings).events
    return [event.word for event in events if event.kind is EventKind.STATE]


def followed(plc: Plc, settings: dict[str, Value], steps: list[tuple[Any, str]]) -> list[Reading]:
    """The readings of a signal while the machine goes through steps, each with the word that must come of it."""
    spec = bus(plc.url, {"state": str(settings.pop("node"))}, None, "", read="state", **settings)
    found: list[Reading] = []
    with opened(spec) as driver:
        for step, word in steps:
            step()
            part = collect(driver, arrived(word))
            assert [r.value for r in part] == [word]
            found += part
        assert driver.faults() == {}
    return found


ITEM = {5004: (1, "OutOfService"), 5005: (2, "NotAvailable"), 5006: (3, "Executing"), 5007: (4, "NotExecuting")}
MODE = {5024: (1, "None"), 5025: (2, "Maintenance"), 5026: (3, "Processing"), 5027: (4, "Setup")}


def test_machinery_by_id_with_its_operation_mode(plc: Plc) -> None:
    item, mode = Told(plc, "item", MACHINERY, ITEM), Told(plc, "mode", MACHINERY, MODE)
    item.go(5006)
    mode.go(5026)
    found = followed(
        plc,
        {"node": "nsu=urn:plc;s=item", "mode": "nsu=urn:plc;s=mode"},
        [
            (lambda: None, "Executing+Processing"),
            (lambda: item.go(5007), "NotExecuting+Processing"),
            (lambda: mode.go(5027), "NotExecuting+Setup"),
            (lambda: item.go(5004), "OutOfService+Setup"),
        ],
    )
    assert facts(found, "machinery") == ["run", "idle", "setup", "fault"]
    assert [r.note for r in found] == ["snapshot", "", "", ""]
    assert [r.seq for r in found] == [1, 2, 3, 4]


def test_machinery_whose_server_does_not_show_the_states(plc: Plc) -> None:
    """The numbers of the nodeset are known; the text, translated, would be nothing."""
    item = Told(plc, "hidden", MACHINERY, ITEM, show=False)
    item.go(5006, by="id text")
    found = followed(
        plc,
        {"node": "nsu=urn:plc;s=hidden.CurrentState"},
        [(lambda: None, "Executing"), (lambda: item.go(5005, by="id text"), "NotAvailable")],
    )
    assert facts(found, "machinery") == ["run", "stop"]


PACK = {601: (2, "Stopped"), 602: (6, "Execute"), 603: (5, "Suspended"), 604: (9, "Aborted"), 605: (11, "Held")}


def test_packml_by_id_then_by_number(plc: Plc) -> None:
    pack = Told(plc, "pack", PACKML, PACK)
    pack.go(602, by="id text")  # a server that never sets the number
    steps: list[tuple[Any, str]] = [
        (lambda: None, "Execute"),
        (lambda: pack.go(603, by="id text"), "Suspended"),
        (lambda: pack.go(605), "Held"),
        (lambda: pack.go(604), "Aborted"),
    ]
    found = followed(plc, {"node": "nsu=urn:plc;s=pack"}, steps)
    assert facts(found, "packml_packtags") == ["run", "starved", "stop", "fault"]
    numbered = Told(plc, "numbered", PACKML, PACK, show=False)  # one that tells no id
    numbered.go(602, by="number text")
    found = followed(
        plc,
        {"node": "nsu=urn:plc;s=numbered"},
        [(lambda: None, 6), (lambda: numbered.go(601, by="number text"), 2)],  # type: ignore[list-item]
    )
    assert facts(found, "packml_packtags") == ["run", "stop"]


def test_machine_tool_by_text_last(plc: Plc) -> None:
    tool = Told(plc, "tool", TOOLS, {1: (1, "Running"), 2: (2, "Interrupted")})
    tool.go(1, by="text", text="Running")
    found = followed(
        plc,
        {"node": "nsu=urn:plc;s=tool.CurrentState"},
        [(lambda: None, "Running"), (lambda: tool.go(2, by="text", text="Interrupted"), "Interrupted")],
    )
    assert facts(found, "machine_tool") == ["run", "stop"]


def test_a_channel_state_is_a_plain_number(plc: Plc) -> None:
    plc.add("channel", other_ua.Variant(0, other_ua.VariantType.Int32))
    with opened(bus(plc.url, {"state": "nsu=urn:plc;s=channel"})) as driver:
        found = collect(driver, have("state"))
        plc.set("channel", other_ua.Variant(1, other_ua.VariantType.Int32))
        found += collect(driver, arrived(1))
    assert facts(found, "machine_tool") == ["run", "stop"]


def test_every_state_in_one_answer_is_told() -> None:
    driver = OpcUa(bus("opc.tcp://127.0.0.1:1", {"state": "i=1"}, read="state"), REAL)
    driver._items.wish(100)
    driver._arrivals.receive(
        [(1, "Execute", 0, 1, 1), (1, "Held", 0, 2, 2), (1, "Execute", 0, 3, 3), (1, "Execute", 0, 4, 4)], 0
    )
    assert [r.value for r in driver._arrivals.take()] == ["Execute", "Held", "Execute"]


def test_a_state_machine_that_is_not_there_is_bad_and_the_others_go_on(plc: Plc) -> None:
    plc.add("beside", 1)
    spec = bus(plc.url, {"state": "nsu=urn:plc;s=nowhere"}, read="state")
    with opened(spec) as driver:
        [reading] = collect(driver, have("state"))
        assert (reading.value, reading.quality) == (None, Quality.BAD)
        assert driver.bad_nodes() == {("plc", "state"): "BadNodeIdUnknown"}


def test_a_bad_current_state_is_not_believed() -> None:
    machine = StateMachine()
    machine.take("text", "Execute", 0x808C0000, 5)
    machine.take("number", 6, 0, 5)
    assert machine.word({}) == (6, 0x808C0000, 5)


def test_a_machine_with_only_a_counter_needs_no_state(plc: Plc) -> None:
    plc.add("only", 41)
    with opened(bus(plc.url, {"good": "nsu=urn:plc;s=only"})) as driver:
        found = collect(driver, have("good"))
        plc.set("only", 44)
        found += collect(driver, arrived(44))
    signals = (Signal(1, 1, "good", "good", 1, Role.GOOD),)
    plant = Plant(
        "P", "L", "Asia/Seoul", None, (Machine(1, "M", "M", 0, 120_000),),
        (Bus(1, "cell", "", "opc_ua"),), (Device(1, 1, "plc", "plc"),), signals,
    )  # fmt: skip
    ids = count(1)
    events = Interpreter(plant, Memory(), lambda _at: next(ids)).read(found).events
    assert [(e.pieces, e.flag) for e in events] == [(0, CountFlag.FIRST), (3, CountFlag.PLAIN)]
