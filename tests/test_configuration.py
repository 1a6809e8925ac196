"""The register as a file: what comes out goes in again, and every fault of a file is named at once."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import tomli_w
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from desktop import configuration, text
from desktop.clock import PlantClock
from desktop.configuration import ConfigurationError, presets, tables
from desktop.domain.calendar import (
    ALWAYS,
    Break,
    DayException,
    Kind,
    PlannedStop,
    Rotation,
    capacity_ms,
    local_date,
    shifts_between,
    utc_ms,
    written_for,
)
from desktop.domain.events import State
from desktop.domain.line import Constraint
from desktop.domain.making import OpenCavities
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span
from desktop.store import database, register, upkeep
from desktop.store.database import KnownError, Store
from drivers import catalog

ROOT = Path(__file__).resolve().parents[1]

SMALL = """
format = 1

[plant]
name = "공장"
line = "조립 1"
timezone = "Asia/Seoul"
constraint = "WD"

[[machine]]
code = "PR"
name = "프레스"
threshold_s = 60

[[machine]]
code = "WD"
name = "Weld"

[[product]]
code = "P-1"
name = "Housing"

[[standard]]
product = "P-1"
machine = "PR"
ideal_cycle_s = 4.35

[[standard]]
product = "P-1"
machine = "PR"
ideal_cycle_s = 4.1
standard_cycle_s = 4.7
valid_from = 2026-01-31

[[shift]]
name = "야간"
start = "20:00"
end = "08:00"
weekdays = [1, 2, 3, 4, 5]
breaks = [{ name = "식사", start = "23:50", end = "00:30" }, { start = "07:50", end = "08:00" }]

[[reason]]
code = "R1"
name = "고장"
failure = true

[[bus]]
key = "press"
port = "/dev/ttyUSB0"
driver = "modbus_rtu"
baud = 19200

[[bus.device]]
key = "press"
name = "Press PLC"
unit = 3

[[bus.device.signal]]
key = "good"
machine = "PR"
role = "good"
address = "40001"
modulus = 65536

[[bus.device.signal]]
key = "state"
machine = "PR"
role = "state"
address = "40010"
codes = { "1" = "run", "2" = "stop", "0" = "idle" }

[[bus.device.signal]]
key = "force"
machine = "PR"
role = "measure"
unit = "kN"
address = "40020"
type = "f32"
factor = 0.1
limit_low = 1.5
limit_high = 9
dead_band = 0.25
per_piece = true

[[bus]]
key = "scanner"
port = "socket://10.0.0.7:2000"
driver = "text_line"

[[bus.device]]
key = "scanner"

[[bus.device.signal]]
key = "code"
machine = "WD"
role = "scan"
classes = { unit = '^SN\\d+$', lot = '^LOT-([A-Z]+)-' }
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = database.create(tmp_path / "가동 데이터")
    yield opened
    opened.close()


def faults(toml: str) -> tuple[str, ...]:
    """The faults of a file; each is one line and names the file."""
    with pytest.raises(ConfigurationError) as error:
        configuration.parse(toml, "line.toml")
    assert str(error.value).splitlines() == list(error.value.faults)
    assert all(fault.startswith("line.toml") for fault in error.value.faults)
    return error.value.faults


def changed(**changes: Any) -> str:
    """SMALL with a value put in or taken away (None) by its path, "bus.0.device.0.key"."""
    data = tomllib.loads(SMALL)
    for path, value in changes.items():
        *way, last = path.split("__")
        at: Any = data
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at[step]
        if value is None:
            del at[last]
        else:
            at[int(last) if isinstance(at, list) else last] = value
    return tomli_w.dumps(data)


# -- round trips --


def test_the_small_line_means_what_it_says(store: Store) -> None:
    configuration.apply(store, configuration.parse(SMALL))
    plant = register.plant(store)
    assert (plant.name, plant.line, plant.timezone, plant.constraint) == ("공장", "조립 1", "Asia/Seoul", 2)
    assert [(m.code, m.threshold_ms) for m in plant.machines] == [("PR", 60_000), ("WD", 120_000)]
    assert [(s.ideal_cycle_ms, s.standard_cycle_ms) for s in plant.standards] == [(4350.0, 4350.0), (4100.0, 4700.0)]
    assert plant.standards[1].valid_from_ms == 1_769_785_200_000  # 2026-01-31 00:00 in Seoul
    assert [(b.key, b.driver, b.settings) for b in plant.buses] == [
        ("press", "modbus_rtu", {"baud": 19200}),
        ("scanner", "text_line", {}),
    ]
    assert [d.settings for d in plant.devices] == [{"unit": 3}, {}]
    signals = {s.key: s for s in plant.signals}
    assert signals["good"].modulus == 65536
    assert signals["state"].codes == {"1": "run", "2": "stop", "0": "idle"}
    assert (signals["force"].factor, signals["force"].limit_low, signals["force"].limit_high) == (0.1, 1.5, 9.0)
    assert signals["force"].per_piece
    assert signals["code"].name == "code"
    assert list(signals["code"].classes) == ["unit", "lot"]  # tried in this order
    assert [b.name for b in register.shift_patterns(store)[0].breaks] == ["식사", ""]


def test_what_is_exported_is_imported_and_exported_again_the_same(store: Store, tmp_path: Path) -> None:
    configuration.apply(store, configuration.parse(SMALL))
    first = configuration.export(store)
    other = database.create(tmp_path / "other")
    try:
        configuration.apply(other, configuration.parse(first))
        assert configuration.export(other) == first
        configuration.apply(other, configuration.parse(configuration.export(other)))
        assert configuration.export(other) == first
        assert register.plant(other) == register.plant(store)
    finally:
        other.close()


cycles = st.floats(0.01, 86_400, allow_nan=False)


@given(st.lists(cycles, min_size=1, max_size=5), st.floats(0, 3600))
@settings(max_examples=20)
def test_no_number_drifts_from_export_to_export(
    tmp_path_factory: pytest.TempPathFactory, ideal: list[float], threshold_s: float
) -> None:
    store = database.create(tmp_path_factory.mktemp("drift"))
    try:
        data = tomllib.loads(SMALL)
        data["machine"][0]["threshold_s"] = threshold_s
        data["standard"] = [
            {"product": "P-1", "machine": "PR", "ideal_cycle_s": cycle, "valid_from": date(2026, 1, n)}
            for n, cycle in enumerate(ideal, 1)
        ]
        configuration.apply(store, configuration.parse(tomli_w.dumps(data)))
        first = configuration.export(store)
        configuration.apply(store, configuration.parse(first))
        assert configuration.export(store) == first
        for given_s, kept in zip(ideal, register.plant(store).standards, strict=True):
            assert kept.ideal_cycle_ms == pytest.approx(given_s * 1000, abs=0.001)
    finally:
        store.close()


