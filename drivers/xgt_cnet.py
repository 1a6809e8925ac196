"""LS Electric XGT Cnet, the dedicated protocol of XGK, XGB and XGI PLCs: a master that only reads.

    individual   | 05 | st st | r S S | nn | (ll name) x nn | 04 | b b |     up to 16 names of one type
    its answer   | 06 | st st | r S S | nn | (bb data) x nn | 03 | b b |     bb bytes each
    continuous   | 05 | st st | r S B | ll name | nn | 04 | b b |            up to 60 words from a name on
    its answer   | 06 | st st | r S B | [nn] bb data | 03 | b b |
    refusal      | 15 | st st | r S S or r S B | code x 4 | 03 | b b |

Every number is upper-case hexadecimal text. `b b` is the sum of all bytes from the first to 04 or 03 inclusive,
its low byte; the small r asks for it. Whether [nn] stands in a continuous answer the manual tells in two ways:
both are taken. The sum misses one in twenty double bit errors, so every field of an answer must also be what
was asked for, and a counter should have `max_step` or a range.

Source: LS Electric XBL-C41A and XBL-C21A manuals, chapter 7 (pages 78-96) and 9.1.4 (page 187). Not tried on the
real device. The LS inverters' "LS bus" looks alike and is another protocol.

There is no way to write in here: rSS and rSB are all that exist. Monitor registration (X, Y) writes into the PLC's
tables and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from drivers.base import Setting, SignalSpec, UnfitError, Value
from drivers.link import Given, Link
from drivers.polling import Answer, Block, PolledBus, Unit, apart, runs
from drivers.registers import ORDERS, VALUE_SETTINGS, WIDE, Item, Place, value_of, width_of, with_values

ENQ, ACK, NAK, ETX, EOT = 0x05, 0x06, 0x15, 0x03, 0x04
MOST_NAMES, MOST_WORDS, MOST_BYTES, LONGEST_NAME = 16, 60, 256, 16

#: areas of XGK and XGB, and I Q W of XGI
NAME = re.compile(
    r"%?(?P<area>[PMLKFTCDRNZSIQW])(?:(?P<type>[WD])?(?P<number>[0-9]{1,6})(?:\.(?P<bit>[0-9A-F]))?|X(?P<bits>[0-9A-F]{1,8}))"
)
EXAMPLES = "%DW100, %MW020, %DD50, %DW100.A, %MX12A, D100"
_UPPER_HEX = re.compile(rb"[0-9A-F]*")

REFUSED = {
    0x0003: "more than 16 blocks",
    0x0004: "length of a name",
    0x0007: "type or name of a device",
    0x0011: "data",
    0x0090: "monitor not registered",
    0x0190: "monitor number",
    0x0290: "monitor number",
    0x1132: "device letter",
    0x1232: "more than 60 words",
    0x1234: "data behind the request",
    0x1332: "types mixed",
    0x1432: "no hexadecimal number",
    0x7132: "area exceeded",
}
DIVISIBLE = (0x0004, 0x0007, 0x1132, 0x7132)  # one name is wrong, which must not cost the others


def checksum(data: bytes) -> bytes:
    """Return the two check characters: the sum of all bytes, its low byte as upper-case hexadecimal text."""
    return b"%02X" % (sum(data) & 0xFF)


def read_request(station: int, names: Sequence[str], words: int = 0) -> bytes:
    """Return the frame that asks a station (0-31) for 1-16 names, or for `words` (1-60) words from the one name on.

    Raises ValueError for what no frame can hold.
    """
    if not 0 <= station <= 31 or not 1 <= len(names) <= (1 if words else MOST_NAMES) or not 0 <= words <= MOST_WORDS:
        raise ValueError(f"station {station}, {len(names)} names, {words} words")
    listed = b"".join(b"%02X%s" % (len(name), name.encode("ascii")) for name in names)
    if words:
        body = b"\x05%02XrSB%s%02X\x04" % (station, listed, words)
    else:
        body = b"\x05%02XrSS%02X%s\x04" % (station, len(names), listed)
    return body + checksum(body)


def examine(heard: bytes, station: int, sizes: Sequence[int], continuous: bool) -> Answer | None:
    """Return what the bytes heard since the request are, None while they may still become an answer.

    `sizes` are the bytes that each name holds, of a continuous answer the one number of all. The answer's data
    are those of all names one behind the other.
    """
    start = b"%02XrS%s" % (station, b"B" if continuous else b"S")
    if heard and heard[0] not in (ACK, NAK):
        return Answer(wrong=f"begins with {heard[0]:02X}")
    if not start.startswith(heard[1:6]):
        return Answer(wrong=f"from {heard[1:6].decode('ascii', 'backslashreplace')}")
    end = heard.find(ETX)
    if end < 0:
        return Answer(wrong="too long") if len(heard) > 6 + 2 + sum(2 + 2 * size for size in sizes) else None
    if len(heard) < end + 3:
        return None
    if len(heard) > end + 3:
        return Answer(wrong="too long")
    if checksum(heard[: end + 1]) != heard[end + 1 :]:
        return Answer(wrong="checksum")
    if len(heard) < 9:
        return Answer(wrong="too short")
    body = heard[6:end]
    if not _UPPER_HEX.fullmatch(body):
        return Answer(wrong="no hexadecimal text")
    if heard[0] == NAK:
        return Answer(code=int(body, 16)) if len(body) == 4 and int(body, 16) else Answer(wrong="refusal without code")
    data = _fields(body, sizes, continuous)
    return Answer(wrong="not what was asked for") if data is None else Answer(data=data)


def _fields(body: bytes, sizes: Sequence[int], continuous: bool) -> bytes | None:
    """Return the data of an answer's fields, None where one is not as it must be."""
    if continuous and len(body) == 2 + 2 * sizes[0]:
        body = b"01" + body
    if body[:2] != b"%02X" % len(sizes):
        return None
    at, data = 2, b""
    for size in sizes:
        if body[at : at + 2] != b"%02X" % size:
            return None
        data += bytes.fromhex(body[at + 2 : at + 2 + 2 * size].decode("ascii"))
        at += 2 + 2 * size
    return data if at == len(body) and len(data) == sum(sizes) else None


