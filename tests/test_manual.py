"""The manual is true: every number of the worked day and of each example is computed anew, in both languages alike."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from msgspec.structs import astuple, replace
from PySide6.QtGui import QTextDocument, QTextTable

from desktop import text, words
from desktop.command_line import COMMANDS, main
from desktop.domain import explain, iso22400, kpi, line
from desktop.domain.case import calculate
from desktop.domain.changeover import setup_window
from desktop.domain.events import Count, Role, State, StateChange
from desktop.domain.figures.report import MachineRow
from desktop.domain.intervals import Category, Interval, Stroke, derive, effective_threshold_ms
from desktop.domain.intervals import Window as Changeover
from desktop.domain.kpi import Kpis, Making, Output, Sums, Times
from desktop.domain.losses import waterfall
from desktop.domain.plant import ASK_AFTER_MS
from desktop.domain.rules import TPM
from desktop.domain.spans import Span, subtract, total_ms
from desktop.wording.kpis import FLAGS
from desktop.wording.numbers import percent as percent_in_words
from tests.reports.example import SHIFT, at, full

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("ko", "en")
PAGES = {lang: (ROOT / f"resources/manual/{lang}/counting.md").read_text(encoding="utf-8") for lang in LANGUAGES}
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
MINUTE_MS = 60_000


# -- reading a page --


def sections(lang: str) -> list[str]:
    """The page cut at every heading, in order."""
    page = PAGES[lang]
    starts = [match.start() for match in HEADING.finditer(prose(page, keep_length=True))]
    return [page[start:end] for start, end in zip(starts, [*starts[1:], len(page)], strict=True)]


def section(lang: str, english: str) -> str:
    """The section under an English heading, in either language: they have the same order."""
    places = [place for place, part in enumerate(sections("en")) if part.partition("\n")[0].lstrip("# ") == english]
    assert len(places) == 1, english
    return sections(lang)[places[0]]


def prose(words_: str, *, keep_length: bool = False) -> str:
    """The text without its blocks of code."""
    return FENCE.sub(lambda block: re.sub(r"[^\n]", " ", block.group()) if keep_length else "", words_)


def tables(words_: str) -> list[list[list[str]]]:
    """The tables as rows of cells, without the line under the head."""
    found: list[list[list[str]]] = []
    before = ""
    for row in prose(words_).splitlines():
        if row.startswith("|"):
            if not before.startswith("|"):
                found.append([])
            if not re.fullmatch(r"[|:\- ]+", row):
                found[-1].append([cell.strip() for cell in row.strip().strip("|").split("|")])
        before = row
    return found


def blocks(words_: str, kind: str) -> list[str]:
    """The blocks of code of a kind."""
    return [match.group(2) for match in FENCE.finditer(words_) if match.group(1) == kind]


def numbers(words_: str) -> list[str]:
    return NUMBER.findall(words_)


def shown(*values: float | str | None) -> list[str]:
    """Numbers as the page prints them: minutes and pieces with as many digits as they have, at most two."""
    return [v if isinstance(v, str) else f"{v:,.2f}".rstrip("0").rstrip(".") for v in values if v is not None]


def percent(ratio: float | None) -> str:
    """A ratio as the page prints it."""
    assert ratio is not None
    return percent_in_words(ratio).removesuffix(" %").removesuffix("%")


def holds(lang: str, english: str, *values: float | str | None) -> None:
    """The section holds each of the numbers."""
    there = set(numbers(section(lang, english)))
    assert [value for value in shown(*values) if value not in there] == []


# -- the worked day --

#: as the page's table of that day tells it, row by row
STATES = (State.STOP, State.FAULT, State.SETUP, State.STARVED)
SHORT = ("08:20", "08:50", "09:50", "10:30", "11:10", "13:30", "13:50", "15:30", "16:30", "17:00", "18:30", "19:30")
SHORT_S, CYCLE_S, EVERY = 75, 32, 65  # a short stop, the real cycle, and one reject in so many pieces
CASE = json.loads(blocks(PAGES["en"], "json")[0])
IDEAL_MS = CASE["runs"][0]["ideal_s"] * 1000


def told(lang: str = "en") -> list[tuple[int, int]]:
    """From and to of what the page says happened."""
    rows = tables(section(lang, "What happened"))[0][1:]
    moments = [re.fullmatch(r"(\d\d:\d\d)–(\d\d:\d\d)", row[0]) for row in rows]
    return [(at(match.group(1)), at(match.group(2))) for match in moments if match]


def the_day(threshold_s: float = 120) -> tuple[Interval, ...]:
    """The weld station's day from the facts that the page tells."""
    stands = [(start, end, state) for (start, end), state in zip(told(), STATES, strict=True)]
    stands += [(at(clock), at(clock) + SHORT_S * 1000, State.STOP) for clock in SHORT]
    changes = [(SHIFT.span.start_ms - MINUTE_MS, State.RUN)]
    for start, end, state in sorted([*stands, *((p.start_ms, p.end_ms, State.IDLE) for p in SHIFT.pause_spans)]):
        if start < changes[-1][0]:  # the meal lies within the breakdown
            continue
        changes += [(start, state), (end, State.RUN)]
    return derive(
        3,
        SHIFT.span,
        threshold_ms=round(threshold_s * 1000),
        changes=[StateChange(number, 3, when, state) for number, (when, state) in enumerate(changes, 1)],
        pauses=SHIFT.pause_spans,
    )


