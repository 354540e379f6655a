"""What happened and why, in sentences made of the numbers of the twenty worlds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from simulator.app.story.steps import BUDGETS, PROMISES, STRATEGIES, Chart, Plan, Step
from simulator.app.story.worlds import NAMES, Worlds
from simulator.experiments.ignition import Proportion, wilson
from simulator.language import _, ngettext, number, percent
from simulator.report.causes import cause_name
from simulator.world.state import F64

SPOKEN_OF = 0.001
"""What a cause must have moved mean trust by to be named (a tenth of a point of 0 to 100)."""

MOST_CAUSES = 4


class Verdict(NamedTuple):
    """In how many worlds each answer holds, and which one is right: `right` is None where that cannot be told."""

    counts: dict[str, int]
    worlds: int
    right: str | None
    share: Proportion  # of the answer that holds most often


def verdict(worlds: Worlds) -> Verdict:
    """The answer whose share of worlds has a 95% interval above one half."""
    found = worlds.outcomes()
    counts = {answer: found.count(answer) for answer in worlds.step.answers}
    best = max(counts, key=lambda answer: counts[answer])
    share = wilson(counts[best], len(found))
    return Verdict(counts, len(found), best if share.low > 0.5 else None, share)


def headline(step: Step, found: Verdict) -> str:
    """What happened, in one sentence."""
    if found.right is None:
        said = _("Cannot tell: no answer holds in clearly more than half of the {n} worlds.")
        return said.format(n=found.worlds)
    said = _("{answer}: in {count} of {n} worlds (95% interval of the share: {low} to {high}).")
    return said.format(
        answer=_(step.answers[found.right]), count=found.counts[found.right], n=found.worlds, low=percent(found.share.low),
        high=percent(found.share.high),
    )  # fmt: skip


def in_words(plan: Plan) -> str:
    """The room's own plan."""
    strategy, budget, promise = plan
    said = _("{strategy}; budget: {budget}; claim: {promise}")
    return said.format(strategy=_(STRATEGIES[strategy]), budget=_(BUDGETS[budget][1]), promise=_(PROMISES[promise][1]))


def of_hands(step: Step, found: Verdict, hands: Mapping[str, int]) -> str:
    """What the room had predicted."""
    counted = sum(hands.values())
    if not counted:
        return _("No hands were counted.")
    if found.right is None:
        return ngettext("{n} hand was counted.", "{n} hands were counted.", counted).format(n=counted)
    right = hands.get(found.right, 0)
    said = ngettext("{right} of {n} hand had it right ({share}).", "{right} of {n} hands had it right ({share}).", counted)
    return said.format(right=right, n=counted, share=percent(right / counted))


def level(chart: Chart, value: float) -> str:
    """A value of a chart."""
    return "–" if np.isnan(value) else percent(value, 1) if chart.percent else number(value, 2)


def ranges(worlds: Worlds) -> list[list[str]]:
    """A row for each variant after a row of titles: its name, and for each chart the median and the range over the worlds."""
    rows = [["", *(_(chart.label) for chart in worlds.step.charts)]]
    for v, variant in enumerate(worlds.step.variants):
        row = [_(variant.label)]
        for chart, ends in zip(worlds.step.charts, worlds.ends, strict=True):
            middle, low, high = (level(chart, float(value)) for value in (np.median(ends[v]), ends[v].min(), ends[v].max()))
            row.append(_("{median} ({low} to {high})").format(median=middle, low=low, high=high))
        rows.append(row)
    return rows


def world_by_world(worlds: Worlds) -> str:
    """The difference between the two variants of the contrast, in the same world: for each chart the median and the range."""
    step = worlds.step
    one, other = (step.variant(name) for name in step.contrast)
    told = []
    for chart, ends in zip(step.charts, worlds.ends, strict=True):
        moved = ends[one] - ends[other]
        middle, low, high = (_moved(chart, float(value)) for value in (np.median(moved), moved.min(), moved.max()))
        said = _("{median} points ({low} to {high})") if chart.percent else _("{median} ({low} to {high})")
        told.append(said.format(median=middle, low=low, high=high))
    said = _("In the same world, “{a}” minus “{b}”: {differences}.")
    return said.format(a=_(step.variants[one].label), b=_(step.variants[other].label), differences=", ".join(told))


def _moved(chart: Chart, value: float) -> str:
    return number(100.0 * value, 1, signed=True) if chart.percent else number(value, 3, signed=True)


def why(worlds: Worlds) -> list[str]:
    """What moved trust, by the books, and some figures that stand between cause and effect."""
    return [_of_trust(worlds), *(_of_figure(worlds, place) for place in range(len(worlds.step.figures)))]


def _of_trust(worlds: Worlds) -> str:
    step = worlds.step
    one, other = (step.variant(name) for name in step.contrast)
    moved: F64 = (worlds.causes[one] - worlds.causes[other]).mean(axis=0)
    whole = float(moved.sum())
    names = {"a": _(step.variants[one].label), "b": _(step.variants[other].label)}
    if abs(whole) < SPOKEN_OF:
        said = _("Mean trust in Aurora over all consumers ends the same with “{a}” as with “{b}”, to a tenth of a point of 100.")
    elif whole > 0:
        said = _("Mean trust in Aurora over all consumers ends {points} points of 100 higher with “{a}” than with “{b}”.")
    else:
        said = _("Mean trust in Aurora over all consumers ends {points} points of 100 lower with “{a}” than with “{b}”.")
    sentence = said.format(points=number(100.0 * abs(whole), 1), **names)
    order = [place for place in np.argsort(-np.abs(moved), kind="stable") if abs(moved[place]) >= SPOKEN_OF][:MOST_CAUSES]
    if order:
        causes = ", ".join(f"{cause_name(NAMES[place])} {number(100.0 * float(moved[place]), 1, signed=True)}" for place in order)
        sentence += " " + _("What moved it, in points: {causes}.").format(causes=causes)
    return sentence


def _of_figure(worlds: Worlds, place: int) -> str:
    figure = worlds.step.figures[place]
    values = np.median(worlds.figures[:, :, place], axis=1)
    told = ", ".join(
        f"{_(variant.label)} {_written(figure.form, float(value))}" for variant, value in zip(worlds.step.variants, values, strict=True)
    )
    return _("{figure}: {values}.").format(figure=_(figure.label), values=told)


def _written(form: str, value: float) -> str:
    forms: dict[str, Callable[[], str]] = {
        "percent": lambda: percent(value), "percent1": lambda: percent(value, 1), "level": lambda: number(value, 2),
        "weekly": lambda: number(value, 1), "people": lambda: number(value), "thousands": lambda: number(value / 1000.0),
    }  # fmt: skip
    return forms[form]()
