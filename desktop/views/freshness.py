"""Whether what is shown is current: what is said while it is not, and the collector that is started meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from desktop.domain.alarms import AlarmKind
from desktop.domain.figures.head import AlarmNow, CollectorNow
from desktop.domain.figures.line import LineNow
from desktop.store.database import KnownError, OlderError
from desktop.text import _
from desktop.views.background import Messenger
from desktop.views.screen import STALE_MS, Shown, stale_since
from desktop.views.ways import Ways
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.wording.devices import collector_note
from desktop.wording.numbers import minutes

RETRY_S = (1, 2, 5, 30)


class Freshness(QObject):
    """Hears of every answer and every trouble of the reading thread, and is asked twice a second by `is_overdue`.

    `acknowledge` notes that the alarm of a line was seen.
    """

    def __init__(
        self,
        folder: Path,
        ways: Ways,
        banners: Banners,
        acknowledge: Callable[[AlarmNow, LineNow], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self._ways = ways
        self._banners = banners
        self._acknowledge = acknowledge
        self._silence_seen = False
        self.answered_at = time.monotonic()  # when the reading thread answered last
        self.starter = Messenger(self)  # starts the collector
        self.attempts = 0  # to start it, since somebody collected
        self.retry_at = 0.0  # not again before (monotonic)
        self._older_since: float | None = None  # since then an older program's file is brought up to date
        self._older_refused = False

    def answered(self) -> None:
        """The reading thread has answered, whatever it was asked."""
        self.answered_at = time.monotonic()
        self._older_since, self._older_refused = None, False
        self._banners.hide_banner("trouble")

    def is_overdue(self) -> bool:
        """Whether the last answer is so old that nothing of it is current; says so, where nobody says why."""
        quiet_ms = (time.monotonic() - self.answered_at) * 1000
        if quiet_ms <= STALE_MS:
            self._banners.hide_banner("reader")
            return False
        if "trouble" in self._banners.shown():  # it says why
            self._banners.hide_banner("reader")
        else:
            head = _("No data for {minutes}").format(minutes=minutes(round(quiet_ms)))
            face = BannerFace("silent", head, _("The data file does not answer."), closable=False)
            self._banners.show_banner("reader", face)
        return True

    # -- nobody collects --

    def show_freshness(self, shown: Shown) -> None:
        """Say whether somebody collects what an answer shows; where nobody does a collector is started."""
        if stale_since(shown) is None:
            self.attempts = 0
            self._silence_seen = False
            self._banners.hide_banner("silent")
            self._banners.hide_banner("collector")
            if note := collector_note(shown.collector.note):
                self._banners.show_banner("note", BannerFace("trouble", note))
            else:
                self._banners.hide_banner("note")
            return
        line = shown if isinstance(shown, LineNow) else None
        unstored = _unstored(line)
        if unstored is not None:
            self._silence_seen = unstored.quiet
        if self._silence_seen:
            self._banners.hide_banner("silent")
        else:
            head, body = self._silence(shown.collector)
            act = partial(self._acknowledge, unstored, line) if unstored is not None and line is not None else None
            words = _("Acknowledge") if unstored is not None else ""
            self._banners.show_banner("silent", BannerFace("silent", head, body, words, closable=False, act=act))
        if not shown.collector.held:
            self._start_collector()

    def _silence(self, collector: CollectorNow) -> tuple[str, str]:
        """That nobody collects, and what is done about it."""
        if collector.silent_ms is None:
            head, body = _("No data yet"), _("The collector is starting.")
        else:
            head = _("No data for {minutes}").format(minutes=minutes(collector.silent_ms))
            body = _("The collector has stopped. It is being started again (attempt {count}).").format(
                count=max(self.attempts, 1)
            )
        return head, collector_note("held") if collector.held else body

    def _start_collector(self) -> None:
        if not self.starter.away and time.monotonic() >= self.retry_at:
            self.attempts += 1
            self.starter.send(self._ways.keep_collecting, self._collector_started, self._collector_failed)

    def _collector_started(self, _result: object) -> None:
        self.retry_at = time.monotonic() + RETRY_S[min(self.attempts, len(RETRY_S)) - 1]
        self._banners.hide_banner("collector")

    def _collector_failed(self, sentence: str) -> None:
        self._collector_started(None)
        if self._older_since is None:
            self._banners.show_banner("collector", BannerFace("trouble", sentence))
            return
        self._older_refused = True
        head = _("The data could not be brought up to date")
        face = BannerFace("trouble", head, sentence, _("Try again"), closable=False, act=self._try_update_again)
        self._banners.show_banner("trouble", face)

    # -- the file cannot be read --

    def troubled(self, error: KnownError) -> None:
        """The reading thread cannot answer."""
        if isinstance(error, OlderError):
            self._bring_up_to_date()
            return
        head, act = _("Not known at the moment"), self._open_data
        face = BannerFace("trouble", head, str(error), _("Open folder"), closable=False, act=act)
        self._banners.show_banner("trouble", face)

    def _open_data(self) -> None:
        self._ways.open_folder(self._folder)

    def _bring_up_to_date(self) -> None:
        """An older program wrote the file: the start of a collector copies it and brings it up to date."""
        if self._older_refused:
            return  # the banner that says why has a button
        if self._older_since is None:
            self._older_since = time.monotonic()
        self._start_collector()
        passed = minutes(round((time.monotonic() - self._older_since) * 1000))
        head = _("The data are being brought up to date for this version of Gadong")
        body = " · ".join((_("A copy is kept in {folder}.").format(folder=self._folder / "backups"), passed))
        self._banners.show_banner("trouble", BannerFace("note", head, body, closable=False))

    def _try_update_again(self) -> None:
        self._older_since, self._older_refused, self.retry_at = None, False, 0.0
        self._bring_up_to_date()


def _unstored(line: LineNow | None) -> AlarmNow | None:
    """The alarm that nothing is stored, which only the Overview's answer holds."""
    alarms = line.alarms if line is not None else ()
    return next((alarm for alarm in alarms if alarm.kind == AlarmKind.COLLECTOR), None)
