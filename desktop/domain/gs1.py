"""GS1 element strings: what the text of a GS1-128, DataBar, DataMatrix, QR or DotCode symbol holds.

    (]d2)  01 08801234567893  17 261130  10 AB-123 <GS>  21 SN0001
     AIM   AI GTIN            AI date    AI lot          AI serial, ended by the end of the text

Sections and figures are those of the GS1 General Specifications, release 25: 3 (application identifiers), 7.8.5
(predefined lengths), 7.8.6 (separators), 7.9 (check digits), 7.11 (character sets), 7.12 (centuries). Nothing raises:
what is wrong stands on the element as one `Remark`, and the value stays as it was read.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

GS = "\x1d"
LONGEST = 8192  # characters; the longest symbol, a DotCode or QR code, holds less
#: AIM identifiers (ISO/IEC 15424) of symbols that hold element strings, by their name in figure 5.1.2-2
AIM = {
    "]C1": "GS1-128",
    "]e0": "GS1 DataBar",
    "]d2": "GS1 DataMatrix",
    "]Q3": "GS1 QR Code",
    "]J1": "GS1 DotCode",
}
#: What scanners and their settings make of the group separator (FNC1) where a keyboard or a form takes no control
#: character: caret notation of Ctrl+], the pipe of most set-up sheets, names in brackets, the escapes of encoders,
#: Unicode's picture of it. None but "<GS>" can be data: their signs are outside of character set 82.
SUBSTITUTES = ("{GS}", "[GS]", "<GS>", "\\x1d", "\\x1D", "\\F", "^]", "~1", "␝", "|")


class Remark(StrEnum):
    """What is to be said of an element or of a whole text. Faults first: the value is not to be trusted."""

    UNKNOWN_AI = "gs1_unknown_ai"  # no application identifier begins like this
    EMPTY = "gs1_empty"  # nothing behind the identifier, or nothing but separators
    TOO_SHORT = "gs1_too_short"
    TOO_LONG = "gs1_too_long"
    WRONG_SIGNS = "gs1_wrong_signs"  # characters that the element must not have
    CHECK_DIGIT = "gs1_check_digit"
    NO_DATE = "gs1_no_date"  # a day, month or hour that there is none
    CONTRADICTS = "gs1_contradicts"  # the same identifier came before with another value
    HUMAN_READABLE = "gs1_human_readable"  # "(01)...": brackets are printed for people and never sent by a scanner
    # what follows is a warning: the value is as it was read, and may be right
    SEPARATOR_MISSING = "gs1_separator_missing"  # a further element seems to be inside the value
    REPEATED = "gs1_repeated"  # the same identifier with the same value came before: one of them counts

    @property
    def is_fault(self) -> bool:
        """Whether the value is not to be trusted."""
        return self not in (Remark.SEPARATOR_MISSING, Remark.REPEATED)


class Element(Struct, frozen=True):
    """One element string. `date`: "2026-11-30", with a time "2026-11-30T08:15" (seconds where they are told).

    `number`: a quantity with its decimal point in place ("1.250"), as text so that nothing is rounded; "" where the
    value is none. `currency`: ISO 4217 numeric, of amounts that tell one. `remark` is the first thing that is wrong,
    None where nothing is.
    """

    ai: str
    title: str
    value: str
    date: str = ""
    number: str = ""
    currency: str = ""
    remark: Remark | None = None


class Message(Struct, frozen=True):
    """The elements of one text in their order; `remark` where the text as a whole is none."""

    elements: tuple[Element, ...] = ()
    remark: Remark | None = None

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """All that is to be said, in order, each once."""
        told = (self.remark, *(element.remark for element in self.elements))
        return tuple(dict.fromkeys(remark for remark in told if remark is not None))

    @property
    def is_sound(self) -> bool:
        """Whether there is at least one element and no fault."""
        return bool(self.elements) and not any(remark.is_fault for remark in self.remarks)

    def first(self, ai: str) -> Element | None:
        """The first element of an identifier, None where there is none or where its values contradict each other."""
        found = [element for element in self.elements if element.ai == ai]
        contradicts = any(element.remark is Remark.CONTRADICTS for element in found)
        return found[0] if found and not contradicts else None


def split(text: str, year: int, *, separator: str = "") -> Message:
    """The elements of a scanned text, with or without its AIM identifier.

    `year` is that of the scan, for two-digit years. `separator`: what this scanner sends for the group separator, where
    it is none of `SUBSTITUTES`. What follows an unknown identifier is passed over up to the next separator.
    """
    text = text[:LONGEST]
    if text[:3] in AIM:
        text = text[3:]
    if re.match(r"\(\d{2,4}\)", text):
        # A scanner never sends the brackets, and a lot may hold one: where to cut would be a guess.
        return Message(remark=Remark.HUMAN_READABLE)
    for written in (separator, *SUBSTITUTES):
        if written:
            text = text.replace(written, GS)
    found: list[Element] = []
    at = 0
    while at < len(text):
        if text[at] == GS:
            at += 1  # allowed before and behind any element (7.8.6); some scanners send the leading FNC1 too
            continue
        element, at = _next(text, at, year)
        found.append(element)
    if not found:
        return Message(remark=Remark.EMPTY)
    return Message(tuple(_compared(found)))


def hri(elements: Iterable[Element]) -> str:
    """Elements as people read them below a symbol: "(01)08801234567893(10)AB-123"."""
    return "".join(f"({element.ai}){element.value}" for element in elements)


def gtin14(gtin: str) -> str:
    """A GTIN of 8, 12 or 13 digits as elements hold it, with zeros in front (3.3.2); "" stays."""
    return gtin.zfill(14) if gtin else ""


def check_digit(digits: str) -> str:
    """The check digit behind a row of digits (7.9.1): weights 3 and 1 from the right, up to the next ten."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def is_gtin(digits: str) -> bool:
    """Whether these are 8, 12, 13 or 14 digits with a right check digit."""
    whole = len(digits) in (8, 12, 13, 14) and _is_digits(digits)
    return whole and check_digit(digits[:-1]) == digits[-1]


