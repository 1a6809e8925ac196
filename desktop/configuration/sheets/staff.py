"""People as a table: names, crews, roles and badges. A PIN is in no table."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.configuration import applying
from desktop.configuration.sheets.columns import Column, Known, Row, Stock, TableKind, Told, field_of
from desktop.configuration.tables import PERSON
from desktop.domain.commands import badge_of
from desktop.domain.people import LONGEST_BADGE, LONGEST_NAME, badge_key, unfit_badge
from desktop.text import N_, _
from desktop.wording.people import PERSON_ROLES

_SAID = {
    "작업자": "operator", "사원": "operator", "반장": "supervisor", "조장": "supervisor", "감독자": "supervisor",
    "관리자": "admin", "관리": "admin",
}  # fmt: skip
_COLUMNS = (
    Column(field_of(PERSON, "name"), N_("Name"), ("이름", "성명", "성함", "작업자명", "person")),
    Column(field_of(PERSON, "crew"), N_("Crew"), ("조", "반", "작업조", "소속", "team")),
    Column(
        field_of(PERSON, "role"), N_("Role"), ("역할", "직책", "권한"),
        PERSON_ROLES, said=_SAID,
    ),
    Column(field_of(PERSON, "badge"), N_("Badge"), ("사원증", "명찰", "배지", "바코드", "사번")),
)  # fmt: skip


def _people(stock: Stock) -> list[Row]:
    return [{"name": p.name, "crew": p.crew, "role": p.role.value, "badge": p.badge} for p in stock.people]


def _complete(row: Row, known: Known) -> list[tuple[str, str]]:
    long = _("is too long: {count} characters at most").format(count=LONGEST_NAME)
    faults = [(key, long) for key in ("name", "crew") if len(row[key]) > LONGEST_NAME]
    row["badge"] = badge_of(row["badge"])
    if row["badge"] and unfit_badge(row["badge"]):
        words = _("cannot be a badge: at most {count} letters A-Z, digits, hyphens or dots, a letter or digit first")
        faults.append(("badge", words.format(count=LONGEST_BADGE)))
    elif badge_key(row["badge"]) in known.codes:
        words = _("is the code of {name} already: a scan would mean both")
        faults.append(("badge", words.format(name=known.codes[badge_key(row["badge"])])))
    return faults


def _badges_once(rows: Sequence[Told], known: Known) -> list[tuple[int, str, str]]:
    """Each badge is one person's, also of those whom the sheet does not name."""
    named = {told.new["name"] for told in rows}
    taken = {badge_key(badge): name for name, badge in known.badges.items() if badge and name not in named}
    faults = []
    for told in rows:
        badge, name = told.new["badge"], told.new["name"]
        if badge and taken.setdefault(badge_key(badge), name) != name:
            words = _("is the badge of {name}: each person needs their own")
            faults.append((told.line, "badge", words.format(name=taken[badge_key(badge)])))
    return faults


PEOPLE = TableKind(
    "people",
    N_("People"),
    _COLUMNS,
    ("name",),
    {"name": N_("Kim Minsu"), "crew": "A", "role": "operator", "badge": "GD-0007"},
    _people,
    lambda rows: applying.Rows(people=rows),
    _complete,
    (
        N_("A name tells people apart: give each person a name of their own. PINs are in no table."),
        N_("Who gets a role with a longer PIN, or leaves, loses the PIN."),
    ),
    arrange=_badges_once,
    audited="people",
    reload=False,
)
