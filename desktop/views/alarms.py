"""What somebody should be told of: a banner for each alarm, until somebody has seen it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from desktop.domain.alarms import AlarmKind
from desktop.domain.figures.head import AlarmNow
from desktop.domain.figures.line import LineNow
from desktop.text import _
from desktop.views.background import Messenger
from desktop.views.screen import Shown
from desktop.views.ways import Ways
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.views.widgets.undo_bar import UndoBar
from desktop.wording.alarms import alarm_sentence

MOST_SHOWN = 2  # more would push the machines out of sight


class Alarms(QObject):
    """The banners of alarms, and the notes that they were seen, which can be taken back."""

    def __init__(
        self, ways: Ways, who: Callable[[], str], banners: Banners, undo_bar: UndoBar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._ways = ways
        self._who = who  # the name of who is at the screen, "" where nobody said so
        self._banners = banners
        self._undo_bar = undo_bar
        self._writer = Messenger(self)

    def show_alarms(self, line: LineNow | None, most: int) -> None:
        """The first `most` alarms that nobody has seen; none for None. That nothing is stored says another banner."""
        loud = [alarm for alarm in line.alarms if not alarm.quiet] if line else []
        loud = [alarm for alarm in loud if alarm.kind != AlarmKind.COLLECTOR]
        for place in range(MOST_SHOWN):
            if line is None or place >= min(len(loud), most):
                self._banners.hide_banner(f"alarm-{place}")
                continue
            alarm = loud[place]
            head, since = alarm_sentence(alarm, line.now_ms, line.head.timezone)
            rest = len(loud) - most if place == most - 1 else 0
            body = " · ".join([since, *([_("{count} more").format(count=rest)] if rest > 0 else [])])
            act = partial(self.acknowledge, alarm, line)
            face = BannerFace("trouble", head, body, _("Acknowledge"), closable=False, act=act)
            self._banners.show_banner(f"alarm-{place}", face)

    def acknowledge(self, alarm: AlarmNow, line: Shown) -> None:
        """Note that an alarm was seen; `line` is the answer that told of it."""
        said = alarm_sentence(alarm, line.now_ms, line.head.timezone)[0]
        work = partial(self._ways.acknowledge, alarm, line.now_ms, self._who())
        self._write(work, _("Acknowledged: {alarm}").format(alarm=said))

    def unacknowledge(self, number: int) -> None:
        """Take back that an alarm was seen."""
        self._write(partial(self._ways.unacknowledge, number, self._who()), "")

    def _write(self, work: Callable[[], object], words: str) -> None:
        """Write on another thread; `words` are what can be taken back afterwards, "" where nothing can."""
        self._writer.send(work, partial(self._written, words), self._not_written)

    def _written(self, words: str, number: object) -> None:
        self._banners.hide_banner("seen")
        if words and isinstance(number, int):
            self._undo_bar.offer(words, partial(self.unacknowledge, number))

    def _not_written(self, sentence: str) -> None:
        self._banners.show_banner("seen", BannerFace("trouble", sentence))
