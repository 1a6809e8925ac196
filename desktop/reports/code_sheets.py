"""What stands on a sheet of command bar codes, on badges and on the paper form: words and codes, no ink.

A sheet hangs at a machine; who cannot or does not want to type says with the line's scanner what the window asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from desktop import scan_words
from desktop.domain import code128
from desktop.domain.commands import Call, Command, Kind, Repair, UnspeakableError, key, write
from desktop.domain.orders import Order, OrderStatus
from desktop.domain.plant import Machine, Plant, Reason
from desktop.store.database import KnownError
from desktop.text import _
from desktop.tokens import Look

#: products on the sheet of a machine that has no standards of its own; the rest is named, not printed
MOST_PRODUCTS = 36
#: orders on the sheet of a machine: those that are due first; the rest is named as a number
MOST_ORDERS = 24

#: modules of a bar code that a badge has room for, quiet zones and all
WIDEST_BADGE = 250
#: of a machine's own code in the head of each page; a wider one stands on the first page alone
WIDEST_HEAD = 200


class Choice(Struct, frozen=True):
    """Something that a bar code can name: its code in the register and its name. `icon` of resources/icons, "" for
    none; else `look` gives the sign."""

    code: str
    name: str
    look: Look | None = None
    icon: str = ""


class Cell(Struct, frozen=True):
    """One bar code: what it holds and what is written below it."""

    code: str
    name: str
    note: str = ""  # the register's own code
    look: Look | None = None
    icon: str = ""


class Group(Struct, frozen=True):
    """Bar codes under one heading. `note` says how they are used, `left_out` what has none, and why."""

    title: str
    note: str
    cells: tuple[Cell, ...]
    left_out: str = ""


class CodeSheet(Struct, frozen=True):
    """The bar codes of one machine. `made_on`, `version`: of the program, so that an old sheet is known for one."""

    machine: Machine
    plant: str
    line: str
    made_on: date
    version: str
    own: Cell | None  # the machine's own code, on every page; None where it is too wide: then it is the first group
    undo: Cell  # on every page
    groups: tuple[Group, ...]


class Badge(Struct, frozen=True):
    """A person's badge."""

    cell: Cell
    plant: str


class PaperForm(Struct, frozen=True):
    """A form to write on while the PC is out of order."""

    plant: str
    line: str
    made_on: date
    version: str
    machines: tuple[Machine, ...]
    reasons: tuple[Choice, ...]
    scrap_reasons: tuple[Choice, ...] = field(default=())


def code_sheet(
    plant: Plant, machine: Machine, made_on: date, version: str, *,
    scrap_reasons: Sequence[Choice] = (), orders: Sequence[Choice] = (),
) -> CodeSheet:  # fmt: skip
    """The sheet of a machine. Raises KnownError where its own code is too long for a bar code."""
    try:
        own = Cell(write(Command(Kind.MACHINE, machine.code)), machine.name, machine.code, icon="machine")
    except UnspeakableError as error:
        sentence = _("The code of machine {code} is too long for a bar code. Give it a shorter one.")
        raise KnownError(sentence.format(code=machine.code)) from error
    made = {s.product for s in plant.standards if s.machine == machine.id}
    products = [Choice(p.code, p.name, icon="box") for p in plant.products if not made or p.id in made]
    beyond = [] if made else [choice.code for choice in products[MOST_PRODUCTS:]]
    products = products[: len(products) - len(beyond)]
    counted = _("Scan the reason, then the number and Enter. Enter alone is one piece.")
    first_orders = ""
    if len(orders) > MOST_ORDERS:
        words = _(
            "{shown} of {count}, the first in sequence. Print again when they are done; others start on the screen."
        )
        first_orders = words.format(shown=MOST_ORDERS, count=f"{len(orders):,}")
    wide = code128.modules(own.code) > WIDEST_HEAD
    groups = (
        Group(_("Machine"), "", (own,) if wide else ()),
        _group(
            Kind.REASON, _("Stop reason"), _("Why the machine stands or stood: one scan."),
            [_choice(reason) for reason in plant.reasons],
        ),
        _fixed(_("Call and repair"), _("Help, and how far the repair is"), _help()),
        _fixed(_("Changeover"), _("When it begins, and when the first piece is good"), _changeover()),
        _group(Kind.SCRAP, _("Reject"), counted, [replace(c, icon=c.icon or "cross") for c in scrap_reasons]),
        _group(Kind.REWORK, _("Rework"), counted, [replace(c, icon="", look=Look.REWORK) for c in scrap_reasons]),
        _fixed(_("Number"), _("After scrap or rework"), _keys()) if scrap_reasons else Group("", "", ()),
        _group(Kind.PRODUCT, _("Product"), _("What is made from now on"), products, beyond),
        _group(Kind.ORDER_START, _("Start a work order"), first_orders, orders[:MOST_ORDERS]),
        _group(Kind.ORDER_FINISH, _("Finish a work order"), first_orders, orders[:MOST_ORDERS]),
    )  # fmt: skip
    undo = Cell(write(Command(Kind.UNDO)), _("Undo"), icon="arrow-left")
    told = tuple(group for group in groups if group.cells or group.left_out)
    return CodeSheet(machine, plant.name, plant.line, made_on, version, None if wide else own, undo, told)


