"""Faults of what a shop makes, where, in what order and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.configuration.checking.phrases import NOTHING
from desktop.configuration.checking.written import Written
from desktop.configuration.positions import numbered
from desktop.configuration.tables import LABEL_LINE
from desktop.domain.automatic import FORMATS
from desktop.domain.labels import FIELDS, KINDS, LONGEST_WORDS, MOST_LINES
from desktop.domain.numbering import is_company_prefix
from desktop.domain.people import LONGEST_NAME, badge_key, unfit_badge
from desktop.text import _


def check_reasons(file: Written, reasons: list[dict[str, Any]]) -> None:
    """Reasons: a subgroup has a group above it."""
    for path, reason in numbered("reason", reasons):
        if reason["subgroup"] and not reason["group"]:
            words = _("needs a group above it: set group, too")
            file.fault(f"{path}.subgroup", reason["subgroup"], words, "Breakdown")


def check_standards(file: Written, standards: list[dict[str, Any]], machines: list[str], products: list[str]) -> None:
    """Cycle times: one of a product, machine and date. What has no standard cycle gets its ideal one."""
    cycles: dict[object, str] = {}
    for path, standard in numbered("standard", standards):
        named = (standard["product"], standard["machine"], standard["valid_from"])
        if all(named[:2]):
            file.once(path, "valid_from", named, cycles, shown=standard["valid_from"] or NOTHING)
        file.known(f"{path}.machine", standard["machine"], machines)
        file.known(f"{path}.product", standard["product"], products)
        if standard["standard_cycle_s"] is None:
            standard["standard_cycle_s"] = standard["ideal_cycle_s"]


def check_constraints(
    file: Written, plant: Mapping[str, Any], declared: list[dict[str, Any]] | None, machines: list[str]
) -> list[dict[str, Any]] | None:
    """Every declaration; plant.constraint is one without a date. No machine: from then on none is."""
    seen: dict[object, str] = {}
    named = plant["constraint"]
    if named is not None:
        file.known("plant.constraint", named, ["", *machines])
        seen[None,] = "plant.constraint"
    for path, constraint in numbered("constraint", declared or []):
        file.known(f"{path}.machine", constraint["machine"], ["", *machines])
        since = constraint["valid_from"]
        file.once(path, "valid_from", (since,), seen, shown=since or NOTHING)
    if named is None:
        return declared
    return [{"machine": named, "parallel": 1, "valid_from": None}, *(declared or [])]


def check_cavities(file: Written, cavities: list[dict[str, Any]], machines: list[str], products: list[str]) -> None:
    """Cavities that are open: one number of a product, machine and date."""
    seen: dict[object, str] = {}
    for path, opened in numbered("open_cavities", cavities):
        file.known(f"{path}.machine", opened["machine"], machines)
        file.known(f"{path}.product", opened["product"], products)
        key = (opened["product"], opened["machine"], opened["valid_from"])
        if all(key):
            file.once(path, "valid_from", key, seen, shown=opened["valid_from"])


def check_orders(
    file: Written, orders: list[dict[str, Any]], machines: list[str], products: list[str], shifts: list[str]
) -> None:
    """Orders: what they name is known, and none is due before its day."""
    seen: dict[object, str] = {}
    for path, order in numbered("order", orders):
        file.once(path, "code", order["code"], seen)
        file.known(f"{path}.product", order["product"], products)
        file.known(f"{path}.machine", order["machine"], machines)
        file.known(f"{path}.shift", order["shift"] or None, shifts)
        due, on = order["due"], order["on"]
        if due and on and due.date() < on:
            file.fault(f"{path}.due", due, _("must not be earlier than on = {day}").format(day=on))


def check_checks(file: Written, checks: list[dict[str, Any]], machines: list[str], products: list[str]) -> None:
    """Check items: what they name is known, and no limit lies above the other."""
    for path, check in numbered("check", checks):
        file.known(f"{path}.machine", check["machine"], machines)
        file.known(f"{path}.product", check["product"], products)
        low, high = check["low"], check["high"]
        if low is not None and high is not None and low > high:
            file.fault(f"{path}.low", low, _("must not be above high = {value}").format(value=high))


def check_routing(
    file: Written,
    stations: list[dict[str, Any]],
    routes: list[dict[str, Any]],
    machines: list[str],
    products: list[str],
) -> None:
    """Stations of known machines, each of its own, as a scan tells the machine alone; and routes of known products over
    known stations."""
    seen: dict[object, str] = {}
    for path, station in numbered("station", stations):
        file.known(f"{path}.machine", station["machine"], machines)
        file.once(path, "machine", station["machine"], seen)
    codes = [each["code"] for each in stations if each["code"]]
    for path, route in numbered("route", routes):
        file.known(f"{path}.product", route["product"], products)
        for each in route["stations"]:
            file.known(f"{path}.stations", each, codes)


def check_people(file: Written, people: list[dict[str, Any]], coded: Mapping[str, list[dict[str, Any]]]) -> None:
    """Names and badges. A badge is the code of nothing else: a scan of it would mean two things."""
    codes = {badge_key(each["code"]): f"{kind}[{each['code']}]" for kind, tables in coded.items()
             for each in tables if each["code"]}  # fmt: skip
    badges: dict[object, str] = {}
    for path, person in numbered("person", people):
        for key in ("name", "crew"):
            words = person[key]
            if words is not None and (len(words) > LONGEST_NAME or words != words.strip() or "\t" in words):
                problem = _("must be at most {count} characters, without blanks around them or tabs")
                file.fault(f"{path}.{key}", words, problem.format(count=LONGEST_NAME))
        badge = person["badge"]
        if not badge:
            continue
        if unfit_badge(badge):
            problem = _("must be at most 40 letters A-Z, digits, hyphens or dots, a letter or digit first and last")
            file.fault(f"{path}.badge", badge, problem, "GD-0007")
        elif badge_key(badge) in codes:
            problem = _("is the code of {place} already: a scan would mean both")
            file.fault(f"{path}.badge", badge, problem.format(place=codes[badge_key(badge)]))
        file.once(path, "badge", badge_key(badge), badges, shown=badge)


def check_report(file: Written, report: Mapping[str, Any] | None) -> None:
    """The formats of the automatic report."""
    for name in report["formats"] if report is not None else ():
        if name not in FORMATS:
            file.fault("report.formats", name, file.nearest(str(name), FORMATS))


def check_label(file: Written, label: dict[str, Any] | None, products: list[str]) -> None:
    """The lines of labels, the company prefix and the products that have a part number of a customer."""
    if label is None:
        return
    prefix = label["company_prefix"]
    if prefix and not is_company_prefix(prefix):
        file.fault("label.company_prefix", prefix, _("must be 4 to 12 digits"), "8801234")
    for product, part in label["customer_parts"].items():
        file.known("label.customer_parts", product, products)
        if not isinstance(part, str):
            file.fault(f"label.customer_parts.{product}", part, _("must be text in quotes, on one line"), "55311-AB")
    for kind in KINDS:
        lines = file.listed(f"label.{kind}", label[kind])
        label[kind] = [file.table(path, given, LABEL_LINE) for path, given in lines]
        if len(lines) > MOST_LINES:
            file.fault(f"label.{kind}", NOTHING, _("has more than {most} lines").format(most=MOST_LINES))
        for (path, _given), line in zip(lines, label[kind], strict=True):
            for each in line["fields"]:
                file.known(f"{path}.fields", each, list(FIELDS))
            if len(line["words"]) > LONGEST_WORDS:
                problem = _("has more than {most} characters").format(most=LONGEST_WORDS)
                file.fault(f"{path}.words", line["words"], problem)
