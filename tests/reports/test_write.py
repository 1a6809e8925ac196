"""Files appear whole or not at all, under a name that every system takes."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop import text
from desktop.reports import form, write
from desktop.store.database import KnownError
from tests.reports.example import full

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    text.use("en")
    yield
    text.use("en")


def test_writes_each_format_once(tmp_path: Path) -> None:
    out = tmp_path / "교대 보고" / "2026-11"
    files = write.write(full(), ["csv", "json", "xlsx", "csv"], out, write.stem(full()))
    assert [file.name for file in files] == [f"2026-11-19-주간.{ending}" for ending in ("csv", "json", "xlsx")]
    assert sorted(out.iterdir()) == sorted(files), "nothing else is left in the folder"


def test_replaces_an_older_report(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("old", encoding="utf-8")
    files = write.write(full(), ["json"], tmp_path, "r")
    assert files == [tmp_path / "r.json"]
    assert files[0].read_text(encoding="utf-8").startswith("{")


def test_a_file_open_in_another_program_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = tmp_path / "r.csv"
    held.write_text("open in Excel", encoding="utf-8")
    honest = Path.replace

    def as_on_windows(self: Path, target: Path) -> Path:
        if target == held:
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(target))
        return honest(self, target)

    monkeypatch.setattr(Path, "replace", as_on_windows)
    assert write.write(full(), ["csv"], tmp_path, "r") == [tmp_path / "r (2).csv"]
    assert held.read_text(encoding="utf-8") == "open in Excel"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["r (2).csv", "r.csv"]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (PermissionError(errno.EACCES, "Permission denied"), "no right to write there"),
        (OSError(errno.EROFS, "Read-only file system"), "no right to write there"),
        (OSError(errno.EIO, "Input/output error"), "the disk reports an error."),
    ],
)
def test_a_fault_is_one_sentence_and_leaves_nothing(
    fault: OSError, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise fault

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(write.ReportError) as caught:
        write.write(full(), ["csv"], tmp_path, "r")
    assert sentence in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    for out in (tmp_path / "out", tmp_path / "out" / "deeper"):
        with pytest.raises(write.ReportError, match="is not a folder"):
            write.write(full(), ["csv"], out, "r")


def test_an_unknown_format_is_said_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(write.ReportError, match="docx is not a report format"):
        write.write(full(), ["csv", "docx"], tmp_path, "r")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("2026-11-19-주간 A조", "2026-11-19-주간 A조"),
        ("../../etc/passwd", "-..-etc-passwd"),
        ('a<b>:"/\\|?*c', "a-b--------c"),
        ("con", "_con"),
        ("LPT1.x", "_LPT1.x"),
        ("end. . ", "end"),
        ("a\x00\nb", "a--b"),
        ("", "_"),
    ],
)
def test_names_are_safe(name: str, safe: str) -> None:
    assert write.safe_stem(name) == safe


def test_long_names_fit_every_file_system() -> None:
    report = replace(full(), shift=replace(full().shift, name="쀍" * 300))
    assert len(write.stem(report)) == 60
    assert len(f".{write.stem(report)}.xlsx.4194304.part".encode()) <= 255


def test_progress_goes_from_nothing_to_all_over_every_file(tmp_path: Path) -> None:
    told: list[float] = []
    write.write(full(), ["pdf", "xlsx", "csv"], tmp_path, "r", form=form.sample(), progress=told.append)
    assert told == sorted(told)
    assert len(set(told)) >= 6, "three pages, a workbook, a text file and a form"
    assert told[-1] == pytest.approx(1)


def test_a_form_is_written_beside_and_named_after_its_template(tmp_path: Path) -> None:
    files = write.write(full(), ["csv"], tmp_path, "r", form=form.sample())
    assert [file.name for file in files] == ["r daily-report-en.xlsx", "r.csv"]
    assert write.write(full(), [], tmp_path, "r", form=form.sample()) == [tmp_path / "r daily-report-en.xlsx"]


def test_a_form_that_cannot_be_filled_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "no.xlsx").write_text("no workbook", encoding="utf-8")
    with pytest.raises(KnownError, match="is no Excel workbook"):
        write.write(full(), ["csv"], tmp_path / "out", "r", form=tmp_path / "no.xlsx")
    assert not (tmp_path / "out").exists()


CHILD = """
import os, sys, time
from pathlib import Path
from desktop.reports import write
from tests.reports.example import full

def stall(descriptor):
    print("written", flush=True)
    time.sleep(60)

os.fsync = stall
write.write(full(), ["json"], Path(sys.argv[1]), "r")
"""


def test_a_killed_writer_leaves_the_old_file_and_its_draft_goes_later(tmp_path: Path) -> None:
    old = tmp_path / "r.json"
    old.write_text("old", encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "written\n"
        child.kill()
    assert old.read_text(encoding="utf-8") == "old"
    (draft,) = [file for file in tmp_path.iterdir() if file != old]
    assert draft.name.startswith(".r.json.")

    write.write(full(), ["json"], tmp_path, "r")
    assert draft.exists(), "a young draft may belong to a writer that lives"
    hour_ago = time.time() - 3600
    os.utime(draft, (hour_ago, hour_ago))
    write.write(full(), ["json"], tmp_path, "r")
    assert list(tmp_path.iterdir()) == [old]
    assert old.read_text(encoding="utf-8").startswith("{")
