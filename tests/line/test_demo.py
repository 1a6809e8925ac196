"""The demo line as a newcomer runs it: real processes, real wires, and evidence that must agree with the truth."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
from pytestqt.qtbot import QtBot

from desktop import demo, paint, summaries, wording
from desktop.store import database
from desktop.views import application
from desktop.views.widgets.tile import FULL, Tile, face

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
    assert summary["lost"] == 0
    assert summary["produced"] == summary["stored"]
    assert summary["produced"]["good"] > 30
    assert summary["produced"]["scan"] > 3
    truth: Counter[tuple[str, str]] = Counter()
    for line in (data / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record["kind"] in ("good", "reject"):
            truth[record["machine"], record["kind"]] += 1
    for machine in summary["machines"]:
        assert machine["good"] == truth[machine["name"], "good"], machine
        assert machine["reject"] == truth[machine["name"], "reject"], machine
    assert len(summary["machines"]) == 8
    assert summary["writes"] == []


def test_every_figure_is_the_same_everywhere(run: tuple[Path, Path, subprocess.CompletedProcess[str]]) -> None:
    """Summary, JSON, XLSX, CSV, PDF and the command line show one arithmetic."""
    data, out, _answer = run
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    at_ms = str(summary["window"]["end_ms"])
    figures = ("availability", "performance", "quality", "oee", "coverage", "good", "reject")
    by_code = {machine["code"]: machine for machine in report["machines"]}
    for machine in summary["machines"]:
        assert {key: by_code[machine["name"]][key] for key in figures} == {key: machine[key] for key in figures}
        explained = json.loads(
            main_py("explain", machine["name"], "--at", at_ms, "--data-dir", str(data), "--json").stdout
        )
        assert explained["oee"] == machine["oee"]
        assert explained["pieces"]["good"] == machine["good"]
    store = database.open_reader(data)
    try:
        line = summaries.line_now(store, int(at_ms))
    finally:
        store.close()
    assert {m.code: m.good for m in line.machines} == {m["name"]: m["good"] for m in summary["machines"]}
    assert {m.code: m.kpis.oee if m.kpis else None for m in line.machines} == {
        m["name"]: m["oee"] for m in summary["machines"]
    }
    words = subprocess.run(
        ["pdftotext", "-layout", str(out / "report.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    with (out / "report.csv").open(encoding="utf-8-sig", newline="") as stream:
        cells = [row for row in csv.reader(stream) if row]
    sheets = openpyxl.load_workbook(out / "report.xlsx")
    numbers = {
        cell.value
        for sheet in sheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, (int, float))
    }
    for machine in summary["machines"]:
        line_on_page = next(row for row in words.splitlines() if machine["name"] in row and str(machine["good"]) in row)
        assert f"{machine['oee'] * 100 + 1e-9:.1f}" in line_on_page or f"{machine['oee'] * 100:.1f}" in line_on_page
        assert any(machine["name"] in row for row in cells)
        assert any(abs(number - machine["oee"]) < 1e-12 for number in numbers)


def test_a_scanned_unit_answers_in_both_directions(run: tuple[Path, Path, subprocess.CompletedProcess[str]]) -> None:
    data, _out, _answer = run
    scans = [
        record["value"]
        for record in map(json.loads, (data / "truth.jsonl").read_text(encoding="utf-8").splitlines())
        if record["kind"] == "scan" and record["machine"] == "AS-01"
    ]
    unit = next(code for code in scans if code.startswith("VH204"))
    lots = [code for code in scans[: scans.index(unit)] if not code.startswith("VH204")]
    found = json.loads(main_py("trace", unit, "--json", "--data-dir", str(data)).stdout)
    assert {link["code"] for link in found["made_of"]} == set(lots)
    assert "AS-01" in {step["machine"] for step in found["steps"]}
    assert any(value["unit"] == "Nm" for step in found["steps"] for value in step["values"])
    back = json.loads(main_py("trace", lots[0], "--json", "--data-dir", str(data)).stdout)
    assert unit in {link["code"] for link in back["went_into"]}
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


def test_the_gauges_show_the_same(run: tuple[Path, Path, subprocess.CompletedProcess[str]], qtbot: QtBot) -> None:
    """What is painted on each tile is the summary's figure, rounded once."""
    data, out, _answer = run
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    by_code = {machine["name"]: machine for machine in summary["machines"]}
    application.set_up("en", "light")
    store = database.open_reader(data)
    try:
        line = summaries.line_now(store, summary["window"]["end_ms"])
    finally:
        store.close()
    for machine in line.machines:
        tile = Tile(machine.code)
        qtbot.addWidget(tile)
        tile.resize(FULL)
        tile.show_machine(face(machine, line.now_ms, line.head.timezone))
        with paint.recording() as boxes:
            tile.grab()
        painted = {box.shown for box in boxes}
        assert wording.percent_figure(by_code[machine.code]["oee"]) in painted
        assert wording.pieces(by_code[machine.code]["good"]) in painted
