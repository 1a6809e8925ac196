"""What is wrong with a unit, lot or value at a station, in words: for the person who has it in hand."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.figures.findings import FindingNow
from desktop.domain.gs1 import Remark
from desktop.domain.identity import CUT, SEVERAL_PRODUCTS, UNREADABLE_SIGNS
from desktop.domain.verdicts import Wrong
from desktop.text import N_, _, particles

_SENTENCES = {
    Wrong.DUPLICATE: N_("This serial was used before. Set the piece aside and have it looked at."),
    Wrong.SKIPPED: N_("It has not passed {about}. Take it back there."),
    Wrong.OFF_ROUTE: N_("This product does not pass this station."),
    Wrong.AGAIN: N_("It was at this station before."),
    Wrong.HELD: N_("It is on hold: {about}. Do not use it."),
    Wrong.SCRAPPED: N_("It was scrapped: {about}. It goes no further."),
    Wrong.EXPIRED: N_("The lot is past its date, {about}. Do not use it."),
    Wrong.WRONG_PART: N_("This part does not belong to what is made here."),
    Wrong.NO_PART: N_("No {about} was scanned. Scan the lot or part that is in use."),
    Wrong.FAILED: N_("It was found bad at {about}. Take it out, or have somebody decide what becomes of it."),
    Wrong.UNMEASURED: N_("It has no value of {about}. Take it back to where that is measured."),
    Wrong.RETESTS: N_("It was measured {about} times: more often than is allowed."),
    Wrong.GAUGE: N_("The calibration of the gauge has run out since {about}."),
    Wrong.NEVER: N_(
        "No calibration of the gauge is known, so that its values count for nothing. Enter it under Holds."
    ),
    Wrong.PACKED: N_("It lies in {about} already. Look where it is."),
    Wrong.UNKNOWN: N_("This code is not known here. Read it again, or look whether it is the right part."),
    Wrong.USED: N_("This code was used before and holds {about} already. Take another one."),
    Wrong.NOT_KNOWN: N_("No station before read it. Look whether it was made here, and whether its label is right."),
    Wrong.EMPTY: N_("Nothing is packed in it. Look at its label."),
    Wrong.SHIPPED: N_("It was shipped before. What came back is put into stock first."),
    Wrong.ALONE: N_("It lies in {about} and is shipped without it: from now on it is taken to be out of it."),
    Wrong.USED_PART: N_(
        "This part is built in already: {about}. Take another one, or say that it was taken out there."
    ),
}


#: what is to be remarked of a label
_LABELS = {
    Remark.UNKNOWN_AI: N_("Its label holds a part that no standard knows."),
    Remark.EMPTY: N_("Its label is empty."),
    Remark.TOO_SHORT: N_("A part of its label is too short."),
    Remark.TOO_LONG: N_("A part of its label is too long."),
    Remark.WRONG_SIGNS: N_("Its label holds characters that must not be there."),
    Remark.CHECK_DIGIT: N_("A check digit of its label is wrong: read it again, or print it anew."),
    Remark.NO_DATE: N_("Its label holds a date that there is not."),
    Remark.CONTRADICTS: N_("Its label says two different things."),
    Remark.HUMAN_READABLE: N_("The words below the bar code were typed: scan the bar code itself."),
    Remark.SEPARATOR_MISSING: N_(
        "A separator seems to be missing in its label: lot, serial and pieces may be mixed up. "
        "Set the scanner to send it."
    ),
    Remark.REPEATED: N_("Its label says the same thing twice."),
    CUT: N_("The code is too long: its first 512 characters are kept."),
    UNREADABLE_SIGNS: N_("Some characters of the code could not be read: its bytes are kept."),
    SEVERAL_PRODUCTS: N_("The serial looks like that of several products."),
}


def short(word: str) -> str:
    """What is wrong, in two words for a list."""
    return _(_SHORT[Wrong(word)]) if word in _SHORT else _("Look at the label")


_SHORT = {
    Wrong.DUPLICATE: N_("Duplicate serial"),
    Wrong.SKIPPED: N_("Station skipped"),
    Wrong.OFF_ROUTE: N_("Not on its route"),
    Wrong.AGAIN: N_("Here before"),
    Wrong.HELD: N_("On hold"),
    Wrong.SCRAPPED: N_("Scrapped"),
    Wrong.EXPIRED: N_("Lot past its date"),
    Wrong.WRONG_PART: N_("Wrong part"),
    Wrong.NO_PART: N_("Part not scanned"),
    Wrong.FAILED: N_("Found bad before"),
    Wrong.UNMEASURED: N_("Not measured"),
    Wrong.RETESTS: N_("Measured too often"),
    Wrong.GAUGE: N_("Gauge not calibrated"),
    Wrong.NEVER: N_("Gauge never calibrated"),
    Wrong.PACKED: N_("Packed before"),
    Wrong.UNKNOWN: N_("Unknown code"),
    Wrong.USED: N_("Box used before"),
    Wrong.NOT_KNOWN: N_("Never read before"),
    Wrong.EMPTY: N_("Nothing in it"),
    Wrong.SHIPPED: N_("Shipped before"),
    Wrong.ALONE: N_("Shipped alone"),
    Wrong.USED_PART: N_("Part used before"),
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
    for each in found:  # also of what was there before, or is in the box that was read
        own = "" if each.code == first.code else f"{each.code}: "
        words.append(own + _(_ALL.get(each.word, "")).format(about=each.about))
    return particles(" ".join(words))


_ALL: dict[str, str] = {str(word): words for known in (_SENTENCES, _LABELS) for word, words in known.items()}
