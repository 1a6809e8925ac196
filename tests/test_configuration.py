"""The register as a file: what comes out goes in again, and every fault of a file is named at once."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop import configuration, text
from desktop.configuration import ConfigurationError, tables
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
    """A signal's own offset means the same as a Modbus register's; every other name must be free."""
    ours = {"bus": tables.BUS, "device": tables.DEVICE, "signal": tables.SIGNAL}
    hidden = [
        (name, level, setting.key)
        for name in catalog.DRIVERS
        for level, fields in ours.items()
        for setting in getattr(catalog.settings(name), level)
        if setting.key in {field.key for field in fields}
    ]
    assert hidden == [("modbus_rtu", "signal", "offset")]


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
        ({"bus__1__device__0__signal__0__classes__unit": "(["}, 'signal[code].classes.unit = "([', "unterminated"),
        ({"bus__1__device__0__signal__0__classes__unit": 5}, "signal[code].classes.unit = 5", "must be text"),
        ({"bus__1__device__0__signal__0__classes__unt": "x"}, 'signal[code].classes.unt = "x', "did you mean unit?"),
        ({"plant__timezone": "asia/seoul"}, "plant.timezone", "did you mean Asia/Seoul? Allowed: an IANA time zone"),
        ({"machine__0__name": ""}, "machine[PR].name", 'must not be empty (for example name = "Press 1")'),
        (
            {"machine__0__name": None},
            "machine[PR].name:",
            "is missing: must be text in quotes, on one line (for example",
        ),
        ({"bus__0__driver": None}, "bus[press].driver:", "is missing: allowed: text_line, modbus_rtu, opc_ua"),
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


def test_every_level_that_is_wrong_in_kind_is_a_sentence() -> None:
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
        data = tomllib.loads(SMALL)
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
    paths = [re.split(r" = |: ", fault.removeprefix("line.toml: "))[0] for fault in english]
    assert paths == [re.split(r" = |: ", fault.removeprefix("line.toml: "))[0] for fault in korean]
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
