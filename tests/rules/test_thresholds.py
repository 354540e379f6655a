"""Thresholds: a number, a share, a list, a distribution or a file; in the end whole numbers of owning ties."""

from __future__ import annotations

import math
import re
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from simulator.engine.chance import address, fold, uniform
from simulator.parameters import InputError
from simulator.rules import thresholds
from simulator.rules.purchase import Parameters
from simulator.rules.thresholds import UNREACHABLE, read_thresholds, thresholds_of, ties_needed
from simulator.world.market import Market
from tests.rules.markets import market


def with_ties(*ties: int) -> Market:
    """Consumers with so many ties in to them."""
    m = market(len(ties))
    m.proof_total[:] = ties
    return m


def needed(m: Market, threshold: Any) -> list[int]:
    """What each consumer needs."""
    return thresholds_of(m, Parameters(threshold=threshold).threshold).tolist()


def luck(m: Market) -> list[float]:
    """Everybody's draw for her threshold."""
    place = address(m.seed, "threshold")
    return [uniform.python(fold.python(int(place), int(key))) for key in m.consumers.keys]


def test_share_thresholds_are_whole_numbers_of_ties() -> None:
    assert ties_needed(0.07, 100) == 7
    assert ties_needed(1.0 / 49.0, 49) == 1
    assert ties_needed(0.0, 10) == 1
    assert ties_needed(0.21, 10) == 3
    assert ties_needed(0.5, 0) == UNREACHABLE


def test_off_a_number_and_a_share() -> None:
    m = with_ties(10, 3, 0)
    assert needed(m, "off") == []
    assert needed(m, 2) == [2, 2, 2]
    assert needed(m, {"share": 0.25}) == [3, 1, UNREACHABLE]


def test_a_list_goes_by_number_wherever_a_consumer_is_stored() -> None:
    m = with_ties(10, 10, 10)
    assert needed(m, [4, 5, 6]) == [4, 5, 6]
    m.consumers.keys = np.array([2, 0, 1], np.uint64)
    assert needed(m, [4, 5, 6]) == [6, 4, 5]
    assert needed(m, [0.0, 0.45, 1]) == [10, 1, 5]
    with pytest.raises(InputError, match="one for each of the 3 consumers, not 2"):
        needed(m, [0, 1])


def test_a_list_is_refused_where_consumers_have_ids() -> None:
    m = with_ties(1, 1)
    m.graph.ids = ("ann", "bob")
    with pytest.raises(InputError, match="a list goes by number, and the consumers of this graph have ids"):
        needed(m, [0, 1])


def test_uniform_thresholds_are_drawn_once_for_each_consumer() -> None:
    m = with_ties(*[20] * 2000)
    u = luck(m)
    assert needed(m, {"uniform": [2, 5]}) == [2 + min(3, int(4 * draw)) for draw in u]
    assert set(needed(m, {"uniform": [2, 5]})) == {2, 3, 4, 5}
    assert needed(m, {"uniform": [0.1, 0.6]}) == [max(1, math.ceil((0.1 + (0.6 - 0.1) * draw) * 20 - 1e-9)) for draw in u]
    m.day = 7
    assert needed(m, {"uniform": [0, 5]}) == [min(5, int(6 * draw)) for draw in u]  # whatever the day


def test_uniform_shares_may_be_written_with_whole_ends() -> None:
    m = with_ties(*[10] * 50)
    assert needed(m, {"uniform": [0, 0.5]}) == needed(m, {"uniform": [0.0, 0.5]})
    assert set(needed(m, {"uniform": [0, 1]})) == {0, 1}
    assert max(needed(m, {"uniform": [0.0, 1.0]})) > 5


def test_normal_thresholds_have_their_mean_and_spread() -> None:
    m = with_ties(*[1000] * 4000)
    z = [NormalDist().inv_cdf(draw) for draw in luck(m)]
    assert needed(m, {"normal": [25, 12.2]}) == [max(0, math.floor(25 + 12.2 * each + 0.5)) for each in z]
    shares = np.array(needed(m, {"normal": [0.3, 0.1]})) / 1000
    assert shares.mean() == pytest.approx(0.3, abs=4 * 0.1 / math.sqrt(4000) + 0.001)
    assert shares.std() == pytest.approx(0.1, abs=0.006)
    assert min(needed(m, {"normal": [0.0, 0.2]})) == 1 and max(needed(m, {"normal": [1.0, 0.2]})) == 1000  # clipped


def test_another_order_of_consumers_permutes_what_is_drawn() -> None:
    m = with_ties(*[9] * 100)
    before = dict(zip(m.consumers.keys.tolist(), needed(m, {"uniform": [0, 9]}), strict=True))
    m.consumers.keys = m.consumers.keys[::-1].copy()
    assert dict(zip(m.consumers.keys.tolist(), needed(m, {"uniform": [0, 9]}), strict=True)) == before


def test_a_file_goes_by_id(tmp_path: Path) -> None:
    path = tmp_path / "thresholds.csv"
    path.write_text("threshold,id,colour\n3,2,red\n0,0,\n\n1,1,\n", encoding="utf-8")
    m = with_ties(4, 4, 4)
    assert needed(m, {"file": str(path)}) == [0, 1, 3]
    assert m.notices == ["thresholds.csv: columns ignored: colour"]
    m.graph.ids = ("2", "1", "0")
    assert needed(m, {"file": str(path)}) == [3, 1, 0]
    path.write_text("id,threshold\n0,1\n1,0.5\n2,0\n", encoding="utf-8")
    assert needed(m, {"file": str(path)}) == [1, 2, 4]  # one of them has a point: shares


WRONG = {
    "": "is empty; the first line names the columns: id, threshold",
    "id,need\n": ":1  the first line must name the columns id, threshold; found: id, need",
    "id,threshold\n0,1\n,1\n": ":3  a threshold needs the id of a consumer",
    "id,threshold\n0,1\n1,1\n1,2\n": ":4  consumer '1' stands already in line 3",
    "id,threshold\n0,1\n1,x\n": ":3  'x' is no threshold; allowed: whole numbers of ties in all lines, or shares",
    "id,threshold\n0,0.5\n1,2\n": ":3  '2' is no threshold",
    "id,threshold\n0,-1\n1,2\n": ":2  '-1' is no threshold",
    "id,threshold\n0,0.5\n1,nan\n": ":3  'nan' is no threshold",
    "id,threshold\n0,1\n1\n": ":3  has 1 cells where the heading has 2",
    "id,threshold\n0,1\n9,1\n1,1\n": ":3  there is no consumer '9' in the market",
    "id,threshold\n0,1\n": "says nothing of consumer '1'; allowed: a line for each of the 2 consumers",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_with_a_file_is_said_with_its_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "thresholds.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((InputError, ValidationError), match=re.escape(WRONG[text])):
        needed(with_ties(3, 3), {"file": str(path)})


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thresholds, "LARGEST", 20)
    path = tmp_path / "thresholds.csv"
    path.write_text("id,threshold\n0,1\n1,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="has more than 20 bytes"):
        read_thresholds(str(path))


@pytest.mark.parametrize(
    "wrong",
    [-1, 0.5, {"share": 2.0}, {"uniform": [3, 1]}, {"uniform": [0, 1.5]}, {"normal": [0.5, -0.1]}, {"normal": [1.5, 1.0]}, [0, 1.5]],
)
def test_what_is_no_threshold_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        Parameters(threshold=wrong)
