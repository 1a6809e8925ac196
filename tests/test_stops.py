"""Stops and their reasons: what is said holds for its stop and no other, on every screen and after every look."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop import control, summaries
from desktop.clock import PlantClock
from desktop.domain.entries import OPEN_MS, Called, Closed, Labelled, Phase, Split
from desktop.domain.events import Event, EventKind
from desktop.domain.figures.stops import StopRow, StopsNow
from desktop.store import entries, register
from desktop.store.database import KnownError, Store
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat
from desktop.summaries import asking_shifts
from desktop.summaries.now import Live
from tests.store.example import MACHINE, MINUTE, count, state
from tests.test_live import COUNTING, START, Shop, open_counting, seen

BREAKDOWN, MATERIAL = 1, 2


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    store = open_counting(tmp_path)
    with store.transaction() as db:
        for place, (code, name, kind) in enumerate(
            (("R01", "설비 고장", "unplanned"), ("R02", "자재대기", "external"))
        ):
            words = {"name": name, "kind": kind, "failure": int(code == "R01"), "place": place, "loss": ""}
            register.upsert(db, "reasons", {"code": code}, words)
        register.audit(db, START, "", "import", "", "", "")
    yield store
    store.close()


class Floor:
    """Facts of the state machine and the counting machine, written minute by minute."""

    def __init__(self, store: Store, *devices: int) -> None:
        self.store, self.book = store, Journal(store)
        self.tell(0, *(self.online(device) for device in devices or (MACHINE,)))
        self.states(0, "run")

    def online(self, device: int) -> Event:
        detail = json.dumps({"kind": ""})
        return Event(self.book.next_id(START), EventKind.DEVICE, START, None, device, word="online", detail=detail)

    def tell(self, minute: float, *events: Event) -> None:
        at_ms = START + round(minute * MINUTE)
        self.book.commit(Batch(events=list(events)), Beat(1, "1", 0, self.store.clock.real_ms(), at_ms, "", 0, 0))

    def states(self, minute: float, word: str) -> None:
        self.tell(minute, state(self.book, START + round(minute * MINUTE), word))

    def alarm(self, minute: float, code: str) -> None:
        at_ms = START + round(minute * MINUTE)
        self.tell(minute, Event(self.book.next_id(at_ms), EventKind.ALARM, at_ms, MACHINE, 1, word=code, detail="압력"))

    def piece(self, minute: float) -> None:
        made = count(self.book, START + round(minute * MINUTE), 1)
        self.tell(minute, replace(made, machine=COUNTING, device=COUNTING))


def now(store: Store, minute: float, stop: tuple[int, int] | None = None) -> StopsNow:
    return summaries.stops_now(Live(), store, START + round(minute * MINUTE), stop)


def rows(found: StopsNow, machine: int = MACHINE) -> list[tuple[float, float | None]]:
    return [minutes(row) for row in found.open if row.machine == machine]


def minutes(row: StopRow) -> tuple[float, float | None]:
    return (row.start_ms - START) / MINUTE, None if row.end_ms is None else (row.end_ms - START) / MINUTE


def say(store: Store, minute: float, row: StopRow, reason: int, whole: bool = False) -> int:
    """As the screen says it: until it is over where it goes on."""
    end_ms = OPEN_MS if row.end_ms is None else row.end_ms
    said = Labelled(row.machine, row.start_ms, end_ms, row.id, reason, row.word)
    return entries.say(store, [said], START + round(minute * MINUTE), "김정호")[0]


def test_the_longest_comes_first_and_a_reason_takes_it_off_the_list(shop: Store) -> None:
    floor = Floor(shop)
    for minute, word in ((5, "stop"), (8, "run"), (20, "stop"), (27, "run")):
        floor.states(minute, word)
    found = now(shop, 40)
    assert rows(found) == [(20, 27), (5, 8)]
    assert found.chosen is not None
    assert minutes(found.chosen) == (20, 27)
    number = say(shop, 40, found.chosen, BREAKDOWN)
    after = now(shop, 41)
    assert rows(after) == [(5, 8)]
    [row] = after.said
    assert (row.entry, row.reason, row.who, row.length_ms) == (number, "설비 고장", "김정호", 7 * MINUTE)
    entries.take_back(shop, [number], START + 42 * MINUTE)
    assert rows(now(shop, 42)) == [(20, 27), (5, 8)]


@pytest.mark.parametrize(("end", "word"), [(15, "run"), (15, "setup")])
def test_the_reason_of_a_stop_that_goes_on_holds_until_it_is_over_and_for_no_other(
    shop: Store, end: int, word: str
) -> None:
    floor = Floor(shop)
    floor.states(10, "stop")
    found = now(shop, 12)
    assert found.chosen is not None
    assert minutes(found.chosen) == (10, None)
    say(shop, 12, found.chosen, MATERIAL)
    [row] = now(shop, 13).said
    assert (row.end_ms, row.length_ms) == (None, 3 * MINUTE)
    floor.states(end, word)
    floor.states(30, "run")
    floor.states(31, "stop")
    after = now(shop, 40)
    assert rows(after) == [(31, None)]
    assert [(row.length_ms, row.end_ms) for row in after.said] == [(5 * MINUTE, START + 15 * MINUTE)]


def test_so_it_is_for_a_machine_that_only_counts(shop: Store) -> None:
    floor = Floor(shop, COUNTING)
    for minute in (1, 1.5, 2):
        floor.piece(minute)
    found = now(shop, 10)
    assert rows(found, COUNTING)[0] == (2.5, None)
    row = found.open[0]
    say(shop, 10, row, MATERIAL)
    floor.piece(20)
    floor.piece(20.5)
    after = now(shop, 40)
    assert rows(after, COUNTING)[0] == (21, None)
    assert [row.length_ms for row in after.said] == [17.5 * MINUTE]


def test_a_silence_that_is_over_may_be_keyed_in_by_hand_and_asks_nobody(shop: Store) -> None:
    """The PC was dead: whoever was there says from the paper form that the machine stood, and half of it is enough."""
    floor = Floor(shop)
    at_ms = START + 12 * MINUTE
    floor.tell(12, replace(floor.online(MACHINE), at_ms=at_ms, word="offline"), state(floor.book, at_ms, "unknown"))
    assert now(shop, 20).open == (), "it goes on"
    at_ms = START + 30 * MINUTE
    floor.tell(30, replace(floor.online(MACHINE), at_ms=at_ms), state(floor.book, at_ms, "run"))
    found = now(shop, 40)
    [gap] = found.open
    assert (gap.silent, gap.asks, gap.unlabelled, found.waiting) == (True, False, False, 0)
    assert (gap.start_ms, gap.end_ms) == (START + 12 * MINUTE, START + 30 * MINUTE)
    half = START + 20 * MINUTE
    [entry] = entries.say(shop, [Labelled(MACHINE, gap.start_ms, half, gap.id, 1)], START + 41 * MINUTE, "김정호")
    after = now(shop, 42)
    assert [(row.start_ms, row.end_ms) for row in after.open] == [(half, START + 30 * MINUTE)], (
        "of the rest nobody knows"
    )
    [said] = after.said
    assert (said.entry, said.length_ms, said.who) == (entry, 8 * MINUTE, "김정호")
    fact = summaries.machine_day(shop, MACHINE, START + 42 * MINUTE)
    assert [i.span.length_ms for i in fact.intervals if i.by_hand] == [8 * MINUTE]
    entries.take_back(shop, [entry], START + 43 * MINUTE)
    assert now(shop, 44).open == found.open


def test_a_reason_without_an_end_does_not_explain_the_silence_that_follows(shop: Store) -> None:
    floor = Floor(shop, COUNTING)
    for minute in (1, 1.5, 2):
        floor.piece(minute)
    row = now(shop, 10).open[0]
    assert (row.machine, minutes(row)) == (COUNTING, (2.5, None))
    say(shop, 10, row, MATERIAL)
    floor.tell(12, replace(floor.online(COUNTING), at_ms=START + 12 * MINUTE, word="offline"))
    [said] = now(shop, 20).said
    assert (said.length_ms, said.end_ms) == (9.5 * MINUTE, START + 12 * MINUTE)
    assert summaries.machine_day(shop, COUNTING, START + 20 * MINUTE).machine.kpis.times.no_data_ms >= 8 * MINUTE


def test_a_reason_never_makes_running_time_a_stop(shop: Store) -> None:
    floor = Floor(shop)
    for minute, word in ((10, "stop"), (15, "run"), (20, "stop"), (25, "run")):
        floor.states(minute, word)
    said = Labelled(MACHINE, START + 10 * MINUTE, START + 25 * MINUTE, 1, BREAKDOWN)  # two stops at once
    entries.say(shop, [said], START + 26 * MINUTE)
    after = now(shop, 30)
    assert rows(after) == []
    assert [row.length_ms for row in after.said] == [10 * MINUTE]


def test_a_stop_that_was_split_is_two_and_whole_again_when_that_is_taken_back(shop: Store) -> None:
    floor = Floor(shop)
    floor.states(20, "stop")
    floor.states(30, "run")
    [row] = now(shop, 40).open
    [number] = entries.say(shop, [Split(MACHINE, START + 24 * MINUTE, row.end_ms or 0, row.id)], START + 40 * MINUTE)
    found = now(shop, 41)
    assert rows(found) == [(24, 30), (20, 24)]
    say(shop, 41, found.open[1], BREAKDOWN)
    assert rows(now(shop, 42)) == [(24, 30)]
    entries.take_back(shop, [number], START + 43 * MINUTE)
    assert rows(now(shop, 43)) == [(24, 30)], "a part that has its reason keeps it"


def test_what_was_said_twice_of_a_time_belongs_to_the_later_word_and_a_label_tells_its_own_time(shop: Store) -> None:
    floor = Floor(shop)
    floor.states(20, "stop")
    floor.states(30, "run")
    [row] = now(shop, 40).open
    first = Labelled(MACHINE, row.start_ms, row.end_ms or 0, row.id, BREAKDOWN)
    half = Labelled(MACHINE, START + 26 * MINUTE, row.end_ms or 0, row.id, BREAKDOWN)
    entries.say(shop, [first], START + 40 * MINUTE, "김정호")
    entries.say(shop, [half], START + 41 * MINUTE, "이수민")
    assert [(said.who, said.length_ms // MINUTE) for said in now(shop, 42).said] == [("이수민", 4), ("김정호", 6)]
    entries.say(shop, [first], START + 42 * MINUTE, "박")
    assert [(said.who, said.length_ms // MINUTE) for said in now(shop, 43).said] == [("박", 10)]
    day = summaries.machine_day(shop, MACHINE, START + 43 * MINUTE)
    assert [row.who for row in day.stops if row.reason] == ["박"]


def test_the_machine_says_why_it_stands_who_said_so_and_when(shop: Store) -> None:
    floor = Floor(shop)
    floor.states(20, "stop")
    [row] = now(shop, 25).open
    say(shop, 25, row, MATERIAL)
    line = summaries.line_now(shop, START + 26 * MINUTE)
    machine = next(m for m in line.machines if m.id == MACHINE)
    assert (machine.reason, machine.said_by, machine.said_at_ms) == ("자재대기", "김정호", START + 25 * MINUTE)
    assert not machine.asks_reason
    assert line.waiting == summaries.machine_day(shop, MACHINE, START + 26 * MINUTE).waiting == 0
    floor.states(27, "run")
    line = summaries.line_now(shop, START + 28 * MINUTE)
    assert next(m for m in line.machines if m.id == MACHINE).reason == ""


def test_a_call_for_help_goes_through_its_phases_and_can_be_taken_back(shop: Store) -> None:
    Floor(shop).states(20, "stop")

    def at(minute: int) -> int:
        return START + minute * MINUTE

    def tell(minute: int, said: Called | Phase) -> int:
        return entries.say(shop, [said], at(minute), "김정호", seen=0)[0]

    number = tell(21, Called(MACHINE, at(21), OPEN_MS, "maintenance"))
    tell(22, Called(MACHINE, at(22), OPEN_MS, "maintenance"))
    [call] = now(shop, 23).calls
    assert (call.entry, call.phase, call.called_ms) == (number, "", at(21)), "called twice is one call"
    line = summaries.line_now(shop, at(23))
    assert next(m for m in line.machines if m.id == MACHINE).call == call
    tell(24, Phase(MACHINE, at(24), at(24), number, "seen"))
    tell(26, Phase(MACHINE, at(26), at(26), number, "begun"))
    [call] = now(shop, 27).calls
    assert (call.seen_ms, call.begun_ms, call.phase) == (at(24), at(26), "begun")
    over = tell(30, Phase(MACHINE, at(30), at(30), number, "over"))
    assert now(shop, 31).calls == ()
    entries.take_back(shop, [over], at(31))
    assert [call.phase for call in now(shop, 32).calls] == ["begun"]
    [row] = now(shop, 33).open
    say(shop, 33, row, MATERIAL)
    assert now(shop, 34).open == (), "a call stands in the way of no reason"
    again = tell(40, Phase(MACHINE, at(40), at(40), number, "over"))
    later = tell(41, Called(MACHINE, at(41), OPEN_MS, "maintenance"))
    assert again < later
    assert [call.entry for call in now(shop, 42).calls] == [later], "after it was done it is another call"


def test_screens_and_report_count_the_same_stops_that_wait(shop: Store) -> None:
    floor = Floor(shop)
    for begun in (10, 20, 40):
        floor.states(begun, "stop")
        floor.states(begun + 6, "run")
    at_ms = START + 60 * MINUTE

    def told() -> tuple[int, ...]:
        line = summaries.line_now(shop, at_ms)
        assert line.shift is not None
        report = summaries.shift_report(shop, line.shift, at_ms)
        andon = sum(row.count for row in line.downtime if not row.labelled)
        printed = sum(row.count for row in report.pareto if not row.labelled)
        return len(now(shop, 60).open), line.waiting, andon, printed

    before = told()
    assert len(set(before)) == 1
    say(shop, 60, next(row for row in now(shop, 60).open if row.machine == MACHINE), MATERIAL)
    assert told() == tuple(count - 1 for count in before)


def test_only_long_stops_ask_and_none_is_hidden(shop: Store) -> None:
    """Between the threshold of a machine and what the shop asks about, a stop is listed; nobody is asked."""
    floor = Floor(shop)
    for begun, length in ((10, 5), (20, 4), (30, 3), (36, 6)):
        floor.states(begun, "stop")
        floor.states(begun + length, "run")
    mine = [row for row in now(shop, 60).open if row.machine == MACHINE]
    assert [(row.length_ms // MINUTE, row.asks) for row in mine] == [(6, True), (5, True), (4, False), (3, False)]
    others = sum(row.asks for row in now(shop, 60).open if row.machine != MACHINE)
    assert summaries.line_now(shop, START + 60 * MINUTE).waiting == now(shop, 60).waiting == 2 + others
    report = summaries.shift_report(shop, summaries.line_now(shop, START + 60 * MINUTE).shift, START + 60 * MINUTE)
    assert sum(row.machine == MACHINE and row.unlabelled for row in report.stops) == 4


def test_the_shop_says_from_which_length_on_a_stop_asks(shop: Store) -> None:
    floor = Floor(shop)
    for begun, length in ((10, 5), (20, 4), (30, 3), (36, 11)):
        floor.states(begun, "stop")
        floor.states(begun + length, "run")
    others = dict(now(shop, 60).asking)
    figures = register.figures_version(shop)
    assert control.set_ask_after(shop.folder, 10, "kim") == 5
    after = now(shop, 60)
    assert after.ask_after_ms == 10 * MINUTE
    assert after.waiting == others[10 * MINUTE]
    assert [row.length_ms // MINUTE for row in after.open if row.asks and row.machine == MACHINE] == [11]
    assert register.figures_version(shop) == figures, "no figure is another one"
    assert control.set_ask_after(shop.folder, 0, "kim") == 10
    assert now(shop, 60).waiting == others[0] == max(others.values())
    assert now(shop, 60).asking == after.asking


def test_a_split_outside_every_stop_changes_nothing(shop: Store) -> None:
    floor = Floor(shop)
    floor.states(20, "stop")
    floor.states(30, "run")
    before = now(shop, 40)
    for minute in (10, 20, 30, 35):
        entries.say(shop, [Split(MACHINE, START + minute * MINUTE, START + 36 * MINUTE, 1)], START + 40 * MINUTE)
    after = now(shop, 40)
    assert [(row.start_ms, row.end_ms, row.length_ms) for row in after.open] == [
        (row.start_ms, row.end_ms, row.length_ms) for row in before.open
    ]


def test_whoever_splits_where_the_machine_ran_is_told_so_and_nothing_is_entered(shop: Store) -> None:
    floor = Floor(shop)
    floor.states(20, "stop")
    floor.states(30, "run")
    shop.clock = PlantClock(START + 40 * MINUTE, 0, 0.0)
    with shop.transaction() as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'clock_plant_ms'", (str(START + 40 * MINUTE),))
    newest = entries.newest(shop)
    for minute in (10, 20, 30, 35):
        split = Split(MACHINE, START + minute * MINUTE, START + 36 * MINUTE, 1)
        with pytest.raises(KnownError, match=rf"did not stand at 08:{minute}:00, so there is nothing to split"):
            control.enter(shop.folder, [split], "kim")
    assert entries.newest(shop) == newest
    assert len(control.enter(shop.folder, [Split(MACHINE, START + 25 * MINUTE, START + 30 * MINUTE, 1)], "kim")) == 1


def test_a_stop_of_the_shift_before_is_given_its_reason_later(shop: Store) -> None:
    floor, live = Floor(shop), Live()
    floor.states(100, "stop")
    floor.states(110, "run")
    floor.states(140, "stop")
    at_ms = START + 150 * MINUTE
    found = summaries.stops_now(live, shop, at_ms)
    assert rows(found) == [(140, None)]
    before = found.shifts[0]
    assert before is not None
    past = summaries.stops_now(live, shop, at_ms, None, before)
    assert rows(past) == [(100, 110)]
    assert (past.shift, past.looked_at, past.waiting) == (found.shift, before, None)
    say(shop, 151, next(row for row in past.open if row.machine == MACHINE), MATERIAL)
    past = summaries.stops_now(live, shop, at_ms + 2 * MINUTE, None, before)
    assert rows(past) == []
    assert [row.length_ms for row in past.said] == [10 * MINUTE]
    assert rows(summaries.stops_now(live, shop, at_ms + 2 * MINUTE)) == [(140, None)]
    assert not past.closed
    entries.say(shop, [Closed(0, before.span.start_ms, before.span.end_ms)], at_ms + 3 * MINUTE)
    assert summaries.stops_now(live, shop, at_ms + 4 * MINUTE, None, before).closed
    assert not summaries.stops_now(live, shop, at_ms + 4 * MINUTE).closed


def test_a_stop_is_found_by_any_moment_of_it(shop: Store) -> None:
    floor = Floor(shop)
    for minute, word in ((5, "stop"), (8, "run"), (20, "stop"), (25, "fault"), (27, "run")):
        floor.states(minute, word)
    found = now(shop, 40, (MACHINE, START + 6 * MINUTE)).chosen
    assert found is not None
    assert minutes(found) == (5, 8)
    gone = now(shop, 40, (MACHINE, START + 15 * MINUTE))
    assert gone.open
    assert gone.chosen is None, "nothing stood then, and no other stop is meant"
    assert now(shop, 40).chosen == gone.open[0], "the longest, where none is asked for"


def test_reasons_that_are_likely_come_first(shop: Store) -> None:
    floor = Floor(shop)
    for minute in (5, 15, 25):
        floor.alarm(minute, "E-104" if minute != 15 else "E-7")
        floor.states(minute, "stop")
        floor.states(minute + 3, "run")
    first, second, third = sorted(now(shop, 60).open, key=lambda row: row.start_ms)
    assert [reason.code for reason in now(shop, 60).reasons] == ["R01", "R02"], "the shop's own order"
    say(shop, 60, second, BREAKDOWN)
    say(shop, 61, first, MATERIAL)
    found = now(shop, 62, (MACHINE, third.start_ms))
    assert found.chosen is not None
    assert found.chosen.word == "E-104 압력"
    assert [(r.code, r.after_alarm, r.alarms, r.uses) for r in found.reasons] == [("R02", 1, 1, 1), ("R01", 0, 1, 1)]


def test_an_alarm_of_the_table_is_a_reason_by_itself_until_somebody_says_otherwise(shop: Store) -> None:
    with shop.transaction() as db:
        row = dict(
            zip(
                [c[1] for c in db.execute("PRAGMA table_info(signals)")],
                db.execute("SELECT * FROM signals WHERE id = 1").fetchone(),
                strict=True,
            )
        )
        row |= {
            "id": 77,
            "key": "alarm",
            "machine_id": MACHINE,
            "role": "alarm",
            "meaning": json.dumps({"reasons": {"E-104": "R01"}}),
        }
        db.execute(f"INSERT INTO signals ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
        register.audit(db, START, "", "import", "", "", "")
    floor = Floor(shop)
    floor.states(10, "stop")
    floor.alarm(10, "E-104")
    floor.states(15, "run")
    floor.alarm(15, "")
    floor.states(20, "stop")
    floor.states(23, "run")
    found = now(shop, 30)
    assert rows(found) == [(20, 23)]
    day = summaries.machine_day(shop, MACHINE, START + 30 * MINUTE)
    [by_alarm] = [row for row in day.stops if row.start_ms == START + 10 * MINUTE]
    assert by_alarm.reason == "설비 고장"
    say(shop, 31, by_alarm, MATERIAL)
    day = summaries.machine_day(shop, MACHINE, START + 32 * MINUTE)
    assert [row.reason for row in day.stops if row.start_ms == START + 10 * MINUTE] == ["자재대기"]


@pytest.mark.parametrize("seed", range(4))
def test_a_look_that_remembers_equals_a_fresh_one_while_people_speak(shop: Store, seed: int) -> None:
    floor, live, numbers = Shop(shop, seed), Live(), list[int]()
    while floor.at_ms < START + 3 * 60 * MINUTE:
        floor.go_on()
        now_ms = floor.at_ms + 1
        shown = live.line_now(shop, now_ms)
        if shown.open_stops and floor.rng.random() < 0.4:
            row = floor.rng.choice(shown.open_stops)
            end_ms = OPEN_MS if row.end_ms is None else row.end_ms
            said = Labelled(row.machine, row.start_ms, end_ms, row.id, floor.rng.choice((BREAKDOWN, MATERIAL)))
            numbers += entries.say(shop, [said], now_ms)
        elif numbers and floor.rng.random() < 0.1:
            entries.take_back(shop, [numbers.pop(floor.rng.randrange(len(numbers)))], now_ms)
        assert seen(live.line_now(shop, now_ms)) == seen(Live().line_now(shop, now_ms))
    assert len(numbers) > 3


def test_the_shifts_that_ask_are_found_one_by_one_and_the_oldest_is_told_when_it_is_sure(
    shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    floor, live, days = Floor(shop), Live(), 4
    for day in range(days):
        floor.states(day * 1440 + 10, "stop")
        floor.states(day * 1440 + 20, "run")
    at_ms = START + (days * 1440 + 30) * MINUTE
    monkeypatch.setattr(asking_shifts, "_REST_S", 0.0)
    clock = itertools.count()
    monkeypatch.setattr(asking_shifts.time, "perf_counter", lambda: float(next(clock)) / 50)  # one shift a look

    def looks() -> list[tuple[int, bool]]:
        found = summaries.stops_now(live, shop, at_ms).waiting_shifts
        return [((each.shift.span.start_ms - START) // MINUTE // 1440, each.settled) for each in found]

    seen = [looks() for _look in range(2 * days + 2)]
    assert seen[0] == [], "the first look does without"
    assert [len(each) for each in seen] == sorted(len(each) for each in seen)
    assert seen[-1] == [(day, True) for day in range(days)]
    assert all(each[0] == (0, True) for each in seen if each and each[0][1]), "no later one is ever called the oldest"
    assert any(each and not each[-1][1] for each in seen), "meanwhile it is not said"
