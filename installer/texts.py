"""Brings the Korean catalogue up to date: collects every source string, keeps known translations, compiles.

python installer/texts.py            collect and compile; says what has no Korean yet
python installer/texts.py FILE.po    the same, after taking over the translations of FILE.po
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
KOREAN = ROOT / "resources" / "locale" / "ko" / "LC_MESSAGES" / "gadong.po"
MARKS = ("_", "N_", "UnfitError")  # drivers/base.py: UnfitError(template, **values)
_STAMP = datetime(2026, 1, 1, tzinfo=UTC)  # fixed, so that an unchanged catalogue is an unchanged file


def source_strings() -> dict[str, list[str]]:
    """Every string that is translated, with its files: code (drivers say only why a setting does not fit), names of the
    demo line and of the usual reasons, notes of device presets."""
    found: dict[str, list[str]] = {}
    for folder in ("desktop", "drivers"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for text in _marked(file):
                found.setdefault(text, []).append(file.relative_to(ROOT).as_posix())
    for text in _names(tomllib.loads((ROOT / "resources" / "demo_line.toml").read_text(encoding="utf-8"))):
        found.setdefault(text, []).append("resources/demo_line.toml")
    for text in _names(tomllib.loads((ROOT / "resources" / "reasons.toml").read_text(encoding="utf-8"))):
        found.setdefault(text, []).append("resources/reasons.toml")
    for text in _names(tomllib.loads((ROOT / "resources" / "checks.toml").read_text(encoding="utf-8"))):
        found.setdefault(text, []).append("resources/checks.toml")
    for file in sorted((ROOT / "resources" / "devices").glob("*.toml")):
        for text in tomllib.loads(file.read_text(encoding="utf-8")).get("notes", ()):
            found.setdefault(text, []).append(file.relative_to(ROOT).as_posix())
    return {text: sorted(set(files)) for text, files in sorted(found.items())}


def _marked(file: Path) -> Iterator[str]:
    """The strings that a file hands to one of MARKS, also inside f-strings.

    Raises ValueError for an f-string itself, and for an UnfitError whose template stands elsewhere.
    """
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            text = node.args[0]
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield text.value
            elif isinstance(text, ast.JoinedStr):
                raise ValueError(f"{file.name}:{node.lineno}: an f-string cannot be translated")
            elif node.func.id == "UnfitError":
                raise ValueError(f"{file.name}:{node.lineno}: UnfitError needs its template where it is raised")


def _names(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("name", "line", "group", "subgroup") and isinstance(value, str) and value:
                yield value
            else:
                yield from _names(value)
    elif isinstance(node, list):
        for value in node:
            yield from _names(value)


def read_catalogue(file: Path) -> Catalog:
    """A catalogue file. Raises ValueError for one that is not well-formed."""
    with file.open("rb") as stream:
        return read_po(stream, locale="ko", domain="gadong", abort_invalid=True)


def update(*, additions: Path | None = None) -> list[str]:
    """Write catalogue and compiled catalogue anew; returns the strings without Korean."""
    known: dict[str, str] = {}
    for file in (KOREAN, additions):
        if file is not None and file.exists():
            known |= {str(m.id): str(m.string) for m in read_catalogue(file) if m.id and m.string}
    catalogue = Catalog(
        locale="ko",
        domain="gadong",
        project="Gadong",
        version="0.1",
        copyright_holder="Gadong contributors",
        last_translator="Gadong contributors",
        language_team="ko",
        msgid_bugs_address="none",
        header_comment="# Korean texts of Gadong. Written by installer/texts.py; edit the msgstr lines.",
        creation_date=_STAMP,
        revision_date=_STAMP,
        fuzzy=False,
    )
    for text, files in source_strings().items():
        catalogue.add(text, known.get(text, ""), locations=[(file, 0) for file in files], flags=())
    KOREAN.parent.mkdir(parents=True, exist_ok=True)
    with KOREAN.open("wb") as stream:
        write_po(stream, catalogue, width=0, include_lineno=False, omit_header=False)
    with KOREAN.with_suffix(".mo").open("wb") as stream:
        write_mo(stream, catalogue)
    return [text for text in source_strings() if not known.get(text)]


if __name__ == "__main__":
    missing = update(additions=Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    for text in missing:
        print(repr(text))
    print(f"{len(missing)} without Korean")