# -- one element --


class _Format(Struct, frozen=True):
    """How an identifier's value looks: its least and most characters, and a pattern for all of it."""

    ai: str
    title: str
    least: int
    most: int
    signs: re.Pattern[str]
    pattern: re.Pattern[str]
    plain: bool  # letters and digits of variable length: a lost separator hides in it


def _next(text: str, at: int, year: int) -> tuple[Element, int]:
    """The element that begins at a place, and where it ends."""
    form = _format_at(text, at)
    end = text.find(GS, at)
    end = len(text) if end < 0 else end
    if form is None:
        known = _PREDEFINED.get(text[at : at + 2])
        stop = end if known is None else min(at + known, end)  # its length is laid down, its meaning not yet
        return Element(text[at : at + 2], "", text[at + 2 : stop], remark=Remark.UNKNOWN_AI), max(stop, at + 1)
    begin = at + len(form.ai)
    if form.ai[:2] in _PREDEFINED:
        end = min(at + _PREDEFINED[form.ai[:2]], end)
        return _judged(form, text[begin:end], year), end
    value = text[begin:end]
    if form.least == form.most < len(value) and _format_at(value, form.most) is not None:
        # Of a laid-down length though not in the table of those that need no separator: where it ends is certain.
        return _judged(form, value[: form.most], year), begin + form.most
    element = _judged(form, value, year)
    if form.ai in _COUNTS and end == len(text) and element.remark is not None and _is_digits(value[:1]):
        # "0000002410L-77": with zeros in front a count has all its digits, so that it is certain where it ends
        if value[0] == "0" and _is_digits(value[: form.most]) and _goes_on(value, form.most, year):
            return replace(_judged(form, value[: form.most], year), remark=Remark.SEPARATOR_MISSING), begin + form.most
        digits = len(value) - len(value.lstrip("0123456789"))
        if any(_goes_on(value, at, year) for at in range(1, min(digits, form.most) + 1)):
            element = replace(element, remark=Remark.SEPARATOR_MISSING)
    if form.plain and end == len(text) and element.remark is None and _hides_one(value, year):
        element = replace(element, remark=Remark.SEPARATOR_MISSING)
    return element, end