def scrap_choices(plant: Plant) -> tuple[Choice, ...]:
    """The shop's scrap reasons as bar codes."""
    return tuple(Choice(reason.code, reason.name, icon=reason.icon) for reason in plant.scrap_reasons)


def order_choices(plant: Plant, orders: Iterable[Order], machine: int, today: date) -> tuple[Choice, ...]:
    """The open orders of a day at a machine: its own and those of the line, for that day, a day before or none."""
    names = {product.id: product.name for product in plant.products}
    return tuple(
        Choice(order.code, f"{names.get(order.product, '')} {order.quantity}".strip())
        for order in sorted(orders, key=lambda each: (each.planned_on or today, each.place, each.id))
        if order.status is OrderStatus.OPEN and order.machine in (None, machine)
        and (order.planned_on is None or order.planned_on <= today)
    )  # fmt: skip


def badges(plant: str, people: Iterable[tuple[str, str]]) -> tuple[Badge, ...]:
    """Badges of people, each a name and a badge code. Raises KnownError where a code is missing, too long or twice."""
    made: dict[str, Badge] = {}
    for name, code in people:
        try:
            text = write(Command(Kind.PERSON, code))
        except UnspeakableError:
            text = ""
        if not text or code128.modules(text) > WIDEST_BADGE:
            sentence = _("The badge code of {name} is missing or too long. Write for example {name}=0412.")
            raise KnownError(sentence.format(name=name))
        if key(code) in made:
            twice = _("{one} and {other} have the same badge code {code}. Give each an own one.")
            raise KnownError(twice.format(one=made[key(code)].cell.name, other=name, code=code))
        made[key(code)] = Badge(Cell(text, name, code), plant)
    return tuple(made.values())


def paper_form(plant: Plant, made_on: date, version: str, scrap_reasons: Sequence[Choice] = ()) -> PaperForm:
    """The form to write on while the PC is out of order."""
    reasons = tuple(map(_choice, plant.reasons))
    return PaperForm(plant.name, plant.line, made_on, version, plant.machines, reasons, tuple(scrap_reasons))


def _group(kind: Kind, title: str, note: str, choices: Sequence[Choice], beyond: Sequence[str] = ()) -> Group:
    """The bar codes of what a shop named itself; what has none is said."""
    keys = [key(choice.code) for choice in choices]
    cells, without = [], list(beyond)
    for choice in choices:
        try:
            text = write(Command(kind, choice.code))
        except UnspeakableError:
            without.append(choice.code)
            continue
        if keys.count(key(choice.code)) > 1:
            without.append(choice.code)
        else:
            cells.append(Cell(text, choice.name, choice.code, choice.look, choice.icon))
    left_out = ""
    if without:
        sentence = _("Without a bar code (too many, too long, or the same to a scanner as another): {codes}.")
        left_out = sentence.format(codes=", ".join(without))
    return Group(title, note, tuple(cells), left_out)


def _fixed(title: str, note: str, commands: Sequence[tuple[Command, str, str]]) -> Group:
    return Group(title, note, tuple(Cell(write(command), name, icon=icon) for command, name, icon in commands))


def _help() -> list[tuple[Command, str, str]]:
    calls = {Call.MAINTENANCE: "tool", Call.MATERIAL: "box", Call.QUALITY: "check", Call.LEADER: "info"}
    repairs = {Repair.BEGUN: "tool", Repair.FIXED: "check"}
    return [
        *((Command(Kind.CALL, call), scan_words.call_words(call), icon) for call, icon in calls.items()),
        (Command(Kind.ARRIVED), _("I am here"), "check"),
        *((Command(Kind.REPAIR, step), scan_words.repair_words(step), icon) for step, icon in repairs.items()),
    ]


def _changeover() -> list[tuple[Command, str, str]]:
    return [
        (Command(Kind.CHANGEOVER), _("Changeover begins"), "gear"),
        (Command(Kind.FIRST_PIECE), _("First piece good"), "check"),
    ]


def _keys() -> list[tuple[Command, str, str]]:
    digits = [(Command(Kind.DIGIT, digit), digit, "") for digit in "1234567890"]
    return [*digits, (Command(Kind.ENTER), _("Enter"), "check"), (Command(Kind.UNDO), _("Undo"), "arrow-left")]


def _choice(reason: Reason) -> Choice:
    """A reason with its own icon, else a tool for failures, else the sign that such a stop has on screen."""
    if reason.icon or reason.failure:
        return Choice(reason.code, reason.name, icon=reason.icon or "tool")
    looks = {"planned": Look.PLANNED, "external": Look.WAIT}
    look = looks.get(reason.kind, Look.SETUP if reason.loss in ("setup", "tool_change") else Look.REASON)
    return Choice(reason.code, reason.name, look)
