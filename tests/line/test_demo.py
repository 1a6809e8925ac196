"""The demo line as a newcomer runs it: real processes, real wires, and evidence that must agree with the truth."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pytestqt.qtbot import QtBot

from desktop import demo, paint, summaries, truth
from desktop.store import database
from desktop.views import application
from desktop.views.widgets.tile import FULL, Tile, face
from desktop.wording.numbers import percent_figure, pieces

MAIN = Path(__file__).resolve().parents[2] / "main.py"


def main_py(*words: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(MAIN), *words],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, subprocess.CompletedProcess[str]]:
    """One headless demo in a folder with a space and Hangul in its name: (data folder, evidence, answer)."""
    base = tmp_path_factory.mktemp("데모 line")
    data, out = base / "data", base / "out"
    answer = main_py(
        "demo",
        "--headless",
        "--for",
        "15",
        "--speed",
        "60",
        "--seed",
        "7",
        "--data-dir",
        str(data),
        "--out",
        str(out),
        "--lang",
        "ko",
    )
    return data, out, answer


def test_ends_well_and_leaves_all_evidence(run: tuple[Path, Path, subprocess.CompletedProcess[str]]) -> None:
    _data, out, answer = run
    assert answer.returncode == 0, answer.stderr + answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr
    assert all((out / name).stat().st_size > 500 for name in demo.EVIDENCE)


def test_nothing_lost_and_counts_equal_the_truth(run: tuple[Path, Path, subprocess.CompletedProcess[str]]) -> None:
    data, out, _answer = run
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert (summary["lost"], summary["missing"], summary["invented"]) == (0, [], [])
    assert summary["produced"] == summary["stored"]
    assert set(summary["produced"]) == set(truth.KINDS)
    assert min(summary["produced"].values()) > 0
    assert summary["produced"]["good"] > 30
    assert summary["produced"]["polled"] > 20
    assert summary["polled_late_ms"] <= truth.LATE_MS
    made: Counter[tuple[str, str]] = Counter()
    for line in (data / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record["kind"] in ("good", "reject"):
            made[record["machine"], record["kind"]] += 1
    for machine in summary["machines"]:
        assert machine["good"] == made[machine["name"], "good"], machine
        assert machine["reject"] == made[machine["name"], "reject"], machine
    assert len(summary["machines"]) == 8
    assert summary["writes"] == []


def test_a_thing_that_is_missing_or_invented_is_named(
    run: tuple[Path, Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """The account bites: for each kind one line taken from the truth is invented, one more in it is missing."""
    data, _out, _answer = run
    lines = (data / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    began_ms = next(record["at_ms"] for record in records if record["kind"] in ("state", "value"))
    whole = truth.account(data, data / "truth.jsonl", began_ms)
    assert whole.lost == 0
    told = {
        "good": lambda r: r["kind"] == "good" and r["machine"] == "PR-01",
        "reject": lambda r: r["kind"] == "reject",
        "scan": lambda r: r["kind"] == "scan",
        "judge": lambda r: r["kind"] == "judge",
        "value": lambda r: r.get("node") == "BoreDiameter",
        "part": lambda r: r.get("node") == "PartId",
        "state": lambda r: r.get("node") == "State",
        "polled": lambda r: r["kind"] == "read" and r["signal"] == "force" and r["value"],
    }
    changed = tmp_path / "truth.jsonl"
    for kind, fits in told.items():
        place = max(n for n, record in enumerate(records) if fits(record))
        changed.write_text("\n".join([*lines[:place], *lines[place + 1 :]]), encoding="utf-8")
        less = truth.account(data, changed, began_ms)
        assert (less.missing, len(less.invented)) == ((), 1), kind
        assert less.invented[0].startswith(kind)
        more = {**records[place], "at_ms": records[place]["at_ms"] + 1, "value": 1.5, "since_ms": 0}
        changed.write_text("\n".join([*lines, json.dumps(more)]), encoding="utf-8")
        assert len(truth.account(data, changed, began_ms).missing) == 1, kind


def test_every_figure_is_the_same_everywhere(
    run: tuple[Path, Path, subprocess.CompletedProcess[str]], qtbot: QtBot
) -> None:
    """One moment of the line: painted gauge, `status`, `explain`, summary, and all four formats of the report."""
    data, out, _answer = run
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    at_ms = summary["window"]["end_ms"]
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    status = json.loads(main_py("status", "--json", "--at", str(at_ms), "--data-dir", str(data)).stdout)
    sheet = _table(openpyxl.load_workbook(out / "report.xlsx").worksheets[1].iter_rows(values_only=True))
    with (out / "report.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = _table(csv.reader(stream))
    page = _page_rows(out / "report.pdf")
    faces = _painted(data, at_ms, qtbot)
    by_code = {key: {m[name]: m for m in rows} for key, name, rows in (
        ("report", "code", report["machines"]), ("status", "name", status["machines"]))}  # fmt: skip
    ratios = ("availability", "performance", "quality", "oee", "coverage")
    for machine in summary["machines"]:
        code = machine["name"]
        explained = json.loads(main_py("explain", code, "--at", str(at_ms), "--data-dir", str(data), "--json").stdout)
        for told in (by_code["report"][code], by_code["status"][code], explained):
            assert {name: told[name] for name in ratios} == {name: machine[name] for name in ratios}, code
        counts = (machine["good"], machine["reject"])
        for told in (by_code["report"][code], by_code["status"][code], explained["pieces"]):
            assert (told["good"], told["reject"]) == counts
        # the columns as they stand in sheet, file and page: target, good, reject, difference, achievement, then ratios
        assert sheet[code][1:3] == list(counts)
        assert sheet[code][5:] == [pytest.approx(machine[name], rel=1e-14, abs=1e-14) for name in ratios]
        assert [int(cell) for cell in cells[code][1:3]] == list(counts)
        assert [float(cell) / 100 for cell in cells[code][5:]] == [pytest.approx(machine[name]) for name in ratios]
        figures = [percent_figure(machine[name]) for name in ratios]
        assert page[code][1:3] == [pieces(count) for count in counts]
        assert [figure.removesuffix(".0") for figure in page[code][5:]] == [f.removesuffix(".0") for f in figures]
        assert {percent_figure(machine["oee"]), pieces(machine["good"])} <= faces[code]
    line = {name: summary["line"][name] for name in ratios}
    assert line == {name: status["line_kpis"][name] for name in ratios}
    assert line == {name: report["line_kpis"][name] for name in ratios}
    assert status["good"] == report["good"] == summary["line"]["good"]


def _table(rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
    """The machines' rows of a sheet or file as code -> the cells behind it."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        if len(row) >= 12 and re.fullmatch(r"[A-Z]{2}-\d\d", str(row[1])):
            found.setdefault(str(row[1]), list(row[2:12]))
    return found


