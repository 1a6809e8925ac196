"""The values in a publish answer, read straight from its bytes where it has the one common shape.

The library makes a dozen objects for each value (35 to 60 us). Nearly all answers are one DataChangeNotification of
plain values with both times; those are read here, checked field by field, and anything else, also anything that looks
only slightly odd, is left to the library (None). Knows no `opcua`; `tests/drivers/test_opc_ua_publish.py` proves that
both read the same.
"""

from __future__ import annotations

import struct

from msgspec import Struct

#: client handle, value, status, source time and server time in microseconds since 1970 UTC (None: none is told)
Sample = tuple[int, object, int, int | None, int | None]

EPOCH_US = 11_644_473_600_000_000  # from 1601, where FILETIME begins, to 1970 (part 6, 5.2.2.5)
END_US = 253_370_764_800_000_000  # the year 9999: what is later means "no time"

_PUBLISH_RESPONSE = b"\x01\x00\x3d\x03"  # i=829, PublishResponse_Encoding_DefaultBinary
_DATA_CHANGE = b"\x01\x00\x2b\x03\x01"  # i=811, DataChangeNotification_Encoding_DefaultBinary, as bytes
_HEAD = struct.Struct("<4sqIIBi3sIi")
_MESSAGE = struct.Struct("<?Iqi5sii")
_LENGTH = struct.Struct("<i")
_KEY = struct.Struct("<H")
_TEXT = struct.Struct("<IHi")
_NUMBERS = {1: "?", 2: "b", 3: "B", 4: "h", 5: "H", 6: "i", 7: "I", 8: "q", 9: "Q", 10: "f", 11: "d"}  # part 6, 5.1.2
_VALUE_TIMES, _VALUE_STATUS_TIMES = 0x0D, 0x0F  # part 6, 5.2.2.17: value 1, status 2, source time 4, server time 8
_STRING = 12
_PLAIN = {kind << 8 | _VALUE_TIMES: struct.Struct(f"<IH{code}qq") for kind, code in _NUMBERS.items()}
_STATED = {kind << 8 | _VALUE_STATUS_TIMES: struct.Struct(f"<IH{code}Iqq") for kind, code in _NUMBERS.items()}
_TEXT_PLAIN, _TEXT_STATED = _STRING << 8 | _VALUE_TIMES, _STRING << 8 | _VALUE_STATUS_TIMES
_TIMES, _STATUS_TIMES = struct.Struct("<qq"), struct.Struct("<Iqq")


class Publish(Struct, frozen=True):
    """One publish answer: its subscription, its number, its values in their order.

    `has_data` is False for a mere sign of life; `ended` names the status with which the server gave the subscription
    up, "" while it lives.
    """

    subscription: int
    sequence: int
    samples: list[Sample]
    has_data: bool
    ended: str = ""


def time_us(ticks: int) -> int | None:
    """A FILETIME (100 ns since 1601) as microseconds since 1970; None where it means "no time"."""
    at_us = ticks // 10 - EPOCH_US
    return at_us if 0 <= at_us < END_US else None


def read(data: bytes) -> Publish | None:
    """A publish answer of the common shape, None for any other.

        type i=829 | time i64 | request u32 | result u32 = 0 | diagnostics 00 | strings i32 <= 0 | no more 00 00 00
        subscription u32 | available i32 n, u32 each | more bool
        number u32 | time i64 | parts i32 = 1 | type i=811, 01 | length i32
            values i32 n | n times:
                handle u32 | mask 0D or 0F | kind u8 | value | (status u32) | source i64 | server i64
            diagnostics i32 <= 0
        results i32 n, u32 each | diagnostics i32 <= 0

    Part 4, 5.14.5 and 7.25.2 (the services), part 6, 5.2 (how they become bytes).
    """
    try:
        return _read(data)
    except (struct.error, UnicodeDecodeError, IndexError):
        return None


def _read(data: bytes) -> Publish | None:
    kind, _, _, result, diagnostics, strings, more, subscription, available = _HEAD.unpack_from(data)
    if kind != _PUBLISH_RESPONSE or result or diagnostics or not -1 <= strings <= 0 or more != b"\0\0\0":
        return None
    if available < -1:
        return None
    place = _HEAD.size + 4 * max(available, 0)
    _, sequence, _, parts, kind, length, count = _MESSAGE.unpack_from(data, place)
    if parts != 1 or kind != _DATA_CHANGE or count < 0:
        return None
    place += _MESSAGE.size
    end = place - 4 + length
    samples: list[Sample] = []
    for _ in range(count):
        (key,) = _KEY.unpack_from(data, place + 4)
        if (shape := _PLAIN.get(key)) is not None:
            handle, _, value, ticks, server_ticks = shape.unpack_from(data, place)
            status = 0
            place += shape.size
        elif (shape := _STATED.get(key)) is not None:
            handle, _, value, status, ticks, server_ticks = shape.unpack_from(data, place)
            place += shape.size
        elif key in (_TEXT_PLAIN, _TEXT_STATED):
            handle, _, size = _TEXT.unpack_from(data, place)
            if size < -1:
                return None
            place += _TEXT.size
            value, status = None, 0
            if size >= 0:
                value = data[place : place + size].decode()
                place += size
            if key == _TEXT_PLAIN:
                ticks, server_ticks = _TIMES.unpack_from(data, place)
                place += _TIMES.size
            else:
                status, ticks, server_ticks = _STATUS_TIMES.unpack_from(data, place)
                place += _STATUS_TIMES.size
        else:
            return None
        source_us = time_us(ticks)
        # most servers stamp both at once
        samples.append(
            (handle, value, status, source_us, source_us if server_ticks == ticks else time_us(server_ticks))
        )
    (diagnostics,) = _LENGTH.unpack_from(data, place)
    if place + 4 != end or not -1 <= diagnostics <= 0:
        return None
    (results,) = _LENGTH.unpack_from(data, end)
    if results < -1:
        return None
    place = end + 4 + 4 * max(results, 0)
    (diagnostics,) = _LENGTH.unpack_from(data, place)
    if place + 4 != len(data) or not -1 <= diagnostics <= 0:
        return None
    return Publish(subscription, sequence, samples, True)
