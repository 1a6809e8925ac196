"""In which line a fault of a configuration file stands, and tables of a misspelt name."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop import configuration, text
from desktop.configuration import ConfigurationError
from desktop.configuration.positions import Way, ways

ROOT = Path(__file__).resolve().parents[1]
FILE = '''format = 1 # [plant]
[plant]
name = "P"
line = "L"
timezon = "Asia/Seoul"

# [[machine]]
[[machine]]
code = "M1"
name = """Press"""
thresholds = 5
[[machine]]
code = "M2"

[[bus]]
key = "cab"
port = "COM3"
driver = "modbus_rtu"
[[bus.device]]
key = "io"
unit = 1
[[bus.device.signal]]
key = "state"
role = "state"
machine = "M1"
address = "hr:x"
codes = { "1" = "run", "0" = "stopp" }
'''


def faults(toml: str) -> list[str]:
    with pytest.raises(ConfigurationError) as error:
        configuration.parse(toml, "line.toml")
    return list(error.value.faults)


def test_every_fault_names_its_line() -> None:
    placed = [re.match(r"line\.toml, line (\d+): (\S+?)[ :]", fault) for fault in faults(FILE)]
    assert all(placed)
    assert {(found[2], int(found[1])) for found in placed if found} == {
        ("plant.timezon", 5),
        ("machine[M1].thresholds", 11),
        ("machine[M2].name", 12),
        ("bus[cab].device[io].signal[state].codes.0", 27),
    }


def test_a_warning_and_what_a_driver_finds_name_their_line_too() -> None:
    right = FILE.replace("timezon ", "timezone ").replace("thresholds", "threshold_s").replace("stopp", "stop")
    right = right.replace('code = "M2"', 'code = "M2"\nname = "Weld"')
    (fault,) = faults(right)
    assert fault.startswith('line.toml, line 27: bus[cab].device[io].signal[state].address = "hr:x": does not fit')
    text.use("ko")
    try:
        (korean,) = faults(right)
    finally:
        text.use("en")
    assert korean.startswith("line.toml 27번째 줄: bus[cab]")
    many = "".join(
        f'[[bus.device.signal]]\nkey = "s{at}"\nrole = "measure"\naddress = "hr:{at}"\nperiod_ms = 50\n'
        for at in range(9)
    )
    busy = right.replace("hr:x", "hr:0").replace('role = "state"', 'role = "state"\nperiod_ms = 1000') + many
    [warning, *_] = configuration.parse(busy, "line.toml").warnings
    assert re.match(r"line\.toml, line 16: bus\[cab\]: uses \d+ %", warning)


def test_a_signal_that_only_the_preset_has_is_said_at_its_device() -> None:
    toml = FILE[: FILE.index("[[bus]]")].replace("timezon ", "timezone ").replace("thresholds", "threshold_s")
    toml = toml.replace('code = "M2"', 'code = "M2"\nname = "Weld"')
    toml += '[[bus]]\nkey = "b"\nport = "COM1"\n[[bus.device]]\nkey = "s"\npreset = "cas-22"\ncolumns = "x=1-2"\n'
    assert all(fault.startswith("line.toml, line 19: bus[b].device[s].signal[") for fault in faults(toml))


def test_a_table_of_a_misspelt_name_is_one_fault_without_those_that_follow_from_it() -> None:
    wrong = FILE.replace("timezon ", "timezone ").replace("thresholds", "threshold_s").replace("stopp", "stop")
    wrong = wrong.replace('code = "M2"', 'code = "M2"\nname = "Weld"').replace("hr:x", "hr:0")
    configuration.parse(wrong)
    assert faults(wrong.replace("[[machine]]\ncode", "[[machines]]\ncode")) == [
        "line.toml, line 8: machines: is no table that Gadong knows: did you mean machine?"
    ]
    assert faults(wrong.replace("[[bus]]", "[[buss]]").replace("[[bus.", "[[buss.")) == [
        "line.toml, line 16: buss: is no table that Gadong knows: did you mean bus?"
    ]
    assert faults(wrong.replace("[plant]\n", "[plnt]\n")) == [
        "line.toml, line 2: plnt: is no table that Gadong knows: did you mean plant?"
    ]
    assert faults(wrong.replace("bus.device", "bus.devices")) == [
        "line.toml, line 20: bus[cab].devices: is no table that Gadong knows: did you mean device?"
    ]
    assert faults(wrong.replace("device.signal", "device.signals")) == [
        "line.toml, line 23: bus[cab].device[io].signals: is no table that Gadong knows: did you mean signal?"
    ]
    both = wrong.replace("[[machine]]\ncode", "[[machines]]\ncode", 1)
    assert len(faults(both)) == 1, "what stands under the right name is not forgotten"


def test_what_is_wrong_inside_of_a_misspelt_table_is_said_with_its_line() -> None:
    wrong = FILE.replace("machine]]\ncode", "machines]]\ncode").replace("bus.device.signal", "bus.device.signals")
    found = faults(wrong.replace("bus.device", "bus.devices"))
    assert [re.split(r" = |: ", fault)[:2] for fault in found if "threshold" in fault or "codes" in fault] == [
        ["line.toml, line 11", "machine[M1].thresholds"],
        ["line.toml, line 27", "bus[cab].device[io].signal[state].codes.0"],
    ]


def test_a_table_that_is_like_none_stays_an_unknown_key() -> None:
    (fault,) = [each for each in faults(FILE + "[[zzz]]\na = 1\n") if "zzz" in each]
    assert "line 28: zzz" in fault
    assert "is no key that Gadong knows: allowed: " in fault


def test_the_lines_of_a_line_by_a_beginner_hold_what_is_wrong() -> None:
    source = (ROOT / "tests" / "data" / "broken_line.toml").read_text(encoding="utf-8")
    lines = source.split("\n")
    for fault in faults(source):
        found = re.match(r"line\.toml, line (\d+): (.*?)(?: = |: )", fault)
        assert found, fault
        path = re.sub(r"\[[^\]]*\]", "", found[2])
        header = re.match(r"\s*\[+([^\]]+)\]", lines[int(found[1]) - 1])
        if header:  # what is wrong with a table, or a key that it lacks
            assert header[1] in (path, path.rpartition(".")[0]), fault
        else:
            key = lines[int(found[1]) - 1].partition("=")[0].strip()
            assert key in path.split("."), fault


def test_names_in_names_without_end_are_a_fault_like_any_other() -> None:
    [fault] = [each for each in faults("a" + ".a" * 3000 + " = 1\n" + FILE) if ": a = " in each]
    assert "is no key that Gadong knows" in fault


# --- the scanner against texts whose lines are known

KEYS = {
    "k{n}": ("k{n}",),
    '"x.{n}"': ("x.{n}",),
    "'[c] {n}'": ("[c] {n}",),
    '"q\\"= {n}"': ('q"= {n}',),
    "{n}": ("{n}",),
    'o{n} . "한글"': ("o{n}", "한글"),
}
VALUES = st.one_of(
    st.integers().map(str),
    st.text(st.characters(max_codepoint=0x7E), max_size=8).map(json.dumps),
    st.sampled_from(
        [
            '"""\n[t]\na = 1 # no\n"""',
            '"""a "quoted" \\""" b"""""',
            "'''\n[[l]]\n'x' = \"\"\"'''",
            "''''''",
            "'it # is'",
            "[\n  1, # one [\n  [2, 3],\n]",
            '{ a = "}", b = [1] }',
            "[ { a = 1 },\n  { a = 2 } ]",
            "2026-01-31",
            "1979-05-27T07:32:00Z",
            "true",
        ]
    ),
)


