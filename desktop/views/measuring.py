"""Measurements 측정: how each characteristic stands, its control chart, what the rules found, and its capability."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from desktop import summaries
from desktop.domain import sampling
from desktop.domain.alarms import AlarmKind
from desktop.domain.entries import ChartLimits, Excluded, Measured, Note, Said
from desktop.domain.figures.head import AlarmNow
from desktop.domain.figures.measuring import CharacteristicNow, MeasuringNow
from desktop.domain.measuring import BASE_POINTS, base_findings
from desktop.domain.people import Act, Person
from desktop.domain.quality import Sampling
from desktop.domain.spc import Rule
from desktop.reports.blocks import Field, Heading, KeyValues, Kind, Section
from desktop.reports.cells import local
from desktop.text import N_, _
from desktop.views import measuring_faces as faces
from desktop.views.background import Question
from desktop.views.entering import TakingBack, Telling
from desktop.views.screen import CONTROL_PX, GAP, MARGIN, NARROW_PX, TOP, Screen
from desktop.views.widgets.button import Button
from desktop.views.widgets.capability_card import CapabilityCard
from desktop.views.widgets.characteristic_list import ROW_PX as CHARACTERISTIC_PX
from desktop.views.widgets.characteristic_list import CharacteristicList
from desktop.views.widgets.measured_lists import ROW_PX, FoundList, PointValues, ValueFace
from desktop.views.widgets.painted import tell
from desktop.views.widgets.sample_strip import STRIP_PX, SampleStrip
from desktop.views.widgets.sign_form import CheckPin, SignForm
from desktop.views.widgets.spc_chart import SpcChart
from desktop.views.widgets.table_panel import TablePanel
from desktop.views.widgets.why_panel import WhyPanel
from desktop.wording.alarms import alarm_sentence
from desktop.wording.measuring import RULE_SETS
from desktop.wording.moments import day_clock

LEFT_PX, NARROW_LEFT_PX = 360, 272
RIGHT_PX, NARROW_RIGHT_PX = 384, 316
_LEAST_CHART_PX = 420
_ROWS = 2  # of findings that are always in sight
#: ready answers, so that nothing need be typed
LEAVE_WHYS = (
    N_("Measured wrongly"), N_("Chip or dirt"), N_("Gauge not set to zero"), N_("Set-up piece"), N_("Test piece"),
    N_("Entered wrongly"),
)  # fmt: skip
FREEZE_WHYS = (
    N_("First limits"), N_("Process improved"), N_("New tool or die"), N_("Other material"), N_("New gauge"),
    N_("Machine overhauled"),
)  # fmt: skip
#: why limits are frozen though their points have signals
BASE_WHYS = (
    N_("Cause found and removed"), N_("Trial limits until it is stable"), N_("Normal for this process"),
)  # fmt: skip
MEASURES = (
    N_("Tool changed"), N_("Offset corrected"), N_("Material checked"), N_("Gauge checked"), N_("Machine checked"),
    N_("Pieces sorted"), N_("No cause found"),
)  # fmt: skip
#: why a sample was missed
MISSED_WHYS = (
    N_("Nobody was free"), N_("Gauge in use"), N_("Gauge broken"), N_("Machine was set up"), N_("Machine was mended"),
    N_("Measured, not entered"),
)  # fmt: skip
_SEEN_ONLY = N_("Seen, nothing done")
_OPEN_EDGE = "…"  # of a specification with one limit


class Measuring(Screen):
    """The list at the left, chart and findings in the middle, capability at the right. What is asked takes the place of
    the right side; nothing is typed but a value, on a pad.

    `acknowledged` carries the alarm and the answer that it is of; `unit_wanted` the code of a unit.
    """

    told = Signal(object)  # Telling
    taken_back = Signal(object)  # TakingBack
    acknowledged = Signal(object, object)
    unit_wanted = Signal(str)
    table_wanted = Signal(object, str, str, str)  # Section, "csv" or "xlsx", time zone, name of the file

    def __init__(self, check_pin: CheckPin, here: Callable[[], Person | None], parent: QWidget | None = None) -> None:
        super().__init__("measure", parent)
        tell(self, _("Measurements"))
        self._here = here
        self._now: MeasuringNow | None = None
        self._chosen: int | None = None
        self._point: int | None = None  # place of the chosen point
        self._value: int | None = None  # id of the value that is chosen in the table
        self._table = False
        self._then: Callable[[str], object] | None = None  # what an answer is for
        self._given: Callable[[float], object] | None = None
        self._signed: Callable[[str], object] | None = None
        self.list = CharacteristicList(self.page)
        self.chart = SpcChart(self.page)
        self.values = TablePanel("measured-values", _("Value list"), self.page)
        self.sample = SampleStrip(self.page)
        self.found = FoundList(self.page)
        self.point = PointValues(self.page)
        self.capability = CapabilityCard(self.page)
        self.why = WhyPanel(self.page)
        self.sign = SignForm(check_pin, self.page, name="freeze", act=Act.LIMITS)
        self.view = Button("measure-view", _("Value list"), self.page)
        self.enter = Button("enter-value", _("Enter a value"), self.page, icon="plus")
        for hidden in (self.why, self.sign, self.values, self.point, self.sample):
            hidden.hide()
        self.list.wanted.connect(self.look_at)
        self.chart.picked.connect(self._pick)
        self.chart.crossed.connect(self._choose_value)
        self.sample.why.clicked.connect(self._ask_missed)
        self.found.shown.connect(self._pick)
        self.found.acknowledge.clicked.connect(self._ask_measure)
        self.point.unit_wanted.connect(self.unit_wanted)
        self.point.left_out.connect(self._leave_out)
        self.view.clicked.connect(self._turn)
        self.enter.clicked.connect(self._ask_unit)
        self.capability.freeze.clicked.connect(self._ask_freeze)
        self.values.row_wanted.connect(self._pick_value)
        self.values.file_wanted.connect(self._file_wanted)
        self.why.chosen.connect(self._answered)
        self.why.given.connect(self._value_given)
        self.why.left.connect(self._leave)
        self.sign.signed.connect(lambda _role, name: self._signed_by(name))
        self.sign.cancelled.connect(self._leave)
        self.sign.people_wanted.connect(partial(self.screen_wanted.emit, "people"))
        for digit in range(10):
            self._key(str(digit), str(digit))
        for sequence, key in ((".", "."), ("-", "±"), ("Backspace", "⌫")):
            self._key(sequence, key)

    def _key(self, sequence: str, key: str) -> None:
        """A digit of the keyboard counts like one of the pad."""
        shortcut = QShortcut(QKeySequence(sequence), self.why)
        shortcut.activated.connect(partial(self.why.press_key, key))

    # -- what is asked and shown --

    def question(self) -> Question:
        """All characteristics, and the one that is looked at."""
        live, chosen = self.live, self._chosen

        def ask(store: Any, now_ms: int) -> MeasuringNow:
            return summaries.measuring_now(live, store, now_ms, chosen)

        return ask

    def subject(self) -> object:
        """The characteristic that is looked at."""
        return self._chosen

    def choices(self) -> dict[str, str]:
        """The characteristic that is looked at, to be remembered."""
        return {"characteristic": "" if self._chosen is None else str(self._chosen)}

    def restore(self, choices: Any) -> None:
        """Look at what was looked at before."""
        chosen = choices.get("characteristic", "")
        self._chosen = int(chosen) if chosen.isdecimal() else None

    def look_at(self, characteristic: int) -> None:
        """Look at a characteristic."""
        self._chosen, self._point, self._value = characteristic, None, None
        self._leave()
        self.question_changed.emit()

    def opened(self) -> None:
        """Nothing is asked or chosen on the chart yet."""
        self._point = self._value = None
        self._leave()

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show how the characteristics stand."""
        if not isinstance(answer, MeasuringNow):
            raise TypeError(f"the screen of measurements shows a MeasuringNow, not {type(answer).__name__}")
        self._now = answer
        if answer.chosen is not None and self._chosen != answer.chosen.characteristic.id:
            self._chosen = answer.chosen.characteristic.id
        self._show()

    def title(self) -> str:
        """The whole name; the rail has room for a short one."""
        return _("Measurements")

    @property
    def row(self) -> CharacteristicNow | None:
        """The characteristic that is looked at."""
        return self._now.chosen if self._now is not None else None

    def _show(self) -> None:
        now, row = self._now, self.row
        if now is None:
            return
        zone = now.head.timezone
        self.list.show_rows([faces.row_face(each, self._chosen, zone) for each in now.rows])
        words = _("Chart") if self._table else _("Value list")
        self.view.setText(words)
        tell(self.view, words)
        if row is not None:
            if self._point is not None and self._point >= len(row.analysis.points):
                self._point = None
            self.chart.show_chart(faces.chart_face(row, now.now_ms, zone, self._point))
            title = f"{row.characteristic.name} · {faces.last_words(row)}"
            self.values.show_table(title, faces.values_table(row), zone)
            sample = faces.sample_face(row, zone)
            if sample is not None:
                self.sample.show_sample(sample)
            found = faces.found_faces(row, now.now_ms, zone)
            empty, hint = faces.found_note(row)
            self.found.show_found(found, empty, hint, asks=bool(row.open))
            self._show_point(row, now, zone)
            self.capability.show_capability(faces.capability_face(row, now.now_ms, zone))
            ready = self._freezes(row)
            self.capability.freeze.setEnabled(ready)
            self.capability.show_hint("" if ready else self._why_not(row))
        self.arranged()

    def _show_point(self, row: CharacteristicNow, now: MeasuringNow, zone: str) -> None:
        if self._value is not None:
            self.point.show_values("", faces.value_faces(row, (self._value,), now.now_ms, zone))
        elif self._point is not None:
            ids = [value.id for value in row.analysis.points[self._point].values]
            title = faces.point_title(row, self._point, now.now_ms, zone)
            self.point.show_values(title, faces.value_faces(row, ids, now.now_ms, zone))

    def was_entered(self, *_what: object) -> None:
        """What was told is in the file, or was refused: look again."""
        self.question_changed.emit()

    def step_back(self) -> bool:
        """Leave what is asked, then the chosen point."""
        if not self.why.isHidden() or not self.sign.isHidden():
            self._leave()
        elif self._point is not None or self._value is not None:
            self._pick(None)
        else:
            return False
        return True

    # -- what is pressed --

    def _pick(self, place: object) -> None:
        """Choose a point; a second press on it lets it go."""
        self._value = None
        self._point = place if isinstance(place, int) and place != self._point else None
        if isinstance(place, int):
            self._table = False
        self._show()

    def _pick_value(self, line: int) -> None:
        row = self.row
        if row is not None:
            self._choose_value(row.analysis.told[len(row.analysis.told) - 1 - line].value.id)

    def _choose_value(self, number: int) -> None:
        """Look at one value, of the table or one that was left out."""
        self._value, self._point = number, None
        self._show()

    def _turn(self) -> None:
        """From the chart to the list of values, or back."""
        self._table, self._value, self._point = not self._table, None, None
        self._show()

    def _leave(self) -> None:
        """Nothing is asked any more."""
        self.why.hide()
        self.sign.hide()
        self._then = self._given = self._signed = None
        self._show()

    def _ask(self, title: str, note: str, answers: Sequence[str], then: Callable[[str], object]) -> None:
        self._leave()
        self._then = then
        self.why.ask(title, note, answers)
        self._open()

    def _open(self) -> None:
        self.why.show()
        self.why.raise_()
        self.arranged()

    def _answered(self, words: str) -> None:
        then = self._then
        self._leave()
        if then is not None:
            then(words)

    def _say(self, said: Said, words: str, why: str = "", who: str = "") -> None:
        self._point = self._value = None  # the points may be others by it
        self.told.emit(Telling((said,), 0, words, frozenset(), why, who))

    # -- a value by hand --

    def _ask_unit(self) -> None:
        """Of which unit, then which value."""
        now, row = self._now, self.row
        if now is None or row is None:
            return
        if not now.units:
            self._ask_value("")
            return
        without = _("Without a unit")
        note = _("Of which unit? The newest stands first.")
        answers = (*now.units, without)
        self._ask(row.characteristic.name, note, answers, lambda unit: self._ask_value("" if unit == without else unit))

    def _ask_value(self, unit: str) -> None:
        row = self.row
        if row is None:
            return
        limits, digits = row.limits, faces.digits_of(row)
        parts = [unit]
        if limits is not None:
            edges = (_OPEN_EDGE if e is None else faces.figure(e, digits) for e in (limits.low, limits.high))
            parts.append("–".join(edges))
        parts.append(row.characteristic.unit)
        signed = limits is None or limits.low is None or limits.low < 0
        self._given = partial(self._measured, row, unit)
        self.why.ask_value(row.characteristic.name, " ".join(part for part in parts if part), signed=signed)
        self._open()

    def _value_given(self, value: float) -> None:
        given = self._given
        self._leave()
        if given is not None:
            given(value)

    def _measured(self, row: CharacteristicNow, unit: str, value: float) -> None:
        if self._now is None:
            return
        of, at_ms = row.characteristic, self._now.now_ms
        shown = faces.figure(value, faces.digits_of(row), of.unit)
        said = Measured(of.machine or 0, at_ms, at_ms, of.id, value, unit)
        self._say(said, " · ".join(part for part in (of.name, shown, unit) if part))

    # -- leaving out --

    def _leave_out(self, shown: object) -> None:
        """Ask why a value is left out, or take it in again."""
        row, now = self.row, self._now
        if not isinstance(shown, ValueFace) or row is None or now is None:
            return
        value = next(each.value for each in row.analysis.told if each.value.id == shown.number)
        of = row.characteristic
        said = Excluded(of.machine or 0, value.at_ms, value.at_ms, of.id, shown.number)
        if shown.left_out:
            words = _("Taken in again: {value}").format(value=f"{of.name} {shown.figure}")
            self._point = self._value = None
            self.taken_back.emit(TakingBack((shown.left_out,), words, (said,)))
            return
        words = _("Left out: {value}").format(value=f"{of.name} {shown.figure}")
        note = _("Why is {value} left out?").format(value=shown.figure)
        answers = [_(each) for each in LEAVE_WHYS]
        self._ask(of.name, note, answers, lambda why: self._ask_who(partial(self._say, said, words, why)))

    def _ask_who(self, then: Callable[[str], object]) -> None:
        """Who says it, where nobody said so and people are set up."""
        here, now = self._here(), self._now
        people = [each.person.name for each in now.people] if now is not None else []
        if here is not None or not people:
            then("")
        else:
            self._ask(_("Who are you?"), _("It is entered under this name."), people[:12], then)

    # -- what the rules found --

    def _ask_measure(self) -> None:
        row, now = self.row, self._now
        if row is None or now is None or not row.open:
            return
        title = faces.title_of(row.open[-1])
        note = _("What was done? The handover tells it.")
        self._ask(title, note, [_(each) for each in (*MEASURES, _SEEN_ONLY)], partial(self._acknowledge, row, now))

    def _acknowledge(self, row: CharacteristicNow, now: MeasuringNow, measure: str) -> None:
        """What was seen when it was asked for; a signal that came since rings on."""
        found, of = row.open[-1], row.characteristic
        self.acknowledged.emit(AlarmNow(AlarmKind.MEASURED, of.code, of.name, found.met_ms, 0, detail=found.rule), now)
        if measure != _(_SEEN_ONLY):
            text = f"{of.name}: {faces.title_of(found)} – {measure}"
            self._say(Note(of.machine or 0, now.now_ms, now.now_ms, text), text)

    def _ask_missed(self) -> None:
        """Why samples were missed."""
        row, now = self.row, self._now
        if row is None or now is None:
            return
        for alarm in sampling.missed(row.samples):
            told = " · ".join(alarm_sentence(alarm, now.now_ms, now.head.timezone))
            note = _("Why? The handover tells it.")
            answers = [_(each) for each in (*MISSED_WHYS, _SEEN_ONLY)]
            self._ask(told, note, answers, partial(self._tell_why, alarm, row, now, told))

    def _tell_why(self, alarm: AlarmNow, row: CharacteristicNow, now: MeasuringNow, told: str, why: str) -> None:
        """What was missed when it was asked for; a sample that is missed later rings anew."""
        self.acknowledged.emit(alarm, now)
        if why != _(_SEEN_ONLY):
            text = f"{told} – {why}"
            self._say(Note(row.characteristic.machine or 0, now.now_ms, now.now_ms, text), text)

    # -- limits --

    @staticmethod
    def _freezes(row: CharacteristicNow) -> bool:
        own = row.analysis.own
        return own is not None and own.points >= BASE_POINTS and own.sigma > 0 and not row.analysis.coarse

    @staticmethod
    def _why_not(row: CharacteristicNow) -> str:
        own = row.analysis.own
        if own is not None and (row.analysis.coarse or own.sigma <= 0):
            return _("The gauge is too coarse for control limits.")
        count = 0 if own is None else own.points
        return _("{needed} points are needed, {count} are there.").format(needed=BASE_POINTS, count=count)

    def _ask_freeze(self) -> None:
        """Why, by which rules, and who: a supervisor's PIN where any is set up."""
        row, now = self.row, self._now
        if row is None or now is None or row.analysis.own is None:
            return
        own, digits = row.analysis.own, faces.digits_of(row)
        half = 3 * own.sigma / own.n**0.5
        edges = (own.centre - half, own.centre, own.centre + half)
        note = " – ".join(faces.figure(edge, digits) for edge in edges)
        answers = [_(each) for each in FREEZE_WHYS]
        self._ask(_("Why are limits frozen anew?"), note, answers, partial(self._ask_rules, row))

    def _ask_rules(self, row: CharacteristicNow, why: str) -> None:
        sets = {_(words): rules for _key, words, rules in RULE_SETS}
        note = _("By which rules are new points judged?")
        self._ask(row.characteristic.name, note, [*sets], lambda words: self._ask_base(row, why, sets[words]))

    def _ask_base(self, row: CharacteristicNow, why: str, rules: tuple[str, ...]) -> None:
        """Once more, where the points that would make the limits have signals themselves."""
        found = base_findings(row.analysis, [Rule(rule) for rule in rules])
        if not found:
            self._ask_sign(row, why, rules)
            return
        note = _("{signals}. Freeze all the same? Then say why.").format(signals=faces.base_words(row.analysis, found))
        told = _("Signals in the base")
        self._ask(
            told, note, [_(each) for each in BASE_WHYS],
            lambda words: self._ask_sign(row, f"{why} · {told}: {words}", rules),
        )  # fmt: skip

    def _ask_sign(self, row: CharacteristicNow, why: str, rules: tuple[str, ...]) -> None:
        now = self._now
        if now is None:
            return
        here = self._here()
        self._signed = partial(self._freeze, row, why, rules)
        self.sign.open_form("limits", _("Freeze control limits"), now.people, here.id if here is not None else 0)
        self.sign.show()
        self.sign.raise_()
        self.arranged()

    def _signed_by(self, who: str) -> None:
        signed = self._signed
        self._leave()
        if signed is not None:
            signed(who)

    def _freeze(self, row: CharacteristicNow, why: str, rules: tuple[str, ...], who: str) -> None:
        now, own, of = self._now, row.analysis.own, row.characteristic
        if now is None or own is None:
            return
        base = row.analysis.alike[-own.points :]
        before = row.analysis.chart_limits
        version = 1 if before is None else before.version + 1
        said = ChartLimits(
            of.machine or 0, now.now_ms, now.now_ms, of.id, version, own.kind.value, own.centre, own.sigma, own.n,
            own.values, base[0].values[0].at_ms, base[-1].at_ms + 1, rules,
        )  # fmt: skip
        words = _("{name}: control limits frozen, version {number}").format(name=of.name, number=version)
        self._say(said, words, why, who)

    # -- files --

    def _file_wanted(self, section: object, ending: str) -> None:
        """Write the values with what they are of before them."""
        row, now = self.row, self._now
        if row is None or now is None or not isinstance(section, Section):
            return
        of, zone = row.characteristic, now.head.timezone
        found = row.analysis.capability
        limits = faces.baseline_words(row.analysis, now.now_ms, zone)
        facts = KeyValues((
            Field(_("Line"), now.head.line), Field(_("Characteristic"), f"{of.code} {of.name}"),
            Field(_("Machine"), row.place), Field(_("Gauge"), row.gauge.name if row.gauge is not None else ""),
            Field(_("Control limits"), limits), Field("Cpk", found.cpk.value if found.cpk else None, Kind.INDEX),
            Field("n", found.n, Kind.PIECES), Field(_("Value list"), faces.last_words(row)),
            Field(_("Made at"), now.now_ms, Kind.MOMENT),
        ))  # fmt: skip
        _heading, *rest = section.blocks
        whole = Section(section.key, (Heading(of.name, day_clock(now.now_ms, now.now_ms, zone)), facts, *rest))
        name = f"{local(now.now_ms, zone):%Y-%m-%d}-{_('measurements')}-{of.code}".replace(" ", "-")
        self.table_wanted.emit(whole, ending, zone, name)

    # -- places --

    def arrange(self, width: int, height: int) -> int:
        """List, chart over findings, capability; a question takes the place at the right."""
        narrow = width < NARROW_PX
        top, gap = (12, 12) if height < 800 else (TOP, GAP)
        left_px, right_px = (NARROW_LEFT_PX, NARROW_RIGHT_PX) if narrow else (LEFT_PX, RIGHT_PX)
        there = self.row is not None
        bottom = height - TOP
        x = MARGIN + left_px + gap
        main_px = width - 2 * MARGIN - left_px - right_px - 2 * gap
        right_x = x + main_px + gap
        nothing = self._now is not None and not self._now.rows
        list_px = width - 2 * MARGIN if nothing else left_px
        self.list.setGeometry(MARGIN, top, list_px, max(bottom - top, 3 * CHARACTERISTIC_PX))
        chosen = self._value is not None or self._point is not None
        lower: QWidget = self.point if chosen else self.found
        sampled = self.row is not None and self.row.characteristic.sampling is not Sampling.EACH
        strip_px = STRIP_PX + gap if sampled else 0
        rows = _ROWS if not chosen else max(min(self.point.count, 2 if height < 800 else 3), 1)
        rows = 1 if sampled and height < 800 else rows  # the rest scrolls
        lower_px = self.found.head_px + rows * ROW_PX + 2
        high = max(bottom - top - lower_px - strip_px - gap, _LEAST_CHART_PX)
        self._arrange_chart(QRect(x, top, main_px, high), there)
        y = top + high + gap
        self.sample.setGeometry(x, y, main_px, STRIP_PX)
        lower.setGeometry(x, y + strip_px, main_px, lower_px)
        lowest = y + strip_px + lower_px
        asking, signing = not self.why.isHidden(), not self.sign.isHidden()
        self.sample.setVisible(there and sampled and not signing)
        self.found.setVisible(there and not chosen and not signing)
        self.point.setVisible(there and chosen and not signing)
        self.capability.setVisible(there and not asking and not signing)
        self.capability.setGeometry(right_x, top, right_px, max(bottom - top, self.capability.wanted_px()))
        if asking:
            self.why.setGeometry(right_x, top, right_px, 100)
            self.why.place()
            self.why.setGeometry(right_x, top, right_px, self.why.wanted_px())
            lowest = max(lowest, top + self.why.height())
        elif signing:
            wide = main_px + gap + right_px
            self.sign.setGeometry(x, top, wide, max(self.sign.wanted_px(wide), 200))
            lowest = max(lowest, top + self.sign.height())
        elif there:
            lowest = max(lowest, top + self.capability.height())
        return max(lowest, bottom) + (TOP if lowest > bottom else 0)

    def _arrange_chart(self, area: QRect, there: bool) -> None:
        """The chart or the table, with the choice between them in the head of the chart or over the table."""
        signing = not self.sign.isHidden()
        shown = there and not signing
        self.chart.setVisible(shown and not self._table)
        self.values.setVisible(shown and self._table)
        buttons = (self.enter, self.view)
        taken = sum(button.sizeHint().width() + 10 for button in buttons)
        right = area.x() + taken - 10 if self._table else area.right() - 10
        for button in buttons:
            button.setVisible(shown)
            wide = button.sizeHint().width()
            right -= wide
            button.setGeometry(right, area.y() + (0 if self._table else 10), wide, CONTROL_PX)
            button.raise_()
            right -= 10
        self.chart.head_right = area.right() - right
        self.chart.setGeometry(area)
        self.values.setGeometry(area.adjusted(0, CONTROL_PX + GAP, 0, 0))
