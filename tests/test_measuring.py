"""Measured values from the file: what people entered and left out, frozen limits, the Overview's alarms."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop import configuration, summaries
from desktop.domain.alarms import AlarmKind
from desktop.domain.daily_rows import CheckRow
from desktop.domain.entries import OPEN_MS, Calibrated, ChartLimits, Excluded, Measured, Ordered
from desktop.domain.figures.head import AlarmNow
from desktop.domain.figures.measuring import CharacteristicNow, MeasuringNow
from desktop.domain.holding import GaugeState
from desktop.domain.measuring import State, Use
from desktop.store import entries, register
from desktop.store.database import Store
from desktop.store.quality import limits_of, note_limits
from desktop.summaries import Live
from desktop.views.measuring_faces import capability_face
from tests.measuring_example import BORE, BURR, HOUR, LINE, MINUTE, NOW, T0, WEIGHT, measure, open_measuring, spread


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_measuring(tmp_path)
    yield made
    made.close()


def look(store: Store, chosen: int | None = None, live: Live | None = None, now_ms: int = NOW) -> MeasuringNow:
    return summaries.measuring_now(live or Live(), store, now_ms, chosen)


def of(store: Store, characteristic: int, live: Live | None = None, now_ms: int = NOW) -> CharacteristicNow:
    found = look(store, characteristic, live, now_ms).chosen
    assert found is not None
    return found


def freeze(store: Store, characteristic: int, centre: float, sigma: float, at_ms: int, version: int = 1) -> int:
    kind, n = ("xbar_r", 5) if characteristic == BORE else ("i_mr", 1)
    said = ChartLimits(1, at_ms, at_ms, characteristic, version, kind, centre, sigma, n, 125, T0, at_ms)  # type: ignore[arg-type]
    return entries.say(store, [said], at_ms, "Kim", "first")[0]


def test_a_line_without_values_says_so(store: Store) -> None:
    now = look(store)
    assert [row.characteristic.code for row in now.rows] == ["ID24", "WT", "BURR"]
    assert {row.state for row in now.rows} == {State.FEW}
    assert now.chosen is not None
    assert now.chosen.place == "CNC 가공"
    assert now.chosen.gauge is not None
    assert now.chosen.gauge.code == "A-03"
    assert now.units == ()


def test_values_of_a_signal_make_points_judged_by_the_limits_of_then(store: Store) -> None:
    measure(store, BORE, [*spread(50, 24.01, 0.003), 24.05, 9999.0, None])
    found = of(store, BORE).analysis
    assert len(found.points) == 10
    assert [each.use for each in found.told[-3:]] == [Use.COUNTS, Use.NO_VALUE, Use.NO_VALUE]
    assert found.told[-3].good is False
    assert found.told[-1].value.word == "OL"
    assert found.first_pass == (50, 51)
    assert len(look(store, BORE).units) == 6
    assert of(store, WEIGHT).analysis.told == ()


def test_values_by_hand_stand_beside_those_of_the_wire(store: Store) -> None:
    measure(store, BORE, [24.01], units=["VH-1"])
    said = Measured(1, T0 + MINUTE, T0 + MINUTE, BORE, 24.02, "VH-1")
    first, alone = entries.say(store, [said, Measured(1, T0 + HOUR, T0 + HOUR, BURR, 0.3)], NOW - MINUTE, "Lee")
    found = of(store, BORE).analysis.told
    assert [(each.value.by_hand, each.use, each.value.who) for each in found] == [
        (False, Use.COUNTS, ""), (True, Use.RETEST, "Lee"),
    ]  # fmt: skip
    burr = of(store, BURR).analysis.told
    assert [(each.value.id, each.good, each.value.unit) for each in burr] == [(alone, False, "")]
    entries.take_back(store, [first, alone], NOW, "Lee")
    assert of(store, BURR).analysis.told == ()
    assert len(of(store, BORE).analysis.told) == 1


def test_a_retest_is_one_however_long_ago_the_first_was(store: Store) -> None:
    measure(store, WEIGHT, [480.0], T0 - 30 * HOUR, units=["BOX-1"])
    measure(store, WEIGHT, [500.0] * 600, T0 - 10 * HOUR, every_ms=1000)
    measure(store, WEIGHT, [500.0], units=["BOX-1"])
    last = of(store, WEIGHT).analysis.told[-1]
    assert (last.use, last.attempt) == (Use.RETEST, 2)
    assert of(store, WEIGHT).analysis.told[0].value.at_ms > T0 - 30 * HOUR  # it was not read with the others


@pytest.mark.parametrize("first", ["by hand", "wire"])
@pytest.mark.parametrize("then", ["by hand", "wire"])
def test_a_retest_is_one_whoever_measured_and_whoever_did_before(store: Store, first: str, then: str) -> None:
    """Also where the first value is not among those that are read."""

    def one(how: str, value: float, at_ms: int, unit: str = "X1") -> None:
        if how == "by hand":
            entries.say(store, [Measured(2, at_ms, at_ms, WEIGHT, value, unit)], NOW - HOUR, "Lee")
        else:
            measure(store, WEIGHT, [value], at_ms, units=[unit])

    one(first, 480.0, T0)
    for n in range(300):
        one(then, 500.0, T0 + (n + 1) * 10_000, f"Y{n}")
    one(then, 500.0, NOW - HOUR, "X2")
    one(then, 500.0, NOW - MINUTE)
    told = of(store, WEIGHT).analysis.told
    assert told[0].value.at_ms > T0
    assert (told[-1].use, told[-1].attempt) == (Use.RETEST, 2)
    assert [each.use for each in told if each.value.unit == "X2"] == [Use.COUNTS]


def test_a_retest_is_one_also_where_the_clock_was_set_back(store: Store) -> None:
    measure(store, WEIGHT, [480.0, 500.0], NOW - 2 * MINUTE, units=["BOX-1", "BOX-2"])
    measure(store, WEIGHT, [500.0], NOW - HOUR, units=["BOX-1"])
    told = of(store, WEIGHT).analysis.told
    assert [(each.value.unit, each.value.value, each.attempt) for each in told] == [
        ("BOX-1", 480.0, 1), ("BOX-2", 500.0, 1), ("BOX-1", 500.0, 2),
    ]  # fmt: skip
    past = look(store, WEIGHT, now_ms=NOW - 30 * MINUTE).chosen  # the first value is of the future by that clock
    assert past is not None
    assert [(each.value.value, each.use) for each in past.analysis.told] == [(500.0, Use.RETEST)]


def test_what_is_left_out_comes_back_when_that_is_undone(store: Store) -> None:
    numbers = measure(store, WEIGHT, spread(30, 500.0, 2.0))
    live = Live()
    assert len(of(store, WEIGHT, live).analysis.points) == 30
    at_ms = T0 + 10 * MINUTE
    [entry] = entries.say(store, [Excluded(2, at_ms, at_ms, WEIGHT, numbers[10])], NOW, "Kim", "dropped")
    found = of(store, WEIGHT, live).analysis
    assert len(found.points) == 29
    left = found.told[10].excluded
    assert left is not None
    assert (left.id, left.who, left.why) == (entry, "Kim", "dropped")
    assert [each.begins for each in found.points].count(True) == 2
    entries.take_back(store, [entry], NOW, "Kim")
    assert len(of(store, WEIGHT, live).analysis.points) == 30


def test_who_took_over_a_signal_has_the_values_of_its_own_time(store: Store) -> None:
    measure(store, WEIGHT, spread(30, 500.0, 2.0), units=[f"U{n}" for n in range(30)])
    since_ms = T0 + 30 * MINUTE
    with store.transaction() as db:
        row = db.execute("SELECT * FROM characteristics WHERE code = 'WT'")
        columns = dict(zip([name for name, *_ in row.description], row.fetchone(), strict=True))
        register.retire_others(db, "characteristics", {BORE, BURR}, since_ms)
        del columns["id"]
        new = register.upsert(db, "characteristics", {"code": "NET"}, {**columns, "code": "NET", "name": "실중량"})
        register.audit(db, since_ms, "", "config import", "", "", "")
    assert of(store, new).analysis.told == ()
    assert of(store, WEIGHT).characteristic.id != WEIGHT, "what is measured no more is not looked at"
    measure(store, WEIGHT, [501.0, 502.0], since_ms, units=["U0", "U99"])
    found = of(store, new).analysis
    assert [each.value.value for each in found.told] == [501.0, 502.0]
    assert [each.use for each in found.told] == [Use.COUNTS, Use.COUNTS], "no retest of what the other one measured"


def test_who_lost_a_signal_keeps_the_values_of_its_time(store: Store) -> None:
    measure(store, WEIGHT, spread(30, 500.0, 2.0))
    one = LINE[LINE.index('[[characteristic]]\ncode = "WT"') : LINE.index('[[characteristic]]\ncode = "BURR"')]
    both = one.replace('signal = "scale/weight"\n', "") + one.replace('"WT"', '"NET"').replace("포장 중량", "실중량")
    configuration.apply(store, configuration.parse(LINE.replace(one, both)))
    measure(store, WEIGHT, [501.0, 502.0], NOW + MINUTE)
    later_ms = NOW + 5 * MINUTE
    new = next(row for row in look(store, now_ms=later_ms).rows if row.characteristic.code == "NET")
    assert [each.value.value for each in new.analysis.told] == [501.0, 502.0]
    assert len(of(store, WEIGHT, now_ms=later_ms).analysis.told) == 30


def test_what_waits_to_be_sampled_stands_behind_what_is_out_of_limits_and_before_the_rest(store: Store) -> None:
    measure(store, BORE, spread(150, 24.01, 0.003), T0)
    measure(store, WEIGHT, [*spread(60, 500.0, 1.0), 520.0], NOW - 61 * MINUTE)
    assert [row.state for row in look(store).rows] == [State.OUTSIDE, State.NO_VALUES, State.FEW]
    found = {}
    for row in look(store).rows:
        of = row.characteristic
        for how in ("due", "late", "missed"):
            sample = CheckRow(of.id, 1, "", "", of.name, "sample", "hour", how, T0, T0, T0 + HOUR, asks=how == "missed")
            found[of.code, how] = replace(row, samples=(sample,)).urgency
        found[of.code, ""] = row.urgency
    assert sorted(found, key=lambda key: (found[key], key)) == [
        ("WT", ""), ("WT", "due"), ("WT", "late"), ("WT", "missed"), ("BURR", "missed"), ("ID24", "missed"),
        ("BURR", "late"), ("ID24", "late"), ("BURR", "due"), ("ID24", "due"), ("ID24", ""), ("BURR", ""),
    ]  # fmt: skip


def test_a_subgroup_of_the_chart_stays_as_it_is_whatever_is_measured_and_left_out(store: Store) -> None:
    def made() -> list[tuple[int, ...]]:
        return [tuple(value.id for value in each.values) for each in of(store, BORE).analysis.points]

    every_ms, count = 3 * MINUTE, 1013  # of two days and more, of which not all is read
    begun_ms = NOW - count * every_ms
    numbers = measure(store, BORE, spread(count, 24.01, 0.003), begun_ms, every_ms)
    before = made()
    assert any(numbers.index(each[0]) % 5 for each in before), "a production day begins a subgroup"
    live = Live()
    for turn in range(6):
        measure(store, BORE, [24.01], NOW - 60_000 + turn * 1000)
        now = made()
        assert now == [tuple(v.id for v in each.values) for each in of(store, BORE, live).analysis.points]
        assert now[: len(before) - 1] in (before[:-1], before[1:])
    at_ms = begun_ms + 900 * every_ms
    entries.say(store, [Excluded(1, at_ms, at_ms, BORE, numbers[900])], NOW, "Kim", "chip")
    assert made() == [tuple(number for number in each if number != numbers[900]) for each in now]
    assert of(store, BORE).analysis.told[0].value.id > numbers[0]


def test_another_product_begins_a_run(store: Store) -> None:
    measure(store, WEIGHT, spread(30, 500.0, 2.0))
    entries.say(store, [Ordered(2, T0 + 12 * MINUTE, T0 + 20 * MINUTE, "WO-1", 1)], NOW, "Kim")
    found = of(store, WEIGHT).analysis
    begun = [place for place, each in enumerate(found.points) if each.begins]
    assert begun[0] == 0
    assert 12 in begun


def test_a_look_remembers_what_did_not_change_and_sees_what_did(store: Store) -> None:
    live = Live()
    measure(store, WEIGHT, spread(20, 500.0, 2.0))
    first = of(store, WEIGHT, live).analysis
    assert of(store, WEIGHT, live).analysis is first
    measure(store, WEIGHT, [501.0], T0 + 40 * MINUTE)
    assert len(of(store, WEIGHT, live).analysis.told) == 21
    measure(store, WEIGHT, [502.0], T0 + 30 * MINUTE)
    assert len(of(store, WEIGHT, live).analysis.told) == 22, "also of a time before, where the clock was set back"
    assert of(store, WEIGHT, live, T0 + 5 * MINUTE).analysis.told[-1].value.at_ms == T0 + 5 * MINUTE


def test_a_signal_of_frozen_limits_rings_until_somebody_has_seen_it(store: Store) -> None:
    measure(store, WEIGHT, spread(60, 500.0, 1.0), NOW - 61 * MINUTE)
    live = Live()
    live.line_now(store, NOW)

    def rings() -> list[AlarmNow]:
        return [alarm for alarm in live.line_now(store, NOW).alarms if alarm.kind == "measured" and not alarm.quiet]

    assert rings() == [], "limits that nobody froze ring nobody"
    number = freeze(store, WEIGHT, 500.0, 1.0, NOW - 90 * MINUTE)
    assert of(store, WEIGHT).state is State.STABLE
    measure(store, WEIGHT, [507.0], NOW - 30_000)
    [alarm] = rings()
    assert (alarm.subject, alarm.name, alarm.detail, alarm.since_ms) == ("WT", "포장 중량", "n1", NOW - 30_000)
    assert of(store, WEIGHT).state is State.SIGNAL
    register.acknowledge(store, alarm, NOW - 10_000, "Kim")
    assert rings() == []
    assert of(store, WEIGHT).state is State.STABLE
    seen = live.line_now(store, NOW).seen[0]
    assert (seen.kind, seen.name) == ("measured", "포장 중량")
    measure(store, WEIGHT, [493.0], NOW)
    [again] = rings()
    assert again.since_ms == NOW
    entries.take_back(store, [number], NOW, "Kim")
    assert rings() == []


def open_of(store: Store, characteristic: int, live: Live | None = None, now_ms: int = NOW) -> list[tuple[str, int]]:
    """What rings, after so many looks that all of three days has been looked at."""
    live = live or Live()
    for _look in range(6):
        row = of(store, characteristic, live, now_ms)
    return [(each.rule.value, each.met_ms) for each in row.open]


@pytest.mark.parametrize("then", ["good pieces", "another product"])
def test_a_signal_rings_until_somebody_has_seen_it_whatever_came_after(store: Store, then: str) -> None:
    text = LINE.replace('code = "WT"\n', 'code = "WT"\nproduct = "VH-204"\n').replace(
        "[[gauge]]", '[[product]]\ncode = "VH-300"\nname = "B"\n[[gauge]]', 1
    )
    configuration.apply(store, configuration.parse(text))
    entries.say(store, [Ordered(2, T0 - HOUR, T0 + HOUR, "WO-1", 1), Ordered(2, T0 + HOUR, OPEN_MS, "WO-2", 2)], T0)
    freeze(store, WEIGHT, 500.0, 2.0, T0 - HOUR)
    begun_ms = T0 if then == "good pieces" else T0 + HOUR
    measure(store, WEIGHT, [*[499.0, 501.0] * 20, 507.5], T0 - 42_000, 1000)
    found = [("n1", T0 - 2_000)]
    live = Live()
    assert open_of(store, WEIGHT, live) == found
    measure(store, WEIGHT, [499.0, 501.0] * 250, begun_ms, 5_000)
    for known in (live, Live()):
        assert open_of(store, WEIGHT, known) == found
        assert of(store, WEIGHT, known).state is State.SIGNAL
        [alarm] = [each for each in known.line_now(store, NOW).alarms if each.kind == "measured"]
        assert (alarm.subject, alarm.detail, alarm.since_ms, alarm.quiet) == ("WT", "n1", T0 - 2_000, False)
    if then == "another product":
        assert len(of(store, WEIGHT).analysis.told) == 41
    later_ms = NOW + 66 * HOUR
    assert open_of(store, WEIGHT, now_ms=later_ms - 2_000 - 7 * 1000) == found, "over a weekend"
    assert open_of(store, WEIGHT, now_ms=later_ms) == []
    register.acknowledge(store, alarm, NOW, "Kim")
    for known in (live, Live()):
        assert open_of(store, WEIGHT, known) == []
        assert of(store, WEIGHT, known).state is not State.SIGNAL


def test_what_goes_on_is_the_same_signal_however_long_it_does(store: Store) -> None:
    """What was acknowledged does not ring again as the chart moves on, nor where it is read anew."""
    freeze(store, WEIGHT, 500.0, 2.0, T0)
    numbers = [*[499.0, 501.0] * 10, *[501.0] * 100]
    measure(store, WEIGHT, numbers, T0 + MINUTE, 10_000)
    met_ms = T0 + MINUTE + (19 + 8) * 10_000
    assert open_of(store, WEIGHT) == [("n2", met_ms)]
    row = of(store, WEIGHT)
    register.acknowledge(store, AlarmNow(AlarmKind.MEASURED, "WT", "", met_ms, 0), T0 + 10 * MINUTE, "Kim")
    live = Live()
    assert open_of(store, WEIGHT, live) == []
    for turn in range(3):
        measure(store, WEIGHT, [501.0] * 100, T0 + (20 + turn * 20) * MINUTE, 10_000)
        assert open_of(store, WEIGHT, live) == open_of(store, WEIGHT) == []
        assert [(each.rule, each.first, each.last) for each in row.analysis.findings] == [("n2", 0, 84)]


@pytest.mark.parametrize("seed", range(2))
def test_a_chart_that_was_followed_is_the_one_that_is_read(store: Store, seed: int) -> None:
    """Whatever is measured, left out, made, frozen and taken back, and also where the clock is set back."""
    rng, live, now_ms, ids = random.Random(seed), Live(), T0 + 40 * HOUR, dict[int, list[tuple[int, int]]]()
    for of_, centre, sigma in ((BORE, 24.01, 0.003), (WEIGHT, 500.0, 2.0)):
        freeze(store, of_, centre, sigma, T0 - 20 * HOUR)
        numbers = [round(rng.gauss(centre, sigma * 1.2), 4) for _n in range(400)]
        begun_ms, every_ms = now_ms - 60 * HOUR, 8 * MINUTE
        found = measure(store, of_, numbers, begun_ms, every_ms, [f"{of_}-{rng.randrange(380)}" for _n in numbers])
        ids[of_] = [(number, begun_ms + n * every_ms) for n, number in enumerate(found)]
    said: list[int] = []
    for _turn in range(8):
        of_, centre, sigma = rng.choice(((BORE, 24.01, 0.003), (WEIGHT, 500.0, 2.0)))
        now_ms += rng.choice((MINUTE, 10 * MINUTE, 50 * MINUTE)) if rng.random() < 0.9 else -20 * MINUTE
        what = rng.randrange(10)
        if what < 7:
            count = rng.choice((1, 1, 3, 12))
            units = [rng.choice((f"{of_}-{rng.randrange(380)}", f"N{now_ms}-{n}")) for n in range(count)]
            measure(store, of_, [rng.gauss(centre, sigma * 2) for _n in units], now_ms - count * 1000, 1000, units)
        elif what == 7:
            number, at_ms = rng.choice(ids[of_])
            said += entries.say(store, [Excluded(of_, at_ms, at_ms, of_, number)], now_ms, "Kim", "chip")
        elif what == 8:
            said += entries.say(store, [Ordered(2, now_ms - HOUR, OPEN_MS, "WO-1", 1)], now_ms)
        elif said:
            entries.take_back(store, [said.pop()], now_ms)
        for each in (BORE, WEIGHT):
            assert open_of(store, each, live, now_ms) == open_of(store, each, now_ms=now_ms)
            one, other = of(store, each, live, now_ms), of(store, each, now_ms=now_ms)
            assert (one.state, one.analysis.points) == (other.state, other.analysis.points)
            for name in ("told", "findings", "capability", "capable", "first_pass", "retests", "own", "fresh"):
                assert getattr(one.analysis, name) == getattr(other.analysis, name), name


def test_a_chart_begins_anew_with_each_version_of_its_limits(store: Store) -> None:
    measure(store, BORE, spread(150, 24.01, 0.003), T0)
    freeze(store, BORE, 24.01, 0.003, T0 + 50 * MINUTE)
    freeze(store, BORE, 24.01, 0.002, T0 + 100 * MINUTE, 2)
    found = of(store, BORE).analysis
    assert found.chart_limits is not None
    assert (found.chart_limits.version, found.sigma, found.kind) == (2, 0.002, "xbar_r")
    assert [place for place, each in enumerate(found.points) if each.begins] == [0, 10, 20]
    assert found.fresh == 20


def test_what_was_entered_by_hand_stands_in_the_history_of_its_unit(store: Store) -> None:
    measure(store, BORE, [24.05], units=["VH-1"])
    at_ms = T0 + MINUTE
    told = [Measured(1, at_ms, at_ms, BORE, 24.02, "VH-1"), Measured(1, at_ms, at_ms, BURR, 0.3, "VH-1")]
    numbers = entries.say(store, told, NOW, "Lee")

    def known() -> dict[str, tuple[tuple[float | None, ...], tuple[str, ...]]]:
        found = summaries.trace_code(store, "VH-1", NOW)
        rows = [*(value for row in found.passages for value in row.values), *found.unplaced]
        return {value.name: (value.values, value.judgements) for value in rows}

    assert known() == {
        "내경 Ø24": ((24.05, 24.02), ("reject", "good")),
        "버 높이": ((0.3,), ("reject",)),
    }
    entries.take_back(store, numbers, NOW, "Lee")
    assert known() == {"내경 Ø24": ((24.05,), ("reject",))}


def test_how_the_gauge_stands_is_known_until_something_else_is_said(store: Store) -> None:
    live = Live()

    def stands() -> GaugeState:
        found = of(store, BORE, live).calibration
        assert found is not None
        return found.state

    assert of(store, WEIGHT, live).calibration is None
    assert stands() is GaugeState.UNKNOWN
    entries.say(store, [Calibrated(0, T0, NOW + 400 * 24 * HOUR, 1, good=True)], T0, "Kim")
    assert stands() is GaugeState.GOOD
    entries.say(store, [Calibrated(0, NOW, OPEN_MS, 1, good=False, note="+3 µm")], NOW, "Kim")
    assert stands() is GaugeState.FAILED


def test_who_changed_the_limits_last_stands_with_them(store: Store) -> None:
    """Of those that never were others it is the import that brought them."""
    found = summaries.measuring_now(Live(), store, NOW, BORE).chosen
    assert found is not None
    assert found.changed is not None
    brought = found.changed
    with store.transaction() as db:
        before = limits_of(db)
        db.execute("UPDATE characteristic_limits SET high = 24.04 WHERE high = 24.03")
        note_limits(db, before, NOW - HOUR, "Kim", "drawing changed")
    found = summaries.measuring_now(Live(), store, NOW, BORE).chosen
    assert found is not None
    assert found.changed is not None
    assert found.changed.id > brought.id
    assert (found.changed.at_ms, found.changed.who, found.changed.why) == (NOW - HOUR, "Kim", "drawing changed")
    rows = dict(capability_face(found, NOW, "Asia/Seoul").rows)
    assert rows["Specified"].endswith("· Kim")
