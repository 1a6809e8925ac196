"""What is wrong with a unit, lot or value at a station, in words: for the person who has it in hand."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.figures.findings import FindingNow
from desktop.domain.verdicts import Wrong
from desktop.text import N_, _

_SENTENCES = {
    Wrong.DUPLICATE: N_("This serial was used before. Set the piece aside and have it looked at."),
    Wrong.SKIPPED: N_("It has not passed {about}. Take it back there."),
    Wrong.OFF_ROUTE: N_("This product does not pass this station."),
    Wrong.AGAIN: N_("It was at this station before."),
    Wrong.HELD: N_("It is on hold: {about}. Do not use it."),
    Wrong.EXPIRED: N_("The lot is past its date, {about}. Do not use it."),
    Wrong.WRONG_PART: N_("This part does not belong to what is made here."),
    Wrong.NO_PART: N_("No lot of {about} was scanned. Scan the one that is in use."),
    Wrong.RETESTS: N_("It was measured {about} times: more often than is allowed."),
    Wrong.GAUGE: N_("The calibration of the gauge has run out since {about}."),
}


def short(word: str) -> str:
    """What is wrong, in two words for a list."""
    return _(_SHORT[Wrong(word)]) if word in _SHORT else word


_SHORT = {
    Wrong.DUPLICATE: N_("Duplicate serial"),
    Wrong.SKIPPED: N_("Station skipped"),
    Wrong.OFF_ROUTE: N_("Not on its route"),
    Wrong.AGAIN: N_("Here before"),
    Wrong.HELD: N_("On hold"),
    Wrong.EXPIRED: N_("Lot past its date"),
    Wrong.WRONG_PART: N_("Wrong part"),
    Wrong.NO_PART: N_("Lot not scanned"),
    Wrong.RETESTS: N_("Measured too often"),
    Wrong.GAUGE: N_("Gauge not calibrated"),
}


def sentence(found: Sequence[FindingNow]) -> str:
    """What was wrong at one scan: where, with what, and what to do."""
    first = found[0]
    head = (
        _("{place}: {code} is not let through.")
        if any(each.refused for each in found)
        else _("{place}: look at {code}.")
    )
    words = [head.format(place=first.machine_name or first.station, code=first.code)]
    return " ".join([*words, *(_(_SENTENCES[Wrong(each.word)]).format(about=each.about) for each in found)])
