"""The command line: exit codes, one sentence for each of the world's faults, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import configuration, control, simulation, text
from desktop.command_line import COMMANDS, main
from desktop.store import database
from desktop.store.locks import ProcessLock

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    before = text.language()
    yield
    text.use(before)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history")
    simulation.simulate(folder, days=0.1, seed=5, say=lambda _words: None)
    return folder


def sentence(capsys: pytest.CaptureFixture[str], *words: str, code: int = 1) -> str:
    """The one sentence that a failing command says."""
    assert main(["--lang", "en", *words]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
    return said.err.strip()


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_in_both_languages(command: str, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--lang", lang, *([command] if command else []), "--help"])
    assert end.value.code == 0
    words = capsys.readouterr().out
    assert "usage" in words
    assert any("가" <= letter <= "힣" for letter in words) == (lang == "ko")


@pytest.mark.parametrize("command", ["status", "collect", "check", "trace X", "report", "explain WD-01", "backup x.db"])
def test_no_database(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = sentence(capsys, "--data-dir", str(tmp_path), *command.split())
    assert words == f"{tmp_path} holds no Gadong database."
    assert list(tmp_path.iterdir()) == []


def test_a_foreign_database_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = database.path_of(tmp_path)
    other = database.sqlite3.connect(str(file))
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = file.read_bytes()
    assert "is not a Gadong database" in sentence(capsys, "--data-dir", str(tmp_path), "status")
    assert file.read_bytes() == before


def test_a_newer_database_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database.create(tmp_path).close()
    file = database.sqlite3.connect(str(database.path_of(tmp_path)))
    file.execute("PRAGMA user_version = 999")
    file.close()
    words = sentence(capsys, "--data-dir", str(tmp_path), "collect")
    assert "newer Gadong" in words
    assert "999" in words


def test_no_database_at_all_but_garbage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database.path_of(tmp_path).write_bytes(b"not a database at all, but long enough to be looked at " * 40)
    assert "is not a Gadong database" in sentence(capsys, "--data-dir", str(tmp_path), "status")


def test_a_second_collector_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database.create(tmp_path).close()
    lock = ProcessLock(tmp_path / "collector.lock")
    assert lock.take()
    try:
        words = sentence(capsys, "--data-dir", str(tmp_path), "collect")
        assert f"process {os.getpid()}" in words
    finally:
        lock.release()


def test_a_folder_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "line.toml").write_text('format = 1\n[plant]\nname = "P"\nline = "L"\n')
    words = sentence(
        capsys, "--data-dir", str(tmp_path / "file" / "x"), "config", "import", str(tmp_path / "line.toml")
    )
    assert "cannot be written" in words


def test_every_fault_of_a_configuration_at_once_and_nothing_by_half(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "line.toml"
    file.write_text(
        'format = 1\n[plant]\nname = "P"\nline = "L"\ntimezone = "Asia/Soul"\n'
        '[[machine]]\ncode = "M"\nthreshold_s = -1\n'
    )
    data = tmp_path / "data"
    assert main(["--lang", "en", "--data-dir", str(data), "config", "import", str(file)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3
    assert not data.exists()
    assert main(["--lang", "ko", "config", "check", str(file)]) == 1
    assert "빠져 있습니다" in capsys.readouterr().err


def test_configuration_round_trip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    line = str(ROOT / "resources" / "demo_line.toml")
    assert main(["--data-dir", str(tmp_path / "a"), "config", "import", line]) == 0
    assert main(["--data-dir", str(tmp_path / "a"), "config", "export", str(first)]) == 0
    assert main(["--data-dir", str(tmp_path / "b"), "config", "import", str(first)]) == 0
    assert main(["--data-dir", str(tmp_path / "b"), "config", "export", str(second)]) == 0
    assert first.read_text(encoding="utf-8") == second.read_text(encoding="utf-8")
    assert configuration.read(first).plant["constraint"] == "WD-01"
    capsys.readouterr()
    assert "already exists" in sentence(capsys, "--data-dir", str(tmp_path / "a"), "config", "export", str(first))


def test_report_faults(history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--data-dir", str(history))
    assert "names no shift" in sentence(capsys, *data, "report", "--shift", "yesterday")
    assert "There is no shift Nacht" in sentence(capsys, *data, "report", "--shift", "2026-11-19/Nacht")
    assert "docx is no format" in sentence(capsys, *data, "report", "--format", "pdf,docx", code=2)
    (tmp_path / "file").write_text("in the way")
    assert "file" in sentence(
        capsys, *data, "report", "--shift", "current", "--format", "csv", "--out", str(tmp_path / "file" / "x")
    )


def test_report_and_figures_agree(history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--data-dir", str(history))
    assert main([*data, "report", "--shift", "current", "--format", "json", "--out", str(tmp_path), "--name", "r"]) == 0
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    capsys.readouterr()
    assert main([*data, "status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert {m["code"]: m["oee"] for m in report["machines"]} == {m["name"]: m["oee"] for m in status["machines"]}
    assert report["good"] == status["good"]


def test_trace_of_an_unknown_code_names_near_ones(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Similar: " in sentence(capsys, "--data-dir", str(history), "trace", "VH204")
    hostile = "x'); drop table events;--"
    assert hostile in sentence(capsys, "--data-dir", str(history), "trace", hostile)


def test_simulate_never_into_a_database(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "already holds" in sentence(capsys, "--data-dir", str(history), "simulate", "--days", "1")
    assert "--data-dir" in sentence(capsys, "simulate")


def test_backup_check_restore(history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "copy.db"
    assert main(["--data-dir", str(history), "backup", str(copy)]) == 0
    capsys.readouterr()
    assert "already exists" in sentence(capsys, "--data-dir", str(history), "backup", str(copy))
    assert main(["--data-dir", str(tmp_path / "new"), "restore", str(copy)]) == 0
    assert main(["--data-dir", str(tmp_path / "new"), "check"]) == 0
    copy.write_bytes(copy.read_bytes()[:50_000])
    capsys.readouterr()
    assert "not a sound Gadong backup" in sentence(capsys, "--data-dir", str(tmp_path / "new"), "restore", str(copy))
    assert main(["--data-dir", str(tmp_path / "new"), "check"]) == 0


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("[]", "one JSON object"),
        ('{"pbt_s": -1, "stop_s": 0, "runs": []}', "pbt_s"),
        ('{"pbt_s": 1, "stop_s": 0, "runs": 5}', "list"),
        ("{", "cannot be read"),
    ],
)
def test_kpi_of_a_bad_case(case: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "case.json").write_text(case)
    assert words in sentence(capsys, "kpi", str(tmp_path / "case.json"))


def test_kpi_of_a_published_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The worked example of oee.com: 88.81 x 86.11 x 97.80 = 74.79 %."""
    (tmp_path / "case.json").write_text(
        '{"pbt_s": 25200, "stop_s": 2820, "runs": [{"ideal_s": 1.0, "total": 19271, "reject": 423}]}'
    )
    assert main(["kpi", str(tmp_path / "case.json"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["oee"] == pytest.approx(0.747937, abs=5e-7)
    assert answer["waterfall_s"] == {
        "availability_loss": 2820,
        "performance_loss": 3109,
        "quality_loss": 423,
        "fully_productive": 18848,
    }


def test_no_display_says_what_to_do(tmp_path: Path) -> None:
    bare = {
        key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    if sys.platform != "linux":
        pytest.skip("only Linux starts without a display")
    answer = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--lang", "en", "--data-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        env=bare,
        check=False,
        timeout=60,
    )
    assert answer.returncode == 1
    assert "no display" in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "line",
    [
        "threshold_s = nan",
        "threshold_s = inf",
        "threshold_s = 1" + "0" * 400,
        "threshold_s = " + "9" * 5000,
        'code = ["M"]',
        "name = 2026-01-01",
    ],
)
def test_absurd_values_are_sentences(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = line.split(" ")[0]
    rest = "".join(f'{name} = "M"\n' for name in ("code", "name") if name != key)
    (tmp_path / "line.toml").write_text(
        f'format = 1\n[plant]\nname = "P"\nline = "L"\n[[machine]]\n{rest}{line}\n', encoding="utf-8"
    )
    assert main(["--lang", "en", "config", "check", str(tmp_path / "line.toml")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_collector_is_ended_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database.create(tmp_path).close()
    data = ("--data-dir", str(tmp_path))
    assert main([*data, "collect", "--stop", "--lang", "en"]) == 0
    assert capsys.readouterr().out.strip() == "No collector runs here."
    control.ensure_collector(tmp_path)
    assert main([*data, "collect", "--stop", "--lang", "en"]) == 0
    assert "has ended" in capsys.readouterr().out
    assert not control.collector_runs(tmp_path)


def test_a_machine_taken_out_stays_in_the_report_of_its_shift(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data-dir", str(tmp_path / "d"), "--lang", "en")
    line = '[[shift]]\nname = "All"\nstart = "00:00"\nend = "00:00"\nweekdays = [1, 2, 3, 4, 5, 6, 7]\n'
    head = 'format = 1\n[plant]\nname = "P"\nline = "L"\n' + line
    for codes in ("AB", "A"):
        machines = "".join(f'[[machine]]\ncode = "{code}"\nname = "M {code}"\n' for code in codes)
        (tmp_path / "line.toml").write_text(head + machines)
        assert main([*data, "config", "import", str(tmp_path / "line.toml")]) == 0
    capsys.readouterr()
    assert main([*data, "explain", "B"]) == 0
    assert main([*data, "status", "--json"]) == 0
    assert '"B"' not in capsys.readouterr().out.partition("{")[2]