def the_counts(parts: Iterable[Interval]) -> list[Count]:
    """A piece at the end of every real cycle of run time, every so-many-th a reject."""
    found: list[Count] = []
    left_ms = CYCLE_S * 1000
    for part in parts:
        if part.category is not Category.RUN:
            continue
        at_ms = part.span.start_ms
        while part.span.end_ms - at_ms >= left_ms:
            at_ms, left_ms = at_ms + left_ms, CYCLE_S * 1000
            role = Role.REJECT if (len(found) + 1) % EVERY == 0 else Role.GOOD
            found.append(Count(1000 + len(found), 3, at_ms, role, 1, at_ms - CYCLE_S * 1000))
        left_ms -= part.span.end_ms - at_ms
    return found


def judged(parts: tuple[Interval, ...], capacity_min: float = 480) -> Kpis:
    """The day's figures. `capacity_min` is the shop's standard capacity time."""
    trial = Count(9000, 3, at("14:20"), Role.GOOD, 5, at("14:19"))
    counts = [*the_counts(the_day()), trial]
    sums = kpi.tally(SHIFT.span, parts, counts, [Making(SHIFT.span, 1, IDEAL_MS)])
    sums = replace(sums, calendar_ms=1440 * MINUTE_MS, capacity_ms=round(capacity_min * MINUTE_MS))
    return kpi.compute(SHIFT.span, sums)


DAY = judged(the_day())


def minutes(ms: float | None) -> float:
    assert ms is not None
    return ms / MINUTE_MS


# -- both languages --


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_speaks_of_the_product_alone(lang: str) -> None:
    page = PAGES[lang]
    assert not re.search(r"<[a-z/]|\$\$|desktop|domain|\.toml|/\w+/|\\\\|\w+\.py(?<!main\.py)", page)
    assert set(re.findall(r"main\.py ([a-z]+)", page)) == {"explain", "kpi"}
    assert {"explain", "kpi"} <= set(COMMANDS)
    assert not re.findall(r"(?<!시간)(?<!성능)(?<!정미)(?<!속도)(?<!생산능력 )가동률", page)


