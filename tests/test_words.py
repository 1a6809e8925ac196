"""What the command line prints of a machine's figures."""

from __future__ import annotations

import json
from dataclasses import replace

from desktop import words
from desktop.domain import explain
from tests.reports.example import full


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
