"""Who copies the files of the manual's page about old machines, and changes the ports, collects values from peers."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncua
import pytest
from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from desktop import configuration, control, summaries
from desktop.command_line import main
from desktop.configuration import presets, tables
from desktop.domain.events import Counter, State
from desktop.store import database, records, upkeep
from drivers.link import SCHEMES
from drivers.opc_ua import OpcUa
from drivers.simulated.wire_opc_ua import NAMESPACE
from tests.drivers.opc_ua_peers import Child
from tests.test_manual import ROOT, blocks

other: Any = asyncua
CONTACTS, CLAMP, LATHE = 0, 1, 2  # the files in their order on the page


@contextmanager
def served(serve: Callable[[dict[str, Any]], Any]) -> Iterator[dict[str, Any]]:
    """A peer in a thread with an event loop of its own; `serve` puts "port" and "close" into the dictionary."""
    loop, found = asyncio.new_event_loop(), {}
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def do(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    found["do"] = do
    do(serve(found))
    try:
        yield found
    finally:
        do(found["close"]())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def contact_module(found: dict[str, Any]) -> None:
    """A digital input module: input 0 is on, and input 1 has counted 70,000 edges."""
    bits = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
    inputs = [SimData(0, values=[True, False] + [False] * 14, datatype=DataType.BITS)]
    holding = [SimData(0, values=[0] * 4, datatype=DataType.REGISTERS)]
    counters = [SimData(0, values=[0] * 16 + [1, 4464], datatype=DataType.REGISTERS)]
    device = SimDevice(1, (bits, inputs, holding, counters))
    server: Any = ModbusTcpServer([device], framer=FramerType.RTU, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    found["port"], found["close"] = server.transport.sockets[0].getsockname()[1], server.shutdown


async def clamp_module(found: dict[str, Any]) -> None:
    """A module with number 2 that sees 6.12 A."""
    areas = [[SimData(0, values=[False] * 16, datatype=DataType.BITS)] for _ in range(2)]
    areas += [[SimData(0, values=[value] * 4, datatype=DataType.REGISTERS)] for value in (0, 612)]
    server: Any = ModbusTcpServer([SimDevice(2, tuple(areas))], framer=FramerType.RTU, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    found["port"], found["close"] = server.transport.sockets[0].getsockname()[1], server.shutdown


async def lathe(found: dict[str, Any]) -> None:
    """A machine with OPC UA that runs and has made 41 parts."""
    server = other.Server()
    await server.init()
    server.set_endpoint("opc.tcp://127.0.0.1:0")
    index = await server.register_namespace("urn:plc")
    for name, value in (("State", 1), ("Good", 41)):
        found[name] = await server.nodes.objects.add_variable(other.ua.NodeId(name, index), name, value)
    await server.start()
    found["port"], found["close"] = server.bserver._server.sockets[0].getsockname()[1], server.stop
    found["sessions"] = server.iserver._external_sessions
    found["subscriptions"] = server.iserver.subscription_service.subscriptions


@contextmanager
def collecting(folder: Path, file: str, *, ends: bool = False) -> Iterator[database.Store]:
    """A collector of its own process on a configuration file; `ends`: the test itself ends it."""
    (folder / "line.toml").write_text(file, encoding="utf-8")
    store = database.create(folder)
    try:
        configuration.apply(store, configuration.read(folder / "line.toml"))
        control.ensure_collector(folder)
        yield store
    finally:
        store.close()
        assert control.stop_collector(folder) is not ends


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_contacts_of_a_machine_are_collected(tmp_path: Path, lang: str) -> None:
    page = (ROOT / f"resources/manual/{lang}/connect.md").read_text(encoding="utf-8")
    file = blocks(page, "toml")[CONTACTS]
    with served(contact_module) as module:
        at_home = file.replace('"COM3"', f'"socket://127.0.0.1:{module["port"]}"')
        assert at_home != file
        with collecting(tmp_path, at_home) as store:
            assert control.wait_for(lambda: state_of(store) is State.RUN, 20), "the running contact is on"
            assert control.wait_for(lambda: counter_of(store) == 70_000, 10), "two registers make one counter"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_contacts_are_tried_first_and_look_as_on_the_page(
    tmp_path: Path, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / f"resources/manual/{lang}/connect.md").read_text(encoding="utf-8")
    shown = next(block for block in blocks(page, "") if block.startswith("cabinet"))
    with served(contact_module) as module:
        port = f"socket://127.0.0.1:{module['port']}"
        (tmp_path / "line.toml").write_text(blocks(page, "toml")[CONTACTS].replace("COM3", port), encoding="utf-8")
        data = ["--lang", lang, "--data-dir", str(tmp_path / "none")]
        assert main([*data, "config", "try", str(tmp_path / "line.toml")]) == 0
    said = capsys.readouterr().out.partition("\n")[2].replace(port, "COM3")
    ages = r"0\.\d( s|초)"
    assert re.sub(ages, "0.2", said) == re.sub(ages, "0.2", shown)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_current_of_a_motor_tells_whether_it_runs(tmp_path: Path, lang: str) -> None:
    page = (ROOT / f"resources/manual/{lang}/connect.md").read_text(encoding="utf-8")
    with served(clamp_module) as module:
        at_home = blocks(page, "toml")[CLAMP].replace('"COM3"', f'"socket://127.0.0.1:{module["port"]}"')
        with collecting(tmp_path, at_home) as store:
            assert control.wait_for(lambda: state_of(store) is State.RUN, 20)
            assert control.wait_for(lambda: bool(store.row("SELECT count(*) FROM measurements")[0]), 10)
            assert store.row("SELECT value FROM measurements") == (6.12,)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_what_the_page_says_of_keys_and_presets_is_there(lang: str) -> None:
    page = (ROOT / f"resources/manual/{lang}/connect.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))
    assert named == {"modbus-digital-input", "modbus-current", "modbus-counter"} <= set(presets.device_names())
    kinds = set(re.findall(r'counter = "(\w+)"', page))
    assert kinds == {kind.value for kind in Counter} - {Counter.CUMULATIVE}
    keys = set(re.findall(r"^\| `(\w+) = ", page, re.MULTILINE))
    of_bus = {"port", "security", "user"}
    assert keys == {"inverted", "counter", "modulus", "pieces_per_step", "settle_ms", "role"} | of_bus
    assert keys - of_bus <= {field.key for field in tables.SIGNAL}
    settings = {setting.key: setting for setting in OpcUa.BUS_SETTINGS}
    assert set(re.findall(r'"(Sign\w*)"', page)) <= set(settings["security"].choices)
    assert {"user", "password_from"} <= set(settings)
    for port in re.findall(r'^\| `port = "([^"]+)"', page, re.MULTILINE):
        assert port == "COM3" or port.split(":", 1)[0] in {"usb", "opc.tcp", *SCHEMES}


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_two_devices_of_the_page_go_under_one_bus(tmp_path: Path, lang: str) -> None:
    page = (ROOT / f"resources/manual/{lang}/connect.md").read_text(encoding="utf-8")
    contacts, clamp = blocks(page, "toml")[CONTACTS], blocks(page, "toml")[CLAMP]
    machine = clamp[clamp.index("[[machine]]") : clamp.index("[[bus]]")]
    file = tmp_path / "line.toml"
    together = contacts.replace("[[bus]]", machine + "[[bus]]", 1) + clamp[clamp.index("[[bus.device]]") :]
    file.write_text(together, encoding="utf-8")
    read = configuration.read(file)
    assert [[device["key"] for device in bus["device"]] for bus in read.buses] == [["press-io", "drill-current"]]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_machine_with_opc_ua_is_collected(tmp_path: Path, lang: str) -> None:
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    page = (ROOT / f"resources/manual/{lang}/connect.md").read_text(encoding="utf-8")
    file = blocks(page, "toml")[LATHE]
    with served(lathe) as machine:
        at_home = file.replace("192.168.0.20:4840", f"127.0.0.1:{machine['port']}")
        assert at_home != file
        with collecting(tmp_path, at_home) as store:
            assert control.wait_for(lambda: state_of(store) is State.RUN, 20)
            assert control.wait_for(lambda: counter_of(store) == 41, 10)
            assert len(machine["sessions"]) == len(machine["subscriptions"]) == 1
            machine["do"](machine["Good"].write_value(44))
            machine["do"](machine["State"].write_value(3))
            assert control.wait_for(lambda: state_of(store) is State.FAULT, 10)
            assert control.wait_for(lambda: summaries.line_now(store, store.clock.now_ms()).machines[0].good == 3, 10)
        # a session that is left behind would be kept for minutes, and small machines have few
        assert control.wait_for(lambda: not machine["sessions"] and not machine["subscriptions"], 2)


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be frozen there")
def test_a_collector_ends_in_time_beside_a_machine_that_hangs(tmp_path: Path) -> None:
    """With a session on a server that answers nothing more; what it had told until then is stored."""
    page = (ROOT / "resources/manual/en/connect.md").read_text(encoding="utf-8")
    machine = Child({"State": 1, "Good": 41})
    try:
        at_home = blocks(page, "toml")[LATHE].replace("192.168.0.20:4840", machine.url.removeprefix("opc.tcp://"))
        with collecting(tmp_path, at_home.replace("urn:plc", NAMESPACE), ends=True) as store:
            assert control.wait_for(lambda: counter_of(store) == 41, 20)
            beat = records.heartbeat(store)
            assert beat is not None
            for good in range(42, 61):
                machine.set("Good", good)
            time.sleep(0.4)  # two publishing intervals: they are on this side of the wire, and the freeze comes at once
            machine.signal(signal.SIGSTOP)
            began = time.monotonic()
            done = subprocess.run(
                control.command(tmp_path, "collect", "--stop"), capture_output=True, timeout=30, check=False
            )
            assert done.returncode == 0, done.stderr
            assert not control.collector_runs(tmp_path)
            assert control.wait_for(lambda: not lives(beat.pid), 10 - (time.monotonic() - began))
            assert counter_of(store) == 60
            assert upkeep.check(store) == []
            assert time.monotonic() - began < 10
    finally:
        machine.close()


def lives(pid: int) -> bool:
    """Whether a process lives; a child of ours that ended is waited for."""
    control._reap()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def state_of(store: database.Store) -> State:
    return summaries.line_now(store, store.clock.now_ms()).machines[0].state


def counter_of(store: database.Store) -> int | None:
    row = store.row("SELECT reading FROM events WHERE kind = 'count' ORDER BY id DESC LIMIT 1")
    return None if row is None else int(row[0])
