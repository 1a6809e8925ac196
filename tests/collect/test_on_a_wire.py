"""A contact module and a scanner on simulated wires, collected whole; the module through faults of counter and link."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop import configuration
from desktop.collect.collector import Collector
from desktop.domain.barcode import GS1
from desktop.domain.spans import Span
from desktop.store import database, records
from desktop.summaries.trace.history import trace_code
from desktop.summaries.trace.lists import recall
from drivers.simulated.port import WirePort
from drivers.simulated.wire_modbus import ModbusFace
from tests.collect.fakes import running, wait_for
from tests.example import one_scanner

LINE = """
format = 1
plant = { name = "P", line = "L", timezone = "Asia/Seoul" }
machine = [{ code = "M", name = "M" }]

[[bus]]
key = "io"
port = "PORT"
driver = "modbus_rtu"
baud = 115200
timeout_ms = 100

[[bus.device]]
key = "io"
unit = 1
period_ms = 20

[[bus.device.signal]]
key = "narrow"
machine = "M"
role = "good"
address = "ir:0"
modulus = 65536

[[bus.device.signal]]
key = "wide"
machine = "M"
role = "reject"
address = "ir:2"
type = "u32"
modulus = 4294967296

[[bus.device.signal]]
key = "current"
machine = "M"
role = "state"
address = "ir:4"
run_above = 50
stop_below = 30
settle_ms = 60
"""


class Module:
    """The registers of unit 1."""

    def __init__(self) -> None:
        self.narrow, self.wide, self.current = 65_530, 2**32 - 5, 80
        self.silent = False

    def answer(self, _area: str, address: int, count: int) -> list[int]:
        registers = [self.narrow, 0, self.wide >> 16, self.wide & 0xFFFF, self.current, *[0] * 20]
        return registers[address : address + count]


class Line:
    def __init__(self, module: Module, store: database.Store) -> None:
        self.module, self.store = module, store

    def counted(self, key: str) -> list[tuple[int, str]]:
        return self.store.rows(
            "SELECT e.pieces, e.flag FROM events e JOIN signals s ON s.id = e.signal_id"
            " WHERE s.key = ? AND e.kind = 'count' ORDER BY e.id",
            key,
        )

    def states(self) -> list[str]:
        return [word for (word,) in self.store.rows("SELECT word FROM events WHERE kind = 'state' ORDER BY id")]

    def tell(self, change: Callable[[], object], key: str, *last: tuple[int, str]) -> None:
        change()
        wait_for(lambda: self.counted(key)[-len(last) :] == list(last))


@contextmanager
def collected(folder: Path) -> Iterator[Line]:
    module = Module()
    with WirePort() as port, ModbusFace(port, {1: module.answer}, lambda _u, frame: None if module.silent else frame):
        (folder / "line.toml").write_text(LINE.replace("PORT", port.url), encoding="utf-8")
        store = database.create(folder / "data")
        configuration.apply(store, configuration.read(folder / "line.toml"))
        store.close()
        with collecting(folder / "data") as reader:
            line = Line(module, reader)
            wait_for(lambda: bool(line.counted("wide")) and bool(line.states()))
            yield line


@contextmanager
def collecting(folder: Path) -> Iterator[database.Store]:
    ready, held = threading.Event(), list[Collector]()

    def work() -> None:
        store = database.open_writer(folder)
        try:
            held.append(Collector(store))
            ready.set()
            held[0].run()
        finally:
            ready.set()
            store.close()

    with running(work, lambda: held and held[0].stop()):
        ready.wait(10)
        reader = database.open_reader(folder)
        try:
            yield reader
        finally:
            reader.close()


def setting(module: Module, **values: int) -> Callable[[], object]:
    return lambda: [setattr(module, name, value) for name, value in values.items()]


def test_counters_wrap_at_16_and_32_bits_and_begin_anew(tmp_path: Path) -> None:
    with collected(tmp_path) as line:
        assert line.counted("narrow") == [(0, "first")]
        assert line.counted("wide") == [(0, "first")]
        line.tell(setting(line.module, narrow=4), "narrow", (10, "rollover"))
        line.tell(setting(line.module, wide=7), "wide", (12, "rollover"))
        line.tell(setting(line.module, narrow=40_000), "narrow", (0, "implausible"))  # more than half of what it holds
        line.tell(setting(line.module, narrow=40_010), "narrow", (10, ""))
        line.tell(setting(line.module, wide=12_000), "wide", (11_993, ""))
        line.tell(setting(line.module, wide=3), "wide", (3, "reset"))  # the module was switched off and on
        assert all(pieces >= 0 for pieces, _flag in line.counted("narrow") + line.counted("wide"))


def test_an_outage_is_a_gap_and_neither_zero_nor_a_stop(tmp_path: Path) -> None:
    with collected(tmp_path) as line:
        assert line.states() == ["run"]
        line.module.silent = True
        wait_for(lambda: line.states()[-1] == "unknown")
        line.module.narrow, line.module.silent = 9, False
        wait_for(lambda: line.counted("narrow")[-1] == (15, "gap"))
        wait_for(lambda: line.states() == ["run", "unknown", "run"])
        line.module.current = 10
        wait_for(lambda: line.states()[-1] == "stop")
        line.module.current = 40
        line.tell(setting(line.module, narrow=10), "narrow", (1, ""))
        assert line.states() == ["run", "unknown", "run", "stop"], "between the thresholds it stays"
        rows = line.store.rows("SELECT word FROM events WHERE kind = 'device' ORDER BY id")
        assert [word for (word,) in rows] == ["online", "offline", "online"]


def test_which_kind_of_code_a_scanner_read_reaches_the_journal(tmp_path: Path) -> None:
    with WirePort() as port:
        (tmp_path / "line.toml").write_text(
            one_scanner(port.url)
            .replace('driver = "text_line"\n', "")
            .replace('key = "scanner-1"\n', 'key = "scanner-1"\npreset = "scanner"\n'),
            encoding="utf-8",
        )
        store = database.create(tmp_path / "data")
        configuration.apply(store, configuration.read(tmp_path / "line.toml"))
        store.close()
        with collecting(tmp_path / "data") as reader:
            wait_for(lambda: port.listening)
            port.write(b"]d20108801234567893\x1d21S99\r\n8801234567893\r\n]C0LOT-7\r\n")
            wait_for(lambda: len(records.scans(reader, Span(0, 1 << 60))) == 3)
            found = [(scan.code, scan.aim, GS1.get(scan.aim, "")) for scan in records.scans(reader, Span(0, 1 << 60))]
    assert found == [
        ("S99", "]d2", "GS1 DataMatrix"), ("8801234567893", "", ""), ("LOT-7", "]C0", ""),  # the unit by its serial
    ]  # fmt: skip


BOARDS = r"""
format = 1
plant = { name = "P", line = "L", timezone = "Asia/Seoul" }
machine = [{ code = "BE", name = "Bench" }, { code = "AS", name = "Assembly" }]
station = [
  { code = "OP5", name = "Bench", machine = "BE" },
  { code = "OP20", name = "Assembly", machine = "AS", when_wrong = "refuse" },
]
product = [
  { code = "SB", name = "Board", unit_pattern = '^SB\d+$' },
  { code = "VH", name = "Housing", unit_pattern = '^VH\d+$' },
]
route = [{ product = "SB", stations = ["OP5"] }, { product = "VH", stations = ["OP20"] }]
station_part = [
  { station = "OP5", material = "CAP", product = "SB" },
  { station = "OP20", material = "SB", serial = true },
]
"""
SCANNER = """
[[bus]]
key = "{machine}"
port = "{port}"
driver = "text_line"
[[bus.device]]
key = "{machine}"
double_scan_ms = 0
[[bus.device.signal]]
key = "code"
role = "scan"
machine = "{machine}"
classes = {{ lot = '^(CAP)-' }}
"""


def test_a_board_made_of_a_bad_lot_is_found_in_its_housing(tmp_path: Path) -> None:
    """A board is made at a bench and read where it is built in: no class of the scanner there names it."""
    with WirePort() as bench, WirePort() as assembly:
        text = BOARDS + SCANNER.format(machine="BE", port=bench.url) + SCANNER.format(machine="AS", port=assembly.url)
        (tmp_path / "line.toml").write_text(text, encoding="utf-8")
        store = database.create(tmp_path / "data")
        configuration.apply(store, configuration.read(tmp_path / "line.toml"))
        store.close()
        with collecting(tmp_path / "data") as reader:

            def tell(port: WirePort, code: str) -> list[tuple[str, str]]:
                seen = len(records.scans(reader, Span(0, 1 << 60)))
                port.write(code.encode() + b"\r\n")
                wait_for(lambda: len(records.scans(reader, Span(0, 1 << 60))) > seen)
                words = "SELECT word, flag FROM events WHERE kind = 'finding' AND json_extract(detail, '$.by') ="
                return reader.rows(f"{words} (SELECT max(id) FROM events WHERE kind = 'scan') ORDER BY id")

            wait_for(lambda: bench.listening and assembly.listening)
            for code in ("CAP-BAD", "SB1", "CAP-2", "SB2", "SB3"):
                assert tell(bench, code) == []
            assert tell(assembly, "SB1") == []
            assert tell(assembly, "VH1") == []
            assert tell(assembly, "VH2") == [("no_part", "")], "the next board was forgotten"
            assert tell(assembly, "SB1") == [("used_part", "refused")], "and then the one before was read again"
            assert tell(assembly, "SB2") == []
            now_ms = reader.clock.now_ms() + 60_000
            held = {lot: recall(reader, "lot", lot, now_ms).units.units for lot in ("CAP-BAD", "CAP-2")}
            assert {lot: [row.code for row in rows] for lot, rows in held.items()} == {
                "CAP-BAD": ["VH1"], "CAP-2": ["SB3", "VH2"],
            }  # fmt: skip
            assert [node.code for node in trace_code(reader, "VH1", now_ms).now.back] == ["SB1", "CAP-BAD"]
            assert [node.code for node in trace_code(reader, "SB1", now_ms).now.ahead] == ["VH1"]
            assert reader.rows("SELECT kind, code FROM units WHERE code LIKE 'SB%' ORDER BY code") == [
                ("unit", "SB1"), ("unit", "SB2"), ("unit", "SB3"),
            ]  # fmt: skip
