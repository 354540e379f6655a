"""Off is away: what is switched off leaves no trace, not in one bit.

Three kinds of equality, each exact.

Rules: a rule with all its mechanisms off, or without anything to work on, gives the tables of the model without that rule in
its day (`simulate(..., without=(rule,))`): daily, spending, messages, tellings, adoptions.

Parameters of rules: the kernels with one parameter at its off-value live the same days (all state, all counts, all logs) as the
reference from which the words of that mechanism were struck out and to which the parameter is unreadable. With the parameter on,
the same market ends otherwise.

Parameters of the world (people, ties) and of the record, which the reference shares with the kernels: each has a law of its own.

The lists are compared with the schema: a new off-value without its test fails.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import math
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pytest

from simulator import Scenario, WordOfMouthModel
from simulator.engine import chance
from simulator.model import RULES, module_name, social_graph
from simulator.world.consumers import Consumers, Population, make_consumers
from simulator.world.graph import SocialGraph
from tests.laws.comparison import STATE, assert_same_days
from tests.laws.markets import BUSY, DEAF, brands, busy, run, scenario
from tests.laws.mechanisms import MECHANISMS, Cut, off_values
from tests.laws.test_laws import assert_same, rows
from tests.reference import ReferenceModel

SEED = 3

# -- rules -----------------------------------------------------------------------------------------------------------------

FOREVER = math.inf
CRISES = ("scandal", "service_failure", "false_rumour", "response")
NOBODY = {"population": {"roles": []}}
OFF: dict[str, dict[str, Any]] = {
    "word_of_mouth": DEAF | {"events": []} | NOBODY,
    "crises": {"events": [event for event in BUSY["events"] if event["kind"] not in CRISES]},
    "roles": NOBODY,
    "reputation": {"reputation": {"build": 0.0, "loss": 0.0}},
    "permission": brands("Aurora", "Cirrus", start={"opt_in": 0.0}),
    "advertising": brands("Cirrus", strategy={"kind": "interaction", "ads_share": 0.0})
    | {"events": [event for event in BUSY["events"] if event["kind"] != "campaign"]},
    "purchase": {"population": {"purchase_rate": 0.0}}
    | {"events": [event for event in BUSY["events"] if event["kind"] not in ("launch", "stock_out")]},
    "experience": {"population": {"purchase_rate": 0.0}},
    "conversation": brands("Aurora", "Boreal")  # nobody complains, nothing is said in public
    | {"conversation": {"complain": 0.0}, "word_of_mouth": {"online": 0.0, "hot": 0.0}, "events": []} | NOBODY,
    "co_creation": brands("Aurora", "Boreal") | {"events": []},
    "forgetting": {
        "forgetting": dict.fromkeys(("awareness", "irritation", "knowledge", "satisfaction", "trust", "insight"), FOREVER)
    },
}  # fmt: skip
"""For each rule the changes after which it has nothing to do."""


def with_known_brands(change: dict[str, Any]) -> dict[str, Any]:
    """Events and roles speak only of brands that are there."""
    names = {brand["name"] for brand in change.get("brands", BUSY["brands"])}
    events = [event for event in change.get("events", BUSY["events"]) if event["brand"] in names]
    people = change.get("population", {})
    roles = [role for role in people.get("roles", BUSY["population"]["roles"]) if role.get("brand", min(names)) in names]
    return change | {"events": events, "population": people | {"roles": roles}}


def test_every_rule_of_the_day_has_its_test() -> None:
    assert set(OFF) == {module_name(rule) for rules in RULES.values() for rule in rules} | {"crises"}


@pytest.mark.parametrize("rule", sorted(OFF))
def test_a_rule_at_its_off_value_equals_the_model_without_it(rule: str) -> None:
    change = with_known_brands(OFF[rule])
    assert_same(run(change), run(change, without=(rule,)))


@pytest.mark.parametrize("rule", sorted(OFF))
def test_a_rule_that_is_on_makes_a_difference(rule: str) -> None:
    assert not rows(run().daily).equals(rows(run(without=(rule,)).daily))


def test_a_rule_at_its_off_value_is_not_called() -> None:
    called = {
        off: {module_name(rule) for phase in WordOfMouthModel.build(scenario(busy(change)), 1).phases.values() for rule, _ in phase}
        for off, change in {"reputation": OFF["reputation"], "nothing": {}}.items()
    }
    assert called["nothing"] - called["reputation"] == {"reputation"}


def test_answers_that_change_no_talk_and_cost_nothing_are_silence() -> None:
    """The whole matrix at 1, no exposure, no price, nothing to repair: the run without any answer, and the world unmoved."""
    tame = {answer: dict.fromkeys(("victim", "accidental", "preventable"), 1.0) for answer in MATRIX_ROWS}
    free = {"crises": {"matrix": tame, "exposure": 0.0, "statement_cost": 0.0, "compensation_cost": 0.0, "repair_cost": 0.0}}
    unbroken = [event | {"damage": 0.0} if event["kind"] == "scandal" else event for event in BUSY["events"]]
    speechless = [event for event in unbroken if event["kind"] != "response"]
    one, other = run(free, {"events": unbroken}), run(free, {"events": speechless})
    for name in ("daily", "messages", "tellings", "adoptions"):
        pd.testing.assert_frame_equal(rows(getattr(one, name)), rows(getattr(other, name)), check_exact=True, obj=name)
    assert not rows(run(free, {"events": unbroken, "crises": {"exposure": 1.0}}).daily).equals(rows(other.daily))


MATRIX_ROWS = ("denial", "denial_exposed", "explanation", "empathy", "apology", "compensation", "compensation_late")


# -- parameters of rules ---------------------------------------------------------------------------------------------------


SMALL = {
    "run": {"days": 16}, "population": {"size": 100, "represents": 10_000, "purchase_rate": 0.4}, "record": {"tellings": True},
}  # fmt: skip


class Blind:
    """A table in which one parameter cannot be read, at any depth."""

    def __init__(self, table: Any, hidden: tuple[str, ...]) -> None:
        self._table, self._hidden = table, hidden

    def __getattr__(self, name: str) -> Any:
        value, (first, *rest) = getattr(self._table, name), self._hidden
        if name != first:
            return value
        assert rest, f"{name} is read, although it was struck out"
        if isinstance(value, Mapping):
            return {key: Blind(item, tuple(rest)) for key, item in value.items()}
        return tuple(Blind(item, tuple(rest)) for item in value) if isinstance(value, tuple) else Blind(value, tuple(rest))


def strike(patch: pytest.MonkeyPatch, owner: type, method: str, cuts: list[Cut]) -> None:
    """Take the words out of the method, for as long as the patch lasts."""
    whole = getattr(owner, method)
    source = textwrap.dedent(inspect.getsource(whole))
    for cut in cuts:
        assert source.count(cut.words) == 1, f"{owner.__name__}.{method} says {source.count(cut.words)} times: {cut.words}"
        source = source.replace(cut.words, cut.left)
    space = dict(whole.__globals__)
    exec(compile("from __future__ import annotations\n" + source, f"<{method}>", "exec"), space)
    patch.setattr(owner, method, space[method])


def dotted(market: Scenario, key: str, value: Any) -> dict[str, Any]:
    """The override that sets a parameter, for every brand or channel that has it."""
    if key.startswith("brands."):
        return {f"brands.{brand.name}.{key.removeprefix('brands.')}": value for brand in market.brands}
    if key.startswith("advertising.channels."):
        return {f"advertising.channels.{name}.{key.rpartition('.')[2]}": value for name in market.advertising.channels}
    return {key: value}


def ending(model: WordOfMouthModel) -> str:
    """How everything stands after the last day, as a hash."""
    while model.market.day < model.scenario.run.days:
        model.step()
    columns = [getattr(model.market.state, name) for name in STATE] + [model.market.anchor, model.market.brands.spent]
    columns += [model.market.messages.table()["hearers"], model.market.brands.service, model.market.brands.position]
    return hashlib.sha256(b"".join(column.tobytes() for column in columns)).hexdigest()


@functools.cache
def everyday() -> Scenario:
    """The busy market, small."""
    return scenario(busy(SMALL))


def test_every_off_value_has_its_test() -> None:
    assert set(off_values()) == set(MECHANISMS) | set(WORLD)


@pytest.mark.parametrize("key", MECHANISMS)
def test_a_mechanism_at_its_off_value_equals_a_model_that_never_had_it(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mechanism = MECHANISMS[key]
    on = everyday().override(mechanism.settings)
    off = on.override(dotted(on, key, off_values()[key]))
    for owner, method in {(cut.owner, cut.method) for cut in mechanism.cuts}:
        strike(monkeypatch, owner, method, [cut for cut in mechanism.cuts if (cut.owner, cut.method) == (owner, method)])
    kernels = WordOfMouthModel.build(off, SEED)
    plain = ReferenceModel(Blind(off, tuple(key.split("."))), kernels.market.graph, kernels.market.consumers, SEED)
    assert_same_days(kernels, plain)
    assert ending(kernels) != ending(WordOfMouthModel.build(on, SEED)), "the market shows nothing of the mechanism"


# -- parameters of the world and of the record -----------------------------------------------------------------------------


def normal(seed: int, stream: str, common: tuple[int, ...], *own: int) -> float:
    """A normal draw at an address."""
    place = int(chance.address(seed, stream, *common))
    for part in own:
        place = chance.fold.python(place, part)
    return chance.normal_quantile.python(chance.uniform.python(place))


def everybody_alike(people: Consumers, *traits: str) -> None:
    """One value for all: 1 for what has mean 1, the segment's mean for what lies between 0 and 1."""
    population = scenario(BUSY).population
    for trait in traits:
        getattr(people, trait)[:] = 1.0 if trait in ("media_weight", "voice") else getattr(population, trait)


