"""The bundled typeface: complete, free of substitutions, and readable again from the text layer of a PDF."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parents[1] / "resources" / "fonts"
WEIGHTS = {"Regular": 400, "Bold": 700}

DRAW = """
import sys
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QPageSize, QPainter, QPdfWriter

app = QGuiApplication([])
known = QFontDatabase.addApplicationFont(sys.argv[1])
family = QFontDatabase.applicationFontFamilies(known)[0]
writer = QPdfWriter(sys.argv[2])
writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
writer.setResolution(300)
painter = QPainter(writer)
font = QFont(family)
font.setPointSizeF(10)
font.setBold("Bold" in sys.argv[1])
painter.setFont(font)
for row, line in enumerate(sys.stdin.buffer.read().decode("utf-8").split("\\n")):
    painter.drawText(100, 100 + 60 * row, line)
painter.end()
print(family)
"""


def text_layer(weight: str, text: str, folder: Path) -> str:
    """Draws `text` with QPainter on a PDF page in a child process; what pdftotext reads from it."""
    page = folder / "page.pdf"
    child = subprocess.run(
        [sys.executable, "-c", DRAW, str(FONTS / f"GadongSans-{weight}.ttf"), str(page)],
        input=text.encode("utf-8"),
        capture_output=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        timeout=60,
        check=False,
    )
    assert child.returncode == 0, child.stderr.decode("utf-8", "replace")
    assert child.stdout.decode("utf-8").strip() == "Gadong Sans"
    extract = shutil.which("pdftotext")
    assert extract, "pdftotext is missing (Debian: apt-get install poppler-utils)"
    read = subprocess.run([extract, "-layout", str(page), "-"], capture_output=True, timeout=60, check=True)
    return read.stdout.decode("utf-8").replace("\f", "").strip("\n")


@pytest.fixture(params=WEIGHTS)
def weight(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def font(weight: str) -> TTFont:
    return TTFont(FONTS / f"GadongSans-{weight}.ttf")


def test_no_layout_tables(font: TTFont) -> None:
    assert not {"GSUB", "GPOS", "GDEF", "morx", "kern"} & set(font.keys())


def test_every_hangul_syllable_and_the_signs_of_the_screens(font: TTFont) -> None:
    present = set(font.getBestCmap())
    wanted = set(range(0xAC00, 0xD7A4)) | set(range(0x3131, 0x3164))
    wanted |= set(range(0x20, 0x7F)) | set(range(0xA0, 0x180)) - {0x149}  # U+0149 is deprecated in Unicode
    wanted |= {ord(sign) for sign in "×÷−±°µμØ≤≥≠≈→←↑↓▲▼▶◀△▽●○■□◆◇★☆⚠✓✗·–—…‘’“”•‰※√∞∑ΔΣΩσ㎜㎝㎏㎡㎥℃℉№₩㈜①②「」"}
    assert not [f"U+{code:04X} {chr(code)}" for code in sorted(wanted - present)]


def test_figures_have_one_width(font: TTFont) -> None:
    glyphs = font.getBestCmap()
    assert len({font["hmtx"][glyphs[ord(digit)]][0] for digit in "0123456789"}) == 1


def test_every_character_has_a_glyph_of_its_own(font: TTFont) -> None:
    glyphs = font.getBestCmap()
    assert len(set(glyphs.values())) == len(glyphs)


def test_reserved_name_is_gone_and_embedding_is_allowed(font: TTFont, weight: str) -> None:
    records = {record.nameID: str(record) for record in font["name"].names}
    assert records[1] == "Gadong Sans"
    assert records[2] == weight
    assert records[6] == f"GadongSans-{weight}"
    assert not [text for text in records.values() if "pretendard" in text.lower()]
    assert "SIL Open Font License" in records[13]
    assert "Kil Hyung-jin" in records[0], "the licence keeps the copyright notice"
    assert font["OS/2"].fsType == 0
    assert font["OS/2"].usWeightClass == WEIGHTS[weight]


def test_licence_lies_beside() -> None:
    text = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert text.startswith("Copyright (c) 2021, Kil Hyung-jin")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text


def test_text_layer_of_a_report_line_is_exact(weight: str, tmp_path: Path) -> None:
    line = "교대: 08:00 ~ 20:15 (A-1) 3,467.9"
    assert text_layer(weight, line, tmp_path) == line


def test_text_layer_gives_back_every_sign(tmp_path: Path) -> None:
    signs = [chr(code) for code in sorted(TTFont(FONTS / "GadongSans-Regular.ttf").getBestCmap()) if code < 0xAC00]
    # Spaces and invisible marks carry no ink that an extractor could place.
    signs = [sign for sign in signs if sign.isprintable() and sign not in "\u00ad\u3164"]
    rows = ["".join(signs[first : first + 30]) for first in range(0, len(signs), 30)]
    assert [row.replace(" ", "") for row in text_layer("Regular", "\n".join(rows), tmp_path).split("\n") if row] == [
        row.replace(" ", "") for row in rows
    ]
