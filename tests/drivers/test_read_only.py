"""Nothing in drivers/ can write to a machine: a scan of the source, and a PLC that records what it is asked."""

from __future__ import annotations

import ast
import sys
import time
from pathlib import Path

import pytest

from desktop.clock import REAL
from drivers import mt_sics as sics
from drivers.base import BusSpec, DeviceSpec, Driver, DriverError, SignalSpec, Value
from drivers.catalog import load
from drivers.modbus_rtu import FUNCTIONS
from drivers.simulated.port import WirePort
from drivers.simulated.wire_modbus import ModbusFace, checksum
from drivers.simulated.wire_sics import SicsFace
from drivers.text_line import QUERIES, line_query

DRIVERS = Path(__file__).parents[2] / "drivers"
SOURCES = sorted(path for path in DRIVERS.rglob("*.py") if "simulated" not in path.relative_to(DRIVERS).parts)

#: what writes, calls or changes the address space in opcua (Client, Node, uaclient) and in other Modbus masters
CHANGES = {
    "set_value", "set_data_value", "set_attribute", "set_attributes", "set_writable", "set_read_only", "set_values",
    "set_modelling_rule", "set_event_notifier", "call", "call_method", "history_update", "register_nodes",
    "add_nodes", "add_references", "delete_nodes", "delete_references", "delete", "add_object", "add_variable",
    "add_property", "add_method", "add_folder", "mask_write_register", "readwrite_registers",
}  # fmt: skip
SERVICES = ("Write", "CallRequest", "CallMethod", "HistoryUpdate", "AddNodes", "AddReferences", "DeleteNodes",
            "DeleteReferences")  # fmt: skip
#: the one place where bytes leave, and the drivers that ask for anything, each through one function
PYSERIAL = "link.py"
ASKING = {
    "modbus_rtu.py": "read_request",
    "xgt_cnet.py": "read_request",
    "text_line.py": "line_query",
    "mt_sics.py": "sics_query",
}
#: the one exception: it prints labels. Who may use it is tested below
PRINTER = "printer.py"
#: keeps certificates and passwords in files; it knows no server (tested below)
FILES = "opc_ua_security.py"


def changes(name: str, source: str) -> list[str]:
    """Return what in this source could change something in a machine, as "line: what"."""
    tree = ast.parse(source)
    found = []
    for node in ast.walk(tree):
        for line, word in words(node):
            own = name == PYSERIAL and (word == "write" or word.startswith("write_timeout"))
            own = own or (name in (FILES, PRINTER) and word == "write")
            if not own and (word in CHANGES or word.startswith((*SERVICES, "write"))):
                found.append(f"{line}: {word}")
    if name == PRINTER:
        return found
    asked = {call for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for call in requests(name, node)}
    return found + [f"{call.lineno}: sends what is no read request" for call in sends(tree) if call not in asked]


def words(node: ast.AST) -> list[tuple[int, str]]:
    """Return the identifiers of one node, also those in a text, as in getattr(node, "set_value")."""
    if isinstance(node, ast.Attribute):
        return [(node.lineno, node.attr)]
    if isinstance(node, ast.Name) and node.id not in ("call", "delete"):  # of no object: a variable of that name
        return [(node.lineno, node.id)]
    if isinstance(node, ast.ImportFrom):
        return [(node.lineno, alias.name) for alias in node.names]
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        return [(node.lineno, node.value)]
    return []


def sends(tree: ast.AST) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("send", "sendall")
    ]


def requests(name: str, function: ast.FunctionDef) -> list[ast.Call]:
    """Return the calls that send what the driver's one request function has just made, and nothing else."""
    made: dict[str, bool] = {}
    for node in ast.walk(function):
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            maker = node.value.func if isinstance(node.value, ast.Call) else None
            pure = isinstance(node, ast.Assign) and isinstance(maker, ast.Name) and maker.id == ASKING.get(name)
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for part in ast.walk(target):
                    if isinstance(part, ast.Name):
                        made[part.id] = made.get(part.id, True) and pure
    return [
        call
        for call in sends(function)
        if len(call.args) == 1 and isinstance(call.args[0], ast.Name) and made.get(call.args[0].id, False)
    ]


