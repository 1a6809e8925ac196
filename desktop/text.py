"""One mechanism for every word that a person reads: screens, reports and the command line.

English source strings go through gettext; the Korean catalogue lies in resources/locale. The
language is chosen once per process (`use`), Korean by default where the system speaks Korean.
"""

from __future__ import annotations

import gettext
import locale
import os
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


def N_(message: str) -> str:
    """Mark a source string for the catalogue without translating it here."""
    return message
