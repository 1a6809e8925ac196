"""What the report says: order, words, and that it says nothing that is not in the figures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from desktop import text
from desktop.domain import iso22400
from desktop.domain.entries import SafetyKind
from desktop.domain.events import State
from desktop.domain.figures.report import Handover, Remark, ShiftReport
from desktop.domain.figures.stops import ParetoRow
from desktop.domain.intervals import Category
from desktop.reports import json_file
from desktop.reports.blocks import KeyValues, Kind, Pareto, Sentences, Table
from desktop.reports.derived import apart, pareto_bars, share, top_bars, what
from desktop.reports.sections import SECTIONS, build
from tests.reports.example import REPORTS, at, full, hostile, ms, no_data, stop_rows, tiny


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    text.use("en")
    yield
    text.use("en")


def said(report: ShiftReport) -> tuple[str, ...]:
    """The three lines."""
    section = next(section for section in build(report) if section.key == "words")
    return next(block for block in section.blocks if isinstance(block, Sentences)).plain()


def table(report: ShiftReport, key: str) -> Table:
    section = next(section for section in build(report) if section.key == key)
    return next(block for block in section.blocks if isinstance(block, Table))


def keys(report: ShiftReport) -> list[str]:
    return [section.key for section in build(report)]


def test_the_order_is_that_of_the_page() -> None:
    assert keys(full()) == list(SECTIONS)


@pytest.mark.parametrize("name", REPORTS)
def test_every_section_has_a_title_and_rows_as_wide_as_its_columns(name: str) -> None:
    for section in build(REPORTS[name]()):
        assert section.heading.text
        for block in section.blocks:
            if isinstance(block, Table):
                assert block.rows, f"{section.key} leaves an empty frame"
                assert all(len(row) == len(block.columns) for row in block.rows)
                for row in block.rows:
                    for column, value in zip(block.columns, row, strict=True):
                        assert value is None or (column.kind is Kind.TEXT) == isinstance(value, str)


def test_sections_without_data_are_left_out() -> None:
    assert "trace" not in keys(tiny())
    assert "losses" not in keys(no_data())
    assert "downtime" not in keys(no_data())
    for key in ("failures", "calls", "rejects", "scrap", "orders", "changeovers", "measured"):
        assert key in keys(full())
        assert key not in keys(no_data())
    calm = replace(tiny(), machines=tuple(replace(row, reject=0) for row in tiny().machines))
    assert not {"failures", "rejects"} & set(keys(calm)), "no failure and no reject leave no table of zeros"
    titles = [column.title for column in table(tiny(), "scoreboard").columns]
    assert "vs week before" not in titles, "no shift a week before is kept, so there is no empty column"
    assert not {"safety", "handover"} & set(keys(replace(tiny(), handover=Handover()))), "nobody said anything"
    assert keys(replace(full(), machines=(), stops=(), hours=(), gaps=(), handover=Handover())) == [
        "head", "words", "losses", "waits", "scrap", "orders", "changeovers", "measured", "crew", "posts",
        "checks", "trace", "data", "sign_off",
    ]  # fmt: skip


def test_safety_says_what_a_person_said_and_nothing_else() -> None:
    def fields(told: Handover) -> dict[str, object]:
        section = next(s for s in build(replace(full(), handover=told)) if s.key == "safety")
        return {f.name: f.value for block in section.blocks if isinstance(block, KeyValues) for f in block.fields}

    happened = full().handover
    assert fields(happened) == {
        "incident": 0, "near_miss": 1, "estop": 0, "four_m": "Man 1 · Machine 0 · Material 0 · Method 0",
    }  # fmt: skip
    nothing = Remark(1, SafetyKind.NONE, "", "", "김정호", 0)
    said = fields(Handover(safety=(nothing,)))
    assert said == {"incident": 0, "near_miss": 0, "estop": 0, "four_m": "none entered"}
    assert fields(replace(happened, safety=()))["incident"] is None, "nobody has said anything of safety"


def test_open_items_come_with_owner_and_date_and_who_is_late() -> None:
    open_items = table(full(), "handover")
    assert [row[:2] for row in open_items.rows] == [
        ("용접: 용접 와이어 송급 롤러 마모. 교체 후 초품 3개 확인", "이상훈"),
        ("O-링 OR-5521 잔량 320개. 자재 요청함", "정하늘"),
        ("비전 검사: 비전 PLC 스위치 3번 포트 교체", "전산"),
    ]
    assert open_items.marked == {0, 1}, "both should be done by now"


def test_three_lines_of_a_bad_shift() -> None:
    first, second, third = said(full())
    assert first == "40 pieces short of the target (95.9 %). OEE 76.7 %."
    assert second == (
        "The biggest loss of the line (용접) was Downtime, 49 min. "
        "Most downtime of the 8 machines: 와이어 송급 고장, 35 min (2×). Longest stop: 용접 11:18, 20 min. "
        "Starved: 95 min over all machines."
    )
    assert third == "Open: stops without a reason: 1 (4 min)"


def test_three_lines_while_the_shift_runs() -> None:
    first, second, third = said(tiny())
    assert first.startswith("So far: 4 pieces short of the target (91.7 %)")
    assert second == "Nothing stood still for long; the biggest loss was Speed loss, 8 min."
    assert third == "Nothing is open: every stop has its reason and every device answers."


@pytest.mark.parametrize(
    ("good", "target", "start"),
    [
        (976, 976, "Exactly on target: 976 pieces. OEE"),
        (1000, 976, "24 pieces above the target (102.5 %). OEE"),
        (936, None, "936 good pieces; without a standard cycle there is no target. OEE"),
        (None, 976, "How many good pieces were made is not known. OEE"),
        (0, 0, "Nothing is due yet. OEE"),
    ],
)
def test_first_line(good: int | None, target: int | None, start: str) -> None:
    assert said(replace(full(), good=good, target=target))[0].startswith(start)


def test_what_nobody_explained_can_be_the_biggest_loss() -> None:
    bars = (ParetoRow("", Category.STOP, State.STOP, False, ms(50), 3),)
    report = replace(full(), pareto=bars)
    assert "Most downtime of the 8 machines: stops without a reason, 50 min (3×)." in said(report)[1]
    alone = replace(report, machines=report.machines[:1])
    assert said(alone)[1].startswith("The biggest loss was stops without a reason, 50 min (3×).")


def test_a_bare_number_of_a_device_stands_behind_the_state() -> None:
    assert what("217", Category.STOP, State.FAULT) == "Breakdown (217)"
    assert what("E-217", Category.STOP, State.FAULT) == "E-217"
    assert what("", Category.WAIT, State.BLOCKED) == "Blocked"
    assert what("217", Category.STOP, State.STOP, labelled=False) == "Not labelled"


def test_nothing_known_is_not_nothing_lost() -> None:
    first, second, third = said(no_data())
    assert first == "How many good pieces were made is not known. OEE is not known."
    assert second == "No losses are known: no device sent anything in this time."
    assert "프레스 장치, CNC 가공 장치" in third
    assert "offline since 08:00" in third
    for row in table(no_data(), "scoreboard").rows:
        assert row[2:] == (None, None, None, None, None, None, None, None, None, 0.0)


def test_what_goes_on_at_the_end_is_open() -> None:
    stop = replace(stop_rows()[-1], machine_name="포장", start_ms=at("19:50"), end_ms=None, category=Category.STOP)
    gaps = (replace(full().gaps[0], end_ms=None),)
    third = said(replace(full(), stops=(stop,), gaps=gaps))[2]
    assert "포장 stopped since 19:50" in third
    assert "비전 PLC offline since 14:28" in third


def test_a_name_with_marks_and_braces_stays_a_name() -> None:
    bars = (ParetoRow("**{count}** {x}", Category.STOP, stop_rows()[0].state, True, ms(50), 1),)
    section = next(s for s in build(replace(full(), pareto=bars)) if s.key == "words")
    sentence = next(b for b in section.blocks if isinstance(b, Sentences)).items[1]
    assert any("**{count}** {x}, 50 min" in run.text and run.strong for run in sentence)


@pytest.mark.parametrize("name", ["full", "tiny", "hostile"])
def test_the_unlabelled_row_is_last_and_always_there(name: str) -> None:
    block = next(b for s in build(REPORTS[name]()) for b in s.blocks if isinstance(b, Pareto))
    assert [bar.labelled for bar in block.bars].count(False) == 1
    assert not block.bars[-1].labelled
    lengths = [bar.length_ms for bar in block.bars[:-1]]
    assert lengths == sorted(lengths, reverse=True)


def test_the_pareto_closes_at_all_of_the_time() -> None:
    bars = pareto_bars(full())
    assert bars[-1].cumulative == 1
    assert bars[0].cumulative == pytest.approx(95 / 225)
    short = top_bars(bars, 5)
    assert [bar.label for bar in short[-2:]] == ["7 others", "Not labelled"]
    assert sum(bar.length_ms for bar in short) == sum(bar.length_ms for bar in bars)
    assert short[-2].cumulative == bars[-2].cumulative
    assert top_bars(bars, 50) == list(bars)


def test_scoreboard_carries_the_figures_unrounded() -> None:
    report = full()
    board = table(report, "scoreboard")
    assert board.marked == {2}
    for row, machine in zip(board.rows, report.machines, strict=True):
        kpis = machine.kpis
        assert row == (
            machine.name, machine.code, machine.target, machine.good, machine.reject, machine.good - 976,
            machine.good / 976, kpis.availability, kpis.performance, kpis.quality, kpis.oee,
            apart(kpis.oee, machine.week_before_oee), kpis.coverage,
        )  # fmt: skip


def test_hours_run_up_to_the_difference_of_the_shift() -> None:
    rows = table(full(), "hours").rows
    assert [row[5] for row in rows] == [-8, 1, 2, -30, None, 12, -18, 2, 3, -1, 5, -8]
    assert rows[-1][6] == -40 == full().good - full().target  # type: ignore[operator]
    ahead = table(tiny(), "hours").rows
    assert ahead[0][2:7] == (96, 44, 1, -4, -4)
    assert ahead[1][3:7] == (None, None, None, None)


def test_who_still_has_to_say_why_comes_first() -> None:
    stops = table(full(), "stops")
    starts = [row[0] for row in stops.rows]
    assert starts == sorted(starts)
    assert {stops.rows[n][4] for n in stops.marked} == {"Not labelled"}
    assert stops.ranked[0] in stops.marked
    assert sorted(stops.ranked) == list(range(len(stops.rows)))
    assert "Starved" in str(stops.rows[stops.ranked[-1]][4])


def test_data_names_silence_corrections_and_derived_states() -> None:
    section = next(s for s in build(full()) if s.key == "data")
    notes = next(b for b in section.blocks if isinstance(b, Sentences)).plain()
    assert notes == (
        "비전 PLC offline 14:28–14:40 (12 min)",
        "Availability with its bounds: 비전검사 86.0 % (84.3–86.3)",
        "States derived from counts: 세척",
        "Corrections by hand: 1",
    )
    hostile_notes = next(
        b for s in build(hostile()) if s.key == "data" for b in s.blocks if isinstance(b, Sentences)
    ).plain()
    assert sum("faster than the ideal cycle" in note for note in hostile_notes) == 1


def test_what_is_wrong_with_calendar_and_products_is_said_under_data() -> None:
    told = replace(full(), flags=(("shift_swallowed", "Early"), ("no_product", "용접"), ("no_product", "포장")))
    section = next(s for s in build(told) if s.key == "data")
    notes = next(b for b in section.blocks if isinstance(b, Sentences)).plain()
    assert "Early: this shift has no time of its own: another one covers it" in notes
    assert "용접, 포장: the product was not known for part of the time" in notes


def test_oee_is_told_with_and_without_what_was_approved_afterwards() -> None:
    report = full()
    row = report.machines[0]
    late = replace(row, late_kpis=replace(row.kpis, oee=0.7812))
    told = replace(report, machines=(late, *report.machines[1:]))
    section = next(s for s in build(told) if s.key == "data")
    notes = next(b for b in section.blocks if isinstance(b, Sentences)).plain()
    assert "OEE with the stops approved afterwards as planned: 프레스 78.1 %" in notes
    assert table(told, "scoreboard").rows[0][10] == row.kpis.oee
    machines = json_file.as_dict(told)["machines"]
    assert isinstance(machines, list)
    assert [one["late_kpis"] and one["late_kpis"]["oee"] for one in machines] == [0.7812] + [None] * 7


def test_what_is_known_by_hand_alone_is_named() -> None:
    report = full()
    row = report.machines[0]
    parts = (replace(row.intervals[0], by_hand=True), *row.intervals[1:])
    told = replace(report, machines=(replace(row, intervals=parts), *report.machines[1:]))
    section = next(s for s in build(told) if s.key == "data")
    assert "Time known by hand alone: 프레스" in next(b for b in section.blocks if isinstance(b, Sentences)).plain()
    states = table(told, "timelines").rows
    assert str(states[0][6]).endswith(" · by hand")
    assert not any(str(row[6]).endswith("by hand") for row in states[1:])


def test_iso_leaves_out_what_is_not_kept_and_says_so() -> None:
    section = next(s for s in build(full()) if s.key == "iso22400")
    said = next(b for b in section.blocks if isinstance(b, Sentences)).plain()
    assert "What is compared with the execution time of an order is left out: that time is not kept." in said
    ratios = table(full(), "iso22400")
    assert "Allocation ratio" not in [column.title for column in ratios.columns]
    report = full()
    kept = tuple(
        replace(row, iso=iso22400.compute(replace(row.iso.elements, aoet_ms=ms(700)), row.iso.quantities))
        for row in report.machines
        if row.iso is not None
    )
    with_orders = table(replace(report, machines=kept), "iso22400")
    assert [column.title for column in with_orders.columns][-3:] == [
        "Allocation ratio", "Production process ratio", "Throughput rate",
    ]  # fmt: skip
    flagged = replace(report.machines[0], kpis=replace(report.machines[0].kpis, flags=("standard_suspect",)))
    section = next(s for s in build(replace(report, machines=(flagged,))) if s.key == "iso22400")
    said = next(b for b in section.blocks if isinstance(b, Sentences)).plain()
    assert said[-1] == "프레스: faster than the ideal cycle: check the cycle time"


def test_the_wait_that_nobody_caused_is_a_slower_machine() -> None:
    rows = table(full(), "waits").rows
    assert rows[0] == ("WS-01", "WD-01", "Starved", ms(27))
    assert rows[-1] == ("PK-01", "a slower machine", "Blocked", ms(0.7))


def test_shares_of_nothing_are_not_known() -> None:
    assert share(5, 0) is None
    assert share(None, 5) is None
    assert share(0, 5) == 0


def test_korean_says_it_in_korean() -> None:
    text.use("ko")
    first = said(full())[0]
    assert "40개 모자랍니다" in first
    assert next(s.heading.text for s in build(full())) == "교대 생산 보고"
    everything = " ".join(str(s) for s in build(full()))
    assert "가동률" not in everything.replace("시간가동률", "").replace("성능가동률", "")


def test_a_repair_is_told_by_its_phases_with_over_how_many_calls() -> None:
    found = table(full(), "calls")
    [row] = found.rows
    assert row[2:] == (2, ms(5.5), 2, ms(21), 1, ms(3.5), 1)
    assert [column.name for column in found.columns[2:5]] == ["calls", "arrival_min", "arrival_calls"]
