"""A configuration tried on the wire: what a person sees of each signal, and what it says where something is wrong."""

from __future__ import annotations

import logging
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.simulator import DataType, SimData, SimDevice

from desktop import configuration, control, trial_words
from desktop.clock import REAL
from desktop.command_line import main
from desktop.configuration import trying
from desktop.configuration.trying import Trial, TriedSignal
from desktop.store import database
from desktop.store.database import KnownError
from desktop.store.locks import COLLECTOR_LOCK, ProcessLock
from drivers.base import Quality
from drivers.registers import ORDERS, Item, Place, decodings, likely_order
from drivers.simulated.port import WirePort
from tests.drivers.buses import pymodbus_server
from tests.drivers.opc_ua_peers import Plc
from tests.waiting import wait_for

HEAD = """
format = 1
[plant]
name = "P"
line = "L"
timezone = "Asia/Seoul"
[[machine]]
code = "PR"
name = "Press"
"""
GAUGE = r"(?P<head>..),(?P<weight>[+-][0-9.]+) +(?P<unit>\w+)"


def bus(key: str, port: str, driver: str, *signals: str, device: str = "") -> str:
    """A bus of one device "KEY-dev" with measured signals, each given as 'key: its other lines'."""
    found = (
        f'[[bus]]\nkey = "{key}"\nport = "{port}"\ndriver = "{driver}"\n[[bus.device]]\nkey = "{key}-dev"\n{device}\n'
    )
    for each in signals:
        name, _colon, lines = each.partition(": ")
        role = "" if "role = " in lines else 'role = "measure"\n'
        found += f'[[bus.device.signal]]\nkey = "{name}"\n{role}{lines}\n'
    return found


def tried(toml: str, seconds: float = 5.0, only: str = "", held: tuple[str, ...] = ()) -> Trial:
    plant = trying.plant_of(configuration.parse(HEAD + toml), only)
    run = trying.Try(plant, REAL, held=trying.held(plant, held))
    try:
        run.wait(seconds)
    finally:
        run.end()
    return run.result()


def signals(found: Trial) -> dict[str, TriedSignal]:
    return {each.key: each for bus in found.buses for device in bus.devices for each in device.signals}


@contextmanager
def module(holding: list[int], unit: int = 1) -> Iterator[str]:
    """An independent Modbus server; its input 0 is on."""
    bits = [SimData(0, values=[True] + [False] * 15, datatype=DataType.BITS)]
    words = [SimData(0, values=values, datatype=DataType.REGISTERS) for values in (holding, [0] * 8)]
    with pymodbus_server(SimDevice(unit, (bits, bits, [words[0]], [words[1]]))) as port:
        yield f"socket://127.0.0.1:{port}"


@contextmanager
def talking(wire: WirePort, *messages: bytes) -> Iterator[None]:
    """A device that sends these messages again and again."""
    over = threading.Event()

    def talk() -> None:
        while not over.wait(0.05):
            for message in messages:
                wire.write(message)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def registers(value: float, order: str) -> list[int]:
    """A float as it stands in two registers."""
    plain = struct.pack(">f", value)
    return list(struct.unpack(">HH", bytes(plain[at] for at in ORDERS[order])))


# --- registers


def test_a_float_in_another_order_is_shown_in_all_four_and_the_right_one_named() -> None:
    held = [word for order in ORDERS for word in registers(1234.5, order)]
    pairs = [(order, configured) for order in ORDERS for configured in ORDERS]
    where = {order: f"hr:{2 * at}" for at, order in enumerate(ORDERS)}
    asked = [
        f'{order}-{own}: address = "{where[order]}"\ntype = "f32"\norder = "{own}"\nunit = "bar"'
        for order, own in pairs
    ]
    with module(held) as port:
        found = tried(bus("io", port, "modbus_rtu", *asked, device="unit = 1"))
    assert found.complete
    for (order, own), each in zip(pairs, signals(found).values(), strict=True):
        assert (each.where, each.kind, each.order, each.unit) == (where[order], "f32", own, "bar")
        assert each.raw == struct.pack(">HH", *registers(1234.5, order))
        assert each.decodings[order] == 1234.5
        assert each.value == each.decodings[own]
        assert each.meant == ("" if order == own else order)


