"""What must hold exactly, whatever the parameters: each test is one law."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import RunResult, WordOfMouthModel, simulate
from simulator.world.state import ANSWERS, ASKED, OPTED_IN, OPTED_OUT, ORIGINS
from tests.laws.markets import ALONE, BUSY, DEAF, brands, busy, run, scenario

SILENT = {"kind": "silent"}
TABLES = ("daily", "spending", "messages", "tellings", "adoptions")


def rows(table: pd.DataFrame) -> pd.DataFrame:
    """A table without its order: sorted by all it says."""
    plain = table.reset_index(drop=True)
    plain = plain.astype({name: str for name in plain if isinstance(plain[name].dtype, pd.CategoricalDtype)})
    return plain.sort_values(list(plain.columns), kind="stable").reset_index(drop=True)


def assert_same(one: RunResult, other: RunResult, before: int | None = None) -> None:
    """All tables are equal to the bit (their rows before a day, if one is given)."""
    for name in TABLES:
        left, right = getattr(one, name), getattr(other, name)
        if before is not None:
            left, right = left[left.day < before], right[right.day < before]
            if name == "messages":  # what became of a message is later than its start
                kept = ["day", "brand", "valence", "origin", "author"]
                left, right = left[kept], right[kept]
        pd.testing.assert_frame_equal(rows(left), rows(right), check_exact=True, obj=name)


def test_in_the_busy_market_everything_happens() -> None:
    """What these laws are about takes place: they would hold in an empty market too."""
    model = WordOfMouthModel.build(scenario(busy()), 1)
    failing = []
    while model.market.day < BUSY["run"]["days"]:
        model.step()
        failing.append(model.market.brands.failure[0] > 0)
    result, crises = RunResult.of(model), model.market.crises
    assert {ANSWERS[crisis.answer] for crisis in crises} == {"apology", "compensation", "empathy"}
    assert any(crisis.exposed_day > crisis.day for crisis in crises)
    assert failing[13]
    assert not failing[-1], "repaired"
    assert set(result.messages.origin.astype(str)) == set(ORIGINS)
    assert {"response", "compensation", "repair"} < set(result.spending.line)


# -- nothing comes from nothing ----------------------------------------------------------------------------------------


def test_without_ties_there_is_no_word_of_mouth() -> None:
    result = run(ALONE)
    assert len(result.messages) > 0
    assert len(result.tellings) == 0
    assert result.daily[["tellings_positive", "tellings_negative", "reach_earned"]].to_numpy().sum() == 0


@pytest.mark.parametrize("kind", ["repeat", "durable"])
def test_without_ads_events_or_customers_nothing_ever_happens(kind: str) -> None:
    nobody = {"awareness": 0.0, "penetration": 0.0, "loyalty": 0.0, "opt_in": 0.0, "knowledge": 0.0}
    market = {"market": {"kind": kind}, "events": []} | brands(strategy=SILENT, start=nobody)
    result = run(market)
    for name in ("spending", "messages", "tellings", "adoptions"):
        assert len(getattr(result, name)) == 0, name
    daily = result.daily.set_index(["day", "brand"])
    assert (daily.trust.groupby("brand").nunique() == 1).all()
    for name in ("awareness", "irritation", "units", "contacts", "reach", "list_size", "messages_negative", "spend"):
        assert (daily[name] == 0).all(), name


# -- money ---------------------------------------------------------------------------------------------------------------


def test_cumulative_spend_never_exceeds_cumulative_budget() -> None:
    daily = run().daily
    spent = daily.pivot(index="day", columns="brand", values="spend").cumsum()
    for brand in BUSY["brands"]:
        assert (spent[brand["name"]] > 0).any()
        available = brand["budget_per_day"] * (spent.index.to_numpy() + 1)
        assert (np.rint(100 * spent[brand["name"]]) <= np.rint(100 * available)).all()


def test_spending_lines_sum_to_what_was_spent() -> None:
    result = run()
    cents = np.rint(100 * result.spending.amount).astype(np.int64)
    lines = cents.groupby([result.spending.day, result.spending.brand.astype(str)]).sum()
    daily = result.daily.astype({"brand": str}).set_index(["day", "brand"]).spend
    spent = np.rint(100 * daily).astype(np.int64)
    assert (lines.reindex(spent.index, fill_value=0) == spent).all()
    lines = {"ads:popup", "ads:tv", "sends", "invitations", "reward", "listening", "conversations", "fix", "platform"}
    lines |= {"response", "compensation", "repair"}
    assert set(result.spending.line) >= lines


# -- consent -------------------------------------------------------------------------------------------------------------


def test_no_owned_message_reaches_anyone_not_opted_in() -> None:
    model = WordOfMouthModel(scenario(busy()), rng=1)
    sent = 0
    for _ in range(model.scenario.run.days):
        before = model.market.state.consent.copy()
        model.step()
        got = model.market.contacts.sent.astype(bool)
        after = model.market.state.consent
        # whoever got a newsletter was on the list this morning or joined by her answer today; she may have left by it
        assert (np.isin(before[got], (ASKED, OPTED_IN)) & np.isin(after[got], (OPTED_IN, OPTED_OUT))).all()
        sent += int(got.sum())
    assert sent > 0


def test_where_nobody_consents_no_owned_message_ever_arrives() -> None:
    changes = {"permission": {"acceptance": 0.0}} | brands("Aurora", "Boreal", start={"opt_in": 0.0})
    result = run(changes, {"events": []})
    assert result.daily.invitations.sum() > 0
    assert result.daily.sends.sum() == 0
    assert (result.daily.reach_owned == 0).all()


# -- cause and effect ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nothing",
    [
        {"title": "another name", "question": "the same market"},
        {"run": {"days": 20}},
        {"conversation": {"fix_cost": 50.0}},
        {"events": BUSY["events"][::-1]},
    ],
    ids=["title", "days", "default spelt out", "order of events"],
)
def test_a_change_that_does_nothing_gives_identical_tables(nothing: dict[str, Any]) -> None:
    assert_same(run(), run(nothing))


@pytest.mark.parametrize(
    "event",
    [
        {"brand": "Boreal", "kind": "scandal", "severity": 1.0, "tellers": {"share": 0.1}, "damage": 0.5},
        {"brand": "Cirrus", "kind": "false_rumour", "severity": 1.0},
        {"brand": "Aurora", "kind": "response", "answer": "empathy"},
        {"brand": "Aurora", "kind": "stock_out", "days": 3},
        {"brand": "Cirrus", "kind": "service_failure", "severity": 0.6},
        {"brand": "Aurora", "kind": "launch", "consumers": {"share": 0.2}},
    ],
    ids=lambda event: event["kind"],
)
def test_a_change_on_a_day_leaves_every_earlier_row_identical(event: dict[str, Any]) -> None:
    one, other = run(), run({"events": [*BUSY["events"], event | {"day": 12}]})
    assert_same(one, other, before=12)
    assert not rows(one.daily).equals(rows(other.daily))


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_before_any_crisis_changes_nothing(answer: str) -> None:
    first = min(event["day"] for event in BUSY["events"] if event["brand"] == "Aurora")
    early = {"day": first - 1, "brand": "Aurora", "kind": "response", "answer": answer}
    assert_same(run(), run({"events": [*BUSY["events"], early]}))


def test_silence_is_no_answer() -> None:
    silence = [{"day": day, "brand": "Boreal", "kind": "response", "answer": "silence"} for day in (4, 7, 8)]
    assert_same(run(), run({"events": [*BUSY["events"], *silence]}))


def test_an_answer_that_a_day_later_is_taken_back_costs_money_and_one_day() -> None:
    """From the day on which silence returns the talk is as likely as if nothing had been said."""
    quiet = [event for event in BUSY["events"] if event["kind"] != "response"]
    said = {"day": 7, "brand": "Boreal", "kind": "response", "answer": "empathy"}
    one = run({"events": [*quiet, said, said | {"answer": "silence"}]})
    assert (one.spending[one.spending.line == "response"].amount == BUSY["crises"]["statement_cost"]).all()
    for name in ("messages", "tellings", "adoptions"):
        pd.testing.assert_frame_equal(rows(getattr(one, name)), rows(getattr(run({"events": quiet}), name)), check_exact=True, obj=name)


def test_a_strategy_that_changes_on_a_day_leaves_every_earlier_row_identical() -> None:
    def plan(then: dict[str, float]) -> dict[str, Any]:
        phases = [{"from_day": 12, "shares": then}]
        return brands(strategy={"kind": "mixed", "shares": {"interruption": 1.0}, "phases": phases})

    one, other = run(plan({"interruption": 1.0})), run(plan({"permission": 1.0}))
    assert_same(one, other, before=12)
    assert not rows(one.spending).equals(rows(other.spending))


# -- names and places ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["repeat", "durable"])
@pytest.mark.parametrize("network", ["communities", "complete"])
def test_relabelling_consumers_changes_nothing_but_their_numbers(kind: str, network: str) -> None:
    named = {"day": 2, "brand": "Aurora", "kind": "staged_messages", "consumers": [3, 141], "valence": -1}
    roles = [*BUSY["population"]["roles"], {"kind": "prescriber", "consumers": [5, 17, 99]}]
    change = {"events": [*BUSY["events"], named], "population": {"roles": roles}}
    market = scenario(busy(change, {"market": {"kind": kind}, "network": {"kind": network}}))
    order = np.random.default_rng(5).permutation(market.population.size)
    one, other = simulate(market), simulate(market, relabel=order)
    for name in ("daily", "spending", "messages", "tellings", "adoptions"):
        renamed = getattr(other, name).copy()
        for column in ("teller", "hearer", "author", "consumer"):
            if column in renamed:
                number = renamed[column].to_numpy(dtype=np.int64, na_value=-1)
                renamed[column] = np.where(number < 0, -1, order[number]).astype(number.dtype)
        left, right = getattr(one, name).copy(), renamed
        for column in ("teller", "hearer", "author", "consumer"):
            if column in left:
                left[column] = left[column].to_numpy(dtype=np.int64, na_value=-1)
        pd.testing.assert_frame_equal(rows(left), rows(right), check_exact=True, obj=name)


@pytest.mark.parametrize("kind", ["repeat", "durable"])
def test_the_order_of_brands_is_immaterial(kind: str) -> None:
    market = {"market": {"kind": kind}}
    assert_same(run(market), run(market, {"brands": BUSY["brands"][::-1]}))


def test_two_brands_with_equal_settings_that_swap_names_swap_nothing_else() -> None:
    """Luck goes by name: the twin that is called Aurora has Aurora's rows wherever it stands in the file."""
    boreal = BUSY["brands"][1]
    twins = [boreal | {"name": "Boreal"}, boreal | {"name": "Aurora"}]
    change = {"brands": [*twins, BUSY["brands"][2]]}
    swapped = {"brands": [*twins[::-1], BUSY["brands"][2]]}
    one, other = run(change), run(swapped)
    assert_same(one, other)
    by_name = one.daily.groupby("brand", observed=True).units.sum()
    assert by_name["Aurora"] != by_name["Boreal"]


