"""Regular expressions that people write, and what is wrong with them in words that every language has."""

from __future__ import annotations

import re

from drivers.base import UnfitError


def compiled(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Return the expression. Raises UnfitError with the place (from 1) and what is wrong there."""
    try:
        return re.compile(pattern, flags)
    except re.error as error:
        raise _why(error.msg, (error.pos or 0) + 1) from error
    except (OverflowError, RecursionError) as error:
        raise UnfitError("is too large for a regular expression") from error


def _why(message: str, at: int) -> UnfitError:
    """What a message of Python's parser means; one that is not known here keeps its place."""
    if message.startswith("missing )"):
        return UnfitError("is no regular expression: the ( at character {at} is not closed", at=at)
    if message.startswith("unbalanced"):
        return UnfitError("is no regular expression: the ) at character {at} closes nothing", at=at)
    if message.startswith("unterminated character set"):
        return UnfitError("is no regular expression: the [ at character {at} is not closed", at=at)
    if "repeat" in message:
        return UnfitError("is no regular expression: the repetition at character {at} cannot be", at=at)
    if "escape" in message:
        return UnfitError("is no regular expression: the backslash at character {at} has no meaning there", at=at)
    if message.startswith("bad character range"):
        return UnfitError("is no regular expression: the range at character {at} runs backwards", at=at)
    if message.startswith("redefinition"):
        return UnfitError("is no regular expression: a name of a field is there twice at character {at}", at=at)
    if "name" in message:
        return UnfitError("is no regular expression: no field can have the name at character {at}", at=at)
    return UnfitError("is no regular expression from character {at} on", at=at)