def test_a_range_tells_the_order_where_two_of_them_look_like_numbers() -> None:
    """23.5 with its bytes swapped is -0.0118: a shop could measure both."""
    item = Item("t", Place("holding", 0), "f32", 2, "CDAB")
    wire = struct.pack(">HH", *registers(23.5, "ABCD"))
    assert likely_order(item, wire) == ""
    ranged = Item("t", Place("holding", 0), "f32", 2, "CDAB", low=0, high=100)
    assert likely_order(ranged, wire) == "ABCD"


@given(st.binary(min_size=4, max_size=4), st.sampled_from(sorted(ORDERS)), st.sampled_from(["f32", "u32", "s32"]))
def test_an_order_is_named_only_where_it_alone_makes_a_plausible_number(raw: bytes, own: str, kind: str) -> None:
    found = decodings(raw, kind)
    plausible = [
        order
        for order, value in found.items()
        if isinstance(value, (int, float)) and (value == 0 or 1e-3 <= abs(value) <= 1e7)
    ]
    meant = likely_order(Item("x", Place("holding", 0), kind, 2, own), raw)
    assert meant == (plausible[0] if len(plausible) == 1 and plausible != [own] else "")


def test_a_value_out_of_its_range_says_so_with_its_bytes_and_the_order_that_is_meant() -> None:
    asked = 't: address = "hr:0"\ntype = "f32"\norder = "CDAB"\nrange_low = 0\nrange_high = 2000\nunit = "bar"'
    with module(registers(1234.5, "ABCD")) as port:
        found = tried(bus("io", port, "modbus_rtu", asked, device="unit = 1"), 0.5)
    [each] = signals(found).values()
    assert not found.complete
    assert (each.value, each.quality, each.note, each.meant) == (None, Quality.BAD, "out of range", "ABCD")
    words = trial_words.trial(found, "Asia/Seoul")
    assert "44 9A 50 00" in words
    assert "no value: out of range" in words
    assert "ABCD 1234.5   [CDAB " in words
    assert 'did you mean order = "ABCD"?' in words


def test_scale_factor_and_bits_are_shown_as_they_will_be_read() -> None:
    asked = (
        't: address = "hr:0"\nscale = 0.1\nunit = "C"',
        'bit: address = "hr:0.1"',
        'input: address = "di:0"',
        'far: address = "hr:1"\nfactor = 2\noffset = 1',
    )
    with module([231, 20]) as port:
        found = signals(tried(bus("io", port, "modbus_rtu", *asked, device="unit = 1")))
    assert {key: each.value for key, each in found.items()} == {"t": 23.1, "bit": True, "input": True, "far": 41}
    assert [each.where for each in found.values()] == ["hr:0", "hr:0.1", "di:0", "hr:1"]
    assert [each.raw.hex() for each in found.values()] == ["00e7", "00e7", "01", "0014"]


def test_only_one_device_of_a_bus_is_asked() -> None:
    both = bus("io", "{port}", "modbus_rtu", 'a: address = "hr:0"', device="unit = 1")
    both += '[[bus.device]]\nkey = "second"\nunit = 2\n'
    both += '[[bus.device.signal]]\nkey = "b"\nrole = "measure"\naddress = "hr:0"\n'
    with module([7]) as port:
        toml = both.replace("{port}", port)
        assert tried(toml, only="io-dev").complete
        whole = tried(toml, 1.0, only="io")
    assert not whole.complete
    assert next(device.fault for device in whole.buses[0].devices) == ""
    assert signals(whole)["a"].came
    assert not signals(whole)["b"].came
    first, second = whole.buses[0].devices
    assert (first.refused, first.missing, first.damaged, second.missing) == (0, 0, 0, 0)
    assert second.refused
    assert f"answers missing: 0, refused: {second.refused}" in trial_words.trial(whole, "Asia/Seoul")


