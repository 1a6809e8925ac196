"""The demo line on real wires, read by the real drivers: what they read is the truth, no more and no less."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from desktop import configuration
from desktop.clock import PlantClock, starting_at
from drivers import catalog
from drivers.base import BusSpec, DeviceSpec, DriverError, Reading, SignalSpec
from drivers.simulated import demo_line
from drivers.simulated.demo_line import CNC_STATES, CONFIGURATION, PRESS_STATES, WELD_STATES, DemoLine, Registers
from drivers.simulated.machine import PLANS, STATES, Happening
from tests.waiting import wait_for

START_MS = 1_763_852_400_000  # 2025-11-23 08:00 in Seoul
SPEED = 60.0
PUSHED = {"torque": "torque-tool", "scanner-1": "assembly-scanner", "leak": "leak-tester"}
PUSHED |= {"scale": "packing-scale", "scanner-2": "packing-scanner"}


@pytest.fixture(scope="module")
def config() -> configuration.Configuration:
    return configuration.read(CONFIGURATION)


def specs(config: configuration.Configuration, ports: dict[str, str]) -> list[tuple[str, BusSpec]]:
    """What the real collector would give its drivers, with the simulated wires in place of the placeholders."""
    found = []
    for bus in config.buses:
        devices = tuple(
            DeviceSpec(
                device["key"],
                device["settings"],
                tuple(SignalSpec(signal["key"], signal["settings"]) for signal in device["signal"]),
            )
            for device in bus["device"]
        )
        found.append((bus["driver"], BusSpec(bus["key"], ports[bus["key"]], bus["settings"], devices)))
    return found


class Reader:
    """One thread a bus, as in the collector, that opens again whenever a link is lost."""

    def __init__(self, clock: PlantClock, wanted: list[tuple[str, BusSpec]]) -> None:
        self.readings: dict[str, list[Reading]] = {}
        self.faults: list[DriverError] = []
        self.opened: set[str] = set()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(clock, *each), daemon=True) for each in wanted]
        for thread in self._threads:
            thread.start()

    def _read(self, clock: PlantClock, name: str, spec: BusSpec) -> None:
        while not self._stop.is_set():
            driver = catalog.load(name)(spec, clock)
            try:
                driver.open()
                self.opened.add(spec.key)
                while not self._stop.is_set():
                    for reading in driver.poll():
                        self.readings.setdefault(reading.device, []).append(reading)
            except DriverError as error:
                self.faults.append(error)
                self._stop.wait(0.05)
            finally:
                driver.close()

    def of(self, device: str, signal: str = "") -> list[Reading]:
        return [r for r in list(self.readings.get(device, [])) if not signal or r.signal == signal]

    def last(self, device: str, signal: str) -> Any:
        found = self.of(device, signal)
        return found[-1].value if found else None

    def close(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(5)


def truth_of(demo: DemoLine) -> list[dict[str, Any]]:
    return [json.loads(line) for line in demo.truth.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def run(
    tmp_path_factory: pytest.TempPathFactory, config: configuration.Configuration
) -> tuple[DemoLine, list[dict[str, Any]], Reader]:
    """Six minutes of the line at speed 60, with a short drop of the vision link; read to the end, then closed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_line, "DROP_EVERY_S", (250.0, 260.0))
        patch.setattr(demo_line, "DROP_FOR_S", (30.0, 31.0))
        patch.setattr(demo_line, "PRESS_GOOD", 65_530)
        clock = starting_at(START_MS, SPEED)
        demo = DemoLine(tmp_path_factory.mktemp("데모 line"), clock, seed=5)
        reader = None
        try:
            demo.open()
            reader = Reader(clock, specs(config, demo.ports()))
            wait_for(lambda: reader.opened == set(demo.ports()))
            wait_for(lambda: all(wire.listening for wire in demo._wires.values()))
            wait_for(lambda: all(reader.of(key) for key in ("press-plc", "cnc-control", "weld-control", "camera")))
            demo.start()
            wait_for(lambda: demo.counts()["PK-01"][0] >= 5)
            demo.stop()
            wait_for(lambda: reader.last("camera", "good") == demo._servers["vision"].get("Good"))
            wait_for(lambda: reader.last("press-plc", "good") == demo._press("holding", 1, 1)[0])
            lines = Counter(each["bus"] for each in truth_of(demo) if "line" in each)
            for bus, device in PUSHED.items():
                wait_for(lambda b=bus, d=device: len({r.seq for r in reader.of(d)}) == lines[b])  # type: ignore[misc]
            time.sleep(0.3)  # what might come too much would come now
        finally:
            if reader is not None:
                reader.close()
            demo.close()
    return demo, truth_of(demo), reader


