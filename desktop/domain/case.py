"""One case of the OEE arithmetic, so that anybody can check it: plain numbers in, plain numbers out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST = 1e15  # beyond it sums and products are no longer exact


class CaseError(ValueError):
    """The case is not one that can be calculated.

    `kind` is file (no JSON object), list (`where` is no list of runs), object, missing, number (none of 0 or more) or
    large (beyond `MOST`): `where` names the key, `value` is what stands there.
    """

    def __init__(self, kind: str, where: str = "", value: object = None) -> None:
        super().__init__(kind, where, value)
        self.kind = kind
        self.where = where
        self.value = value


def calculate(data: object) -> dict[str, Any]:
    """Calculate a case.

    Input: `pbt_s` planned busy time, `stop_s` downtime, `runs` a list of `ideal_s` (per piece), `total`, `reject`;
    optional `calendar_s` (for TEEP) and `short_stop_s`, all seconds or pieces, 0 to `MOST`. Output: ratios 0 to 1 or
    None (only performance and speed rate may pass 1, then flagged), `flags`, and `waterfall_s` in seconds. Without
    busy time no ratio is known. Raises CaseError.
    """
    if not isinstance(data, Mapping):
        raise CaseError("file")
    busy = _number(data, "pbt_s")
    stop = _number(data, "stop_s")
    short = _optional(data, "short_stop_s")
    calendar = _optional(data, "calendar_s")
    runs = data.get("runs")
    if not isinstance(runs, list):
        raise CaseError("list", "runs")
    flags: list[str] = []
    ideal = ideal_good = total = reject = 0.0
    for place, run in enumerate(runs, 1):
        if not isinstance(run, Mapping):
            raise CaseError("object", f"runs[{place}]")
        cycle, made, bad = (_number(run, key, where=f"runs[{place}].") for key in ("ideal_s", "total", "reject"))
        if bad > made:
            flags.append("reject_over_total")
        if not cycle and made:
            flags.append("no_standard")
        ideal += cycle * made
        ideal_good += cycle * max(made - bad, 0)
        total += made
        reject += min(bad, made)
    if stop > busy:
        flags.append("stop_over_busy")
    up = max(busy - stop, 0.0)
    if short is not None and short > up:
        flags.append("short_stop_over_up")
    known = "no_standard" not in flags and "reject_over_total" not in flags
    availability = up / busy if busy else None
    performance = ideal / up if up and known else None
    quality = None
    if busy and total and "reject_over_total" not in flags:
        quality = ideal_good / ideal if ideal and known else (total - reject) / total
    oee = ideal_good / busy if busy and known else None
    if performance is not None and performance > 1:
        flags.append("standard_suspect")
    if total and not up:
        flags.append("pieces_without_run")
    net = (up - short) / up if up and short is not None and short <= up else None
    return {
        "availability": availability,
        "performance": performance,
        "quality": quality,
        "oee": oee,
        "teep": ideal_good / calendar if calendar and oee is not None else None,
        "net_operating_rate": net,
        "speed_rate": performance / net if performance is not None and net else None,
        "flags": sorted(set(flags)),
        "waterfall_s": {
            "availability_loss": min(stop, busy),
            "performance_loss": up - ideal if known else None,
            "quality_loss": ideal - ideal_good if known else None,
            "fully_productive": ideal_good if known else None,
        },
    }


def _optional(data: Mapping[str, Any], key: str) -> float | None:
    return None if data.get(key) is None else _number(data, key)


def _number(data: Mapping[str, Any], key: str, where: str = "") -> float:
    if key not in data:
        raise CaseError("missing", f"{where}{key}")
    value = data[key]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise CaseError("number", f"{where}{key}", value)
    if value > MOST:
        raise CaseError("large", f"{where}{key}", value)
    return float(value)