def test_a_name_that_the_file_does_not_have_is_said_with_those_that_it_has() -> None:
    wanted = configuration.parse(HEAD + bus("io", "COM3", "modbus_rtu", 'a: address = "hr:0"', device="unit = 1"))
    with pytest.raises(KnownError, match=r"no bus or device io-def\. There are: io, io-dev\. Did you mean io-dev\?"):
        trying.plant_of(wanted, "io-def")
    with pytest.raises(KnownError, match="nothing to try"):
        trying.plant_of(configuration.parse(HEAD))


# --- devices that send text


def test_what_a_scale_sends_is_shown_with_what_the_pattern_found_and_why_not(tmp_path: Path) -> None:
    with WirePort(tmp_path / "scale") as wire, talking(wire, b"ST,+00123.45  g\r\n", b"noise ST,+1.0 g\r\n"):
        asked = (
            'weight: unit = "g"\nnumber = true',
            'head: role = "alarm_text"',
            "lot: role = 'product'\nfield = 'unit'",
        )
        device = f"pattern = '{GAUGE}'\ndouble_scan_ms = 0"
        found = tried(bus("scale", wire.url, "text_line", *asked, device=device))
        again = tried(bus("scale", wire.url, "text_line", *asked, device=device))
    assert found.complete
    assert again.complete, "the port was let go"
    assert signals(found)["weight"].value == 123.45
    first, *_others = found.buses[0].devices[0].frames
    assert (first.raw, first.by) == (b"ST,+00123.45  g", "pattern")
    assert first.fields == {"head": "ST", "weight": "+00123.45", "unit": "g"}
    words = trial_words.trial(found, "Asia/Seoul")
    assert "53 54 2C 2B 30 30 31 32 33 2E 34 35 20 20 67" in words
    assert "pattern: head = ST, weight = +00123.45, unit = g" in words


@pytest.mark.parametrize(
    ("device", "why"),
    [
        (f"pattern = '{GAUGE}'", "fits the pattern only in its part 'ST,+1.0 g'; the pattern must fit all of it"),
        ("pattern = '(?P<weight>[0-9]{9})'", "does not fit the pattern anywhere"),
        ('columns = "weight=4-40"', "has 15 bytes, but columns reach to byte 40"),
    ],
)
def test_a_message_that_does_not_fit_says_why(tmp_path: Path, device: str, why: str) -> None:
    with WirePort(tmp_path / "scale") as wire, talking(wire, b"noise ST,+1.0 g\r\n"):
        found = tried(bus("scale", wire.url, "text_line", "weight: number = true", device=device), 0.6)
    assert not found.complete
    assert not signals(found)["weight"].count
    words = trial_words.trial(found, "Asia/Seoul")
    assert f"This message: {why}" in words
    assert "noise ST,+1.0 g" in words
    assert "Signals that came: 0 of 1." in words


def test_bytes_without_an_end_and_a_device_that_is_silent(tmp_path: Path) -> None:
    with WirePort(tmp_path / "a") as wire, WirePort(tmp_path / "b") as quiet, talking(wire, b"ST,+1 g"):
        toml = bus("a", wire.url, "text_line", "code: ", device='terminator = "etx"')
        found = tried(toml + bus("b", quiet.url, "text_line", "code: "), 0.6)
    talks, silent = (each.devices[0] for each in found.buses)
    assert not talks.frames
    assert b"ST,+1 g" in talks.loose
    assert (silent.status, silent.frames, silent.loose) == ("online", (), b"")
    words = trial_words.trial(found, "Asia/Seoul")
    assert "no end of a message in it" in words
    assert "Nothing was heard. Make it send something" in words


# --- OPC UA


def test_nodes_are_shown_with_their_values_and_what_the_server_says() -> None:
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    plc = Plc()
    try:
        for name, value in (("Good", 41), ("Temp", 23.5), ("Name", "P-100"), ("On", True)):
            plc.add(name, value)
        plc.set("Temp", 23.5, status=0x408F0000)
        names = ("Good", "Temp", "Name", "On", "Nope")
        asked = [f'{name}: node = "nsu=urn:plc;s={name}"' for name in names]
        found = tried(bus("plc", plc.url, "opc_ua", *asked, 'far: node = "nsu=urn:no;s=X"'), 1.0)
    finally:
        plc.close()
    seen = signals(found)
    assert not found.complete
    assert {key: each.value for key, each in seen.items() if each.came} == {
        "Good": 41, "Temp": 23.5, "Name": "P-100", "On": True,
    }  # fmt: skip
    assert [each.kind for each in seen.values()][:4] == ["int", "float", "text", "bool"]
    assert seen["Temp"].quality is Quality.UNCERTAIN
    words = trial_words.trial(found, "Asia/Seoul")
    assert "nsu=urn:plc;s=Nope" in words
    assert "no value: the machine has no such node (BadNodeIdUnknown)" in words


