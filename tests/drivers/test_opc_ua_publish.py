"""The fast reading of publish answers gives what the library gives, for every answer, or leaves it to the library."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opcua import ua
from opcua.ua.ua_binary import struct_from_binary, struct_to_binary

from drivers.opc_ua_guards import from_library
from drivers.opc_ua_publish import EPOCH_US, Publish, read, time_us

KINDS = ua.VariantType
INTEGERS = {
    KINDS.SByte: (-(2**7), 2**7 - 1), KINDS.Byte: (0, 2**8 - 1), KINDS.Int16: (-(2**15), 2**15 - 1),
    KINDS.UInt16: (0, 2**16 - 1), KINDS.Int32: (-(2**31), 2**31 - 1), KINDS.UInt32: (0, 2**32 - 1),
    KINDS.Int64: (-(2**63), 2**63 - 1), KINDS.UInt64: (0, 2**64 - 1),
}  # fmt: skip
PLAIN = [
    *(st.tuples(st.integers(*span), st.just(kind)) for kind, span in INTEGERS.items()),
    st.tuples(st.booleans(), st.just(KINDS.Boolean)),
    st.tuples(st.floats(width=32), st.just(KINDS.Float)),
    st.tuples(st.floats(), st.just(KINDS.Double)),
    st.tuples(st.none() | st.text(max_size=20), st.just(KINDS.String)),
]
ODD = [
    st.tuples(st.none(), st.just(KINDS.Null)),
    st.tuples(st.lists(st.integers(0, 9), max_size=3), st.just(KINDS.Int32)),
    st.tuples(st.binary(max_size=5), st.just(KINDS.ByteString)),
    st.tuples(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)), st.just(KINDS.DateTime)),  # noqa: DTZ001
    st.tuples(st.builds(ua.LocalizedText, st.text(max_size=5)), st.just(KINDS.LocalizedText)),
]
times = st.datetimes(datetime(1601, 1, 1), datetime(9999, 12, 31))  # noqa: DTZ001
numbers = st.integers(0, 2**32 - 1)


@st.composite
def data_values(draw: st.DrawFn, odd: bool) -> Any:
    value, kind = draw(st.one_of(PLAIN + ODD if odd else PLAIN))
    data = ua.DataValue(ua.Variant(value, kind), ua.StatusCode(draw(numbers)))
    data.SourceTimestamp, data.ServerTimestamp = draw(times), draw(times)
    if draw(st.booleans()):
        data.StatusCode = None
    if odd:
        for name in draw(st.sets(st.sampled_from(["SourceTimestamp", "ServerTimestamp", "Value"]))):
            setattr(data, name, None)
        if draw(st.booleans()):
            data.SourcePicoseconds = draw(st.integers(0, 9999))
    return data


@st.composite
def answers(draw: st.DrawFn, odd: bool = False) -> bytes:
    response = ua.PublishResponse()
    response.ResponseHeader.Timestamp = draw(times)
    response.ResponseHeader.RequestHandle = draw(numbers)
    if odd and draw(st.booleans()):
        response.ResponseHeader.StringTable = draw(st.lists(st.text(max_size=3), max_size=2))
        response.ResponseHeader.ServiceResult = ua.StatusCode(draw(numbers))
    result = response.Parameters
    result.SubscriptionId = draw(numbers)
    result.AvailableSequenceNumbers = draw(st.lists(numbers, max_size=4))
    result.MoreNotifications = draw(st.booleans())
    result.NotificationMessage.SequenceNumber = draw(numbers)
    result.NotificationMessage.PublishTime = draw(times)
    change = ua.DataChangeNotification()
    for data in draw(st.lists(data_values(odd), max_size=6)):
        item = ua.MonitoredItemNotification()
        item.ClientHandle, item.Value = draw(numbers), data
        change.MonitoredItems.append(item)
    parts: list[Any] = [change]
    if odd:
        gone = ua.StatusChangeNotification()
        gone.Status = ua.StatusCode(ua.StatusCodes.BadTimeout)
        parts = draw(st.lists(st.sampled_from([change, gone]), max_size=2))
    result.NotificationMessage.NotificationData = parts
    result.Results = [ua.StatusCode(value) for value in draw(st.lists(numbers, max_size=3))]
    return bytes(struct_to_binary(response))


def by_library(data: bytes) -> Publish:
    return from_library(struct_from_binary(ua.PublishResponse, ua.utils.Buffer(data)).Parameters)


def same(one: Publish, other: Publish) -> bool:
    """Equal with every type and bit; not a number equals itself."""

    def exact(value: object) -> tuple[type, object]:
        bits = (math.copysign(1, value), "nan") if isinstance(value, float) and math.isnan(value) else repr(value)
        return type(value), bits if isinstance(bits, str) else bits[1]

    def plain(answer: Publish) -> object:
        return (
            (answer.subscription, answer.sequence, answer.has_data, answer.ended),
            [(handle, exact(value), *rest) for handle, value, *rest in answer.samples],
        )

    return plain(one) == plain(other)


@settings(max_examples=300, deadline=None)
@given(answers())
def test_the_common_shape_is_read_here_and_equal(data: bytes) -> None:
    found = read(data)
    assert found is not None
    assert same(found, by_library(data))


@settings(max_examples=300, deadline=None)
@given(answers(odd=True))
def test_any_shape_is_equal_or_left_to_the_library(data: bytes) -> None:
    found = read(data)
    assert found is None or same(found, by_library(data))


@settings(max_examples=500, deadline=None)
@given(answers(), st.data())
def test_damaged_bytes_are_read_as_the_library_reads_them_or_not_at_all(data: bytes, draw: st.DataObject) -> None:
    spoiled = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 2))):
        place = draw.draw(st.integers(0, len(spoiled) - 1))
        spoiled[place] = draw.draw(st.integers(0, 255))
    cut = draw.draw(st.integers(0, len(spoiled)) | st.just(len(spoiled)))
    found = read(bytes(spoiled[:cut]))
    if found is not None:
        assert same(found, by_library(bytes(spoiled[:cut])))  # which raises where it cannot read them


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_raise_nothing(data: bytes) -> None:
    read(data)
    read(b"\x01\x00\x3d\x03" + data)


@pytest.mark.parametrize(
    ("ticks", "expected"),
    [
        (0, None),
        (-1, None),
        (2**63 - 1, None),
        (EPOCH_US * 10, 0),
        (EPOCH_US * 10 - 1, None),
        (EPOCH_US * 10 + 19, 1),
    ],
)
def test_times(ticks: int, expected: int | None) -> None:
    assert time_us(ticks) == expected


def test_it_is_worth_its_code() -> None:
    """At most a fifth of the library's CPU time; in fact about a thirtieth."""
    import time

    change = ua.DataChangeNotification()
    for number in range(200):
        item = ua.MonitoredItemNotification()
        item.ClientHandle, item.Value = number, ua.DataValue(number / 3)
        item.Value.SourceTimestamp = item.Value.ServerTimestamp = datetime(2026, 11, 23)  # noqa: DTZ001
        change.MonitoredItems.append(item)
    response = ua.PublishResponse()
    response.Parameters.NotificationMessage.NotificationData = [change]
    data = bytes(struct_to_binary(response))

    def spent(reader: Any) -> float:
        began = time.thread_time()
        for _ in range(5):
            reader(data)
        return time.thread_time() - began

    assert spent(read) < spent(by_library) / 5
