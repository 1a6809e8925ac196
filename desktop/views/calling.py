"""A press on a call for help, as what is entered."""

from __future__ import annotations

from msgspec.structs import replace

from desktop.domain.entries import OPEN_MS, Called, Phase, Said
from desktop.text import _
from desktop.views.entering import Telling
from desktop.views.widgets.call_bar import CallFace, next_phase
from desktop.wording.states import CALLS, call_phase


def calling(shown: CallFace, now_ms: int, name: str) -> Telling:
    """Call for help at a machine of this name, or tell how far a call has come."""
    said: Said = Called(shown.machine, now_ms, OPEN_MS, shown.what)
    words = _(CALLS[shown.what])
    if shown.call is not None:
        phase = next_phase(shown.call)
        said = Phase(shown.machine, now_ms, now_ms, shown.call.entry, phase)
        words = f"{words}: {call_phase(replace(shown.call, **{f'{phase}_ms': now_ms}))}"
    return Telling((said,), 0, f"{name} · {words}", frozenset())
