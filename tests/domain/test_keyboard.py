"""Korean letters as the keys that make them; what a Korean input method does to keys is composed here a second way."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.keyboard import latin_keys

#: the layout as it is printed on keyboards, row by row
_ROWS = {"qwertyuiop": "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "asdfghjkl": "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "zxcvbnm": "ㅋㅌㅊㅍㅠㅜㅡ"}
_ON_KEYS = {key: letter for keys, letters in _ROWS.items() for key, letter in zip(keys, letters, strict=True)}


def test_every_key_of_the_layout() -> None:
    assert {key: latin_keys(letter) for key, letter in _ON_KEYS.items()} == {key: key for key in _ON_KEYS}
    assert latin_keys("ㅃㅉㄸㄲㅆㅒㅖ") == "QWERTOP"


@pytest.mark.parametrize(
    ("shown", "keys"),
    [
        ("한글", "gksrmf"), ("가동", "rkehd"), ("값", "rkqt"), ("닭", "ekfr"), ("않아", "dksgdk"), ("의", "dml"),
        ("ㄲㅠ01ㅕ6", "Rb01u6"), ("ㅎ.ㅡㄴㅅ", "g.mst"), ("VH-204", "VH-204"), ("", ""), ("뷁", "qnpfr"),
        ("ㅘㄳ", "hkrt"),
    ],
)  # fmt: skip
def test_words_as_they_are_typed(shown: str, keys: str) -> None:
    assert latin_keys(shown) == keys


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=5))
def test_syllables_are_the_keys_of_their_letters(shown: str) -> None:
    """Python's own decomposition gives the letters of a syllable, in another block of Unicode."""
    letters = []
    for sign in unicodedata.normalize("NFD", shown):
        name = unicodedata.name(sign).split(" ", 2)[2]
        letters.append(unicodedata.lookup(f"HANGUL LETTER {name}"))
    assert latin_keys(shown) == "".join(map(latin_keys, letters))
    assert latin_keys(unicodedata.normalize("NFD", shown)) == latin_keys(shown)


@given(st.text(st.characters(max_codepoint=0x3130)))
def test_nothing_else_is_touched(shown: str) -> None:
    composed = unicodedata.normalize("NFC", shown)
    if not any("\u1100" <= sign <= "\u11ff" or sign >= "가" for sign in composed):
        assert latin_keys(shown) == composed