def test_an_import_replaces_what_was_there_and_says_so(store: Store) -> None:
    configuration.apply(store, configuration.parse(SMALL))
    ids = {m.code: m.id for m in register.plant(store).machines}
    smaller = tomllib.loads(SMALL)
    del smaller["machine"][1]
    del smaller["bus"][1]
    del smaller["standard"][1]
    smaller["plant"]["constraint"] = ""
    configuration.apply(store, configuration.parse(tomli_w.dumps(smaller)))
    plant = register.plant(store)
    assert [m.code for m in plant.machines] == ["PR"]
    assert [b.key for b in plant.buses] == ["press"]
    assert [s.key for s in plant.signals] == ["good", "state", "force"]
    assert [s.ideal_cycle_ms for s in plant.standards] == [4350.0]
    assert store.row("SELECT count(*) FROM machines")[0] == 2  # facts may refer to it: retired, not deleted
    configuration.apply(store, configuration.parse(SMALL))
    assert {m.code: m.id for m in register.plant(store).machines} == ids
    action, old, new = store.row("SELECT action, old, new FROM audit ORDER BY id DESC LIMIT 1")
    assert action == "config import"
    assert '"WD"' in new
    assert '"WD"' not in old.replace('"constraint": "WD"', "")
    assert upkeep.check(store) == []


def test_ports_and_names_of_the_demo_line_can_be_put_in_place(store: Store) -> None:
    configuration.apply(
        store, configuration.parse(SMALL), ports={"press": "/dev/pts/9"}, translate=lambda words: f"<{words}>"
    )
    plant = register.plant(store)
    assert [b.port for b in plant.buses] == ["/dev/pts/9", "socket://10.0.0.7:2000"]
    assert [m.name for m in plant.machines] == ["<프레스>", "<Weld>"]
    assert [m.code for m in plant.machines] == ["PR", "WD"]


def test_the_demo_line_is_in_order(store: Store) -> None:
    wanted = configuration.read(ROOT / "resources" / "demo_line.toml")
    configuration.apply(store, wanted)
    assert configuration.parse(configuration.export(store)) is not None
    assert len(register.plant(store).machines) == 8
    assert register.plant(store).constraint is not None


def test_no_driver_setting_is_hidden_by_a_key_of_ours() -> None:
    """A signal's own offset means the same as a register's; every other name must be free."""
    ours = {"bus": tables.BUS, "device": tables.DEVICE, "signal": tables.SIGNAL}
    hidden = [
        (name, level, setting.key)
        for name in catalog.DRIVERS
        for level, fields in ours.items()
        for setting in getattr(catalog.settings(name), level)
        if setting.key in {field.key for field in fields}
    ]
    assert hidden == [("modbus_rtu", "signal", "offset"), ("xgt_cnet", "signal", "offset")]


# -- faults --


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"format": 2}, "format = 2", "must be 1"),
        ({"format": None}, "format", "must be 1"),
        ({"machines": []}, "machines", "did you mean machine?"),
        ({"plant": 5}, "plant = 5", "write [plant] above its keys"),
        ({"plant__name": None}, "plant.name", "is missing"),
        ({"plant__line": ""}, "plant.line", "must not be empty"),
        ({"plant__timezone": "Asia/Seol"}, 'plant.timezone = "Asia/Seol', "did you mean Asia/Seoul?"),
        ({"plant__timezone": "Nowhere"}, 'plant.timezone = "Nowhere', "Asia/Seoul"),
        ({"plant__constraint": "WDD"}, 'plant.constraint = "WDD', "did you mean WD?"),
        ({"machine": {}}, "machine", "[[machine]]"),
        ({"machine": [5]}, "machine", "[[machine]]"),
        ({"machine__0__code": "WD"}, 'machine[WD #2].code = "WD', "stands already at machine[WD]"),
        ({"machine__0__code": 7}, "machine[프레스].code = 7", "must be text"),
        ({"machine__0__name": "a\nb"}, 'machine[PR].name = "a\\nb', "must be text"),
        ({"machine__0__threshold_s": -1}, "machine[PR].threshold_s = -1", "0 to 3600 (for example"),
        ({"machine__0__threshold_s": True}, "machine[PR].threshold_s = true", "must be a number"),
        ({"machine__0__threshold_s": "60"}, 'machine[PR].threshold_s = "60', "must be a number"),
        ({"machine__0__threshold": 1}, "machine[PR].threshold = 1", "did you mean threshold_s?"),
        ({"standard__0__product": "P-2"}, 'standard[1].product = "P-2', "did you mean P-1?"),
        ({"standard__0__machine": "X"}, 'standard[1].machine = "X', "allowed: PR, WD"),
        ({"standard__0__ideal_cycle_s": 0}, "standard[1].ideal_cycle_s = 0", "0.01 to 86400 (for example"),
        (
            {"standard__0__ideal_cycle_s": float("nan")},
            "standard[1].ideal_cycle_s = nan",
            "must be a number from 0.01 to 86400",
        ),
        ({"standard__0__ideal_cycle_s": None}, "standard[1].ideal_cycle_s", "is missing"),
        (
            {"standard__1__valid_from": "2026-01-31"},
            'standard[2].valid_from = "2026-01-31',
            "must be a date without a time, from 1971 to 2100 (for example valid_from = 2026-01-31)",
        ),
        ({"standard__1__valid_from": None}, "standard[2].valid_from", "stands already at standard[1]"),
        ({"shift__0__start": "8:00"}, 'shift[야간].start = "8:00', "must be a time"),
        ({"shift__0__end": "25:00"}, 'shift[야간].end = "25:00', "must be a time"),
        ({"shift__0__weekdays": [0]}, "shift[야간].weekdays = 0", "1 (Monday) to 7 (Sunday)"),
        ({"shift__0__weekdays": ["Mon"]}, 'shift[야간].weekdays = "Mon', "1 (Monday) to 7 (Sunday)"),
        ({"shift__0__weekdays": [True]}, "shift[야간].weekdays = true", "1 (Monday) to 7 (Sunday)"),
        ({"shift__0__weekdays": []}, "shift[야간].weekdays", "1 (Monday) to 7 (Sunday)"),
        ({"shift__0__breaks": "12:00"}, 'shift[야간].breaks = "12:00', "must be a list"),
        (
            {"shift__0__breaks__0__start": "12:00"},
            'shift[야간].breaks[식사] = "12:00-00:30',
            "must lie within the shift",
        ),
        ({"shift__0__breaks__0__name": 5}, "shift[야간].breaks", "must be text"),
        ({"shift__0__breaks__0__from": "1"}, 'shift[야간].breaks[식사].from = "1', "is no key"),
        ({"reason__0__kind": "plannd"}, 'reason[R1].kind = "plannd', "did you mean planned?"),
        ({"reason__0__failure": 1}, "reason[R1].failure = 1", "must be true or false"),
        ({"bus__0__driver": "modbus"}, 'bus[press].driver = "modbus', "did you mean modbus_rtu?"),
        ({"bus__0__driver": None}, "bus[press].driver", "is missing"),
        (
            {"bus__0__port": "socket://10.0.0.7:2000"},
            'bus[scanner].port = "socket://10.0.0.7:2000',
            "stands already at bus[press]",
        ),
        ({"bus__0__baud": 1}, "bus[press].baud = 1", "50 to 4000000 (for example"),
        ({"bus__0__frame": "8N3"}, 'bus[press].frame = "8N3', "did you mean"),
        ({"bus__0__echo": 1}, "bus[press].echo = 1", "must be true or false"),
        ({"bus__0__bauds": 9600}, "bus[press].bauds = 9600", "did you mean baud?"),
        ({"bus__0__device": []}, "bus[press].device", "is missing"),
        ({"bus__1__device": [{"key": "a"}, {"key": "b"}]}, "bus[scanner].device = 2", "text_line takes 1 on a bus"),
        ({"bus__1__device__0__key": "press"}, 'bus[scanner].device[press].key = "press', "stands already at"),
        ({"bus__0__device__0__unit": 248}, "bus[press].device[press].unit = 248", "1 to 247 (for example"),
        ({"bus__0__device__0__unit": None}, "bus[press].device[press].unit", "is missing"),
        ({"bus__0__device__0__signal__0__role": "goods"}, 'signal[good].role = "goods', "did you mean good?"),
        ({"bus__0__device__0__signal__0__machine": None}, "signal[good].machine", "a counter needs a machine"),
        ({"bus__0__device__0__signal__1__machine": None}, "signal[state].machine", "is missing"),
        ({"bus__0__device__0__signal__0__machine": "PRX"}, 'signal[good].machine = "PRX', "did you mean PR?"),
        (
            {"bus__0__device__0__signal__0__modulus": 1},
            "signal[good].modulus = 1",
            "must be a whole number of 2 or more (for example modulus = 65536)",
        ),
        (
            {"bus__0__device__0__signal__0__modulus": 10**30},
            "signal[good].modulus = 1000",
            "must be a whole number from 2 to 1e+15",
        ),
        ({"bus__0__device__0__signal__0__pieces_per_step": 2.5}, "pieces_per_step = 2.5", "must be a whole number"),
        ({"bus__0__device__0__signal__0__address": None}, "signal[good].address", "is missing"),
        ({"bus__0__device__0__signal__1__codes": None}, "signal[state].codes", "needs the device's codes"),
        ({"bus__0__device__0__signal__1__codes__1": "runing"}, 'signal[state].codes.1 = "runing', "did you mean run?"),
        ({"bus__0__device__0__signal__1__key": "good"}, 'signal[good #2].key = "good', "stands already at"),
        (
            {"bus__0__device__0__signal__2__limit_low": 20},
            "signal[force].limit_low = 20",
            "must not be more than limit_high = 9",
        ),
        (
            {"bus__0__device__0__signal__2__factor": float("inf")},
            "signal[force].factor = inf",
            "must be a number from -1e+15 to 1e+15 (for example factor = 0.1)",
        ),
        (
            {"bus__1__device__0__signal__0__classes__unit": "(["},
            'signal[code].classes.unit = "([',
            "the [ at character 2 is not closed",
        ),
        (
            {"bus__1__device__0__signal__0__classes__unit": "(a+)+$"},
            'signal[code].classes.unit = "(a+)+$',
            "countless ways",
        ),
        ({"bus__1__device__0__signal__0__classes__unit": 5}, "signal[code].classes.unit = 5", "must be text"),
        ({"bus__1__device__0__signal__0__classes__unt": "x"}, 'signal[code].classes.unt = "x', "did you mean unit?"),
        ({"plant__timezone": "asia/seoul"}, "plant.timezone", "did you mean Asia/Seoul?"),
        ({"machine__0__name": ""}, "machine[PR].name", 'must not be empty (for example name = "Press 1")'),
        (
            {"machine__0__name": None},
            "machine[PR].name:",
            "is missing: must be text in quotes, on one line (for example",
        ),
        (
            {"bus__0__driver": None},
            "bus[press].driver:",
            "is missing: allowed: text_line, mt_sics, modbus_rtu, xgt_cnet, opc_ua",
        ),
        ({"bus__0__device": 5}, "bus[press].device = 5", "must be a list"),
        ({"bus__0__device": [5]}, "bus[press].device = [5]", "write [[bus.device]] above each"),
    ],
)
def test_each_fault_is_named_with_path_value_and_what_is_allowed(change: dict[str, Any], path: str, words: str) -> None:
    found = faults(changed(**change))
    assert any(path in fault and words in fault for fault in found), found


