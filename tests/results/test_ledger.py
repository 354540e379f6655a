"""The ledger: chains that close, causes that did happen, and a market that does not notice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simulator import load_scenario, simulate
from simulator.model import WordOfMouthModel
from simulator.parameters import InputError
from simulator.results.ledger import CAUSES, COLUMNS, QUANTITIES
from simulator.results.run_result import RunResult
from simulator.scenario.schema import Scenario

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


def test_a_restarted_run_has_the_same_ledger(run: RunResult, scenario: Scenario) -> None:
    first = simulate(scenario.override({"record.panel": 60}), seed=2, until=25)
    pd.testing.assert_frame_equal(simulate(resume=first.checkpoint).ledger, run.ledger)


def test_a_panel_is_ids_a_number_or_a_segment(scenario: Scenario) -> None:
    named = simulate(scenario.override({"record.panel": [7, 3]}), seed=2, until=5).ledger
    assert set(named["consumer"]) == {3, 7}
    segment = scenario.population.segments[-1].name
    whole = simulate(scenario.override({"record.panel": {"segment": segment}}), seed=2, until=5)
    model = WordOfMouthModel(scenario, rng=2)
    assert set(whole.ledger["consumer"]) == {i for i in range(300) if model.consumer(i).segment == segment}
    with pytest.raises(InputError, match=r'record\.panel\.segment: unknown segment "strangers"'):
        simulate(scenario.override({"record.panel": {"segment": "strangers"}}), seed=2, until=1)
    with pytest.raises(InputError, match=r"record\.panel: the panel has consumer 300, who is not in the market"):
        simulate(scenario.override({"record.panel": [300]}), seed=2, until=1)
