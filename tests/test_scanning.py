"""What a scanned wish comes to: which stop, which machines, which pieces, and why not; through a real file."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop import scanning, summaries
from desktop.clock import PlantClock
from desktop.configuration import orders
from desktop.domain.commands import Call, Command, Kind, write
from desktop.domain.dialogue import PATIENCE_MS, Said, Say
from desktop.domain.entries import (
    OPEN_MS,
    Attended,
    Booked,
    Called,
    Closed,
    Entry,
    Labelled,
    Left,
    Ordered,
    OrderEnded,
    Phase,
    Placed,
)
from desktop.domain.events import Event, EventKind
from desktop.domain.people import Person, PersonRole
from desktop.domain.spans import Span
from desktop.scanning import Hearing
from desktop.store import database, entries, people, register, scan_answers, upkeep
from desktop.store.database import Store
from desktop.store.scan_answers import Scan
from tests.store.example import MACHINE, MINUTE, make_older
from tests.test_live import COUNTING, START
from tests.test_stops import Floor, rows, shop  # noqa: F401

REASON, OTHER = write(Command(Kind.REASON, "R01")), write(Command(Kind.REASON, "R02"))
ENTER, UNDO, BURR = write(Command(Kind.ENTER)), write(Command(Kind.UNDO)), write(Command(Kind.SCRAP, "D01"))
PRESS, WASH = 1, 2  # two scanners


class Hall:
    """Scanners in a hall, at moments of a shift that runs from minute 0 to 120."""

    def __init__(self, store: Store) -> None:
        self.store, self.floor, self.hearing = store, Floor(store, MACHINE, COUNTING), Hearing(store)
        self.number = 0

    def scan(
        self, minute: float, *codes: str, scanner: int = PRESS, home: int | None = MACHINE, late: float = 0
    ) -> list[Say]:
        """What is answered to the last code. `late`: so many minutes later it is carried out."""
        says: tuple[Say, ...] = ()
        for code in codes:
            self.number += 1
            at_ms = START + round(minute * MINUTE)
            set_clock(self.store, at_ms + round(late * MINUTE))
            pages = scanning.read_book(self.store, register.plant(self.store))
            scan = Scan(at_ms * 1000 + self.number, at_ms + self.number, scanner, home, code)
            says = self.hearing.carry_out(scan, home, None, pages).says
        return list(says)

    def said(self, minute: float, *codes: str, **more: object) -> Said:
        return self.scan(minute, *codes, **more)[-1].said  # type: ignore[arg-type]

    def standing(self) -> list[Entry]:
        return list(entries.standing(self.store, Span(0, 1 << 52)))

    def labels(self) -> list[tuple[float | None, float | None, int]]:
        """From minute to minute (None: open), and the reason."""
        told = [entry.said for entry in self.standing() if isinstance(entry.said, Labelled)]
        return [(_minute(each.start_ms), _minute(each.end_ms), each.reason) for each in told]


def _minute(at_ms: int) -> float | None:
    return None if at_ms == OPEN_MS else (at_ms - START) / MINUTE


def set_clock(store: Store, at_ms: int) -> None:
    store.clock = PlantClock(at_ms, 0, 0.0)


@pytest.fixture
def hall(shop: Store) -> Hall:  # noqa: F811
    with shop.transaction() as db:
        register.upsert(db, "scrap_reasons", {"code": "D01"}, {"name": "버", "group_name": "", "icon": "", "place": 0})
        register.audit(db, START, "", "import", "", "", "")
    return Hall(shop)


# -- which stop --


def test_the_stop_that_goes_on_is_meant_and_its_reason_ends_with_it(hall: Hall) -> None:
    hall.floor.states(20, "stop")
    assert hall.said(25, REASON) is Said.ENTERED
    hall.floor.states(30, "run")
    hall.floor.states(40, "stop")
    found = summaries.stops_now(summaries.Live(), hall.store, START + 45 * MINUTE)
    assert [start for start, _end in rows(found)] == [40], "the next stop asks anew"
    assert [(row.reason, row.length_ms // MINUTE) for row in found.said] == [("설비 고장", 10)]


def test_a_standstill_of_seconds_takes_a_reason_before_it_is_a_stop(hall: Hall) -> None:
    hall.floor.states(20, "stop")
    assert hall.said(20.5, REASON) is Said.ENTERED
    hall.floor.tell(24)
    found = summaries.stops_now(summaries.Live(), hall.store, START + 24 * MINUTE)
    assert rows(found) == []
    assert [(row.reason, row.length_ms // MINUTE) for row in found.said] == [("설비 고장", 4)]


def test_a_stop_that_waits_comes_before_a_standstill_of_seconds(hall: Hall) -> None:
    for minute, word in ((10, "stop"), (14, "run"), (20, "stop")):
        hall.floor.states(minute, word)
    assert hall.said(20.5, REASON) is Said.ENTERED
    assert hall.labels() == [(10, 14, 1)]


@pytest.mark.parametrize(("minute", "said"), [(43, Said.ENTERED), (44.5, Said.NO_STOP)])
def test_half_an_hour_after_its_end_a_stop_takes_no_reason_by_scan(hall: Hall, minute: float, said: Said) -> None:
    hall.floor.states(10, "stop")
    hall.floor.states(14, "run")
    hall.floor.tell(minute)
    assert hall.said(minute, REASON) is said


def test_the_same_scanner_may_say_another_reason_and_nobody_else(hall: Hall) -> None:
    hall.floor.states(20, "stop")
    assert hall.said(24, REASON) is Said.ENTERED
    assert hall.scan(25, OTHER, scanner=WASH) == [Say(Said.HAS_REASON, Kind.REASON, "설비 고장", "PR-01")]
    assert hall.said(25, OTHER) is Said.ENTERED
    assert [label[2] for label in hall.labels()] == [1, 2]
    hall.floor.states(30, "run")
    assert hall.said(31, REASON, scanner=WASH) is Said.HAS_REASON
    assert hall.said(31, REASON) is Said.ENTERED, "and after it is over"


def test_a_reason_that_is_scanned_again_is_not_entered_again(hall: Hall) -> None:
    hall.floor.states(20, "stop")
    assert [hall.said(minute, REASON) for minute in (24, 25)] == [Said.ENTERED, Said.ENTERED]
    assert len(hall.labels()) == 1
    assert hall.said(26, UNDO) is Said.TAKEN_BACK
    assert hall.labels() == []


def test_a_reason_of_the_shift_before_is_found_in_the_first_minutes_of_the_next(hall: Hall) -> None:
    hall.floor.states(110, "stop")
    hall.floor.states(118, "run")
    assert hall.said(125, REASON) is Said.ENTERED
    assert hall.labels() == [(110, 118, 1)]


def test_a_scan_that_is_carried_out_hours_later_means_its_own_moment(hall: Hall) -> None:
    for minute, word in ((20, "stop"), (30, "run"), (130, "stop"), (140, "run")):
        hall.floor.states(minute, word)
    assert hall.said(25, REASON, late=130) is Said.ENTERED
    assert hall.labels() == [(20, 30, 1)]


def test_a_closed_shift_takes_nothing_by_scan(hall: Hall) -> None:
    hall.floor.states(20, "stop")
    hall.floor.states(30, "run")
    assert hall.said(31, REASON) is Said.ENTERED
    entries.say(hall.store, [Closed(0, START + 32 * MINUTE, START + 32 * MINUTE)], START + 32 * MINUTE)
    before = entries.newest(hall.store)
    assert hall.said(33, OTHER) is Said.CLOSED
    assert hall.said(33, BURR, ENTER) is Said.CLOSED
    assert hall.said(33, UNDO) is Said.CLOSED
    assert entries.newest(hall.store) == before
    assert hall.said(34, write(Command(Kind.CALL, Call.MAINTENANCE))) is Said.ENTERED, "help is wanted all the same"


def test_a_shift_that_is_closed_between_looking_and_writing_takes_nothing(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.floor.states(20, "stop")
    real = scanning.mean

    def slow(*given: object, **named: object) -> object:
        found = real(*given, **named)  # type: ignore[arg-type]
        entries.say(hall.store, [Closed(0, START + 24 * MINUTE, START + 24 * MINUTE)], START + 24 * MINUTE)
        return found

    monkeypatch.setattr(scanning, "mean", slow)
    assert hall.said(25, REASON) is Said.CLOSED
    assert hall.labels() == []


def test_who_is_quicker_between_looking_and_writing_is_told(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.floor.states(20, "stop")
    real = scanning.mean
    found = summaries.stops_now(summaries.Live(), hall.store, START + 24 * MINUTE).open
    stop = next(row for row in found if row.machine == MACHINE)
    quicker = Labelled(MACHINE, stop.start_ms, OPEN_MS, stop.id, 2)

    def slow(*given: object, **named: object) -> object:
        found = real(*given, **named)  # type: ignore[arg-type]
        if entries.newest(hall.store) == 0:
            entries.say(hall.store, [quicker], START + 24 * MINUTE, "이수민")
        return found

    monkeypatch.setattr(scanning, "mean", slow)
    assert hall.scan(24, REASON) == [Say(Said.HAS_REASON, Kind.REASON, "자재대기", "PR-01", who="이수민")]
    assert [label[2] for label in hall.labels()] == [2]


# -- undo --


def test_undo_passes_over_what_was_taken_back_on_a_screen(hall: Hall) -> None:
    hall.floor.states(20, "stop")
    assert hall.said(24, REASON) is Said.ENTERED
    assert hall.said(25, OTHER) is Said.ENTERED
    entries.take_back(hall.store, [hall.standing()[-1].id], START + 26 * MINUTE)
    assert hall.scan(27, UNDO) == [Say(Said.TAKEN_BACK, Kind.REASON, "설비 고장", "PR-01")]
    assert hall.standing() == []
    assert hall.said(28, UNDO) is Said.NOTHING_TO_UNDO


def test_undo_takes_nothing_of_yesterday_and_nothing_that_was_refused(hall: Hall) -> None:
    assert hall.said(5, REASON) is Said.NO_STOP
    assert hall.said(5, UNDO) is Said.NOTHING_TO_UNDO
    hall.floor.states(20, "stop")
    assert hall.said(24, REASON) is Said.ENTERED
    assert hall.said(24 + 13 * 60, UNDO) is Said.NOTHING_TO_UNDO
    assert len(hall.standing()) == 1


# -- orders, products, pieces --


def test_a_product_without_a_machine_begins_wherever_it_can_be_made(hall: Hall) -> None:
    orders.enter(hall.store, [{"code": "WO-1", "product": "P", "quantity": 9, "machine": "WS-01"}], at_ms=START)
    product, order = write(Command(Kind.PRODUCT, "P")), write(Command(Kind.ORDER_START, "WO-1"))
    assert hall.said(10, product, home=None) is Said.ENTERED
    assert [e.said.machine for e in hall.standing() if isinstance(e.said, Ordered)] == [MACHINE, COUNTING]
    assert hall.said(11, product, home=None) is Said.RUNS_ALREADY
    assert hall.said(12, order, home=None) is Said.ENTERED
    last = hall.standing()[-1].said
    assert isinstance(last, Ordered)
    assert (last.machine, last.order, last.quantity) == (COUNTING, "WO-1", 9)
    assert hall.said(13, order, home=COUNTING) is Said.RUNS_ALREADY
    assert hall.said(14, write(Command(Kind.ORDER_FINISH, "WO-1")), home=None) is Said.ENTERED
    assert isinstance(hall.standing()[-1].said, OrderEnded)
    assert hall.said(15, UNDO, home=None) is Said.TAKEN_BACK
    assert hall.said(16, write(Command(Kind.ORDER_FINISH, "WO-1")), home=MACHINE) is Said.RUNS_NOT
    with hall.store.transaction() as db:
        register.upsert(db, "products", {"code": "Z"}, {"name": "Z"})
        register.audit(db, START, "", "import", "", "", "")
    assert hall.said(17, write(Command(Kind.PRODUCT, "Z")), home=None) is Said.NO_MACHINE


def test_scrap_of_more_than_was_made_is_refused(hall: Hall) -> None:
    for minute in (5, 6, 7):
        hall.floor.piece(minute)
    assert hall.scan(8, BURR, write(Command(Kind.DIGIT, "9")), ENTER, home=COUNTING) == [
        Say(Said.NOT_MADE, Kind.SCRAP, "버", "WS-01", 3)
    ]
    assert hall.said(9, BURR, write(Command(Kind.DIGIT, "2")), ENTER, home=COUNTING) is Said.ENTERED
    day = summaries.machine_day(hall.store, COUNTING, START + 10 * MINUTE).machine
    assert (day.good, day.reject) == (1, 2)
    [booked] = [e.said for e in hall.standing() if isinstance(e.said, Booked)]
    assert (booked.pieces, booked.reason) == (2, 1)


# -- help and people --


def test_who_comes_to_a_call(hall: Hall) -> None:
    quality, here = write(Command(Kind.CALL, Call.QUALITY)), write(Command(Kind.ARRIVED))
    assert hall.said(5, here) is Said.NO_CALL
    assert hall.said(6, quality) is Said.ENTERED
    assert hall.said(7, quality) is Said.CALLED
    assert hall.said(8, here) is Said.ENTERED
    said = [entry.said for entry in hall.standing()]
    assert isinstance(said[0], Called)
    assert isinstance(said[1], Phase)
    assert (said[0].what, said[1].what) == ("quality", "begun")


def test_a_badge_signs_and_places_until_the_shift_changes(hall: Hall) -> None:
    people.put(hall.store, Person(0, "김정호", badge="0412"), START)
    people.put(hall.store, Person(0, "박서연", role=PersonRole.SUPERVISOR, badge="0500"), START)
    kim, park = write(Command(Kind.PERSON, "0412")), write(Command(Kind.PERSON, "0500"))
    hall.floor.states(20, "stop")
    assert hall.said(21, kim) is Said.PERSON
    assert hall.said(24, REASON) is Said.ENTERED
    assert hall.said(25, kim, scanner=WASH, home=COUNTING) is Said.PERSON
    moved = [e.said for e in hall.standing() if isinstance(e.said, Attended | Placed | Left)]
    assert [(type(each), each.machine, (each.start_ms - START) // MINUTE) for each in moved] == [
        (Attended, 0, 0), (Placed, MACHINE, 21), (Left, MACHINE, 25), (Placed, COUNTING, 25),
    ]  # fmt: skip
    assert hall.said(26, park) is Said.PERSON
    assert hall.said(27, OTHER) is Said.ENTERED
    assert len([e for e in hall.standing() if isinstance(e.said, Placed)]) == 2, "a supervisor goes everywhere"
    hall.floor.states(100, "run")
    hall.floor.states(125, "stop")  # in the next shift nobody has shown a badge
    assert hall.said(130, REASON) is Said.ENTERED
    assert [e.who for e in hall.standing() if isinstance(e.said, Labelled)] == ["김정호", "박서연", ""]


# -- the collector's part --


def command(hall: Hall, minute: float, code: str, flag: str = "") -> Event:
    at_ms = START + round(minute * MINUTE)
    book = hall.floor.book
    return Event(
        book.next_id(at_ms), EventKind.SCAN, at_ms, COUNTING, 3, signal=6, word=code, detail="command", flag=flag
    )


def test_scans_in_the_journal_are_carried_out_once_in_their_order(hall: Hall) -> None:
    scans = [command(hall, 5, BURR), command(hall, 5.1, BURR, "duplicate"), command(hall, 5.2, REASON)]
    hall.floor.tell(5, *scans)
    set_clock(hall.store, START + 6 * MINUTE)
    assert hall.hearing.carry_out_waiting() == 2
    assert hall.hearing.carry_out_waiting() == 0
    assert Hearing(hall.store).carry_out_waiting() == 0, "nor after a restart"
    says = [say.said for answer in scan_answers.since(hall.store, 0, 0) for say in answer.says]
    assert says == [Said.HOW_MANY, Said.DROPPED, Said.ENTERED]


def test_looking_for_commands_does_not_read_the_journal(hall: Hall) -> None:
    """However long ago the last one was."""
    asked: list[str] = []
    hall.store.connection.set_trace_callback(asked.append)
    assert scan_answers.waiting(hall.store) == []
    hall.store.connection.set_trace_callback(None)
    [sql] = [each for each in asked if "FROM events" in each]
    plan = " ".join(row[3] for row in hall.store.connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())
    assert "events_command" in plan


def test_who_goes_away_within_a_sentence_is_told_so(hall: Hall) -> None:
    hall.floor.tell(5, command(hall, 5, BURR))
    set_clock(hall.store, START + 5 * MINUTE)
    hall.hearing.carry_out_waiting()
    again = Hearing(hall.store)  # a collector that was started meanwhile
    again.say_late(START + 5 * MINUTE + PATIENCE_MS)
    assert len(scan_answers.since(hall.store, 0, 0)) == 1
    again.say_late(START + 5 * MINUTE + PATIENCE_MS + 1)
    again.say_late(START + 5 * MINUTE + PATIENCE_MS + 2)
    [_asked, late] = scan_answers.since(hall.store, 0, 0)
    assert (late.says[0].said, late.machine) == (Said.TOO_LATE, COUNTING)


def test_a_fault_of_ours_costs_one_scan_and_is_said(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = scanning.mean

    def fail(*given: object, **named: object) -> object:
        monkeypatch.setattr(scanning, "mean", real)
        raise ZeroDivisionError

    monkeypatch.setattr(scanning, "mean", fail)
    hall.floor.states(1, "stop")
    hall.floor.tell(5, command(hall, 5, REASON), command(hall, 5.1, REASON))
    set_clock(hall.store, START + 6 * MINUTE)
    assert hall.hearing.carry_out_waiting() == 2
    assert [answer.says[0].said for answer in scan_answers.since(hall.store, 0, 0)] == [Said.FAILED, Said.ENTERED]
    assert "could not be carried out" in caplog.text


def test_an_entry_and_its_answer_are_written_together_or_not_at_all(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.floor.states(20, "stop")
    real = scan_answers.put

    def full(*_given: object) -> int:
        raise database.KnownError("The disk is full.")

    monkeypatch.setattr(scan_answers, "put", full)
    with pytest.raises(database.KnownError, match="full"):
        hall.scan(24, REASON)
    assert entries.newest(hall.store) == 0
    monkeypatch.setattr(scan_answers, "put", real)
    assert hall.said(24, REASON) is Said.ENTERED
    assert upkeep.check(hall.store) == []


def test_what_was_scanned_before_an_update_is_not_carried_out(tmp_path: Path) -> None:
    make_older(tmp_path)
    connection = database.sqlite3.connect(str(database.path_of(tmp_path)))
    before = connection.execute("SELECT max(id) FROM events").fetchone()[0]
    connection.close()
    store = database.open_writer(tmp_path)
    try:
        assert store.row("SELECT scan FROM carried_out")[0] == (before or 0)
        assert scan_answers.waiting(store) == []
    finally:
        store.close()