def test_the_drivers_are_there() -> None:
    assert {"link.py", "modbus_rtu.py", "polling.py", "text_line.py", "xgt_cnet.py"} <= {path.name for path in SOURCES}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_driver_writes(path: Path) -> None:
    assert changes(path.name, path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("opc_ua.py", "node.set_value(3)"),
        ("opc_ua.py", "f = node.set_data_value"),
        ("opc_ua.py", "getattr(node, 'set_attribute')(13, value)"),
        ("opc_ua.py", "node.get_parent().call_method('2:start')"),
        ("opc_ua.py", "client.uaclient.write(params)"),
        ("opc_ua.py", "client.uaclient.call([request])"),
        ("opc_ua.py", "params = ua.WriteParameters()"),
        ("opc_ua.py", "from opcua.ua import WriteValue"),
        ("opc_ua.py", "ua.CallMethodRequest()"),
        ("opc_ua.py", "from opcua.ua import *\nWriteParameters()"),
        ("modbus_rtu.py", "client.write_register(1, 2)"),
        ("modbus_rtu.py", "client.write_coils(1, [True])"),
        ("modbus_rtu.py", "client.mask_write_register(1)"),
        ("modbus_rtu.py", "def go(link):\n    link.send(b'\\x01\\x06\\x00\\x00\\x00\\x01\\x48\\x0a')"),
        ("modbus_rtu.py", "def go(link):\n    request = preset(1, 2)\n    link.send(request)"),
        (
            "modbus_rtu.py",
            "def go(link):\n    request = read_request(1, 3, 0, 1)\n    request += b'x'\n    link.send(request)",
        ),
        ("modbus_rtu.py", "go = lambda link, request: link.send(request)"),
        ("text_line.py", "def go(link):\n    link.send(b'Z\\r\\n')"),
        ("text_line.py", "def go(link):\n    request = read_request(1, 3, 0, 1)\n    link.send(request)"),
        ("text_line.py", "port.write(b'@')"),
        ("text_line.py", "def go(link):\n    request = line_query('Q') + b'T'\n    link.send(request)"),
        ("mt_sics.py", "def go(link):\n    link.send(b'TAC\\r\\n')"),
        ("mt_sics.py", "def go(link):\n    request = sics_query('S')\n    request = b'@'\n    link.send(request)"),
        ("link.py", "port.writelines([b'x'])"),
    ],
)
def test_the_scan_finds_what_writes(name: str, source: str) -> None:
    assert changes(name, source)


def test_the_scan_lets_reading_pass() -> None:
    assert (
        changes("modbus_rtu.py", "def go(link):\n    request = read_request(1, 3, 0, 1)\n    link.send(request)") == []
    )
    assert changes("link.py", "port.write(data)") == []


