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
from msgspec.structs import replace

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
    """A label: its size in millimetres, and its fields with placeholders such as {code}."""

    width_mm: float
    height_mm: float
    fields: tuple[TextField | CodeField, ...] = ()


#: what may stand in braces
PLACEHOLDERS = ("code", "product", "name", "lot", "quantity", "date", "gtin", "line")


def filled(template: Template, values: Mapping[str, str]) -> Template:
    """The label with its values in place. Braces around anything else stay as they are, and what is filled in is not
    looked at again: a lot "{code}" is a lot."""
    return replace(template, fields=tuple(replace(each, text=_filled(each.text, values)) for each in template.fields))


def _filled(text: str, values: Mapping[str, str]) -> str:
    names = "|".join(PLACEHOLDERS)
    return re.sub(rf"\{{({names})\}}", lambda found: values.get(found[1], ""), text)


def standard(width_mm: float, height_mm: float, symbol: Symbol, *, gtin: bool, kind: str = "unit") -> Template:
    """The label that a shop begins with: the symbol at the left, beside it name, code, date and number of the product.

    With `gtin` a GS1 DataMatrix says product and serial; elsewhere a symbol says the code alone. A long Code 128 stands
    below the words. `kind` box tells its quantity too.
    """
    edge = 2.0
    # a box takes its number as it is: a serial (21) would make a unit of it
    elements = symbol is Symbol.GS1_DATAMATRIX and gtin and kind == "unit"
    if symbol is Symbol.GS1_DATAMATRIX and not elements:
        symbol = Symbol.DATAMATRIX
    text = "(01){gtin}(21){code}" if elements else "{code}"
    last = "{date}  {lot}" if kind == "unit" else "{date}  {lot}  {quantity}"
    lines = (
        ("{name}", 4.2, True, False), ("{product}", 3.2, False, False), ("{code}", 4.2, True, True),
        (last, 3.0, False, False),
    )  # fmt: skip
    if symbol is Symbol.CODE128:
        high = min(14.0, height_mm * 0.4)
        top, left, room = edge, edge, height_mm - high - 2 * edge - 1
        code = CodeField(edge, height_mm - high - edge, width_mm - 2 * edge, high, symbol, text)
    else:
        side = min(height_mm - 2 * edge, width_mm * 0.42)
        top, left, room = edge, edge + side + 1.5, height_mm - 2 * edge
        code = CodeField(edge, (height_mm - side) / 2, side, side, symbol, text)
    scale = min(1.0, room / sum(size * 1.3 for _text, size, _bold, _whole in lines))
    top += (room - sum(size * 1.3 * scale for _text, size, _bold, _whole in lines)) / 2
    fields: list[TextField | CodeField] = [code]
    for words, size, bold, whole in lines:
        high = size * 1.3 * scale
        fields.append(TextField(left, top, width_mm - left - edge, high, words, size * scale, bold, whole))
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
    """A product that labels are made for: its numbers (pattern of units and of boxes), and what they would be next."""

    id: int
    code: str
    name: str
    gtin: str
    patterns: Mapping[str, str]
    next: Mapping[str, int]
