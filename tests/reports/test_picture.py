"""The first page as a picture for a messenger."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage

from desktop import text
from desktop.domain.automatic import FORMATS
from desktop.reports import write
from desktop.reports.pdf import picture
from tests.reports.example import full

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_it_is_the_page_in_its_size_and_small_enough(language: str) -> None:
    text.use(language)
    content = picture.render(full())
    assert content.startswith(b"\x89PNG\r\n")
    assert 50_000 < len(content) <= picture.MOST_BYTES
    image = QImage.fromData(content)
    assert (image.width(), image.height()) == (1240, 1754)
    page = picture.draw(full())
    for x, y in ((400, 80), (330, 250), (200, 730), (620, 960)):  # title, gauge, bars, timelines
        places = [(x + dx, y + dy) for dx in range(-40, 40, 4) for dy in range(-40, 40, 4)]
        apart = [abs(image.pixelColor(*at).lightness() - page.pixelColor(*at).lightness()) for at in places]
        assert max(apart) <= 24, "the same page to the eye"
    colours = {image.pixelColor(x, y).name() for x in range(40, 1200, 3) for y in range(40, 1700, 3)}
    assert len(colours) > 20, "not grey, not black and white"


def test_a_page_of_many_colours_gets_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = len(picture.render(full()))
    monkeypatch.setattr(picture, "MOST_BYTES", whole - 1)
    assert len(picture.render(full())) < whole


def test_the_automatic_report_knows_every_format() -> None:
    assert tuple(write.FORMATS) == FORMATS