def locate(text: str) -> tuple[Place, str]:
    """Return where a device name points, and the name as the wire has it. Raises UnfitError with a hint.

    "%DW100" "%MW020" "D100"   a word, counted in decimal
    "%DD50"                    a double word: words 100 and 101
    "%DW100.A" "D100.A"        one bit of a word, 0-F
    "%MX12A"                   a bit by its own name, which goes to the PLC as it is written
    """
    found = NAME.fullmatch(text.strip().upper())
    if not found:
        raise UnfitError("{text!r} is no device name; examples: {examples}", text=text, examples=EXAMPLES)
    area = found["area"]
    if found["bits"]:
        return Place(f"{area}X", int(found["bits"], 16) & 0xFFFF), f"%{area}X{found['bits']}"
    number, digits, double = int(found["number"]), found["number"], found["type"] == "D"
    if double:
        number, digits = 2 * number, str(2 * number)
        if found["bit"]:
            example = f"%{area}W{number}.A"
            raise UnfitError("{text!r}: only a word has bits; one is written {example}", text=text, example=example)
    if number > 0xFFFF:
        raise UnfitError("{text!r} is outside words 0-65535", text=text)
    return Place(f"{area}W", number, int(found["bit"], 16) if found["bit"] else None), f"%{area}W{digits}"


