"""The command line: exit codes, one sentence for each of the world's faults, never a traceback."""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import openpyxl
import pypdf
import pytest

from desktop import configuration, control, simulation, summaries, text, usage
from desktop.command_line import COMMANDS, main
from desktop.domain.figures.report import ShiftReport
from desktop.domain.figures.trace import Node, Passage, Trace, TraceValue
from desktop.domain.figures.trace import Path as Path_
from desktop.reports import trace as trace_pages
from desktop.reports.pdf import printing
from desktop.store import database, records
from desktop.store.locks import ProcessLock
from drivers.simulated.port import WirePort

T0 = 1_795_042_800_000
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
    said = capsys.readouterr().out
    assert said.startswith("usage: " if lang == "en" else "사용법: ")
    assert any("가" <= letter <= "힣" for letter in said) == (lang == "ko")
    if lang == "ko":
        assert (
            english(
                re.sub(
                    "try|trust|password|tables?|machines|products|(scrap_)?reasons|stations|routes|people|orders|checks|Excel|CSV|xlsx|csv",
                    " ",
                    said,
                )
            )
            == []
        )


#: what a Korean help holds in Latin letters: names of commands, options, formats and of the things themselves
LATIN = re.compile(
    r"--?[a-z-]+|main\.py|\{[^}]*\}|\b(S|N|MS|PC|ko|en|csv|pdf|PDF|xlsx|json|png|JSON|PNG|KB|TOML|UTC|OPC|UA|PIN|seed|last"
    r"|current|sample|pytest"
    rf"|backup|Gadong|{'|'.join(COMMANDS)})(?![A-Za-z])"
)


def english(said: str) -> list[str]:
    """The words of a Korean text that are left in English."""
    return re.findall(r"[A-Za-z]{2,}", LATIN.sub(" ", said))


#: sentences of argparse for whoever writes a parser or for what no command here uses
NEVER = re.compile(
    r"conflict|cannot|callable|__call__|mutually exclusive|is an invalid argument|dest=|must start with|mode %r"
    r"|deprecated|warning|at most one|at least one|%s argument|not allowed with|one of the arguments"
    r"|unexpected option|unknown parser|can't open|default: |heading|subcommands|program's version|unrecognized"
    r"|invalid %\(type\)s"
)


def test_every_word_that_argparse_says_has_its_korean() -> None:
    said: set[str] = set()
    for node in ast.walk(ast.parse(inspect.getsource(argparse))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext"):
            said |= {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    assert {words for words in said if not NEVER.search(words)} == set(usage.ARGPARSE_WORDS)
    text.use("ko")
    for source in usage.ARGPARSE_WORDS:
        assert re.findall(r"%\(?\w*\)?[sr]", text._(source)) == re.findall(r"%\(?\w*\)?[sr]", source)


@pytest.mark.parametrize(
    ("line", "korean", "said"),
    [
        ("bogus", "쓸 수 없는 값입니다: 'bogus'", "invalid choice: 'bogus'"),
        ("config", "빠진 인수가 있습니다", "the following arguments are required: {check,import,export,"),
        ("config foo x", "쓸 수 없는 값입니다: 'foo'", "invalid choice: 'foo'"),
        ("report --shift", "값 하나가 필요합니다", "expected one argument"),
        ("report --at x", "밀리초여야 합니다", '"x" must be UTC milliseconds'),
        ("demo --seed 1.5", "정수여야 합니다", '"1.5" must be a whole number'),
        ("demo --speed fast", "숫자여야 합니다", '"fast" must be a number'),
        ("demo --speed 61", "0.1에서 60 사이", '"61" must lie between'),
        ("demo --for 0", "0보다 커야", '"0" must be more than 0'),
        ("demo --for inf", "0보다 커야", '"inf" must be more than 0'),
        ("demo --s 1", "옵션이 분명하지 않습니다", "ambiguous option"),
        ("simulate --days nan", "숫자여야 합니다", '"nan" must be a number'),
        ("simulate --days 9999", "10년을 넘을 수 없습니다", "ten years at most"),
        ("screenshots", "빠진 인수가 있습니다: --out", "are required: --out"),
        ("screenshots --out x --scale 3", "쓸 수 없는 값입니다: 3.0", "invalid choice: 3.0"),
        ("status --json=5", "값을 받지 않는 옵션", "ignored explicit argument"),
        ("status --foo", "알 수 없는 인수: --foo", "unknown: --foo"),
    ],
)
def test_what_is_wrong_with_a_command_line_in_both_languages(
    line: str, korean: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang, words_of in (("ko", korean), ("en", said)):
        with pytest.raises(SystemExit) as end:
            main(["--lang", lang, *line.split()])
        assert end.value.code == 2
        error = capsys.readouterr().err
        assert words_of in error
        if lang == "ko":
            given = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, line.split()))})(?![\w-])")
            error = re.sub("check|export|try|trust|password|table", " ", error)
            assert english(given.sub(" ", error)) in ([], ["import"])


