"""What the command line prints of a machine's figures."""

from __future__ import annotations

import json

from desktop import words
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