def _page_rows(pdf: Path) -> dict[str, list[str]]:
    """The same of the printed page, by its text layer."""
    words = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    found: dict[str, list[str]] = {}
    for row in words.splitlines():
        if match := re.search(r"([A-Z]{2}-\d\d)((?:\s+[+−\d.,—]+){10})\s*$", row):
            found.setdefault(match[1], match[2].split())
    return found


def _painted(data: Path, at_ms: int, qtbot: QtBot) -> dict[str, set[str]]:
    """What stands on each machine's tile when it is painted."""
    application.set_up("en", "light")
    store = database.open_reader(data)
    try:
        line = summaries.line_now(store, at_ms)
    finally:
        store.close()
    found = {}
    for machine in line.machines:
        tile = Tile(machine.code)
        qtbot.addWidget(tile)
        tile.resize(FULL)
        tile.show_machine(face(machine, line.now_ms, line.head.timezone))
        with paint.recording() as boxes:
            tile.grab()
        found[machine.code] = {box.shown for box in boxes}
    return found


def test_a_scanned_unit_answers_in_both_directions(run: tuple[Path, Path, subprocess.CompletedProcess[str]]) -> None:
    data, _out, _answer = run
    scans = [
        (record["machine"], record["value"])
        for record in map(json.loads, (data / "truth.jsonl").read_text(encoding="utf-8").splitlines())
        if record["kind"] == "scan" and record["machine"] in ("PR-01", "AS-01")
    ]
    unit = next(code for machine, code in scans if machine == "AS-01" and code.startswith("VH204"))
    here = [(machine, code) for machine, code in scans[: scans.index(("AS-01", unit))]]
    lots = [code for _machine, code in here if not code.startswith("VH204")]
    found = json.loads(main_py("trace", unit, "--json", "--data-dir", str(data)).stdout)
    assert {link["code"] for link in found["now"]["back"]} == set(lots)
    assert "AS-01" in {step["machine_code"] for step in found["passages"]}
    assert any(value["unit"] == "Nm" for step in found["passages"] for value in step["values"])
    back = json.loads(main_py("trace", lots[0], "--json", "--data-dir", str(data)).stdout)
    assert unit in {link["code"] for link in back["now"]["ahead"]}
    nothing = main_py("trace", "no-such-code", "--data-dir", str(data), "--lang", "en")
    assert (nothing.returncode, nothing.stdout, len(nothing.stderr.splitlines())) == (1, "", 1)


def test_the_file_is_sound_and_marked_as_demo(run: tuple[Path, Path, subprocess.CompletedProcess[str]]) -> None:
    data, _out, _answer = run
    assert main_py("check", "--data-dir", str(data)).returncode == 0
    store = database.open_reader(data)
    try:
        assert store.demo
        assert not summaries.collector_now(store).running
    finally:
        store.close()


def test_a_demo_never_touches_a_real_database(tmp_path: Path) -> None:
    database.create(tmp_path).close()
    before = (tmp_path / "gadong.db").read_bytes()
    answer = main_py("demo", "--headless", "--for", "1", "--data-dir", str(tmp_path), "--lang", "en")
    assert answer.returncode == 1
    assert "real line" in answer.stderr
    assert (tmp_path / "gadong.db").read_bytes() == before