@pytest.mark.parametrize("code", ["2026-01-31T00:00:00", "2026-01-31T00:00:00Z", "2026-01-31 08:00:00"])
def test_a_date_with_a_time_is_no_date(code: str) -> None:
    found = faults(SMALL.replace("valid_from = 2026-01-31", f"valid_from = {code}"))
    assert "must be a date without a time" in found[0]


def test_all_faults_are_named_at_once() -> None:
    found = faults(
        changed(
            plant__timezone="Mars",
            machine__0__threshold_s="x",
            standard__0__machine="nobody",
            shift__0__start="morning",
            reason__0__kind="?",
            bus__0__driver="?",
            bus__1__device__0__signal__0__role="?",
            surplus=1,
        )
    )
    for path in (
        "plant.timezone",
        "machine[PR]",
        "standard[1]",
        "shift[",
        "reason[R1]",
        "bus[press]",
        "bus[scanner]",
        "surplus",
    ):
        assert any(path in fault for fault in found), path


@pytest.mark.parametrize("source", ["SMALL", "RICH"])
def test_every_level_that_is_wrong_in_kind_is_a_sentence(source: str) -> None:
    """Random damage: whatever is put in whatever place, there are faults or a configuration, never a traceback."""
    numbers = random.Random(7)
    junk: list[Any] = [
        None,
        5,
        -1,
        2.5,
        True,
        "",
        "x" * 300,
        [],
        [1],
        [[]],
        {},
        {"a": 1},
        [{"a": {"b": []}}],
        "\x01",
        10**25,
    ]
    for _turn in range(400):
        data = tomllib.loads(globals()[source])
        at: Any = data
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key = numbers.choice(keys)
            if isinstance(at[key], (dict, list)) and numbers.random() < 0.75:
                at = at[key]
                continue
            value = numbers.choice(junk)
            if value is None:
                del at[key]
            else:
                at[key] = value
            break
        found: tuple[str, ...] = ()
        try:
            configuration.parse(tomli_w.dumps(data))
        except ConfigurationError as error:
            found = error.faults
        assert all("\n" not in fault and len(fault) < 1000 for fault in found)


@pytest.mark.parametrize("toml", ["= 1", "[plant", "format = 1\nformat = 1", "a = " + "[" * 5000, "a = 1e", "\x00"])
def test_what_is_no_toml_is_one_sentence(toml: str) -> None:
    found = faults(toml)
    assert len(found) == 1
    assert "is not valid TOML" in found[0]


@pytest.mark.parametrize(
    ("toml", "place", "english", "korean"),
    [
        ("format = 1\nname = Press", "line 2, column 8", "a value is text in quotes", "따옴표로 묶은 문자열"),
        ("name", "line 1, column 5", "a key needs =", "항목 뒤에는 =와 값"),
        ("[plant", "line 1, column 7", "a table begins", "괄호 안에 이름"),
        ("[[machine]\n", "line 1, column 10", "a table begins", "괄호 안에 이름"),
        ('a = "x\n', "line 1, column 7", "a quote is missing", "끝에 따옴표가 없습니다"),
        ("a = 'x\n", "line 1, column 7", "a quote is missing", "끝에 따옴표가 없습니다"),
        ("a = [1,\n\n", "line 1, column 8", "a value is", "값은 따옴표로"),
        ('a = "x', "line 1, column 7", "a quote is missing", "끝에 따옴표가 없습니다"),
        ('port = "C:\\dev"', "line 1, column 13", r"write \\ for each \ in a text", "작은따옴표"),
        ("a = 1 2", "line 1, column 7", "one key a line", "한 줄에 항목 하나만"),
        ("a = 1\r\n\r\na = 2\r\n", "line 3, column 6", "twice", "두 번"),
        ("[a]\n[a]", "line 2, column 3", "twice", "두 번"),
        ("a = { b = 1, b = 2 }", "line 1, column 19", "twice", "두 번"),
        ("= 1", "line 1, column 1", "a line is a key", "한 줄에는 항목과 값"),
        ("!", "line 1, column 1", "a line is a key", "한 줄에는 항목과 값"),
        ("a = [1 2]", "line 1, column 8", "a bracket is opened", "닫는 괄호"),
        ("a = 2026-02-30", "line 1, column 5", "2026-01-31", "2026-01-31처럼"),
    ],
)
def test_what_is_misspelt_is_said_by_line_column_and_what_to_do(
    toml: str, place: str, english: str, korean: str
) -> None:
    (said,) = faults(toml)
    assert place in said
    assert english in said
    line = toml.splitlines()[int(place.split()[1].rstrip(",")) - 1]
    assert said.endswith(f"The line is: {line}")
    text.use("ko")
    try:
        (said,) = faults(toml)
    finally:
        text.use("en")
    number, column = place.replace(",", "").split()[1::2]
    assert f"{number}번째 줄 {column}번째 글자" in said
    assert korean in said


