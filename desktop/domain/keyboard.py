"""The keys behind Korean letters: what a keyboard scanner sent while the Korean input method was on.

Two-set layout (두벌식, KS X 5002), the usual one of Korean Windows. It lies on the keys of the English layout; digits
and other signs are the same on both. A scanner's "RB01" arrives as "ㄲㅠ01", and what makes a syllable as a syllable.
"""

from __future__ import annotations

import unicodedata

_FIRSTS = ("r", "R", "s", "e", "E", "f", "a", "q", "Q", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g")
_VOWELS = (
    "k", "o", "i", "O", "j", "p", "u", "P", "h", "hk", "ho", "hl", "y", "n", "nj", "np", "nl", "b", "m", "ml", "l",
)  # fmt: skip
_LASTS = (
    "", "r", "R", "rt", "s", "sw", "sg", "e", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a", "q", "qt", "t", "T",
    "d", "w", "c", "z", "x", "v", "g",
)  # fmt: skip
#: single letters as they stand in Unicode from U+3131 on: consonants, then vowels
_SINGLE = dict(
    zip(
        map(chr, range(0x3131, 0x3164)),
        (
            "r", "R", "rt", "s", "sw", "sg", "e", "E", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a", "q", "Q",
            "qt", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g", *_VOWELS,
        ),
        strict=True,
    )
)  # fmt: skip
_FIRST_SYLLABLE, _LAST_SYLLABLE = 0xAC00, 0xD7A3


def latin_keys(text: str) -> str:
    """The text with each Korean letter as the keys that make it, small ones but for ㅃㅉㄸㄲㅆㅒㅖ; all else stays.

    Capital and small letters are the same key for most Korean letters: what was capital is not known any more.
    """
    return "".join(map(_keys, unicodedata.normalize("NFC", text)))


def _keys(sign: str) -> str:
    if _FIRST_SYLLABLE <= ord(sign) <= _LAST_SYLLABLE:
        rest, last = divmod(ord(sign) - _FIRST_SYLLABLE, len(_LASTS))
        first, vowel = divmod(rest, len(_VOWELS))
        return _FIRSTS[first] + _VOWELS[vowel] + _LASTS[last]
    return _SINGLE.get(sign, sign)