def test_both_languages_have_the_same_shape() -> None:
    korean, english = (sections(lang) for lang in LANGUAGES)
    assert len(korean) == len(english) > 25
    for one, other in zip(korean, english, strict=True):
        heads = [HEADING.match(part) for part in (one, other)]
        assert heads[0]
        assert heads[1]
        assert heads[0].group(1) == heads[1].group(1)
        assert sorted(numbers(one)) == sorted(numbers(other)), heads[1].group(2)
        shapes = [[[len(row) for row in table] for table in tables(part)] for part in (one, other)]
        assert shapes[0] == shapes[1], heads[1].group(2)
        keys = [
            [re.findall("`.+?`", " ".join(row)) for table in tables(part) for row in table] for part in (one, other)
        ]
        assert keys[0] == keys[1], heads[1].group(2)
        assert one.count("\n- ") == other.count("\n- "), heads[1].group(2)
        assert [blocks(one, kind) for kind in ("json", "sh")] == [blocks(other, kind) for kind in ("json", "sh")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_shown_as_it_is_meant(lang: str, qapp: object) -> None:
    document = QTextDocument()
    document.setMarkdown(PAGES[lang], QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
    frames = [frame for frame in document.rootFrame().childFrames() if isinstance(frame, QTextTable)]
    drawn = [(frame.rows(), frame.columns()) for frame in frames]
    assert drawn == [(len(table), len(table[0])) for table in tables(PAGES[lang])]
    plain = document.toPlainText()
    assert not re.search(r"[*`|#]|\]\(", plain)
    headings = [match.group(2) for match in HEADING.finditer(prose(PAGES[lang]))]
    lines = plain.splitlines()
    assert [heading for heading in headings if heading not in lines] == []


# -- the numbers --


def ratios(kpis: Kpis) -> list[str]:
    return [percent(getattr(kpis, name)) for name in ("availability", "performance", "quality", "oee")]


def ratio_of(busy: float, up: float, ideal: float, ideal_good: float) -> list[str]:
    """The four ratios of minutes, by the calculator that anybody can use."""
    case = {
        "pbt_s": busy * 60,
        "stop_s": (busy - up) * 60,
        "runs": [{"ideal_s": 60, "total": ideal, "reject": ideal - ideal_good}],
    }
    answer = calculate(case)
    return [percent(answer[name]) for name in ("availability", "performance", "quality", "oee")]


def over(whole: float, part: float) -> str:
    return percent(part / whole)


def some(
    good: int, ideal_min: float, *, run: float, stop: float = 0, setup: float = 0, no_data: float = 0, **pieces: int
) -> Kpis:
    """The figures of a window of so many minutes."""
    times = Times(
        run_ms=round(run * MINUTE_MS),
        stop_ms=round(stop * MINUTE_MS),
        setup_ms=round(setup * MINUTE_MS),
        no_data_ms=round(no_data * MINUTE_MS),
        rework_ms=pieces.pop("rework_min", 0) * MINUTE_MS,
    )
    bridged_ms = pieces.pop("bridged_min", 0) * MINUTE_MS
    output = Output(1, ideal_min * MINUTE_MS, good, **pieces)
    window = Span(0, times.scheduled_ms)
    return kpi.compute(window, Sums(times, (output,), bridged_ms=bridged_ms, calendar_ms=window.length_ms))


def known(english: str, *values: float | str | None) -> None:
    """The section holds these numbers and no other, in both languages."""
    for lang in LANGUAGES:
        words_ = prose(section(lang, english))
        assert set(numbers(words_)) == set(shown(*values)), (lang, english)


T = DAY.times


def clocks(*moments: str) -> list[str]:
    return [part for moment in moments for part in moment.split(":")]


def test_the_facts_of_the_day() -> None:
    assert told("ko") == told("en")
    kept = [total_ms(subtract(Span(start, end), SHIFT.pause_spans)) for start, end in told()]
    rows = tables(section("en", "What happened"))[0]
    for row, (start, end), lost in zip(rows[1:], told(), kept, strict=False):
        assert [row[2], row[3], row[4]] == shown(*map(minutes, (end - start, end - start - lost, lost)))
    assert rows[-1][4] == shown(minutes(sum(kept)))[0] == shown(minutes(T.loss_ms))[0]
    assert (DAY.pieces.good, DAY.pieces.reject, DAY.sums.outputs[0].trial_good) == (960, 15, 5)
    assert T.short_stop_ms == len(SHORT) * SHORT_S * 1000
    known(
        "What happened",
        *clocks("09:20", "09:28", "11:45", "13:10", "14:00", "14:30", "16:00", "16:12"),
        *clocks("10:00", "10:10", "12:00", "13:00", "15:00", "15:10", "17:30", "18:00"),
        *[minutes(end - start) for start, end in told()],
        *map(minutes, kept),
        0, 60, minutes(T.loss_ms), SHORT_S, len(SHORT), DAY.pieces.total, DAY.pieces.reject, 5,
    )  # fmt: skip


def test_the_time_of_the_day() -> None:
    pauses = [minutes(pause.length_ms) for pause in SHIFT.pause_spans]
    steps = (T.scheduled_ms, T.planned_ms, T.busy_ms, T.loss_ms, T.up_ms, T.short_stop_ms, T.run_ms)
    for lang in LANGUAGES:
        rows = tables(section(lang, "Time"))[0][1:]
        assert [row[1:] for row in rows] == [shown(minutes(step), step / 1000) for step in steps]
    lost = [minutes(end - start - cut) for (start, end), cut in zip(told(), (0, 60 * MINUTE_MS, 0, 0), strict=True)]
    assert sum(lost) == minutes(T.loss_ms)
    known("Time", 12, 60, *pauses, *lost, len(SHORT), SHORT_S, *map(minutes, steps), *(step / 1000 for step in steps))
    assert SHIFT.span.length_ms == T.scheduled_ms == 12 * 60 * MINUTE_MS


def test_the_picture_of_the_time() -> None:
    left = [T.scheduled_ms, T.busy_ms, T.up_ms, T.run_ms, DAY.ideal_ms, DAY.ideal_good_ms]
    off = [T.planned_ms, T.loss_ms, T.short_stop_ms, T.run_ms - DAY.ideal_ms, DAY.ideal_ms - DAY.ideal_good_ms]  # type: ignore[operator]
    for lang in LANGUAGES:
        rows = tables(section(lang, "Where the time goes"))[0][1:]
        assert [row[1] for row in rows] == shown(*map(minutes, left))
        assert [row[4] for row in rows] == [*shown(*map(minutes, off)), ""]
        assert [row[2] for row in rows] == ["■" * int(minutes(ms) / 20 + 0.5) for ms in left]
    in_break = derive(
        1, Span(0, 600 * MINUTE_MS), threshold_ms=120_000, pauses=[Span(240 * MINUTE_MS, 300 * MINUTE_MS)],
        changes=[
            StateChange(1, 1, 0, State.RUN), StateChange(2, 1, 270 * MINUTE_MS, State.STOP),
            StateChange(3, 1, 300 * MINUTE_MS, State.RUN),
        ],
    )  # fmt: skip
    busy_h = minutes(kpi.times_of(in_break).busy_ms) / 60
    planned = ratio_of(480 - 120, 324, 324, 324)[3]
    lost = ratio_of(480, 324, 324, 324)[3]
    known(
        "Where the time goes", 20, *map(minutes, left), *map(minutes, off), 10, 1, 0.5, busy_h, 30, 45, 45 - 30,
        480, 120, 324, planned, lost,
    )  # fmt: skip


def test_times_and_pieces_are_added_before_they_are_divided() -> None:
    one, other = some(432, 1, run=480), some(36, 1, run=120)
    both = kpi.compute(Span(0, 600 * MINUTE_MS), kpi.add((one.sums, other.sums)))
    assert one.oee is not None
    assert other.oee is not None
    known("OEE", 480, 120, *map(percent, (one.oee, other.oee, both.oee)), percent((one.oee + other.oee) / 2))


def test_the_pieces_of_the_day() -> None:
    total, reject, good = DAY.pieces.total, DAY.pieces.reject, DAY.pieces.good
    assert DAY.ideal_ms is not None
    assert DAY.ideal_good_ms is not None
    real_s = T.run_ms / 1000 / total
    assert real_s == CYCLE_S
    known(
        "Pieces", total, reject, good, IDEAL_MS / 1000, DAY.ideal_ms / 1000, minutes(DAY.ideal_ms),
        DAY.ideal_good_ms / 1000, minutes(DAY.ideal_good_ms), T.run_ms / 1000, real_s,
    )  # fmt: skip


def test_the_ratios_of_the_day() -> None:
    whole = [
        (DAY.availability, T.up_ms, T.busy_ms),
        (DAY.performance, DAY.ideal_ms, T.up_ms),
        (DAY.quality, DAY.pieces.good, DAY.pieces.total),
        (DAY.oee, DAY.ideal_good_ms, T.busy_ms),
        (DAY.net_operating_rate, T.run_ms, T.up_ms),
        (DAY.speed_rate, IDEAL_MS, CYCLE_S * 1000),
    ]
    for lang in LANGUAGES:
        rows = tables(section(lang, "Ratios"))[0][1:]
        for row, (ratio, above, below) in zip(rows, whole, strict=True):
            assert ratio is not None
            assert above is not None
            printed = [float(number) for number in numbers(row[1])]
            assert printed[0] / printed[1] == pytest.approx(ratio, abs=1e-12) == above / below
            assert row[2:] == [f"{ratio:.4f}", percent(ratio)]
    four = [f"{ratio:.4f}" for ratio, _above, _below in whole]
    product = float(four[0]) * float(four[1]) * float(four[2])
    known(
        "Ratios", *four, *(percent(ratio) for ratio, _above, _below in whole), f"{product:.4f}",
        f"{float(four[4]) * float(four[5]):.5f}",
        *map(minutes, (T.up_ms, T.busy_ms, DAY.ideal_ms, DAY.ideal_good_ms, T.run_ms)),
        DAY.pieces.good, DAY.pieces.total, IDEAL_MS / 1000, CYCLE_S,
    )  # fmt: skip


def test_the_losses_of_the_day() -> None:
    steps = {step.kind: step for step in waterfall(DAY, the_day())}
    order = ("busy", "unlabelled", "stop", "setup", "wait", "short_stop", "speed", "reject", "productive")
    for lang in LANGUAGES:
        rows = tables(section(lang, "What was lost"))[0][1:]
        assert [row[1:] for row in rows] == [
            shown(minutes(steps[kind].length_ms), steps[kind].pieces) for kind in order
        ]
    losses = {kind: steps[kind].length_ms for kind in order[1:-1]}
    assert max(losses, key=lambda kind: losses[kind]) == "speed"
    assert steps["busy"].length_ms - sum(losses.values()) == steps["productive"].length_ms


def test_three_figures_of_one_day() -> None:
    known(
        "Three figures that must not be mixed",
        *map(minutes, (T.up_ms, T.busy_ms, DAY.ideal_ms, DAY.ideal_good_ms)),
        *map(percent, (DAY.availability, DAY.capacity_utilisation, DAY.oee, DAY.own_availability, DAY.teep)),
        8, 25, 30, 100, minutes(DAY.sums.calendar_ms), minutes(DAY.sums.capacity_ms),
    )  # fmt: skip


def test_what_nobody_observed() -> None:
    gap = some(620, 0.5, run=300, stop=60, no_data=120, bridged_min=120, untimed=120)
    blind = some(720, 0.5, run=390, stop=60, no_data=30)
    assert some(620, 0.5, run=300, stop=60, no_data=120).oee is None
    figures = (gap.coverage, gap.availability, gap.availability_low, gap.availability_high, gap.performance, gap.oee)
    known(
        "Data coverage", 480, 300, 60, 120, 360, 420, 30, 500, 620, 250, 310, *map(percent, figures),
        30, 720, 360, 450, percent(blind.oee), TPM.least_coverage_ratio * 100, TPM.live_after_ms / MINUTE_MS, 0,
    )  # fmt: skip


def test_the_threshold_moves_two_ratios_and_never_the_oee() -> None:
    rows = []
    for threshold_s in (60, 120, 900):
        found = judged(the_day(threshold_s))
        rows.append([*shown(threshold_s, minutes(found.times.loss_ms), minutes(found.times.up_ms)), *ratios(found)])
    for lang in LANGUAGES:
        assert tables(section(lang, "Stops and short stops"))[0][1:] == rows
    least_s = effective_threshold_ms(120_000, 300_000) / 1000
    known(
        "Stops and short stops", *(cell for row in rows for cell in row), 120, 300, 300, least_s,
        minutes(DAY.ideal_good_ms), minutes(T.busy_ms), minutes(ASK_AFTER_MS),
    )  # fmt: skip


def test_states_from_counts() -> None:
    counts = [Count(n, 1, s * 1000, Role.GOOD, 1, 0) for n, s in enumerate((0, 30, 60, 400), 1)]
    found = derive(
        1, Span(0, 400_000), threshold_ms=120_000, changes=(), counts=counts, stroke_ms=30_000, by_count=True
    )
    spans = [(i.category, i.span.start_ms // 1000, i.span.end_ms // 1000) for i in found]
    assert spans == [(Category.RUN, 0, 90), (Category.STOP, 90, 400)]
    known("Machines known by their counts alone", 30, 120, 0, 60, 400, 90, 400 - 90, 40, 10)
    slow = [Count(n, 1, s * 1000, Role.GOOD, 1, 0) for n, s in enumerate((0, 40, 70), 1)]
    found = derive(1, Span(0, 70_000), threshold_ms=120_000, changes=(), counts=slow, stroke_ms=30_000, by_count=True)
    assert [i.category for i in found] == [Category.RUN]


def test_the_hard_cases() -> None:
    setup = some(420, 1, run=420, setup=60, trial_reject=20)
    within = TPM.setup_within_ratio
    known(
        "Set-up", TPM.setup_good_pieces, within, 30, within * 30, 480, 60, 20, 420, 1, *ratios(setup),
    )  # fmt: skip
    counts = [Count(n, 1, s * 1000, Role.GOOD, 1, 0) for n, s in enumerate((600, 700, 736, 772), 1)]
    window = setup_window(
        Changeover(Span(0, 9_000_000)),
        counts,
        old_stroke_ms=None,
        new_strokes=[Stroke(0, 30_000)],
        known_until_ms=900_000,
    )
    assert window.span == Span(0, 670_000)  # the piece at 700 s is the first of three, and began one stroke before

    rework = some(380, 1, run=460, reject=20, rework_good=20, rework_min=20)
    known("Rework", 480, 1, 400, 380, 20, percent(rework.oee), over(480, 400))

    blocked = some(540 * 3, 0.25, run=540)
    known("Cavities", 4, 540, 540 * 4, 540 * 3, 60, 60 / 4, percent(blocked.performance))

    late = kpi.compute(SHIFT.span, replace(DAY.sums, outputs=(Output(1, IDEAL_MS, 960 - 3, 15 + 3),)))
    known("Late rejects", 3, 957, 18, percent(late.quality), percent(late.oee))


def test_the_line_and_its_cycles() -> None:
    out = Sums(outputs=(Output(1, IDEAL_MS, 940),))
    sums = line.line_sums(DAY.sums, out, 15 + 12)
    found = kpi.compute(SHIFT.span, sums)
    grown = line.wip_change(DAY.pieces.good, 12, 940)
    parts = the_day()
    cnc = Interval(2, Span(*told()[3]), Category.STOP, State.FAULT)
    charges = line.charged_waits([i for i in parts if i.category is Category.WAIT], (1, 2, 3), {2: (cnc,), 3: parts})
    assert [charge.cause for charge in charges] == [2]
    known(
        "The figures of the line", 12, 940, 15, 15 + 12, 940 + 27, 0.5, *map(minutes, (T.up_ms, T.busy_ms)),
        *ratios(found), DAY.pieces.good, grown, minutes(line.charged_ms(charges)[2]),
    )  # fmt: skip
    demo = tomllib.loads((ROOT / "resources/demo_line.toml").read_text(encoding="utf-8"))
    weld = next(s for s in demo["standard"] if s["machine"] == "WD-01")
    assert weld["ideal_cycle_s"] * 1000 == IDEAL_MS
    fast = some(100, 0.5, run=45)
    assert fast.flags == ("standard_suspect",)
    known(
        "Ideal and standard cycle", weld["ideal_cycle_s"], weld["standard_cycle_s"], 100, 45, 50,
        percent(fast.performance), 45 * 60 / 100,
    )  # fmt: skip
    station = next(m for m in demo["machine"] if m["code"] == "WD-01")
    known("One day worked through", "01", IDEAL_MS / 1000, station["threshold_s"], *clocks("08:00", "20:00"))


def test_the_rule_set_is_the_one_in_use() -> None:
    chosen = {
        "break_run_is_busy": TPM.break_run_is_busy,
        "least_stop_ratio": TPM.least_stop_ratio,
        "setup_good_pieces": TPM.setup_good_pieces,
        "setup_within_ratio": TPM.setup_within_ratio,
        "no_order_before_shift_is_planned": TPM.no_order_before_shift_is_planned,
        "planned_needs_approval": TPM.planned_needs_approval,
        "least_coverage_ratio": TPM.least_coverage_ratio * 100,
        "live_after_ms": minutes(TPM.live_after_ms),
        "least_failure_ms": minutes(TPM.least_failure_ms),
        "mtbf_adds_one": TPM.mtbf_adds_one,
        "loss_tree": {"six": 6, "seven": 7}[TPM.loss_tree],
    }
    assert ["name", "version", *chosen] == [*TPM.__struct_fields__]
    assert len(astuple(TPM)) == len(chosen) + 2
    for lang, (no, yes) in (("ko", ("아니요", "예")), ("en", ("no", "yes"))):
        there = section(lang, "The rule set")
        assert f"`{TPM}`" in there
        rows = tables(there)[0][1:]
        assert [row[1] for row in rows] == [
            (yes if value else no) if isinstance(value, bool) else shown(value)[0] for value in chosen.values()
        ]


def test_the_page_of_iso_22400() -> None:
    found = iso22400.compute(iso22400.elements_of(DAY.sums), iso22400.quantities_of(DAY.sums))
    e = found.elements
    elements = (e.pot_ms, e.pbt_ms, e.adot_ms, e.adet_ms, e.aust_ms, e.apt_ms)
    figures = (
        found.availability, found.effectiveness, found.quality, found.oee, found.nee, found.setup_ratio,
        found.technical_efficiency, found.scrap_ratio,
    )  # fmt: skip
    for lang in LANGUAGES:
        times, rates = tables(section(lang, "By ISO 22400"))
        assert [row[2] for row in times[1:]] == shown(*map(minutes, elements))
        delays, made = ([float(number) for number in numbers(times[place][1])] for place in (4, 6))
        assert sum(delays) == minutes(e.adet_ms)
        assert made[0] - sum(made[1:]) == minutes(e.apt_ms)
        assert made[1:] == [minutes(e.adot_ms), minutes(e.adet_ms), minutes(e.aust_ms)]
        assert [row[2] for row in rates[1:]] == [percent(figure) for figure in figures]
        for row, figure in zip(rates[1:], figures, strict=True):
            terms = [float(number) for number in numbers(row[1])]
            value = terms[0] / terms[1]
            for above, below in zip(terms[2::2], terms[3::2], strict=True):
                value *= above / below
            assert value == pytest.approx(figure)
    assert found.oee == DAY.oee


# -- the command line --


@pytest.mark.parametrize("lang", LANGUAGES)
def test_explain_prints_what_the_page_says(lang: str) -> None:
    parts = the_day()
    row = MachineRow(
        3, "WD-01", "", True, None, DAY.pieces.good, DAY.pieces.reject, DAY, parts, False,
        explain.derivations(DAY, parts, the_counts(parts)),
    )  # fmt: skip
    text.use(lang)
    said = words.explain(full(), row).splitlines()
    shown_ = blocks(section(lang, "Checking a figure: explain"), "text")[0].splitlines()
    assert len(shown_) == 11
    assert [line_ for line_ in said if line_ in shown_] == shown_


@pytest.mark.parametrize("lang", LANGUAGES)
def test_kpi_answers_what_the_page_says(lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = blocks(section(lang, "Calculating yourself: kpi"), "json")[0]
    answer = blocks(section(lang, "Output"), "json")[0]
    (tmp_path / "day.json").write_text(given, encoding="utf-8")
    assert main(["--lang", lang, "kpi", str(tmp_path / "day.json"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == json.loads(answer)
    assert said["oee"] == pytest.approx(DAY.oee, abs=1e-15)
    for name in ("availability", "performance", "quality", "teep", "net_operating_rate", "speed_rate"):
        assert said[name] == pytest.approx(getattr(DAY, name), abs=1e-15)
    summed = numbers(prose(section(lang, "Output")))[-5:]
    assert summed == shown(*said["waterfall_s"].values(), CASE["pbt_s"])
    assert sum(said["waterfall_s"].values()) == CASE["pbt_s"]


def test_every_key_of_kpi_is_documented() -> None:
    asked = [row[0].strip("`") for row in tables(section("en", "Input"))[0][1:]]
    assert set(asked) == {*CASE, *CASE["runs"][0]}
    needed = [row[0].strip("`") for row in tables(section("en", "Input"))[0][1:] if row[1].startswith("yes")]
    for key in asked:
        bare = {name: value for name, value in CASE.items() if name != key}
        bare["runs"] = [{name: value for name, value in CASE["runs"][0].items() if name != key}]
        if key == "runs":
            del bare["runs"]
        try:
            calculate(bare)
        except ValueError:
            assert key in needed
        else:
            assert key not in needed
    answer = calculate(CASE)
    told_ = [row[0].strip("`") for row in tables(section("en", "Output"))[0][1:]]
    assert told_ == [*answer, *answer["waterfall_s"]]


FLAGGED = {
    "no_standard": {"runs": [{"ideal_s": 0, "total": 5, "reject": 1}]},
    "pieces_without_run": {"stop_s": CASE["pbt_s"]},
    "reject_over_total": {"runs": [{"ideal_s": 30, "total": 5, "reject": 6}]},
    "standard_suspect": {"runs": [{"ideal_s": 300, "total": 975, "reject": 15}]},
    "stop_over_busy": {"stop_s": CASE["pbt_s"] + 1},
}


def test_every_flag_of_kpi_is_documented() -> None:
    rows = tables(section("en", "Flags"))[0][1:]
    assert [row[0].strip("`") for row in rows] == list(FLAGGED)
    for row in rows:
        flag = row[0].strip("`")
        answer = calculate({**CASE, **FLAGGED[flag]})
        assert flag in answer["flags"]
        flat = {**answer, **answer["waterfall_s"]}
        assert [f"`{key}`" for key in flat if flat[key] is None] == re.findall("`.+?`", row[2]), flag
        assert FLAGS[flag]
    assert calculate({**CASE, **FLAGGED["stop_over_busy"]})["availability"] == 0
    assert calculate({**CASE, **FLAGGED["no_standard"]})["quality"] == 0.8
    short = calculate({**CASE, "short_stop_s": CASE["pbt_s"]})
    assert short["net_operating_rate"] is short["speed_rate"] is None


def test_zero_is_as_the_page_says() -> None:
    cases = ((0, 0), (28_800, 0), (28_800, 28_800))
    for lang in LANGUAGES:
        rows = tables(section(lang, "0 and wrong values"))[0][1:]
        for row, (busy, stop) in zip(rows, cases, strict=True):
            answer = calculate({"pbt_s": busy, "stop_s": stop, "runs": []})
            found = [answer[key] for key in ("availability", "performance", "quality", "oee")]
            assert row[1:] == ["—" if ratio is None else percent(ratio) for ratio in found]