def test_a_reason_that_has_no_words_stays_the_parsers(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_text: str) -> None:
        raise tomllib.TOMLDecodeError("Something new (at end of document)")

    monkeypatch.setattr(tomllib, "loads", refuse)
    assert faults("a\nbc")[0] == "line.toml is not valid TOML, line 2, column 3: Something new. The line is: bc"


def test_every_fault_of_a_line_by_a_beginner_in_korean() -> None:
    """Beside names, values and what stands in a file, no English is left."""
    broken = (ROOT / "tests" / "data" / "broken_line.toml").read_text(encoding="utf-8")
    english = faults(broken)
    text.use("ko")
    try:
        korean = faults(broken)
    finally:
        text.use("en")
    assert len(korean) == len(english) == 45
    paths = [re.split(r" = |: ", fault)[1] for fault in english]
    assert paths == [re.split(r" = |: ", fault)[1] for fault in korean]
    for fault in korean:
        sentence = fault.rpartition('": ')[2] if '": ' in fault else fault.split(": ", 2)[-1]
        assert re.search("[가-힣]", sentence), fault
        for words in ("must", "did you", "llowed", "missing", "stands", "no key", "example", "needs"):
            assert words not in fault, fault
    for fault in english:
        assert re.search(r"must|did you mean|allowed|Allowed|\(for example|own|write", fault), fault


