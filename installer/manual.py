"""Makes the pictures of the manual anew: `python installer/manual.py`. The same pictures come out of the same program.

Simulated histories in each language: one up to a moment when something has happened, and a longer one for the losses.
Small windows, so that what is written in them can be read when the page shows them smaller.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PICTURES = ROOT / "resources" / "manual" / "pictures"
SIZE = (1366, 768)
DAYS, SEED = 5.2396, 1  # another length is another history
AT_MS = 1_795_469_941_440  # one machine stands, another waits for it, the others run
PEOPLE = ("김정호", "박서연", "이영희", "최민수", "강하늘", "정우진")
DARK = ("andon",)  # as it hangs in most halls


def work_a_plan(folder: Path) -> None:
    """A plan of the day at the first machine, worked off as far as somebody would have by then."""
    from contextlib import closing
    from datetime import timedelta

    from desktop import summaries
    from desktop.clock import PlantClock
    from desktop.configuration import sheets
    from desktop.domain.adjust import BookingKind
    from desktop.domain.entries import OPEN_MS, Booked, Changed, FirstPiece, Ordered, Said
    from desktop.store import database, entries
    from desktop.text import _

    with closing(database.open_writer(folder)) as store:
        day = summaries.machine_day(store, 1, AT_MS)
        assert day.shift is not None
        on, begun_ms = day.shift.business_on, day.shift.span.start_ms
        who, kind = _("Kim Minsu"), sheets.KINDS["orders"]
        codes = [f"WO-{on:%y%m%d}-{n}" for n in range(1, 5)]
        plan = zip(codes, ((240, "A", 0), (600, "B", 0), (300, "C", 1), (24, "", 1)), strict=True)
        lines = [
            f"{code}\tVH-204\t{quantity}\t{lot}\t{on + timedelta(days=late)}\t{day.machine.code}\t{on}"
            for code, (quantity, lot, late) in plan
        ]
        words = "\n".join(["code\tproduct\tquantity\tlot\tdue\tmachine\ton", *lines])
        clock, store.clock = store.clock, PlantClock(begun_ms - 600_000, 0, 0.0)
        sheet = sheets.read_text(words, "plan", sheets.Titles(kind).score)
        sheets.apply(store, sheets.preview(store, sheet, kind), who=who)
        store.clock = clock
        change_ms = begun_ms + (AT_MS - begun_ms) // 3
        told: list[Said] = [
            Ordered(1, begun_ms, OPEN_MS, codes[0], 1, 240),
            Changed(1, change_ms, OPEN_MS, 1),
            Ordered(1, change_ms, OPEN_MS, codes[1], 1, 600),
            FirstPiece(1, change_ms + 540_000, change_ms + 540_000, good=False),
            FirstPiece(1, change_ms + 840_000, change_ms + 840_000, good=True),
            Booked(1, AT_MS - 60_000, AT_MS - 60_000, BookingKind.LATE_REJECT, 2, None, 1),
        ]
        for said in told:
            entries.say(store, [said], said.start_ms, who)


def plan_a_week(folder: Path) -> None:
    """A planned stop that was approved and one that waits, people in the shifts, and a holiday at the week's end."""
    from contextlib import closing
    from datetime import time, timedelta

    from msgspec.structs import replace

    from desktop import summaries
    from desktop.domain import calendar
    from desktop.domain.calendar import PlannedStop
    from desktop.domain.scheduling import AddHoliday, ApproveStop, AskStop, ChangeShift
    from desktop.domain.spans import Span
    from desktop.store import calendar_edits, database

    with closing(database.open_writer(folder)) as store:
        week = summaries.calendar_week(store, AT_MS)
        today = calendar.local_date(AT_MS, week.shop.zone)
        for place, pattern in enumerate(dict.fromkeys(each.pattern for each in week.shifts)):
            wanted = replace(pattern, crew="AB"[place], people=6 - place)
            edit = ChangeShift(pattern, wanted, week.days[0].on)
            calendar_edits.change(store, edit, AT_MS, why=wanted.crew)
        for machine, days, clock in ((None, 1, time(13)), (3, 2, time(10))):
            start_ms = calendar.utc_ms(today + timedelta(days=days), clock, week.shop.zone)
            stop = PlannedStop(Span(start_ms, start_ms + 5_400_000), machine, None, week.reasons[0][0])
            calendar_edits.change(store, AskStop(stop), AT_MS)
            if machine is None:
                calendar_edits.change(store, ApproveStop(stop), AT_MS)
        calendar_edits.change(store, AddHoliday(week.days[-1].on), AT_MS)