def test_help_in_korean_keeps_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """A Korean letter takes two cells of a terminal."""
    with pytest.raises(SystemExit):
        main(["--lang", "ko", "report", "--help"])
    rows = [row for row in capsys.readouterr().out.splitlines() if re.match(r"  -\S+( \S+)?  ", row)]
    assert len(rows) == 12
    columns = {text.cells(re.match(r"  -\S+(,? \S+)* {2,}", row)[0]) for row in rows}  # type: ignore[index]
    assert len(columns) == 1


@pytest.mark.parametrize(
    "command", ["status", "collect", "check", "trace X", "report", "explain WD-01", "sheet", "backup x.db"]
)
def test_no_database(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = sentence(capsys, "--data-dir", str(tmp_path), *command.split())
    assert said.startswith(f"{tmp_path} holds no Gadong database.")
    for way in ("main.py config import FILE", "main.py demo", "(main.py)"):
        assert way in said
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


def test_a_report_is_printed_without_a_file(
    history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def send(report: ShiftReport, name: str) -> str:
        asked.append(f"{report.shift.name} on {name}")
        return name or "Office"

    monkeypatch.setattr(printing, "send", send)
    words = ["--lang", "en", "--data-dir", str(history), "report", "--shift", "current", "--out", str(tmp_path)]
    assert main([*words, "--print"]) == 0
    assert capsys.readouterr().out == "Sent to the printer Office.\n"
    assert main([*words, "--print=Hall"]) == 0
    assert [one.split(" on ")[1] for one in asked] == ["", "Hall"]
    assert list(tmp_path.iterdir()) == []


def test_report_and_figures_agree(history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--data-dir", str(history))
    assert main([*data, "report", "--shift", "current", "--format", "json", "--out", str(tmp_path), "--name", "r"]) == 0
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    capsys.readouterr()
    assert main([*data, "status", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert {m["code"]: m["oee"] for m in report["machines"]} == {m["name"]: m["oee"] for m in status["machines"]}
    assert report["good"] == status["good"]


def test_a_report_in_the_shops_form_with_its_progress(
    history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --format a form is all that is written; its figures are those of the JSON file."""
    data = ("--lang", "en", "--data-dir", str(history))
    words = ("report", "--shift", "current", "--out", str(tmp_path))
    assert main([*data, *words, "--form", "sample", "--progress"]) == 0
    *percents, name = capsys.readouterr().out.splitlines()
    done = [int(line.removesuffix("%")) for line in percents]
    assert done == sorted(done)
    assert (done[0] > 0, done[-1], len(set(done)) > 8) == (True, 100, True)
    assert [file.name for file in tmp_path.iterdir()] == [Path(name).name]
    sheet = openpyxl.load_workbook(name).active
    assert main([*data, *words, "--format", "json", "--name", "r"]) == 0
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    rows = {str(row[0].value): row for row in reversed(list(sheet.iter_rows()))}  # the first with that name
    for machine in report["machines"]:
        row = rows[machine["name"]]
        assert [row[n].value for n in (1, 2, 3)] == [machine["target"], machine["good"], machine["reject"]]
        assert row[9].value == pytest.approx(machine["oee"], rel=1e-12)
    assert sheet.oddHeader.center.text == "Demo line"
    capsys.readouterr()
    wrong = tmp_path / "wrong.xlsx"
    book = openpyxl.Workbook()
    book.active["C3"] = "{{goood}}"
    book.save(wrong)
    said = sentence(capsys, *data[2:], *words, "--format", "csv", "--form", str(wrong))
    assert said == "wrong.xlsx, sheet Sheet, cell C3: {{goood}} is not known; the nearest name is {{good}}."
    assert not list(tmp_path.glob("*.csv"))


def test_the_workbook_holds_the_journal_of_the_shift(
    history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--lang", "en", "--data-dir", str(history))
    assert main([*data, "report", "--shift", "current", "--format", "xlsx", "--out", str(tmp_path), "--name", "r"]) == 0
    capsys.readouterr()
    rows = list(openpyxl.load_workbook(tmp_path / "r.xlsx")["Raw events"].iter_rows(values_only=True))
    head = next(n for n, row in enumerate(rows) if row[0] == "At")
    store = database.open_reader(history)
    try:
        stored = store.rows("SELECT id, kind, word FROM events ORDER BY id")
        shift = summaries.find_shift(store, "current", store.clock.now_ms())
        measured = summaries.shift_report(store, shift, store.clock.now_ms()).measured
        values = store.rows("SELECT signal_id, count(*), sum(judgement = 'reject') FROM results GROUP BY signal_id")
    finally:
        store.close()
    in_shift = {str(key) for key, _kind, _word in stored if key // 1000 >= shift.span.start_ms}
    told = rows[head + 1 :]
    assert {row[8] for row in told} == in_shift
    words = {str(key): (kind, word or None) for key, kind, word in stored}
    assert all((row[1], row[5]) == words[row[8]] for row in told)
    assert sorted((row.values, row.outside or 0) for row in measured) == sorted(
        (n, bad) for _key, n, bad in values if n
    )


def test_trace_of_an_unknown_code_names_near_ones(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Similar: " in sentence(capsys, "--data-dir", str(history), "trace", "VH204")
    hostile = "x'); drop table events;--"
    assert hostile in sentence(capsys, "--data-dir", str(history), "trace", hostile)


def test_bar_code_sheets_badges_and_the_paper_form(
    history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for words_, name in (
        (["PR-01"], "bar codes PR-01.pdf"),
        ([], "bar codes.pdf"),
        (["--paper"], "paper form.pdf"),
        (["--badge", "Kim Minsu=0412", "--badge", "Lee=EMP-7"], "badges.pdf"),
        (["PR-01", "--out", str(tmp_path / "deep" / "press.pdf")], str(tmp_path / "deep" / "press.pdf")),
    ):
        assert main(["--lang", "en", "--data-dir", str(history), "sheet", *words_]) == 0
        assert capsys.readouterr().out.strip() == name
        assert (tmp_path / name).read_bytes().startswith(b"%PDF")
    sheets = pypdf.PdfReader(tmp_path / "bar codes.pdf")
    assert "Weld" in "".join(page.extract_text() for page in sheets.pages)


def test_sheet_faults(history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*more: str, code: int = 1) -> str:
        return sentence(capsys, "--data-dir", str(history), "sheet", *more, code=code)

    assert said("XX").startswith("There is no machine XX. Machines: PR-01, ")
    assert said("PR-01", "--paper", code=2) == "Choose one: a machine, badges or the paper form."
    assert "have the same badge code" in said("--badge", "Kim=1", "--badge", "Lee=1")
    assert "missing or too long" in said("--badge", "Kim=" + "A" * 60)
    (tmp_path / "file").write_text("")
    assert "cannot be written" in said("--paper", "--out", str(tmp_path / "file" / "form.pdf"))
    with pytest.raises(SystemExit) as end:
        main(["--lang", "en", "sheet", "--badge", "Kim"])
    assert end.value.code == 2
    assert "must be a name and a code such as Kim=0412" in capsys.readouterr().err


def test_a_shift_by_its_date_or_the_beginning_of_its_name(
    history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data-dir", str(history))
    on = "2026-11-19"

    def file_of(shift: str) -> str:
        assert main([*data, "report", "--shift", shift, "--format", "json", "--out", str(tmp_path)]) == 0
        return Path(capsys.readouterr().out.strip()).name

    assert file_of(f"{on}/D") == file_of(f"{on}/Day") == f"{on}-Day.json"
    assert file_of(f"{on}/N") == f"{on}-Night.json"
    several = sentence(capsys, *data, "report", "--shift", on)
    assert several.endswith(f"Write one of: {on}/Day, {on}/Night.")
    one = tmp_path / "one.toml"
    shifts = "".join(
        f'[[shift]]\nname = "{name}"\nstart = "08:00"\nend = "17:00"\nweekdays = [{days}]\n'
        for name, days in (("Day", "1, 2, 3, 4, 5"), ("Day off", "6"), ("Day of rest", "6"))
    )
    one.write_text(
        f'format = 1\n[plant]\nname = "P"\nline = "L"\n{shifts}[[machine]]\ncode = "A"\nname = "A"\n', encoding="utf-8"
    )
    data = ("--data-dir", str(tmp_path / "one"))
    assert main([*data, "config", "import", str(one)]) == 0
    capsys.readouterr()
    assert file_of(on) == f"{on}-Day.json"
    assert "There is no shift ? on 2026-11-22. Shifts of that day: -." in sentence(
        capsys, *data, "report", "--shift", "2026-11-22"
    )
    assert "2026-11-21/Day off, 2026-11-21/Day of rest" in sentence(
        capsys, *data, "report", "--shift", "2026-11-21/Day"
    )


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_explain_and_kpi_speak_the_language(
    lang: str, history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data-dir", str(history), "--lang", lang, "explain", "PR-01"]) == 0
    rows = [row for row in capsys.readouterr().out.splitlines() if re.match(r"  \d\d:\d\d:\d\d-", row)]
    assert any(("가동 중" if lang == "ko" else "Running") in row for row in rows)
    if lang == "ko":
        assert not re.search(r"[a-z]{2}", "".join(rows))
        assert len({text.cells(row.partition(".")[0]) for row in rows}) == 1
    else:
        assert not any(enum in row for row in rows for enum in ("short_stop", "run ", "no_data"))
    (tmp_path / "case.json").write_text(
        '{"pbt_s": 100, "stop_s": 200, "runs": [{"ideal_s": 1, "total": 5, "reject": 9}]}'
    )
    assert main(["--lang", lang, "kpi", str(tmp_path / "case.json")]) == 0
    said = capsys.readouterr().out
    assert not any(enum in said for enum in ("_loss", "fully", "reject_over_total", "stop_over_busy"))
    assert ("불량 수가 생산 수량보다 많습니다" if lang == "ko" else "more rejects than pieces") in said


def test_trace_shows_every_digit_and_every_hidden_character() -> None:
    """Codes come from outside: they must neither steer the terminal nor turn what stands beside them."""
    code = "LOT\x1d7\u202e31\x7f\u200b"
    values = (
        TraceValue("Bore", "mm", (24.9996,), ("",), ("good",), (T0,)),
        TraceValue("Count", "", (-3.0,), ("",), ("",), (T0,)),
    )
    step = Passage(10, "OP10", "Turning", 1, "M", "Lathe", T0, T0, 1, values=values, result="reject")
    node = Node(2, "lot", "\x02A\u2028", 1, "consumed", 1, "M", "Lathe", T0)
    found = Trace(1, "box", code, T0, 1, "UTC", "P", "L", T0, now=Path_((node,)), passages=(step,))
    text.use("ko")
    said = "\n".join(map(text.visible, trace_pages.lines(found)))
    assert "박스 LOT␝7\\u202e31␡\\u200b" in said
    assert "␂A\\u2028 · 로트" in said
    assert "Bore · 24.9996 · mm" in said
    assert "Count · −3\n" in said
    assert all(letter == "\n" or letter.isprintable() for letter in said)
    data = json.loads(trace_pages.content(found, "json"))
    assert (data["code"], data["kind"]) == (code, "box")


def test_lots_orders_and_stops_are_drilled_from_the_command_line(
    history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ("--lang", "en", "--data-dir", str(history))
    with closing(database.open_reader(history)) as store:
        lot, units = store.row(
            "SELECT u.code, count(*) FROM units u JOIN links l ON l.child_id = u.id WHERE u.kind = 'lot' GROUP BY u.id"
        )
        unit = store.row("SELECT code FROM units WHERE kind = 'unit' LIMIT 1")[0]
    assert main([*here, "trace", lot, "--units", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["units"]) == units
    assert main([*here, "trace", unit, "--out", str(tmp_path / "unit.pdf")]) == 0
    assert (tmp_path / "unit.pdf").read_bytes().startswith(b"%PDF")
    capsys.readouterr()
    assert "already exists" in sentence(capsys, *here, "trace", unit, "--out", str(tmp_path / "unit.pdf"))
    capsys.readouterr()
    assert main([*here, "recall", "--lot", lot]) == 0
    assert f"Built {units} = " in capsys.readouterr().out
    assert main([*here, "recall", "--lot", lot, "--out", str(tmp_path / "lot.xlsx")]) == 0
    capsys.readouterr()
    assert "Say one of" in sentence(capsys, *here, "recall")
    assert "There is no machine NO" in sentence(capsys, *here, "before", "NO")
    capsys.readouterr()
    assert main([*here, "before", "PR-01", "--csv"]) == 0
    assert "in the 20 minutes before the stop" in capsys.readouterr().out


def test_a_sentence_never_steers_the_terminal(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "\\u202e" in sentence(capsys, "--data-dir", str(history), "trace", "A\u202eB")


def test_the_systems_reasons_speak_the_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for what in ("config check", "kpi"):
        assert main(["--lang", "ko", *what.split(), str(tmp_path)]) == 1
        assert "폴더입니다" in capsys.readouterr().err
        assert main(["--lang", "ko", *what.split(), str(tmp_path / "none")]) == 4
        assert "그런 파일이나 폴더가 없습니다" in capsys.readouterr().err
    text.use("en")
    assert text.os_reason(OSError(28, "No space left on device")) == "the disk is full"
    assert text.os_reason(OSError(71, "Protocol error")) == "Protocol error"
    assert text.os_reason(OSError("by hand")) == "by hand"


#: looks at a database, which loads every module, then at a copy as one who may write nothing: root may write everywhere
LOOK = """
import os, sys
from desktop.command_line import main

def look(folder):
    for words in QUESTIONS:
        print(main(["--lang", "en", "--data-dir", folder, *words, *sys.argv[3:]] if words[0] == "report" else
                   ["--lang", "en", "--data-dir", folder, *words]), flush=True)

QUESTIONS = [["status"], ["trace", "VH204-261119-0100"], ["explain", "WD-01"], ["check"],
             ["report", "--shift", "current", "--format", "json", "--out"]]
look(sys.argv[1])
print("----", flush=True)
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
look(sys.argv[2])
"""


@pytest.fixture
def frozen(history: Path) -> Iterator[Path]:
    """A copy of a database in a folder of its own that anybody may look into."""
    with tempfile.TemporaryDirectory() as scratch:  # not pytest's own: another user may not even look into that
        Path(scratch).chmod(0o755)
        folder = Path(scratch, "가동 a?b#c")
        folder.mkdir()
        shutil.copyfile(database.path_of(history), database.path_of(folder))
        yield folder
        folder.chmod(0o755)


def look(folder: Path, whole: Path, out: Path) -> tuple[str, str, str]:
    """What the commands say of a database, of its copy that may only be read, and on the error stream."""
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(whole), str(folder), str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    own, _line, copied = done.stdout.partition("----\n")
    return own, copied, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="folders that may only be read are POSIX's")
def test_a_copy_that_may_only_be_read_answers_as_the_database_itself(frozen: Path, history: Path) -> None:
    with tempfile.TemporaryDirectory() as out:
        Path(out).chmod(0o777)
        own, copied, said = look(frozen, history, Path(out))
    assert said == ""
    assert own.count("\n0\n") == 5
    assert re.sub(r"-\d\.json", ".json", copied) == own


@pytest.mark.skipif(sys.platform == "win32", reason="folders that may only be read are POSIX's")
@pytest.mark.parametrize(
    ("log", "index", "readable"), [(b"", False, True), (b"commits", False, False), (b"", True, True)]
)
def test_a_log_beside_a_copy_that_may_only_be_read(
    log: bytes, index: bool, readable: bool, frozen: Path, history: Path
) -> None:
    (frozen / "gadong.db-wal").write_bytes(log)
    if index:
        (frozen / "gadong.db-shm").write_bytes(b"")
    with tempfile.TemporaryDirectory() as out:
        Path(out).chmod(0o777)
        _own, copied, said = look(frozen, history, Path(out))
    if readable:
        assert "Valve housing line" in copied
    else:
        assert copied.split() == ["1"] * 5
        assert "was copied while it was in use" in said.splitlines()[0]
        assert "Copy gadong.db and gadong.db-wal" in said


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
        ("[" * 100_000, "one JSON object"),
        ('{"pbt_s": -1, "stop_s": 0, "runs": []}', "pbt_s must be a number of 0 or more, not -1"),
        ('{"pbt_s": null, "stop_s": 0, "runs": []}', "not null"),
        ('{"pbt_s": 1e999, "stop_s": 0, "runs": []}', "pbt_s must be 1e+15 at most, not Infinity"),
        ('{"pbt_s": "%s", "stop_s": 0, "runs": []}' % ("x" * 5000), 'not "xxx'),
        ('{"pbt_s": 1, "runs": []}', "stop_s is missing"),
        ('{"pbt_s": 1, "stop_s": 0}', "runs must be a list"),
        ('{"pbt_s": 1, "stop_s": 0, "runs": 5}', "list"),
        ('{\n"pbt_s" 1}', "line 2, column 9"),
        ("\xff", "cannot be read"),
    ],
)
def test_kpi_of_a_bad_case(case: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "case.json").write_text(case, encoding="latin-1")
    said = sentence(capsys, "kpi", str(tmp_path / "case.json"))
    assert words in said
    assert len(said) < len(str(tmp_path)) + 200
    assert main(["--lang", "ko", "kpi", str(tmp_path / "case.json")]) == 1
    korean = capsys.readouterr()
    assert not korean.out
    assert re.search("[가-힣]{2}", korean.err)


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


@pytest.mark.parametrize("what", ["config check", "config import", "config try", "kpi", "restore"])
def test_a_file_that_is_not_there_is_something_missing(what: str, tmp_path: Path) -> None:
    data = ["--lang", "en", "--data-dir", str(tmp_path / "data")]
    assert main([*data, *what.split(), str(tmp_path / "none")]) == 4
    assert not (tmp_path / "data" / database.DATABASE).exists()


def test_a_form_that_is_not_there_is_something_missing(history: Path, tmp_path: Path) -> None:
    data = ["--lang", "en", "--data-dir", str(history)]
    assert main([*data, "report", "--form", str(tmp_path / "none.xlsx"), "--out", str(tmp_path)]) == 4


ONE = """format = 1
[plant]
name = "P"
line = "L"
[[machine]]
code = "PR"
name = "Press"
[[bus]]
key = "a"
port = "{port}"
driver = "text_line"
[[bus.device]]
key = "scale"
name = "Scale"
pattern = "(?P<weight>[0-9]+)"
[[bus.device.signal]]
key = "weight"
machine = "PR"
role = "measure"
number = true
[[bus]]
key = "b"
port = "{other}"
driver = "text_line"
[[bus.device]]
key = "scanner"
name = "Scanner"
[[bus.device.signal]]
key = "code"
role = "scan"
"""


def test_machines_and_buses_are_counted_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "line.toml"
    for toml, english_, korean in (
        (ONE, "1 machine, 2 buses.", "설비 1대, 통신 버스 2개"),
        (ONE[: ONE.index("[[bus]]")], "1 machine, 0 buses.", "설비 1대, 통신 버스 0개"),
        (ONE[: ONE.rindex("[[bus]]")], "1 machine, 1 bus.", "설비 1대, 통신 버스 1개"),
    ):
        file.write_text(toml, encoding="utf-8")
        for lang, words_of in (("en", english_), ("ko", korean)):
            for what in ("check", "import"):
                assert main(["--lang", lang, "--data-dir", str(tmp_path / "data"), "config", what, str(file)]) == 0
                assert words_of in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lang", "came", "yet"),
    [
        ("en", r"^[0-9,]+ readings? came: Scale [0-9,]+\. Silent: Scanner\.$", "connected, but nothing has come"),
        (
            "ko",
            r"^값 [0-9,]+개가 들어왔습니다: Scale [0-9,]+\. 들어온 값이 없는 장치: Scanner\.$",
            "아직 들어온 것이 없습니다",
        ),
    ],
)
def test_a_time_of_collecting_ends_with_what_came_and_doctor_names_who_is_silent(
    lang: str, came: str, yet: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--lang", lang, "--data-dir", str(tmp_path / "data")]
    with WirePort(tmp_path / "a") as wire, WirePort(tmp_path / "b") as quiet:
        toml = ONE.format(port=wire.url, other=quiet.url)
        (tmp_path / "line.toml").write_text(toml, encoding="utf-8")
        assert main([*data, "config", "import", str(tmp_path / "line.toml")]) == 0
        command = [sys.executable, str(control.MAIN), *data, "collect", "--for", "60"]
        collecting = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            store = database.open_reader(tmp_path / "data")

            def heard() -> bool:
                wire.write(b"12\r\n")
                online = [known.status == "online" for known in records.health(store).values()]
                return online == [True, True] and bool(store.row("SELECT count(*) FROM measurements")[0])

            try:
                assert control.wait_for(heard, 10)
            finally:
                store.close()
            capsys.readouterr()
            assert main([*data, "doctor"]) == 0
            said = capsys.readouterr().out
            assert re.search(rf"^\+ Scanner: .*{yet}", said, re.MULTILINE), said
            assert "Scale:" not in said
            quiet.cut()
            assert control.wait_for(lambda: main([*data, "doctor"]) == 1, 10)
            assert re.search("^! Scanner: ", capsys.readouterr().out, re.MULTILINE)
            assert control.stop_collector(tmp_path / "data")
            out, err = collecting.communicate(timeout=20)
        finally:
            collecting.kill()
            collecting.wait(10)
    assert collecting.returncode == 0, err
    assert re.search(came, out.strip()), out


def test_a_table_of_master_data_by_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: str) -> tuple[int, str]:
        code = main(["--lang", "en", "--data-dir", str(tmp_path / "data"), "config", *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    assert run("import", str(ROOT / "resources" / "demo_line.toml"))[0] == 0
    sheet = tmp_path / "products.csv"
    assert run("table", "products", "--export", str(sheet)) == (0, "")
    code, said = run("table", "products", "--import", str(sheet), "--dry-run")
    assert (code, said) == (0, "Products: 0 new, 0 changed, 0 retired, 8 unchanged.\n")
    sheet.write_text("품번,품명\nVH-9,새 제품\n", encoding="cp949")
    code, said = run("table", "products", "--import", str(sheet), "--dry-run", "--retire")
    assert code == 0
    assert "New: VH-9: Item name 새 제품, Cavities 1\n" in said
    assert "Products: 1 new, 0 changed, 8 retired, 0 unchanged." in said
    assert (
        run("table", "products", "--import", str(sheet))[1] == "Products: 1 new, 0 changed, 0 retired, 8 unchanged.\n"
    )
    sheet.write_text("품번,품명,설비\nVH-9,,XX\n,b,\n", encoding="utf-8")
    code, said = run("table", "products", "--import", str(sheet))
    assert code == 1
    assert said.splitlines() == [
        'line 2, column C (Machine code): "XX" is no machine of this line: there are PR-01, MC-01, WD-01, WS-01, '
        "AS-01, LT-01, VI-01, PK-01.",
        "line 2 (Ideal cycle): is missing: seconds for one piece, for example 4.5.",
        "line 3, column A (Item no.): is empty: fill it in, for example P-100.",
    ]
    assert run("table", "reasons", "--template", str(tmp_path / "r.xlsx")) == (0, "")
    code, said = run("table", "nothing", "--export", "x.csv")
    assert code == 2
    assert "machines, products, reasons, scrap_reasons" in said
