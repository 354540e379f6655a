"""The canonical scenarios: each obeys the law of its model, on its own graph and on any other."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator import RunResult, load_scenario, simulate
from simulator.model import social_graph
from simulator.scenario.bundled import bundled, bundled_names

NAMES = ("bass", "two_brands", "cascade", "sir", "threshold", "talk_of_the_network")

pytestmark = pytest.mark.compiled


def run(name: str, seed: int = 1, **settings: Any) -> RunResult:
    """A canonical scenario; `population_size=5` stands for population.size, `set={...}` for any dotted keys."""
    given = settings.pop("set", {}) | {key.replace("_", ".", 1): value for key, value in settings.items()}
    return simulate(load_scenario(bundled(f"canonical/{name}"), given), seed)


def owned(result: RunResult, brand: str = "Product") -> np.ndarray:
    """Share of owners at the end of each day."""
    return result.daily.loc[result.daily.brand == brand, "penetration"].to_numpy()


# -- laws ----------------------------------------------------------------------------------------------------------------


def test_all_six_are_bundled_and_say_what_their_parameters_are() -> None:
    assert {f"canonical/{name}.toml" for name in NAMES} <= set(bundled_names())
    for name in NAMES:
        text = bundled(f"canonical/{name}").read_text(encoding="utf-8")
        head = [line for line in text.splitlines() if line.startswith("#")]
        assert text.startswith("# ") and len(head) >= 8 and any("graph" in line for line in head)
        scenario = load_scenario(bundled(f"canonical/{name}"))
        assert scenario.question.endswith("?") and scenario.source not in ("", "illustrative", "canonical") and not scenario.notices


def test_bass_adoption_follows_the_bass_curve() -> None:
    p, q = 0.0006, 0.0076
    curves = np.mean([owned(run("bass", seed, population_size=2000)) for seed in range(1, 5)], axis=0)
    for t in (100, 300, 500, 900):
        gone = math.exp(-(p + q) * t)
        assert curves[t - 1] == pytest.approx((1.0 - gone) / (1.0 + q / p * gone), abs=0.06)


def test_two_brands_share_the_bass_curve_of_their_category() -> None:
    runs = [run("two_brands", seed, population_size=2000) for seed in range(1, 5)]
    leader, challenger = (np.mean([owned(each, brand) for each in runs], axis=0) for brand in ("Leader", "Challenger"))
    a = b = 0.0
    for day in range(1000):
        free = 1.0 - a - b
        ha, hb = 0.0004 + 0.0076 * a, 0.0002 + 0.0076 * b
        a, b = a + free * -math.expm1(-ha - hb) * ha / (ha + hb), b + free * -math.expm1(-ha - hb) * hb / (ha + hb)
        if day in (299, 499, 999):
            assert leader[day] == pytest.approx(a, abs=0.09) and challenger[day] == pytest.approx(b, abs=0.09)
            assert leader[day] + challenger[day] == pytest.approx(a + b, abs=0.06)


def test_two_brands_that_swap_their_settings_swap_nothing_but_their_fortunes() -> None:
    same = {f"brands.{brand}.{key}": value for brand in ("Leader", "Challenger") for key, value in (("p", 0.0003), ("q", 0.0076))}
    one = run("two_brands", set=same, population_size=500)
    order = [{"name": brand, "p": 0.0003, "q": 0.0076} for brand in ("Challenger", "Leader")]
    other = run("two_brands", set={"brands": order}, population_size=500)
    for brand in ("Leader", "Challenger"):
        assert owned(one, brand).tolist() == owned(other, brand).tolist()


def test_a_cascade_over_certain_ties_reaches_all_who_can_be_reached_and_over_closed_ties_nobody() -> None:
    import networkx

    settings = {"population.size": 300, "network.degree": 1.5, "events.0.count": 3}
    scenario = load_scenario(bundled("canonical/cascade"), settings | {"word_of_mouth.visibility": 1.0})
    result, layer = simulate(scenario, 2), social_graph(scenario, 2).layers[0]
    graph = networkx.Graph(list(zip(layer.tellers().tolist(), layer.hearer.tolist(), strict=True)))
    first = int(result.tellings.teller[result.tellings.day == 0].iloc[0])
    parts = networkx.node_connected_component(graph, first)
    assert result.messages["size"].tolist() == [len(parts)] * 3
    assert set(result.tellings.hearer) == parts - {first}
    nobody = run("cascade", set=settings | {"word_of_mouth.visibility": "off"})
    assert nobody.messages["size"].tolist() == [1, 1, 1] and len(nobody.tellings) == 0


@pytest.mark.parametrize("form", ["fixed", "geometric"])
def test_sir_carries_a_message_over_a_tie_with_the_probability_of_its_head(form: str) -> None:
    """A star: its centre talks, each of the others hears it with probability T."""
    beta, days, leaves, copies = 0.05, 14, 50, 400
    stop = 1.0 / days
    expected = beta / (beta + stop - beta * stop) if form == "geometric" else -math.expm1(days * math.log1p(-beta))
    star = {"population.size": leaves + 1, "network": {"kind": "scale_free", "links": leaves}, "word_of_mouth.talking_days": form}
    heard = run("sir", set=star | {"events.0.consumers": [0], "events.0.count": copies}).messages.hearers / leaves
    assert heard.mean() == pytest.approx(expected, abs=4.0 * heard.std() / math.sqrt(copies))


def test_thresholds_the_two_other_classics_in_the_head_are_as_it_says() -> None:
    crowd = {"population.size": 100, "network": {"kind": "complete"}, "events": [], "run.days": 110}
    assert owned(run("threshold", set=crowd | {"purchase.threshold": list(range(100))}))[-1] == 1.0
    assert owned(run("threshold", set=crowd | {"purchase.threshold": [0, 2, *range(2, 100)]}))[-1] == pytest.approx(0.01)
    ring = {"population.size": 1000, "network": {"kind": "ring", "degree": 4.0}, "run.days": 510}
    both = owned(run("threshold", set=ring | {"purchase.threshold": 2, "events.0.consumers": [0, 1]}))
    assert int(np.argmax(both == 1.0)) + 1 == 499
    assert int(np.argmax(owned(run("threshold", set=ring | {"purchase.threshold": 1, "events.0.consumers": [0]})) == 1.0)) + 1 == 250


def test_normal_thresholds_jump_from_few_to_all_at_granovetters_spread() -> None:
    """Mean 25 of 100: below a spread of about 12.2 the crowd stays small, above it nearly all join (Granovetter 1978, figure 2)."""
    crowd = {"population.size": 5000, "network": {"kind": "complete"}, "events": [], "run.days": 200}
    small, large = (owned(run("threshold", set=crowd | {"purchase.threshold": {"normal": [1250, 50.0 * sd]}}))[-1] for sd in (11.0, 13.5))
    assert small < 0.15 and large > 0.9


def test_talk_of_the_network_is_goldenbergs_product_of_chances(tmp_path: Path) -> None:
    """Four hundred consumers with the same ten strong and ten weak ties: who adopts on the day after some of these do."""
    egos = 400
    rows = [f"e{k},{layer}{j},{layer}" for k in range(egos) for layer in ("strong", "weak") for j in range(10)]
    path = tmp_path / "ties.csv"
    path.write_text("source,target,layer\n" + "\n".join(rows), encoding="utf-8")
    a, weak, strong = 0.005, 0.01, 0.04
    for m, j in ((0, 0), (6, 0), (0, 10), (10, 10)):
        owners = [f"strong{k}" for k in range(m)] + [f"weak{k}" for k in range(j)]
        launch = [{"day": 0, "brand": "Product", "kind": "launch", "consumers": owners}] if owners else []
        settings = {"network": {"kind": "file", "path": str(path)}, "events": launch, "run.days": 1}
        others, seeds = 20 - len(owners), 8  # friends who own nothing adopt by advertising alone
        adopted = sum(len(run("talk_of_the_network", seed, set=settings).adoptions) - len(owners) for seed in range(seeds))
        expected = seeds * (egos * (1.0 - (1.0 - a) * (1.0 - weak) ** j * (1.0 - strong) ** m) + others * a)
        assert adopted == pytest.approx(expected, abs=4.0 * math.sqrt(expected) + 1.0)


def test_talk_of_the_network_has_ten_strong_ties_for_everybody() -> None:
    graph = social_graph(load_scenario(bundled("canonical/talk_of_the_network")), 3)
    assert set(np.diff(graph.layers[0].start).tolist()) == {10}
    assert np.diff(graph.layers[1].start).mean() == pytest.approx(10.0, abs=0.3)
    assert graph.layers[2].ties == 0


# -- one's own graph -------------------------------------------------------------------------------------------------------

GRAPHS: dict[str, dict[str, Any]] = {
    "random": {"kind": "random", "degree": 5.0}, "small world": {"kind": "small_world", "degree": 4.0, "rewired": 0.1},
    "scale-free": {"kind": "scale_free", "links": 2}, "regular": {"kind": "regular", "degree": 4.0}, "lattice": {"kind": "lattice"},
    "ring": {"kind": "ring", "degree": 4.0}, "complete": {"kind": "complete"}, "communities": {"kind": "communities", "community_size": 12},
    "file": {"kind": "file"},
}  # fmt: skip


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("name", NAMES)
def test_every_canonical_scenario_runs_on_every_graph_at_another_size(name: str, graph: str, tmp_path: Path) -> None:
    network = dict(GRAPHS[graph])
    if graph == "file":
        path = tmp_path / "friends.csv"
        path.write_text("source,target\n" + "".join(f"c{k},c{(k + step) % 36}\n" for k in range(36) for step in (1, 5)), encoding="utf-8")
        network["path"] = str(path)
    result = run(name, set={"network": network, "population.size": 36, "run.days": 6})
    assert result.consumers == 36 and result.days == 6
    if name in ("cascade", "sir"):
        assert len(result.messages) == load_scenario(bundled(f"canonical/{name}")).events[0].count
        assert result.messages["size"].between(1, 36).all()
    if name == "threshold":
        assert owned(result)[-1] >= 1 / 36


def test_thresholds_may_come_from_a_file_for_a_graph_from_a_file(tmp_path: Path) -> None:
    """A line of friends: the news stops at the one who wants both of hers."""
    (tmp_path / "friends.csv").write_text("source,target\nann,bob\nbob,cem\ncem,dag\ndag,eve\n", encoding="utf-8")
    (tmp_path / "thresholds.csv").write_text("id,threshold\nann,9\nbob,1\ncem,1\ndag,2\neve,1\n", encoding="utf-8")
    settings = {
        "network": {"kind": "file", "path": str(tmp_path / "friends.csv")},
        "purchase.threshold": {"file": str(tmp_path / "thresholds.csv")},
        "events.0.consumers": ["ann"], "run.days": 10,
    }  # fmt: skip
    assert owned(run("threshold", set=settings))[-1] == pytest.approx(3 / 5)
    assert owned(run("threshold", set=settings | {"purchase.threshold": {"share": 0.5}}))[-1] == 1.0


def test_seeds_and_copies_can_be_chosen() -> None:
    settings = {"population.size": 200, "events.0.count": 7}
    assert len(run("cascade", set=settings).messages) == 7
    by_audience = run("cascade", set=settings | {"events.0.consumers": {"highest_audience": 3}, "word_of_mouth.visibility": "off"})
    assert by_audience.messages["size"].tolist() == [3] * 7  # one message with several first tellers, the event at its root
    some = run("cascade", set=settings | {"events.0.consumers": {"share": 0.1}, "word_of_mouth.visibility": "off"}).messages["size"]
    assert some.nunique() == 1 and 5 < some[0] < 40
    apart = run("cascade", set=settings | {"events.0.count": 40}).messages["size"]
    assert apart.nunique() > 3  # independent luck


def test_the_seed_of_the_graph_can_be_kept_while_the_luck_changes() -> None:
    fixed = load_scenario(bundled("canonical/cascade"), {"population.size": 100, "network.seed": 5})
    assert social_graph(fixed, 1).layers[0].hearer.tolist() == social_graph(fixed, 2).layers[0].hearer.tolist()
    assert simulate(fixed, 1).messages["size"].tolist() != simulate(fixed, 2).messages["size"].tolist()
