"""Pictures of bad buzz: sizes on logarithmic axes, blame by day, hearers per teller, trust lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.engine.chance import address
from simulator.experiments.bad_buzz import BadBuzz
from simulator.experiments.comparison import Comparison
from simulator.experiments.paired import F64, paired_differences
from simulator.experiments.twin import first_crisis
from simulator.language import N_, _, general, ngettext, number, percent_sign
from simulator.report.drawing import COLOURS, PANELS, SETTINGS, SIZE, STYLES, Picture, as_svg, blank, legend, numbered, paneled, short
from simulator.report.numbers import interval, level
from simulator.report.tree_figure import tree_picture

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

RESAMPLES = 400
TAILS = (0.025, 0.975)


def bad_buzz_pictures(comparison: Comparison, found: BadBuzz) -> list[Picture]:
    """All of them; one that has nothing to show is left out."""
    made = (tree_picture(comparison, found), blame_picture(comparison, found), size_picture(comparison, found),
            reproduction_picture(comparison, found), trust_picture(comparison, found), units_picture(comparison, found))  # fmt: skip
    return [picture for picture in made if picture is not None]


def blame_picture(comparison: Comparison, found: BadBuzz) -> Picture | None:
    """Tellings of blame a day: a thin line for each world, the mean, and when the worst episode usually lasts."""
    import matplotlib as mpl

    curves = comparison.curves
    names = [name for name in comparison.names if (curves["scenario"] == name).any()]
    columns = PANELS.get(len(names), 3)
    rows = -(-len(names) // columns)
    peaks: dict[str, F64] = {}
    said = []
    with mpl.rc_context(SETTINGS):
        width = SIZE[0] * min(columns, 2)
        figure = paneled(width, 2.1 * rows + 0.3)
        panels = np.atleast_1d(figure.subplots(rows, columns, sharey=True)).ravel()
        for panel in panels[len(names) :]:
            panel.set_axis_off()
        for place, (panel, name) in enumerate(zip(panels, names, strict=False)):
            wide = curves[curves["scenario"] == name].pivot(index="replicate", columns="day", values="tellings_negative")
            days, values = wide.columns.to_numpy(float), wide.to_numpy(float)
            peaks[name] = values.max(axis=1)
            colour = COLOURS[place % len(COLOURS)]
            for row in values:
                panel.plot(days, row, color=colour, linewidth=0.5, alpha=0.35)
            panel.plot(days, values.mean(axis=0), color="#1c1c1c", linewidth=1.4)
            episode = _mark_episode(panel, found, name)
            said.append(f"{name}: {episode}")
            crisis = first_crisis(comparison.scenarios[comparison.names.index(name)], comparison.focal)
            if crisis:
                panel.axvline(crisis, color=COLOURS[2], linewidth=1.0, linestyle=":")
            panel.set_title(f"{short(name, 34)}\n{episode}", loc="left", fontweight="normal", fontsize=8.5)
            panel.set_xlabel(_("day"))
        numbered(panels[0].yaxis)
        heights = {name: float(values.mean()) for name, values in peaks.items()}
        worst = max(heights, key=heights.__getitem__)
        title = _("At its height {brand} is blamed {times} times a day with {name}").format(
            brand=comparison.focal, times=_mean(peaks[worst], "messages"), name=worst
        )
        mildest = min(heights, key=heights.__getitem__)
        if mildest != worst:
            title += _(", {times} with {name}").format(times=_mean(peaks[mildest], "messages"), name=mildest)
        svg = as_svg(figure, "blame-by-day")
    subtitle = _("Tellings of blame about {brand} a day").format(brand=comparison.focal)
    alt = _("{what}: a thin line for each world and their mean in black. {values}.").format(what=subtitle, values="; ".join(said))
    caption = _(
        "Thin lines: worlds; black: their mean; dotted: the crisis; shaded: from the median start to the median end of the worst episode."
    )
    return Picture("blame-by-day", title, svg, alt, caption, whole=columns > 1, subtitle=subtitle, figure=figure)


def _mark_episode(axes: Axes, found: BadBuzz, name: str) -> str:
    """Shade the days from the median start to the median end of the worst episodes; say in how many worlds there is one."""
    worlds = found.worlds[found.worlds["scenario"] == name]
    burst = worlds[worlds["episode"].astype(bool)]
    if not len(burst):
        return _("no episode in {worlds}").format(worlds=_worlds(len(worlds)))
    start, end = float(burst["start"].median()), float(burst["end"].median())
    axes.axvspan(start - 0.5, end + 0.5, color="#e69f00", alpha=0.25, linewidth=0, zorder=0)
    return _("episode in {some} of {worlds}, days {start} to {end}").format(
        some=number(len(burst)), worlds=_worlds(len(worlds)), start=number(start), end=number(end)
    )


def _worlds(count: int) -> str:
    return ngettext("{number} world", "{number} worlds", count).format(number=number(count))


def size_picture(comparison: Comparison, found: BadBuzz) -> Picture | None:
    """How many messages of blame reach a size or more, on logarithmic axes."""
    import matplotlib as mpl

    if found.sizes.empty:
        return None
    title = _("{share} of blame reaches one other or nobody; the largest cascade {largest}").format(
        share=_alone(found.sizes), largest=number(found.sizes["size"].max())
    )
    tails = []
    with mpl.rc_context(SETTINGS):
        figure, axes = blank()
        for place, name in enumerate(comparison.names):
            mine = found.sizes[found.sizes["scenario"] == name]
            if mine.empty:
                continue
            sizes, share, low, high = _at_least(mine)
            colour, style = COLOURS[place % len(COLOURS)], STYLES[place % len(STYLES)]
            axes.fill_between(sizes, low, high, step="pre", color=colour, alpha=0.16, linewidth=0)
            axes.step(sizes, share, where="pre", color=colour, linestyle=style, linewidth=1.5, label=name)
            many = level(float(share[sizes >= 10][0]) if (sizes >= 10).any() else 0.0, "share")
            tails.append(_("{name} {share}, largest {largest}").format(name=name, share=many, largest=number(int(sizes[-1]))))
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.xaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _place: number(value)))
        axes.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _place: general(100.0 * value) + percent_sign()))
        axes.set_ylim(0.5 / found.sizes.groupby("scenario")["count"].sum().max(), 1.3)
        axes.set_xlabel(_("consumers in the tree of a message"))
        legend(axes)
        svg = as_svg(figure, "cascade-sizes")
    subtitle = _("Share of messages of blame about {brand} whose tree holds so many consumers or more").format(brand=comparison.focal)
    alt = _("{what}, both axes logarithmic, bands: 95% over worlds. Trees of 10 and more: {values}.").format(
        what=subtitle, values="; ".join(tails)
    )
    caption = _("All messages of blame of all worlds; bands: 95% by resampling worlds.")
    return Picture("cascade-sizes", title, svg, alt, caption, subtitle=subtitle, figure=figure)


def _alone(sizes: pd.DataFrame) -> str:
    """The share of messages that reach one other or nobody, with its 95% interval by resampling runs."""
    few = sizes["count"].where(sizes["size"] <= 2, 0)
    runs = sizes.assign(few=few).groupby(["scenario", "replicate"])[["few", "count"]].sum().to_numpy(np.float64)
    drawn = _resampled(len(runs)) @ runs
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], TAILS)
    return _with_ends(runs[:, 0].sum() / runs[:, 1].sum(), low, high, "share")


def _at_least(sizes: pd.DataFrame) -> tuple[np.ndarray, F64, F64, F64]:
    """Sizes, the share of messages at least so large, and its 95% interval by resampling worlds."""
    table = sizes.pivot_table(index="replicate", columns="size", values="count", aggfunc="sum", fill_value=0)
    counts = table.to_numpy(np.float64)
    reversed_sums = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1]
    drawn = _resampled(len(counts)) @ reversed_sums
    low, high = np.quantile(drawn / drawn[:, :1], TAILS, axis=0)
    total = reversed_sums.sum(axis=0)
    return table.columns.to_numpy(np.int64), total / total[0], low, high


def _resampled(worlds: int) -> F64:
    """[RESAMPLES, worlds]: how often each world is drawn, the same for the same number of worlds."""
    draws = np.random.default_rng(int(address(0, "bootstrap", worlds))).integers(0, worlds, (RESAMPLES, worlds))
    return np.stack([np.bincount(draw, minlength=worlds) for draw in draws]).astype(np.float64)


def reproduction_picture(comparison: Comparison, found: BadBuzz) -> Picture | None:
    """Whom one consumer tells, by generation, over all worlds together."""
    import matplotlib as mpl

    worlds = found.worlds
    told = set(worlds.loc[worlds["story"].astype(bool), "scenario"]) or set(worlds["scenario"])
    cohorts = found.cohorts[found.cohorts["scenario"].isin(told) & (found.cohorts["by"] == "generation")]
    if cohorts.empty:
        return None
    firsts: dict[str, tuple[float, float, float]] = {}
    said = []
    with mpl.rc_context(SETTINGS):
        figure, axes = blank()
        for place, name in enumerate(comparison.names):
            mine = cohorts[cohorts["scenario"] == name]
            if mine.empty:
                continue
            generation, told_by_one, low, high = _told_by_one(mine)
            colour, style = COLOURS[place % len(COLOURS)], STYLES[place % len(STYLES)]
            axes.fill_between(generation, low, high, color=colour, alpha=0.16, linewidth=0)
            axes.plot(generation, told_by_one, color=colour, linestyle=style, linewidth=1.6, marker="o", markersize=3, label=name)
            said.append(f"{name} " + ", ".join(number(value, 2) for value in told_by_one))
            if len(told_by_one) > 1:
                firsts[name] = float(told_by_one[1]), float(low[1]), float(high[1])
        axes.axhline(1.0, color="#1c1c1c", linewidth=0.8)
        axes.set_yscale("symlog", linthresh=1.0)
        axes.set_ylim(bottom=0.0)
        axes.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _place: general(value)))
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
        axes.set_xlabel(_("generation (0: author or first tellers)"))
        legend(axes)
        svg = as_svg(figure, "reproduction")
    alt = _(
        "Consumers told by one consumer of each generation of the story's tree (where it has no message of its own: of the largest cascade "
        "of blame), bands: 95% over worlds; above 1 it spreads. From generation 0 on: {values}."
    ).format(values="; ".join(said))
    caption = _(
        "All worlds together; bands: 95% by resampling worlds. Below the line at 1 each generation is smaller than the last. "
        "Linear to 1, logarithmic above."
    )
    subtitle = _("Consumers whom one consumer of each generation told")
    return Picture("reproduction", _most_and_least(firsts), svg, alt, caption, subtitle=subtitle, figure=figure)


def _most_and_least(firsts: dict[str, tuple[float, float, float]]) -> str:
    if not firsts:
        return _("Nobody passes it on")
    order = sorted(firsts, key=lambda name: firsts[name][0])
    parts = []
    for name in (order[-1], order[0])[: len(order)]:
        value, low, high = firsts[name]
        figure = f"{number(value, 2)} {interval(number(low, 2), number(high, 2))}"
        parts.append(_("{figure} with {name}").format(figure=figure, name=name))
    return _("One first hearer tells {figures}").format(figures=", ".join(parts))


def _told_by_one(mine: pd.DataFrame) -> tuple[np.ndarray, F64, F64, F64]:
    """Generations, children per consumer of all worlds together, and its 95% interval by resampling worlds."""
    tables = [mine.pivot_table(index="replicate", columns="number", values=name, fill_value=0) for name in ("consumers", "children")]
    consumers, children = (table.to_numpy(np.float64) for table in tables)
    weights = _resampled(len(consumers))
    with np.errstate(invalid="ignore"):
        drawn = (weights @ children) / (weights @ consumers)
    low, high = np.nanquantile(drawn, TAILS, axis=0)
    return tables[0].columns.to_numpy(np.int64), children.sum(axis=0) / consumers.sum(axis=0), low, high


def trust_picture(comparison: Comparison, found: BadBuzz) -> Picture | None:
    """Trust lost against the same worlds without the story."""
    words = N_("Trust falls by {value} with {name}, against the same worlds without the story")
    return _lost_picture(comparison, found, "trust_lost", False, "", words, N_("Mean trust lost to the story"))


def units_picture(comparison: Comparison, found: BadBuzz) -> Picture | None:
    """Units lost so far against the same worlds without the story."""
    words = N_("{value} units are not sold with {name}, against the same worlds without the story")
    return _lost_picture(comparison, found, "units_lost", True, "units", words, N_("Units lost so far to the story"))


def _lost_picture(
    comparison: Comparison, found: BadBuzz, column: str, summed: bool, unit: str, words: str, axis: str
) -> Picture | None:  # fmt: skip
    """The difference from the twin by day: a line for each scenario's mean, a band for its interval. summed: so far, not of the day."""
    import matplotlib as mpl

    if found.lost.empty:
        return None
    most: dict[str, str] = {}
    heights: dict[str, float] = {}
    with mpl.rc_context(SETTINGS):
        figure, axes = blank()
        for place, name in enumerate(comparison.names):
            mine = found.lost[found.lost["scenario"] == name]
            if mine.empty:
                continue
            wide = mine.pivot(index="day", columns="replicate", values=column)
            values, days = wide.to_numpy(np.float64), wide.index.to_numpy(float)
            seen = paired_differences(np.cumsum(values, axis=0) if summed else values)
            colour, style = COLOURS[place % len(COLOURS)], STYLES[place % len(STYLES)]
            axes.fill_between(days, seen.low, seen.high, color=colour, alpha=0.16, linewidth=0)
            axes.plot(days, seen.mean, color=colour, linestyle=style, linewidth=1.6, label=name)
            at = len(days) - 1 if summed else int(np.argmax(seen.mean))
            heights[name], most[name] = float(seen.mean[at]), _with_ends(seen.mean[at], seen.low[at], seen.high[at], unit)
        axes.set_xlabel(_("day"))
        numbered(axes.yaxis)
        legend(axes)
        worst = max(heights, key=heights.__getitem__)
        title = _(words).format(value=most[worst], name=worst)
        svg = as_svg(figure, column.replace("_", "-"))
    said = ", ".join(f"{name} {value}" for name, value in most.items())
    moment = _("At the end") if summed else _("On the worst day")
    alt = _("{what}, {brand} in the same worlds without the story against with it, by day, bands: 95%. {moment}: {values}.").format(
        what=_(axis), brand=comparison.focal, moment=moment, values=said
    )
    caption = _("Lines: means of paired differences; bands: their 95% intervals.")
    return Picture(column.replace("_", "-"), title, svg, alt, caption, subtitle=_(axis), figure=figure)


def _with_ends(mean: float, low: float, high: float, unit: str) -> str:
    ends = "" if np.isnan(low) else f" {interval(level(float(low), unit), level(float(high), unit))}"
    return level(float(mean), unit) + ends


def _mean(values: F64, unit: str) -> str:
    """Mean and 95% interval over worlds."""
    seen = paired_differences(np.asarray(values, np.float64)[None, :])
    return _with_ends(seen.mean[0], seen.low[0], seen.high[0], unit)
