"""Conversations: what devices say, and the facts that come of it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.collect import packing
from desktop.collect.interpret import count_steps
from desktop.domain import barcode
from desktop.domain.commands import Command, Kind, write
from desktop.domain.events import CountFlag, Thing
from desktop.domain.plant import Plant
from drivers.base import Quality
from tests.collect.example import ASSEMBLY, CNC, EXAMPLE, PACKING, PRESS, T0, Talk, only, reading, told

# -- counters --


@pytest.mark.parametrize(
    ("before", "now", "modulus", "pieces", "flag"),
    [
        (65530, 4, 65536, 10, CountFlag.ROLLOVER),
        (5120, 3, 65536, 3, CountFlag.RESET),
        (5120, 3, None, 3, CountFlag.RESET),
        (9998, 7, 10000, 9, CountFlag.ROLLOVER),
        (32760, 5, 32768, 13, CountFlag.ROLLOVER),
        (5120, 5100, None, 0, CountFlag.STEP_BACK),
        (5120, 5100, 65536, 0, CountFlag.STEP_BACK),
        (777, 777, None, 0, CountFlag.PLAIN),
        (777, 780, None, 3, CountFlag.PLAIN),
        (50, 3, None, 3, CountFlag.RESET),
        (100, 60_000, 65536, 0, CountFlag.IMPLAUSIBLE),
        (60_000, 30_000, None, 0, CountFlag.IMPLAUSIBLE),
    ],
)
def test_the_published_counters(before: int, now: int, modulus: int | None, pieces: int, flag: CountFlag) -> None:
    """D10, with a machine that can have made 100 pieces at most."""
    assert count_steps(before, now, modulus, 100) == (pieces, flag)


@given(st.integers(0, 70_000), st.integers(0, 70_000), st.none() | st.sampled_from([1000, 65536]), st.integers(0, 1000))
def test_no_reading_gives_less_than_nothing_or_more_than_possible(
    before: int, now: int, modulus: int | None, most: int
) -> None:
    steps, flag = count_steps(before, now, modulus, most)
    assert 0 <= steps <= most
    if flag is CountFlag.PLAIN:
        assert steps == now - before
    if flag in (CountFlag.STEP_BACK, CountFlag.IMPLAUSIBLE):
        assert steps == 0


@given(st.lists(st.integers(0, 10), max_size=30), st.integers(0, 65535))
def test_a_counter_that_wraps_loses_nothing(plant: Plant, steps: list[int], start: int) -> None:
    talk, total, made = Talk(plant), start, 0
    talk.say("plc", good=total % 65536)
    for step in steps:
        total += step
        made += sum(e.pieces or 0 for e in talk.say("plc", good=total % 65536).events)
    assert made == total - start


def test_the_first_reading_is_a_base_and_no_piece(talk: Talk) -> None:
    first = only(talk.say("plc", good=777))
    assert (first.pieces, first.flag, first.reading) == (0, "first", 777)
    second = only(talk.say("plc", good=779))
    assert (second.pieces, second.flag, second.reading, second.machine) == (2, "", 779, PRESS)
    assert (second.from_ms, second.at_ms) == (T0 + 1000, T0 + 2000)
    assert told(talk.say("plc", good=779)) == []


def test_one_stroke_may_be_several_pieces(talk: Talk) -> None:
    """D18: 540 strokes of 4 cavities are 2,160 pieces."""
    talk.say("cnc", strokes=1000)
    assert only(talk.say("cnc", strokes=1540)).pieces == 2160


def test_a_reading_that_comes_late_counts_nothing_twice(talk: Talk) -> None:
    readings = (5120, 5119, 5118, 5121, 5125)
    made = [e for value in readings for e in talk.say("plc", good=value).events]
    assert [(e.pieces, e.flag) for e in made] == [(0, "first"), (0, "step_back"), (0, "step_back"), (1, ""), (4, "")]


def test_more_than_the_machine_can_make_is_kept_as_a_base_and_not_counted(talk: Talk) -> None:
    """Ideal cycle 1 s: in one second at most 4 pieces and 20 of slack."""
    talk.say("plc", good=100)
    assert told(talk.say("plc", good=125)) == [("count", "good", 0, "implausible")]
    assert told(talk.say("plc", good=126)) == [("count", "good", 1, "")]


def test_pieces_over_an_outage_are_booked_to_it(talk: Talk) -> None:
    talk.health("plc", "online")
    talk.say("plc", good=5000)
    talk.say("plc", good=5000, after_ms=60_000)
    off_ms = talk.at_ms + 5000
    talk.health("plc", "offline", after_ms=5000)
    talk.health("plc", "offline", after_ms=5000, fault="port_missing")
    talk.health("plc", "online", after_ms=600_000)
    event = only(talk.say("plc", good=5120))
    assert (event.pieces, event.flag, event.from_ms, event.at_ms) == (120, "gap", off_ms, talk.at_ms)
    assert told(talk.say("plc", good=5121)) == [("count", "good", 1, "")]


@pytest.mark.parametrize(
    ("before", "now", "pieces", "flag", "detail"),
    [
        (65500, 20, 56, "gap", "rollover"),
        (5000, 7, 7, "gap", "reset"),
        (5000, 5000, 0, "gap", ""),
        (5000, 4990, 0, "step_back", ""),
    ],
)
def test_an_outage_keeps_its_flag_also_where_the_counter_wrapped(
    talk: Talk, before: int, now: int, pieces: int, flag: str, detail: str
) -> None:
    """Otherwise its pieces would be booked to the moment of the reconnect. Nothing made is known, too."""
    talk.say("plc", good=before)
    talk.health("plc", "offline")
    talk.health("plc", "online", after_ms=60_000)
    event = only(talk.say("plc", good=now))
    assert (event.pieces, event.flag, event.detail) == (pieces, flag, detail)
    assert told(talk.say("plc", good=now)) == []


def test_a_device_that_was_never_heard_has_no_gap(talk: Talk) -> None:
    talk.health("plc", "offline")
    talk.health("plc", "online")
    assert only(talk.say("plc", good=7)).flag == "first"


@pytest.mark.parametrize("value", [-1, -5000.0])
def test_a_negative_counter_is_neither_pieces_nor_a_base(talk: Talk, value: float) -> None:
    talk.say("plc", good=100)
    assert told(talk.say("plc", good=value)) == [("count", "good", 0, "implausible")]
    assert told(talk.say("plc", good=101)) == [("count", "good", 1, "")]


# -- numbers that no file can hold --


@pytest.mark.parametrize("signal", ["good", "state", "alarm", "force"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, 1e300, 2**64, -(2**70)])
def test_no_number_ends_the_collector(talk: Talk, signal: str, value: float) -> None:
    talk.say("plc", **{signal: 1})
    batch = talk.say("plc", **{signal: value})
    live = next(iter(batch.live.values()))
    assert (live.value, live.quality) == (None, 2)
    assert all(m.value is None for m in batch.measurements)
    assert all(e.reading is None and e.pieces is None for e in batch.events)


def test_a_bad_value_is_no_value(talk: Talk) -> None:
    talk.say("plc", good=10, state=1)
    bad = {"quality": Quality.BAD}
    assert told(talk.say("plc", more=bad, good=99, state=1, alarm=7)) == [("state", "unknown", None, "")]
    assert told(talk.say("plc", good=11, state=1)) == [("count", "good", 1, ""), ("state", "run", None, "")]


# -- states --


def test_a_code_is_a_state_once(talk: Talk) -> None:
    assert [(e.word, e.detail) for e in talk.say("plc", state=1).events] == [("run", "1")]
    assert [told(talk.say("plc", state=again)) for again in (1.0, True, "1", " 1 ")] == [[], [], [], []]
    assert [(e.word, e.detail) for e in talk.say("plc", state=3).events] == [("fault", "3")]


def test_a_code_that_nobody_explained_is_not_known(talk: Talk) -> None:
    """Neither running nor stopped; the code stays readable."""
    assert [(e.word, e.detail) for e in talk.say("plc", state=42).events] == [("unknown", "42")]


def test_a_lost_device_leaves_the_state_unknown_until_it_speaks(talk: Talk) -> None:
    talk.health("plc", "online")
    talk.say("plc", state=1)
    assert told(talk.health("plc", "offline")) == [("device", "offline", None, ""), ("state", "unknown", None, "")]
    assert told(talk.health("plc", "misconfigured")) == [("device", "misconfigured", None, "")]
    assert told(talk.health("plc", "online")) == [("device", "online", None, "")]
    assert told(talk.say("plc", state=1)) == [("state", "run", None, "")]


def test_a_fault_is_told_with_what_its_sentence_needs(talk: Talk) -> None:
    from desktop.collect.interpret import Health

    batch = talk.interpreter.health(Health("plc", "offline", T0, "port_busy", '{"port": "/dev/가\\ud800"}'))
    assert batch.events[0].detail == '{"kind": "port_busy", "port": "/dev/가?"}'


def test_readings_of_a_device_that_is_no_longer_there_are_nothing(talk: Talk) -> None:
    assert told(talk.say("gone", x=1)) == told(talk.health("gone", "offline")) == told(talk.say("plc", gone=1)) == []


# -- values --


def test_a_value_is_scaled_and_small_changes_are_not_stored(talk: Talk) -> None:
    values = [m.value for raw in (0, 4, 5, 6, 10) for m in talk.say("plc", force=raw).measurements]
    assert values == [5.0, 5.5, 6.0]
    assert [m.value for m in talk.say("plc", force=10, after_ms=60_000).measurements] == [6.0]  # a sign of life


def test_the_first_good_value_after_a_bad_one_is_stored(talk: Talk) -> None:
    talk.say("plc", force=0)
    assert [m.value for m in talk.say("plc", more={"quality": Quality.BAD}, force=0).measurements] == [None]
    assert [m.value for m in talk.say("plc", force=0).measurements] == [5.0]


def test_a_value_that_is_none_says_why(talk: Talk) -> None:
    """A sensor that broke is stored and shown in words, never as the number that stands for it."""
    batch = talk.say("plc", more={"quality": Quality.BAD, "note": "sensor open"}, force=None)
    (stored,) = batch.measurements
    assert (stored.value, stored.text, stored.quality) == (None, "sensor open", 2)
    live = batch.live[stored.signal]
    assert (live.value, live.text, live.quality) == (None, "sensor open", 2)
    (stored,) = talk.say("plc", more={"note": "snapshot"}, force=0).measurements
    assert (stored.value, stored.text) == (5.0, None)


def test_the_devices_own_time_is_kept(talk: Talk) -> None:
    batch = talk.say("plc", more={"source_at_ms": T0 - 3_600_000}, force=1)
    assert batch.measurements[0].source_at_ms == T0 - 3_600_000
    assert talk.say("plc", force=99).measurements[0].source_at_ms is None


def test_words_are_values_too_without_what_no_screen_can_show(talk: Talk) -> None:
    batch = talk.say("cnc", bore="A\x00-1\x1b[31m\ud800")
    assert batch.measurements[0].text == "A-1[31m"
    assert batch.live[batch.measurements[0].signal].text == "A-1[31m"


def test_alarms_change_and_go_away(talk: Talk) -> None:
    alarms = [told(talk.say("plc", alarm=value)) for value in (0, 12, 12.0, "E\n7", 0, "")]
    assert alarms == [[], [("alarm", "12", None, "")], [], [("alarm", "E7", None, "")], [("alarm", "", None, "")], []]


# -- judgements --


def test_each_judgement_is_a_piece_with_its_value(talk: Talk) -> None:
    batch = talk.say("torque", value=12.5, verdict=" OK ")
    assert told(batch) == [("count", "good", 1, "")]
    assert [(r.value, r.word, r.judgement, r.unit) for r in batch.results] == [(12.5, "OK", "good", None)]
    assert told(talk.say("torque", verdict="NG", value=3.0)) == [("count", "reject", 1, "")]
    assert told(talk.say("torque", verdict=1.0)) == [("count", "good", 1, "")]


def test_a_retest_is_a_result_and_no_piece(talk: Talk) -> None:
    batch = talk.say("torque", value=9.0, verdict="RE")
    assert told(batch) == []
    assert [(r.value, r.judgement) for r in batch.results] == [(9.0, "retest")]
    assert told(talk.say("torque", value=12.0, verdict="OK")) == [("count", "good", 1, "")]


def test_a_judgement_that_nobody_explained_is_kept(talk: Talk) -> None:
    batch = talk.say("torque", more={"raw": b"12.0;??"}, value=12.0, verdict="??")
    assert [(e.kind.value, e.word, e.raw) for e in batch.events] == [("unparsed", "judgement", b"12.0;??")]
    assert [(r.word, r.judgement) for r in batch.results] == [("??", "")]


def test_what_was_judged_before_the_link_came_back_is_no_piece(talk: Talk) -> None:
    batch = talk.say("torque", more={"note": "snapshot"}, value=12.0, verdict="OK")
    assert told(batch) == []
    assert batch.results == []


def test_a_judgement_belongs_to_its_own_frame(talk: Talk) -> None:
    both = [
        reading("torque", "value", 1.0, T0, seq=1),
        reading("torque", "verdict", "OK", T0, seq=1),
        reading("torque", "value", 2.0, T0, seq=2),
    ]
    batch = talk.interpreter.read(both)
    assert [(r.value, r.word) for r in batch.results] == [(1.0, "OK")]
    assert [m.value for m in batch.measurements] == [1.0, 2.0]


# -- parts and pieces --


def test_a_value_belongs_to_the_piece_at_the_machine(talk: Talk) -> None:
    batch = talk.say("cnc", part="SN1")
    assert told(batch) == [("part", "SN1", None, "")]
    assert [(s.thing, s.machine) for s in batch.steps] == [(Thing("unit", "SN1"), CNC)]
    results = [r for value in (10.0, 10.2, 9.8) for r in talk.say("cnc", bore=value).results]
    assert [(r.unit, r.judgement) for r in results] == [
        (Thing("unit", "SN1"), "good"),
        (Thing("unit", "SN1"), "reject"),
        (Thing("unit", "SN1"), "reject"),
    ]
    assert told(talk.say("cnc", part="SN1")) == []
    talk.say("cnc", part="")
    assert talk.say("cnc", bore=10.0).results[0].unit is None


def test_a_snapshot_is_stored_but_belongs_to_no_piece(talk: Talk) -> None:
    talk.say("cnc", part="SN1")
    batch = talk.say("cnc", more={"note": "snapshot"}, bore=10.0)
    assert batch.results == []
    assert len(batch.measurements) == 1


# -- scans --


def test_lots_go_into_units_and_units_into_boxes(talk: Talk) -> None:
    for code in ("LOT-SEAL-1", "LOT-BOLT-7", "SN1", "LOT-SEAL-2", "SN2"):
        batch = talk.say("scanner", code=code)
        assert [s.thing.code for s in batch.steps] == [code]
        last = batch
    assert [(link.kind, link.parent.code, link.child.code) for link in last.links] == [
        ("consumed", "SN2", "LOT-BOLT-7"),
        ("consumed", "SN2", "LOT-SEAL-2"),
    ]
    assert {link.event for link in last.links} == {last.events[0].id} == {last.steps[0].event}
    for code in ("SN1", "SN2", "SN1"):
        talk.say("packer", code=code)
    packed = talk.say("packer", code="BX1")
    assert [(link.kind, link.parent.code, link.child.code) for link in packed.links] == [
        ("packed", "BX1", "SN1"),
        ("packed", "BX1", "SN2"),
    ]
    assert talk.say("packer", code="BX2").links == []
    assert {link.machine for link in packed.links} == {PACKING}
    assert {s.machine for s in last.steps} == {ASSEMBLY}


def test_a_double_is_marked_and_nothing_comes_of_it(talk: Talk) -> None:
    talk.say("scanner", code="LOT-SEAL-1")
    double = talk.say("scanner", more={"note": "duplicate"}, code="SN1")
    assert [(e.word, e.detail, e.flag) for e in double.events] == [("SN1", "unit", "duplicate")]
    assert double.steps == double.links == []


def test_a_rejected_unit_does_not_go_into_the_box(talk: Talk) -> None:
    talk.say("packer", code="SN1")
    talk.say("packer", code="SN2")
    talk.say("packer", verdict="NG")
    talk.say("packer", verdict="NG")  # once more: SN1 has passed already
    assert [link.child.code for link in talk.say("packer", code="BX1").links] == ["SN1"]


def test_units_do_not_wait_without_end_for_a_box_that_never_comes(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MOST_UNPACKED", 50)
    for n in range(57):
        talk.say("packer", code=f"SN{n}")
    links = talk.say("packer", code="BX1").links
    assert (len(links), links[0].child.code) == (50, "SN7")


def test_a_code_shown_again_after_a_reconnect_is_not_read_again(talk: Talk) -> None:
    talk.say("packer", code="SN1")
    assert told(talk.say("packer", more={"note": "snapshot"}, code="SN1")) == []
    assert [e.word for e in talk.say("packer", more={"note": "snapshot"}, code="SN2").events] == ["SN2"]
    assert [e.word for e in talk.say("packer", code="SN2").events] == ["SN2"]


@pytest.mark.parametrize(
    ("body", "word", "what", "flag"),
    [
        ("x'); drop table events;--", "x'); drop table events;--", "", ""),
        ("SN\x00001", "SN001", "unit", ""),
        ("SN1\r\nINFO fake", "SN1INFO fake", "", ""),
        ("\x00\x01\r", "", "", ""),
        ("A" * 600, "A" * 512, "", "cut"),
        ("SN1\ud800", "SN1", "unit", ""),
    ],
)
def test_hostile_scans(talk: Talk, body: str, word: str, what: str, flag: str) -> None:
    batch = talk.say("scanner", code=body)
    event, *findings = batch.events
    assert (event.word, event.detail, event.flag) == (word, what, flag)
    assert [each.word for each in findings] == ([] if what or not word else ["unknown_code"])
    assert event.raw == body.encode("utf-8", "replace")  # what was really sent stays
    assert bool(batch.steps) == (what == "unit")


def test_the_bytes_of_the_wire_are_kept(talk: Talk) -> None:
    assert only(talk.say("scanner", more={"raw": b"\x02SN1\x03"}, code="SN1")).raw == b"\x02SN1\x03"


def test_the_kind_of_code_is_kept_beside_the_code(talk: Talk) -> None:
    for raw in (b"]d2SN1", b""):  # a driver may tell it without the bytes of the wire
        event = only(talk.say("scanner", more={"raw": raw, "aim": "]d2"}, code="SN1"))
        assert (event.word, event.detail, event.raw) == ("SN1", "unit", b"]d2SN1")
        assert barcode.aim_of(event.word, event.raw) == "]d2"


def test_a_command_is_kept_and_becomes_no_unit_or_lot(talk: Talk) -> None:
    talk.say("packer", code="SN1")
    for code in (write(Command(Kind.REASON, "B01")), write(Command(Kind.UNDO)), "G.RB01U7"):  # the last is damaged
        batch = talk.say("packer", more={"raw": b"]C0" + code.encode(), "aim": "]C0"}, code=code)
        event = only(batch)
        assert (event.word, event.detail, event.flag, event.machine) == (code, "command", "", PACKING)
        assert event.raw == b"]C0" + code.encode()
        assert batch.steps == batch.links == []
    assert [link.child.code for link in talk.say("packer", code="BX1").links] == ["SN1"]


def test_a_command_read_twice_with_one_pull_is_marked(talk: Talk) -> None:
    event = only(talk.say("packer", more={"note": "duplicate"}, code=write(Command(Kind.DIGIT, "1"))))
    assert (event.detail, event.flag) == ("command", "duplicate")


def test_a_pattern_for_everything_takes_no_command_but_keeps_codes_that_only_begin_as_one(plant: Plant) -> None:
    signals = tuple(replace(s, classes={"unit": "."}) if s.machine == PACKING else s for s in plant.signals)
    talk = Talk(replace(plant, signals=signals))
    kinds = [only(talk.say("packer", code=code)).detail for code in (write(Command(Kind.ENTER)), "G.RB01U7", "G.A/1")]
    assert kinds == ["command", "unit", "unit"]
    told_gs1 = only(talk.say("packer", more={"aim": "]C1"}, code=write(Command(Kind.ENTER))))
    assert told_gs1.detail == "unit"


@pytest.mark.parametrize("note", ["unparsed", "incomplete", "overlong"])
def test_a_frame_that_says_nothing_is_kept_as_it_came(talk: Talk, note: str) -> None:
    batch = talk.interpreter.read([reading("torque", "", None, T0, note=note, raw=b"\xff\x00junk")])
    event = only(batch)
    assert (event.kind.value, event.word, event.raw, event.machine) == ("unparsed", note, b"\xff\x00junk", ASSEMBLY)


def test_values_lost_in_the_devices_own_queue_are_said(talk: Talk) -> None:
    batch = talk.say("plc", more={"note": "overflow"}, force=1)
    assert told(batch) == [("loss", "", None, "")]
    assert len(batch.measurements) == 1


SIGNALS = ["", *(key for signals in EXAMPLE.values() for key, *_more in signals)]
junk = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(codec=None), max_size=40))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["plc", "scanner", "torque", "cnc", "packer"]),
            st.sampled_from(SIGNALS),
            junk,
            st.sampled_from(list(Quality)),
            st.sampled_from(["", "unparsed", "incomplete", "overlong", "duplicate", "snapshot", "overflow"]),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_whatever_a_device_says_can_be_stored(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str, Any, Quality, str]]
) -> None:
    """No value of a device ends the collector, and what was sealed is read back as it was sealed."""
    from desktop.collect.interpret import Interpreter
    from desktop.collect.memory import Memory
    from desktop.store import register, upkeep
    from desktop.store.journal import Journal
    from tests.collect.example import open_line

    store = open_line(tmp_path_factory.mktemp("junk") / "d")
    try:
        book = Journal(store)
        interpreter = Interpreter(register.plant(store), Memory(), book.next_id)
        frame = [
            reading(device, signal, value, T0 + place, seq=place // 2, quality=quality, note=note, raw=b"x")
            for place, (device, signal, value, quality, note) in enumerate(said)
        ]
        book.commit(interpreter.read(frame))
        book.commit(interpreter.read(frame))
        assert upkeep.check(store) == []
        for table, column in (("events", "word"), ("events", "detail"), ("units", "code"), ("live", "text")):
            for (word,) in store.rows(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"):
                assert not set(word) & {"\x00", "\n", "\r", "\x1b"}
    finally:
        store.close()
