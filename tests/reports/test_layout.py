"""Page arithmetic: bands never overlap, lines never pass their width, no word is lost."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.spans import Span
from desktop.reports import layout
from desktop.reports.blocks import Run
from desktop.reports.layout import Band
from tests.reports.example import at, ms

BANDS = st.lists(
    st.tuples(st.floats(10, 300), st.floats(0, 200), st.floats(0, 200)).map(
        lambda parts: Band(parts[0], parts[0] + parts[1], parts[0] + parts[1] + parts[2])
    ),
    min_size=1,
    max_size=8,
)


@given(BANDS, st.floats(100, 2000))
def test_bands_share_the_page_without_touching(bands: list[Band], height: float) -> None:
    places, scale = layout.spread(bands, 50, 50 + height, 18)
    assert 0 < scale <= 1
    assert places[0].top * scale >= 50 - 1e-6
    assert (places[-1].top + places[-1].height) * scale <= 50 + height + 1e-6
    for before, after in pairwise(places):
        assert after.top >= before.top + before.height + 18 - 1e-6
    for band, place in zip(bands, places, strict=True):
        assert band.least - 1e-6 <= place.height <= band.most + 1e-6


def test_a_page_with_room_grows_and_a_full_one_shrinks_before_it_is_scaled() -> None:
    bands = [Band(100, 200, 300), Band(50, 50, 50)]
    assert [p.height for p in layout.spread(bands, 0, 1000, 10)[0]] == [300, 50]
    assert [p.height for p in layout.spread(bands, 0, 260, 10)[0]] == [200, 50]
    assert [p.height for p in layout.spread(bands, 0, 160, 10)[0]] == [100, 50]
    assert layout.spread(bands, 0, 80, 10)[1] == 0.5
    assert layout.spread([], 0, 80, 10) == ((), 1.0)


def measure(words: str, strong: bool) -> float:
    return len(words) * (1.5 if strong else 1.0)


RUNS = st.lists(st.builds(Run, st.text("ab 12.,–다\u00a0", max_size=30), st.booleans()), min_size=1, max_size=4)


@given(RUNS, st.floats(3, 40))
def test_lines_fit_and_keep_every_sign(runs: list[Run], width: float) -> None:
    lines = layout.broken(runs, width, measure)
    for line in lines:
        ink = sum(measure(run.text, run.strong) for run in line)
        assert ink <= width + 1e-6 or ink <= 1.5, "only a single sign may be too wide"
        assert not line or line[-1].text == line[-1].text.rstrip()
    squeezed = "".join(run.text for line in lines for run in line).replace(" ", "")
    assert squeezed == "".join(run.text for run in runs).replace(" ", "").replace("\u00a0", "")


def test_a_figure_stays_with_its_unit() -> None:
    def lines(words: str, width: float) -> list[str]:
        return ["".join(run.text for run in line) for line in layout.broken((Run(words),), width, measure)]

    assert lines("lost 95 min in all", 8) == ["lost", "95 min", "in all"]
    assert lines("at 11:37, 22 min.", 13) == ["at 11:37,", "22 min."]
    assert lines("twice\u00a02 codes", 7) == ["twice 2", "codes"]
    assert lines("abcdefgh", 3) == ["abc", "def", "gh"]


def test_columns_fill_the_width_and_figures_keep_theirs() -> None:
    assert sum(layout.columns([100, 50, 50], 400, 80)) == 400
    assert layout.columns([300, 50, 50], 300, 80) == [200, 50, 50]
    assert layout.columns([300, 50, 50], 150, 80) == [80, 50, 50]


def test_marks_are_round_local_moments_that_do_not_touch() -> None:
    half_hour = layout.marks(Span(at("08:00"), at("08:30")), "Asia/Seoul", 1000)
    assert [word for _at, word in half_hour] == ["08:00", "08:05", "08:10", "08:15", "08:20", "08:25", "08:30"]
    shift = layout.marks(Span(at("07:45"), at("07:45") + ms(720)), "Asia/Seoul", 1000)
    assert [word for _at, word in shift][:2] == ["08:00", "09:00"]
    odd_zone = layout.marks(Span(at("08:00"), at("20:00")), "Asia/Kathmandu", 1000)
    assert all(word.endswith(":00") for _at, word in odd_zone)
    day = layout.marks(Span(at("00:00"), at("00:00") + ms(24 * 60)), "Asia/Seoul", 700)
    assert [word for _at, word in day][:3] == ["00:00", "03:00", "06:00"]
