"""How a command line is described and read: argparse in both languages, the kinds of values, commands as a table."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from desktop.text import N_, _, cells, plural

Run = Callable[[argparse.Namespace], int]

#: what argparse says to people by itself, Python 3.11 to 3.13
ARGPARSE_WORDS = (
    N_("usage: "),
    N_("options"),
    N_("positional arguments"),
    N_("show this help message and exit"),
    N_("%(prog)s: error: %(message)s\n"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("expected one argument"),
    N_("ignored explicit argument %r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
)


# argparse asks these two names of its own module for every word that it says; they look into the system's
# catalogues, which know neither our language nor, mostly, argparse.
vars(argparse).update(_=_, ngettext=plural)


class Argument(Struct, frozen=True):
    """An argument or option: its names, what it is for (English), and what argparse is told besides."""

    names: tuple[str, ...]
    help: str
    more: Mapping[str, Any]

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Tell a parser of it, in the language in use."""
        words = {"metavar": _(self.more["metavar"])} if "metavar" in self.more else {}
        parser.add_argument(*self.names, help=_(self.help), **{**self.more, **words})


def argument(*names: str, help: str, **more: Any) -> Argument:  # noqa: A002 - argparse's own word
    """An argument as argparse takes it; `help` and `metavar` are source strings of the catalogue."""
    return Argument(names, help, more)


class Command(Struct, frozen=True):
    """A command: its name, what it does (English), the function that does it, and its arguments."""

    name: str
    help: str
    run: Run
    arguments: tuple[Argument, ...] = ()


class Parser(argparse.ArgumentParser):
    """An argparse parser whose help is laid out for letters of two cells, too."""

    def __init__(self, **more: Any) -> None:
        super().__init__(formatter_class=_Formatter, **more)


class _Formatter(argparse.HelpFormatter):
    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        if action.help is not argparse.SUPPRESS:
            width = cells(self._format_action_invocation(action)) + self._current_indent
            self._action_max_length = max(self._action_max_length, width)

    def _format_action(self, action: argparse.Action) -> str:
        """The help of one argument; argparse pads by letters, of which a Korean one takes two cells."""
        named = self._format_action_invocation(action)
        extra = cells(named) - len(named)
        return super()._format_action(action).replace(named + " " * (extra + 2), named + "  ", 1)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return _wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return textwrap.indent("\n".join(_wrapped(text, width - len(indent))), indent)


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and cells(lines[-1]) + 1 + cells(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def add_commands(parser: Parser, commands: Sequence[Command]) -> None:
    """Tell a parser of every command."""
    group = parser.add_subparsers(
        metavar=_("COMMAND"), title=_("commands"), description=_("without one, the window opens")
    )
    for command in commands:
        sub = group.add_parser(command.name, help=_(command.help), description=_(command.help))
        sub.set_defaults(run=command.run)
        for each in command.arguments:
            each.add_to(sub)


# -- the kinds of values: what a word must be, or a sentence that says it --


def whole(word: str) -> int:
    """A whole number."""
    try:
        return int(word)
    except ValueError:
        raise _refused(word, _("must be a whole number such as 1")) from None


def number(word: str) -> float:
    """A number, never nan."""
    try:
        value = float(word)
    except ValueError:
        value = float("nan")
    if value != value:
        raise _refused(word, _("must be a number such as 1.5"))
    return value


def positive(word: str) -> float:
    """A number above 0."""
    value = number(word)
    if not 0 < value < float("inf"):
        raise _refused(word, _("must be more than 0"))
    return value


def moment(word: str) -> int:
    """A moment as UTC milliseconds, from 1971 to 2100."""
    value = int(word) if word.isdecimal() and len(word) < 20 else 0
    if not 31_536_000_000 <= value <= 4_102_444_800_000:
        raise _refused(word, _("must be UTC milliseconds between 1971 and 2100"))
    return value


def days(word: str) -> float:
    """Days, above 0 and ten years at most."""
    value = positive(word)
    if value > 3660:
        raise _refused(word, _("must be ten years at most"))
    return value


def speed(word: str) -> float:
    """How many times as fast as the real time, 0.1 to 60."""
    value = number(word)
    if not 0.1 <= value <= 60:
        raise _refused(word, _("must lie between 0.1 and 60"))
    return value


def named(word: str) -> tuple[str, str]:
    """A name and what belongs to it, joined by the last "=" sign."""
    name, sign, value = word.rpartition("=")
    if not sign or not name.strip() or not value.strip():
        raise _refused(word, _("must be a name and a code such as Kim=0412"))
    return name.strip(), value.strip()


def _refused(word: str, words: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(_('"{value}" {problem}').format(value=word, problem=words))
