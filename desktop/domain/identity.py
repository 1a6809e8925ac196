"""What a scanned code is: a unit, a lot, a box or a pallet, of which product, and what its label says besides.

Plain codes are told by the shop's patterns and by how the serials of a product look; GS1 codes by their elements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from desktop.domain import gs1
from desktop.domain.barcode import LONGEST_CODE, classify
from desktop.domain.events import AttributeKey
from desktop.domain.gs1 import Message, Remark
from desktop.domain.plant import Plant, Product

#: bytes of a scan that are kept as hex where signs were taken out of its code
LONGEST_RAW = 1024
_YEAR_MS = 31_556_952_000  # of the Gregorian calendar, on average
#: elements that alone say which thing it is, with what it is: the serial before the lot, the parcel before both
_SSCC, _SERIAL, _LOT = "00", "21", "10"
#: kinds of things that an SSCC may name
PARCELS = frozenset({"box", "pallet"})
#: element -> key of the attribute that it tells; of the first it is the date, of the second the number
_DATES: dict[str, AttributeKey] = {"17": "expiry", "11": "made"}
_COUNTS = ("37", "30")
#: what a code may begin with that is taken for element strings without an AIM identifier: numbers with a check digit
_CERTAIN = ("00", "01", "02")

# what is to be said of a code besides the remarks of `gs1`
CUT = "code_cut"  # longer than is kept
CONTROL_SIGNS = "code_control_signs"  # control characters were taken out
UNREADABLE_SIGNS = "code_unreadable_signs"  # bytes that are no text in the scanner's encoding
SEVERAL_PRODUCTS = "code_several_products"  # the serial looks like that of more than one product


class Identity(Struct, frozen=True):
    """What a code is.

    `kind`: unit, lot, box, pallet, or "" where it is none of them. `code`: of GS1 the serial, lot or SSCC alone, else
    all of it. `material`: which kind of lot, by the shop's pattern. `attributes`: gtin, lot, serial, expiry and made
    (ISO dates), quantity, as far as the label tells them. `raw_hex`: the first bytes of the scan, where the code is not
    all that was sent. `warnings`: words of `gs1.Remark` and of this module, the most important first.
    """

    kind: str
    code: str
    product: int | None = None
    material: str = ""
    attributes: Mapping[AttributeKey, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    raw_hex: str = ""

    @property
    def full_code(self) -> str:
        """Serial or lot with its GTIN, as people read them: GS1 makes a number unique within its GTIN alone (General
        Specifications 3.5.2, 3.4.2). "" where the label tells no GTIN, and of parcels, whose SSCC needs none."""
        ai = {"unit": _SERIAL, "lot": _LOT}.get(self.kind, "")
        gtin = self.attributes.get("gtin", "")
        return f"(01){gtin}({ai}){self.code}" if ai and gtin and self.code != gtin else ""

    def code_beside(self, gtin: str) -> str:
        """Its code where a thing with the same number has this GTIN ("": none is known): the number, or, where that is
        another product's, the number with its own GTIN."""
        own = self.attributes.get("gtin", "")
        return self.full_code if self.full_code and gtin not in ("", own) else self.code