# -- time ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["repeat", "durable"])
@pytest.mark.parametrize("day", [1, 9])
def test_restarting_at_a_day_equals_running_through(kind: str, day: int) -> None:
    market = scenario(busy({"market": {"kind": kind}}))
    first = simulate(market, until=day)
    assert_same(simulate(market), simulate(resume=first.checkpoint))


@pytest.mark.parametrize("kind", ["repeat", "durable"])
def test_restarting_in_the_midst_of_a_denied_and_exposed_crisis_equals_running_through(kind: str) -> None:
    market = scenario(busy({"market": {"kind": kind}}))
    model = WordOfMouthModel.build(market, 1)
    while not any(crisis.exposed_day == model.market.day - 1 for crisis in model.market.crises):
        model.step()
    day = model.market.day  # exposed yesterday; the apology comes later
    assert day < max(event["day"] for event in BUSY["events"] if event["kind"] == "response")
    assert any(crisis.answer == ANSWERS.index("denial") for crisis in model.market.crises)
    assert_same(simulate(market, seed=1), simulate(resume=simulate(market, seed=1, until=day).checkpoint))


def test_restarting_while_an_answer_waits_for_money_equals_running_through() -> None:
    market = scenario(busy({"crises": {"compensation_cost": 600.0}}, brands(strategy={"kind": "silent"}, budget_per_day=40.0)))
    model = WordOfMouthModel.build(market, 1)
    while model.market.day < 11:
        model.step()
    assert model.market.responses
    through = simulate(market, seed=1)
    assert (through.spending[through.spending.line == "compensation"].day > 11).any()
    assert_same(through, simulate(resume=simulate(market, seed=1, until=11).checkpoint))


