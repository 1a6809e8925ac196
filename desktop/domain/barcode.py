"""What a scanned code is: cleaned, capped and told apart by the shop's patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping

from desktop.domain.gs1 import AIM

LONGEST_CODE = 512
GS1 = AIM  # AIM identifiers of codes that hold GS1 element strings
#: "]", code letter, modifier; behind ]Y a digit says how many more there are
_AIM = re.compile(
    rb"\](?:[A-XZa-z][0-9A-Za-z]|Y(?:%s))" % b"|".join(b"%d[0-9A-Za-z]{%d}" % (more, more) for more in range(10))
)
#: all control characters but GS (0x1D), which GS1 needs; and halves of characters, which no file can hold
_CONTROL = re.compile(r"[\x00-\x1c\x1e\x1f\x7f-\x9f\ud800-\udfff]")


def clean_code(body: str) -> str:
    """A scanned code without control characters and blanks around it, at most 512 characters; GS stays."""
    return _CONTROL.sub("", body).strip()[:LONGEST_CODE]


def aim_of(code: str, raw: bytes | None) -> str:
    """The AIM identifier of a scan, from its bytes: "]d2"; "" where the scanner sent none or the code still has it."""
    found = _AIM.match(raw or b"")
    if found is None or raw is None:
        return ""
    # what looks like one may be the code itself, or behind a "]" that the shop's pattern took off
    own = any(clean_code(raw[at:].decode("utf-8", "replace")) == code for at in range(found.end()))
    return "" if own else found[0].decode("ascii")


def classify(code: str, classes: Mapping[str, str]) -> tuple[str, str]:
    """What a code is (unit, lot, box or "") and, for a lot, which kind: the first group of its pattern."""
    for what, pattern in classes.items():
        match = re.search(pattern, code)
        if match:
            return what, (match.group(1) or "") if match.groups() else ""
    return "", ""
