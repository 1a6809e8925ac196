"""Faults of what is measured and what stations take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.configuration.checking.phrases import NOTHING, in_words
from desktop.configuration.checking.written import Written
from desktop.configuration.positions import numbered
from desktop.domain.barcode import LONGEST_CODE
from desktop.domain.gs1 import is_gtin
from desktop.domain.quality import Binding, Sampling, Scanned
from desktop.text import _
from drivers.base import UnfitError
from drivers.patterns import harmless


def check_products(file: Written, products: list[dict[str, Any]]) -> None:
    """How the serials of a product look is a regular expression, its GTIN has a right check digit."""
    seen: dict[object, str] = {}
    for path, product in numbered("product", products):
        pattern, gtin = product["unit_pattern"], product["gtin"]
        if fault := pattern_fault(pattern or ""):
            file.fault(f"{path}.unit_pattern", pattern, fault, r"^VH204-\d{6}-\d{4}$")
        if gtin:
            file.once(path, "gtin", gtin, seen)
            if not is_gtin(gtin):
                words = _("must be 8, 12, 13 or 14 digits with a right check digit")
                file.fault(f"{path}.gtin", gtin, words, "08801234567893")


def pattern_fault(pattern: str) -> str:
    """Why a text cannot be how serials look, "" where it can: every scan is held against it."""
    try:
        harmless(pattern, longest=LONGEST_CODE, anywhere=True, most_ms=50)
    except UnfitError as why:
        return in_words(why)
    return ""


def check_parts(file: Written, parts: list[dict[str, Any]], stations: list[str], products: list[str]) -> None:
    """Materials of known stations and products, each once."""
    seen: dict[object, str] = {}
    for path, part in numbered("station_part", parts):
        file.known(f"{path}.station", part["station"], stations)
        file.known(f"{path}.product", part["product"], products)
        key = (part["station"], part["material"], part["product"])
        if all(key[:2]):
            file.once(path, "material", key, seen, shown=part["material"])
        for name, words in serial_faults(part).items():
            file.fault(f"{path}.{name}", part[name], words, 0 if name == "around" else "before")


def serial_faults(part: Mapping[str, Any]) -> dict[str, str]:
    """What does not go with having a serial of its own, or without it: keys of a part with words."""
    if part["serial"]:
        lots = _("is for lots: a part with a serial of its own goes into one unit")
        return {"around": lots} if part["around"] else {}
    return {"scanned": _("is for parts with a serial of their own")} if part["scanned"] == Scanned.AFTER else {}


def check_characteristics(
    file: Written,
    characteristics: list[dict[str, Any]],
    gauges: list[dict[str, Any]],
    machines: list[str],
    products: list[str],
    signals: Mapping[str, bool],
) -> None:
    """Characteristics: what they name is known; a sampling and a binding say what they need. `signals`: by name whether
    each value of it belongs to a piece."""
    known = [each["code"] for each in gauges if each["code"]]
    for path, each in numbered("characteristic", characteristics):
        file.known(f"{path}.machine", each["machine"], machines)
        file.known(f"{path}.product", each["product"], products)
        file.known(f"{path}.signal", each["signal"], list(signals))
        if not signals.get(each["signal"] or "", True):
            words = _(
                "tells its values by time, not by piece, so that none belongs to a unit: set per_piece = true there"
            )
            file.fault(f"{path}.signal", each["signal"], words, warns=True)
        file.known(f"{path}.gauge", each["gauge"], known)
        if each["sampling"] == Sampling.HOURLY and not each["per_hour"]:
            file.fault(f"{path}.per_hour", each["per_hour"], _("says how many pieces an hour: at least 1"), 5)
        if each["binding"] == Binding.WINDOW and not each["window_s"]:
            file.fault(f"{path}.window_s", each["window_s"], _("says how old a scan may be: at least 1 second"), 60)


def check_limits(file: Written, limits: list[dict[str, Any]], characteristics: list[str]) -> None:
    """Limits of known characteristics, one of a moment, and the lower one below the upper one."""
    seen: dict[object, str] = {}
    for path, limit in numbered("limit", limits):
        file.known(f"{path}.characteristic", limit["characteristic"], characteristics)
        low, nominal, high = limit["low"], limit["nominal"], limit["high"]
        if limit["characteristic"]:
            key = (limit["characteristic"], limit["valid_from"])
            file.once(path, "valid_from", key, seen, shown=limit["valid_from"] or NOTHING)
        if limit["ends"]:
            if limit["valid_from"] is None or not low is nominal is high is None:
                words = _("says that there are no limits any more: with valid_from, and without low, nominal and high")
                file.fault(f"{path}.ends", True, words)
        elif low is None and high is None:
            file.fault(f"{path}.low", NOTHING, _("needs low, high or both"), 23.99)
        elif low is not None and high is not None and low >= high:
            file.fault(f"{path}.low", low, _("must be below high = {value}").format(value=high))
        elif nominal is not None and not (low is None or low <= nominal) & (high is None or nominal <= high):
            file.fault(f"{path}.nominal", nominal, _("must lie between low and high"))
