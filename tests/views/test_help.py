"""The manual as a whole: both languages alike, no link or picture missing, the words of the screens, real commands."""

from __future__ import annotations

import re
from pathlib import Path

from desktop import text
from desktop.command_line import COMMANDS
from desktop.views.widgets import manual

LANGUAGES = ("ko", "en")
FOLDER = Path(manual.FOLDER)
_LINK = re.compile(r"!?\[(?P<words>[^\]]*)\]\((?P<target>[^)]+)\)")


def _written(lang: str) -> dict[str, str]:
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted((FOLDER / lang).glob("*.md"))}


def test_every_page_is_in_both_languages_and_in_the_contents() -> None:
    for lang in LANGUAGES:
        assert sorted(_written(lang)) == sorted(manual.PAGES)
        titles = [page.partition("\n")[0] for page in _written(lang).values()]
        assert all(title.startswith("# ") for title in titles)
        assert len(set(titles)) == len(titles)


def test_the_pages_of_both_languages_are_built_alike() -> None:
    """The same headings, rows, steps, pictures and links: what one language says the other does not leave out."""
    english, korean = _written("en"), _written("ko")
    for name in set(manual.PAGES) - {"counting"}:
        shapes = []
        for page, lang in ((english[name], "en"), (korean[name], "ko")):
            marks = [re.match(r"#+ |\||- |\d\. |```|!|$", line) for line in page.splitlines()]
            links = [found["target"].replace(f"-{lang}.", ".") for found in _LINK.finditer(page)]
            shapes.append(([mark[0] if mark else "words" for mark in marks], links))
        assert shapes[0] == shapes[1], name


def test_every_link_resolves_and_says_the_title_of_its_page() -> None:
    for lang in LANGUAGES:
        pages = _written(lang)
        linked = set()
        for name, page in pages.items():
            for found in _LINK.finditer(page):
                target = (FOLDER / lang / found["target"]).resolve()
                assert target.is_file(), f"{lang}/{name}: {found['target']}"
                linked.add(target)
                if target.suffix == ".md":
                    assert target.parent.name == lang
        assert linked >= {(FOLDER / "pictures" / f"{name}-{lang}.png").resolve() for name in ("overview", "andon")}


def test_every_picture_is_used_and_small() -> None:
    used = {
        (FOLDER / lang / found["target"]).resolve()
        for lang in LANGUAGES
        for page in _written(lang).values()
        for found in _LINK.finditer(page)
    }
    there = list((FOLDER / "pictures").iterdir())
    assert [file.name for file in there if file.resolve() not in used] == []
    assert [file.name for file in there if file.stat().st_size > 300_000] == []
    assert sum(file.stat().st_size for file in there) <= 4_000_000


def test_the_manual_uses_the_words_of_the_screens() -> None:
    """What stands in bold in a page of a screen and is a word of the program there is one in the other language too."""
    catalogue = {text.use("ko") or text._(word): word for word in WORDS_ON_SCREENS}
    text.use("en")
    korean, english = "".join(_written("ko").values()), "".join(_written("en").values())
    for said, word in catalogue.items():
        assert f"**{said}**" in korean, said
        assert f"**{word}**" in english, word


WORDS_ON_SCREENS = (
    "Start the demo", "Begin", "Needs attention", "Acknowledge", "Acknowledged alarms", "Save all", "Open folder",
    "Cancel", "Behind this figure", "OEE by shift", "Biggest losses", "Copy", "Data folder", "Undo", "Check C/T",
    "Connected", "Form", "Folder of the forms",
)  # fmt: skip


def test_every_command_that_is_named_is_one() -> None:
    for lang in LANGUAGES:
        named = set(re.findall(r"`?main\.py ([a-z]+)", "".join(_written(lang).values())))
        assert len(named) > 8
        assert named <= set(COMMANDS)
