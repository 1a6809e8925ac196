"""The report that writes itself: which one is due, which edition it is, what it is called. Pure.

A shift's report is made some minutes after the end that its pattern says. While overtime goes on behind that end, and
until somebody closes the shift, it is provisional (잠정) and is made anew under the same revision where its figures, or
what people say in it, changed. When the shift is closed it is made once more, as final; figures that change then make
the next revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain import calendar
from desktop.domain.calendar import Calendar, Kind, Shift
from desktop.domain.spans import Span

KEPT_MS = 14 * 86_400_000  # a report that was missed is made so long afterwards
CALM_MS = 10 * 60_000  # what changed must rest so long before a report is made of it anew
FIRST = 1  # the revision of a report whose shift was not corrected after it was closed
FORMATS = ("pdf", "xlsx", "csv", "json", "png")


class Policy(Struct, frozen=True):
    """What a shop wants of its automatic report.

    `folder` "": `reports` in the data folder. `printer` None: not printed; "": on the usual one. `language` "": that of
    the collector. `hour_cost`: what an hour in which a machine stands costs, in the shop's money, for the weekly
    report; 0: nobody said.
    """

    on: bool = True
    folder: str = ""
    formats: tuple[str, ...] = ("pdf", "xlsx")
    delay_ms: int = 300_000
    printer: str | None = None
    language: str = ""
    hour_cost: float = 0.0


class Made(Struct, frozen=True):
    """What became of one revision of a shift's report.

    `state`: "writing" (its files were about to be placed), "made" or "failed". `digest` is that of the shift's sums
    when it was last begun, `chain` the journal's state in it. `files` are the names placed last, `hashes` the SHA-256
    of everything that was ever to be placed for this revision: a file with another was changed by a person.
    `fault` is the sentence of the last failure, `failed_ms` when the first of a row of failures happened.
    """

    business_on: date
    shift: str
    revision: int
    span: Span
    state: str = "made"
    provisional: bool = True
    digest: str = ""
    chain: str = ""
    at_ms: int = 0
    folder: str = ""
    files: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()
    printed: bool = False
    fault: str = ""
    failed_ms: int | None = None
    tries: int = 0

    @property
    def key(self) -> tuple[date, str]:
        """Which shift it is of."""
        return self.business_on, self.shift


class AutomaticNow(Struct, frozen=True):
    """How it stands: what is wanted, the whole folder, the report made last, and the newest that could not be made."""

    policy: Policy
    folder: str
    newest: Made | None = None
    failed: Made | None = None


class Edition(Struct, frozen=True):
    """Which revision of a report a moment has, 1 the first, and whether it may still change."""

    revision: int
    provisional: bool


class Candidate(Struct, frozen=True):
    """A shift of which a report may be due. `written_end_ms`: where its pattern ends it, without overtime. `digest`:
    what it comes down to, "" while that is not added up; `calm`: that has held for a while. `said`: its edition by what
    people closed and corrected.
    """

    shift: Shift
    written_end_ms: int
    digest: str = ""
    calm: bool = True
    said: Edition = Edition(FIRST, True)

    @property
    def key(self) -> tuple[date, str]:
        """The name of the shift."""
        return self.shift.business_on, self.shift.name


def edition(
    shift: Shift, now_ms: int, made: Iterable[Made], digest: str, said: Edition, written_end_ms: int | None = None
) -> Edition:
    """The edition of a report that is made at `now_ms`. `said` is that by what people closed and corrected; facts that
    came late make one more where the last report that was made was final and the figures are others now. While
    overtime goes on behind `written_end_ms` it is provisional.
    """
    if written_end_ms is not None and max(written_end_ms, now_ms) < shift.span.end_ms:
        said = replace(said, provisional=True)  # whatever was closed goes on while its overtime does
    last = last_made(made, now_ms)
    if last is None:
        return said
    known = figures_of(digest)
    changed = not last.provisional and (last.span != shift.span or (bool(known) and known != figures_of(last.digest)))
    return Edition(max(said.revision, last.revision + changed), said.provisional)


def figures_of(digest: str) -> str:
    """The part of a digest that speaks of figures; behind it stands that of what people wrote."""
    return digest.partition("-")[0]


def last_made(made: Iterable[Made], now_ms: int) -> Made | None:
    """The newest revision whose files were placed by a moment."""
    whole = [row for row in made if row.state == "made" and row.at_ms <= now_ms]
    return max(whole, key=lambda row: row.revision, default=None)


def written_end_ms(shop: Calendar, shift: Shift) -> int:
    """When a shift ends without its overtime."""
    if not any(exception.kind is Kind.OVERTIME for exception in shop.exceptions):
        return shift.span.end_ms
    plain = replace(shop, exceptions=tuple(e for e in shop.exceptions if e.kind is not Kind.OVERTIME))
    found = calendar.shift_named(plain, shift.name, shift.business_on)
    return shift.span.end_ms if found is None else min(found.span.end_ms, shift.span.end_ms)


def due(
    candidates: Iterable[Candidate], made: Mapping[tuple[date, str], Sequence[Made]], now_ms: int, delay_ms: int
) -> list[Candidate]:
    """The shifts whose report is to be made now, the newest first.

    Each once, and again where it was not finished, where it was made during overtime that is over, where it was
    provisional and is closed now, and where what rests now is not what it was made of.
    """
    newest_first = sorted(candidates, key=lambda candidate: -candidate.shift.span.start_ms)
    return [each for each in newest_first if _is_due(each, made.get(each.key, ()), now_ms, delay_ms)]


def _is_due(candidate: Candidate, rows: Sequence[Made], now_ms: int, delay_ms: int) -> bool:
    end_ms = candidate.shift.span.end_ms
    if now_ms < candidate.written_end_ms + delay_ms or now_ms >= end_ms + KEPT_MS + delay_ms:
        return False
    last = max(rows, key=lambda row: row.revision, default=None)
    if now_ms >= end_ms and not candidate.digest:
        return False  # its sums follow within seconds; a report before that would not know what it was made of
    if last is None or last.state != "made":
        return True
    if now_ms < end_ms + delay_ms:
        return False  # made when the written end was over, and anew when the overtime is
    if last.span != candidate.shift.span or not last.digest:
        return True  # made before it was over
    if last.provisional and not candidate.said.provisional:
        return True  # somebody closed the shift
    # What was said of a shift beside it may reach into this one and leave its figures as they are.
    return (last.digest != candidate.digest or last.revision < candidate.said.revision) and candidate.calm


def stem(shift: Shift, zone: ZoneInfo, revision: int = FIRST) -> str:
    """The name of a report's files, which sorts by time: "2026-11-19-0800-Day", a later revision with "-r2" behind it.

    The time is that of the shift's start, counted on from its business date: 2400 where it starts behind midnight.
    """
    start = datetime.fromtimestamp(shift.span.start_ms / 1000, zone)
    hours = max(0, start.hour + 24 * (start.date() - shift.business_on).days)
    minute = start.minute if start.date() >= shift.business_on else 0
    name = f"{shift.business_on}-{hours:02d}{minute:02d}-{shift.name}"
    return f"{name}-r{revision}" if revision > FIRST else name


def retry_s(tries: int) -> float:
    """How long to wait after so many failures, in real seconds."""
    return (10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)[min(max(tries, 1), 6) - 1]
