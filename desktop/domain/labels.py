"""Labels: what stands where, and the bytes that a label printer takes, ZPL II and TSPL.

A label is drawn once, dot for dot (`desktop.paint.label`), and every mark on it leaves as a picture: text in the
bundled typeface, so that the printer needs no Korean font, and symbols as the library made them. So the preview is what
comes out, and no character of data ever stands in a command: there is nothing to escape and nothing to break out of.

    dots, at 203, 300 or 600 in an inch:   x ->   y down, from the upper left corner
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from desktop.domain.gs1 import gtin14

MOST_COPIES = 999  # of one label in one job
MOST_MM = 300  # sides of a label
DPI = (203, 300, 600)  # dots in an inch of the print heads that there are


class Language(StrEnum):
    """What a label printer understands: Zebra and whoever copies it, or TSC and whoever copies that."""

    ZPL = "zpl"
    TSPL = "tspl"


class Symbol(StrEnum):
    """The bar code on a label. GS1 DataMatrix takes elements in brackets, "(01)08801234567893(21)SN1"."""

    GS1_DATAMATRIX = "gs1_datamatrix"
    DATAMATRIX = "datamatrix"
    QR = "qr"
    CODE128 = "code128"


class TextField(Struct, frozen=True, tag="text"):
    """Text in a box, in millimetres: it shrinks from `size_mm` (height of a line) down to 1.5 mm where it is too wide.

    `whole`: it must not be cut, and a label on which it does not fit is refused; else it ends with an ellipsis.
    """

    x: float
    y: float
    width: float
    height: float
    text: str
    size_mm: float = 3.0
    bold: bool = False
    whole: bool = False


class CodeField(Struct, frozen=True, tag="code"):
    """A symbol with its quiet zone in a box, in millimetres, as large as its modules allow in whole dots."""

    x: float
    y: float
    width: float
    height: float
    symbol: Symbol
    text: str


class Template(Struct, frozen=True):
    """A label: its size in millimetres, and what stands where."""

    width_mm: float
    height_mm: float
    fields: tuple[TextField | CodeField, ...] = ()


# -- what stands on a label --

#: what a line may tell, by the key of its value
FIELDS = ("name", "product", "code", "order", "lot", "date", "quantity", "customer_part", "gtin")
KINDS = ("unit", "box")
MOST_LINES = 6
LONGEST_WORDS = 60  # of the shop's own in a line
_LARGE_MM, _SMALL_MM = 4.2, 3.2  # heights of a line, where there is room


class Line(Struct, frozen=True):
    """A line of words on a label: the shop's own `words`, behind them what the `fields` tell; `large` is bold too."""

    fields: tuple[str, ...] = ()
    words: str = ""
    large: bool = False

    def told(self, values: Mapping[str, str]) -> str:
        """What stands there, "" where nothing of it is known. Own words before fields of which none is known would
        name nothing: they stay away."""
        known = [values[each] for each in self.fields if values.get(each)]
        return " ".join([self.words, *known]).strip() if known or not self.fields else ""


_HEAD = (Line(("name",), large=True), Line(("product",)), Line(("code",), large=True))
#: the lines that a shop begins with
USUAL_LINES: Mapping[str, tuple[Line, ...]] = {
    "unit": (*_HEAD, Line(("date", "lot"))),
    "box": (*_HEAD, Line(("date", "lot", "quantity"))),
}


class Contents(Struct, frozen=True):
    """What the shop wants on its labels: the lines of unit and box labels (none: the usual ones), its GS1 company
    prefix ("": none, boxes get numbers by its own pattern), and customers' part numbers by the codes of products."""

    unit: tuple[Line, ...] = ()
    box: tuple[Line, ...] = ()
    company_prefix: str = ""
    customer_parts: Mapping[str, str] = {}

    def lines(self, kind: str) -> tuple[Line, ...]:
        """The lines of the labels of a kind."""
        return (self.box if kind == "box" else self.unit) or USUAL_LINES[kind]


