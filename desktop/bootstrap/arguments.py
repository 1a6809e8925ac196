"""What a start is asked for, as far as it must be known before the application takes over."""

from __future__ import annotations

import os
from collections.abc import Sequence

LONG_TEST = "test --long"  # what `options_of` calls that command
TESTING = ("test", LONG_TEST, "bench")  # what needs the packages of the tests


def options_of(arguments: Sequence[str]) -> tuple[str | None, str | None]:
    """The command and the value of `--lang`, None where there is none. `--data-dir` takes a value as well.

    `test` with `--long` behind it is a command of its own here, for it needs more of the system.
    """
    command: str | None = None
    language: str | None = None
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if name in ("--lang", "--data-dir"):
            if not equals:
                value = rest.pop(0) if rest else ""
            if name == "--lang":
                language = value
        elif command is None and not word.startswith("-"):
            command = LONG_TEST if word == "test" and "--long" in rest else word
    return command, language


def language_of(chosen: str | None) -> str:
    """The language of this start, "ko" or "en": as chosen, else as this computer speaks (as in desktop/text.py)."""
    if chosen in ("ko", "en"):
        return str(chosen)
    named = os.environ.get("GADONG_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    if not named:
        import locale

        named = locale.getlocale()[0] or ""
    return "ko" if named.lower().startswith(("ko", "korean")) else "en"
