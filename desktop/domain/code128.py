"""Code 128 (ISO/IEC 15417) as bars and spaces.

    quiet | start B | character ... | check | stop    | quiet
    10 m  | 11 m    | 11 m each     | 11 m  | 13 m    | 10 m       m: one module, the thinnest bar

Code set B has one character for a sign; code set C one for two digits, used where a run of digits is long enough to
save more than the changes between the sets cost.
"""

from __future__ import annotations

import re

QUIET = 10  # modules that must stay white on either side
_CODE_C, _CODE_B, _START_B, _START_C, _STOP = 99, 100, 104, 105, 106
#: widths of bar, space, bar, space, bar, space of the values 0 to 105; the stop has a bar more. ISO/IEC 15417, table 1
_WIDTHS = (
    212222, 222122, 222221, 121223, 121322, 131222, 122213, 122312, 132212, 221213, 221312, 231212,
    112232, 122132, 122231, 113222, 123122, 123221, 223211, 221132, 221231, 213212, 223112, 312131,
    311222, 321122, 321221, 312212, 322112, 322211, 212123, 212321, 232121, 111323, 131123, 131321,
    112313, 132113, 132311, 211313, 231113, 231311, 112133, 112331, 132131, 113123, 113321, 133121,
    313121, 211331, 231131, 213113, 213311, 213131, 311123, 311321, 331121, 312113, 312311, 332111,
    314111, 221411, 431111, 111224, 111422, 121124, 121421, 141122, 141221, 112214, 112412, 122114,
    122411, 142112, 142211, 241211, 221114, 413111, 241112, 134111, 111242, 121142, 121241, 114212,
    124112, 124211, 411212, 421112, 421211, 212141, 214121, 412121, 111143, 111341, 131141, 114113,
    114311, 411113, 411311, 113141, 114131, 311141, 411131, 211412, 211214, 211232, 2331112,
)  # fmt: skip


def bars(text: str) -> tuple[int, ...]:
    """Widths in modules of bar, space, bar ... bar, without the quiet zones. Raises ValueError for a sign that is not
    printable ASCII, and for no text."""
    values = _values(text)
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return tuple(int(width) for value in (*values, check, _STOP) for width in str(_WIDTHS[value]))


def modules(text: str) -> int:
    """How wide the symbol is in modules, both quiet zones with it."""
    return sum(bars(text)) + 2 * QUIET


def _values(text: str) -> list[int]:
    """Start and data characters, as ISO/IEC 15417 annex E chooses the sets to keep the symbol short."""
    if not text or not all(" " <= sign <= "~" for sign in text):
        raise ValueError(text)
    values: list[int] = []
    in_c = False
    for part in re.findall(r"\d+|\D+", text):
        at_edge = not values or text.endswith(part)
        if part.isdecimal() and len(part) >= (4 if at_edge else 6):
            odd, pairs = part[: len(part) % 2], part[len(part) % 2 :]
            if odd:
                values += ([] if values else [_START_B]) + [ord(odd) - 32]
            values.append(_CODE_C if values else _START_C)
            values += [int(pairs[at : at + 2]) for at in range(0, len(pairs), 2)]
            in_c = True
        else:
            if in_c or not values:
                values.append(_CODE_B if in_c else _START_B)
            in_c = False
            values += [ord(sign) - 32 for sign in part]
    return values
