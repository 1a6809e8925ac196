"""What happens beside the window's own thread: reading the store, starting processes. Answers come by signal."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct
from PySide6.QtCore import QObject, QThread, Signal

from desktop.store.database import BusyError, KnownError
from desktop.text import _

log = logging.getLogger(__name__)

POLL_S = 0.05
LEAST_GAP_S = 0.25  # the collector commits four times a second at most
LISTEN_S = 1.0  # so long after the start answers to scans are looked for: the first picture goes before
LEAST_TICK_S = 1.0  # minutes go on while nothing is committed
SHARE_OF_CORE = 0.2
BESIDE_S = 2.0  # what no screen shows itself is asked for this often


class Clock(Protocol):
    """The plant's clock."""

    def now_ms(self) -> int:
        """Plant time as UTC milliseconds."""


class Source(Protocol):
    """What the window needs of an open store; one per thread."""

    @property
    def clock(self) -> Clock:
        """The plant's clock."""

    def data_version(self) -> int:
        """A number that changes when another process has committed."""

    def close(self) -> None:
        """Close the file."""


Listen = Callable[[Any, Any, int], tuple[Any, tuple[Any, ...]]]  # as `summaries.scans_answered`
Question = Callable[[Any, int], object]  # (open store, now_ms) -> what the screen shows
#: (open store, now_ms, what the screen shows) -> what is shown around it
Beside = Callable[[Any, int, object], object]


class Answer(Struct, frozen=True):
    """What a question returned. `number` is that of the `Reader.ask` it belongs to."""

    number: int
    value: object


class Reader(QThread):
    """The one thread that reads. It asks the question of the visible screen again whenever something was committed.

    The store is opened, used and closed on this thread. A question that takes long is asked less often, so that
    reading never takes more than a fifth of a core.
    """

    answered = Signal(object)
    told_beside = Signal(object)  # an Answer too: what is shown around the screen
    troubled = Signal(object)  # the KnownError for which there is no answer
    heard = Signal(object)  # the answers to scans (ScanAnswer, FindingNow) since the last time

    def __init__(
        self, open_source: Callable[[], Source], parent: QObject | None = None, listen: Listen | None = None
    ) -> None:
        """`listen`: what is asked besides, for answers to scans."""
        super().__init__(parent)
        self._open = open_source
        self._listen = listen
        self._heard: object = None  # up to which answers
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ended = False
        self._question: Question | None = None
        self._beside: Beside | None = None
        self._number = 0

    def ask(self, question: Question | None, beside: Beside | None = None) -> int:
        """Answer this question from now on, None: rest, and now and then what is shown around it. Returns its number,
        which every answer carries."""
        with self._lock:
            self._question, self._beside = question, beside
            self._number += 1
            number = self._number
        self._wake.set()
        return number

    def end(self) -> None:
        """Finish and wait for the thread; the store is closed then."""
        self._ended = True
        self._wake.set()
        self.wait()

    def run(self) -> None:
        """Read until the end."""
        while not self._ended:
            try:
                source = self._open()
            except KnownError as error:
                self.troubled.emit(error)
                self._rest(1.0)
                continue
            try:
                self._read(source)
            except KnownError as error:
                self.troubled.emit(error)
                self._rest(1.0)
            finally:
                source.close()

    def _rest(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()

    def _read(self, source: Source) -> None:
        version, number, asked_at, gap_s, beside_at = -1, -1, 0.0, LEAST_GAP_S, 0.0
        listened, listen_at = -1, time.monotonic() + LISTEN_S
        while not self._ended:
            with self._lock:
                question, wanted, beside = self._question, self._number, self._beside
            now = time.monotonic()
            seen = source.data_version()
            fresh = wanted != number
            if self._listen is not None and seen != listened and now >= listen_at:
                listened = self._look_for_scans(self._listen, source, seen)
            due = now - asked_at >= (gap_s if seen != version else max(LEAST_TICK_S, gap_s))
            if question is not None and (fresh or due):
                try:
                    now_ms = source.clock.now_ms()
                    value = question(source, now_ms)
                    self.answered.emit(Answer(wanted, value))
                    version, number = seen, wanted
                    if beside is not None and (fresh or now - beside_at >= BESIDE_S):
                        self.told_beside.emit(Answer(wanted, beside(source, now_ms, value)))
                        beside_at = now
                except BusyError:
                    log.info("the database was busy; the question is asked again")
                except KnownError:
                    raise
                except Exception:
                    log.exception("the question of a screen failed")
                    number = wanted
                    sentence = _("This screen could not be calculated. Details are in the log file.")
                    self.troubled.emit(KnownError(sentence))
                    now -= LEAST_TICK_S  # ask less often what fails
                asked_at = time.monotonic()
                gap_s = max(LEAST_GAP_S, (asked_at - now) / SHARE_OF_CORE)
            self._rest(POLL_S)

    def _look_for_scans(self, listen: Listen, source: Source, seen: int) -> int:
        """Tell what scans were answered; returns up to which state of the file that is known."""
        try:
            self._heard, answers = listen(source, self._heard, source.clock.now_ms())
        except BusyError:
            return -1
        if answers:
            self.heard.emit(answers)
        return seen


class Errand(QObject):
    """Something slow that is done once on another thread: `done` with its result, or `failed` with a sentence."""

    done = Signal(object)
    failed = Signal(str)

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self._work = work

    def start(self) -> None:
        """Begin. The errand must be kept until one of its signals has come; the program may end before that."""
        threading.Thread(target=self.carry_out, name="errand", daemon=True).start()

    def carry_out(self) -> None:
        """Do the work on the calling thread."""
        try:
            result = self._work()
        except KnownError as error:
            self.failed.emit(str(error))
        except Exception:
            log.exception("an errand of the window failed")
            self.failed.emit(_("That did not work. Details are in the log file."))
        else:
            self.done.emit(result)


class Messenger(QObject):
    """Does errands one at a time: while it is away nothing else is taken."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._errand: Errand | None = None
        self._then: tuple[Callable[[object], object], Callable[[str], object]] | None = None

    @property
    def away(self) -> bool:
        """Whether an errand is being done."""
        return self._errand is not None

    def send(
        self, work: Callable[[], object], done: Callable[[object], object], failed: Callable[[str], object]
    ) -> bool:
        """Do `work` on another thread, then call `done` with its result or `failed` with a sentence on this one.

        Returns False where it is away already: then nothing is done.
        """
        if self._errand is not None:
            return False
        self._then = (done, failed)
        self._errand = Errand(work)
        self._errand.done.connect(self._on_done)
        self._errand.failed.connect(self._on_failed)
        self._errand.start()
        return True

    # The messenger is back before anybody hears of it, so that it can be sent again at once.

    def _on_done(self, result: object) -> None:
        then, self._then, self._errand = self._then, None, None
        if then is not None:
            then[0](result)

    def _on_failed(self, sentence: str) -> None:
        then, self._then, self._errand = self._then, None, None
        if then is not None:
            then[1](sentence)