@given(st.lists(st.sampled_from(["key", "table", "list", "inner", "deep"]), max_size=12), st.data())
def test_each_table_and_key_is_found_in_its_line(kinds: list[str], data: st.DataObject) -> None:
    source, table, outer, inner = "", (), -1, -1
    expected: dict[Way, int] = {}
    for number, kind in enumerate(kinds):
        source += data.draw(st.sampled_from(["", "\n", "# [x]\n", "  "]))
        if kind == "key":
            key, names = data.draw(st.sampled_from([(key.format(n=number), name) for key, name in KEYS.items()]))
            way: Way = (*table, *(name.format(n=number) for name in names))
            row = f"{key} = {data.draw(VALUES)}"
        elif kind == "table":
            table = way = (f"t {number}", "x")
            row = f'[ "t {number}" . x ]'
        elif kind == "list":
            outer, inner = outer + 1, -1
            table = way = ("l", outer)
            row = "[[l]]"
        elif kind == "inner" and outer >= 0:
            inner += 1
            table = way = ("l", outer, "d", inner)
            row = "[[l.'d']]"
        elif kind == "deep" and inner >= 0:
            table = way = ("l", outer, "d", inner, f"t{number}")
            row = f"[l.d.t{number}]"
        else:
            continue
        expected[way] = source.count("\n") + 1
        source += row + data.draw(st.sampled_from(["\n", " # a = 1\n", "\r\n"]))
    tomllib.loads(source)
    assert ways(source) == expected
