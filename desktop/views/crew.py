"""People 인원: who is here, who is at which machine, where somebody is missing; all of it by taps."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from desktop import summaries
from desktop.domain.crew import CrewMachine, CrewNow, CrewPerson
from desktop.domain.entries import OPEN_MS, Attended, Left, Placed, Said
from desktop.text import _
from desktop.views.background import Question
from desktop.views.entering import TakingBack
from desktop.views.screen import GAP, MARGIN, TOP
from desktop.views.widgets.button import Button
from desktop.views.widgets.crew_card import COUNTS_PX, CrewCounts, PersonCard
from desktop.views.widgets.crew_tiles import TileCard, machine_face, person_face
from desktop.views.work_page import WorkPage
from desktop.wording.moments import clock

_MAIN_PX = 72


class Crew(WorkPage):
    """People and machines as tiles: a tap on one and then on the other puts somebody at a machine.

    The first tap on somebody also says that this person is here.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("crew", _("People at machines"), parent)
        self.counts = CrewCounts("crew-counts", self.page)
        self.before = Button("as-before", _("As the last time"), self.page, main=True, icon="undo", height=_MAIN_PX)
        self.all_people = Button("all-people", _("Show everybody"), self.page, icon="people")
        self.set_up = Button("crew-set-up", _("Add a person"), self.page, icon="plus")
        self.person = PersonCard(self.page)
        self.people = TileCard("crew-people", _("People"), self.page)
        self.machines = TileCard("crew-machines", _("Machines"), self.page)
        self._now: CrewNow | None = None
        self._everybody = False
        self._person: int | None = None
        self._machine: int | None = None
        self._pending: int | None = None  # who is being said to be here at this moment
        self.person.hide()
        self.before.hide()
        self.set_up.hide()
        self.people.picked.connect(self._tap_person)
        self.machines.picked.connect(self._tap_machine)
        self.before.clicked.connect(self._as_before)
        self.all_people.clicked.connect(self._show_all)
        self.set_up.clicked.connect(partial(self.screen_wanted.emit, "people"))
        self.person.came.connect(self._came)
        self.person.left.connect(self._left)
        self.person.back.connect(self._back)
        self.person.cancelled.connect(self._never)

    # -- what is asked and shown --

    def question(self) -> Question:
        """The crew at the moment."""
        live = self.live

        def ask(store: Any, now_ms: int) -> CrewNow:
            return summaries.crew_now(live, store, now_ms)

        return ask

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the crew."""
        if not isinstance(answer, CrewNow):
            raise TypeError(f"the page of people shows a CrewNow, not {type(answer).__name__}")
        self._now = answer
        self._show()

    def _show(self) -> None:
        now = self._now
        if now is None:
            return
        if self._chosen() is None and self._person is not None and self._person != self._pending:
            self._person = None
        others = any(not person.expected for person in now.people)
        shown = [p for p in now.people if self._everybody or p.expected or p.from_ms is not None]
        here = sum(person.here for person in now.people)
        note = _("Tap a person, then a machine") if shown else ""
        if self._machine is not None:
            name = next((machine.name for machine in now.machines if machine.id == self._machine), "")
            note = " · ".join(part for part in (name, _("Tap who is at this machine")) if part)
        elif self._person is not None:
            note = _("Now tap the machine")
        empty = _("Nobody is set up yet. Add people under Settings.")
        changed = self.people.show_tiles([person_face(p, now, self._person) for p in shown], note, empty)
        vacant = sum(machine.vacant for machine in now.machines)
        note = _("{count} vacant").format(count=vacant) if vacant and here else ""
        empty = _("Add machines to the configuration and import it.")
        faces = [machine_face(machine, now, self._machine) for machine in now.machines]
        changed |= self.machines.show_tiles(faces, note, empty)
        self.counts.show_crew(now)
        chosen = self._chosen()
        parts = (bool(now.as_before), others and not self._everybody, not now.people, chosen is not None)
        if chosen is not None:
            self.person.show_person(chosen, now)
        for widget, there in zip((self.before, self.all_people, self.set_up, self.person), parts, strict=True):
            changed |= widget.isHidden() == there
            widget.setVisible(there)
        if changed:
            self.arranged()

    def _chosen(self) -> CrewPerson | None:
        """The chosen person, where anything was said of that person in this shift."""
        people = self._now.people if self._now is not None else ()
        return next((p for p in people if p.id == self._person and p.from_ms is not None), None)

    def step_back(self) -> bool:
        """Nobody is chosen any more."""
        if self._person is None and self._machine is None:
            return False
        self._choose(None, None)
        return True

    def open_at(self, machine: int) -> None:
        """The next tap on somebody belongs to this machine."""
        self._choose(None, machine)

    # -- what is pressed --

    def _choose(self, person: int | None, machine: int | None) -> None:
        self._person, self._machine, self._pending = person, machine, None
        self._show()

    def _show_all(self) -> None:
        self._everybody = True
        self._show()

    def _tap_person(self, number: int) -> None:
        now = self._now
        person = next((each for each in now.people if each.id == number), None) if now is not None else None
        if now is None or person is None:
            return
        if self._machine is not None:
            machine = next(each for each in now.machines if each.id == self._machine)
            self._turn(person, machine, now)
        elif self._person == number:
            self._choose(None, None)
        elif person.from_ms is None:
            self._pending = self._person = number
            words = _("{person} · here since {clock}").format(
                person=person.name, clock=clock(now.since_ms, now.head.timezone)
            )
            self._tell([Attended(0, now.since_ms, OPEN_MS, number)], words)
            self._show()
        else:
            self._choose(number, None)

    def _tap_machine(self, number: int) -> None:
        now = self._now
        machine = next((each for each in now.machines if each.id == number), None) if now is not None else None
        if now is None or machine is None:
            return
        person = next((each for each in now.people if each.id == self._person), None)
        if person is not None:
            self._turn(person, machine, now)
        else:
            self._choose(None, None if self._machine == number else number)

    def _turn(self, person: CrewPerson, machine: CrewMachine, now: CrewNow) -> None:
        """Put somebody at a machine, or take that person away from it."""
        if machine.id in person.machines:
            words = _("{person} · no more at {machine}").format(person=person.name, machine=machine.name)
            self._tell([Left(machine.id, now.now_ms, now.now_ms, person.id)], words)
            return
        # Who has no machine yet has been there since coming; who is moved goes there now.
        begun = person.from_ms if person.here and not any(isinstance(s, Placed) for s in person.said) else None
        since_ms = begun if begun is not None else now.now_ms if person.said else now.since_ms
        told: list[Said] = [] if person.here else [Attended(0, since_ms, OPEN_MS, person.id)]
        told.append(Placed(machine.id, since_ms, OPEN_MS, person.id))
        self._tell(told, _("{person} · at {machine}").format(person=person.name, machine=machine.name))

    def _as_before(self) -> None:
        now = self._now
        if now is not None and now.as_before:
            count = sum(isinstance(each, Attended) for each in now.as_before)
            self._tell(now.as_before, _("{count} people are where they were the last time").format(count=count))

    def _came(self, at_ms: int) -> None:
        """Somebody came at another time: what was said of the beginning is said anew."""
        person, now = self._chosen(), self._now
        if person is None or now is None or person.from_ms is None:
            return
        told: list[Said] = [Left(0, person.from_ms, person.from_ms, person.id)] if at_ms > person.from_ms else []
        end_ms = OPEN_MS if person.to_ms is None else person.to_ms
        told.append(Attended(0, at_ms, end_ms, person.id))
        placed = {s.machine for s in person.said if isinstance(s, Placed) and s.start_ms == person.from_ms}
        told += [Placed(machine, at_ms, end_ms, person.id) for machine in sorted(placed & set(person.machines))]
        words = _("{person} · came at {clock}").format(person=person.name, clock=clock(at_ms, now.head.timezone))
        self._tell(told, words)

    def _left(self, at_ms: int) -> None:
        person, now = self._chosen(), self._now
        if person is None or now is None:
            return
        words = _("{person} · left at {clock}").format(person=person.name, clock=clock(at_ms, now.head.timezone))
        self._tell([Left(0, at_ms, at_ms, person.id)], words)

    def _back(self) -> None:
        """Somebody who was said to have left is still here."""
        person = self._chosen()
        if person is None:
            return
        words = _("{person} · still here").format(person=person.name)
        if person.left:
            gone = person.said[person.entries.index(person.left)]
            self.taken_back.emit(TakingBack((person.left,), words, (gone,)))
        elif self._now is not None:
            self._tell([Attended(0, self._now.now_ms, OPEN_MS, person.id)], words)

    def _never(self) -> None:
        """Somebody was not here at all: everything that was said of that person in this shift is taken back."""
        person = self._chosen()
        if person is None:
            return
        words = _("{person} · was not here").format(person=person.name)
        self.taken_back.emit(TakingBack(person.entries, words, person.said))
        self._choose(None, None)

    def was_entered(self, *_what: object) -> None:
        """What was told is in the file, or was refused: look again."""
        self._pending = None
        super().was_entered()

    # -- places --

    def arrange(self, width: int, height: int) -> int:
        """What is known and can be said at the left, people and machines at the right."""
        at = self._room(width, height)
        top, gap, left_px, y, x, room = at.top, at.gap, at.left_px, at.y, at.x, at.right_px
        self.counts.setGeometry(MARGIN, y, left_px, COUNTS_PX)
        y += COUNTS_PX + gap
        for button in (self.before, self.all_people, self.set_up):
            if not button.isHidden():
                button.setGeometry(MARGIN, y, left_px, button.sizeHint().height())
                y += button.height() + gap
        if not self.person.isHidden():
            high = self.person.place(left_px)
            self.person.setGeometry(MARGIN, y, left_px, high)
            y += high + gap
        beside = room >= 1100
        people_px = (room - GAP) * 3 // 5 if beside else room
        machines_px = room - people_px - GAP if beside else room
        people_high, machines_high = self.people.place(people_px), self.machines.place(machines_px)
        if beside:
            high = max(people_high, machines_high, height - TOP - top)
            self.people.setGeometry(x, top, people_px, high)
            self.machines.setGeometry(x + people_px + GAP, top, machines_px, high)
            lowest = top + high
        else:
            self.people.setGeometry(x, top, room, people_high)
            self.machines.setGeometry(x, top + people_high + gap, room, machines_high)
            lowest = top + people_high + gap + machines_high
        return max(y - gap, lowest) + TOP
