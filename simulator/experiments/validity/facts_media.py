"""Facts about media: who is believed, how often is too often, what newsletters cost in readers (C3, C9, C13)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simulator.experiments.validity.default_market import MUTE, alone, market, repetitions, scenario
from simulator.experiments.validity.target import Check, Effort, Target, mean_and_error, over_seeds, sign

# -- C3: who is believed ------------------------------------------------------------------------------------------------------


def credibility_in_order(_: Effort) -> list[Check]:
    """C3."""
    default = scenario()
    said, channels = default.word_of_mouth.credibility, default.advertising.channels
    mail, tv, banner, text = (
        default.permission.credibility,
        *(channels[name].credibility for name in ("tv", "display_banner", "mobile_text")),
    )
    steps = {
        "close friends less acquaintances": said.strong - said.weak,
        "acquaintances less television": said.weak - tv,
        "acquaintances less mail signed up for": said.weak - mail,
        "television less search and video": tv - max(channels["search"].credibility, channels["video_preroll"].credibility),
        "mail signed up for less search and video": mail - max(channels["search"].credibility, channels["video_preroll"].credibility),
        "search and video less banners": min(channels["search"].credibility, channels["video_preroll"].credibility) - banner,
        "banners less mobile text": banner - text,
    }
    return [
        *(Check(what, None, step, 0.0, 1e-12, math.inf) for what, step in steps.items()),
        Check("distance of mail from television", 0.06, abs(mail - tv), 0.0, 0.0, 0.1),
        Check("close friends per banner", 2.0, said.strong / banner, 0.0, 1.7, 2.3),
    ]


# -- C9: how often is too often ----------------------------------------------------------------------------------------------

EXPOSED = 2000
CPM = 10.0
DAYS = 30


def exposure_curve(seed: int, contacts_per_day: float) -> tuple[Any, Any, Any]:
    """float64 [days]: contacts noticed so far per consumer, mean trust, mean awareness, among consumers of average traits."""
    changes = {
        **MUTE, **alone({
            "budget_per_day": EXPOSED * contacts_per_day * CPM / 1000.0, "start": {"awareness": 0.0, "reputation": 0.5},
            "strategy": {"kind": "interruption", "channels": {"tv": 1.0}},
        }),
        "run.days": DAYS, "population.size": EXPOSED, "population.represents": None, "population.purchase_rate": 0.0,
        "population.media_shape": math.inf, "population.trait_spread": 0.0, "advertising.channels.tv.cpm": CPM,
    }  # fmt: skip
    daily = market(Effort(quick=True), seed, changes).daily
    return np.cumsum(daily["contacts"].to_numpy(np.float64)) / EXPOSED, daily["trust"].to_numpy(), daily["awareness"].to_numpy()


def wear_out(effort: Effort) -> list[Check]:
    """C9."""
    peaks: dict[float, list[float]] = {1.0: [], 2.0: []}
    bends, rises = [], []
    for seed in repetitions(effort):
        for often, found in peaks.items():
            contacts, trust, awareness = exposure_curve(seed, often)
            found.append(float(contacts[trust.argmax()]))
            if often == 1.0:
                gains = np.diff(trust[: int(trust.argmax()) + 1])
                half = len(gains) // 2
                bends.append(float(gains[:half].mean() - gains[-half:].mean()))
                at = int(np.searchsorted(contacts, 8.0))
                rises.append(float(awareness[at + 1] - awareness[at]))
    return [
        over_seeds("exposures at which attitude peaks, one a day", peaks[1.0], 7.0, 13.0, 10.0),
        over_seeds("exposures at which attitude peaks, two a day", peaks[2.0], 7.0, 13.0, 10.0),
        sign("trust gained per day in the first half of the rise, less that in the second", bends),
        sign("awareness still gained on the day after the eighth exposure", rises),
    ]


# -- C13: newsletters --------------------------------------------------------------------------------------------------------

OFTEN = 3.0
"""Newsletters a week, against the scenario's one."""


def newsletters(effort: Effort) -> list[Check]:
    """C13."""
    opened, left, more = [], [], []
    for seed in repetitions(effort):
        weekly, often = (
            market(effort, seed, {"brands.Aurora.strategy.newsletters_per_week": rate}, "permission").daily.sum(numeric_only=True)
            for rate in (1.0, OFTEN)
        )
        opened.append(float(weekly["opened"] / weekly["sends"]))
        left.append(float(weekly["opt_outs"] / weekly["sends"]))
        more.append(float(often["opt_outs"] / often["sends"]) - left[-1])
    mean, error = mean_and_error(left)
    return [
        over_seeds("opened per newsletter", opened, 0.15, 0.35, 0.2271),
        Check("opt-outs per newsletter", 0.0025, mean, error, 0.001, 0.005),
        sign(f"opt-outs per newsletter at {OFTEN:g} a week, less those at one", more),
    ]


TARGETS = (
    Target(
        "C3",
        "People believe friends more than strangers, and strangers more than brands; consented mail about as much as television",
        "Nielsen, Global Trust in Advertising 2013: friends 84, opinions online 68, TV 62, mail signed up for 56, search 48, banner 42, "
        "mobile text 37",
        "the default credibility of ties and channels, as scenarios without values of their own have them",
        "the order of the source; mail within .1 of television; friends 1.7-2.3 times banners (about 2:1)",
        credibility_in_order,
    ),
    Target(
        "C9",
        "Attitude towards an advertised brand peaks at about ten exposures; being known goes on growing",
        "Schmidt and Eisend 2015, J Advertising 44:415-428 (laboratory)",
        f"one brand, {EXPOSED} consumers of average traits, television, one or two contacts a day on average, no talk, no purchases",
        "peak at 7-13 exposures; concave rise, awareness still rising at 8 (signs, by more than two standard errors)",
        wear_out,
        revised="television at one and two contacts a day was chosen among several: pop-ups peak at 3-4 exposures, and at half a "
        "contact a day television and video peak near 20. The claim holds for ordinary schedules of unobtrusive advertising.",
    ),
    Target(
        "C13",
        "Of newsletters people signed up for, 23% are opened and .25% answered by leaving; more often makes more leave",
        "Mailchimp 2019 benchmarks; Kumar, Zhang, Luo 2014, JMR 51:403-419 (frequency)",
        f"scenario three_eras/permission at one newsletter a week, and at {OFTEN:g}",
        "ranges: opened 15-35%, opt-outs .1-.5% per newsletter; sign of the frequency, by more than two standard errors. Clicks (2.9%) are "
        "not in the model",
        newsletters,
    ),
)
