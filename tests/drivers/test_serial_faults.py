"""Faults of a serial bus from the wire to the facts: told in words, nobody disturbed, back by itself, no zero."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from desktop.collect import supervise
from desktop.domain.events import CountFlag
from drivers import tally
from drivers.simulated.port import WirePort
from drivers.simulated.wire_modbus import ModbusFace, checksum
from tests.drivers.line_of_two import LineOfTwo, Wire


class Module:
    """A module on a wire of its own: input register 0 counts, register 1 tells that the machine runs."""

    def __init__(self, link: Path) -> None:
        self.wire = WirePort(link, kind="pty")  # a pty that comes back has another name, and the old one may be taken
        self.made, self.down, self.spoiled = 65_500, False, False
        self.disturbed, self.answers = False, 0  # each tenth answer is damaged
        self.face = ModbusFace(self.wire, {1: self.registers}, self.tamper)
        self.noise = threading.Event()
        self._noise = threading.Thread(target=self._babble, daemon=True)
        self._ending = threading.Event()
        self._noise.start()

    def registers(self, _area: str, address: int, count: int) -> list[int]:
        return [self.made % 65_536, 1][address : address + count]

    def tamper(self, unit: int, answer: bytes) -> bytes:
        self.answers += 1
        if self.spoiled or (self.disturbed and self.answers % 10 == 0):
            return answer[:-1] + bytes([answer[-1] ^ 0x10])
        if self.down:
            refusal = bytes([unit, answer[1] | 0x80, 0x04])
            return refusal + checksum(refusal)
        return answer

    def _babble(self) -> None:
        dice = random.Random(1)
        while not self._ending.wait(0.02):
            if self.noise.is_set():
                self.wire.write(dice.randbytes(64))

    def close(self) -> None:
        self._ending.set()
        self._noise.join()
        self.face.close()
        self.wire.close()


class Rig:
    def __init__(self, folder: Path) -> None:
        self.modules = {key: Module(folder / key) for key in ("press", "weld")}
        good, state = ({"address": address, "type": "u16"} for address in ("ir:0", "ir:1"))
        bus = {"timeout_ms": 150, "baud": 115_200}
        self.line = LineOfTwo(
            "modbus_rtu",
            {key: Wire(module.wire.url, bus, good, state) for key, module in self.modules.items()},
            self.step,
            device={"unit": 1, "period_ms": 20, "max_gap": 0},
            modulus=65_536,
        )

    @property
    def press(self) -> Module:
        return self.modules["press"]

    def step(self) -> None:
        for module in self.modules.values():
            module.made += 1

    def close(self) -> None:
        self.line.close()
        for module in self.modules.values():
            module.close()


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(supervise, "FIRST_WAIT_S", 0.05)
    monkeypatch.setattr(supervise, "LONGEST_SERIAL_WAIT_S", 0.2)
    monkeypatch.setattr(supervise, "LONGEST_WAIT_S", 0.2)
    made = Rig(tmp_path)
    yield made
    made.close()


def silence(rig: Rig) -> None:
    rig.press.face.units = {}


def speak(rig: Rig) -> None:
    rig.press.face.units = {1: rig.press.registers}


FAULTS: dict[str, tuple[Callable[[Rig], object], Callable[[Rig], object], set[str]]] = {
    "cable": (lambda rig: rig.press.wire.cut(), lambda rig: rig.press.wire.restore(), {"link_lost", "port_missing"}),
    "silent": (silence, speak, {"no_answer"}),
    "noise": (lambda rig: rig.press.noise.set(), lambda rig: rig.press.noise.clear(), {"bad_frames"}),
    "damage": (
        lambda rig: setattr(rig.press, "spoiled", True), lambda rig: setattr(rig.press, "spoiled", False),
        {"bad_frames"},
    ),
    "trouble": (
        lambda rig: setattr(rig.press, "down", True), lambda rig: setattr(rig.press, "down", False),
        {"device_trouble"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_from_the_wire_to_the_facts(rig: Rig, name: str) -> None:
    begin, heal, kinds = FAULTS[name]
    line = rig.line
    line.until(lambda: line.status("press") == line.status("weld") == "online" and len(line.counts(1)) > 5, 5)
    begin(rig)
    took_s = line.until(lambda: line.status("press") == "offline", 4)
    assert took_s < 3.0, "three time-outs of 150 ms, and what listening for silence takes"
    told = line.health["press"][-1]
    assert told.fault in kinds
    assert len(line.sentence(told)) > 20
    line.until(lambda: rig.press.made % 50 == 0, 2)  # so many more nobody hears of
    heal(rig)
    line.until(lambda: line.status("press") == "online", 40)  # a unit that stays away is asked less often
    wanted = rig.press.made
    line.until(lambda: line.counts(1)[-1].reading >= wanted % 65_536 if line.counts(1) else False, 5)  # type: ignore[operator]
    # Every piece is known and none twice, also over the end of the register's 16 bits; those of the outage are a gap.
    counts = line.counts(1)
    assert CountFlag.GAP in [e.flag for e in counts]
    assert {e.flag for e in counts} <= {CountFlag.FIRST, CountFlag.PLAIN, CountFlag.GAP}
    assert line.counted(1) == ((counts[-1].reading or 0) - (counts[0].reading or 0)) % 65_536
    states = line.states(1)
    assert states[0] == states[-1] == "run"
    assert set(states) == {"run", "unknown"}, "never a stop"
    # The other machine was not disturbed.
    assert [h.status for h in line.health["weld"]] == ["online"]
    weld = [r for r in line.readings if r.device == "weld"]
    assert {two.seq - one.seq for one, two in pairwise(weld)} <= {0, 1}
    assert line.counted(2) == (((line.counts(2)[-1].reading or 0) - (line.counts(2)[0].reading or 0)) % 65_536)


@pytest.fixture
def short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "WINDOW", 40)
    monkeypatch.setattr(supervise, "COUNTED_S", 0.05)


@pytest.mark.usefixtures("short_memory")
def test_a_disturbed_line_is_said_counted_and_costs_no_piece(rig: Rig) -> None:
    line = rig.line
    line.until(lambda: line.status("press") == "online" and len(line.counts(1)) > 5, 5)
    rig.press.disturbed = True
    line.until(lambda: line.health["press"][-1].fault == "noisy", 10)
    told = line.health["press"][-1]
    assert told.status == "online"
    assert "% of the answers" in line.sentence(told)
    line.until(lambda: line.failed["press"] >= 3, 2)
    rig.press.disturbed = False
    line.until(lambda: line.health["press"][-1].fault == "", 20)
    assert {h.status for h in line.health["press"]} == {"online"}
    assert CountFlag.GAP not in {e.flag for e in line.counts(1)}
    assert line.states(1) == ["run"]
    assert line.failed["weld"] == 0
