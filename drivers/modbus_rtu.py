"""Modbus RTU master that only reads: several devices on one bus, one request at a time.

    request   | unit | function | address hi lo | count hi lo | crc lo hi |          8 bytes
    answer    | unit | function | bytes | data ... | crc lo hi |                     5 + bytes
    refusal   | unit | function + 0x80 | code | crc lo hi |                          5 bytes

Source: Modbus over serial line V1.02 and Modbus application protocol V1.1b3 (modbus.org). Silence of 3.5
characters stands between frames; a PC cannot see that gap, so an answer is cut by its expected length.
RTU has no transaction number: how a late answer is kept from passing for another's is said in polling.py.

There is no way to write in here: function codes 1 to 4 are all that exist.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from drivers.base import Setting, SignalSpec, UnfitError, Value
from drivers.link import Given, Link
from drivers.polling import BIT_AREAS, Answer, Block, PolledBus, Unit, by_area, plan
from drivers.registers import ORDERS, VALUE_SETTINGS, Item, Place, value_of, width_of, with_values

FUNCTIONS = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
AREA_OF_DIGIT = {"0": "coil", "1": "discrete", "3": "input", "4": "holding"}
AREA_OF_NAME = {"hr": "holding", "ir": "input", "co": "coil", "di": "discrete", **{name: name for name in FUNCTIONS}}
NAME_OF_AREA = {area: name for name, area in AREA_OF_NAME.items() if len(name) == 2}  # as people write it

#: hexadecimal only behind a name: a bare "0x10" is coil 16
ADDRESS = re.compile(
    r"(?:(?P<name>[a-z]+)\s*:\s*(?P<named>0x[0-9a-f]+|[0-9]+)|(?:(?P<digit>[0134])x)?(?P<number>[0-9]+))"
    r"(?:\.(?P<bit>[0-9]+))?"
)
EXAMPLES = "100, hr:100, hr:0x64, 40101, 4x101, hr:100.9"

EXCEPTIONS = {
    1: "illegal function",
    2: "illegal address",
    3: "illegal value",
    4: "device failure",
    5: "acknowledge",
    6: "busy",
    8: "memory parity",
    10: "gateway path",
    11: "gateway target",
}
CONFIGURATION = (1, 2, 3)  # asking again quickly will not help
BUSY = (5, 6)  # the device works on something long, or has no time: later


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ 0xA001 if byte & 1 else byte >> 1
        table.append(byte)
    return tuple(table)


_CRC = _crc_table()


def crc16(data: bytes) -> bytes:
    """Return the two check bytes as they stand on the wire, low byte first (polynomial 0xA001, start 0xFFFF)."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc >> 8) ^ _CRC[(crc ^ byte) & 0xFF]
    return bytes((crc & 0xFF, crc >> 8))


def read_request(unit: int, function: int, address: int, count: int) -> bytes:
    """Return the 8 bytes that ask a unit (1-247) for registers or bits. Raises ValueError for any other function."""
    if function not in (1, 2, 3, 4):
        raise ValueError(f"function {function} does not read")
    body = struct.pack(">BBHH", unit, function, address, count)
    return body + crc16(body)


def examine(heard: bytes, request: bytes) -> Answer | None:
    """Return what the bytes heard since the request are, None while they may still become an answer."""
    unit, function, count = request[0], request[1], int.from_bytes(request[4:6], "big")
    data_bytes = 2 * count if function in (3, 4) else (count + 7) // 8
    if heard and heard[0] != unit:
        return Answer(wrong=f"from unit {heard[0]}")
    if len(heard) < 2:
        return None
    refused = heard[1] == function | 0x80
    if heard[1] != function and not refused:
        return Answer(wrong=f"function {heard[1]}")
    expected = 5 if refused else 5 + data_bytes
    if not refused and len(heard) > 2 and heard[2] != data_bytes:
        return Answer(wrong=f"{heard[2]} bytes instead of {data_bytes}")
    if len(heard) < expected:
        return None
    if len(heard) > expected:
        return Answer(wrong="too long")
    if crc16(heard[:-2]) != heard[-2:]:
        return Answer(wrong="checksum")
    return Answer(code=heard[2]) if refused else Answer(data=heard[3:-2])


