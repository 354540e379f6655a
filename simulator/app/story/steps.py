"""The seven steps: what each asks, which markets it compares, and by which rule it is judged. No step knows how it will end.

A step compares two or three variants of one small market in the same twenty worlds (the seeds 1 to 20): in a world all variants have the
same consumers, ties and luck. The rule of a step says of each world which answer holds there. An answer is said to be right where the
95% interval of its share of worlds lies above one half; where no answer does, the step says that it cannot tell.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.language import N_
from simulator.results.kpis import KPIS
from simulator.scenario.bundled import bundled
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario
from simulator.world.state import F64

SEEDS = tuple(range(1, 21))
"""Of the twenty worlds."""

SIZE, DAYS = 800, 84
"""Consumers and days of each world."""

SAME = "same"
"""The answer that there is no difference worth speaking of."""

TRIED_MORE = 0.01
"""Part by which more people must have tried a product (assumption: the smallest difference of new customers that comparisons speak of)."""

AURORA = "brands.Aurora"


@dataclass(frozen=True)
class Variant:
    """One way the market may be: label and description for the room, and what it changes in the step's scenario, as dotted overrides."""

    name: str
    label: str
    means: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    scenario: str = ""  # instead of the step's


@dataclass(frozen=True)
class Chart:
    """A column of the daily table that the twenty worlds show as curves. since: the day before which it says little."""

    column: str
    label: str
    percent: bool = True
    since: int = 0


@dataclass(frozen=True)
class Figure:
    """A figure at the end of the run that helps to understand it.

    form: percent | percent1 (with a decimal) | level | weekly (per 100 consumers and week) | people | thousands
    """

    column: str
    label: str
    form: str = "percent"


Rule = Callable[[list[str], F64], list[str]]
"""(names of the variants, values at the end [charts, variants, worlds]) -> the answer that holds in each world."""


@dataclass(frozen=True)
class Step:
    """A screen of the session.

    answers   by name, what the room can predict; all that the rule can find
    contrast  the variants between which trust is explained: the first minus the second; the world drawn is the middle one by them
    view      by what the consumers of that world are coloured (`scene.VIEWS`)
    debrief   a question for the discussion
    """

    name: str
    title: str
    question: str
    setting: str
    scenario: str
    variants: tuple[Variant, ...]
    charts: tuple[Chart, ...]
    answers: Mapping[str, str]
    said_rule: str
    rule: Rule
    contrast: tuple[str, str]
    figures: tuple[Figure, ...]
    debrief: str
    view: str = "trust"
    common: Mapping[str, Any] = field(default_factory=dict)
    optional: bool = False
    minutes: int = 5

    def scenarios(self) -> tuple[Scenario, ...]:
        """Of the variants, in their order."""
        return tuple(_scenario(self.name, variant.name) for variant in self.variants)

    def variant(self, name: str) -> int:
        """The place of a variant."""
        return [variant.name for variant in self.variants].index(name)


@functools.lru_cache(maxsize=64)
def _scenario(step: str, variant: str) -> Scenario:
    found = STEPS[step]
    chosen = found.variants[found.variant(variant)]
    return small(chosen.scenario or found.scenario, {**found.common, **chosen.changes})


def small(scenario: str, changes: Mapping[str, Any]) -> Scenario:
    """A bundled scenario as a small world with some changes."""
    size = {"population.size": SIZE, "run.days": DAYS}
    return load_scenario(bundled(f"{scenario}.toml")).override(size | dict(changes))


# -- rules -------------------------------------------------------------------------------------------------------------


def highest(names: list[str], ends: F64, least: float) -> list[str]:
    """In each world the variant that ends highest in the first chart; `SAME` where it leads the next one by less than `least`."""
    found = []
    for world in ends[0].T:
        order = world.argsort()
        found.append(names[order[-1]] if world[order[-1]] - world[order[-2]] >= least else SAME)
    return found


def lowest(names: list[str], ends: F64, least: float) -> list[str]:
    """In each world the variant that ends lowest in the first chart; `SAME` where it is below the next one by less than `least`."""
    return highest(names, -ends, least)