def test_every_pushed_line_arrives_once_and_in_order(
    run: tuple[DemoLine, list[dict[str, Any]], Reader],
) -> None:
    _, truth, reader = run
    for bus, device in PUSHED.items():
        told = [each for each in truth if each.get("bus") == bus]
        assert told
        assert all(each["taken"] for each in told)
        frames = {r.seq: r.raw.decode() for r in reader.of(device)}
        assert list(frames.values()) == [each["line"] for each in told]
        assert list(frames) == list(range(1, len(told) + 1))
        assert {r.note for r in reader.of(device)} == {""}
    weights = [each["measure"] for each in truth if each.get("bus") == "scale"]
    assert [r.value for r in reader.of("packing-scale", "weight")] == weights
    judged = [each["value"] for each in truth if each.get("bus") == "leak"]
    assert [r.value for r in reader.of("leak-tester", "judge")] == judged


def test_every_value_of_the_opc_ua_servers_arrives(
    run: tuple[DemoLine, list[dict[str, Any]], Reader], config: configuration.Configuration
) -> None:
    _, truth, reader = run
    for bus in (bus for bus in config.buses if bus["key"] in ("cnc", "weld")):
        [device] = bus["device"]
        for signal in device["signal"]:
            name = signal["settings"]["node"].rsplit("=", 1)[1]
            told = [each["shown"] for each in truth if each.get("bus") == bus["key"] and each.get("node") == name]
            read = reader.of(device["key"], signal["key"])
            assert read[0].note == "snapshot"
            if signal["settings"].get("trigger") == "time":
                assert [r.value for r in read[1:]] == told, name
            else:  # an equal value again is no news
                changes = [now for before, now in zip([read[0].value, *told], told, strict=False) if now != before]
                assert [r.value for r in read[1:]] == changes, name
    parts = [r.value for r in reader.of("cnc-control", "part")][1:]
    assert len(parts) > 8
    assert all(re.fullmatch(r"VH204-251123-\d{4}", str(part)) for part in parts)


def test_source_time_is_the_machines_own_plant_time(run: tuple[DemoLine, list[dict[str, Any]], Reader]) -> None:
    _, truth, reader = run
    told = [each["at_ms"] for each in truth if each.get("node") == "BoreDiameter"]
    read = reader.of("cnc-control", "bore")[1:]
    assert [r.source_at_ms for r in read] == told
    late_ms = [r.at_ms - (r.source_at_ms or 0) for r in read]
    assert min(late_ms) >= 0
    assert max(late_ms) < SPEED * 3000  # three real seconds on a busy computer


def test_counters_of_all_machines_equal_the_truth(run: tuple[DemoLine, list[dict[str, Any]], Reader]) -> None:
    demo, truth, reader = run
    made = Counter((each["machine"], each["kind"]) for each in truth)
    assert demo.counts() == {code: (made[code, "good"], made[code, "reject"]) for code in demo.counts()}
    assert (reader.last("press-plc", "good") - 65_530) % 65_536 == made["PR-01", "good"] > 6  # it has wrapped
    assert (reader.last("press-plc", "reject") - demo_line.PRESS_REJECT) % 65_536 == made["PR-01", "reject"]
    assert (reader.last("wash-plc", "total") - demo_line.WASH_TOTAL) % 65_536 == made["WS-01", "good"] > 0
    for device, good, reject, code in (
        ("cnc-control", demo_line.CNC_GOOD, demo_line.CNC_REJECT, "MC-01"),
        ("weld-control", demo_line.WELD_GOOD, demo_line.WELD_REJECT, "WD-01"),
        ("camera", demo_line.VISION_GOOD, demo_line.VISION_REJECT, "VI-01"),
    ):
        assert reader.last(device, "good") - good == made[code, "good"] > 0
        assert reader.last(device, "reject") - reject == made[code, "reject"]


