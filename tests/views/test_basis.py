"""The sum behind a figure: every line is there, and what stands there adds up to the second."""

from __future__ import annotations

import re

import pytest
from hypothesis import example as example_of
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from desktop import paint, text
from desktop.domain import explain, losses
from desktop.domain.events import State
from desktop.domain.figures.machine import MachineDay, WaitRow
from desktop.domain.intervals import Category, Interval
from desktop.domain.spans import Span
from desktop.views.widgets.basis import Basis, Line, basis_face
from desktop.views.widgets.derived import of_machine
from desktop.views.widgets.evidence import Kind, Row
from desktop.views.widgets.line_card import line_face
from desktop.views.widgets.loss_card import loss_face
from desktop.wording.kpis import FLAGS
from desktop.wording.numbers import percent
from tests.domain.example import kpis as kpis_of
from tests.views import example

STATES = {
    Category.RUN: State.RUN,
    Category.SHORT_STOP: State.STOP,
    Category.STOP: State.STOP,
    Category.SETUP: State.SETUP,
    Category.WAIT: State.STARVED,
    Category.NO_ORDER: State.IDLE,
    Category.REWORK: State.RUN,
    Category.UNSCHEDULED: State.IDLE,
    Category.PLANNED: State.IDLE,
    Category.NO_DATA: State.UNKNOWN,
}


def day(lengths: dict[Category, int], good: int, reject: int, ideal_ms: float | None) -> MachineDay:
    """A machine's day in which it was so many milliseconds in each category."""
    start, parts = 0, []
    for category, length in lengths.items():
        parts.append(Interval(3, Span(start, start + length), category, STATES[category], start))
        start += length
    kpis = kpis_of(Span(0, start), parts, good, reject, ideal_ms)
    machine = replace(example.DAY.machine, kpis=kpis, oee_known_from_ms=None)
    return replace(
        example.DAY, machine=machine, ideal_cycle_ms=ideal_ms, waterfall=losses.waterfall(kpis, parts),
        window=Span(0, start), derivations=explain.derivations(kpis, parts, ()),
    )  # fmt: skip


def seconds(figure: str) -> int:
    sign, whole, rest = re.fullmatch(r"([−+] ?)?([\d,]+) min (\d\d) s", figure).groups()  # type: ignore[union-attr]
    return (-1 if (sign or "").startswith("−") else 1) * (int(whole.replace(",", "")) * 60 + int(rest))


def oee_sum(made: MachineDay) -> list[Row]:
    """The lines behind the OEE, from the window to the productive time."""
    shown = of_machine(made, "oee")
    assert shown is not None
    last = max(n for n, row in enumerate(shown.rows) if row.kind is Kind.TOTAL)
    return list(shown.rows[: last + 1])


def check_sum(lines: list[Row]) -> None:
    level = seconds(lines[0].figure)
    for line in lines[1:]:
        if line.kind is Kind.TOTAL:
            assert seconds(line.figure) == level, line
        else:
            level += seconds(line.figure)


@given(
    st.fixed_dictionaries({category: st.integers(0, 9_000_000) for category in Category}),
    st.integers(0, 400),
    st.integers(0, 40),
    st.floats(1_000, 60_000),
)
@example_of(dict.fromkeys(Category, 500), 1, 1, 500.0)
@example_of(dict.fromkeys(Category, 1500), 9, 0, 1_000.5)
def test_every_line_adds_up_as_it_stands(lengths: dict[Category, int], good: int, reject: int, ideal_ms: float) -> None:
    check_sum(oee_sum(day(lengths, good, reject, ideal_ms)))


ODD = {
    Category.RUN: 13_942_400, Category.SHORT_STOP: 1_293_400, Category.STOP: 2_580_400, Category.SETUP: 61_400,
    Category.WAIT: 45_400, Category.PLANNED: 4_179_400, Category.NO_DATA: 600_400,
}  # fmt: skip


