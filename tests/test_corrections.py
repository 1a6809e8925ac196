"""Corrections that cannot be are told before they are stored, and those that become impossible are findings."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from desktop import control, summaries
from desktop.configuration import orders as sheet
from desktop.domain.adjust import BookingKind
from desktop.domain.entries import OPEN_MS, Booked, Closed, Ordered
from desktop.domain.spans import Span
from desktop.reports import json_file
from desktop.reports.sentences import quality_notes
from desktop.store import entries, register
from desktop.store.database import KnownError, Store
from desktop.summaries import corrections
from desktop.summaries.now import Live
from tests import test_entered
from tests.store.example import MACHINE
from tests.test_entered import OTHER, Floor, at, halves, say
from tests.test_orders import row

entered = test_entered.shop
KIND = BookingKind


@pytest.fixture
def shop(entered: Store) -> Store:
    """Ninety minutes of a piece each half minute, then twelve pieces only from 09:30 on."""
    floor = Floor(entered)
    floor.makes(*halves(0.5, 55), *range(62, 74))
    say(entered, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 500))
    return entered


def booked(minute: float, kind: KIND, pieces: int, product: int | None = 1) -> Booked:
    return Booked(MACHINE, at(minute), at(minute), kind, pieces, 1, product)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (booked(70, KIND.LATE_REJECT, 40), "Only 12 good pieces were counted in that hour; 40 cannot be taken off."),
        (
            booked(99.9, KIND.LATE_REJECT, 140),
            "Only 122 good pieces were counted in that shift; 140 cannot",
        ),
        (booked(20, KIND.REJECT_REASON, 1), "Only 0 rejects were counted in that shift; 1 cannot be among them."),
        (booked(20, KIND.EMPTY_STROKE, 3, OTHER), "This product was not made in that shift."),
        (booked(20, KIND.LATE_REJECT, -3), "So many pieces were not booked in that shift; they cannot be taken back."),
        (booked(20, KIND.REWORKED, 1), "Only 0 pieces are in rework; 1 cannot come out of it."),
        (booked(20, KIND.REWORKED, -5), "Fewer than none cannot have come out of rework."),
        (Booked(MACHINE, at(40), at(30), KIND.UNCOUNTED, 2), "That time ends before it begins."),
        (booked(20, KIND.MASTER_PIECE, 0), "Say how many pieces it were."),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(shop: Store, said: Booked, words: str) -> None:
    with pytest.raises(KnownError) as told:
        corrections.refuse(shop, [said], at(100))
    assert str(told.value).startswith(words)


def test_nothing_of_it_is_stored(shop: Store) -> None:
    newest = entries.newest(shop)
    with pytest.raises(KnownError, match="140 cannot be taken off"):
        control.enter(shop.folder, [booked(70, KIND.LATE_REJECT, 2), booked(99.9, KIND.LATE_REJECT, 140)])
    assert entries.newest(shop) == newest
    assert len(control.enter(shop.folder, [booked(70, KIND.LATE_REJECT, 2)])) == 1


def test_what_fits_is_taken_and_together_no_more_than_there_is(shop: Store) -> None:
    corrections.refuse(shop, [booked(70, KIND.LATE_REJECT, 12), booked(99.9, KIND.EMPTY_STROKE, 110)], at(100))
    with pytest.raises(KnownError, match="Only 122 good"):
        corrections.refuse(shop, [booked(99.9, KIND.LATE_REJECT, 100), booked(99.9, KIND.EMPTY_STROKE, 30)], at(100))
    say(shop, 80, booked(99.9, KIND.LATE_REJECT, 100))
    with pytest.raises(KnownError, match="Only 22 good"):
        corrections.refuse(shop, [booked(99.9, KIND.MASTER_PIECE, 30)], at(100))
    corrections.refuse(shop, [replace(booked(70, KIND.LATE_REJECT, 1), machine=99)], at(100))


def test_one_that_became_impossible_is_a_finding_of_the_report_and_takes_nothing_off(shop: Store) -> None:
    say(shop, 80, booked(70, KIND.LATE_REJECT, 200))
    shift = summaries.find_shift(shop, "current", at(100))
    report = summaries.shift_report(shop, shift, at(100))
    told = "PR-01 (200): a correction does not fit what was counted and changes nothing"
    assert told in quality_notes(report)
    assert {"flag": "booking_refused", "about": "PR-01 (200)"} in json.loads(json_file.render(report))["flags"]
    [order] = [o for o in report.orders if o.code == "WO-1"]
    assert (report.machines[0].good, order.made) == (122, 122), "the order counts what the boxes hold"


def test_rework_by_hand_counts_for_the_order_and_never_as_a_first_pass(shop: Store) -> None:
    sheet.enter(shop, [row(machine="PR-01")])
    say(shop, 80, booked(20, KIND.REWORK, 10))
    live = Live()

    def seen(minute: float) -> tuple[int | None, int | None, int, int]:
        now = summaries.work_now(live, shop, at(minute), MACHINE)
        assert now.running is not None
        return now.good, now.reject, now.running.made, now.in_rework

    assert seen(81) == (112, 10, 112, 10)
    corrections.refuse(shop, [booked(81, KIND.REWORKED, 7), booked(81, KIND.REWORK_SCRAP, 3)], at(82))
    with pytest.raises(KnownError, match="Only 3 pieces are in rework"):
        corrections.refuse(shop, [booked(81, KIND.REWORKED, 7), booked(81, KIND.REWORK_SCRAP, 4)], at(82))
    say(shop, 82, booked(81, KIND.REWORKED, 7), booked(81, KIND.REWORK_SCRAP, 2))
    assert seen(83) == (112, 10, 119, 1)
    shift = summaries.find_shift(shop, "current", at(90))
    report = summaries.shift_report(shop, shift, at(90))
    machine = report.machines[0]
    assert machine.kpis.quality == pytest.approx(112 / 122)
    assert machine.iso is not None
    assert (machine.iso.rework_ratio, machine.iso.scrap_ratio) == (pytest.approx(10 / 122), 0)
    assert [(each.kind, each.pieces) for each in report.scrap] == [("rework", 10), ("reworked", 7), ("rework_scrap", 2)]
    assert sum(hour.good or 0 for hour in summaries.line_now(shop, at(90)).machines[0].hours) == 112


def test_late_rejects_make_a_new_edition_of_the_shift_that_made_them_alone(shop: Store) -> None:
    """D20: 3 rejects entered the next day for yesterday's lot: yesterday's revision + 1, today unchanged."""
    first = summaries.find_shift(shop, "2025-11-19/Day", at(200))
    later = summaries.find_shift(shop, "2025-11-19/Late", at(200))
    for shift in (first, later):
        say(shop, 250, Closed(0, shift.span.start_ms, shift.span.end_ms))
    before = [summaries.shift_report(shop, shift, at(260)) for shift in (first, later)]
    corrections.refuse(shop, [booked(119.99, KIND.LATE_REJECT, 3)], at(1500))
    late = Booked(MACHINE, first.span.end_ms - 1, first.span.end_ms - 1, KIND.LATE_REJECT, 3, 1, 1)
    entries.say(shop, [late], at(1500), "kim", "found at the customer's")
    after = [summaries.shift_report(shop, shift, at(1501)) for shift in (first, later)]
    assert [new.revision - old.revision for new, old in zip(after, before, strict=True)] == [1, 0]
    assert [new.machines[0].good for new in after] == [119, before[1].machines[0].good]
    assert first.span == Span(at(0), at(120))


def test_of_two_products_the_one_is_named_whose_pieces_are_too_few(entered: Store) -> None:
    Floor(entered).makes(*range(1, 31))
    say(entered, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 500))
    say(entered, 20.5, Ordered(MACHINE, at(20.5), OPEN_MS, "WO-2", OTHER, 500))
    with pytest.raises(KnownError, match=r"^Only 10 good pieces of .+ were counted in that shift; 15 cannot"):
        corrections.refuse(entered, [booked(31, KIND.LATE_REJECT, 15, OTHER)], at(32))


def test_without_an_ideal_cycle_there_is_a_bound_too(shop: Store) -> None:
    with shop.transaction() as db:
        db.execute("DELETE FROM standards WHERE machine_id = ?", (MACHINE,))
        register.audit(db, at(0), "", "import", "", "", "", "")
    corrections.refuse(shop, [Booked(MACHINE, at(80), at(90), KIND.UNCOUNTED, 6_000)], at(100))
    with pytest.raises(KnownError, match="at most ten pieces a second are taken: 6,000 in that time, and 0 are known"):
        corrections.refuse(shop, [Booked(MACHINE, at(80), at(90), KIND.UNCOUNTED, 6_001)], at(100))
    some = Booked(MACHINE, at(80), at(90), KIND.UNCOUNTED, 4_000)
    with pytest.raises(KnownError, match="6,000 in that time, and 4,000 are known already; 4,000 more cannot be"):
        corrections.refuse(shop, [some, some], at(100))
    just_now = Booked(MACHINE, at(99.9), at(99.9), KIND.UNCOUNTED, 50_000)
    say(shop, 100, just_now)
    hour = Booked(MACHINE, at(0), at(60), KIND.UNCOUNTED_REJECT, 9_800)
    corrections.refuse(shop, [hour], at(100))
    with pytest.raises(KnownError, match="60,000 in that shift so far, and 59,922 are known already; 79 more cannot"):
        corrections.refuse(shop, [hour, Booked(MACHINE, at(80), at(90), KIND.UNCOUNTED, 79)], at(100))


@pytest.mark.parametrize("minutes", [-5, 481, 10**6])
def test_stops_ask_within_eight_hours(shop: Store, minutes: int) -> None:
    with pytest.raises(KnownError, match="from 0 to 480 minutes"):
        control.set_ask_after(shop.folder, minutes)