def symbol_text(symbol: Symbol, kind: str, values: Mapping[str, str]) -> tuple[Symbol, str]:
    """What the symbol of a label holds, and which symbol that makes.

        unit  (01)08801234567893(21)VH204-261130-0001
        box   (00)088012340000000017(02)08801234567893(37)00000024(10)L-77

    GS1 General Specifications: an SSCC (00) names a logistic unit; what it holds stands behind it by (02) with (37),
    neither without the other, and a lot (10) goes with them. The number is first, what may have any length is last, and
    a count has all 8 digits that it may have, so that a reader which drops the separator behind it still tells where it
    ends, or that something is wrong: never another count. A lot with signs that the element or the brackets do not
    take stays away. A GS1 symbol of what has no such number is a DataMatrix with the number alone.
    """
    code, gtin = values["code"], gtin14(values.get("gtin", ""))
    if symbol is not Symbol.GS1_DATAMATRIX:
        return symbol, code
    if values.get("ai") == "00":
        count, lot = values.get("count", ""), values.get("lot", "")
        content = f"(02){gtin}(37){count:0>8}" if gtin and count else ""
        fits = content and re.fullmatch(r"[!\"%-'*-?A-Z_a-z]{1,20}", lot)
        return symbol, f"(00){code}{content}" + (f"(10){lot}" if fits else "")
    # a box with the shop's own number takes it as it is: a serial (21) would make a unit of it
    return (symbol, f"(01){gtin}(21){code}") if gtin and kind == "unit" else (Symbol.DATAMATRIX, code)


def laid_out(
    width_mm: float, height_mm: float, symbol: Symbol, kind: str, lines: Sequence[Line], values: Mapping[str, str]
) -> Template:
    """A label with its values: the symbol at the left and the lines beside it, each of which keeps its place where
    nothing of it is known. A long Code 128 stands below them. The number itself is never cut."""
    edge = 2.0
    symbol, text = symbol_text(symbol, kind, values)
    sizes = [_LARGE_MM if line.large else _SMALL_MM for line in lines]
    if symbol is Symbol.CODE128:
        high = min(14.0, height_mm * 0.4)
        top, left, room = edge, edge, height_mm - high - 2 * edge - 1
        code = CodeField(edge, height_mm - high - edge, width_mm - 2 * edge, high, symbol, text)
    else:
        side = min(height_mm - 2 * edge, width_mm * 0.42)
        top, left, room = edge, edge + side + 1.5, height_mm - 2 * edge
        code = CodeField(edge, (height_mm - side) / 2, side, side, symbol, text)
    scale = min(1.0, room / max(sum(size * 1.3 for size in sizes), 0.1))
    top += (room - sum(size * 1.3 * scale for size in sizes)) / 2
    fields: list[TextField | CodeField] = [code]
    for line, size in zip(lines, sizes, strict=True):
        high, whole = size * 1.3 * scale, "code" in line.fields
        words = line.told(values)
        fields.append(TextField(left, top, width_mm - left - edge, high, words, size * scale, line.large, whole))
        top += high
    return Template(width_mm, height_mm, tuple(fields))


# -- the bytes --


class Bitmap(Struct, frozen=True):
    """Dots, row by row: each row whole bytes, its first dot the highest bit, 1 is black."""

    width: int
    height: int
    rows: bytes

    @property
    def stride(self) -> int:
        """Bytes of one row."""
        return (self.width + 7) // 8


class Mark(Struct, frozen=True):
    """A bitmap and where it stands, in dots."""

    x: int
    y: int
    bitmap: Bitmap


class Drawn(Struct, frozen=True):
    """A label in dots: what is printed and what is shown."""

    width: int
    height: int
    dpi: int
    marks: tuple[Mark, ...]


def dots(mm: float, dpi: int) -> int:
    """Millimetres in dots."""
    return round(mm * dpi / 25.4)


def job(language: Language, labels: Sequence[Drawn], *, gap_mm: float = 2.0, copies: int = 1) -> bytes:
    """The bytes that print labels, each `copies` times. Raises ValueError for fewer than 1 or more than 999."""
    if not 1 <= copies <= MOST_COPIES:
        raise ValueError(f"{copies} copies")
    if language is Language.ZPL:
        return b"".join(zpl(each, copies) for each in labels)
    return b"".join(tspl(each, gap_mm, copies) for each in labels)


def zpl(label: Drawn, copies: int = 1) -> bytes:
    """One label as ZPL II (Zebra, Programming Guide P1099958).

        ^XA ^PW480 ^LL320 ^LH0,0 ^FO16,16 ^GFA,968,968,11,FF8..., ^FS ... ^PQ1 ^XZ

    ^PW and ^LL: width and length in dots. ^GFA,b,c,d: number of bytes in all, twice, and of a row, then the dots in
    hexadecimal, where a comma fills the row with 0, an exclamation mark with F, a colon repeats the row above, and the
    letters G to Y (1 to 19) and g to z (20, 40 ... 400) say how often the next digit comes ("Alternative Data
    Compression Scheme for ~DG and ~DB Graphics").
    """
    parts = [f"^XA^PW{label.width}^LL{label.height}^LH0,0"]
    for mark in label.marks:
        size = len(mark.bitmap.rows)
        parts.append(f"^FO{mark.x},{mark.y}^GFA,{size},{size},{mark.bitmap.stride},{_packed(mark.bitmap)}^FS")
    parts.append(f"^PQ{copies}^XZ\r\n")
    return "".join(parts).encode("ascii")