def test_a_saved_checkpoint_goes_on_as_if_nothing_had_happened(tmp_path: Any) -> None:
    market = scenario(busy())
    simulate(market, until=8).save(tmp_path / "run", checkpoint=True)
    assert_same(simulate(market), simulate(resume=RunResult.load(tmp_path / "run").checkpoint))


@pytest.mark.compiled
def test_ninety_days_are_the_first_ninety_of_half_a_year() -> None:
    whole, part = run({"run": {"days": 182}}), run({"run": {"days": 90}})
    assert set(whole.daily.day) == set(range(182))
    assert_same(part, whole, before=90)


@pytest.mark.compiled
def test_one_or_two_threads_give_the_same_bytes() -> None:
    soon = [event | {"day": event["day"] // 2} for event in BUSY["events"]]
    large = {"population": {"size": 40_000, "represents": 4_000_000}, "run": {"days": 8}, "events": soon}
    market = scenario(busy(large, brands(budget_per_day=3000.0)))
    one, two = simulate(market, threads=1), simulate(market, threads=2)
    assert len(one.tellings) > 1000
    assert_same(one, two)


# -- word of mouth -----------------------------------------------------------------------------------------------------------


def test_each_teller_had_heard_before_and_is_a_neighbour_of_the_hearer() -> None:
    model = WordOfMouthModel(scenario(busy()), rng=1)
    while model.running and model.market.day < model.scenario.run.days:
        model.step()
    result = RunResult.of(model)
    layers = ("strong", "weak", "follow")
    ties = {
        (teller, hearer, layer)
        for layer, part in zip(layers, model.market.graph.layers, strict=True)
        for teller, hearer in zip(part.tellers().tolist(), part.hearer.tolist(), strict=True)
    }
    heard: dict[tuple[int, int], int] = {}
    told = result.tellings.sort_values("day", kind="stable")
    assert len(told) > 100
    first: dict[int, set[int]] = {}  # message -> who told it without having heard it
    for message, day, teller, hearer, layer in told[["message", "day", "teller", "hearer", "layer"]].itertuples(index=False):
        assert (teller, hearer, str(layer)) in ties
        assert (message, hearer) not in heard, "each consumer counts each message once"
        heard[message, hearer] = day
        if (message, teller) in heard:
            assert heard[message, teller] < day
        else:
            first.setdefault(message, set()).add(teller)
    for message, origin, author in result.messages[["message", "origin", "author"]].itertuples(index=False):
        assert not any((message, teller) in heard for teller in first.get(message, ()))
        if str(origin) in ("scandal", "staged", "false_rumour"):
            assert len(first.get(message, ())) <= 5
        else:
            assert first.get(message, {author}) == {author}


def test_without_social_mechanisms_strategies_differ_only_by_what_they_bought() -> None:
    """Whom no brand reached in either run, has the same state in both, whatever the brands did elsewhere."""
    quiet = busy(DEAF, {"events": [], "conversation": {"insight_rate": 0.0}, "co_creation": {"contribution": 0.0}, "run": {"days": 15}})
    silent = quiet | {"brands": [brand | {"strategy": SILENT} for brand in quiet["brands"]]}
    states = []
    for table in (quiet, silent):
        model = WordOfMouthModel(scenario(table), rng=3)
        for _ in range(15):
            model.step()
        states.append(model.market.state)
    ever = states[0].invitations.any(axis=1) | states[0].reached.any(axis=1) | (states[0].consent > 0).any(axis=1)
    assert not states[1].reached.any()
    assert 0 < ever.sum() < len(ever)
    for name in ("awareness", "trust", "expectation", "irritation", "loyalty", "satisfaction", "purchases", "consent", "blocked"):
        np.testing.assert_array_equal(getattr(states[0], name)[~ever], getattr(states[1], name)[~ever], err_msg=name)


def test_without_social_mechanisms_the_graph_is_immaterial() -> None:
    quiet = [DEAF, {"events": []}]
    one, other = run(*quiet, {"network": {"kind": "ring"}}), run(*quiet, ALONE)
    assert other.daily.resonance.isna().all(), "nobody is heard by anybody"
    del one.daily["resonance"], other.daily["resonance"]
    assert_same(one, other)


def test_without_ties_a_false_claim_harms_only_those_who_bought() -> None:
    states = []
    for promise in (0.7, 1.0):
        claim = brands(promise=promise, strategy=BUSY["brands"][0]["strategy"])
        model = WordOfMouthModel(scenario(busy(ALONE, {"events": []}, claim)), rng=2)
        for _ in range(20):
            model.step()
        states.append(model.market.state)
    never = (states[0].purchases == 0) & (states[1].purchases == 0)
    assert never.any()
    np.testing.assert_array_equal(states[0].trust[never], states[1].trust[never])
    assert (states[0].expectation[never] != states[1].expectation[never]).any()
    assert (states[0].trust[~never] > states[1].trust[~never]).any()
