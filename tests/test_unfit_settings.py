"""Why a driver's setting does not fit: one clear sentence in both languages, from the driver's own check."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from desktop import configuration, text
from desktop.configuration import ConfigurationError
from drivers import catalog
from drivers.base import BusSpec, UnfitError
from drivers.link import check_port
from drivers.patterns import compiled
from installer import texts

PORTS = {"opc_ua": "opc.tcp://10.0.0.2:4840"}
SIGNALS = {
    "modbus_rtu": {"address": "0"},
    "xgt_cnet": {"address": "D0"},
    "opc_ua": {"node": "ns=2;s=Good"},
    "text_line": {"field": "code"},
    "mt_sics": {},
}
NUMBERS = {"modbus_rtu": {"unit": 1}, "xgt_cnet": {"station": 1}}


def toml(driver: str, signal: dict[str, Any], device: dict[str, Any], bus: dict[str, Any]) -> str:
    signals = [{"key": "s", "role": "alarm_text", **SIGNALS[driver], **signal}]
    devices = [{"key": "d", **NUMBERS.get(driver, {}), **device, "signal": signals}]
    table = {"key": "b", "port": PORTS.get(driver, "COM3"), "driver": driver, **bus, "device": devices}
    return tomli_w.dumps({"format": 1, "plant": {"name": "P", "line": "L"}, "bus": [table]})


def said(source: str, language: str) -> str:
    """The one fault of a file."""
    text.use(language)
    try:
        with pytest.raises(ConfigurationError) as error:
            configuration.parse(source, "line.toml")
    finally:
        text.use("en")
    (fault,) = error.value.faults
    return fault


def latin(fault: str, *names: str) -> list[str]:
    """The Latin words of a Korean sentence beside what may stand there: `names` and what is in quotes."""
    sentence = fault.partition(": 맞지 않습니다: ")[2]
    assert sentence, fault
    for name in sorted(names, key=len, reverse=True):
        sentence = sentence.replace(name, "")
    return re.findall(r"[A-Za-z]+", re.sub(r"'[^']*'", "", sentence))


AREAS = "hr, ir, co, di, coil, discrete, holding, input"
WRONG_SIGNALS = [
    ("modbus_rtu", {"address": "ix:3"}, "address", f"'ix' is no area; known: {AREAS}", "'ix' 영역은 없습니다", AREAS),
    (
        "modbus_rtu",
        {"address": "ir:sixteen"},
        "address",
        "'ir:sixteen' is no address; examples: 100, hr:100, hr:0x64, 40101, 4x101, hr:100.9",
        "'ir:sixteen' 값은 주소가 아닙니다",
        "100, hr:100, hr:0x64, 40101, 4x101, hr:100.9",
    ),
    ("modbus_rtu", {"address": "70000"}, "address", "wire address 70000, outside 0-65535", "통신 주소는 70000", ""),
    ("modbus_rtu", {"address": "hr:1.16"}, "address", "names bit 16, but a register has bits 0-15", "비트는 0~15", ""),
    ("modbus_rtu", {"address": "co:1.2"}, "address", "names a bit of a coil", "주소마다 비트 하나뿐입니다", "coil"),
    (
        "modbus_rtu",
        {"address": "40001", "area": "input"},
        "address",
        "means holding, not input; write input:N",
        "holding 영역입니다",
        "input:N holding input N",
    ),
    (
        "modbus_rtu",
        {"type": "u23"},
        "type",
        "'u23' is none of u16, s16",
        "쓸 수 있는 값: u16",
        "u16 s16 u32 s32 f32 bit ascii:N",
    ),
    ("modbus_rtu", {"type": "bit"}, "type", "bit does not fit holding", "hr:100.9처럼", "bit holding hr:100.9"),
    ("modbus_rtu", {"address": "hr:1.2", "type": "u16"}, "type", "u16 has no single bit", "비트 하나를", "u16"),
    (
        "modbus_rtu",
        {"address": "65535", "type": "u32"},
        "address",
        "2 registers from 65535 pass",
        "2개는 마지막 주소",
        "",
    ),
    ("modbus_rtu", {"scale_from": "co:1"}, "scale_from", "lies in a register, not in a bit", "레지스터에 있습니다", ""),
    ("modbus_rtu", {"scale_from": "x"}, "scale_from", "'x' is no address", "주소가 아닙니다", "hr 0x64 4x101 hr:0x64"),
    ("modbus_rtu", {"bad_values": "open"}, "bad_values", "'open' is not written as 31000", "형식이 아닙니다", ""),
    (
        "modbus_rtu",
        {"type": "ascii:4", "max_step": 1.0},
        "max_step",
        "only with numbers, but type is",
        "숫자에만",
        "type ascii:4",
    ),
    (
        "modbus_rtu",
        {"range_low": 5.0, "range_high": 2.0},
        "range_low",
        "5.0 is more than range_high = 2.0",
        "range_high = 2.0보다 큽니다",
        "range_high",
    ),
    (
        "xgt_cnet",
        {"address": "40001"},
        "address",
        "is no device name; examples: %DW100",
        "디바이스 이름이",
        "DW MW020 DD50 A MX12A D100",
    ),
    ("xgt_cnet", {"address": "%DD5.A"}, "address", "only a word has bits", "비트는 워드에만", "%DW10.A"),
    ("xgt_cnet", {"address": "D70000"}, "address", "is outside words 0-65535", "범위를 벗어납니다", ""),
    ("xgt_cnet", {"type": "bit"}, "type", "bit does not fit %DW0", "%DW100.A처럼", "bit %DW0 %DW100.A"),
    (
        "xgt_cnet",
        {"address": "%DD5", "type": "u16"},
        "type",
        "u16 is no double word",
        "더블 워드가 아닙니다",
        "u16 u32 s32 f32",
    ),
    (
        "xgt_cnet",
        {"address": "D65535", "type": "u32"},
        "address",
        "2 words from %DW65535 pass",
        "마지막 주소",
        "%DW65535",
    ),
    ("xgt_cnet", {"scale_from": "D1.2"}, "scale_from", "lies in a word, not in a bit", "워드에 있습니다", ""),
    (
        "opc_ua",
        {"node": "Good"},
        "node",
        "'Good' is no node; expected nsu=urn:plc;s=Counter",
        "노드가 아닙니다",
        "nsu=urn:plc;s=Counter, ns=2;s=Counter",
    ),
    (
        "opc_ua",
        {"node": "ns=2"},
        "node",
        "'ns=2' is no node",
        "노드가 아닙니다",
        "nsu=urn:plc;s=Counter, ns=2;s=Counter",
    ),
    ("opc_ua", {"node": "ns=2;i=abc"}, "node", "'abc' is no identifier", "노드 식별자가 아닙니다", "i=1234"),
    ("opc_ua", {"node": "i=4294967296"}, "node", "'4294967296' is no identifier", "노드 식별자가", "i=1234"),
    (
        "opc_ua",
        {"node": "g=12"},
        "node",
        "'12' is no identifier",
        "노드 식별자가",
        "g=09087e75-8e5e-499b-954f-f2a9603db28a",
    ),
    ("opc_ua", {"node": "b=***"}, "node", "'***' is no identifier", "노드 식별자가", "b=M/RbKBsRVkePCePcx24oRA=="),
    ("opc_ua", {"node": "ns=70000;s=A"}, "node", "must be from 0 to 65535", "네임스페이스 번호는", ""),
    (
        "opc_ua",
        {"read": "state", "mode": "Mode"},
        "mode",
        "'Mode' is no node",
        "노드가",
        "nsu=urn:plc;s=Counter, ns=2;s=Counter",
    ),
    (
        "text_line",
        {"field": "weight"},
        "field",
        "'weight' is no field of pattern; known: code",
        "필드가 없습니다",
        "pattern code",
    ),
]


@pytest.mark.parametrize(("driver", "signal", "key", "english", "korean", "names"), WRONG_SIGNALS)
def test_a_signal_that_does_not_fit(
    driver: str, signal: dict[str, Any], key: str, english: str, korean: str, names: str
) -> None:
    source = toml(driver, signal, {}, {})
    fault = said(source, "en")
    assert fault.startswith(f"line.toml: bus[b].device[d].signal[s].{key}")
    assert english in fault
    translated = said(source, "ko")
    assert korean in translated
    assert latin(translated, names, *names.split()) == []


WRONG_DEVICES = [
    ({"pattern": "(?P<code>.+"}, "pattern", "the ( at character 1 is not closed", "여는 괄호", ""),
    (
        {"pattern": "no group"},
        "pattern",
        "has no named field, which is written (?P<code>.+)",
        "필드가 없습니다",
        "(?P<code>.+)",
    ),
    (
        {"pattern": "(?P<code>.+)", "columns": "code=1-2"},
        "pattern",
        "there are columns too",
        "하나를 빼십시오",
        "columns",
    ),
    ({"pattern": "(?P<code>(a+)+)"}, "pattern", "in countless ways, like (a+)+", "모든 기기가", "(a+)+ (a+,)+"),
    ({"pattern": "(?P<code>.*-.*-.*-x)"}, "pattern", "of 4096 characters like '-", "너무 오래", "[^,]*"),
    ({"columns": "code"}, "columns", "'code' is not written as name=from-to", "형식이 아닙니다", ""),
    ({"columns": "code=3-1"}, "columns", "does not go upwards from 1", "커지는 순서", ""),
    ({"columns": "code=1,code=2"}, "columns", "'code' is there twice", "두 번 나옵니다", ""),
]


@pytest.mark.parametrize(("device", "key", "english", "korean", "names"), WRONG_DEVICES)
def test_a_device_that_does_not_fit(device: dict[str, Any], key: str, english: str, korean: str, names: str) -> None:
    source = toml("text_line", {}, device, {})
    fault = said(source, "en")
    assert fault.startswith(f"line.toml: bus[b].device[d].{key}")
    assert english in fault
    translated = said(source, "ko")
    assert korean in translated
    assert latin(translated, names, *names.split()) == []


HINT = "the kind of connection is missing before the host; did you mean {}?"
UNKNOWN = "{} is no connection that Gadong knows"
RANGE = "the port number behind the host must be a whole number from 1 to 65535"
SERVER = "is no address of an OPC UA server, which begins with opc.tcp:// (for example {})"
ADAPTERS = "usb:0403:6001:A50285BI, usb:0403:6001@1-2.3, usb:0403:6001"
SERIAL = ("modbus_rtu", "xgt_cnet", "text_line", "mt_sics")
WRONG_PORTS = [
    *((driver, "127.0.0.1:15021", HINT.format("socket://127.0.0.1:15021"), "") for driver in SERIAL),
    *((driver, "tcp://10.0.0.7:502", UNKNOWN.format("tcp://"), "tcp://") for driver in SERIAL),
    ("modbus_rtu", "gateway:502", HINT.format("socket://gateway:502"), ""),
    ("modbus_rtu", "[::1]:502", HINT.format("socket://[::1]:502"), ""),
    ("modbus_rtu", "tcp://10.0.0.7:502", "did you mean socket://10.0.0.7:502?", "tcp:// socket://10.0.0.7:502"),
    ("modbus_rtu", "spy://COM3", UNKNOWN.format("spy://"), "spy://"),
    ("modbus_rtu", "socket://10.0.0.7:70000", RANGE, ""),
    ("modbus_rtu", "socket://10.0.0.7:0", RANGE, ""),
    ("modbus_rtu", "rfc2217://10.0.0.7:abc", RANGE, ""),
    ("modbus_rtu", "10.0.0.7:70000", RANGE, ""),
    ("modbus_rtu", "tcp://10.0.0.7:70000", RANGE, ""),
    ("modbus_rtu", "socket://10.0.0.7", "is missing; written socket://10.0.0.7:4001", "socket://10.0.0.7:4001"),
    ("modbus_rtu", "socket://10.0.0.7:/", "is missing; written socket://10.0.0.7:4001", "socket://10.0.0.7:4001"),
    ("modbus_rtu", "socket://:4001", "the host is missing; written socket://192.168.0.50", "socket://192.168.0.50"),
    ("modbus_rtu", "opc.tcp://10.0.0.7:4840", 'goes only with driver = "opc_ua"', 'opc.tcp:// driver = "opc_ua"'),
    ("modbus_rtu", "usb:1234", f"an adapter is named by {ADAPTERS}", ADAPTERS),
    ("opc_ua", "127.0.0.1:4840", HINT.format("opc.tcp://127.0.0.1:4840"), ""),
    ("opc_ua", "plc:70000", RANGE, ""),
    ("opc_ua", "opc.tcp://plc:70000", RANGE, ""),
    ("opc_ua", "opc.tcp://plc:0", RANGE, ""),
    ("opc_ua", "COM3", SERVER.format("opc.tcp://192.168.0.20:4840"), "OPC UA"),
    ("opc_ua", "http://plc:80", SERVER.format("opc.tcp://plc:80"), "OPC UA opc.tcp://plc:80"),
    ("opc_ua", "opc.tcp://", "the host is missing; written opc.tcp://192.168.0.20:4840", "opc.tcp://192.168.0.20:4840"),
    ("opc_ua", "opc.tcp://me:secret@plc", "a name and password do not belong into the address", ""),
]  # fmt: skip


@pytest.mark.parametrize(("driver", "port", "english", "names"), WRONG_PORTS)
def test_a_port_that_can_be_none(driver: str, port: str, english: str, names: str) -> None:
    source = toml(driver, {}, {}, {"port": port})
    fault = said(source, "en")
    assert fault.startswith(f'line.toml: bus[b].port = "{port}": does not fit: ')
    assert english in fault
    forms = (
        f"socket://{port}", f"opc.tcp://{port}", "opc.tcp://192.168.0.20:4840", "opc.tcp://", "socket://10.0.0.7:502",
        "socket://192.168.0.50:4001, rfc2217://192.168.0.50:4001, COM3, /dev/ttyUSB0",
    )  # fmt: skip
    translated = said(source, "ko")
    assert re.search("[가-힣]", translated)
    assert latin(translated, *forms, names, *names.split()) == []


@pytest.mark.parametrize(
    "port",
    [
        "COM3", "COM10", "/dev/ttyUSB0", "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0", "press-bus",
        "usb:0403:6001", "usb:0403:6001:A50285BI", "usb:0403:6001@1-2.3", "socket://10.0.0.7:4001",
        "SOCKET://plc:1", "rfc2217://plc:65535?logging=info", "socket://[::1]:502", "loop://", r"\\.\COM12",
    ],
)  # fmt: skip
def test_a_port_that_can_be_one(port: str) -> None:
    check_port(port)


@pytest.mark.parametrize("port", ["opc.tcp://plc", "opc.tcp://[::1]:4840/path", "OPC.TCP://plc:4840"])
def test_an_endpoint_that_can_be_one(port: str) -> None:
    assert catalog.load("opc_ua").check(BusSpec("b", port)) == []


def test_a_fingerprint_that_is_none() -> None:
    source = toml("opc_ua", {}, {}, {"trust": "sha256:12"})
    assert 'bus[b].trust = "sha256:12": does not fit: no fingerprint: expected sha256: and 64' in said(source, "en")
    assert latin(said(source, "ko"), "sha256:") == []


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(a", "the ( at character 1 is not closed"),
        ("a)", "the ) at character 2 closes nothing"),
        ("x[a", "the [ at character 2 is not closed"),
        ("*a", "the repetition at character 1 cannot be"),
        ("a{3,1}", "the repetition at character 3 cannot be"),
        (r"\y", "the backslash at character 1 has no meaning there"),
        ("\\", "the backslash at character 1 has no meaning there"),
        ("[z-a]", "the range at character 2 runs backwards"),
        ("(?P<a>x)(?P<a>y)", "a name of a field is there twice at character 13"),
        ("(?P<1>x)", "no field can have the name at character 5"),
        ("(?<a>x)", "from character 2 on"),
        ("a{99999999999999999999}", "is too large"),
    ],
)
def test_a_regular_expression_that_is_none(pattern: str, words: str) -> None:
    with pytest.raises(UnfitError, match=re.escape(words)) as error:
        compiled(pattern)
    text.use("ko")
    try:
        korean = text._(error.value.template).format(**error.value.values)
    finally:
        text.use("en")
    assert re.findall(r"[A-Za-z]", korean) == []


def test_a_name_that_is_near_stands_alone_and_only_else_all_that_are_allowed() -> None:
    near = said(toml("modbus_rtu", {}, {}, {"frame": "8N3"}), "en")
    assert near.endswith("did you mean 8N2?")
    far = said(toml("modbus_rtu", {}, {}, {"frame": "?"}), "en")
    assert "allowed: 8N1, 8E1" in far


def test_a_template_that_cannot_be_collected_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "driver.py"
    file.write_text('raise UnfitError("{a} is none", a=1)')
    assert list(texts._marked(file)) == ["{a} is none"]
    for wrong in ('UnfitError(f"{a} is none")', "UnfitError(words, a=1)"):
        file.write_text(wrong)
        with pytest.raises(ValueError, match=r"driver\.py:1"):
            list(texts._marked(file))