def _judged(form: _Format, value: str, year: int) -> Element:
    """The element with what its value means, and the first thing that is wrong with it."""
    told = Element(form.ai, form.title, value)
    if not value:
        return replace(told, remark=Remark.EMPTY)
    if not form.signs.fullmatch(value):
        return replace(told, remark=Remark.WRONG_SIGNS)
    if len(value) < form.least:
        return replace(told, remark=Remark.TOO_SHORT)
    if len(value) > form.most:
        return replace(told, remark=Remark.TOO_LONG)
    if not form.pattern.fullmatch(value):
        return replace(told, remark=Remark.WRONG_SIGNS)
    checked = _CHECKED.get(form.ai)
    if checked is not None and check_digit(value[: checked - 1]) != value[checked - 1]:
        return replace(told, remark=Remark.CHECK_DIGIT)
    if form.ai in _DATES:
        moment = _moment(form.ai, value, year)
        return replace(told, date=moment) if moment else replace(told, remark=Remark.NO_DATE)
    if form.ai[:2] in _MEASURES or form.ai[:3] in _AMOUNTS:
        currency = value[:3] if form.ai[:3] in ("391", "393") else ""
        return replace(told, number=_decimal(value[len(currency) :], int(form.ai[3])), currency=currency)
    if form.ai in _COUNTS:
        return replace(told, number=value.lstrip("0") or "0")
    return told


def _compared(found: list[Element]) -> list[Element]:
    """What comes again is marked: with the same value it counts once, with another one it contradicts (4.14)."""
    first: dict[str, str] = {}
    told: list[Element] = []
    for element in found:
        before = first.setdefault(element.ai, element.value)
        again = any(element.ai == one.ai for one in told)
        if again and element.remark in (None, Remark.SEPARATOR_MISSING):
            remark = Remark.REPEATED if element.value == before else Remark.CONTRADICTS
            element = replace(element, remark=remark)
        told.append(element)
    return told


def _goes_on(value: str, at: int, year: int) -> bool:
    """Whether a further element begins at a place of a value, and is right."""
    form = _format_at(value, at)
    return form is not None and form.ai not in _COUNTS and _next(value, at, year)[0].remark is None


def _hides_one(value: str, year: int) -> bool:
    """Whether a lot or serial looks as if a further element were inside it.

    A date, GTIN or SSCC at its end that is right by itself is a strong sign. A lot or serial behind it has no check:
    that is suspected where its identifier stands between a letter and at least four letters or digits, between a digit
    and a serial that begins with a letter, or where six digits follow. A value of digits alone, most often a date and a
    number, holds "10" and "21" by chance and is not suspected.
    """
    for at in range(1, len(value) - 3):
        rest = value[at:]
        form = _format_at(value, at)
        if form is None:
            continue
        if form.ai in _STRONG and len(rest) >= _PREDEFINED[form.ai]:
            inside, end = _next(rest, 0, year)
            behind = rest[end:]
            if inside.remark is None and (not behind or _format_at(behind, 0) is not None):
                return True
        if form.ai in _WEAK and not _is_digits(value[:at]):
            follows = rest[len(form.ai) :]
            after_digit = value[at - 1].isdigit()
            named = len(follows) >= 4 and follows.isalnum() and follows.isascii()
            if named and (not after_digit or follows[0].isalpha() or (len(follows) >= 6 and _is_digits(follows))):
                return True
    return False


def _moment(ai: str, value: str, year: int) -> str:
    """A date, with its time where one is told; "" where there is no such moment."""
    if ai in ("7250", "7251"):  # a date of birth tells its whole year
        on, hours = _day(int(value[:4]), value[4:8], zero=False), value[8:]
    else:
        on = _day(_whole_year(int(value[:2]), year), value[2:6], zero=ai in _DAY_00)
        hours = value[6:]
    if ai == "7007" and hours and on:  # a harvest from one day to another
        until = _day(_whole_year(int(hours[:2]), year), hours[2:6], zero=False)
        return f"{on}/{until}" if until else ""
    if not on or not hours or (ai in ("4324", "4325") and hours == "9999"):
        return on
    parts = [hours[at : at + 2] for at in range(0, len(hours), 2)]
    if int(parts[0]) > 23 or any(int(part) > 59 for part in parts[1:]):
        return ""
    return f"{on}T{':'.join(parts if len(parts) > 1 else [*parts, '00'])}"


def _day(year: int, month_day: str, *, zero: bool) -> str:
    month, day = int(month_day[:2]), int(month_day[2:])
    if not 1 <= year <= 9999 or not 1 <= month <= 12:
        return ""
    last = monthrange(year, month)[1]
    if day == 0 and zero:
        day = last  # 3.4: only year and month are known, so that it means the whole month
    return f"{year:04}-{month:02}-{day:02}" if 1 <= day <= last else ""