def identify(
    code: str,
    aim: str,
    raw: bytes | None,
    classes: Mapping[str, str],
    plant: Plant,
    *,
    at_ms: int,
    separator: str = "",
) -> Identity:
    """What a scanned code is. `code` is clean (`barcode.clean_code`), `aim` its AIM identifier ("" where none came).

    With the AIM identifier of a GS1 symbol it is element strings; without any only if it begins with an SSCC whose
    check digit is right, or with such a GTIN and nothing in it is wrong; and with that of another symbol never. What
    the shop wrote, patterns and how serials look, goes before elements that were not announced: it is written for what
    the shop's scanners send. Where it tells the same kind as the elements, these tell the number, whatever was
    announced: a thing has one name whichever scanner reads it. `at_ms`: the moment of the scan (UTC), for two-digit
    years. `separator`: what the scanner sends for GS1's group separator.
    """
    warnings, raw_hex = _lost(code, aim, raw)
    kind, material = classify(code, classes) if code else ("", "")
    message = gs1.split(code, 1970 + at_ms // _YEAR_MS, separator=separator)
    announced = aim in gs1.AIM
    if not announced and not _is_certain(message):
        if not aim and not kind and message.remark is Remark.HUMAN_READABLE:
            warnings = (*warnings, message.remark.value)
        return _with(_plain(code, kind, material, {}, plant), warnings, raw_hex)
    told = _of_elements(message, code, classes, plant)
    if not announced and not kind and plant.products_of_serial(code):
        kind = "unit"
    alike = kind == told.kind or PARCELS.issuperset((kind, told.kind))
    if alike or (told.kind if announced else not kind and not aim):
        found = told
    elif announced:
        # what the shop's own pattern takes is as it wants it
        said = told.warnings if told.attributes else ()
        found = Identity(kind, code, told.product, material, told.attributes, said)
    else:
        found = _plain(code, kind, material, {} if aim else told.attributes, plant)
    return _with(found, warnings, raw_hex)


def product_of(gtin: str, plant: Plant) -> Product | None:
    """The product of a GTIN of any length, None where there is none."""
    number = gs1.gtin14(gtin)
    return next((product for product in plant.products if number and gs1.gtin14(product.gtin) == number), None)


# -- plain codes --


def _plain(code: str, kind: str, material: str, attributes: Mapping[AttributeKey, str], plant: Plant) -> Identity:
    gtin = attributes.get("gtin", "")
    product = product_of(gtin or code, plant) if gtin or gs1.is_gtin(code) else None  # an EAN code names it alone
    if kind not in ("", "unit") or product is not None or not code:
        return Identity(kind, code, None if product is None else product.id, material, attributes)
    fitting = plant.products_of_serial(code)
    kind = "unit" if fitting else kind
    warnings = (SEVERAL_PRODUCTS,) if len(fitting) > 1 else ()
    return Identity(kind, code, fitting[0] if len(fitting) == 1 else None, material, attributes, warnings)


# -- element strings --


def _is_certain(message: Message) -> bool:
    """Whether a text that nobody announced is element strings: a number with a check digit at its front says so. Of a
    parcel that number is enough, since it is on its label to be read whatever else stands there."""
    first = message.elements[0] if message.elements else None
    if first is None or first.ai not in _CERTAIN:
        return False
    return message.is_sound or (first.remark is None and message.first(_SSCC) is first)


def _of_elements(message: Message, code: str, classes: Mapping[str, str], plant: Plant) -> Identity:
    """A parcel by its SSCC, a unit by its serial, a lot by its number; the product by its GTIN if that is right."""
    attributes = _attributes(message)
    gtin = attributes.get("gtin", "")
    product = product_of(gtin, plant) if gtin else None
    number = None if product is None else product.id
    warnings = tuple(remark.value for remark in message.remarks)
    for ai, kind in ((_SSCC, "box"), (_SERIAL, "unit"), (_LOT, "lot")):
        element = message.first(ai)
        if element is None or not element.value or (element.remark is not None and element.remark.is_fault):
            continue
        # a pattern may be written for all that a scanner sends, for the element or for its value
        forms = (code, ai + element.value, element.value)
        material = ""
        if ai == _SSCC:
            kind = _parcel(forms, classes)
        if ai == _LOT:
            said = (classify(form, classes) for form in forms)
            material = next((material for what, material in said if what == "lot" and material), "")
        return Identity(kind, element.value[:LONGEST_CODE], number, material, attributes, warnings)
    return Identity("", gs1.hri(message.elements)[:LONGEST_CODE], number, "", attributes, warnings)


def _parcel(forms: Sequence[str], classes: Mapping[str, str]) -> str:
    """Nothing in an SSCC says how large the parcel is: the shop's patterns may, the first that fits."""
    fitting = (
        what for what, pattern in classes.items() if what in PARCELS for form in forms if re.search(pattern, form)
    )
    return next(fitting, "box")


def _attributes(message: Message) -> dict[AttributeKey, str]:
    """What a label says, as far as it is free of faults. Of a parcel the GTIN is that of what it holds (02)."""
    told: dict[AttributeKey, str] = {}
    for element in message.elements:
        sound = element.remark is None or not element.remark.is_fault
        if not sound or message.first(element.ai) is not element:
            continue
        if element.ai in ("01", "02"):
            told.setdefault("gtin", element.value)
        elif element.ai == _LOT:
            told["lot"] = element.value
        elif element.ai == _SERIAL:
            told["serial"] = element.value
        elif element.ai in _DATES:
            told[_DATES[element.ai]] = element.date
        elif element.ai in _COUNTS and element.number:
            told.setdefault("quantity", element.number)
    return told


# -- what was taken out --


def _lost(code: str, aim: str, raw: bytes | None) -> tuple[tuple[str, ...], str]:
    """Why the code is not all that was sent, and the bytes, as far as they are kept; nothing where it is."""
    if raw is None:
        return (), ""
    body = raw[len(aim) :] if aim and raw.startswith(aim.encode()) else raw
    body = body.strip(b" \t\r\n")
    if body == code.encode():
        return (), ""
    warnings = []
    if "\ufffd" in code:
        warnings.append(UNREADABLE_SIGNS)
    if len(code) >= LONGEST_CODE and len(body.decode("utf-8", "replace")) > LONGEST_CODE:
        warnings.append(CUT)
    if re.search(rb"[\x00-\x1c\x1e\x1f\x7f]", body):
        warnings.append(CONTROL_SIGNS)
    return tuple(warnings), raw[:LONGEST_RAW].hex() if warnings else ""


def _with(told: Identity, warnings: tuple[str, ...], raw_hex: str) -> Identity:
    return Identity(
        told.kind, told.code, told.product, told.material, told.attributes, (*told.warnings, *warnings), raw_hex
    )