def test_the_vision_link_drops_and_its_counters_go_on(run: tuple[DemoLine, list[dict[str, Any]], Reader]) -> None:
    _, truth, reader = run
    links = [each["value"] for each in truth if each["kind"] == "link"]
    assert links[:2] == ["cut", "restored"]
    assert len(links) % 2 == 0
    assert {fault.kind for fault in reader.faults} <= {"link_lost", "port_refused"}
    assert any(fault.kind == "link_lost" for fault in reader.faults)
    assert [r.note for r in reader.of("camera", "good")].count("snapshot") == len(links) // 2 + 1


def test_at_one_station_the_scan_comes_before_the_value(run: tuple[DemoLine, list[dict[str, Any]], Reader]) -> None:
    _, truth, reader = run
    for scanner, gauge, kind in (
        ("assembly-scanner", "torque-tool", "scanner-1"),
        ("packing-scanner", "packing-scale", "scanner-2"),
    ):
        units = [r for r in reader.of(scanner) if str(r.value).startswith("VH204")]
        values = reader.of(gauge, "judge")
        assert len(units) - len(values) in (0, 1)
        merged = sorted([(r.mono_ns, "unit") for r in units] + [(r.mono_ns, "value") for r in values])
        assert [what for _, what in merged] == (["unit", "value"] * len(units))[: len(merged)], kind
    order = [each.get("node") for each in truth if each.get("bus") == "cnc" and each["kind"] != "state"]
    pieces = [name for name in order if name in ("PartId", "BoreDiameter", "Good", "Reject")]
    assert [n.replace("Reject", "Good") for n in pieces][:9] == ["PartId", "BoreDiameter", "Good"] * 3
    part, bore, good = (reader.of("cnc-control", key)[1:4] for key in ("part", "bore", "good"))
    assert all(a.seq < b.seq < c.seq for a, b, c in zip(part, bore, good, strict=True))


def test_what_was_produced_is_what_the_truth_says(run: tuple[DemoLine, list[dict[str, Any]], Reader]) -> None:
    demo, truth, _ = run
    expected = Counter(each["kind"] for each in truth if "bus" in each or each["kind"] in ("good", "reject"))
    expected -= Counter({"link": expected["link"]})
    expected += Counter(unlinked=sum(each.get("linked") is False for each in truth))
    assert demo.produced() == dict(expected)
    times = [each["at_ms"] for each in truth if each["kind"] != "read"]
    assert times == sorted(times)
    assert times[0] >= START_MS


def test_nobody_wrote_to_a_machine_and_nothing_stays(run: tuple[DemoLine, list[dict[str, Any]], Reader]) -> None:
    demo, _, _ = run
    assert demo.writes_seen == []
    folder = demo.truth.parent
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) == ["truth.jsonl", "wires"]


def test_lines_that_nobody_hears_are_in_the_truth_all_the_same(tmp_path: Path) -> None:
    demo = DemoLine(tmp_path, starting_at(START_MS, 600), seed=1, tcp=True)
    try:
        demo.open()
        assert all(url.startswith(("socket://127.0.0.1:", "opc.tcp://127.0.0.1:")) for url in demo.ports().values())
        demo.start()
        wait_for(lambda: demo.produced().get("judge", 0) >= 3)
        demo.pause()
        stands = demo.counts()
        time.sleep(0.1)
        assert demo.counts() == stands
        demo.start()
        wait_for(lambda: demo.counts() != stands)
    finally:
        demo.close()
    truth = truth_of(demo)
    pushed = [each for each in truth if "line" in each]
    assert not any(each["taken"] for each in pushed)
    assert demo.produced()["untaken"] == len(pushed)


class HandClock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.ms, self.ns, self.asked = START_MS, 1, 0

    def now_ms(self) -> int:
        return self.ms

    def mono_ns(self) -> int:
        self.asked += 1
        return self.ns

    def move(self, plant_s: float, real_s: float) -> None:
        self.ms, self.ns = self.ms + round(plant_s * 1000), self.ns + round(real_s * 1e9)
        asked = self.asked
        wait_for(lambda: self.asked > asked + 1)


