"""A case of the arithmetic that anybody can hand in: published numbers out, bad numbers refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from desktop.domain.case import CaseError, calculate

E1 = {"pbt_s": 25_200, "stop_s": 2820, "runs": [{"ideal_s": 1.0, "total": 19_271, "reject": 423}]}


def test_the_canonical_example() -> None:
    answer = calculate(E1)
    ratios = [round(100 * answer[key], 4) for key in ("availability", "performance", "quality", "oee")]
    assert ratios == [88.8095, 86.1081, 97.8050, 74.7937]
    assert answer["waterfall_s"] == {
        "availability_loss": 2820,
        "performance_loss": 3109,
        "quality_loss": 423,
        "fully_productive": 18_848,
    }
    assert answer["flags"] == []
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def test_net_operating_rate_and_speed_rate() -> None:
    """E4: 5,700 min, down 490, 4,250 pieces, ideal 1.0, actual 1.2 min: 97.89 x 83.33 = 81.57."""
    answer = calculate(
        {
            "pbt_s": 342_000,
            "stop_s": 29_400,
            "short_stop_s": 312_600 - 4250 * 72,
            "calendar_s": 684_000,
            "runs": [{"ideal_s": 60, "total": 4250, "reject": 250}],
        }
    )
    ratios = [round(100 * answer[key], 4) for key in ("net_operating_rate", "speed_rate", "performance", "oee", "teep")]
    assert ratios == [97.8887, 83.3333, 81.5739, 70.1754, 35.0877]


def test_pieces_without_a_standard_are_not_left_out_of_the_quality() -> None:
    runs = [{"ideal_s": 1, "total": 100, "reject": 0}, {"ideal_s": 0, "total": 100, "reject": 50}]
    answer = calculate({"pbt_s": 200, "stop_s": 0, "runs": runs})
    assert answer["quality"] == 0.75
    assert answer["performance"] is answer["oee"] is None


def test_several_products_are_weighted_by_their_ideal_time() -> None:
    """E6: three machines; the piece yield of 97.05 must not be used in the product."""
    runs = [
        {"ideal_s": 10, "total": 2240, "reject": 50},
        {"ideal_s": 45, "total": 450, "reject": 25},
        {"ideal_s": 70, "total": 229, "reject": 11},
    ]
    answer = calculate({"pbt_s": 81_900, "stop_s": 4320, "runs": runs})
    ratios = [round(100 * answer[key], 4) for key in ("availability", "performance", "quality", "oee")]
    assert ratios == [94.7253, 75.6381, 95.9185, 68.7241]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"pbt_s": 28_800, "stop_s": 0, "runs": []}, [1.0, 0.0, None, 0.0]),
        ({"pbt_s": 0, "stop_s": 0, "runs": []}, [None, None, None, None]),
        ({"pbt_s": 28_800, "stop_s": 28_800, "runs": []}, [0.0, None, None, 0.0]),
    ],
)
def test_zero_is_not_unknown(data: dict[str, Any], expected: list[float | None]) -> None:
    answer = calculate(data)
    assert [answer[key] for key in ("availability", "performance", "quality", "oee")] == expected


def test_without_busy_time_no_ratio_is_known() -> None:
    run = {"ideal_s": 1, "total": 10, "reject": 1}
    answer = calculate({"pbt_s": 0, "stop_s": 0, "calendar_s": 86_400, "short_stop_s": 0, "runs": [run]})
    assert {answer[key] for key in answer if key not in ("flags", "waterfall_s")} == {None}
    assert answer["flags"] == ["pieces_without_run"]


@pytest.mark.parametrize(
    ("run", "flags"),
    [
        ({"ideal_s": 1, "total": 5, "reject": 6}, ["reject_over_total"]),
        ({"ideal_s": 0, "total": 5, "reject": 0}, ["no_standard"]),
        ({"ideal_s": 100, "total": 500, "reject": 0}, ["standard_suspect"]),
    ],
)
def test_what_cannot_be_is_flagged(run: dict[str, float], flags: list[str]) -> None:
    assert calculate({"pbt_s": 3600, "stop_s": 0, "runs": [run]})["flags"] == flags


def test_pieces_without_a_run_and_more_stop_than_time() -> None:
    answer = calculate({"pbt_s": 60, "stop_s": 61, "runs": [{"ideal_s": 1, "total": 1, "reject": 0}]})
    assert answer["flags"] == ["pieces_without_run", "stop_over_busy"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"pbt_s": None}, "pbt_s"),
        ({"stop_s": "47"}, "stop_s"),
        ({"stop_s": -1}, "stop_s"),
        ({"pbt_s": True}, "pbt_s"),
        ({"pbt_s": float("nan")}, "pbt_s"),
        ({"pbt_s": float("inf")}, "pbt_s"),
        ({"pbt_s": 10**400}, "pbt_s"),
        ({"calendar_s": -5}, "calendar_s"),
        ({"short_stop_s": []}, "short_stop_s"),
        ({"runs": 5}, "runs"),
        ({"runs": [5]}, "runs[1]"),
        ({"runs": [{"ideal_s": 1, "total": 1}]}, "runs[1].reject"),
    ],
)
def test_a_bad_number_is_refused_by_its_name(change: dict[str, Any], named: str) -> None:
    with pytest.raises(CaseError) as fault:
        calculate({**E1, **change})
    assert named in str(fault.value)


@pytest.mark.parametrize(
    ("change", "kind"), [({"stop_s": 1e16}, "large"), ({"stop_s": None}, "number"), ({"stop_s": ...}, "missing")]
)
def test_a_bad_number_says_what_is_wrong_with_it(change: dict[str, Any], kind: str) -> None:
    with pytest.raises(CaseError) as fault:
        calculate({key: value for key, value in {**E1, **change}.items() if value is not ...})
    assert (fault.value.kind, fault.value.where) == (kind, "stop_s")


def test_only_an_object_is_a_case() -> None:
    with pytest.raises(CaseError):
        calculate([E1])