def test_what_keeps_files_knows_no_server() -> None:
    tree = ast.parse((DRIVERS / FILES).read_text("utf-8"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in modules if name.startswith(("opcua", "drivers.opc_ua", "serial"))}
    assert not sends(tree)


def test_what_prints_reaches_no_machine() -> None:
    """It is used by what prints labels alone: no driver, no collector and nothing on screen can write through it."""
    root = DRIVERS.parent
    users = set()
    for path in [root / "main.py", *(root / "desktop").rglob("*.py"), *DRIVERS.rglob("*.py")]:
        source = path.read_text("utf-8")
        for node in ast.walk(ast.parse(source)) if "printer" in source else ():
            names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
            module = f"{node.module}." if isinstance(node, ast.ImportFrom) and node.module else ""
            if any(f"{module}{name}".startswith("drivers.printer") for name in names):
                users.add(path.relative_to(root).as_posix())
    assert users == {"desktop/labelling.py"}
    tree = ast.parse((DRIVERS / PRINTER).read_text("utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module for module in modules if module and module.startswith("drivers")} == {"drivers.base", "drivers.link"}


def test_modbus_knows_the_four_functions_that_read() -> None:
    assert sorted(FUNCTIONS.values()) == [1, 2, 3, 4]


#: what changes something in a scale, gauge or torque tool that is known: MT-SICS levels 0 and 1, A&D, Ohaus, Mark-10
CHANGING = {
    "@", "Z", "ZI", "T", "TI", "TA", "TAC", "K", "D", "DW", "SR", "SIR", "P", "R", "ON", "OFF", "CAL", "TARE", "CT",
    "CP", "0P", "xP", "PSI", "POH", "C", "U", "PRT", "M", "N", "B", "A", "S",
}  # fmt: skip


def test_a_line_device_is_asked_what_was_read_in_its_manual_and_nothing_else() -> None:
    assert set(QUERIES.values()) == {
        b"Q\r\n", b"SI\r\n", b"IP\r\n", b"?\r", b"M?\r", b"W\r",
        b"1\r", b"2\r", b"3\r", b"4\r", b"5\r", b"6\r", b"7\r", b"8\r", b"9\r",
    }  # fmt: skip
    assert not {query.decode().strip() for query in QUERIES.values()} & CHANGING
    (request,) = (setting for setting in load("text_line").DEVICE_SETTINGS if setting.key == "request")
    assert set(request.choices) == {"", *QUERIES}
    for forbidden in sorted(CHANGING):
        for end in (r"\r", r"\r\n", "\r\n", ""):
            with pytest.raises(KeyError):
                line_query(forbidden + end)


@pytest.mark.parametrize("request_", [r"Z\r\n", r"T\r\n", r"@\r\n", "Q\r\n", "Q", r"Q\r\nT\r\n"])
def test_a_request_that_is_not_listed_is_refused_before_the_port_is_opened(request_: str, tmp_path: Path) -> None:
    with WirePort(tmp_path / "bus", "socket" if sys.platform == "win32" else "pty") as wire:
        device = DeviceSpec("scale", {"request": request_}, (SignalSpec("code"),))
        driver = load("text_line")(BusSpec("bus-1", wire.url, {}, (device,)), REAL)
        with pytest.raises(DriverError, match="request") as fault:
            driver.open()
        driver.close()
        assert fault.value.needs_person
        assert wire.callers == 0
        assert wire.read() == b""


def test_a_balance_is_asked_for_weight_and_number_and_nothing_else() -> None:
    assert sics.QUERIES == {"S": b"S\r\n", "SI": b"SI\r\n", "I4": b"I4\r\n"}
    for forbidden in ("@", "Z", "ZI", "T", "TI", "TA", "TAC", "SIR", "SR", "K", "D", "S\r\nT", "s"):
        with pytest.raises(KeyError):
            sics.sics_query(forbidden)


def test_a_balance_that_records_hears_nothing_but_queries(tmp_path: Path) -> None:
    """A whole life: a stream left on, refusals, spoiled and missing answers, a pulled cable, a second driver."""
    count = iter(range(1_000_000))

    def spoil(_command: str, answer: bytes) -> bytes | None:
        return {4: b"ES\r\n", 7: answer[:5], 11: None, 13: b"S I\r\n", 17: b"\xff\x00\r\n"}.get(
            next(count) % 19, answer
        )

    with (
        WirePort(tmp_path / "bus", "socket" if sys.platform == "win32" else "pty") as wire,
        SicsFace(wire, tamper=spoil) as face,
    ):
        for ask in ("S", "SI"):
            face.streaming = True
            given: dict[str, Value] = {"ask": ask, "period_ms": 50, "timeout_ms": 100}
            device = DeviceSpec("scale", given, (SignalSpec("weight"),))
            driver = load("mt_sics")(BusSpec("bus-1", wire.url, {}, (device,)), REAL)
            driver.open()
            heard: list[Value] = []
            end = time.monotonic() + 10
            while len(heard) < 12 and time.monotonic() < end:
                heard += [reading.value for reading in driver.poll() if reading.value is not None]
            assert set(heard) == {100.0}
            wire.cut()
            driver.close()
            wire.restore()
        assert set(face.commands_seen) == {"S", "SI", "I4"}
        assert face.changes_seen == []


def test_the_recording_balance_records_a_tare(tmp_path: Path) -> None:
    from drivers.link import Link

    with WirePort(tmp_path / "bus", "socket" if sys.platform == "win32" else "pty") as wire, SicsFace(wire) as face:
        link = Link(wire.url, {}, REAL, 0.05)
        link.open()
        link.send(b"T\r\n")
        end = time.monotonic() + 5
        while not face.changes_seen and time.monotonic() < end:
            link.receive()
        link.close()
        assert face.changes_seen == ["T"]


def test_a_plc_that_records_hears_nothing_but_reads(tmp_path: Path) -> None:
    """A whole life on the bus: all areas, refusals, spoiled and missing answers, a pulled cable, a second driver."""
    count = iter(range(1_000_000))

    def registers(area: str, address: int, length: int) -> list[int]:
        if address <= 300 < address + length:
            raise LookupError(address)
        return [1] * length

    def spoil(unit: int, answer: bytes) -> bytes | None:
        return {5: answer[:-1] + b"\0", 9: None}.get(next(count) % 12, answer)

    places = ("co:1", "di:2", "hr:3", "ir:4", "hr:20.3", "hr:300", "4x500")
    given: dict[str, Value] = {"period_ms": 15}
    devices = tuple(
        DeviceSpec(f"plc-{unit}", {**given, "unit": unit}, tuple(SignalSpec(at, {"address": at}) for at in places))
        for unit in (1, 2)
    )
    with (
        WirePort(tmp_path / "bus", "socket" if sys.platform == "win32" else "pty") as wire,
        ModbusFace(wire, {1: registers}, spoil) as face,
    ):
        bus = BusSpec("bus-1", wire.url, {"baud": 115200, "timeout_ms": 50}, devices)
        for cut in (True, False):
            driver: Driver = load("modbus_rtu")(bus, REAL)
            driver.open()
            heard: set[str] = set()
            end = time.monotonic() + 10
            while heard != set(places) and time.monotonic() < end:
                heard |= {reading.signal for reading in driver.poll()}
            assert heard == set(places)
            if cut:
                wire.cut()
            driver.close()
            wire.restore()
        assert face.functions_seen == {1, 2, 3, 4}
        assert face.writes_seen == []


def test_the_recording_plc_records_a_write(tmp_path: Path) -> None:
    from drivers.link import Link

    with (
        WirePort(tmp_path / "bus", "socket" if sys.platform == "win32" else "pty") as wire,
        ModbusFace(wire, {1: lambda area, address, length: [0] * length}) as face,
    ):
        link = Link(wire.url, {}, REAL, 0.05)
        link.open()
        frames = [bytes.fromhex("01 06 00 00 00 01"), bytes.fromhex("01 10 00 00 00 01 02 00 07")]
        for frame in frames:
            link.send(frame + checksum(frame))
            end, answer = time.monotonic() + 5, b""
            while len(answer) < 5 and time.monotonic() < end:
                answer += link.receive().data
            assert answer[1:3] == bytes((frame[1] | 0x80, 1))
        link.close()
        assert [frame[1] for _, frame in face.writes_seen] == [6, 16]
