"""What lies in 16-bit registers: where a signal is found, and how its value is read out of their bytes.

Shared by every protocol that speaks of registers (Modbus, XGT Cnet). Pure: no port, no clock.

    two registers on the wire     | a b | c d |
    ABCD  most significant first     a b c d
    CDAB  low word first             c d a b
    BADC  bytes swapped              b a d c
    DCBA  least significant first    d c b a
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct, field
from msgspec.structs import replace

from drivers.base import Setting, UnfitError, Value
from drivers.link import Given

#: wire bytes -> value bytes, most significant first; each of them undoes itself
ORDERS = {"ABCD": (0, 1, 2, 3), "CDAB": (2, 3, 0, 1), "BADC": (1, 0, 3, 2), "DCBA": (3, 2, 1, 0)}
SWAPPED = ("BADC", "DCBA")  # these also swap the two bytes of a single register
NUMBERS = {"u16": ">H", "s16": ">h", "u32": ">I", "s32": ">i", "f32": ">f"}
WIDE = ("u32", "s32", "f32")
MOST_DECIMALS = 9

NO_NUMBER = "no number"  # a float that is none
OUT_OF_RANGE = "out of range"  # outside range_low..range_high
NO_DECIMALS = "decimals unknown"  # the register with the number of decimals was not read or holds no such number

_SPECIAL = re.compile(r"\s*(?P<raw>-?(?:0x[0-9a-fA-F]+|[0-9]+))\s*=\s*(?P<words>[^,]*[^,\s])\s*")

#: settings of a signal in registers, whatever the protocol; `type` and `order` have defaults of the protocol's own
VALUE_SETTINGS = (
    Setting("scale", float, 1.0),
    Setting("offset", float, 0.0),
    Setting("scale_from", str, ""),  # address of the register that holds the number of decimals
    Setting("bad_values", str, ""),  # raw numbers that are no value: "31000 = sensor open, -30000 = below the range"
    Setting("range_low", float, None),  # a value outside is bad: wrong byte order, a broken sensor
    Setting("range_high", float, None),
    Setting("max_step", float, None, low=0),  # a larger step between two answers is believed when it is read again
    Setting("period_ms", int, 0, unit="ms", low=0, high=3_600_000),  # 0: the device's
)


class Place(Struct, frozen=True):
    """Where a value lies: area, wire address 0-65535, and the bit 0-15 inside a register or None."""

    area: str
    address: int
    bit: int | None = None


class Item(Struct, frozen=True):
    """One signal on the wire. `width` counts registers, or bits in a bit area.

    value = raw x 10^-(what `decimals` holds) x scale + offset. `special` says which raw numbers are no value
    and what they mean instead; a value outside `low`..`high` is none either. Without a `signal` it is read
    for others only. `name` is how the wire calls it where that is a text.
    """

    signal: str
    place: Place
    kind: str
    width: int
    order: str = "ABCD"
    scale: float = 1.0
    offset: float = 0.0
    period_ms: int = 1000
    decimals: Place | None = None
    special: Mapping[int, str] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    max_step: float | None = None
    name: str = ""

    @property
    def end(self) -> int:
        """First wire address behind it."""
        return self.place.address + self.width


def width_of(kind: str) -> int:
    """Return how many registers a type takes. Raises UnfitError with what is allowed."""
    if kind in (*NUMBERS, "bit"):
        return 2 if kind in WIDE else 1
    text = re.fullmatch(r"ascii:([1-9][0-9]{0,2})", kind)
    if not text:
        raise UnfitError("{value!r} is none of {names}", value=kind, names=", ".join([*NUMBERS, "bit", "ascii:N"]))
    return (int(text[1]) + 1) // 2


def specials(text: str) -> dict[int, str]:
    """Return raw number -> words of "31000 = sensor open, 0x8000 = below the range". Raises UnfitError."""
    found = {}
    for part in text.split(",") if text.strip() else ():
        one = _SPECIAL.fullmatch(part)
        if not one:
            raise UnfitError("{text!r} is not written as 31000 = sensor open", text=part.strip())
        found[int(one["raw"], 0)] = one["words"]
    return found


def with_values(item: Item, given: Given, decimals: Place | None) -> Item:
    """Return the item with what VALUE_SETTINGS say of its value. Raises DriverError bad_address."""
    number = item.kind in NUMBERS
    for key in ("scale_from", "bad_values", "range_low", "range_high", "max_step"):
        if not number and given.has(key) and given.value(key) != "":
            raise given.wrong(key, UnfitError("goes only with numbers, but type is {kind}", kind=item.kind))
    try:
        special = specials(given.text("bad_values"))
    except UnfitError as why:
        raise given.wrong("bad_values", why) from why
    bits = 16 * item.width
    if item.kind in ("s16", "s32"):  # 0x8000 stands for the bits as they are
        special = {raw - (1 << bits) if raw >= 1 << (bits - 1) else raw: words for raw, words in special.items()}
    low, high, step = (given.number(key) if given.has(key) else None for key in ("range_low", "range_high", "max_step"))
    if low is not None and high is not None and low > high:
        raise given.wrong("range_low", UnfitError("{low} is more than range_high = {high}", low=low, high=high))
    return replace(
        item,
        scale=given.number("scale"),
        offset=given.number("offset"),
        decimals=decimals,
        special=special,
        low=low,
        high=high,
        max_step=step,
    )


def value_of(item: Item, raw: bytes, decimals: int | None = None) -> tuple[Value, str]:
    """Return an item's value from its own bytes as they stood on the wire, and why there is none where it is None.

    `decimals` is what the item's register of decimals holds, None for not known. Scaling a whole number is
    exact in decimals: 231 x 0.1 is 23.1. Raises struct.error for a wrong number of bytes.
    """
    if item.kind in WIDE:
        raw = bytes(raw[i] for i in ORDERS[item.order])
    elif item.order in SWAPPED:
        raw = b"".join(raw[i + 1 : i + 2] + raw[i : i + 1] for i in range(0, len(raw), 2))
    if item.kind == "bit":
        return bool(int.from_bytes(raw, "big") >> (item.place.bit or 0) & 1), ""
    if item.kind.startswith("ascii"):
        return raw[: int(item.kind[6:])].split(b"\0")[0].decode("ascii", "backslashreplace").rstrip(), ""
    number: int | float = struct.unpack(NUMBERS[item.kind], raw)[0]
    if not math.isfinite(number):
        return None, NO_NUMBER
    if number in item.special:
        return None, item.special[int(number)]
    power = Decimal(1)
    if item.decimals is not None:
        if decimals is None or not 0 <= decimals <= MOST_DECIMALS:
            return None, NO_DECIMALS
        power = Decimal(1).scaleb(-decimals)
    if item.scale == 1 and item.offset == 0 and item.decimals is None:
        value = number
    elif isinstance(number, int):
        value = float(number * power * Decimal(repr(item.scale)) + Decimal(repr(item.offset)))
    else:
        value = number * float(power) * item.scale + item.offset
    if (item.low is not None and value < item.low) or (item.high is not None and value > item.high):
        return None, OUT_OF_RANGE
    return value, ""


def decodings(registers: bytes, kind: str = "f32", scale: float = 1.0, offset: float = 0.0) -> dict[str, Value]:
    """Return what two registers (4 bytes as on the wire) are in each of the four orders, for a person to choose.

    `kind` is f32, u32 or s32; None stands for a float that is no number. Raises ValueError for anything else.
    """
    if len(registers) != 4 or kind not in WIDE:
        raise ValueError(f"{len(registers)} bytes of {kind}: two registers of f32, u32 or s32 are needed")
    return {order: value_of(Item("", Place("", 0), kind, 2, order, scale, offset), registers)[0] for order in ORDERS}


def likely_order(item: Item, registers: bytes) -> str:
    """Return the order that may be meant instead of the item's: the only one in which its bytes make a plausible number
    while they make none in its own. "" where its own does, or where several others do.

    Plausible is what lies in the item's range where it has one, and besides, as it stands in the registers: a float
    of 0 or between a thousandth and ten million, a whole number below ten million.
    """
    if item.kind not in WIDE or len(registers) != 4:
        return ""
    plain = decodings(registers, item.kind)
    scaled = plain if item.decimals is not None else decodings(registers, item.kind, item.scale, item.offset)
    fitting = [order for order in ORDERS if _plausible(item, plain[order], scaled[order])]
    return fitting[0] if len(fitting) == 1 and fitting[0] != item.order else ""


MOST_LIKELY, LEAST_LIKELY = 1e7, 1e-3  # of what a shop measures or counts, in numbers


def _plausible(item: Item, plain: Value, scaled: Value) -> bool:
    if not isinstance(plain, (int, float)) or not isinstance(scaled, (int, float)):
        return False
    # the number of decimals is not known here, so that a range says nothing
    known = item.decimals is None
    if known and ((item.low is not None and scaled < item.low) or (item.high is not None and scaled > item.high)):
        return False
    return abs(plain) <= MOST_LIKELY and (plain == 0 or abs(plain) >= LEAST_LIKELY)
