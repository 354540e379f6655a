"""Stories of blame: their trees are the log's, and a twin is the scenario that it says, simulated."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulator import Scenario, simulate
from simulator.experiments.live import Happening, LiveRun
from simulator.experiments.stories import (
    Answer,
    Blame,
    Difference,
    Silence,
    Spread,
    Story,
    answer_in,
    blame_of,
    difference,
    first_day,
    otherwise,
    played,
    story_of,
)
from simulator.results.cascades import reproduction, trees
from tests.laws.markets import BUSY, busy, scenario

SEED = 3
SPOKEN = [event for event in BUSY["events"] if event["kind"] != "falls_silent"]


@pytest.fixture(scope="module")
def market() -> Scenario:
    return scenario(busy({"events": SPOKEN}))


@pytest.fixture(scope="module")
def over(market: Scenario) -> LiveRun:
    live = LiveRun(market, SEED)
    live.go_to(live.days)
    return live


@pytest.fixture(scope="module")
def blame(over: LiveRun) -> Blame:
    return blame_of(over)


@pytest.fixture(scope="module")
def scandal(blame: Blame) -> Story:
    """That of Aurora."""
    own = blame.messages[(blame.messages["origin"] == "scandal") & (blame.messages["brand"] == "Aurora")]
    story = story_of(blame, int(own["key"].iloc[0]))
    assert story is not None and len(story.heard) > 40
    return story


def twin_of(over: LiveRun, blame: Blame, story: Story, change: Silence | Answer) -> Difference:
    fork = over.fork()
    called = blame.called(change.consumer) if isinstance(change, Silence) else ""
    assert list(played(fork, change, called, blame.day, 4))[-1] == blame.day
    return difference(change, blame, blame_of(fork), story)


def test_blame_is_what_the_tables_of_the_run_say(over: LiveRun, blame: Blame) -> None:
    run = over.result()
    bad = run.messages[run.messages["valence"] < 0]
    assert blame.messages["message"].tolist() == bad["message"].tolist()
    for name in ("brand", "origin", "day", "hearers", "depth", "author"):
        assert blame.messages[name].tolist() == bad[name].tolist()
    told = run.tellings[run.tellings["message"].isin(bad["message"])]
    for name in ("message", "day", "teller", "hearer"):
        assert blame.tellings[name].tolist() == told[name].tolist()
    assert blame.episodes.equals(run.episodes)
    heard = blame.heard_blame("Boreal")
    of_boreal = told[told["message"].isin(bad.loc[bad["brand"] == "Boreal", "message"])]
    assert set(np.flatnonzero(heard)) == set(of_boreal["hearer"])


def test_the_tree_of_every_story_amounts_to_what_the_run_measured(blame: Blame) -> None:
    assert len(blame.largest) == 12
    for row in blame.largest.to_dict("records"):
        story = story_of(blame, int(row["key"]))
        assert story is not None
        assert len(story.heard) == len(set(story.heard.tolist())) == row["hearers"] == story.told.sum()
        assert (story.depth, story.brand, story.began) == (row["depth"], row["brand"], row["day"])
        assert story.carried[story.parent < 0].sum() == row["hearers"]
        assert (story.carried >= story.told).all()
        assert story.by_day(blame.day)[-1] == row["hearers"] and (np.diff(story.by_day(blame.day)) >= 0).all()
        assert sum(told for _ring, _people, told in story.by_generation()) == row["hearers"]


def test_the_largest_stories_come_first_and_those_of_events_are_among_them(blame: Blame) -> None:
    heard = blame.largest["hearers"].tolist()
    assert heard == sorted(heard, reverse=True) and heard[0] == blame.messages["hearers"].max()


def test_the_reproduction_number_is_that_of_early_generations(blame: Blame, scandal: Story) -> None:
    own = blame.messages[blame.messages["message"] == scandal.message]
    by = reproduction(trees(own, blame.tellings)).set_index("generation").loc[1:3]
    assert scandal.spread.number == pytest.approx(by["children"].sum() / by["consumers"].sum())
    assert scandal.spread.hearers == by["consumers"].sum()


@pytest.mark.parametrize(
    ("spread", "verdict"),
    [
        (Spread(1.5, 0.1, 50), "grows"), (Spread(0.5, 0.1, 50), "dies"), (Spread(1.1, 0.1, 50), "open"),
        (Spread(math.nan, math.nan, 0), "open"), (Spread(0.0, math.nan, 1), "open"),
    ],
)  # fmt: skip
def test_near_one_a_run_cannot_tell(spread: Spread, verdict: str) -> None:
    assert spread.verdict == verdict


def test_half_is_told_by_the_fewest(scandal: Story) -> None:
    few = scandal.tellers_of(0.5)
    most = np.sort(scandal.told)[::-1]
    assert most[:few].sum() >= len(scandal.heard) / 2 > most[: few - 1].sum()
    assert (np.diff(scandal.told[scandal.spreaders(5)]) <= 0).all() and (np.diff(scandal.carried[scandal.top(5)]) <= 0).all()


def test_a_twin_without_a_teller_is_the_scenario_in_which_she_falls_silent(
    market: Scenario, over: LiveRun, blame: Blame, scandal: Story
) -> None:
    entry = int(scandal.top(1)[0])
    change = Silence("Aurora", int(scandal.day[entry]), int(scandal.consumer[entry]))
    twin = twin_of(over, blame, scandal, change)
    event = {"kind": "falls_silent", "day": change.day, "brand": "Aurora", "consumers": [change.consumer]}
    again = simulate(market.override({"events": [*market.to_dict()["events"], event]}), seed=SEED)
    own = again.messages.loc[again.messages["key"] == np.uint64(scandal.key), "message"]
    heard = set(again.tellings.loc[again.tellings["message"].isin(own), "hearer"])
    assert set(twin.spared) == set(scandal.heard) - heard and set(twin.reached_instead) == heard - set(scandal.heard)
    assert twin.heard == (len(scandal.heard), len(heard)) and len(twin.spared) > 0
    daily = again.daily[again.daily["brand"] == "Aurora"]
    assert twin.trust[1] == daily["trust"].iloc[-1] and twin.units[1] == daily["units"].sum()
    assert twin.twin is not None
    assert twin.twin.told[twin.twin.consumer == change.consumer].sum() == 0, "she told nobody"


def test_nobody_who_never_told_anything_is_missed(over: LiveRun, blame: Blame, scandal: Story) -> None:
    authors = set(blame.messages["author"])
    tellers = set(over.result().tellings["teller"]) | set(over.result().messages["author"])
    quiet = [int(c) for c in scandal.heard if int(c) not in tellers | authors]
    change = Silence("Aurora", blame.day - 1, quiet[-1])
    twin = twin_of(over, blame, scandal, change)
    assert len(twin.spared) == len(twin.reached_instead) == 0
    assert twin.heard[0] == twin.heard[1] and twin.units[0] == twin.units[1] and twin.trust[0] == twin.trust[1]


def test_an_answer_takes_the_place_of_the_first_one_and_the_others_stay(
    market: Scenario, over: LiveRun, blame: Blame, scandal: Story
) -> None:
    assert answer_in(market, "Aurora", scandal.began) == (7, "denial") and answer_in(market, "Aurora", 15) is None
    change = Answer("Aurora", 8, "apology", scandal.began)
    changed = market.override(otherwise(market, change))
    given = [(event.day, event.answer) for event in changed.events if event.kind == "response" and event.brand == "Aurora"]
    assert sorted(given) == [(8, "apology"), (14, "apology")]
    assert first_day(market, change) == 7, "the worlds part where the old answer is no longer given"
    twin = twin_of(over, blame, scandal, change)
    again = simulate(changed, seed=SEED)
    own = again.messages.loc[again.messages["key"] == np.uint64(scandal.key), "message"]
    assert twin.heard[1] == again.tellings["message"].isin(own).sum()


def test_what_was_done_later_in_the_live_run_stays_in_the_twin(market: Scenario) -> None:
    live = LiveRun(market, SEED)
    live.go_to(12)
    live.intervene(Happening("response", "Boreal", {"answer": "empathy"}))
    live.go_to(15)
    blame = blame_of(live)
    story = story_of(blame, int(blame.messages.loc[blame.messages["origin"] == "scandal", "key"].iloc[0]))
    assert story is not None
    twin = live.fork()
    list(played(twin, Silence(story.brand, 8, 17), 17, blame.day, 4))
    assert [event.day for event in twin.scenario.events if event.kind == "response" and event.brand == "Boreal"] == [9, 12]
    assert twin.day == 15 and live.scenario != twin.scenario


def test_a_story_whose_author_keeps_it_to_herself_is_never_told(over: LiveRun, blame: Blame) -> None:
    own = blame.largest[blame.largest["author"] >= 0].iloc[0]
    story = story_of(blame, int(own["key"]))
    assert story is not None and not story.event
    twin = twin_of(over, blame, story, Silence(story.brand, story.began, story.author))
    assert twin.twin is None and twin.heard == (len(story.heard), 0) and set(twin.spared) == set(story.heard)


def test_an_unknown_key_has_no_story(blame: Blame) -> None:
    assert story_of(blame, 12345) is None


def test_before_the_first_day_there_is_nothing(market: Scenario) -> None:
    nothing: Any = blame_of(LiveRun(market, SEED))
    assert len(nothing.messages) == len(nothing.largest) == len(nothing.episodes) == 0
    assert math.isnan(nothing.latest("Aurora", "trust")) and not nothing.heard_blame("Aurora").any()