def _whole_year(two: int, year: int) -> int:
    """The year of two digits that lies between 49 years back and 50 ahead (7.12)."""
    ahead = two - year % 100
    return year - year % 100 + two - (100 if ahead >= 51 else 0) + (100 if ahead <= -50 else 0)


def _decimal(digits: str, decimals: int) -> str:
    whole, behind = (digits[:-decimals], digits[-decimals:]) if decimals else (digits, "")
    behind = behind.rjust(decimals, "0")
    return f"{whole.lstrip('0') or '0'}{'.' if behind else ''}{behind}"


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


# -- tables --

#: figure 7.8.5-2: an element that begins with these two digits has so many characters, identifier included, and needs
#: no separator
_PREDEFINED = {
    "00": 20, "01": 16, "02": 16, "03": 16, "04": 18, **{f"{ai}": 8 for ai in range(11, 20)}, "20": 4,
    **{f"{ai}": 10 for ai in range(31, 37)}, "41": 16,
}  # fmt: skip
#: identifier -> at which place of its value the check digit stands, from 1 (7.9)
_CHECKED = {
    "00": 18, "01": 14, "02": 14, "03": 14, "253": 13, "255": 13, "402": 17, **{f"41{n}": 13 for n in range(8)},
    "8003": 14, "8006": 14, "8017": 18, "8018": 18, "8026": 14,
}  # fmt: skip
#: dates whose day may be 00
_DAY_00 = frozenset({"11", "12", "13", "15", "16", "17"})
_DATES = _DAY_00 | {"4324", "4325", "4326", "7003", "7006", "7007", "7011", "7250", "7251", "8008"}
_MEASURES = frozenset({"31", "32", "33", "34", "35", "36"})
_AMOUNTS = frozenset({"390", "391", "392", "393", "394", "395"})
_COUNTS = frozenset({"30", "37"})
_STRONG = frozenset({"00", "01", "02", "11", "12", "13", "15", "16", "17"})
_WEAK = frozenset({"10", "21", "240", "241", "250"})
#: character sets of section 7.11: 82 (X), 39 (Y) and 64 (Z), and digits
_SETS = {"N": r"[0-9]", "X": r"[!\"%-?A-Z_a-z]", "Y": r"[#\-/0-9A-Z]", "Z": r"[A-Za-z0-9\-_=]"}

