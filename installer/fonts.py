"""Builds the bundled typeface "Gadong Sans" (Regular, Bold) from the published Pretendard fonts.

    python installer/fonts.py FOLDER [--out resources/fonts]

FOLDER is where `Pretendard-Regular.ttf` and `Pretendard-Bold.ttf` lie (version 1.3.9: the folder
`dist/public/static/alternative` of the npm package `pretendard`) and, there or up to three folders above, its licence
text `LICENSE.txt`. It needs fontTools (part of the test environment). The same input gives the same bytes.

What is changed, and why (the licence, SIL OFL 1.1, asks for another name then, because "Pretendard" is reserved):

* Characters: every Hangul syllable (names of people and parts use rare ones), Jamo, Latin, and the signs of a
  shop-floor screen. Everything else goes: 2.7 MB a weight become 2.1 MB, of which 0.7 MB remain in an
  installer.
* No layout tables (GSUB, GPOS). Qt's PDF writer writes no Unicode value for a glyph that a substitution put in, so with
  the published font a colon, a hyphen or a digit vanishes when the text of a report is searched or copied.
* One glyph per character, for the same reason: of two characters that share a glyph (space and no-break space, both
  Ohm signs) the PDF could only give one back. Shared glyphs are duplicated.
* Figures of equal width (the font's own tabular figures) are the ordinary figures here: columns of numbers line up and
  a live value does not jump, without any feature being switched on.
"""

from __future__ import annotations

import argparse
import copy
import sys
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "Gadong Sans"
VERSION = "1.000"
WEIGHTS = ("Regular", "Bold")

# First and last code point of each block that is kept (as far as the published font has it).
KEPT_BLOCKS = (
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x017F),  # Latin-1 Supplement, Latin Extended-A: × ÷ ± ° µ Ø ² ³ ·
    (0x0391, 0x03A9),  # Greek capitals: Δ Σ Φ Ω
    (0x03B1, 0x03C9),  # Greek small letters: α β μ σ φ
    (0x2000, 0x206F),  # General Punctuation: – — … ‘ ’ “ ” • ‰ ※ and the narrow spaces
    (0x2070, 0x209F),  # Superscripts and subscripts
    (0x20A9, 0x20A9),  # ₩
    (0x20AC, 0x20AC),  # €
    (0x2100, 0x214F),  # Letterlike Symbols: ℃ ℉ № ™ Ω Å
    (0x2150, 0x2188),  # Number Forms: Ⅰ Ⅱ Ⅲ ½ ⅔
    (0x2190, 0x21FF),  # Arrows
    (0x2200, 0x22FF),  # Mathematical Operators: − ≤ ≥ ≠ ≈ √ ∞ ∑
    (0x2300, 0x23FF),  # Miscellaneous Technical (keys)
    (0x2460, 0x2473),  # ① ... ⑳
    (0x25A0, 0x25FF),  # Geometric Shapes: ■ □ ▲ ▼ ▶ ◀ ● ○ ◆ ◇
    (0x2600, 0x26FF),  # Miscellaneous Symbols: ★ ☆ ⚠
    (0x2713, 0x2717),  # ✓ ✗
    (0x2B1C, 0x2B1C),
    (0x3000, 0x301F),  # CJK punctuation: 「 」 『 』 【 】
    (0x3131, 0x318E),  # Hangul Compatibility Jamo
    (0x321C, 0x321C),  # ㈜
    (0x3380, 0x33DF),  # CJK Compatibility: ㎜ ㎏ ㎠ ㎥ ㎐ ㎾ ㎩
    (0xAC00, 0xD7A3),  # the 11,172 Hangul syllables
    (0xFF01, 0xFF5E),  # Fullwidth forms: what a Korean input method types by mistake
    (0xFFE6, 0xFFE6),  # ￦
)


def tabular_figures(font: TTFont) -> dict[str, str]:
    """Glyph name -> name of its tabular variant, as the font's own feature `tnum` says."""
    table = font["GSUB"].table
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == "tnum":
            variants: dict[str, str] = {}
            for index in record.Feature.LookupListIndex:
                for step in table.LookupList.Lookup[index].SubTable:
                    variants.update(getattr(step, "ExtSubTable", step).mapping)
            return variants
    raise SystemExit("This font has no tabular figures (feature tnum).")