def without_centres(people: Consumers, graph: SocialGraph, seed: int) -> None:
    """Needs are her own, whatever her community."""
    within = scenario(BUSY).population.needs_within
    people.needs[:] = [[within * normal(seed, "needs", (), key, axis) for axis in (0, 1)] for key in graph.keys.tolist()]


def centres_only(people: Consumers, graph: SocialGraph, seed: int) -> None:
    """Needs are those of her community."""
    spread = scenario(BUSY).population.needs_spread
    people.needs[:] = [[spread * normal(seed, "needs.centre", (c,), axis) for axis in (0, 1)] for c in graph.community.tolist()]


PEOPLE: dict[str, Callable[[Consumers, SocialGraph, int], None]] = {
    "media_shape": lambda people, graph, seed: everybody_alike(people, "media_weight"),
    "voice_shape": lambda people, graph, seed: everybody_alike(people, "voice"),
    "trait_spread": lambda people, graph, seed: everybody_alike(
        people, "ad_tolerance", "scepticism", "privacy_concern", "engagement"
    ),
    "needs_spread": without_centres,
    "needs_within": centres_only,
}  # fmt: skip
"""What the columns of traits are without the parameter, written over a population that has it."""


def people_law(name: str, patch: pytest.MonkeyPatch) -> None:
    """A population with the parameter off lives like one whose columns were written without it."""

    def made(population: Population, graph: SocialGraph, seed: int) -> Consumers:
        people = make_consumers(population, graph, seed)
        PEOPLE[name](people, graph, seed)
        return people

    off = run({"population": {name: off_values()[f"population.{name}"]}})
    on = run()
    patch.setattr("simulator.model.make_consumers", made)
    assert_same(off, run())
    assert not rows(off.daily).equals(rows(on.daily))