#: identifier, format and data title of figure 3.2-1; "n" stands for the digits that the bounds behind it give.
#: N digits, X set 82, Y set 39, Z set 64; ".." up to so many, brackets: may be missing
_TABLE = """
00 N18 SSCC
01 N14 GTIN
02 N14 CONTENT
03 N14 MTO GTIN
10 X..20 BATCH/LOT
11 N6 PROD DATE
12 N6 DUE DATE
13 N6 PACK DATE
15 N6 BEST BEFORE or BEST BY
16 N6 SELL BY
17 N6 USE BY or EXPIRY
20 N2 VARIANT
21 X..20 SERIAL
22 X..20 CPV
235 X..28 TPX
240 X..30 ADDITIONAL ID
241 X..30 CUST. PART No.
242 N..6 MTO VARIANT
243 X..20 PCN
250 X..30 SECONDARY SERIAL
251 X..30 REF. TO SOURCE
253 N13[X..17] GDTI
254 X..20 GLN EXTENSION COMPONENT
255 N13[N..12] GCN
30 N..8 VAR. COUNT
310n5 N6 NET WEIGHT (kg)
311n5 N6 LENGTH (m)
312n5 N6 WIDTH (m)
313n5 N6 HEIGHT (m)
314n5 N6 AREA (m²)
315n5 N6 NET VOLUME (l)
316n5 N6 NET VOLUME (m³)
320n5 N6 NET WEIGHT (lb)
321n5 N6 LENGTH (in)
322n5 N6 LENGTH (ft)
323n5 N6 LENGTH (yd)
324n5 N6 WIDTH (in)
325n5 N6 WIDTH (ft)
326n5 N6 WIDTH (yd)
327n5 N6 HEIGHT (in)
328n5 N6 HEIGHT (ft)
329n5 N6 HEIGHT (yd)
330n5 N6 GROSS WEIGHT (kg)
331n5 N6 LENGTH (m), log
332n5 N6 WIDTH (m), log
333n5 N6 HEIGHT (m), log
334n5 N6 AREA (m²), log
335n5 N6 VOLUME (l), log
336n5 N6 VOLUME (m³), log
337n5 N6 KG PER m²
340n5 N6 GROSS WEIGHT (lb)
341n5 N6 LENGTH (in), log
342n5 N6 LENGTH (ft), log
343n5 N6 LENGTH (yd), log
344n5 N6 WIDTH (in), log
345n5 N6 WIDTH (ft), log
346n5 N6 WIDTH (yd), log
347n5 N6 HEIGHT (in), log
348n5 N6 HEIGHT (ft), log
349n5 N6 HEIGHT (yd), log
350n5 N6 AREA (in²)
351n5 N6 AREA (ft²)
352n5 N6 AREA (yd²)
353n5 N6 AREA (in²), log
354n5 N6 AREA (ft²), log
355n5 N6 AREA (yd²), log
356n5 N6 NET WEIGHT (troy oz)
357n5 N6 NET VOLUME (oz)
360n5 N6 NET VOLUME (qt)
361n5 N6 NET VOLUME (gal.)
362n5 N6 VOLUME (qt), log
363n5 N6 VOLUME (gal.), log
364n5 N6 NET VOLUME (in³)
365n5 N6 NET VOLUME (ft³)
366n5 N6 NET VOLUME (yd³)
367n5 N6 VOLUME (in³), log
368n5 N6 VOLUME (ft³), log
369n5 N6 VOLUME (yd³), log
37 N..8 COUNT
390n9 N..15 AMOUNT
391n9 N3N..15 AMOUNT
392n9 N..15 PRICE
393n9 N3N..15 PRICE
394n3 N4 PRCNT OFF
395n5 N6 PRICE/UoM
400 X..30 ORDER NUMBER
401 X..30 GINC
402 N17 GSIN
403 X..30 ROUTE
410 N13 SHIP TO LOC
411 N13 BILL TO
412 N13 PURCHASE FROM
413 N13 SHIP FOR LOC
414 N13 LOC No.
415 N13 PAY TO
416 N13 PROD/SERV LOC
417 N13 PARTY
420 X..20 SHIP TO POST
421 N3X..9 SHIP TO POST
422 N3 ORIGIN
423 N3[N3][N3][N3][N3] COUNTRY - INITIAL PROCESS
424 N3 COUNTRY - PROCESS
425 N3[N3][N3][N3][N3] COUNTRY - DISASSEMBLY
426 N3 COUNTRY - FULL PROCESS
427 X..3 ORIGIN SUBDIVISION
4300 X..35 SHIP TO COMP
4301 X..35 SHIP TO NAME
4302 X..70 SHIP TO ADD1
4303 X..70 SHIP TO ADD2
4304 X..70 SHIP TO SUB
4305 X..70 SHIP TO LOC
4306 X..70 SHIP TO REG
4307 X2 SHIP TO COUNTRY
4308 X..30 SHIP TO PHONE
4309 N20 SHIP TO GEO
4310 X..35 RTN TO COMP
4311 X..35 RTN TO NAME
4312 X..70 RTN TO ADD1
4313 X..70 RTN TO ADD2
4314 X..70 RTN TO SUB
4315 X..70 RTN TO LOC
4316 X..70 RTN TO REG
4317 X2 RTN TO COUNTRY
4318 X..20 RTN TO POST
4319 X..30 RTN TO PHONE
4320 X..35 SRV DESCRIPTION
4321 N1 DANGEROUS GOODS
4322 N1 AUTH LEAVE
4323 N1 SIG REQUIRED
4324 N10 NBEF DEL DT
4325 N10 NAFT DEL DT
4326 N6 REL DATE
4330 N6- MAX TEMP F
4331 N6- MAX TEMP C
4332 N6- MIN TEMP F
4333 N6- MIN TEMP C
7001 N13 NSN
7002 X..30 MEAT CUT
7003 N10 EXPIRY TIME
7004 N..4 ACTIVE POTENCY
7005 X..12 CATCH AREA
7006 N6 FIRST FREEZE DATE
7007 N6[N6] HARVEST DATE
7008 X..3 AQUATIC SPECIES
7009 X..10 FISHING GEAR TYPE
7010 X..2 PROD METHOD
7011 N6[N4] TEST BY DATE
7020 X..20 REFURB LOT
7021 X..20 FUNC STAT
7022 X..20 REV STAT
7023 X..30 GIAI - ASSEMBLY
703n9 N3X..27 PROCESSOR # n
7040 N1X3 UIC+EXT
7041 X..4 UFRGT UNIT TYPE
710 X..20 NHRN PZN
711 X..20 NHRN CIP
712 X..20 NHRN CN
713 X..20 NHRN DRN
714 X..20 NHRN AIM
715 X..20 NHRN NDC
716 X..20 NHRN AIC
717 X..20 NHRN SRN
723n9 X2X..28 CERT # n
7240 X..20 PROTOCOL
7241 N2 AIDC MEDIA TYPE
7242 X..25 VCN
7250 N8 DOB
7251 N12 DOB TIME
7252 N1 BIO SEX
7253 X..40 FAMILY NAME
7254 X..40 GIVEN NAME
7255 X..10 SUFFIX
7256 X..90 FULL NAME
7257 X..70 PERSON ADDR
7258 N1X1N1 BIRTH SEQUENCE
7259 X..40 BABY
8001 N14 DIMENSIONS
8002 X..20 CMT No.
8003 N14[X..16] GRAI
8004 X..30 GIAI
8005 N6 PRICE PER UNIT
8006 N14N2N2 ITIP
8007 X..34 IBAN
8008 N8[N2][N2] PROD TIME
8009 X..50 OPTSEN
8010 Y..30 CPID
8011 N..12 CPID SERIAL
8012 X..20 VERSION
8013 X..25 GMN
8014 X..25 MUDI
8017 N18 GSRN - PROVIDER
8018 N18 GSRN - RECIPIENT
8019 N..10 SRIN
8020 X..25 REF No.
8026 N14N2N2 ITIP CONTENT
8030 Z..90 DIGSIG
8040 N15 IMEI
8041 N15 IMEI2
8042 N32 ESIM
8043 N18[N..2] PSIM
8110 X..70 COUPON
8111 N4 POINTS
8112 X..70 COUPON
8200 X..70 PRODUCT URL
90 X..30 INTERNAL
91 X..90 INTERNAL
92 X..90 INTERNAL
93 X..90 INTERNAL
94 X..90 INTERNAL
95 X..90 INTERNAL
96 X..90 INTERNAL
97 X..90 INTERNAL
98 X..90 INTERNAL
99 X..90 INTERNAL
"""
_PART = re.compile(r"(\[)?([NXYZ])(\.\.)?([0-9]+)(-)?(\])?")


