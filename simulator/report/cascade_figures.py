"""Pictures of bad buzz: sizes on logarithmic axes, blame by day, hearers per teller, trust lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.engine.chance import address
from simulator.experiments.bad_buzz import BadBuzz
from simulator.experiments.comparison import Comparison
from simulator.experiments.paired import F64, paired_differences
from simulator.experiments.twin import first_crisis
from simulator.report.figures import COLOURS, PANELS, SETTINGS, SIZE, STYLES, Picture, as_svg, blank, folded, headed
from simulator.report.numbers import level
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
        figure = headed("", width, 2.3 * rows + 0.5)
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
            panel.set_title(f"{name}\n{episode}", loc="left", fontweight="normal", fontsize=9)
            panel.set_xlabel("day")
        for panel in panels[::columns]:
            panel.set_ylabel("tellings of blame a day")
        heights = {name: float(values.mean()) for name, values in peaks.items()}
        worst = max(heights, key=heights.__getitem__)
        title = f"At its height {comparison.focal} is blamed {_mean(peaks[worst], 'messages')} times a day with {worst}"
        mildest = min(heights, key=heights.__getitem__)
        title += f", {_mean(peaks[mildest], 'messages')} with {mildest}" if mildest != worst else ""
        figure.texts[0].set_text(folded(title) if columns == 1 else title)
        svg = as_svg(figure, "blame-by-day")
    alt = f"Tellings of blame about {comparison.focal} by day, a thin line for each world and their mean in black. {'; '.join(said)}."
    caption = (
        "Thin lines: worlds; black: their mean; dotted: the crisis; shaded: from the median start to the median end of the worst episode."
    )
    return Picture(title, svg, alt, caption, whole=columns > 1)


def _mark_episode(axes: Axes, found: BadBuzz, name: str) -> str:
    """Shade the days from the median start to the median end of the worst episodes; say in how many worlds there is one."""
    worlds = found.worlds[found.worlds["scenario"] == name]
    burst = worlds[worlds["episode"].astype(bool)]
    if not len(burst):
        return f"no episode in {len(worlds)} worlds"
    start, end = float(burst["start"].median()), float(burst["end"].median())
    axes.axvspan(start - 0.5, end + 0.5, color="#e69f00", alpha=0.25, linewidth=0, zorder=0)
    return f"episode in {len(burst)} of {len(worlds)} worlds, days {start:.0f} to {end:.0f}"


def size_picture(comparison: Comparison, found: BadBuzz) -> Picture | None:
    """How many messages of blame reach a size or more, on logarithmic axes."""
    import matplotlib as mpl

    if found.sizes.empty:
        return None
    title = f"{_alone(found.sizes)} of blame reaches one other or nobody; the largest cascade {found.sizes['size'].max():,}"
    tails = []
    with mpl.rc_context(SETTINGS):
        figure, axes = blank(folded(title))
        for place, name in enumerate(comparison.names):
            mine = found.sizes[found.sizes["scenario"] == name]
            if mine.empty:
                continue
            sizes, share, low, high = _at_least(mine)
            colour, style = COLOURS[place % len(COLOURS)], STYLES[place % len(STYLES)]
            axes.fill_between(sizes, low, high, step="pre", color=colour, alpha=0.16, linewidth=0)
            axes.step(sizes, share, where="pre", color=colour, linestyle=style, linewidth=1.5, label=name)
            tails.append(f"{name} {level(float(share[sizes >= 10][0]) if (sizes >= 10).any() else 0.0, 'share')}, largest {sizes[-1]:,}")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.xaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{100 * value:g}%"))
        axes.set_ylim(0.5 / found.sizes.groupby("scenario")["count"].sum().max(), 1.3)
        axes.set_xlabel("consumers in the tree of a message")
        axes.set_ylabel("share of messages with so many or more")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=3)
        svg = as_svg(figure, "cascade-sizes")
    alt = (
        f"Share of messages of blame about {comparison.focal} whose tree holds at least so many consumers, both axes logarithmic, "
        f"bands: 95% over worlds. Trees of 10 and more: {'; '.join(tails)}."
    )
    return Picture(title, svg, alt, "All messages of blame of all worlds; bands: 95% by resampling worlds.")


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
        figure, axes = blank("")
        for place, name in enumerate(comparison.names):
            mine = cohorts[cohorts["scenario"] == name]
            if mine.empty:
                continue
            generation, number, low, high = _told_by_one(mine)
            colour, style = COLOURS[place % len(COLOURS)], STYLES[place % len(STYLES)]
            axes.fill_between(generation, low, high, color=colour, alpha=0.16, linewidth=0)
            axes.plot(generation, number, color=colour, linestyle=style, linewidth=1.6, marker="o", markersize=3, label=name)
            said.append(f"{name} " + ", ".join(f"{value:.2f}" for value in number))
            if len(number) > 1:
                firsts[name] = float(number[1]), float(low[1]), float(high[1])
        axes.axhline(1.0, color="#1c1c1c", linewidth=0.8)
        axes.set_yscale("symlog", linthresh=1.0)
        axes.set_ylim(bottom=0.0)
        axes.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
        axes.set_xlabel("generation (0: author or first tellers)")
        axes.set_ylabel("consumers whom one of them told")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=3)
        title = _most_and_least(firsts)
        axes.set_title(folded(title), loc="left")
        svg = as_svg(figure, "reproduction")
    alt = (
        "Consumers told by one consumer of each generation of the story's tree (where it has no message of its own: of the largest cascade "
        f"of blame), bands: 95% over worlds; above 1 it spreads. From generation 0 on: {'; '.join(said)}."
    )
    caption = (
        "All worlds together; bands: 95% by resampling worlds. Below the line at 1 each generation is smaller than the last. "
        "Linear to 1, logarithmic above."
    )
    return Picture(title, svg, alt, caption)


def _most_and_least(firsts: dict[str, tuple[float, float, float]]) -> str:
    if not firsts:
        return "Nobody passes it on"
    order = sorted(firsts, key=lambda name: firsts[name][0])
    parts = [f"{number:.2f} [{low:.2f}, {high:.2f}] with {name}" for name in (order[-1], order[0]) for number, low, high in [firsts[name]]]
    return f"One first hearer tells {parts[0]}" + (f", {parts[1]}" if len(order) > 1 else "")


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
    return _lost_picture(comparison, found, "trust_lost", False, "", "Trust falls by {}", "mean trust, twin minus run")


def units_picture(comparison: Comparison, found: BadBuzz) -> Picture | None:
    """Units lost so far against the same worlds without the story."""
    return _lost_picture(comparison, found, "units_lost", True, "units", "{} units are not sold", "units lost so far, twin minus run")


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
        figure, axes = blank("")
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
        axes.set_xlabel("day")
        axes.set_ylabel(axis)
        axes.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{value:,.0f}" if abs(value) >= 10 else f"{value:g}"))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=3)
        worst = max(heights, key=heights.__getitem__)
        title = f"{words.format(most[worst])} with {worst}, against the same worlds without the story"
        axes.set_title(folded(title), loc="left")
        svg = as_svg(figure, column.replace("_", "-"))
    said = ", ".join(f"{name} {value}" for name, value in most.items())
    alt = (
        f"{axis[0].upper()}{axis[1:]}, {comparison.focal} in the same worlds without the story against with it, by day, bands: 95%. "
        f"{'At the end' if summed else 'On the worst day'}: {said}."
    )
    return Picture(title, svg, alt, "Lines: means of paired differences; bands: their 95% intervals.")


def _with_ends(mean: float, low: float, high: float, unit: str) -> str:
    ends = "" if np.isnan(low) else f" [{level(float(low), unit)}, {level(float(high), unit)}]"
    return level(float(mean), unit) + ends


def _mean(values: F64, unit: str) -> str:
    """Mean and 95% interval over worlds."""
    seen = paired_differences(np.asarray(values, np.float64)[None, :])
    return _with_ends(seen.mean[0], seen.low[0], seen.high[0], unit)
