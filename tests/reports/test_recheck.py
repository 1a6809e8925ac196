"""A report that comes back: the one that was written is told from one in which a figure was changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop import summaries
from desktop.command_line import main
from desktop.reports import json_file
from desktop.reports.recheck import recheck
from desktop.store.database import KnownError, Store
from tests.reports.test_automatic import NAME, WANTED, known, run
from tests.reports.test_automatic import store as store
from tests.store.example import HOUR
from tests.test_live import START


@pytest.fixture
def file(store: Store, tmp_path: Path) -> Path:
    """A report as of the third hour, read two hours later."""
    now_ms = START + 3 * HOUR
    report = summaries.shift_report(store, summaries.find_shift(store, WANTED, now_ms), now_ms)
    with store.transaction() as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'clock_plant_ms'", (str(START + 5 * HOUR),))
    written = tmp_path / "kept.json"
    written.write_bytes(json_file.render(report))
    return written


def forge(file: Path, change: Callable[[Any], Any]) -> Path:
    told = json.loads(file.read_text(encoding="utf-8"))
    change(told)
    forged = file.with_name("forged.json")
    forged.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return forged


def test_what_was_written_is_what_the_records_make(store: Store, file: Path) -> None:
    looked = recheck(store, file)
    assert looked.faults == ()
    assert looked.told == (f"All figures in {file} are those that Gadong makes of its records as of 2025-11-19 11:00.",)
    assert recheck(store, forge(file, lambda told: None)).faults == (), "written anew by another program"


@pytest.mark.parametrize(
    ("change", "figure"),
    [
        (lambda told: told["machines"][0].update(good=99_999), "machines[0].good is 99999, and Gadong makes"),
        (lambda told: told["machines"][0].update(oee=True), "machines[0].oee is true"),
        (lambda told: told["machines"].pop(), "machines is 1 entry, and Gadong makes 2 entries"),
        (lambda told: told.update(operator="Lee"), 'operator is "Lee", and Gadong makes null'),
        (lambda told: told["shift"].update(name="No"), "There is no shift No on 2025-11-19"),
        (lambda told: told.update(business_on="1999-01-01"), "shift.start_ms is "),
        (lambda told: told.update(made_at_ms="soon"), "is no report that Gadong wrote"),
        (lambda told: told.update(shift=3), "is no report that Gadong wrote"),
    ],
)
def test_a_changed_figure_is_named(store: Store, file: Path, change: Callable[[Any], Any], figure: str) -> None:
    looked = recheck(store, forge(file, change))
    assert figure in looked.faults[0]
    assert len(looked.faults) <= 6
    assert not any("All figures" in sentence for sentence in looked.told)


def test_what_is_not_in_the_file_is_said(store: Store, file: Path) -> None:
    looked = recheck(store, forge(file, lambda told: [told.pop("stops"), told["machines"][0].pop("good")]))
    assert (looked.faults, looked.told[1]) == ((), "Not in the file, and so not compared: machines[0].good, stops.")


def test_a_file_of_which_the_hash_was_kept_needs_no_figures(store: Store) -> None:
    """Also after the configuration changed, and of any format."""
    known(store, run(store), chain="1F2A-90C4-77E0-5B1D")
    with store.transaction() as db:
        db.execute("UPDATE machines SET name = 'Another'")
    for ending in ("csv", "json"):
        written = store.folder / "reports" / f"{NAME}.{ending}"
        looked = recheck(store, written)
        assert looked.told == (
            f"{written} is byte for byte a file that the automatic report wrote at 2025-11-19 08:00.",
        )
        assert (looked.faults, looked.check) == ((), "1F2A-90C4-77E0-5B1D")
        written.write_bytes(written.read_bytes() + b" ")
        assert not any("byte for byte" in sentence for sentence in recheck(store, written).told)


def test_of_other_files_it_is_said_what_was_not_looked_at(store: Store, tmp_path: Path) -> None:
    listed, paper = tmp_path / "record-checks.txt", tmp_path / "report.pdf"
    listed.write_text("2025-11-19\tDay\t1F2A-90C4-77E0-5B1D\n", encoding="utf-8")
    paper.write_bytes(b"%PDF-1.4 \xff\xfe")
    assert recheck(store, listed).told == (f"Nothing else that stands in {listed} was looked at.",)
    with pytest.raises(KnownError, match="Give the record check that is printed in it"):
        recheck(store, paper)


def test_the_command_says_it(store: Store, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    front = ["--data-dir", str(store.folder), "--lang", "en", "check", "--against"]
    assert main([*front, str(file)]) == 0
    assert "All figures in" in capsys.readouterr().out
    assert main([*front, str(forge(file, lambda told: told.update(good=1)))]) == 1
    told = capsys.readouterr()
    assert "The database is sound" in told.out
    assert "good is 1, and Gadong makes" in told.err