LAYERS: dict[str, dict[str, Any]] = {
    "strong": {"network": {"rewired": 0.9}, "word_of_mouth": {"strong_preference": 9.0}},
    "weak": {"network": {"homophily": 0.1}, "word_of_mouth": {}},
    "follow": {"network": {"follow_audience": 1.5, "largest_audience": 0.9}, "word_of_mouth": {}},
}
"""What speaks of the ties of a layer alone."""


def layer_law(name: str, patch: pytest.MonkeyPatch) -> None:
    """Without ties of a layer all that speaks of the layer alone is immaterial, and was not before."""
    other = {"purchase": {"tie_weights": {name: 0.6}}, "word_of_mouth": {"credibility": {name: 0.3}}}
    off = {"network": {name: 0.0}}
    assert_same(run(off), run(off, other, LAYERS[name]))
    assert not rows(run().daily).equals(rows(run(other, LAYERS[name]).daily))


def graph_of(**network: Any) -> SocialGraph:
    """The graph of the busy market with other settings."""
    return social_graph(scenario(busy({"network": network})), SEED)


def rewired_law(name: str, patch: pytest.MonkeyPatch) -> None:
    """Nobody's close ties leave her community."""
    inside = []
    for rewired in (0.0, 0.3):
        graph = graph_of(rewired=rewired)
        strong = graph.layers[0]
        inside.append((graph.community[strong.tellers()] == graph.community[strong.hearer]).all())
    assert inside == [True, False]


def homophily_law(name: str, patch: pytest.MonkeyPatch) -> None:
    """Acquaintances know nothing of communities: of whatever size these are, the ties are the same."""

    def acquaintances(homophily: float, size: int) -> list[tuple[int, int]]:
        weak = graph_of(strong=0.0, homophily=homophily, community_size=size).layers[1]
        return list(zip(weak.tellers().tolist(), weak.hearer.tolist(), strict=True))

    assert acquaintances(0.0, 40) == acquaintances(0.0, 24)
    assert acquaintances(0.5, 40) != acquaintances(0.5, 24)


def tellings_law(name: str, patch: pytest.MonkeyPatch) -> None:
    """A run that logs no telling is the same run."""
    logged, unlogged = run({"record": {"tellings": True}}), run({"record": {"tellings": False}})
    assert len(logged.tellings) > 0
    assert len(unlogged.tellings) == 0
    for table in ("daily", "spending", "messages", "adoptions"):
        pd.testing.assert_frame_equal(rows(getattr(logged, table)), rows(getattr(unlogged, table)), check_exact=True, obj=table)


WORLD: dict[str, Callable[[str, pytest.MonkeyPatch], None]] = {
    "record.tellings": tellings_law,
    "network.rewired": rewired_law,
    "network.homophily": homophily_law,
    **{f"population.{name}": people_law for name in PEOPLE},
    **{f"network.{name}": layer_law for name in LAYERS},
}


@pytest.mark.parametrize("key", sorted(WORLD))
def test_a_world_without_a_feature_is_as_if_there_were_no_such_feature(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    WORLD[key](key.rpartition(".")[2], monkeypatch)
