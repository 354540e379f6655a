"""Facts about talk: where it happens, who talks, of what, and what one word does (C4-C7, C16, C17)."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from simulator.experiments.validity.default_market import FOCAL, MUTE, SETTING, alone, market, repetitions, units
from simulator.experiments.validity.target import Check, Effort, Target, over_seeds, sign

Figures = dict[str, float]


def _talk(effort: Effort) -> list[Figures]:
    """What the default market says, per seed."""
    rows = []
    for seed in repetitions(effort):
        run = market(effort, seed)
        sums, tellings, n = run.daily.sum(numeric_only=True), run.tellings, run.consumers
        told = sums["tellings_positive"] + sums["tellings_negative"]
        by_talker = np.sort(np.bincount(tellings["teller"], minlength=n))[::-1]
        rows.append({
            "talks online": sums["talks_online"] / (sums["talks_online"] + sums["talks_offline"]),
            "tellings online": float(tellings["online"].mean()),
            "public praise": sums["mentions_positive"] / (sums["mentions_positive"] + sums["mentions_negative"]),
            "weekly": told / n / (run.days / 7.0),
            "negative": sums["tellings_negative"] / told,
            "top": by_talker[: round(0.15 * n)].sum() / by_talker.sum(),
        })  # fmt: skip
    return rows


def column(rows: list[Figures], name: str) -> list[float]:
    """One figure of each row."""
    return [float(row[name]) for row in rows]


def online_share(effort: Effort) -> list[Check]:
    """C4."""
    rows = _talk(effort)
    return [
        over_seeds("online share of talks", column(rows, "talks online"), 0.08, 0.10, 0.08),
        over_seeds("online share of tellings, per online share of talks", [
            row["tellings online"] / row["talks online"] for row in rows
        ], 1.0),
    ]  # fmt: skip


def volume_and_valence(effort: Effort) -> list[Check]:
    """C16."""
    rows = _talk(effort)
    return [
        over_seeds("tellings heard per consumer and week, one category", column(rows, "weekly"), 0.2, 5.0),
        over_seeds("negative among tellings", column(rows, "negative"), 0.05, 0.20, 0.10),
        over_seeds("positive among tellings", [1.0 - row["negative"] for row in rows], 0.5, 1.0, 0.62),
    ]


def top_talkers(effort: Effort) -> list[Check]:
    """C17."""
    return [over_seeds("tellings by the top 15% of talkers", column(_talk(effort), "top"), 0.28, 0.45, 1 / 3)]


# -- C5: who talks after which experience --------------------------------------------------------------------------------

EXPERIENCES = {"full disappointment": (1.0, 0.0), "as expected": (0.7, 0.7), "full delight": (0.0, 1.0)}
"""What is expected (reputation on day 0) and what is delivered."""


def messages_per_purchase(effort: Effort, seed: int, expected: float, quality: float) -> float:
    """Messages that one experience starts, on the first day of a brand alone, all else that makes people talk switched off."""
    changes: dict[str, Any] = alone({"quality": quality, "promise": quality, "budget_per_day": 0.0, "start": {
        "awareness": 1.0, "penetration": 0.0, "reputation": expected, "loyalty": 0.0
    }}) | {  # fmt: skip
        "run.days": 1, "purchase.outside": -5.0, "population.purchase_rate": 1.0, "population.needs_spread": 0.0,
        "population.needs_within": 0.0, "experience.noise": 0.0, "word_of_mouth.standing": 0.0, "word_of_mouth.hearsay": 0.0,
        "word_of_mouth.annoyance": 0.0, "population.represents": None,
    }  # fmt: skip
    run = market(effort, seed, changes)
    return len(run.messages) / units(run)


def talk_by_satisfaction(effort: Effort) -> list[Check]:
    """C5."""
    seeds = repetitions(effort)
    rates = {name: [messages_per_purchase(effort, seed, *case) for seed in seeds] for name, case in EXPERIENCES.items()}
    bad, same, good = rates.values()
    shown = [over_seeds(f"messages per purchase, {name}", values, 0.0, 1.0) for name, values in rates.items()]
    return [
        *shown,
        over_seeds("disappointed per delighted", [b / g for b, g in zip(bad, good, strict=True)], 1.0, 3.0),
        sign("messages per purchase, delighted less unmoved", [g - s for g, s in zip(good, same, strict=True)]),
    ]


# -- C6: one word about an unknown product ---------------------------------------------------------------------------------


def one_word(effort: Effort, seed: int, valence: int) -> tuple[float, float]:
    """What a word by 30% of consumers changes about a brand nobody has an opinion of: mean trust after a week, units in 8 weeks."""
    fresh = {"run.days": 56, "brands.Aurora.start": {"awareness": 0.5, "reputation": 0.5}}
    word = {"day": 0, "brand": FOCAL, "kind": "staged_messages", "consumers": {"share": 0.3}, "valence": valence, "arousal": 0.5}
    runs = [market(effort, seed, fresh | {"events": events}) for events in ([word], [])]
    week = [run.daily[(run.daily["brand"] == FOCAL) & (run.daily["day"] == 6)]["trust"].iloc[0] for run in runs]
    return float(week[0] - week[1]), units(runs[0], FOCAL) - units(runs[1], FOCAL)


def bad_words_weigh_more(effort: Effort) -> list[Check]:
    """C6."""
    seeds = repetitions(effort)
    praise, blame = ([one_word(effort, seed, valence) for seed in seeds] for valence in (1, -1))
    trust, sales = ([-(bad[place] + good[place]) for good, bad in zip(praise, blame, strict=True)] for place in (0, 1))
    return [
        sign("mean trust won by a word of praise", [good for good, _ in praise]),
        sign("mean trust lost by a word of blame, more than is won by praise", trust),
        sign("units lost by a word of blame, more than are won by praise", sales),
        over_seeds("praise among public mentions, default market", column(_talk(effort), "public praise"), 0.5, 1.0),
    ]


# -- C7: trust is lost faster than won ---------------------------------------------------------------------------------------


def path_of_trust(valence: int, start: float, negativity: float) -> list[float]:
    """Trust of one hearer, told by one teller once a day for 120 days; the first is that before any word."""
    days = 120
    told = [
        {"day": day, "brand": FOCAL, "kind": "staged_messages", "consumers": [0], "valence": valence, "arousal": 0.5} for day in range(days)
    ]
    changes: dict[str, Any] = {
        **MUTE, **alone({"budget_per_day": 0.0, "start": {"awareness": 1.0, "reputation": start}}), "events": told, "run.days": days,
        "population.size": 2, "population.represents": None, "population.purchase_rate": 0.0, "network.kind": "complete",
        "word_of_mouth.online": 0.0, "word_of_mouth.hot": 0.0, "word_of_mouth.attention_days": 1, "word_of_mouth.share": 0.0,
        "word_of_mouth.negativity": negativity, "forgetting.trust": math.inf,
    }  # fmt: skip
    run = market(Effort(quick=True), 1, changes)
    mean = run.daily["trust"].to_numpy(np.float64)
    return [start, *(2.0 * mean - start).tolist()]  # the teller's own trust stays


def days_until(path: list[float], level: float) -> int:
    """Words until trust has crossed a level."""
    below = path[0] < level
    return next((day for day, trust in enumerate(path) if (trust >= level) == below), len(path))


def trust_is_fragile(_: Effort) -> list[Check]:
    """C7."""
    lost, won = days_until(path_of_trust(-1, 0.8, 2.0), 0.4), days_until(path_of_trust(1, 0.4, 2.0), 0.8)
    down, up = path_of_trust(-1, 0.8, 1.0), path_of_trust(1, 0.2, 1.0)
    mirror = max(abs(one + other - 1.0) for one, other in zip(down, up, strict=True))
    return [
        Check("words to lose half of a trust of .8", None, lost, 0.0, 1, 60, "words"),
        Check("words to win it back, per word that lost it", None, won / lost, 0.0, 1.0 + 1e-9, math.inf),
        Check("negativity 1: largest distance from the mirrored path", 0.0, mirror, 0.0, 0.0, 1e-6),
        Check("lost by the first bad word, per trust won by the first good one, from .5", None, _first_words(), 0.0, 1.0 + 1e-9, math.inf),
    ]


def _first_words() -> float:
    """Trust lost by one bad word as a multiple of that won by one good one, from neutral trust."""
    steps = [next(abs(after - before) for before, after in pairwise(path_of_trust(valence, 0.5, 2.0))) for valence in (-1, 1)]
    return steps[0] / steps[1]


TARGETS = (
    Target(
        "C4",
        "Brands are talked about offline: more than 90% of conversations; the public minority reaches more people per talk",
        "Keller Fay TalkTrack 2006; Face-to-Face Book 2012",
        SETTING,
        "online share of talks .08-.10 (range given by the source); online share of tellings above it (sign)",
        online_share,
    ),
    Target(
        "C5",
        "Talk is an asymmetric U in satisfaction: the disappointed talk most, the unmoved least",
        "Anderson 1998, J Serv Res 1:5-17",
        "one brand alone, one day; expectation and quality set to full disappointment, no surprise, full delight; only "
        "experiences start talk",
        "order (the last by more than two standard errors); disappointed per delighted between 1 and 3, less than folklore says",
        talk_by_satisfaction,
    ),
    Target(
        "C6",
        "For a product nobody knows, a bad word hurts more than a good one helps; still most of what is public is praise",
        "Chevalier and Mayzlin 2006, JMR 43:345-354",
        "Aurora without customers, neutral reputation; 30% of consumers tell one word of praise, of blame, or none (paired runs)",
        "signs, by more than two standard errors; praise above half of public mentions",
        bad_words_weigh_more,
        "Sales are a difference of two small differences: where only they fail, the luck of single purchases is larger than they are.",
        revised="at first 10% were told one word: the difference in units was 6,222 +- 7,500, a sign without weight. With 30% the "
        "sign must hold beyond two standard errors.",
    ),
    Target(
        "C7",
        "Trust is easier lost than won; the symmetric case exists",
        "Slovic 1993, Risk Analysis 13:675-682",
        "two consumers; one tells the other one calm word a day, nothing else happens; down from .8 to .4 and back; then negativity 1",
        "more words to win back than to lose (order); with negativity 1 the paths from .8 down and from .2 up mirror each other to 1e-6",
        trust_is_fragile,
    ),
    Target(
        "C16",
        "People hear a few words a week about brands of a category; few of them negative",
        "Keller Fay TalkTrack 2006: 56 mentions a week over all categories, 62% positive, fewer than 10% negative",
        SETTING,
        "ranges: .2-5 tellings per consumer and week, 5-20% negative, more than half positive",
        volume_and_valence,
    ),
    Target(
        "C17",
        "A few do much of the talking: 15% of people make about a third of it",
        "Keller Fay, conversation catalysts",
        SETTING,
        "range: 28-45%",
        top_talkers,
    ),
)
