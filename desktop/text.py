"""One mechanism for every word that a person reads: screens, reports and the command line.

English source strings go through gettext; the Korean catalogue lies in resources/locale. The
language is chosen once per process (`use`), Korean by default where the system speaks Korean.
"""

from __future__ import annotations

import errno
import functools
import gettext
import locale
import os
import unicodedata
from pathlib import Path

LANGUAGES = ("ko", "en")
_FOLDER = Path(__file__).resolve().parent.parent / "resources" / "locale"
_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def use(language: str) -> None:
    """Speak `language` ("ko" or "en") from now on in this process. Raises ValueError for another."""
    global _current, _language
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} is not one of {LANGUAGES}")
    _language = language
    _current = (
        gettext.NullTranslations() if language == "en" else gettext.translation("gadong", _FOLDER, languages=[language])
    )


def language() -> str:
    """The language in use: "ko" or "en"."""
    return _language


def system_language() -> str:
    """The language that this computer speaks, "ko" or "en"; Korean only where the system says so."""
    named = os.environ.get("GADONG_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    if not named:
        named = locale.getlocale()[0] or ""
    return "ko" if named.lower().startswith(("ko", "korean")) else "en"


def _(message: str) -> str:
    """The sentence in the language in use. `message` is the English source string."""
    return _current.gettext(message)


@functools.cache
def in_every_language(message: str) -> tuple[str, ...]:
    """The sentence in each language, English first: for what people may write in either."""
    named = (gettext.translation("gadong", _FOLDER, languages=[each]) for each in LANGUAGES if each != "en")
    return (message, *(catalogue.gettext(message) for catalogue in named))


def plural(one: str, many: str, count: int) -> str:
    """The sentence for so many, in the language in use: `one` for 1, else `many`. Nothing is put into it."""
    return _(one if count == 1 else many)


def particles(sentence: str) -> str:
    """A Korean sentence with the particles that fit the sound before them: "금형교체(으)로" is "금형교체로",
    "고장(으)로" is "고장으로", "A-03을(를)" is "A-03을". After any other sign both stay, as a person writes them."""
    for both, (closed, after_l, open_) in _PARTICLES.items():
        before, *rest = sentence.split(both)
        for part in rest:
            sign = before.rstrip("’”'\"」)")[-1:] or " "
            last = ord(_DIGITS.get(sign, sign)) - 0xAC00
            fitting = both
            if 0 <= last < 11_172:
                tail = last % 28
                fitting = open_ if not tail else after_l if tail == _L else closed
            before += fitting + part
        sentence = before
    return sentence


_L = 8  # ㄹ among the final consonants
_DIGITS = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True))  # as they are read; tens and more end like 영
_PARTICLES = {
    "(으)로": ("으로", "로", "로"),
    "을(를)": ("을", "을", "를"),
    "이(가)": ("이", "이", "가"),
    "은(는)": ("은", "은", "는"),
}


def N_(message: str) -> str:
    """Mark a source string for the catalogue without translating it here."""
    return message


_REASONS = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EACCES: N_("this user has no permission"),
    errno.EPERM: N_("this user has no permission"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the disk is full"),
    errno.EFBIG: N_("the disk takes no file of this size"),
    errno.EROFS: N_("the disk can only be read"),
    errno.EIO: N_("the disk reports an error"),
    errno.EISDIR: N_("it is a folder"),
    errno.ENOTDIR: N_("a part of the path is no folder"),
    errno.EEXIST: N_("it already exists"),
    errno.ENOTEMPTY: N_("the folder is not empty"),
    errno.EBUSY: N_("another program is using it"),
    errno.ENAMETOOLONG: N_("the name is too long"),
    errno.EMFILE: N_("too many files are open"),
}


def os_reason(error: OSError) -> str:
    """Why the operating system refused, for the middle of a sentence; a rare reason stays in the system's words."""
    return _(_REASONS[error.errno]) if error.errno in _REASONS else error.strerror or str(error)


def cells(words: str) -> int:
    """Columns of a terminal that a text takes: a Korean letter takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in words)


def visible(words: str) -> str:
    """A text from outside for a terminal: control characters as their pictures, invisible ones as escapes."""
    return "".join(map(_shown, words))


def _shown(letter: str) -> str:
    number = ord(letter)
    if number < 0x20 or number == 0x7F:
        return chr(0x2421 if number == 0x7F else 0x2400 + number)
    # Other controls, the marks that turn the direction of writing, halves of surrogates, line and paragraph ends.
    if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
    return letter