def _packed(bitmap: Bitmap) -> str:
    found, before = [], ""
    for at in range(0, len(bitmap.rows), bitmap.stride):
        row = bitmap.rows[at : at + bitmap.stride].hex().upper()
        found.append(":" if row == before else _row(row))
        before = row
    return "".join(found)


def _row(row: str) -> str:
    end = ""
    for digit, sign in (("0", ","), ("F", "!")):
        short = row.rstrip(digit)
        if len(row) - len(short) > 1:  # one alone is as short as its sign
            row, end = short, sign
            break
    return re.sub(r"(.)\1{2,}", lambda run: _times(len(run[0])) + run[1], row) + end


def _times(count: int) -> str:
    told = ""
    while count > 400:
        told, count = told + "z", count - 400
    if count >= 20:
        told, count = told + chr(ord("g") + count // 20 - 1), count % 20
    return told + (chr(ord("G") + count - 1) if count else "")


def tspl(label: Drawn, gap_mm: float, copies: int = 1) -> bytes:
    """One label as TSPL (TSC, TSPL/TSPL2 Programming Language).

        SIZE 60 mm,40 mm / GAP 2 mm,0 mm / DIRECTION 1 / CLS / BITMAP 16,16,11,88,0,<968 bytes> / PRINT 1,1

    BITMAP x,y,width in bytes,height in dots,mode 0 (overwrite),dots as bytes, where 0 is black. The bytes may be any,
    so that a line with XON/XOFF cannot carry them. GAP 0: the paper is endless.
    """
    width, height = (round(side * 25.4 / label.dpi, 1) for side in (label.width, label.height))
    head = f"SIZE {width:g} mm,{height:g} mm\r\nGAP {gap_mm:g} mm,0 mm\r\nDIRECTION 1\r\nCLS\r\n"
    parts = [head.encode("ascii")]
    for mark in label.marks:
        bitmap = mark.bitmap
        parts.append(f"BITMAP {mark.x},{mark.y},{bitmap.stride},{bitmap.height},0,".encode("ascii"))
        parts.append(bytes(255 - byte for byte in bitmap.rows) + b"\r\n")
    parts.append(f"PRINT 1,{copies}\r\n".encode("ascii"))
    return b"".join(parts)


# -- what is set up and what was issued --

SYSTEM = "printer:"  # before the name of a printer of the operating system, instead of a port


NETWORK = "socket://"  # before the address of one on the network


class PrinterPlace(Struct, frozen=True):
    """A way to a printer that is there now: its `port` as a Printer holds it, the `words` for people, and `also`, what
    the system calls the port at present."""

    port: str
    words: str
    also: str = ""


class Printer(Struct, frozen=True):
    """The label printer of the shop and its paper.

    `port`: as `drivers.printer` takes it, or "printer:NAME" for one of the operating system, "" for none. `baud` of a
    serial line. `gap_mm` between two labels. `symbol` is used where the product has what it needs.
    """

    port: str = ""
    language: Language = Language.ZPL
    dpi: int = 203
    width_mm: float = 60.0
    height_mm: float = 40.0
    gap_mm: float = 2.0
    baud: int = 9600
    symbol: Symbol = Symbol.GS1_DATAMATRIX


class Issued(Struct, frozen=True):
    """A number that was issued, with what its label says, how often it was sent to the printer, when and why last;
    `fault`: how the last try failed, "" if it did not."""

    id: int
    kind: str
    product: int
    code: str
    at_ms: int
    who: str
    values: Mapping[str, str]
    copies: int = 0
    printed_ms: int | None = None
    why: str = ""
    fault: str = ""


class LabelProduct(Struct, frozen=True):
    """A product that labels are made for: its numbers (pattern of units and of boxes), what they would be next, and
    the order that runs of it now with its lot ("": none is known)."""

    id: int
    code: str
    name: str
    gtin: str
    patterns: Mapping[str, str]
    next: Mapping[str, int]
    order: str = ""
    lot: str = ""