def locate(text: str, area: str = "") -> Place:
    """Return where an address text points. Raises UnfitError with a hint.

    "hr:100" "holding:0x64" "ir:" "co:" "di:"  area and wire address, counted from 0
    "4x101" "3x" "1x" "0x"                     reference, counted from 1
    "40101" "400101" (5 or 6 digits)           the same reference as most manuals print it
    "100"                                      wire address in `area`, or in the holding registers
    ".9" behind any of them                    one bit of a register
    """
    found = ADDRESS.fullmatch(text.strip().lower())
    if not found:
        raise UnfitError("{text!r} is no address; examples: {examples}", text=text, examples=EXAMPLES)
    name, digit, bit = found["name"], found["digit"], found["bit"]
    digits = found["named"] or found["number"]
    if name is not None and name not in AREA_OF_NAME:
        raise UnfitError("{name!r} is no area; known: {known}", name=name, known=", ".join(AREA_OF_NAME))
    one_based = digit is not None
    if name is None and digit is None and re.fullmatch(r"[0134][0-9]{4,5}", digits):
        digit, digits, one_based = digits[0], digits[1:], True
    own = AREA_OF_NAME[name] if name else AREA_OF_DIGIT[digit] if digit else ""
    if own and area and own != area:
        raise UnfitError(
            "{text!r} means {own}, not {area}; write {area}:N for wire address N", text=text, own=own, area=area
        )
    address = int(digits, 0 if digits.startswith("0x") else 10) - (1 if one_based else 0)
    if not 0 <= address <= 0xFFFF:
        raise UnfitError("{text!r} is wire address {address}, outside 0-65535", text=text, address=address)
    place = Place(own or area or "holding", address, int(bit) if bit is not None else None)
    if place.bit is not None and place.area in BIT_AREAS:
        raise UnfitError("{text!r} names a bit of a {area}, which is a single bit itself", text=text, area=place.area)
    if place.bit is not None and place.bit > 15:
        raise UnfitError("{text!r} names bit {bit}, but a register has bits 0-15", text=text, bit=place.bit)
    return place


class ModbusRtu(PolledBus):
    """One RTU bus with its units."""

    DEVICE_SETTINGS = (
        Setting("unit", int, 1, low=1, high=247, required=True),
        Setting("period_ms", int, 1000, unit="ms", low=10, high=3_600_000),
        Setting("max_gap", int, 8, unit="register", low=0, high=124),
        Setting("max_registers", int, 125, unit="register", low=1, high=125),
    )
    SIGNAL_SETTINGS = (
        Setting("area", str, "", choices=("", *FUNCTIONS)),  # empty: as the address says, else holding
        Setting("address", str, "", required=True),
        Setting("type", str, ""),  # u16 s16 u32 s32 f32 bit ascii:N; empty: u16, in a bit area bit
        Setting("order", str, "ABCD", choices=tuple(ORDERS)),
        *VALUE_SETTINGS,
    )
    REFUSALS = EXCEPTIONS
    LASTING = CONFIGURATION
    DIVISIBLE = (2, 3)
    BUSY = BUSY

    @classmethod
    def items_of(cls, device: str, signal: SignalSpec, period_ms: int) -> list[Item]:
        item = item_of(device, signal, period_ms)
        if item.decimals is None:
            return [item]
        return [Item("", item.decimals, "u16", 1, period_ms=item.period_ms), item]

    @classmethod
    def blocks_of(cls, given: Given, items: Sequence[Item]) -> list[Block]:
        return plan(items, given.whole("max_gap"), given.whole("max_registers"))

    @classmethod
    def chars(cls, block: Block) -> tuple[int, int]:
        return 8, 5 + block.data_bytes

    @classmethod
    def looks(cls, block: Block) -> object:
        return by_area(block)

    @classmethod
    def where(cls, block: Block) -> str:
        return f"{block.area}:{block.address}"

    @classmethod
    def item_where(cls, item: Item) -> str:
        bit = "" if item.place.bit is None else f".{item.place.bit}"
        return f"{NAME_OF_AREA[item.place.area]}:{item.place.address}{bit}"

    def ask(self, link: Link, unit: Unit, block: Block) -> bytes:
        request = read_request(unit.number, FUNCTIONS[block.area], block.address, block.count)
        link.send(request)
        return request

    def examine(self, heard: bytes, unit: Unit, block: Block, request: bytes) -> Answer | None:
        return examine(heard, request)

    def value(self, block: Block, item: Item, data: bytes, decimals: int | None) -> tuple[Value, str]:
        return value_in(item, data, block.address, decimals)

    def own_bytes(self, block: Block, item: Item, data: bytes) -> bytes:
        return bytes_in(item, data, block.address)


