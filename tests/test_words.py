"""What the command line prints of a machine's figures."""

from __future__ import annotations

import json

from msgspec.structs import replace

from desktop import words
from desktop.domain import explain
from desktop.wording.kpis import FLAGS
from tests.reports.example import full
from tests.views import example


def test_explain_names_the_bounds_of_what_was_not_seen_whole() -> None:
    report = full()
    said = {row.name: words.explain(report, row) for row in report.machines}
    assert "Availability with its bounds: 86.0 % (84.3–86.3)" in said["비전검사"].splitlines()
    assert "bounds" not in said["용접"]
    row = next(row for row in report.machines if row.name == "비전검사")
    figures = json.loads(words.explain_json(report, row))
    assert (figures["availability_low"], figures["availability_high"]) == (
        row.kpis.availability_low,
        row.kpis.availability_high,
    )


def test_explain_names_long_times_and_large_numbers_whole() -> None:
    report = full()
    row = report.machines[2]
    long = explain.Derivation(
        "quality",
        report.window,
        0.5,
        explain.Term("good", 12_345_678, "pcs"),
        explain.Term("up", 86_399_123, "ms"),
        "",
        (),
        (),
        "",
    )
    said = words.explain(report, replace(row, derivations=(long,)))
    assert "Quality 0.500000 = good pieces 12345678 / operating time 86399.123" in said


def test_explain_marks_what_is_known_by_hand_and_says_every_flag() -> None:
    report = full()
    row = report.machines[2]
    first, *rest = row.intervals
    kpis = replace(row.kpis, flags=tuple(FLAGS))
    told = replace(row, intervals=(replace(first, by_hand=True), *rest), kpis=kpis)
    said = words.explain(report, told)
    assert all(sentence in said for sentence in FLAGS.values())
    assert [line for line in said.splitlines() if "by hand" in line] == [
        line for line in said.splitlines() if line.startswith("  08:00:00-")
    ]
    assert [i["by_hand"] for i in json.loads(words.explain_json(report, told))["intervals"]].count(True) == 1


def test_status_says_for_which_machine_another_one_waits() -> None:
    line = example.behind()
    said = [row for row in words.status(line).splitlines() if "waits for WD-01" in row]
    assert len(said) == 5
    told = json.loads(words.status_json(line))["machines"]
    assert [m["waits_for"] for m in told] == [None] * 3 + ["WD-01"] * 5
