"""Numbers that Gadong issues: serials of units and numbers of boxes, by the shop's pattern.

    VH204-{yymmdd}-{n:04}   ->   VH204-261130-0001, VH204-261130-0002 ... and on the next day from 0001 on

What stands beside the counter says for how long it runs: with the day in it each day has its own, with the month each
month, with neither it runs for ever. So nothing has to be reset, and no two numbers of a pattern are the same.

A box of a shop with a GS1 company prefix gets an SSCC (`sscc_pattern`), by one counter for the whole shop.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from desktop.domain import gs1

LONGEST = 48  # characters of a number
MOST_AT_ONCE = 500
#: what a shop begins with
USUAL: Mapping[str, str] = {"unit": "{product}-{yymmdd}-{n:04}", "box": "BX-{product}-{yymmdd}-{n:03}"}
#: assigned by a GS1 member organisation
_PREFIX = re.compile(r"[0-9]{4,12}")
_SSCC = re.compile(r"\{sscc:([0-9]{4,12})\}")
_PLACE = re.compile(r"\{([^{}]*)\}")
_COUNTER = re.compile(r"n(?::0(\d))?")
_DATES = {"yymmdd": "%y%m%d", "yyyymmdd": "%Y%m%d", "yymm": "%y%m", "yy": "%y", "mm": "%m", "dd": "%d", "jjj": "%j"}
#: printable signs that every scanner and keyboard gives back, without blanks and without what parts other texts
_SIGNS = re.compile(r"[0-9A-Za-z./_\-]+")


def fault(pattern: str) -> str:
    """What is wrong with a pattern: "" nothing, "counter" not exactly one {n}, "place" unknown braces, "signs" a sign
    that is no letter, digit, point, hyphen, slash or underline, "long" more than 48 characters."""
    places = _PLACE.findall(pattern)
    if sum(_COUNTER.fullmatch(place) is not None for place in places) != 1:
        return "counter"
    if any(place not in (*_DATES, "product") and not _COUNTER.fullmatch(place) for place in places):
        return "place"
    if not _SIGNS.fullmatch(_PLACE.sub("0", pattern)):
        return "signs"
    return "long" if len(number(pattern, "", date(2026, 11, 30), 1)) > LONGEST else ""


def is_company_prefix(digits: str) -> bool:
    """Whether this can be a GS1 company prefix: four to twelve digits."""
    return _PREFIX.fullmatch(digits) is not None


def sscc_pattern(company_prefix: str) -> str:
    """The pattern that makes SSCCs; none that a person can write (`fault`)."""
    return f"{{sscc:{company_prefix}}}"


def is_sscc(pattern: str) -> bool:
    """Whether a pattern makes SSCCs."""
    return _SSCC.fullmatch(pattern) is not None


def sscc(company_prefix: str, n: int) -> str:
    """The n-th SSCC of a company, from 1 (GS1 General Specifications 3.2): 18 digits.

        0  8801234  000000001  7    extension digit, company prefix, serial reference, check digit

    Prefix and reference have 16 digits together. Where references run out the extension digit goes up, which has no
    meaning of its own. Raises ValueError where all are used up.
    """
    digits = 16 - len(company_prefix)
    extension, reference = divmod(n, 10**digits)
    if extension > 9:
        raise ValueError(f"no {n} SSCCs of {company_prefix}")
    body = f"{extension}{company_prefix}{reference:0{digits}}"
    return body + gs1.check_digit(body)


def scope(pattern: str, product: str, on: date) -> str:
    """For what one counter runs: the number without its count."""
    if is_sscc(pattern):
        return pattern
    return _filled(pattern, product, on, None)


def number(pattern: str, product: str, on: date, n: int) -> str:
    """The n-th number, from 1. A count that is too large for its digits takes more of them. Of the product's code what
    no bar code takes everywhere becomes a hyphen. Raises ValueError where SSCCs are used up."""
    if company := _SSCC.fullmatch(pattern):
        return sscc(company[1], n)
    return _filled(pattern, product, on, n)


def _filled(pattern: str, product: str, on: date, n: int | None) -> str:
    def put(found: re.Match[str]) -> str:
        counter = _COUNTER.fullmatch(found[1])
        if counter is not None:
            return "{n}" if n is None else f"{n:0{int(counter[1] or 1)}}"
        if found[1] == "product":
            return re.sub(r"[^0-9A-Za-z./_\-]", "-", product)
        return f"{on:{_DATES[found[1]]}}" if found[1] in _DATES else found[0]

    return _PLACE.sub(put, pattern)
