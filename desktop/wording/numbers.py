"""Figures in words: lengths of time, percent, pieces and values, each rounded half up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from desktop.domain.kpi import Kpis
from desktop.text import _

UNKNOWN = "—"
MINUS = "\N{MINUS SIGN}"


def minutes(ms: int) -> str:
    """A duration at a glance: "12 s" under a minute, "63 min" under two hours, then "2 h 5 min"."""
    seconds = max(int(ms), 0) // 1000
    if seconds < 60:
        return _("{seconds} s").format(seconds=seconds)
    if seconds < 7200:
        return _("{minutes} min").format(minutes=seconds // 60)
    return _("{hours} h {minutes} min").format(hours=seconds // 3600, minutes=seconds % 3600 // 60)


def lasted(ms: int) -> str:
    """A duration that is over, or a sum, to the nearest minute: between clock times it is what they say. One that still
    grows is told by `minutes`, which never says more than has passed."""
    return minutes(int(ms) + 30_000 if ms >= 60_000 else ms)


def whole_minutes(ms: int) -> str:
    """A sum of times to the nearest minute, however long it is: "322 min"."""
    return _("{minutes} min").format(minutes=f"{(max(int(ms), 0) + 30_000) // 60_000:,}")


def minutes_seconds(ms: int) -> str:
    """A duration to the second while that matters: "6 min 08 s"; from two hours on as `minutes`."""
    seconds = max(int(ms), 0) // 1000
    if 60 <= seconds < 7200:
        return _("{minutes} min {seconds:02d} s").format(minutes=seconds // 60, seconds=seconds % 60)
    return minutes(ms)


def stopwatch(ms: float | None) -> str:
    """A time to the second for adding up, however long it is: "322 min 08 s"; None is a dash."""
    if ms is None:
        return UNKNOWN
    seconds = int(_half_up(Decimal(repr(float(ms))) / 1000, 0))
    sign = MINUS if seconds < 0 else ""
    return sign + _("{minutes} min {seconds:02d} s").format(
        minutes=f"{abs(seconds) // 60:,}", seconds=abs(seconds) % 60
    )


def age(ms: int) -> str:
    """How old a value is: tenths of a second under 10 s, else as `minutes`."""
    return seconds_figure(ms / 1000) if 0 <= ms < 10_000 else minutes(ms)


def seconds_figure(seconds: float) -> str:
    """A short time as tenths of a second with its unit: "30.7 s"."""
    return _("{seconds} s").format(seconds=_half_up(Decimal(repr(float(seconds))), 1))


def minutes_tenths(ms: float | None) -> str:
    """A time in minutes with one decimal and no unit, as in a loss table: "1,041.6"."""
    if ms is None:
        return UNKNOWN
    return _signed_text(f"{Decimal(_half_up(Decimal(repr(float(ms))) / 60_000, 1)):,f}")


def table_minutes(ms: float) -> str:
    """A length in a column of minutes: "41.6"; under a minute in seconds, with the unit: "45 s"."""
    return minutes(round(ms)) if 0 < ms < 60_000 else minutes_tenths(ms)


def lost_tenths(ms: float) -> str:
    """A loss in minutes with its sign and no unit, as in a waterfall: "−41.6"; a gain has a plus."""
    lost = _half_up(Decimal(repr(float(ms))) / 60_000, 1)
    sign = "" if not Decimal(lost) else MINUS if Decimal(lost) > 0 else "+"
    return sign + lost.lstrip("-")


def lost_minutes(ms: float | None) -> str:
    """A loss as minutes with sign and unit: "−41.6 min"; None is a dash, a gain has a plus."""
    return UNKNOWN if ms is None else _("{minutes} min").format(minutes=lost_tenths(ms))


def lost_ms(kpis: Kpis) -> tuple[float | None, float | None, float | None]:
    """Milliseconds that availability, performance and quality cost: busy - up, up - ideal, ideal - ideal of good."""
    if kpis.ideal_ms is None or kpis.ideal_good_ms is None:
        return float(kpis.times.loss_ms), None, None
    timed_ms = kpis.ideal_ms if kpis.ideal_timed_ms is None else kpis.ideal_timed_ms
    return float(kpis.times.loss_ms), kpis.times.up_ms - timed_ms, kpis.ideal_ms - kpis.ideal_good_ms


@lru_cache(maxsize=512)  # one figure stands in many places, and most are the same at the next refresh
def percent_figure(ratio: float | None, digits: int = 1) -> str:
    """A ratio (0 to 1) in percent without the sign, rounded half up: "87.1"; None is a dash."""
    return UNKNOWN if ratio is None else _signed_text(_half_up(Decimal(repr(float(ratio))) * 100, digits))


@lru_cache(maxsize=512)
def painted_ratio(ratio: float | None) -> float | None:
    """A ratio as `percent_figure` shows it, so that what looks equal is equal and nothing is rounded twice."""
    return None if ratio is None else float(_half_up(Decimal(repr(float(ratio))), 3))


def percent(ratio: float | None, digits: int = 1) -> str:
    """A ratio (0 to 1) in percent, rounded half up: "87.1 %"; None is a dash."""
    return UNKNOWN if ratio is None else f"{percent_figure(ratio, digits)} %"


def observed_whole(kpis: Kpis) -> bool:
    """Whether the whole busy time was observed; where it was not, A × P × Q is not the OEE."""
    return kpis.coverage is None or kpis.coverage >= 1


def availability_words(kpis: Kpis) -> str:
    """Availability, with its bounds where not all of the time was observed: "83.3 % (62.5–87.5)"."""
    words = percent(kpis.availability)
    if observed_whole(kpis) or kpis.availability is None:
        return words
    return f"{words} ({percent_figure(kpis.availability_low)}–{percent_figure(kpis.availability_high)})"


def pieces(count: int | None) -> str:
    """Pieces with thousands commas: "1,234"; None is a dash."""
    return UNKNOWN if count is None else _signed_text(f"{count:,}")


def signed(count: int | None) -> str:
    """A difference in pieces with its sign: "+23", "−27", "0"; None is a dash."""
    return UNKNOWN if count is None else ("+" if count > 0 else "") + pieces(count)


def points(difference: float | None) -> str:
    """A difference of two ratios in percentage points with its sign: "+1.2", "−0.4", "0.0"; None is a dash."""
    figure = percent_figure(difference)
    return f"+{figure}" if difference is not None and difference > 0 and figure.strip("0.") else figure


def value_figure(value: float | None, text: str | None = None, unit: str = "") -> str:
    """A measured value with at most about four significant figures and its unit; None is a dash."""
    if text:
        return text
    if value is None:
        return UNKNOWN
    size = abs(value)
    digits = 0 if size >= 1000 or float(value).is_integer() else 1 if size >= 100 else 2 if size >= 10 else 3
    figure = _half_up(Decimal(repr(float(value))), digits)
    shown = _signed_text(figure.rstrip("0").rstrip(".") if "." in figure else figure)
    return f"{shown} {unit}" if unit else shown


def exact_figure(value: float | None, unit: str = "") -> str:
    """A measured value with every digit that is stored, and its unit; None is a dash."""
    if value is None:
        return UNKNOWN
    shown = _signed_text(repr(float(value)).removesuffix(".0"))
    return f"{shown} {unit}" if unit else shown


def _half_up(value: Decimal, digits: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"


def _signed_text(figure: str) -> str:
    if figure.startswith("-"):
        return figure[1:] if not figure.strip("-0.,") else MINUS + figure[1:]
    return figure