def value_in(item: Item, data: bytes, first: int, decimals: int | None = None) -> tuple[Value, str]:
    """Return an item's value from the data of a block that begins at wire address `first`, as registers.value_of."""
    raw = bytes_in(item, data, first)
    if item.place.area in BIT_AREAS:
        return bool(raw[0] >> ((item.place.address - first) % 8) & 1), ""
    return value_of(item, raw, decimals)


def bytes_in(item: Item, data: bytes, first: int) -> bytes:
    """Return an item's own bytes out of the same data: its registers, of a bit the byte that it lies in."""
    at = item.place.address - first
    return data[at // 8 : at // 8 + 1] if item.place.area in BIT_AREAS else data[2 * at : 2 * (at + item.width)]


def item_of(device: str, signal: SignalSpec, period_ms: int) -> Item:
    """Return one signal's place on the wire. Raises DriverError bad_address that names the setting."""
    given = Given(ModbusRtu.SIGNAL_SETTINGS, signal.settings, f"{device}.{signal.key}")
    place = _place(given, "address", given.text("area"))
    bits = place.area in BIT_AREAS
    kind = given.text("type") or ("bit" if bits or place.bit is not None else "u16")
    try:
        width = width_of(kind)
    except UnfitError as why:
        raise given.wrong("type", why) from why
    if bits != (kind == "bit") and not (kind == "bit" and place.bit is not None):
        raise given.wrong(
            "type",
            UnfitError(
                "{kind} does not fit {area}; a bit of a register is written {example}",
                kind=kind,
                area=place.area,
                example="hr:100.9",
            ),
        )
    if kind != "bit" and place.bit is not None:
        raise given.wrong("type", UnfitError("{kind} has no single bit", kind=kind))
    if width > 125 or place.address + width > 0x10000:
        raise given.wrong(
            "address", UnfitError("{count} registers from {first} pass the end", count=width, first=place.address)
        )
    decimals = _place(given, "scale_from") if given.text("scale_from") else None
    if decimals is not None and (decimals.area in BIT_AREAS or decimals.bit is not None):
        raise given.wrong("scale_from", UnfitError("the number of decimals lies in a register, not in a bit"))
    item = Item(signal.key, place, kind, width, given.text("order"), period_ms=given.whole("period_ms") or period_ms)
    return with_values(item, given, decimals)


def _place(given: Given, key: str, area: str = "") -> Place:
    address = given.value(key)
    if isinstance(address, (bool, float)) or address in (None, ""):
        raise given.wrong(
            key, UnfitError("{text!r} is no address; examples: {examples}", text=address, examples=EXAMPLES)
        )
    try:
        return locate(str(address), area)
    except UnfitError as why:
        raise given.wrong(key, why) from why
