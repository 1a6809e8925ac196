"""What a scanned code is: cleaned, capped and told apart by the shop's patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping

LONGEST_CODE = 512
#: all control characters but GS (0x1D), which GS1 needs; and halves of characters, which no file can hold
_CONTROL = re.compile(r"[\x00-\x1c\x1e\x1f\x7f-\x9f\ud800-\udfff]")


def clean_code(body: str) -> str:
    """A scanned code without control characters and blanks around it, at most 512 characters; GS stays."""
    return _CONTROL.sub("", body).strip()[:LONGEST_CODE]


def classify(code: str, classes: Mapping[str, str]) -> tuple[str, str]:
    """What a code is (unit, lot, box or "") and, for a lot, which kind: the first group of its pattern."""
    for what, pattern in classes.items():
        match = re.search(pattern, code)
        if match:
            return what, (match.group(1) or "") if match.groups() else ""
    return "", ""