def use_tabular_figures(font: TTFont) -> None:
    """Points the digits (and point, comma, colon, semicolon) at their tabular glyphs."""
    variants = tabular_figures(font)
    for table in font["cmap"].tables:
        for code in [ord(c) for c in "0123456789.,:;"]:
            if code in table.cmap:
                table.cmap[code] = variants.get(table.cmap[code], table.cmap[code])


def part_shared_glyphs(font: TTFont) -> None:
    """Gives every character a glyph of its own; the lowest code point keeps the original."""
    best: dict[int, str] = font.getBestCmap()
    order: list[str] = list(font.getGlyphOrder())
    taken: set[str] = set()
    own: dict[int, str] = {}
    for code in sorted(best):
        name = best[code]
        if name in taken:
            twin = f"u{code:04X}.own"
            font["glyf"].glyphs[twin] = copy.deepcopy(font["glyf"][name])
            font["hmtx"].metrics[twin] = font["hmtx"].metrics[name]
            order.append(twin)
            name = twin
        taken.add(name)
        own[code] = name
    font.setGlyphOrder(order)
    font["glyf"].setGlyphOrder(order)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap = {code: own[code] for code in table.cmap}


def rename(font: TTFont, weight: str, original: str) -> None:
    """Writes every name record anew: the reserved name stays only in the notice of where the outlines come from."""
    names = font["name"]
    names.names = []
    texts = {
        0: original,
        1: FAMILY,
        2: weight,
        3: f"{VERSION};{FAMILY.replace(' ', '')}-{weight}",
        4: FAMILY if weight == "Regular" else f"{FAMILY} {weight}",
        5: f"Version {VERSION}",
        6: f"{FAMILY.replace(' ', '')}-{weight}",
        10: "A modified version, renamed as its licence asks: fewer characters, no layout tables, tabular figures.",
        13: "This Font Software is licensed under the SIL Open Font License, Version 1.1.",
        14: "https://scripts.sil.org/OFL",
    }
    for name_id, text in texts.items():
        names.setName(text, name_id, 3, 1, 0x409)
    font["head"].fontRevision = float(VERSION)
    font["OS/2"].achVendID = "NONE"
    font["OS/2"].fsType = 0  # installable embedding: a PDF may carry it


def build(source: Path, weight: str) -> TTFont:
    """One weight of Gadong Sans from the published font file `source`."""
    font = TTFont(source, recalcTimestamp=False)
    original = str(font["name"].getName(0, 3, 1, 0x409))
    use_tabular_figures(font)
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0]
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "DSIG"]
    worker = subset.Subsetter(options)
    worker.populate(unicodes=[code for first, last in KEPT_BLOCKS for code in range(first, last + 1)])
    worker.subset(font)
    part_shared_glyphs(font)
    rename(font, weight, original)
    font["post"].formatType = 3.0  # no glyph names: nobody reads them, and they take 100 kB
    return font


def licence_text(folder: Path) -> str:
    """The licence file of the published font, from its folder or one above."""
    for place in (folder, *list(folder.resolve().parents)[:3]):
        for name in ("LICENSE.txt", "OFL.txt", "LICENSE"):
            if (place / name).is_file():
                return (place / name).read_text(encoding="utf-8")
    raise SystemExit(f"No licence text (LICENSE.txt) in {folder} or the three folders above it.")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Builds Gadong Sans from the published Pretendard fonts.")
    parser.add_argument("folder", type=Path, help="where Pretendard-Regular.ttf and Pretendard-Bold.ttf lie")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1] / "resources" / "fonts")
    chosen: Any = parser.parse_args(arguments)
    licence = licence_text(chosen.folder)
    chosen.out.mkdir(parents=True, exist_ok=True)
    for weight in WEIGHTS:
        target = chosen.out / f"GadongSans-{weight}.ttf"
        build(chosen.folder / f"Pretendard-{weight}.ttf", weight).save(target)
        print(f"{target}: {target.stat().st_size:,} bytes")
    (chosen.out / "OFL.txt").write_text(licence, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
