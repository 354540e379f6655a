"""The ledger: chains that close, causes that did happen, and a market that does not notice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import load_scenario, simulate
from simulator.model import WordOfMouthModel
from simulator.parameters import InputError
from simulator.results.checkpoint import Checkpoint
from simulator.results.ledger import CAUSES, COLUMNS, QUANTITIES
from simulator.results.run_result import RunResult
from simulator.scenario.schema import Scenario
from simulator.world.market import Market

DAYS = 60


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    events = [{"day": 20, "brand": "Aurora", "kind": "scandal", "severity": 0.9, "tellers": {"highest_audience": 40}}]
    return load_scenario("scenarios/three_eras/mixed.toml").override({
        "population.size": 300, "run.days": DAYS, "events": events, "word_of_mouth.annoyance": 0.1, "conversation.complain": 1.0,
        "permission.opt_out_per_send": 0.05, "conversation.cost_per_conversation": 0.05,
    })  # fmt: skip


@pytest.fixture(scope="module")
def run(scenario: Scenario) -> RunResult:
    return simulate(scenario.override({"record.panel": 60}), seed=2)


def test_every_chain_closes_exactly(run: RunResult, scenario: Scenario) -> None:
    ledger = run.ledger
    assert list(ledger.columns) == list(COLUMNS)
    assert (ledger["amount"] == ledger["after"] - ledger["before"]).all()
    assert (ledger["before"] != ledger["after"]).mean() > 0.99
    for _, entries in ledger.groupby(["consumer", "brand", "quantity"]):
        assert (entries["before"].to_numpy()[1:] == entries["after"].to_numpy()[:-1]).all()


def test_every_chain_begins_with_the_first_day_and_ends_as_the_consumer_stands(scenario: Scenario) -> None:
    model = WordOfMouthModel(scenario.override({"record.panel": 60}), rng=2)
    assert model.ledger is not None
    opening = {name: getattr(model.market.state, name).astype(float).copy() for name in QUANTITIES}
    while model.running:
        model.step()
    ledger, brands = model.ledger.table(), list(model.market.names)
    assert len(model.ledger.panel) == 60
    for name in QUANTITIES:
        book = opening[name].copy()
        for entry in ledger[ledger["quantity"] == name].itertuples():
            place = entry.consumer, brands.index(str(entry.brand))
            assert book[place] == entry.before
            book[place] = entry.after
        now = getattr(model.market.state, name)
        np.testing.assert_array_equal(book[model.ledger.panel], now[model.ledger.panel].astype(float))


@pytest.mark.compiled
def test_recording_a_panel_changes_no_result(run: RunResult, scenario: Scenario) -> None:
    without = simulate(scenario, seed=2)
    for name in ("daily", "messages", "tellings", "adoptions", "spending"):
        pd.testing.assert_frame_equal(getattr(run, name), getattr(without, name))
    assert without.ledger.empty
    assert list(without.ledger.columns) == list(COLUMNS)


def test_who_is_said_to_have_told_did_tell_on_that_day(run: RunResult) -> None:
    ledger = run.ledger
    heard = ledger[ledger["cause"].isin(["praise heard", "blame heard"])]
    assert len(heard) > 100
    valence = run.messages.set_index("message")[["brand", "valence"]]
    tellings = run.tellings.join(valence, on="message")
    told = set(zip(tellings["day"], tellings["hearer"], tellings["teller"], tellings["brand"], tellings["valence"], strict=True))
    for entry in heard.itertuples():
        assert (entry.day, entry.consumer, int(str(entry.by)), entry.brand, 1 if entry.cause == "praise heard" else -1) in told


def test_blame_lowers_trust_praise_raises_it_and_both_make_known(run: RunResult) -> None:
    ledger = run.ledger
    trust, aware = (ledger[ledger["quantity"] == name] for name in ("trust", "awareness"))
    rounding = 1e-7
    assert (trust.loc[trust["cause"] == "blame heard", "amount"] < rounding).all()
    assert (trust.loc[trust["cause"] == "praise heard", "amount"] > -rounding).all()
    assert (aware.loc[aware["cause"].isin(["praise heard", "blame heard"]), "amount"] > -rounding).all()
    assert (trust.loc[trust["cause"] == "annoyance", "amount"] < 0.0).all()
    assert (trust.loc[trust["cause"] == "ad", "amount"] > -rounding).all()


def test_every_cause_is_one_that_the_day_knows(run: RunResult) -> None:
    causes = set(run.ledger["cause"])
    assert causes <= set(CAUSES)
    assert "other" not in causes
    assert {"ad", "annoyance", "newsletter", "experience", "praise heard", "blame heard", "answer", "forgetting", "reputation"} <= causes


@pytest.fixture(scope="module")
def everybody(scenario: Scenario) -> RunResult:
    return simulate(scenario.override({"record.panel": 300}), seed=2)


@pytest.mark.compiled
def test_a_book_of_everybody_closes_and_changes_no_result(everybody: RunResult, scenario: Scenario) -> None:
    ledger = everybody.ledger
    assert set(ledger["consumer"]) == set(range(300))
    follows = ledger.groupby(["consumer", "brand", "quantity"])["after"].shift()
    assert (ledger["before"].to_numpy() == follows.fillna(ledger["before"]).to_numpy()).all()
    without = simulate(scenario, seed=2)
    for name in ("daily", "messages", "tellings", "adoptions", "spending"):
        pd.testing.assert_frame_equal(getattr(everybody, name), getattr(without, name))


@pytest.mark.compiled
def test_what_is_written_of_a_consumer_does_not_depend_on_who_else_is_watched(everybody: RunResult, run: RunResult) -> None:
    few = everybody.ledger[everybody.ledger["consumer"].isin(run.ledger["consumer"].unique())]
    order = ["consumer", "day", "brand", "quantity"]
    pd.testing.assert_frame_equal(
        few.sort_values(order, kind="stable", ignore_index=True), run.ledger.sort_values(order, kind="stable", ignore_index=True)
    )


@pytest.mark.compiled
def test_the_ledger_is_the_same_on_two_threads(run: RunResult, scenario: Scenario) -> None:
    pd.testing.assert_frame_equal(simulate(scenario.override({"record.panel": 60}), seed=2, threads=2).ledger, run.ledger)


@pytest.mark.compiled
def test_a_restarted_run_has_the_same_ledger(run: RunResult, scenario: Scenario, tmp_path: Path) -> None:
    first = simulate(scenario.override({"record.panel": 60}), seed=2, until=25)
    pd.testing.assert_frame_equal(simulate(resume=first.checkpoint).ledger, run.ledger)
    first.checkpoint.save(tmp_path / "day25.npz")
    second = simulate(resume=Checkpoint.load(tmp_path / "day25.npz"), until=40)
    pd.testing.assert_frame_equal(simulate(resume=second.checkpoint).ledger, run.ledger)


def test_the_book_opens_after_the_warm_up(scenario: Scenario) -> None:
    warm = scenario.override({"run.warm_up": 10, "run.days": 5, "record.panel": 60, "events": []})
    model = WordOfMouthModel(warm, rng=2)
    assert model.ledger is not None
    assert model.market.day == 0
    assert model.ledger.table().empty
    standing = model.market.state.trust.astype(float).copy()
    while model.running:
        model.step()
    ledger = model.ledger.table()
    assert ledger["day"].min() == 0
    for (consumer, brand), entries in ledger[ledger["quantity"] == "trust"].groupby(["consumer", "brand"]):
        assert entries["before"].iloc[0] == standing[consumer, model.market.names.index(brand)]


@pytest.mark.compiled
def test_a_brand_that_is_named_did_something_on_that_day(everybody: RunResult) -> None:
    ledger, daily = everybody.ledger, everybody.daily.set_index(["day", "brand"])
    did = {"ad": "impressions", "annoyance": "contacts", "newsletter": "sends", "invitation": "invitations", "answer": "conversations",
           "accepted": "opt_ins", "experience": "units"}  # fmt: skip
    for cause, column in did.items():
        entries = ledger[ledger["cause"] == cause]
        assert len(entries), cause
        assert (entries["by"] == entries["brand"]).all()
        assert (daily.loc[list(zip(entries["day"], entries["by"], strict=True)), column] > 0).all(), cause
    nobody = ledger[ledger["cause"] == "forgetting"]
    assert (nobody["by"] == "").all()


@pytest.mark.compiled
def test_whoever_bought_for_the_first_time_has_an_experience_in_the_ledger(everybody: RunResult) -> None:
    ledger = everybody.ledger
    used = ledger.loc[ledger["cause"] == "experience", ["day", "consumer", "brand"]]
    bought = everybody.adoptions[["day", "consumer", "brand"]]
    assert set(bought.itertuples(index=False, name=None)) <= set(used.itertuples(index=False, name=None))


def test_a_change_of_a_rule_nobody_knows_is_called_other(scenario: Scenario) -> None:
    model = WordOfMouthModel(scenario.override({"record.panel": 60, "run.days": 2}), rng=2)

    def moods(market: Market) -> None:
        market.state.trust[:] *= np.float32(0.5)

    moods.__module__ = "word_of_mouth"
    model.phases["spread"].append((moods, {}))
    while model.running:
        model.step()
    assert model.ledger is not None
    ledger = model.ledger.table()
    trust = ledger[ledger["quantity"] == "trust"]
    assert (trust["cause"] == "other").sum() > 60
    for _, entries in trust.groupby(["consumer", "brand"]):
        assert (entries["before"].to_numpy()[1:] == entries["after"].to_numpy()[:-1]).all()


def test_a_ledger_that_will_not_fit_is_announced(scenario: Scenario) -> None:
    long = scenario.override({"record.panel": 300, "run.days": 10_000, "events": []})
    assert simulate(long, until=1).notices == ()
    many = long.override({"population.size": 2_000, "record.panel": 2_000})
    assert "the ledger of 2,000 consumers over 10,000 days takes about 7 GB of memory" in simulate(many, until=1).notices


@pytest.mark.parametrize("panel", [-1, 1.5, "everybody", {"segment": 3}, {"segments": "a"}, [1.5], 10**9])
def test_a_panel_that_is_none_is_refused(scenario: Scenario, panel: object) -> None:
    with pytest.raises(InputError, match=r"record\.panel"):
        scenario.override({"record.panel": panel})


def test_a_panel_is_ids_a_number_or_a_segment(scenario: Scenario) -> None:
    named = simulate(scenario.override({"record.panel": [7, 3]}), seed=2, until=5).ledger
    assert set(named["consumer"]) == {3, 7}
    segment = scenario.population.segments[-1].name
    whole = simulate(scenario.override({"record.panel": {"segment": segment}}), seed=2, until=5)
    model = WordOfMouthModel(scenario, rng=2)
    assert set(whole.ledger["consumer"]) == {i for i in range(300) if model.consumer(i).segment == segment}
    with pytest.raises(InputError, match=r'record\.panel\.segment: unknown segment "strangers"'):
        simulate(scenario.override({"record.panel": {"segment": "strangers"}}), seed=2, until=1)
    with pytest.raises(InputError, match=r"record\.panel: consumer 300 is not in the market; allowed: 0 to 299"):
        simulate(scenario.override({"record.panel": [300]}), seed=2, until=1)