def test_nothing_is_applied_by_half(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration.apply(store, configuration.parse(SMALL))
    before = configuration.export(store)
    smaller = tomllib.loads(SMALL)
    del smaller["machine"][1]
    smaller["plant"]["constraint"] = ""
    smaller["bus"].pop()
    wanted = configuration.parse(tomli_w.dumps(smaller))

    def refuse(*_words: Any) -> None:
        raise KnownError("The disk is full.")

    monkeypatch.setattr(register, "audit", refuse)
    with pytest.raises(KnownError):
        configuration.apply(store, wanted)
    assert configuration.export(store) == before


# -- files --


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_every_way_in_which_a_notepad_saves(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "라인 설정.toml"
    file.write_bytes(SMALL.replace("\n", "\r\n").encode(encoding))
    assert configuration.read(file).plant["name"] == "공장"


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    for place in (tmp_path / "nothing.toml", tmp_path):
        with pytest.raises(KnownError) as error:
            configuration.read(place)
        assert str(place) in str(error.value)
    (tmp_path / "line.toml").write_text("")
    with pytest.raises(KnownError, match=r"no such file or folder\. Did you mean .*line\.toml\?"):
        configuration.read(tmp_path / "lin.toml")
    with pytest.raises(KnownError, match=r"is a folder\. Name the TOML file"):
        configuration.read(tmp_path)
    (tmp_path / "noise.toml").write_bytes(bytes(range(256)) * 10)
    with pytest.raises(ConfigurationError, match=r"noise\.toml"):
        configuration.read(tmp_path / "noise.toml")


def test_faults_speak_korean_where_the_catalogue_does() -> None:
    text.use("ko")
    found = faults(changed(plant__name=None, machine__0__threshold_s=-1))
    text.use("en")
    assert any("plant.name" in fault for fault in found)
    assert any("machine[PR].threshold_s = -1" in fault for fault in found)
    assert any("가" <= letter <= "힣" for fault in found for letter in fault)


# -- what holds from a date on --

DAY, DAY_MS = timedelta(days=1), 86_400_000
NOW = 1_763_510_400_000  # 2025-11-19 09:00 in Seoul

RICH = (
    SMALL.replace('constraint = "WD"', 'day_start = "06:00"')
    .replace('name = "Weld"', 'name = "Weld"\nunattended = true')
    .replace("ideal_cycle_s = 4.35", "ideal_cycle_s = 4.35\ncavities = 4\nfamily_cavities = 2")
    .replace("failure = true", 'failure = true\nloss = "breakdown"')
    + """
[rules]
name = "공장 규칙"
break_run_is_busy = false
live_after_s = 90.5
loss_tree = "seven"

[[constraint]]
machine = "WD"

[[constraint]]
machine = "PR"
parallel = 2
valid_from = 2025-10-01

[[open_cavities]]
product = "P-1"
machine = "PR"
open = 3
valid_from = 2025-11-18T14:30:00

[[shift]]
name = "야간"
start = "19:00"
end = "07:00"
valid_from = 2025-12-01
business_days = 1

[[shift]]
name = "주간"
start = "08:00"
end = "20:00"
weekdays = [1, 2, 3, 4, 5, 6]
crew = "A조"

[[rotation]]
shifts = ["주간", "야간"]
crews = ["A조", "B조"]
valid_from = 2025-11-03

[[capacity]]
holidays = [2025-12-25, 2025-10-03]

[[capacity.shift]]
name = "주간"
start = "08:00"
end = "17:00"
breaks = [{ name = "식사", start = "12:00", end = "13:00" }]

[[exception]]
on = 2025-12-25
kind = "holiday"
name = "성탄절"

[[exception]]
on = 2025-11-22
kind = "extra"
shift = "야간"
entered_at = 2025-11-18T16:00:00.250

[[exception]]
on = 2025-11-20
kind = "overtime"
shift = "주간"
end = "22:00"

[[exception]]
on = 2025-11-21
kind = "moved"
shift = "주간"
start = "09:00"
end = "21:00"

[[exception]]
on = 2025-11-24
kind = "half"
start = "13:00"

[[exception]]
on = 2025-11-25
kind = "cancelled"
shift = "야간"

[[planned_stop]]
from = 2025-11-20T10:00:00
to = 2025-11-20T11:30:00
machine = "PR"
reason = "R1"
approved_at = 2025-11-19T08:00:00

[[planned_stop]]
from = 2025-11-26T08:00:00
to = 2025-11-26T20:00:00
no_order = true
"""
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    """A database whose clock stands at NOW."""
    opened = database.create(tmp_path / "shop", clock=PlantClock(NOW, 0, 0.0))
    yield opened
    opened.close()


def stand(store: Store, now_ms: int) -> None:
    """Let the clock of a database stand at another moment."""
    store.clock = PlantClock(now_ms, 0, 0.0)


def take(store: Store, toml: str) -> None:
    configuration.apply(store, configuration.parse(toml, "line.toml"))


def altered(source: str, **changes: Any) -> str:
    """As `changed`, of another file."""
    data = tomllib.loads(source)
    for path, value in changes.items():
        *way, last = path.split("__")
        at: Any = data
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at[step]
        if value is None:
            del at[last]
        else:
            at[last] = value
    return tomli_w.dumps(data)


def test_calendar_rules_and_constraint_mean_what_the_file_says(shop: Store) -> None:
    take(shop, RICH)
    found = register.calendar(shop)
    zone = ZoneInfo("Asia/Seoul")
    assert found.day_start == time(6)
    assert [(p.name, p.start, p.valid_from, p.business_days, p.crew) for p in found.patterns] == [
        ("야간", time(20), ALWAYS, 0, ""),
        ("야간", time(19), date(2025, 12, 1), 1, ""),
        ("주간", time(8), ALWAYS, 0, "A조"),
    ]
    night, day = found.patterns[0].id, found.patterns[2].id
    assert found.patterns[1].id == night
    assert found.rotations == (Rotation((day, night), ("A조", "B조"), 7, date(2025, 11, 3)),)
    asked = NOW - DAY_MS + 7 * 3_600_000 + 250
    assert set(found.exceptions) == {
        DayException(date(2025, 12, 25), Kind.HOLIDAY, name="성탄절", entered_at_ms=NOW),
        DayException(date(2025, 11, 22), Kind.EXTRA, night, entered_at_ms=asked),
        DayException(date(2025, 11, 20), Kind.OVERTIME, day, end=time(22), entered_at_ms=NOW),
        DayException(date(2025, 11, 21), Kind.MOVED, day, time(9), time(21), entered_at_ms=NOW),
        DayException(date(2025, 11, 24), Kind.HALF, start=time(13), entered_at_ms=NOW),
        DayException(date(2025, 11, 25), Kind.CANCELLED, night, entered_at_ms=NOW),
    }

    def at(on: date, hour: int, minute: int = 0) -> int:
        return utc_ms(on, time(hour, minute), zone)

    meeting, none = date(2025, 11, 20), date(2025, 11, 26)
    assert found.planned == (
        PlannedStop(Span(at(meeting, 10), at(meeting, 11, 30)), 1, at(date(2025, 11, 19), 8), 1),
        PlannedStop(Span(at(none, 8), at(none, 20)), no_order=True),
    )
    (standard,) = found.capacity
    assert standard.holidays == {date(2025, 12, 25), date(2025, 10, 3)}
    assert [(p.name, p.end, p.breaks) for p in standard.patterns] == [
        ("주간", time(17), (Break("식사", time(12), time(13)),))
    ]
    assert register.constraints(shop) == (Constraint(2), Constraint(1, at(date(2025, 10, 1), 0), 2))
    plant = register.plant(shop)
    assert plant.constraint == 1
    assert [m.unattended for m in plant.machines] == [False, True]
    assert [(s.cavities, s.family_cavities) for s in plant.standards] == [(4, 2), (1, 0)]
    assert plant.reasons[0].loss == "breakdown"
    assert register.open_cavities(shop) == {(1, 1): (OpenCavities(at(date(2025, 11, 18), 14, 30), 3),)}
    wanted = RuleSet("공장 규칙", 2, break_run_is_busy=False, live_after_ms=90_500, loss_tree="seven")
    assert register.rules(shop) == ((0, wanted),)  # the first import: there is nothing that it could rewrite
    assert str(wanted).startswith("공장 규칙 2 (")
    assert upkeep.check(shop) == []


def test_the_whole_calendar_goes_out_and_in_again_the_same(shop: Store, tmp_path: Path) -> None:
    take(shop, RICH)
    first = configuration.export(shop)
    other = database.create(tmp_path / "other", clock=PlantClock(NOW + 40 * DAY_MS, 0, 0.0))
    try:
        for store in (other, shop, other):  # also on top of itself, and weeks later
            stand(shop, NOW + 50 * DAY_MS)
            take(store, first)
            assert configuration.export(store) == first
        assert register.calendar(other) == register.calendar(shop)
        assert register.rules(other) == register.rules(shop)
        assert register.constraints(other) == register.constraints(shop)
    finally:
        other.close()


def test_what_a_file_does_not_speak_of_stays(shop: Store) -> None:
    """A file of before there were calendar and rules: what people entered since is not lost by it."""
    take(shop, RICH)
    before = register.calendar(shop)
    take(shop, SMALL.replace('constraint = "WD"\n', ""))
    after = register.calendar(shop)
    assert (after.exceptions, after.planned, after.capacity) == (before.exceptions, before.planned, before.capacity)
    assert register.rules(shop)[-1][1].name == "공장 규칙"
    assert len(register.constraints(shop)) == 2


def starts(store: Store, name: str) -> list[tuple[date, time, bool]]:
    """The versions of a shift: from when, its start, and whether it takes place."""
    found = register.shift_patterns(store)
    return [(p.valid_from, p.start, bool(p.weekdays)) for p in found if p.name == name]


TODAY = date(2025, 11, 19)


def test_a_changed_shift_begins_today_and_the_past_stays_what_it_was(shop: Store) -> None:
    take(shop, SMALL)
    window = Span(NOW - 5 * DAY_MS, NOW - DAY_MS)
    before = shifts_between(register.calendar(shop), window)
    assert before
    take(shop, changed(shift__0__start="21:00"))
    assert starts(shop, "야간") == [(ALWAYS, time(20), True), (TODAY, time(21), True)]
    take(shop, changed(shift__0__start="21:00"))  # the same again changes nothing
    assert len(starts(shop, "야간")) == 2
    take(shop, changed(shift__0__start="22:00"))  # on the same day: the last word holds
    assert starts(shop, "야간")[1:] == [(TODAY, time(22), True)]
    take(shop, SMALL)  # taken back on the same day
    assert starts(shop, "야간") == [(ALWAYS, time(20), True)]
    stand(shop, NOW + 3 * DAY_MS)
    take(shop, changed(shift=None))
    assert starts(shop, "야간")[1:] == [(date(2025, 11, 22), time(20), False)]
    assert shifts_between(register.calendar(shop), window) == before
    assert not shifts_between(register.calendar(shop), Span(NOW + 4 * DAY_MS, NOW + 9 * DAY_MS))
    first = configuration.export(shop)
    take(shop, first)
    assert configuration.export(shop) == first
    stand(shop, NOW + 10 * DAY_MS)
    take(shop, SMALL)  # it comes back
    assert [takes_place for _on, _start, takes_place in starts(shop, "야간")] == [True, False, True]


def test_a_shift_may_say_from_when_it_holds_also_in_the_past(shop: Store) -> None:
    take(shop, SMALL)
    data = tomllib.loads(SMALL)
    data["shift"].append({**data["shift"][0], "start": "21:00", "valid_from": date(2025, 11, 10)})
    data["shift"].append({**data["shift"][0], "start": "22:00", "valid_from": date(2026, 1, 1)})
    take(shop, tomli_w.dumps(data))
    later = [(date(2025, 11, 10), time(21), True), (date(2026, 1, 1), time(22), True)]
    assert starts(shop, "야간") == [(ALWAYS, time(20), True), *later]
    data["shift"].pop()  # of what it does not name any more only the future goes
    data["shift"].pop()
    data["shift"][0]["start"] = "21:00"
    take(shop, tomli_w.dumps(data))
    assert starts(shop, "야간") == [(ALWAYS, time(20), True), later[0]]


def test_a_version_without_a_date_never_rewrites_what_was_before(shop: Store) -> None:
    take(shop, SMALL)
    data = tomllib.loads(changed(shift__0__start="19:00"))
    data["shift"].append({**data["shift"][0], "start": "21:00", "valid_from": date(2025, 11, 10)})
    before = configuration.export(shop)
    said = r"line.toml, line \d+: shift\[야간\]: before 2025-11-10 .* valid_from = 2025-11-19"
    with pytest.raises(ConfigurationError, match=said):
        take(shop, tomli_w.dumps(data))
    assert configuration.export(shop) == before


def test_a_new_shift_does_not_begin_before_today_without_a_date(shop: Store) -> None:
    take(shop, SMALL)
    data = tomllib.loads(SMALL)
    day = {"name": "주간", "start": "08:00", "end": "20:00"}
    data["shift"] += [day, {**day, "end": "19:00", "valid_from": TODAY}]
    with pytest.raises(ConfigurationError, match=r", line \d+: shift\[주간\]: before 2025-11-19"):
        take(shop, tomli_w.dumps(data))
    assert starts(shop, "주간") == []


def test_a_shift_beside_known_ones_begins_today(shop: Store) -> None:
    take(shop, SMALL)
    data = tomllib.loads(SMALL)
    data["shift"].append({"name": "주간", "start": "08:00", "end": "20:00"})
    take(shop, tomli_w.dumps(data))
    assert starts(shop, "주간") == [(TODAY, time(8), True)]
    take(shop, SMALL)  # it never took place
    assert starts(shop, "주간") == []


def test_the_constraint_moves_from_today_on(shop: Store) -> None:
    take(shop, SMALL)
    assert register.constraints(shop) == (Constraint(2),)
    assert tomllib.loads(configuration.export(shop))["plant"]["constraint"] == "WD"
    midnight_ms = NOW - 9 * 3_600_000
    take(shop, changed(plant__constraint="PR"))
    assert register.constraints(shop) == (Constraint(2), Constraint(1, midnight_ms))
    assert register.plant(shop).constraint == 1
    take(shop, changed(plant__constraint=""))
    assert register.constraints(shop) == (Constraint(2), Constraint(0, midnight_ms))
    assert register.plant(shop).constraint is None
    first = configuration.export(shop)
    take(shop, first)
    assert configuration.export(shop) == first


def test_standard_capacity_is_locked_a_change_of_it_begins_today(shop: Store) -> None:
    take(shop, RICH)
    window = Span(NOW - 10 * DAY_MS, NOW)
    before = capacity_ms(register.calendar(shop), window)
    assert before
    take(shop, altered(RICH, capacity__0__holidays=[date(2025, 11, 12), date(2025, 12, 25)]))
    assert [c.valid_from for c in register.calendar(shop).capacity] == [ALWAYS, TODAY]
    assert capacity_ms(register.calendar(shop), window) == before
    take(shop, altered(RICH, capacity=[]))  # no word of it: what was known stays
    assert [c.valid_from for c in register.calendar(shop).capacity] == [ALWAYS, TODAY]


def test_an_exception_keeps_when_it_was_entered(shop: Store) -> None:
    """What a shift was to make when it began does not change by what was entered later."""
    take(shop, RICH)
    stand(shop, NOW + 3_600_000)
    take(shop, altered(RICH, exception__2__end="23:00"))
    overtime = [e for e in register.calendar(shop).exceptions if e.kind is Kind.OVERTIME]
    assert [(e.end, e.entered_at_ms) for e in overtime] == [(time(22), NOW), (time(23), NOW + 3_600_000)]
    assert register.calendar(shop).as_of(NOW).exceptions.count(overtime[0]) == 1
    assert overtime[1] not in register.calendar(shop).as_of(NOW).exceptions
    stand(shop, NOW + 2 * DAY_MS)  # 2025-11-21: what was on the 20th stays, what is to come goes
    take(shop, altered(RICH, exception=[], planned_stop=[]))
    assert [e.on for e in register.calendar(shop).exceptions] == [date(2025, 11, 20)] * 2
    assert [p.machine for p in register.calendar(shop).planned] == [1]


def test_a_planned_stop_in_the_hour_that_comes_twice_keeps_its_time(shop: Store) -> None:
    stops = [
        {
            "from": datetime.fromisoformat("2026-10-25T02:30:00+02:00"),
            "to": datetime.fromisoformat("2026-10-25T02:30:00+01:00"),
        }
    ]
    take(shop, changed(plant__timezone="Europe/Berlin", planned_stop=stops))
    (stop,) = register.calendar(shop).planned
    assert stop.span.length_ms == 3_600_000
    first = configuration.export(shop)
    take(shop, first)
    assert register.calendar(shop).planned == (stop,)
    assert configuration.export(shop) == first


def test_rules_get_a_version_whenever_a_value_changes(shop: Store) -> None:
    assert register.rules(shop) == ((0, TPM),)
    take(shop, SMALL)
    assert register.rules(shop) == ((0, TPM),)
    stand(shop, NOW + 1000)
    take(shop, SMALL + "[rules]\nmtbf_adds_one = true\n")
    stand(shop, NOW + 2000)
    take(shop, SMALL + "[rules]\nmtbf_adds_one = true\n")
    second = RuleSet(version=2, mtbf_adds_one=True)
    assert register.rules(shop) == ((0, TPM), (NOW + 1000, second))
    take(shop, SMALL + "[rules]\n")  # every value by its default again
    assert register.rules(shop)[2:] == ((NOW + 2000, RuleSet(version=3)),)
    assert tomllib.loads(configuration.export(shop))["rules"] == {"version": 3}


def test_every_rule_is_a_key_of_the_file_with_its_default_and_its_range() -> None:
    names = {name.replace("_ms", "_s") for name in RuleSet.__struct_fields__}
    assert {field.key for field in tables.RULES} == names
    (checked,) = [configuration.parse(SMALL + "[rules]\n").rules]
    assert checked is not None
    for name, value in asdict(RuleSet()).items():
        key = name.replace("_ms", "_s")
        assert checked[key] * (1000 if key != name else 1) == value
    for field in tables.RULES:
        assert field.kind in ((bool,), (str,)) or (field.low is not None and field.high is not None), field.key


def test_the_demo_line_has_a_standard_capacity_and_its_reasons_a_loss(store: Store) -> None:
    configuration.apply(store, configuration.read(ROOT / "resources" / "demo_line.toml"))
    assert capacity_ms(register.calendar(store), Span(NOW - DAY_MS, NOW)) == 2 * (12 * 60 - 110) * 60_000
    reasons = register.plant(store).reasons
    assert all(reason.loss == "breakdown" for reason in reasons if reason.failure)
    assert sum(bool(reason.loss) for reason in reasons) == 16


# -- what the states of a device mean --


def state_codes(codes: Any) -> dict[str, str]:
    wanted = configuration.parse(changed(bus__0__device__0__signal__1__codes=codes))
    found: dict[str, str] = wanted.buses[0]["device"][0]["signal"][1]["codes"]
    return found


def test_a_preset_is_written_out_and_may_be_overridden(shop: Store) -> None:
    packml = state_codes("packml")
    assert {code: packml[code] for code in ("4", "8", "12", "Execute", "7", "1")} == {
        "4": "run", "8": "fault", "12": "starved", "Execute": "run", "7": "entering", "1": "leaving",
    }  # fmt: skip
    own = state_codes({"preset": "packml", "12": "blocked", "99": "setup"})
    assert own == packml | {"12": "blocked", "99": "setup"}
    assert state_codes("packml_packtags")["6"] == "run"
    take(shop, changed(bus__0__device__0__signal__1__codes="packml"))
    (signal,) = [s for s in register.plant(shop).signals if s.key == "state"]
    assert signal.codes == packml
    assert '4 = "run"' in configuration.export(shop)


PACKML = {
    "Stopped": State.STOP, "Resetting": State.LEAVING, "Idle": State.IDLE, "Starting": State.LEAVING,
    "Execute": State.RUN, "Completing": State.RUN, "Complete": State.IDLE, "Aborting": State.ENTERING,
    "Aborted": State.FAULT, "Stopping": State.ENTERING, "Clearing": State.LEAVING, "Suspending": State.ENTERING,
    "Suspended": State.STARVED, "Unsuspending": State.LEAVING, "Holding": State.ENTERING, "Held": State.STOP,
    "Unholding": State.LEAVING,
}  # fmt: skip


def test_packml_by_number_and_by_name() -> None:
    codes = presets.codes("packml")
    for number, (name, state) in enumerate(PACKML.items()):
        assert codes[str(number)] == codes[name] == state, name
    assert {name: presets.codes("packml_packtags")[name] for name in PACKML} == PACKML
    tags = (
        "Clearing Stopped Starting Idle Suspended Execute Stopping Aborting Aborted Holding Held Unholding Suspending"
    )
    for number, name in enumerate([*tags.split(), "Unsuspending", "Resetting", "Completing", "Complete"], 1):
        assert presets.codes("packml_packtags")[str(number)] == PACKML[name], name


def test_machinery_by_item_state_and_operation_mode() -> None:
    items, modes = ("NotAvailable", "OutOfService", "NotExecuting", "Executing"), ("None", "Maintenance", "Setup")
    for name in ("machinery", "machine_tool"):
        codes = presets.codes(name)
        assert {f"{item}+{mode}" for item in items for mode in (*modes, "Processing")} <= set(codes)
        assert codes["Executing+Processing"] == State.RUN
        assert codes["OutOfService+Processing"] == State.FAULT
        assert all(codes[f"{item}+Maintenance"] == State.MAINTENANCE for item in items)
    assert presets.codes("machinery")["NotExecuting+Processing"] == State.IDLE  # the two documents disagree on it
    assert presets.codes("machine_tool")["NotExecuting+Processing"] == State.STOP


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_holds_states_and_says_where_they_come_from(name: str) -> None:
    file = ROOT / "resources" / "states" / f"{name}.toml"
    assert tomllib.loads(file.read_text(encoding="utf-8"))["source"]
    least = {State.RUN, State.STOP} if name == "contact" else {State.RUN, State.STOP, State.IDLE, State.FAULT}
    assert {State(word) for word in presets.codes(name).values()} >= least
    for line in file.read_text(encoding="utf-8").partition("[codes]")[2].splitlines():
        assert not line.startswith('"') or "  # " in line, line  # each says why


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"plant__day_start": "6"}, 'plant.day_start = "6', "must be a time"),
        ({"machine__1__unattended": 1}, "machine[WD].unattended = 1", "must be true or false"),
        ({"standard__0__cavities": 0}, "standard[1].cavities = 0", "1 to 1000"),
        ({"reason__0__loss": "breakdwn"}, 'reason[R1].loss = "breakdwn', "did you mean breakdown?"),
        ({"reason__0__loss": "speed"}, 'reason[R1].loss = "speed', "allowed: breakdown, setup"),
        ({"rules": []}, "rules = []", "write [rules] above its keys"),
        ({"rules__live_after": 1}, "rules.live_after = 1", "did you mean live_after_s?"),
        ({"rules__least_coverage_ratio": 90}, "rules.least_coverage_ratio = 90", "0 to 1 (for example"),
        ({"rules__setup_good_pieces": 2.5}, "rules.setup_good_pieces = 2.5", "whole number from 1"),
        ({"rules__loss_tree": "sevn"}, 'rules.loss_tree = "sevn', "did you mean seven?"),
        ({"rules__version": 0}, "rules.version = 0", "whole number from 1"),
        ({"constraint__0__machine": "WDD"}, 'constraint[1].machine = "WDD', "did you mean WD?"),
        ({"constraint__1__valid_from": None}, "constraint[2].valid_from", "stands already at constraint[1]"),
        ({"constraint__1__parallel": 0}, "constraint[2].parallel = 0", "1 to 100"),
        ({"plant__constraint": "PR"}, "constraint[1].valid_from", "stands already at plant.constraint"),
        ({"open_cavities__0__open": -1}, "open_cavities[1].open = -1", "0 to 1000"),
        ({"open_cavities__0__product": "P-2"}, 'open_cavities[1].product = "P-2', "did you mean P-1?"),
        (
            {"open_cavities__0__valid_from": date(2025, 1, 1)},
            "open_cavities[1].valid_from = 2025-01-01",
            "must be a date with a time, from 1971 to 2100 (for example valid_from = 2026-01-31 14:30:00)",
        ),
        ({"shift__1__valid_from": None}, "shift[야간 #2].valid_from", "stands already at shift[야간]"),
        ({"shift__1__business_days": 2}, "shift[야간 #2].business_days = 2", "-1 to 1"),
        ({"shift__2__weekdays": []}, "shift[주간].weekdays", "1 (Monday) to 7 (Sunday)"),
        ({"rotation__0__shifts": ["주가"]}, 'rotation[1].shifts = "주가', "allowed: 야간, 주간"),
        ({"rotation__0__crews": []}, "rotation[1].crews", "must be a list of names"),
        ({"rotation__0__valid_from": None}, "rotation[1].valid_from", "is missing"),
        ({"rotation__0__days": 0}, "rotation[1].days = 0", "1 to 366"),
        ({"capacity__0__shift": None}, "capacity[1].shift", "is missing"),
        ({"capacity__0__shift__0__end": "5"}, 'capacity[1].shift[주간].end = "5', "must be a time"),
        ({"capacity__0__shift__0__crew": "A"}, 'capacity[1].shift[주간].crew = "A', "is no key"),
        ({"capacity__0__holidays": ["2025-12-25"]}, 'capacity[1].holidays = "2025-12-25', "a date without a time"),
        ({"exception__0__kind": "holliday"}, 'exception[성탄절].kind = "holliday', "did you mean holiday?"),
        ({"exception__0__end": "12:00"}, 'exception[성탄절].end = "12:00', 'does not go with kind = "holiday"'),
        ({"exception__1__shift": None}, "exception[2].shift", "is missing: allowed: 야간, 주간"),
        ({"exception__1__end": "12:00"}, "exception[2].start", "is missing"),
        ({"exception__2__end": None}, "exception[3].end", "is missing"),
        ({"exception__2__shift": "주갼"}, 'exception[3].shift = "주갼', "allowed: 야간, 주간"),
        ({"exception__3__start": "9"}, 'exception[4].start = "9', "must be a time"),
        ({"exception__4__start": None}, "exception[5].end", "is missing"),
        ({"exception__5__on": None}, "exception[6].on", "is missing"),
        ({"exception__5__entered_at": 5}, "exception[6].entered_at = 5", "must be a date with a time"),
        ({"planned_stop__0__machine": "X"}, 'planned_stop[1].machine = "X', "allowed: PR, WD"),
        ({"planned_stop__0__reason": "R2"}, 'planned_stop[1].reason = "R2', "allowed: R1"),
        (
            {"planned_stop__0__to": datetime.fromisoformat("2025-11-20T01:00:00+00:00")},
            "planned_stop[1].to = 2025-11-20 01:00:00+00:00",
            "must be later than from = 2025-11-20 10:00:00",
        ),
        ({"planned_stop__1__from": None}, "planned_stop[2].from", "is missing"),
        (
            {"bus__0__device__0__signal__1__codes": "packlm"},
            'signal[state].codes = "packlm',
            "did you mean packml?",
        ),
        (
            {"bus__0__device__0__signal__1__codes": {"preset": "x"}},
            'signal[state].codes.preset = "x',
            "allowed: contact, machine_tool, machinery",
        ),
        (
            {"bus__0__device__0__signal__1__codes": {"preset": "packml", "3": "runing"}},
            'signal[state].codes.3 = "runing',
            "did you mean run?",
        ),
        ({"bus__0__device__0__signal__0__codes": "packml"}, 'signal[good].codes = "packml', "must be a table in { }"),
    ],
)
def test_each_fault_of_calendar_rules_and_presets_is_named(change: dict[str, Any], path: str, words: str) -> None:
    source = altered(RICH, **{key: value for key, value in change.items() if not key.startswith("rules__")})
    for key, value in change.items():
        if key.startswith("rules__"):
            source = altered(source, rules={key.removeprefix("rules__"): value})
    found = faults(source)
    assert any(path in fault and words in fault for fault in found), found
    assert len(found) == 1, found
    text.use("ko")
    try:
        (korean,) = faults(source)
    finally:
        text.use("en")
    for english in ("must", "did you", "llowed", "missing", "stands", "no key", "example", "does not go", "write"):
        assert english not in korean.removeprefix("line.toml: "), korean