def press_a_day(screen: object) -> bool:
    """The day after tomorrow, of which a half is to be a holiday."""
    screen.sheet.heads[4].click()  # type: ignore[attr-defined]
    screen.day.modes[1].click()  # type: ignore[attr-defined]
    return False


def press_capacity(screen: object) -> bool:
    """The standard calendar."""
    screen.bar.capacity.click()  # type: ignore[attr-defined]
    return False


def label_stops(folder: Path) -> None:
    """Give reasons to all stops but the last three, as somebody would have by then."""
    from contextlib import closing

    from desktop import summaries
    from desktop.domain.entries import OPEN_MS, Labelled
    from desktop.store import database, entries
    from desktop.text import _

    with closing(database.open_writer(folder)) as store:
        who = _("Kim Minsu")
        found = summaries.stops_now(summaries.Live(), store, AT_MS)
        waiting = sorted(found.open, key=lambda row: row.start_ms)[:-3]
        for n, row in enumerate(waiting):
            end_ms = OPEN_MS if row.end_ms is None else row.end_ms
            reason = found.reasons[n * 5 % len(found.reasons)].id
            entries.say(store, [Labelled(row.machine, row.start_ms, end_ms, row.id, reason, row.word)], AT_MS, who)


def staff_the_shift(folder: Path) -> None:
    """People of the shift at the machines, and half of the checks done, one of them not right."""
    from contextlib import closing

    from desktop import summaries
    from desktop.domain.entries import OPEN_MS, Action, Attended, Checked, FirstPiece, Placed
    from desktop.domain.people import Person
    from desktop.store import database, entries, people
    from desktop.text import _

    with closing(database.open_writer(folder)) as store:
        shift = summaries.find_shift(store, "current", AT_MS)
        start_ms = shift.span.start_ms
        crew = [people.put(store, Person(0, name), start_ms) for name in PEOPLE]
        machines = [machine.id for machine in summaries.line_now(store, AT_MS).machines]
        for place, person in enumerate(crew[:-1]):
            placed = [Placed(machine, start_ms, OPEN_MS, person) for machine in machines[place : place + 1]]
            entries.say(store, [Attended(0, start_ms, OPEN_MS, person), *placed], start_ms + 600_000, PEOPLE[0])
        found = summaries.checks_now(summaries.Live(), store, AT_MS)
        for place, row in enumerate(found.open):
            at_ms = max(row.due_ms, start_ms) + 900_000
            if place % 4 == 0 or at_ms >= AT_MS:
                continue
            good, note = place != 2, "" if place != 2 else _("Below the level")
            value = None if row.low is None or row.high is None else (row.low + row.high) / 2
            if row.kind == "first":
                entries.say(store, [FirstPiece(row.machine, at_ms, at_ms, good=True)], at_ms, PEOPLE[1])
            elif row.kind in ("ok", "value"):
                left = [] if good else [Action(row.machine, at_ms, OPEN_MS, f"{row.name}: {note}")]
                said = Checked(row.machine, at_ms, at_ms, row.item, good, value, note)
                entries.say(store, [said, *left], at_ms, PEOPLE[1])


def change_over(folder: Path) -> int:
    """The machine that stands is being changed over to the next item of its plan; returns it."""
    from contextlib import closing

    from desktop import summaries
    from desktop.configuration import sheets
    from desktop.domain.entries import OPEN_MS, Changed, FirstPiece, Ordered
    from desktop.store import database, entries, register
    from desktop.text import _

    with closing(database.open_writer(folder)) as store:
        line = summaries.line_now(store, AT_MS)
        machine = next(m for m in line.machines if m.asks_reason)
        on = line.shift.business_on if line.shift is not None else None
        tables = {
            "products": ("code\tname\tmachine\tideal_cycle_s\tstandard_cycle_s",
                         f"VH-208\t{_('Valve housing VH-204').replace('204', '208')}\t{machine.code}\t26\t28.5"),
            "orders": ("code\tproduct\tquantity\tlot\tdue\tmachine\ton",
                       *(f"WO-{on:%y%m%d}-{n}\t{item}\t{many}\t{lot}\t{on}\t{machine.code}\t{on}"
                         for n, item, many, lot in ((5, "VH-204", 640, "B"), (6, "VH-208", 400, "D")))),
        }  # fmt: skip
        for key, lines in tables.items():
            kind = sheets.KINDS[key]
            sheet = sheets.read_text("\n".join(lines), key, sheets.Titles(kind).score)
            sheets.apply(store, sheets.preview(store, sheet, kind), who=_("Kim Minsu"))
        numbers = {product.code: product.id for product in register.plant(store).products}
        since_ms = machine.since_ms
        told = (
            Ordered(machine.id, since_ms - 3 * 3_600_000, OPEN_MS, f"WO-{on:%y%m%d}-5", numbers["VH-204"], 640),
            Changed(machine.id, since_ms, OPEN_MS, numbers["VH-208"]),
            Ordered(machine.id, since_ms, OPEN_MS, f"WO-{on:%y%m%d}-6", numbers["VH-208"], 400),
            FirstPiece(machine.id, AT_MS - 60_000, AT_MS - 60_000, good=False),
        )
        for said in told:
            entries.say(store, [said], said.start_ms, _("Kim Minsu"))
    return machine.id