class XgtCnet(PolledBus):
    """One Cnet bus with its stations."""

    DEVICE_SETTINGS = (
        Setting("station", int, 1, low=0, high=31, required=True),
        Setting("period_ms", int, 1000, unit="ms", low=10, high=3_600_000),
        Setting("max_gap", int, 8, unit="register", low=0, high=59),
        Setting("max_registers", int, MOST_WORDS, unit="register", low=1, high=MOST_WORDS),
    )
    SIGNAL_SETTINGS = (
        Setting("address", str, "", required=True),
        Setting("type", str, ""),  # u16 s16 u32 s32 f32 bit ascii:N; empty: as the name says
        Setting("order", str, "CDAB", choices=tuple(ORDERS)),  # the low word lies first
        *VALUE_SETTINGS,
    )
    NUMBER = "station"
    REFUSALS = REFUSED
    LASTING = tuple(REFUSED)
    DIVISIBLE = DIVISIBLE

    @classmethod
    def items_of(cls, device: str, signal: SignalSpec, period_ms: int) -> list[Item]:
        item = item_of(device, signal, period_ms)
        if item.decimals is None:
            return [item]
        name = f"%{item.decimals.area}{item.decimals.address}"
        return [Item("", item.decimals, "u16", 1, period_ms=item.period_ms, name=name), item]

    @classmethod
    def blocks_of(cls, given: Given, items: Sequence[Item]) -> list[Block]:
        """Return continuous reads of neighbours, and individual reads of what stands alone, up to 16 names each."""
        max_gap, most = given.whole("max_gap"), given.whole("max_registers")
        found = runs([item for item in items if not item.place.area.endswith("X")], max_gap, most)
        alone = [item for block in found if block.count == 1 for item in block.items]
        alone += [item for item in items if item.place.area.endswith("X")]
        together: dict[tuple[str, int], list[list[Item]]] = {}
        for item in alone:
            groups = together.setdefault((item.place.area[-1], item.period_ms), [[]])
            names = {one.name for one in groups[-1]} | {item.name}
            if len(names) > min(MOST_NAMES, most) or 12 + sum(2 + len(name) for name in names) > MOST_BYTES:
                groups.append([])
            groups[-1].append(item)
        scattered = [_scattered(group) for groups in together.values() for group in groups]
        spread = apart([block for block in found if block.count > 1], max_gap, most, cls.looks)
        return sorted([*spread, *scattered], key=lambda block: all(item.signal for item in block.items))

    @classmethod
    def chars(cls, block: Block) -> tuple[int, int]:
        sizes = _sizes(block)
        names = _names(block) if block.scattered else [cls.where(block)]
        return 13 + sum(2 + len(name) for name in names), 11 + sum(2 + 2 * size for size in sizes)

    @classmethod
    def looks(cls, block: Block) -> object:
        return block.scattered, *_sizes(block)

    @classmethod
    def where(cls, block: Block) -> str:
        if block.scattered:
            return block.items[0].name
        first = next((item.name for item in block.items if item.place.address == block.address and item.name), "")
        return first or f"%{block.area}{block.address}"

    @classmethod
    def code_text(cls, code: int) -> Value:
        return f"{code:04X}"

    def ask(self, link: Link, unit: Unit, block: Block) -> bytes:
        names, words = (_names(block), 0) if block.scattered else ([self.where(block)], block.count)
        request = read_request(unit.number, names, words)
        link.send(request)
        return request

    def examine(self, heard: bytes, unit: Unit, block: Block, request: bytes) -> Answer | None:
        return examine(heard, unit.number, _sizes(block), not block.scattered)

    def value(self, block: Block, item: Item, data: bytes, decimals: int | None) -> tuple[Value, str]:
        raw = self.own_bytes(block, item, data)
        if item.place.area.endswith("X"):
            return (raw[0] == 1, "") if raw[0] < 2 else (None, "no bit")
        return value_of(item, raw, decimals)

    def own_bytes(self, block: Block, item: Item, data: bytes) -> bytes:
        first = _names(block).index(item.name) if block.scattered else item.place.address - block.address
        if item.place.area.endswith("X"):
            return data[first : first + 1]
        return data[2 * first : 2 * (first + item.width)]


def _scattered(items: Sequence[Item]) -> Block:
    first, names = items[0], {item.name for item in items}
    return Block(
        first.place.area, first.place.address, len(names), first.period_ms * 1_000_000, tuple(items), scattered=True
    )


def _names(block: Block) -> list[str]:
    """Return the names of an individual read, each once."""
    return list(dict.fromkeys(item.name for item in block.items))


def _sizes(block: Block) -> list[int]:
    """Return how many bytes each name of a block holds."""
    if not block.scattered:
        return [2 * block.count]
    return [1 if block.area.endswith("X") else 2] * len(_names(block))


def item_of(device: str, signal: SignalSpec, period_ms: int) -> Item:
    """Return one signal's place. Raises DriverError bad_address that names the setting."""
    given = Given(XgtCnet.SIGNAL_SETTINGS, signal.settings, f"{device}.{signal.key}")
    place, name = _place(given, "address")
    single = place.bit is not None or place.area.endswith("X")
    double = re.match(r"%?[A-Z]D[0-9]", given.text("address").strip().upper()) is not None
    kind = given.text("type") or ("bit" if single else "u32" if double else "u16")
    try:
        width = width_of(kind)
    except UnfitError as why:
        raise given.wrong("type", why) from why
    if single != (kind == "bit"):
        raise given.wrong(
            "type",
            UnfitError(
                "{kind} does not fit {name}; a bit of a word is written {example}",
                kind=kind,
                name=name,
                example="%DW100.A",
            ),
        )
    if double and kind not in WIDE:
        raise given.wrong(
            "type", UnfitError("{kind} is no double word; allowed: {names}", kind=kind, names=", ".join(WIDE))
        )
    if width > MOST_WORDS or place.address + width > 0x10000:
        raise given.wrong("address", UnfitError("{count} words from {first} pass the end", count=width, first=name))
    decimals = _place(given, "scale_from")[0] if given.text("scale_from") else None
    if decimals is not None and (decimals.area.endswith("X") or decimals.bit is not None):
        raise given.wrong("scale_from", UnfitError("the number of decimals lies in a word, not in a bit"))
    every_ms = given.whole("period_ms") or period_ms
    return with_values(
        Item(signal.key, place, kind, width, given.text("order"), period_ms=every_ms, name=name), given, decimals
    )


def _place(given: Given, key: str) -> tuple[Place, str]:
    try:
        place, name = locate(given.text(key))
    except UnfitError as why:
        raise given.wrong(key, why) from why
    if len(name) > LONGEST_NAME:
        raise given.wrong(key, UnfitError("{name} is longer than {most} characters", name=name, most=LONGEST_NAME))
    return place, name