@cache
def formats() -> dict[str, tuple[str, int, int]]:
    """Every identifier -> data title, least and most characters of its value."""
    return {ai: (form.title, form.least, form.most) for ai, form in _formats().items()}


@cache
def _formats() -> dict[str, _Format]:
    found: dict[str, _Format] = {}
    for line in _TABLE.strip().splitlines():
        name, written, title = line.split(" ", 2)
        stem, numbered, last = name.partition("n")
        for ai in [f"{stem}{digit}" for digit in range(int(last) + 1)] if numbered else [name]:
            found[ai] = _form(ai, written, title.replace("# n", f"# {ai[-1]}"))
    return found


def _form(ai: str, written: str, title: str) -> _Format:
    least = most = 0
    pattern, sets = "", ""
    for optional, kind, up_to, number, minus, _close in _PART.findall(written):
        count = int(number)
        pattern += f"(?:{_SETS[kind]}{{{'1,' if up_to else ''}{count}}}){'?' if optional else ''}"
        pattern += "-?" if minus else ""
        least += 0 if optional else 1 if up_to else count
        most += count + bool(minus)
        sets += f"{'' if not sets else '|'}{_SETS[kind]}{'|-' if minus else ''}"
    plain = ".." in written and "X" in written and most >= 20
    return _Format(ai, title, least, most, re.compile(f"(?:{sets})+"), re.compile(pattern), plain)


def _format_at(text: str, at: int) -> _Format | None:
    """The format whose identifier begins at a place; identifiers are prefix-free, so that at most one does."""
    known = _formats()
    return next((known[text[at : at + n]] for n in (2, 3, 4) if text[at : at + n] in known), None)