def last_packed(folder: Path) -> str:
    """The code of a unit that went into a box an hour ago."""
    from contextlib import closing

    from desktop.store import database

    with closing(database.open_reader(folder)) as store:
        [(code,)] = store.rows(
            "SELECT u.code FROM links l JOIN units u ON u.id = l.child_id"
            " WHERE l.kind = 'packed' AND l.at_ms < ? ORDER BY l.id DESC LIMIT 1",
            AT_MS - 3_600_000,
        )
    return str(code)


def press_rejects(screen: object) -> bool:
    """Three pieces are keyed in on the Work screen; their reason is not pressed yet."""
    from desktop.views.work import Work

    if isinstance(screen, Work):
        screen.scraps.click()
        screen.scrap.press_key("3")
    return False


def main() -> None:
    """Every screen in every language."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from desktop import simulation, text
    from desktop.views import pictures

    with tempfile.TemporaryDirectory(prefix="gadong-") as scratch:
        for lang in text.LANGUAGES:
            text.use(lang)
            folder = Path(scratch) / lang
            folder.mkdir()
            simulation.simulate(folder, days=DAYS, seed=SEED, say=print)
            past = simulation.history(print)
            out = folder / "pictures"
            for theme_name, names in (("light", [n for n in pictures.NAMES if n not in DARK]), ("dark", DARK)):
                pictures.screenshots(
                    folder, out, theme_name, screens=names, at_ms=AT_MS, lang=lang, size=SIZE, history=past
                )
            work_a_plan(folder)
            pictures.screenshots(folder, out, screens=["work"], at_ms=AT_MS, lang=lang, size=SIZE)
            plan_a_week(folder)
            pictures.screenshots(folder, out, screens=["calendar"], at_ms=AT_MS, lang=lang, size=SIZE)
            for name, press in (("day", press_a_day), ("capacity", press_capacity)):
                [file] = pictures.screenshots(
                    folder, out / name, screens=["calendar"], at_ms=AT_MS, lang=lang, size=SIZE, press=press
                )
                file.replace(out / f"calendar-{name}.png")
            staff_the_shift(folder)
            pictures.screenshots(folder, out, screens=["crew", "checks", "people"], at_ms=AT_MS, lang=lang, size=SIZE)
            label_stops(folder)
            pictures.screenshots(folder, out, screens=["stops", "trail"], at_ms=AT_MS, lang=lang, size=SIZE)
            day = out / "day"
            pictures.screenshots(folder, day, screens=["work"], at_ms=AT_MS, lang=lang, size=SIZE, press=press_rejects)[
                0
            ].replace(out / "rejects.png")
            unit = last_packed(folder)

            def look_up(screen: object, code: str = unit) -> bool:
                screen.look_at(code, "unit")  # type: ignore[attr-defined]
                return True

            pictures.screenshots(folder, out, screens=["trace"], at_ms=AT_MS, lang=lang, size=SIZE, press=look_up)
            changing = change_over(folder)

            def look(screen: object, machine: int = changing) -> bool:
                screen.look_at(machine)  # type: ignore[attr-defined]
                return True

            pictures.screenshots(folder, day, screens=["work"], at_ms=AT_MS, lang=lang, size=SIZE, press=look)[
                0
            ].replace(out / "changeover.png")
            for name in (*pictures.NAMES, "rejects", "changeover", "calendar-day", "calendar-capacity"):
                file = (out / f"{name}.png").replace(PICTURES / f"{name}-{lang}.png")
                print(file.name, file.stat().st_size)


if __name__ == "__main__":
    main()