def test_a_computer_that_slept_makes_no_parts_and_a_fault_of_the_line_is_loud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(dt_s: float, now_ms: int) -> list[Any]:
        raise ZeroDivisionError("a fault of ours")

    clock = HandClock()
    demo = DemoLine(tmp_path, clock, seed=1)
    try:
        demo.open()
        demo.start()
        clock.move(0, 0)
        clock.move(3600, 3600)
        assert demo.produced() == {}
        clock.move(600, 1)
        assert demo.counts()["PR-01"][0] > 10
        monkeypatch.setattr(demo.line, "step", broken)
        clock.ms, clock.ns = clock.ms + 1000, clock.ns + 1
        wait_for(lambda: demo._failure)
        with pytest.raises(ZeroDivisionError):
            demo.pause()
    finally:
        demo.close()


def test_people_take_the_breaks_of_the_configuration(tmp_path: Path) -> None:
    minutes = {
        "09:59": False,
        "10:00": True,
        "10:09": True,
        "10:10": False,
        "12:30": True,
        "00:59": True,
        "05:29": False,
    }
    for breaks in (True, False):
        demo = DemoLine(tmp_path, starting_at(START_MS, 1), seed=1, breaks=breaks)
        for minute, expected in minutes.items():
            hours = int(minute[:2]) + int(minute[3:]) / 60 - 8
            assert demo._in_break(START_MS + round(hours * 3_600_000)) is (expected and breaks), minute


def test_registers_of_a_unit() -> None:
    unit = Registers(3)
    unit.set_u16(0, 65_537)
    unit.set_f32(1, 23.75)
    assert unit("holding", 0, 3) == [1, 0x41BE, 0x0000]  # 23.75 is 41 BE 00 00 in ABCD order
    for area, address, count in (("holding", 1, 3), ("input", 0, 1)):
        with pytest.raises(LookupError):
            unit(area, address, count)


def test_what_is_read_from_a_register_is_told_once() -> None:
    told: list[Any] = []
    unit = Registers(3, told.append)
    first, second, value = (Happening(START_MS, "PR-01", "state", value=word) for word in ("run", "stop", "fault"))
    unit.set_u16(0, 1, first)
    unit.set_u16(0, 0, second)  # the first one stood too short for anybody to see it
    unit.set_f32(1, 23.75, value)
    unit("holding", 0, 1)
    assert told == [second]
    unit("holding", 0, 3)
    unit("holding", 0, 3)
    assert told == [second, value]


def test_every_state_and_value_that_is_polled_is_one_that_the_machine_showed(
    run: tuple[DemoLine, list[dict[str, Any]], Reader],
) -> None:
    _, truth, reader = run
    for device, signal in (("press-plc", "state"), ("press-plc", "force"), ("wash-plc", "conductivity")):
        told = [each["value"] for each in truth if each["kind"] == "read" and each["signal"] == signal]
        read = [round(float(str(r.value)), 3) for r in reader.of(device, signal)]
        news = [value for value, _again in groupby(read)]
        assert len(told) > 1
        assert news == [value for value, _again in groupby(round(float(value), 3) for value in told)]


def test_configuration_fits_the_machines(config: configuration.Configuration) -> None:
    plans = {plan.code: plan for _, plan in PLANS}
    assert [machine["code"] for machine in config.machines] == list(plans)
    assert {each["machine"]: each["ideal_cycle_s"] for each in config.standards} == {
        code: plan.ideal_cycle_s for code, plan in plans.items()
    }
    assert config.plant["constraint"] == max(plans.values(), key=lambda plan: plan.ideal_cycle_s).code
    signals = {(d["key"], s["key"]): s for bus in config.buses for d in bus["device"] for s in d["signal"]}
    for device, codes in (("press-plc", PRESS_STATES), ("cnc-control", CNC_STATES), ("weld-control", WELD_STATES)):
        assert signals[device, "state"]["codes"] == {str(code): word for word, code in codes.items()}
        assert set(codes) == set(STATES)
    assert {signal["machine"] for signal in signals.values() if signal["machine"]} == set(plans)
    assert {signal["station"] for signal in signals.values() if not signal["machine"]} == {"STOCK", "SHIP"}
    wash = [signal for signal in signals.values() if signal.get("machine") == "WS-01"]
    assert all(signal["role"] in ("total", "measure", "scan") for signal in wash)
    assert len(config.reasons) >= 25
