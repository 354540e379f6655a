"""What the scenarios of bad_buzz say, and where they stop saying it: both are measured.

Every law here has a setting in which it fails, tested beside it. The figures in the comments of the scenarios are those of
`test_the_figures_in_the_comments` (`-m long`, `-s` prints them).
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import RunResult, Scenario, compare, load_scenario, simulate
from simulator.experiments.twin import without_story

pytestmark = [pytest.mark.compiled, pytest.mark.claims]

FOLDER = Path(__file__).parents[1] / "scenarios" / "bad_buzz"
SETS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
SMALL = (("population.size", 2000), ("run.days", 91))
SEEDS = (1, 2, 3)
NO_TIES = (("network.strong", "off"), ("network.weak", "off"), ("network.follow", "off"))

Settings = tuple[tuple[str, Any], ...]


@functools.lru_cache(maxsize=256)
def scenario_of(name: str, *settings: tuple[str, Any]) -> Scenario:
    """`six_responses/denial`, smaller, shorter, with some settings changed."""
    return load_scenario(FOLDER / f"{name}.toml", dict(SMALL) | dict(settings))


@functools.lru_cache(maxsize=512)
def figures(name: str, seed: int, *settings: tuple[str, Any], twin: bool = False) -> pd.Series:
    """heard (share who heard the story), trust (at the end), units, episodes of the focal brand; `twin`: without the story."""
    scenario = scenario_of(name, *settings)
    return figures_of(simulate(without_story(scenario) if twin else scenario, seed=seed))


def figures_of(run: RunResult) -> pd.Series:
    daily = run.daily[run.daily["brand"] == run.scenario.focal]
    story = run.messages.loc[run.messages["origin"].isin(["scandal", "false_rumour"]), "message"]
    heard = run.tellings.loc[run.tellings["message"].isin(story), "hearer"].nunique() / run.consumers
    episodes = int((run.episodes["brand"] == run.scenario.focal).sum())
    return pd.Series(
        {
            "heard": heard,
            "trust": daily["trust"].iloc[-1],
            "units": daily["units"].sum(),
            "episodes": episodes,
            "days": daily["bad_buzz"].sum(),
        }
    )


def gain(name: str, over: str, figure: str, *settings: tuple[str, Any], seeds: tuple[int, ...] = SEEDS) -> np.ndarray:
    """Paired differences of a figure, one a seed."""
    return np.array([figures(name, seed, *settings)[figure] - figures(over, seed, *settings)[figure] for seed in seeds])


def lost(name: str, figure: str, *settings: tuple[str, Any], seeds: tuple[int, ...] = SEEDS) -> np.ndarray:
    """What the story took, as a share of what the run without it has, one a seed."""
    pairs = [(figures(name, seed, *settings, twin=True)[figure], figures(name, seed, *settings)[figure]) for seed in seeds]
    return np.array([(without - with_story) / without for without, with_story in pairs])


# -- the folders -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SETS)
def test_a_folder_asks_one_question_and_says_where_its_answer_holds_and_where_not(name: str) -> None:
    scenarios = [load_scenario(path) for path in sorted((FOLDER / name).glob("*.toml"))]
    assert len(scenarios) >= 2
    assert len({scenario.question for scenario in scenarios}) == 1 and scenarios[0].question.endswith("?")
    assert len({scenario.title for scenario in scenarios}) == len(scenarios)
    assert len({scenario.hash for scenario in scenarios}) == len(scenarios)
    comment = (FOLDER / name / "base" / "market.toml").read_text(encoding="utf-8").partition("\n\n")[0]
    assert "# Measured" in comment and "# Not so where" in comment


def test_there_is_a_folder_for_every_question() -> None:
    assert SETS == ["ambassadors", "annoying_campaign", "answers_in_vain", "false_claim", "fame", "fast_or_late", "six_responses"]


def test_the_six_responses_are_all_there_and_differ_in_nothing_else() -> None:
    answers = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in (FOLDER / "six_responses").glob("*.toml")}
    assert sorted(answers) == ["apology", "compensation", "denial", "empathy", "explanation", "silence"]
    for name, answer in answers.items():
        assert answer["brands"] == [{"name": "Aurora", "strategy": {"response": name}}]
        assert set(answer) == {"base", "title", "brands"}


def test_answers_in_vain_are_the_same_answers_in_the_same_market_but_for_two_values() -> None:
    for name in ("apology", "denial", "empathy", "silence"):
        useful, vain = load_scenario(FOLDER / "six_responses" / f"{name}.toml"), load_scenario(FOLDER / "answers_in_vain" / f"{name}.toml")
        assert vain.hash == useful.override({"crises.fading": 0.3, "crises.exposure": "off"}).hash


@pytest.mark.parametrize("answer", ["empathy", "apology", "denial"])
def test_an_answer_that_fades_within_hours_and_is_never_found_out_changes_next_to_nothing(answer: str) -> None:
    assert abs(gain(f"answers_in_vain/{answer}", "answers_in_vain/silence", "heard").mean()) < 0.01


# -- one scandal, six answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["empathy", "apology"])
def test_a_fast_warm_answer_shrinks_the_story_and_the_damage(answer: str) -> None:
    name, silence = f"six_responses/{answer}", "six_responses/silence"
    assert (gain(name, silence, "heard") < -0.02).all()
    assert (gain(name, silence, "trust") > 0.002).all()
    assert (gain(name, silence, "units") > 0).all()


@pytest.mark.parametrize("answer", ["explanation", "compensation"])
def test_cold_reasons_and_quick_money_feed_the_story_of_an_avoidable_fault(answer: str) -> None:
    assert gain(f"six_responses/{answer}", "six_responses/silence", "heard").mean() > 0.002


def test_denial_of_a_true_fault_backfires_most_when_it_is_exposed() -> None:
    exposed, believed = (
        gain("six_responses/denial", "six_responses/silence", "heard", *more) for more in ((), (("crises.exposure", 0.0),))
    )
    assert (exposed > 0.1).all() and (believed > 0.01).all() and (exposed > believed).all()
    assert (gain("six_responses/denial", "six_responses/silence", "units") < 0).all()


def test_denial_helps_the_victim_of_others() -> None:
    victim = (("events.0.cluster", "victim"),)
    assert gain("six_responses/denial", "six_responses/silence", "heard", *victim).mean() < -0.01
    assert gain("six_responses/apology", "six_responses/empathy", "heard", *victim).mean() > 0.01, (
        "an apology concedes what is not one's fault"
    )


@pytest.mark.parametrize(
    ("setting", "within"),
    [((("crises.fading", 0.3),), 0.01), ((("word_of_mouth.share", 0.03),), 0.012), ((("events.0.tellers", {"share": 0.3}),), 0.012)],
    ids=["fading", "share", "tellers"],
)
def test_an_answer_hardly_matters_if_it_fades_in_hours_or_the_story_dies_anyway_or_all_heard_it_at_once(
    setting: Settings, within: float
) -> None:
    at_first = abs(gain("six_responses/empathy", "six_responses/silence", "heard").mean())
    name, silence = (simulated_means(f"six_responses/{answer}", setting) for answer in ("empathy", "silence"))
    assert abs(name["heard"] - silence["heard"]) < within < at_first


def simulated_means(name: str, settings: Settings) -> pd.Series:
    """Mean figures over the seeds, also where a setting is a table."""
    scenario = load_scenario(FOLDER / f"{name}.toml", dict(SMALL) | dict(settings))
    means: pd.Series = pd.DataFrame([figures_of(simulate(scenario, seed=seed)) for seed in SEEDS]).mean()
    return means


# -- fast or late ----------------------------------------------------------------------------------------------------


def test_the_same_answer_ten_days_late_is_worth_nothing() -> None:
    fast, late = (np.abs(gain(f"fast_or_late/{when}", "fast_or_late/silence", "heard")) for when in ("fast", "late"))
    assert (fast > 0.02).all() and (late < 0.002).all()


def test_fast_is_as_vain_as_late_where_an_answer_fades_in_hours() -> None:
    assert (np.abs(gain("fast_or_late/fast", "fast_or_late/late", "heard", ("crises.fading", 0.3))) < 0.01).all()


# -- ties ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fame/famous", "fame/unknown"])
def test_without_ties_a_story_harms_nobody(name: str) -> None:
    pd.testing.assert_series_equal(figures(name, 1, *NO_TIES), figures(name, 1, *NO_TIES, twin=True))
    assert (lost(name, "trust") > 0.01).all()


def of_the_claim(public: str, figure: str, *settings: tuple[str, Any]) -> np.ndarray:
    """What claiming .95 brings Aurora against claiming what it delivers, as a share, one a seed."""
    long = (*settings, ("run.days", 119))
    honest = ("brands.Aurora.promise", 0.6)
    pairs = [[figures(f"false_claim/{public}", seed, *long, *claim)[figure] for claim in ((), (honest,))] for seed in SEEDS]
    return np.array([false / true - 1.0 for false, true in pairs])


def test_a_false_claim_pays_among_strangers_and_costs_among_people_who_talk() -> None:
    assert (of_the_claim("unconnected", "units") > 0.0).all()
    assert (of_the_claim("connected", "units") < -0.05).all()
    assert (of_the_claim("connected", "trust") < of_the_claim("unconnected", "trust")).all()


def test_it_stops_costing_where_nobody_bothers_to_refute_it() -> None:
    assert of_the_claim("connected", "units", ("word_of_mouth.refutation", 0.0)).mean() > -0.01


# -- fame ------------------------------------------------------------------------------------------------------------

REMEMBERED_AND_NOT_MINDED = (("word_of_mouth.recall", 0.2), ("word_of_mouth.strength", 0.05), ("reputation.loss", 0.0))


def test_the_same_story_costs_the_famous_more_units_and_the_unknown_a_larger_share() -> None:
    def units(name: str) -> float:
        return float(np.mean([figures(name, seed, twin=True)["units"] - figures(name, seed)["units"] for seed in SEEDS]))

    assert units("fame/famous") > units("fame/unknown") > 0
    assert lost("fame/unknown", "units").mean() > lost("fame/famous", "units").mean() > 0.02


def test_any_publicity_is_good_for_the_unknown_where_names_stick_and_blame_does_not() -> None:
    assert lost("fame/unknown", "units", *REMEMBERED_AND_NOT_MINDED).mean() < 0
    assert lost("fame/famous", "units", *REMEMBERED_AND_NOT_MINDED).mean() > 0


# -- the annoying campaign -------------------------------------------------------------------------------------------


def episodes(name: str, *settings: tuple[str, Any]) -> list[int]:
    return [int(figures(f"annoying_campaign/{name}", seed, *settings)["episodes"]) for seed in SEEDS]


def test_pop_ups_can_ignite_by_themselves_and_billboards_do_not() -> None:
    assert sum(count > 0 for count in episodes("annoying")) >= 2
    assert episodes("mild") == [0, 0, 0]
    assert (gain("annoying_campaign/annoying", "annoying_campaign/mild", "units") < 0).all()


def test_they_do_not_with_a_sixth_of_the_money_or_where_nobody_says_so() -> None:
    assert episodes("annoying", ("brands.Aurora.budget_per_day", 1600.0)) == [0, 0, 0]
    assert episodes("annoying_unspoken") == [0, 0, 0]
    assert (gain("annoying_campaign/annoying_unspoken", "annoying_campaign/mild", "units") < 0).all(), "the advertising hurts by itself"
    assert (gain("annoying_campaign/annoying", "annoying_campaign/annoying_unspoken", "units") < 0).all(), "the talk adds to it"


# -- ambassadors -----------------------------------------------------------------------------------------------------


def test_ambassadors_soften_a_rumour_a_little() -> None:
    spared = lost("ambassadors/without", "units") - lost("ambassadors/with", "units")
    assert spared.mean() > 0 and spared.max() < 0.03
    assert (gain("ambassadors/with", "ambassadors/without", "trust") > 0).all()


def test_ambassadors_who_never_speak_are_none() -> None:
    silent = ("roles.defends", 0.0)
    pd.testing.assert_series_equal(figures("ambassadors/with", 1, silent), figures("ambassadors/without", 1, silent))


# -- no gain by failing ----------------------------------------------------------------------------------------------

GENEROUS: dict[str, Any] = {
    "conversation.recovery": 1.0, "conversation.recovery_level": 0.4, "conversation.gain": 0.3, "conversation.complain": 0.5,
    "conversation.hater_below": 0.0, "conversation.cost_per_conversation": 0.5, "population.engagement": 0.8,
    "brands.Aurora.strategy.effort": 1.0,
}  # fmt: skip
"""Every setting that makes making good worth more, at the end of its plausible range or beyond."""


@pytest.mark.parametrize("severity", [0.05, 0.3])
@pytest.mark.parametrize("settings", [{}, GENEROUS], ids=["usual", "generous"])
def test_to_fail_and_then_apologise_never_sells_more(severity: float, settings: dict[str, Any]) -> None:
    failure = {"day": 28, "brand": "Aurora", "kind": "service_failure", "severity": severity, "days": 60}
    written = load_scenario(FOLDER / "six_responses" / "apology.toml", dict(SMALL) | settings).to_dict()
    scenario = load_scenario(written | {"events": [failure]})
    differences = [
        figures_of(simulate(scenario, seed))["units"] - figures_of(simulate(without_story(scenario), seed))["units"] for seed in SEEDS
    ]
    assert np.mean(differences) < 0


# -- the figures that the comments tell ------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("name", SETS)
def test_the_figures_in_the_comments(name: str, request: pytest.FixtureRequest) -> None:
    """Full size and length, twelve seeds; the signs are those of the comments."""
    scenarios = [load_scenario(path) for path in sorted((FOLDER / name).glob("*.toml"))]
    runs = compare(scenarios, replicates=12, seed=101, doubt="luck").runs
    last = runs[(runs["day"] == runs["day"].max()) & (runs["brand"] == "Aurora")]
    means = last.groupby("scenario")[["trust", "units", "share", "profit", "largest_negative_cascade", "bad_buzz_days", "episodes"]].mean()
    print(f"\n{means.to_string()}")
    check: dict[str, Callable[[pd.DataFrame], bool]] = {
        "six_responses": lambda m: list(m["trust"].sort_values().index)[0] == "denial" and m["trust"].idxmax() == "apology",
        "fast_or_late": lambda m: m.loc["fast", "trust"] > m.loc["late", "trust"] + 0.002,
        "false_claim": lambda m: m.loc["connected", "share"] < 0.4 and 0.49 < m.loc["unconnected", "share"] < 0.55,
        "fame": lambda m: m.loc["famous", "units"] > m.loc["unknown", "units"],
        "annoying_campaign": lambda m: m.loc["annoying", "episodes"] > 0.5 and m.loc["mild", "episodes"] == 0,
        "ambassadors": lambda m: m.loc["with", "trust"] > m.loc["without", "trust"],
    }
    assert check[name](means)
