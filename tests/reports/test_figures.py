"""Every figure of the page is one of the JSON file, and every figure that the page is for stands on it.

The JSON file is taken as it is written; what is expected is made from it alone. Where a page rounds, so does this test,
in its own way.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import Struct

from desktop import text
from desktop.reports import json_file, pdf
from tests.reports.example import REPORTS

pytestmark = pytest.mark.usefixtures("qapp")
NUMBER = re.compile(r"\d[\d.,:]*")
ORDINARY = ("full", "tiny", "no_data", "twelve", "lonely")  # "hostile" cuts names with figures in them on purpose


def half_up(value: float, digits: int) -> str:
    """Rounded as people do, with commas: "1,234.5"."""
    step = Decimal(1).scaleb(-digits)
    return f"{Decimal(repr(float(value))).quantize(step, ROUND_HALF_UP):,}"


def signed(value: float, digits: int = 0) -> str:
    figure = half_up(abs(value), digits)
    zero = not figure.strip("0.")
    return figure if zero else ("+" if value > 0 else "−") + figure


def percent(ratio: float | None) -> str:
    return "—" if ratio is None else "100" if ratio == 1 else half_up(ratio * 100, 1).replace("-", "−")


def count(pieces: int | None) -> str:
    return "—" if pieces is None else half_up(pieces, 0)


def minutes(ms: float | None) -> str:
    """As in a table of minutes: under one the seconds."""
    if ms is None:
        return "—"
    return str(int(ms) // 1000) if 0 < ms < 60_000 else half_up(ms / 60_000, 1).replace("-", "−")


def figures_of(value: float | None) -> str:
    return "—" if value is None else f"{value:.{6 if abs(value) >= 1 else 4}g}".replace("-", "−")


class Page(Struct, frozen=True):
    """A report as its JSON says, and the text of its pages."""

    data: dict[str, Any]
    lines: list[str]
    language: str

    @property
    def words(self) -> str:
        return " ".join(self.lines)


@pytest.fixture(scope="module", params=[(name, lang) for name in ORDINARY for lang in ("en", "ko")])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    name, language = request.param
    tool = shutil.which("pdftotext")
    assert tool, "pdftotext is missing (Debian: apt-get install poppler-utils)"
    text.use(language)
    path = tmp_path_factory.mktemp("figures") / f"{name}.pdf"
    path.write_bytes(pdf.render(REPORTS[name]()))
    said = subprocess.run([tool, "-layout", str(path), "-"], capture_output=True, check=True, timeout=30)
    lines = [" ".join(line.split()) for line in said.stdout.decode("utf-8").splitlines()]
    yield Page(json.loads(json_file.render(REPORTS[name]())), lines, language)
    text.use("en")


def has(page: Page, *figures: str) -> bool:
    """Whether a line of the pages has these figures one after the other."""
    wanted = re.compile(r"(?<!\S)" + r"\s+".join(map(re.escape, figures)) + r"(?!\S)")
    return any(wanted.search(line) for line in page.lines)


def unseen(row: dict[str, Any]) -> bool:
    return row["coverage"] == 0 and not (row["good"] or row["reject"])


# -- what has to be there --


def test_the_result(page: Page) -> None:
    data = page.data
    good, target, line = data["good"], data["target"], data["line_kpis"]
    assert count(good) in page.words
    assert re.search(rf"/ ?{count(target)}(?!\d)", page.words)
    for ratio in (line["oee"], line["availability"], line["performance"], line["quality"]):
        assert percent(ratio) in page.words
    if good is not None and target is not None:
        assert signed(good - target) in page.words


def test_the_machines(page: Page) -> None:
    machines = page.data["machines"]
    compared = any(row["week_before_oee"] is not None for row in machines)
    for row in machines:
        good, reject, target = (
            (None, None, row["target"]) if unseen(row) else (row["good"], row["reject"], row["target"])
        )
        known = good is not None and target is not None
        figures = [
            count(target), count(good), count(reject), signed(good - target) if known else "—",
            percent(good / target if known and target else None),
            *(percent(row[key]) for key in ("availability", "performance", "quality", "oee")),
        ]  # fmt: skip
        before = row["week_before_oee"]
        if compared:
            figures.append("—" if before is None or row["oee"] is None else signed((row["oee"] - before) * 100, 1))
        assert has(page, *figures, percent(row["coverage"])), (row["code"], figures)


def test_the_hours(page: Page) -> None:
    begun = [row for row in page.data["hours"] if row["good"] is not None]
    apart = [row["good"] - row["target_now"] for row in begun if row["target_now"] is not None and not row["paused"]]
    total, so_far = 0, []
    for one in apart:
        total += one
        so_far.append(total)
    if len(apart) > 1:
        assert has(page, *map(signed, apart)), "differences, hour by hour"
        assert has(page, *map(signed, so_far)), "running differences"
    for row in begun:
        assert row["paused"] or count(row["good"]) in page.words
        if not row["paused"] and row["target"] is not None and len(page.data["hours"]) < 20:  # else there is no room
            due = count(row["target_now"])
            assert re.search(rf"{count(row['good'])} ?/ ?{due}(?!\d)", page.words), row


def test_losses_and_reasons(page: Page) -> None:
    for step in page.data["waterfall"]:
        if step["length_ms"]:
            assert half_up(abs(step["length_ms"]) / 60_000, 1) in page.words
    rows = sorted((row for row in page.data["pareto"] if row["labelled"]), key=lambda row: -row["length_ms"])
    rows += [row for row in page.data["pareto"] if not row["labelled"]]
    whole, so_far = sum(row["length_ms"] for row in rows), 0
    for place, row in enumerate(rows):
        so_far += row["length_ms"]
        if place < 5 or place == len(rows) - 1:  # those between are one row, "2 others"
            share = half_up(so_far / whole * 100, 0)
            assert has(page, minutes(row["length_ms"]), count(row["count"]), share), row


def test_what_broke_was_rejected_and_measured(page: Page) -> None:
    machines = page.data["machines"]
    if any(row["reliability"]["failures"] or row["reliability"]["restoring_ms"] for row in machines):
        for row in machines:
            told = row["reliability"]
            lengths = (told["operating_ms"], told["restoring_ms"], told["mtbf_ms"], told["mttr_ms"])
            assert has(page, row["code"], count(told["failures"]), *map(minutes, lengths)), row["code"]
    known = [row for row in machines if not unseen(row)]
    whole = sum(row["reject"] for row in known)
    for row in known if whole else []:
        made = row["good"] + row["reject"]
        assert has(
            page, row["code"], count(made), count(row["reject"]), percent(row["reject"] / made),
            percent(row["reject"] / whole),
        ), row["code"]  # fmt: skip
    for row in page.data["measured"]:
        figures = [figures_of(row[key]) for key in ("low", "mean", "high", "limit_low", "limit_high")]
        index = "—" if row["cpk"] is None else f"{row['cpk']:.2f}"
        assert has(page, count(row["values"]), count(row["outside"]), *figures, index), row["name"]


def test_waits_trace_silences_and_stops(page: Page) -> None:
    for row in page.data["waits"]:
        assert any(row["waiting"] in line and minutes(row["length_ms"]) in line for line in page.lines), row
    trace = page.data["trace"]
    for key in ("units", "lots", "boxes", "scans", "doubles", "unreadable"):
        # twelve machines leave less room than all notes take: those that are left out are counted
        assert not trace["scans"] or count(trace[key]) in page.words or len(page.data["machines"]) > 8
    zone = page.data["timezone"]
    for gap in page.data["gaps"]:
        assert clock(gap["start_ms"], zone) in page.words
    nameless = [row for row in page.data["stops"] if row["category"] == "stop" and not row["reason"]]
    for row in nameless:
        start, end = clock(row["start_ms"], zone), clock(row["end_ms"], zone)
        assert any(f"{start}–{end}" in line and minutes(row["length_ms"]) in line for line in page.lines), row


def test_the_iso_set(page: Page) -> None:
    known = [row["iso22400"] for row in page.data["machines"] if row["iso22400"]]
    for key in (
        "availability", "effectiveness", "quality", "oee", "nee", "utilisation_efficiency", "allocation_efficiency",
        "technical_efficiency", "setup_ratio", "scrap_ratio", "rework_ratio",
    ):  # fmt: skip
        assert not known or has(page, *(percent(iso[key]) for iso in known)), key
    for key in ("pot_ms", "pbt_ms", "adot_ms", "aubt_ms", "adet_ms", "aupt_ms", "aust_ms", "apt_ms"):
        lengths = [minutes(iso["elements"][key]) for iso in known]
        assert not known or any(all(one in line for one in lengths) for line in page.lines), key
    for key in ("produced", "good", "scrap", "rework"):
        assert not known or has(page, *(count(iso["quantities"][key]) for iso in known)), key


# -- and nothing else --


def clock(at_ms: int, zone: str) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)):%H:%M}"


def leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    else:
        yield value


def sums(values: Iterable[float]) -> Iterator[float]:
    total = 0.0
    for value in values:
        total += value
        yield total


def allowed(data: dict[str, Any]) -> set[str]:
    """Every way in which a page may write a figure of the file, or one that follows from a few of them."""
    zone = data["timezone"]
    found: set[str] = set()
    words = [value for value in leaves(data) if isinstance(value, str)]
    for word in words:  # names, codes, numbers of reports
        found |= set(NUMBER.findall(word))
    numbers = [float(value) for value in leaves(data) if isinstance(value, int | float) and not isinstance(value, bool)]
    lengths = [value for value in numbers if 0 <= abs(value) < 1e11]
    rows = [row for row in data["pareto"] if row["labelled"]]
    rows.sort(key=lambda row: -row["length_ms"])
    rows += [row for row in data["pareto"] if not row["labelled"]]
    whole = sum(row["length_ms"] for row in rows)
    lengths += [row["length_ms"] for row in rows] + [whole]
    lengths += [sum(row["length_ms"] for row in rows[start:-1]) for start in range(len(rows))]
    lengths += [gap["end_ms"] - gap["start_ms"] for gap in data["gaps"] if gap["end_ms"]]
    for value in lengths:
        length = abs(value)
        found |= {half_up(length / 60_000, 1), str(int(length) // 1000), half_up(length / 60_000, 0)}
        rounded = int(half_up(length / 60_000, 0).replace(",", ""))
        found |= {str(rounded // 60), str(rounded % 60)}
    for row in data["machines"]:  # minutes of the sums that only the ISO set has
        found |= {half_up(abs(value) * 1000 / 60_000, 1) for value in row["seconds"].values()}
    ratios = [value for value in numbers if abs(value) <= 10]
    hours = [row for row in data["hours"] if row["good"] is not None]
    apart = [row["good"] - row["target_now"] for row in hours if row["target_now"] is not None]
    machines = data["machines"]
    rejects = [row["reject"] or 0 for row in machines]
    made = [(row["good"] or 0) + (row["reject"] or 0) for row in machines]
    counts = [abs(value) for value in numbers if float(value).is_integer() and abs(value) < 1e7]
    counts += [abs(one) for one in (*apart, *sums(apart), *made, sum(rejects), len(machines), len(data["stops"]))]
    counts += [abs((row["good"] or 0) - (row["target"] or 0)) for row in (*machines, data)]
    counts += [sum(sorted(rejects)[:keep]) for keep in range(len(rejects))]
    counts += [sum(row["count"] for row in rows[start:end]) for start in range(len(rows) + 1) for end in (-1, None)]
    counts += range(13)  # numbers of sentences and pages; how many of a list are shown or left out
    found |= {half_up(value, 0) for value in counts}
    ratios += [row["good"] / row["target"] for row in (*machines, data) if row["good"] is not None and row["target"]]
    ratios += [reject / one for reject, one in zip(rejects, made, strict=True) if one]
    ratios += [reject / (sum(rejects) or 1) for reject in rejects]
    told = [row["pieces"] for row in data["scrap"] if row["kind"] == "reject"]
    ratios += [one / (sum(told) or 1) for one in told]
    found |= {half_up(abs(value) * 100, digits) for value in ratios for digits in (0, 1)}
    found |= {
        half_up(abs(row["oee"] - row["week_before_oee"]) * 100, 1)
        for row in machines
        if row["oee"] is not None and row["week_before_oee"] is not None
    }
    found |= {half_up(share * 100, 0) for share in (one / (whole or 1) for one in sums(r["length_ms"] for r in rows))}
    for row in data["measured"]:
        values = [row[key] for key in ("low", "mean", "high", "limit_low", "limit_high", "cpk")]
        found |= {figures_of(abs(value)) for value in values if value is not None}
        found |= {f"{abs(value):.2f}" for value in values if value is not None}
    crew = data["crew"]
    found.add(half_up(crew["total_ms"] / 3_600_000, 1))
    spent = [row["worked_ms"] for row in crew["people"]] + [row["manned_ms"] for row in crew["posts"]]
    found |= {half_up(value / 3_600_000, 2) for value in spent}
    for moment in (value for value in numbers if value > 1e12):
        local = datetime.fromtimestamp(moment / 1000, ZoneInfo(zone))
        found |= {f"{local:%H}:{step:02d}" for step in range(0, 60, 5)}  # the axis of a strip
        found |= {f"{local:%H:%M}", f"{local:%H}", f"{local:%Y}", f"{local:%m}", f"{local:%d}"}
    found |= {f"{hour:02d}:00" for hour in range(25)}
    return found


def test_no_figure_comes_from_elsewhere(page: Page) -> None:
    known = allowed(page.data)
    plain = re.sub(r"ISO 22400(-2)?", "", page.words)
    strange = [figure for figure in NUMBER.findall(plain) if figure.strip(".,:") not in known]
    # a code may be broken over two lines
    codes = "".join(str(value) for value in leaves(page.data) if isinstance(value, str))
    assert [figure for figure in strange if figure.strip(".,:") not in codes] == []