def trial_and_trust(names: list[str], ends: F64) -> list[str]:
    """What the second variant has more of than the first: trials (first chart), lost trust (second chart)."""
    (honest, bold), (before, after) = ends[0], ends[1]
    more, less = bold - honest >= TRIED_MORE * honest, before - after >= KPIS["trust_aware"].smallest_difference
    words = {(True, True): "both", (True, False): "gain", (False, True): "loss", (False, False): SAME}
    return [words[bool(m), bool(lost)] for m, lost in zip(more, less, strict=True)]


def keeps_up(names: list[str], ends: F64) -> list[str]:
    """Which of the small brands (second and third variant) are not behind the big one (first) by a difference worth speaking of."""
    least = KPIS["share"].smallest_difference
    ads, talk = (ends[0][0] - ends[0][small] < least for small in (1, 2))
    words = {(True, True): "both", (True, False): "ads", (False, True): "talk", (False, False): "none"}
    return [words[bool(a), bool(t)] for a, t in zip(ads, talk, strict=True)]


def more_or_less(names: list[str], ends: F64) -> list[str]:
    """Whether the second variant ends above the first one in the first chart."""
    least, moved = KPIS["share"].smallest_difference, ends[0][1] - ends[0][0]
    return ["more" if each >= least else "less" if each <= -least else SAME for each in moved]


_SHARE, _TRUST = KPIS["share"].smallest_difference, KPIS["trust_aware"].smallest_difference

SHARE = Chart("share", N_("Market share of Aurora, units of the last 28 days"), since=14)
TRUST = Chart("trust_aware", N_("Trust in Aurora of those who know it, 0 to 1"), percent=False)
TRIED = Chart("penetration", N_("Consumers who have bought Aurora at least once"))
STORY = Chart("largest_negative_cascade", N_("Consumers in the largest tree of one bad story about Aurora"))

KNOWN = Figure("aided_awareness", N_("Consumers who know Aurora"))
IRRITATION = Figure("irritation", N_("Irritation with Aurora (mean)"), "level")
TRUSTED = Figure("trust_aware", N_("Trust of those who know Aurora"), "level")
SHARED = Figure("share", N_("Market share of Aurora"), "percent1")
WARNINGS = Figure("tellings_negative", N_("Warnings heard about Aurora, a week per 100 consumers"), "weekly")
PRAISES = Figure("tellings_positive", N_("Praise heard about Aurora, a week per 100 consumers"), "weekly")
OPT_OUTS = Figure("opt_outs", N_("People who left Aurora's list"), "people")
MEMBERS = Figure("list_size", N_("People on Aurora's list"), "people")
UNANSWERED = Figure("unanswered", N_("Messages to Aurora left unanswered"), "people")
PROFIT = Figure("profit", N_("Profit of Aurora after 12 weeks, thousand EUR"), "thousands")

_IMPATIENT, _PATIENT = "examples/interaction_wins/interruption", "three_eras/interruption"
_RULE_OF_SHARE = N_("In a world an answer holds if that variant has the highest market share on the last day, by at least 1 point.")

STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "shout", N_("Shout"),
            N_("Aurora can spend a quarter of its budget on ads, all of it, or four times as much. When does it sell most?"),
            N_("Three brands, one everyday product. Aurora buys television, pre-rolls and pop-ups; the others do as always."),
            _PATIENT,
            (
                Variant("quarter", N_("Whispers"), N_("a quarter of the budget, EUR 800 a day"), {f"{AURORA}.budget_per_day": 800.0}),
                Variant("whole", N_("Speaks"), N_("the whole budget, EUR 3,200 a day"), {f"{AURORA}.budget_per_day": 3200.0}),
                Variant("four", N_("Shouts"), N_("four times the budget, EUR 12,800 a day"), {f"{AURORA}.budget_per_day": 12800.0}),
            ),
            (SHARE,),
            {"quarter": N_("When it whispers"), "whole": N_("When it speaks"), "four": N_("When it shouts"),
             SAME: N_("It makes no difference")},
            _RULE_OF_SHARE, functools.partial(highest, least=_SHARE), ("four", "whole"), (KNOWN, IRRITATION, WARNINGS),
            N_("Where in your own plan would one more euro make things worse, and what would show it first?"), "trust",
        ),
        Step(
            "ask_first", N_("Ask first"),
            N_("The same money among people who are quickly annoyed: does Aurora sell more if it asks before it speaks?"),
            N_("Consumers put up with little advertising and hold it against the brand. Both ways cost EUR 480 a day."),
            _IMPATIENT,
            (
                Variant("interrupts", N_("Interrupts"), N_("television, pre-rolls and pop-ups, wished for or not")),
                Variant(
                    "asks", N_("Asks first"), N_("ads that invite to a list; a newsletter a week to those who agree"),
                    {f"{AURORA}.strategy": {
                        "kind": "permission", "newsletters_per_week": 1.0, "recruit_share": 0.85,
                        "recruit_channels": {"search": 0.2, "display_banner": 0.4, "sponsored_post": 0.4},
                    }},
                ),
            ),
            (SHARE,),
            {"interrupts": N_("More if it interrupts"), "asks": N_("More if it asks first"), SAME: N_("It makes no difference")},
            _RULE_OF_SHARE, functools.partial(highest, least=_SHARE), ("asks", "interrupts"), (MEMBERS, OPT_OUTS, IRRITATION),
            N_("What do you ask for today without having been invited? What would people have to get for saying yes?"), "trust",
        ),
        Step(
            "listen", N_("Listen"),
            N_("Aurora's product is mediocre. What wins back trust: answering people, or mending what they complain about?"),
            N_("The same budget: mild ads alone, ads and answers, or ads, answers and a team that mends the service and takes ideas."),
            "three_eras/interaction",
            (
                Variant("talks", N_("Only talks"), N_("mild ads only; nobody listens"), {
                    f"{AURORA}.strategy.listening": 0.0, f"{AURORA}.strategy.effort": 0.0, f"{AURORA}.strategy.fix": 0.0,
                    f"{AURORA}.strategy.integrate": 0.0, f"{AURORA}.strategy.platform": False,
                }),
                Variant("answers", N_("Also answers"), N_("listens and answers, but changes nothing"), {
                    f"{AURORA}.strategy.fix": 0.0, f"{AURORA}.strategy.integrate": 0.0, f"{AURORA}.strategy.platform": False,
                }),
                Variant("mends", N_("Also mends"), N_("listens, answers, mends the service, runs a platform for ideas"),
                        {f"{AURORA}.strategy.fix": 0.03}),
            ),
            (TRUST,),
            {"talks": N_("Neither: only talking"), "answers": N_("Answering"), "mends": N_("Mending"),
             SAME: N_("No difference worth speaking of")},
            N_("In a world an answer holds if that variant has the most trust on the last day, by at least 0.01."),
            functools.partial(highest, least=_TRUST), ("mends", "answers"), (UNANSWERED, WARNINGS, SHARED),
            N_("Which complaint do you answer every week without ever removing its cause?"), "trust",
            common={f"{AURORA}.quality": 0.55},
        ),
        Step(
            "one_bad_day", N_("One bad day"),
            N_("An avoidable fault of Aurora comes out on day 28. Which answer keeps the story smallest?"),
            N_("The fault is true. Aurora answers as soon as it knows, or never. What it spends otherwise is the same."),
            "bad_buzz/six_responses/silence",
            (
                Variant("silence", N_("Silence"), N_("says nothing")),
                Variant("apology", N_("Apology"), N_("it was our fault, and we mend it"), scenario="bad_buzz/six_responses/apology"),
                Variant("denial", N_("Denial"), N_("it is not true, says Aurora"), scenario="bad_buzz/six_responses/denial"),
            ),
            (STORY, TRUST),
            {"silence": N_("Silence"), "apology": N_("Apology"), "denial": N_("Denial"), SAME: N_("The answer makes no difference")},
            N_("In a world an answer holds if it leaves the smallest tree of one bad story on the last day, by at least 1 point."),
            functools.partial(lowest, least=0.01), ("apology", "silence"), (WARNINGS, TRUSTED, SHARED),
            N_("Who in your house may answer on the first day, and what would they be allowed to say?"), "trust",
        ),
        Step(
            "claim", N_("The claim"),
            N_("Aurora launches a product of level 0.60. Its ads may say so, or claim 0.95. What does the claim bring?"),
            N_("A newcomer that one consumer in twenty knows, with a large budget, against one rival that is honest."),
            "bad_buzz/false_claim/connected",
            (
                Variant("honest", N_("Honest"), N_("the ads promise what is delivered: 0.60"), {f"{AURORA}.promise": 0.6}),
                Variant("bold", N_("Boasts"), N_("the ads promise 0.95"), {f"{AURORA}.promise": 0.95}),
            ),
            (TRIED, TRUST),
            {"gain": N_("More people try it, trust as before"), "both": N_("More try it, but it is trusted less"),
             "loss": N_("No more try it, and it is trusted less"), SAME: N_("Neither")},
            N_("In a world: more try it if at least 1% more consumers have bought once by the last day; less trust: at least 0.01 less."),
            trial_and_trust, ("bold", "honest"), (WARNINGS, PRAISES, SHARED),
            N_("Which of your claims would survive a thousand customers who compare it with their own experience?"), "trust",
            common={
                f"{AURORA}.start": {"awareness": 0.05, "penetration": 0.0, "loyalty": 0.45, "reputation": 0.6},
                f"{AURORA}.budget_per_day": 9600.0,
            },
        ),
        Step(
            "small_big", N_("Small against big"), N_("Aurora has a quarter of its rivals’ money. Can it sell as much as with the same?"),
            N_("Consumers put up with little advertising. The big Aurora has EUR 480 a day, the small one EUR 120."),
            _IMPATIENT,
            (
                Variant("big", N_("Big, ads"), N_("EUR 480 a day of television, pre-rolls and pop-ups")),
                Variant("small_ads", N_("Small, ads"), N_("EUR 120 a day of the same"), {f"{AURORA}.budget_per_day": 120.0}),
                Variant("small_talk", N_("Small, talk"), N_("EUR 120 a day: listens, answers, mends, mild ads"),
                        {f"{AURORA}.budget_per_day": 120.0}, "examples/interaction_wins/interaction"),
            ),
            (SHARE,),
            {"none": N_("No, it falls behind either way"), "ads": N_("Yes, but only with ads"), "talk": N_("Yes, but only if it converses"),
             "both": N_("Yes, either way")},
            N_("In a world the small one keeps up if its market share on the last day is less than 1 point below that of the big one."),
            keeps_up, ("small_ads", "big"), (KNOWN, IRRITATION, PROFIT),
            N_("What could a quarter of your budget do as well as all of it, and what could it not?"), "trust", optional=True,
        ),
        Step(
            "your_turn", N_("Your turn"), N_("Make a plan for Aurora. Will it sell more than the plan it has?"),
            N_("Three brands, one everyday product. The plan that Aurora has: EUR 3,200 a day of television, pre-rolls and pop-ups."),
            _PATIENT,
            (Variant("now", N_("The old plan"), N_("ads for EUR 3,200 a day, an honest promise")), Variant("plan", N_("Your plan"), "")),
            (SHARE,),
            {"more": N_("It sells more"), SAME: N_("No difference worth speaking of"), "less": N_("It sells less")},
            N_("In a world it sells more (or less) if its market share on the last day is at least 1 point higher (or lower)."),
            more_or_less, ("plan", "now"), (KNOWN, IRRITATION, PROFIT),
            N_("What did you expect that did not come? Which mechanism had you left out?"), "trust", optional=True,
        ),
    )
}  # fmt: skip
"""In the order of the session."""

CORE = tuple(name for name, step in STEPS.items() if not step.optional)

# -- your turn ---------------------------------------------------------------------------------------------------------

TURN = "your_turn"

STRATEGIES = {"interruption": N_("Ads"), "permission": N_("Ask first"), "interaction": N_("Converse"), "silent": N_("Silence")}
BUDGETS = {"quarter": (0.25, N_("a quarter")), "whole": (1.0, N_("as now")), "four": (4.0, N_("four times"))}
PROMISES = {"modest": (0.5, N_("modest")), "honest": (0.7, N_("honest")), "bold": (0.95, N_("boastful"))}

Plan = tuple[str, str, str]
"""A key of STRATEGIES, of BUDGETS and of PROMISES."""

FIRST_PLAN: Plan = ("interaction", "whole", "honest")


def planned(plan: Plan) -> Scenario:
    """The small world in which Aurora follows a plan. Raises KeyError for a plan that is none."""
    strategy, budget, promise = plan
    if strategy not in STRATEGIES:
        raise KeyError(strategy)
    changes = {f"{AURORA}.budget_per_day": 3200.0 * BUDGETS[budget][0], f"{AURORA}.promise": PROMISES[promise][0]}
    return small(f"three_eras/{strategy}", changes)