# --- the command


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ("Connected", "All signals came: 1.")), ("ko", ("연결됨", "모든 신호가 들어왔습니다: 1개."))],
)
def test_the_command_says_it_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, words: tuple[str, ...]
) -> None:
    file = tmp_path / "line.toml"
    with module([7]) as port:
        file.write_text(HEAD + bus("io", port, "modbus_rtu", 'a: address = "hr:0"', device="unit = 1"))
        assert main(["--lang", lang, "--data-dir", str(tmp_path / "none"), "config", "try", str(file)]) == 0
    said = capsys.readouterr()
    assert all(word in said.out for word in words), said.out
    assert said.err == ""
    assert not (tmp_path / "none").exists(), "nothing is stored anywhere"


@pytest.mark.parametrize(("lang", "words"), [("en", "is not there"), ("ko", "포트가 없습니다")])
def test_what_is_wrong_is_said_as_everywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, words: str
) -> None:
    file = tmp_path / "line.toml"
    file.write_text(HEAD + bus("io", str(tmp_path / "none"), "text_line", "code: "))
    command = ["--lang", lang, "--data-dir", str(tmp_path), "config", "try", str(file), "io", "--seconds", "0.3"]
    assert main(command) == 1
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "The running collector has this port"), ("ko", "수집기가 이 포트를")]
)
def test_a_port_of_the_running_collector_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, words: str
) -> None:
    file = tmp_path / "line.toml"
    with WirePort(tmp_path / "scale") as wire:
        file.write_text(HEAD + bus("scale", wire.url, "text_line", "code: "))
        configuration.apply(store := database.create(tmp_path / "data"), configuration.read(file))
        store.close()
        # the same port by another name
        os.symlink(os.path.realpath(wire.url), tmp_path / "other")
        file.write_text(HEAD + bus("scale", str(tmp_path / "other"), "text_line", "code: "))
        lock = ProcessLock(tmp_path / "data" / COLLECTOR_LOCK)
        assert lock.take()
        try:
            assert control.ports_in_use(tmp_path / "data") == (wire.url,)
            command = ["--lang", lang, "--data-dir", str(tmp_path / "data"), "config", "try", str(file)]
            began = time.monotonic()
            assert main(command) == 1
            assert time.monotonic() - began < 5, "there is nothing to wait for"
        finally:
            lock.release()
    said = capsys.readouterr().out
    assert words in said
    assert "main.py status" in said


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C of a child is another thing there")
def test_ctrl_c_ends_it_with_what_came_so_far(tmp_path: Path) -> None:
    file = tmp_path / "line.toml"
    with WirePort(tmp_path / "scale") as wire, module([7]) as port, ExitStack() as stack:
        toml = bus("io", port, "modbus_rtu", 'a: address = "hr:0"', device="unit = 1")
        file.write_text(HEAD + toml + bus("scale", wire.url, "text_line", "code: "))
        words = control.command(tmp_path, "config", "try", str(file), "--seconds", "60")
        # Whoever runs the tests behind a shell's "&" ignores Ctrl-C, and so would the child.
        usual = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        process = stack.enter_context(
            subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=usual)
        )
        stack.callback(process.kill)
        assert process.stdout is not None
        first = process.stdout.readline()
        wait_for(lambda: wire.listening)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert "60 s" in first or "60초" in first
    assert (process.returncode, err) == (1, "")
    assert "hr:0" in out


def test_a_word_too_many_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "en", "config", "check", str(tmp_path / "line.toml"), "scale"]) == 2
    assert "unknown: scale" in capsys.readouterr().err