def test_every_loss_has_its_line() -> None:
    shown = oee_sum(day(ODD, 401, 8, 30_000))
    assert [line.name for line in shown] == [
        "Window", "Planned stops", "Busy time", "No data", "Not labelled", "Setup", "Waiting", "Operating time",
        "Short stops", "Speed loss", "Rejects 8 × 30 s", "Productive time",
    ]  # fmt: skip
    assert shown[-1].figure == "200 min 30 s"
    check_sum(shown)
    fast = oee_sum(day({Category.RUN: 600_000}, 30, 0, 30_000))
    assert [line.figure for line in fast] == ["10 min 00 s"] * 3 + ["+ 5 min 00 s", "15 min 00 s"]
    text.use("ko")
    assert oee_sum(day(ODD, 401, 8, 30_000))[-1].figure == "200분 30초"


def test_time_outside_the_shifts_is_no_busy_time() -> None:
    made = day({Category.RUN: 600_000, Category.UNSCHEDULED: 120_000}, 10, 0, 30_000)
    lines = {line.name: line.figure for line in oee_sum(made)}
    assert lines["No shift"] == "− 2 min 00 s"
    assert lines["Busy time"] == "10 min 00 s"


def test_who_made_it_wait_and_its_own_availability_stand_among_the_figures() -> None:
    waits = tuple(
        WaitRow("WD-01", cause, state, minutes * 60_000)
        for cause, state, minutes in (
            ("MC-01", State.STARVED, 5), ("", State.STARVED, 3),
            ("WS-01", State.BLOCKED, 2), ("AS-01", State.BLOCKED, 1),
        )
    )  # fmt: skip
    base = day(ODD, 401, 8, 30_000)
    shown = basis_face(replace(base, waits=waits[:3]))
    facts = {line.name: line.figure for line in shown.lines}
    assert (facts["Waited for MC-01"], facts["Waited for a slower machine"]) == ("5 min", "3 min")
    assert base.machine.kpis is not None
    assert facts["Availability by its own stops"] == percent(base.machine.kpis.own_availability) != "—"
    more = {line.name: line.figure for line in basis_face(replace(base, waits=waits)).lines}
    assert "Waited for WS-01" not in more
    assert more["Waited for 2 others"] == "3 min"
    text.use("ko")
    assert Line("wait", "MC-01 때문에 대기", "5분") in basis_face(replace(base, waits=waits)).lines


def test_what_a_reader_of_the_figure_must_know_stands_whole_under_it(qtbot: QtBot) -> None:
    base = day(ODD, 401, 8, 30_000)
    assert base.machine.kpis is not None
    told = replace(base, machine=replace(base.machine, kpis=replace(base.machine.kpis, flags=tuple(FLAGS))))
    panel = Basis("basis")
    qtbot.addWidget(panel)
    for language in ("en", "ko"):
        text.use(language)
        panel.show_basis(basis_face(told))
        panel.resize(360, panel.wanted_px())
        with paint.recording() as boxes:
            panel.grab()
        assert [box.wanted for box in boxes if box.shown != box.wanted] == []
        said = " ".join(box.shown for box in boxes)
        assert all(text._(words) in said for words in FLAGS.values())
        assert max(box.ink.bottom() for box in boxes) <= panel.height()
    assert basis_face(base).notes == ()


def test_where_too_little_was_seen_the_panel_says_so() -> None:
    made = day(ODD | {Category.NO_DATA: 9_000_000}, 401, 8, 30_000)
    shown = of_machine(made, "oee")
    assert shown is not None
    assert shown.figure == "—"
    assert Row(Kind.NOTE, "not known: too little was observed") in shown.rows
    assert oee_sum(made)[-1].figure == "200 min 30 s", "what was made is known all the same"


def test_without_a_standard_the_rest_is_not_known() -> None:
    shown = oee_sum(day(ODD, 401, 8, None))
    assert [line.figure for line in shown[-4:]] == ["—"] * 4
    assert shown[-1].kind is Kind.TOTAL


@pytest.mark.parametrize(("unseen_ms", "multiplied"), [(0, True), (600_400, False)])
def test_factors_are_multiplied_only_where_everything_was_seen(unseen_ms: int, multiplied: bool) -> None:
    shown = day(ODD | {Category.NO_DATA: unseen_ms}, 401, 8, 30_000)
    assert loss_face(shown, "").multiplied is multiplied
    assert line_face(shown.machine.kpis, "UTC", "", "").multiplied is multiplied
    told = of_machine(shown, "availability")
    assert told is not None
    bounds = [row.figure for row in told.rows if row.name == "With its bounds"]
    assert bounds == ([] if multiplied else ["85.0 % (82.3–85.5)"])