steps = st.lists(
    st.tuples(
        st.integers(0, 5),  # days that pass before the import
        st.dictionaries(st.sampled_from(["주간", "야간", "심야"]), st.integers(0, 3), max_size=3),  # starts, undated
        st.lists(  # versions with a date
            st.tuples(st.sampled_from(["주간", "야간"]), st.integers(0, 3), st.integers(-9, 9)), max_size=2
        ),
        st.one_of(st.none(), st.integers(0, 3)),  # end of overtime tomorrow, hour after 20
        st.one_of(st.none(), st.integers(0, 3)),  # standard capacity
        st.sampled_from(["PR", "WD", "", None]),
    ),
    min_size=1,
    max_size=6,
)


@given(steps)
@settings(max_examples=20, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_however_often_it_is_imported_the_past_stays_and_an_export_is_the_whole(
    tmp_path_factory: pytest.TempPathFactory, taken: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("history")
    store, other = (database.create(folder / name, clock=PlantClock(NOW, 0, 0.0)) for name in ("one", "other"))
    now_ms, first = NOW, True
    try:
        for days, undated, dated, overtime, capacity, constraint in taken:
            now_ms += days * DAY_MS
            today = local_date(now_ms, ZoneInfo("Asia/Seoul"))
            stand(store, now_ms)
            data = tomllib.loads(changed(plant__constraint=constraint))
            shift = {"end": "20:00", "weekdays": [1, 2, 3, 4, 5, 6, 7]}
            data["shift"] = [{**shift, "name": name, "start": f"0{n}:00"} for name, n in undated.items()]
            for name, n, ahead in dated:
                data["shift"].append({**shift, "name": name, "start": f"0{n}:30", "valid_from": today + ahead * DAY})
            if overtime is not None and undated:
                extra = {"on": today + DAY, "kind": "overtime", "shift": next(iter(undated)), "end": f"2{overtime}:00"}
                data["exception"] = [extra]
            if capacity is not None:
                data["capacity"] = [{"shift": [{"name": "S", "start": f"0{capacity}:00", "end": "17:00"}]}]
            try:
                wanted = configuration.parse(tomli_w.dumps(data))
            except ConfigurationError:  # two versions from one date
                continue
            before = register.calendar(store)
            past = [today - n * DAY for n in range(1, 30)]
            worked = [set(written_for(before, on)) for on in past]
            standard = capacity_ms(before, Span(now_ms - 30 * DAY_MS, now_ms - DAY_MS))
            declared = [c for c in register.constraints(store) if c.valid_from_ms < now_ms - DAY_MS]
            text_before = configuration.export(store)
            try:
                configuration.apply(store, wanted)
            except ConfigurationError:
                assert configuration.export(store) == text_before
                continue
            after = register.calendar(store)
            if not first and not any(ahead < 0 for _name, _n, ahead in dated):
                if before.patterns:
                    assert [set(written_for(after, on)) for on in past] == worked
                if before.capacity:
                    assert capacity_ms(after, Span(now_ms - 30 * DAY_MS, now_ms - DAY_MS)) == standard
                if declared:
                    assert [c for c in register.constraints(store) if c.valid_from_ms < now_ms - DAY_MS] == declared
            for name, n in undated.items():
                if not any(name == each and ahead <= 0 for each, _n, ahead in dated):
                    (held,) = [s for s in written_for(after, today) if s.name == name]
                    assert held.span.start_ms == utc_ms(today, time(n), ZoneInfo("Asia/Seoul"))
            assert {s.name for s in written_for(after, today)} <= {*undated, *(name for name, _n, _ahead in dated)}
            first = False
            exported = configuration.export(store)
            take(store, exported)
            assert configuration.export(store) == exported
        fresh = configuration.export(store)
        if not first:
            take(other, fresh)
            assert configuration.export(other) == fresh
    finally:
        store.close()
        other.close()


GAUGE_LINE = """
format = 1
[plant]
name = "Shop"
line = "1"
[[machine]]
code = "LT"
name = "Leak test"
[[bus]]
key = "leak"
port = "socket://127.0.0.1:1"
driver = "text_line"
[[bus.device]]
key = "leak"
pattern = '(?P<value>-?[0-9.]+) (?P<verdict>OK|NG)'
[[bus.device.signal]]
key = "value"
role = "measure"
machine = "LT"
per_piece = true
[[bus.device.signal]]
key = "verdict"
role = "judge"
machine = "LT"
codes = { OK = "good", NG = "reject" }
"""


def test_what_a_line_device_measures_is_a_number_without_saying_so() -> None:
    """A text would be stored as nothing: each value of the gauge would be lost, and nobody told."""
    value, verdict = configuration.parse(GAUGE_LINE).buses[0]["device"][0]["signal"]
    assert (value["settings"].get("number"), verdict["settings"].get("number")) == (True, None)
    written = GAUGE_LINE.replace("per_piece = true", "per_piece = true\nnumber = true")
    assert configuration.parse(written).buses == configuration.parse(GAUGE_LINE).buses
    with pytest.raises(ConfigurationError) as error:
        configuration.parse(GAUGE_LINE.replace("per_piece = true", "per_piece = true\nnumber = false"))
    (fault,) = error.value.faults
    assert "signal[value].number = false: would keep no value of what is measured" in fault
