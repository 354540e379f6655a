"""What an answer rests on, in words, numbers, pictures and one page."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.comparison import direction, focal_of
from simulator.experiments.indices import OTHERS
from simulator.experiments.sensitivity import Sensitivity
from simulator.files import written
from simulator.language import N_, _, number
from simulator.report.drawing import Picture
from simulator.report.findings import Section, page
from simulator.report.machine import records
from simulator.report.numbers import NOTHING, label, level, listed, sentence_case
from simulator.report.sensitivity_figures import index_picture, map_picture, screening_picture, share_picture, thirds_picture
from simulator.report.text import aligned
from simulator.results.kpis import KPIS

if TYPE_CHECKING:
    import pandas as pd

PAGE = "sensitivity.html"
TABLES = ("parameters", "screening", "indices", "flips", "map", "shares", "failures")
ROWS = 15
"""Of the screening that are shown; screening.csv holds all."""
FLIPS = 3
WITHIN_NOISE = N_("within noise")


def sensitivity_data(found: Sensitivity) -> dict[str, Any]:
    """Everything that was found, for other programs."""
    asked = found.asked
    kpis = {}
    for kpi in asked.kpis:
        entry: dict[str, Any] = {"screening": records(found.screening[kpi])}
        if found.runs is not None:
            entry |= {"indices": records(found.indices[kpi]), "variance": found.luck[kpi]}
            if found.paired:
                entry |= {
                    "shares": found.shares(kpi), "ahead_by_seed": found.shares_by_seed(kpi), "flips": records(found.flips(kpi)),
                    "map": records(found.flip_map(kpi)),
                }  # fmt: skip
        kpis[kpi] = entry
    return {
        "scenarios": [{"name": name, "hash": scenario.hash} for name, scenario in zip(asked.names, asked.scenarios, strict=True)],
        "focal": focal_of(asked.scenarios[0]), "seed": asked.seed, "replicates": asked.replicates, "trajectories": asked.trajectories,
        "points": asked.points, "runs": found.made, "failed": records(found.failed), "parameters": [row._asdict() for row in asked.ranges],
        "chosen": found.chosen, "kpis": kpis, "folder": str(found.folder),
        "answer": {kpi: sentences(found, kpi) for kpi in asked.kpis},
    }  # fmt: skip


def sentences(found: Sensitivity, kpi: str) -> list[str]:
    """The answer: the share of the space first, then what flips it, then how much is luck."""
    said = []
    if found.runs is None:
        leading = [str(key) for key, noisy in zip(*_columns(found.screening[kpi], "key", "within_noise"), strict=True) if not noisy]
        moved = float(found.screening[kpi]["mu_star"].max()) > 0.0
        if moved and leading:
            form = _("In this model, {subject} rests most on {keys}.")
        else:
            form = _("In this model, no assumption moves {subject} by more than luck does.")
        return [form.format(subject=_subject(found, kpi), keys=listed(leading[:FLIPS] or [""], _("and")))]
    if found.paired:
        said += _winner(found, kpi)
    table = found.indices[kpi]
    own = table[(table["key"] != OTHERS) & ~table["within_noise"] & (table["ST"] > 0.0)]
    if len(own):
        leading = [f"{row['key']} ({level(max(0.0, row['ST']), 'share')})" for row in records(own)[:FLIPS]]
        if found.paired:
            form = _(
                "{subject} rests most on {keys}: in brackets the share of its variance over the space in which the parameter has a part."
            )
        else:
            form = _(
                "In this model, {subject} rests most on {keys}: in brackets the share of its variance over the space in which the"
                " parameter has a part."
            )
        said.append(sentence_case(form.format(subject=_subject(found, kpi), keys=listed(leading, _("and")))))
    else:
        said.append(_("No single assumption explains more of {subject} than luck does.").format(subject=_subject(found, kpi)))
    share = found.luck[kpi]
    if not math.isnan(share["luck"]):
        if found.paired:
            form = _(
                "Of the variance of one pair of runs, {own} comes from the assumptions and {luck} from luck;"
                " in the mean of {n} that is {mean} from luck."
            )
        else:
            form = _(
                "Of the variance of one run, {own} comes from the assumptions and {luck} from luck;"
                " in the mean of {n} that is {mean} from luck."
            )
        said.append(
            form.format(
                own=level(share["parameters"], "share"),
                luck=level(share["luck"] + share["seed"], "share"),
                n=found.asked.replicates,
                mean=level(share["of_mean"], "share"),
            )  # fmt: skip
        )
    return said


def _winner(found: Sensitivity, kpi: str) -> list[str]:
    a, b = found.asked.names
    share = found.shares(kpi)
    ahead, tie, behind = (_share(share[name]) for name in ("ahead", "tie", "behind"))
    by_seed = [level(value, "share") for value in found.shares_by_seed(kpi)]
    if direction(kpi) == 0:
        form = _(
            "In this model, {a} has more of {kpi} in {ahead} of the plausible assumptions, {b} is ahead in {behind}, and in {tie}"
            " the difference is too small to matter ({points} points spread evenly over {parameters} parameters)."
        )
    else:
        form = _(
            "In this model, {a} beats {b} in {kpi} in {ahead} of the plausible assumptions, {b} is ahead in {behind}, and in {tie}"
            " the difference is too small to matter ({points} points spread evenly over {parameters} parameters)."
        )
    said = [
        form.format(
            a=a,
            b=b,
            kpi=label(kpi).lower(),
            ahead=ahead,
            behind=behind,
            tie=tie,
            points=number(share["ahead"]["n"]),
            parameters=len(found.asked.ranges),
        )  # fmt: skip
    ]
    if len(by_seed) > 1:
        said[0] += _(" By each seed alone {a} is ahead in {shares}.").format(a=a, shares=listed(by_seed, _("and")))
    flips = [row for row in records(found.flips(kpi)) if not math.isnan(row["difference"])][:FLIPS]
    if flips:
        said.append(_("What flips it most easily: {flips}.").format(flips="; ".join(_flip(row, a, b) for row in flips)))
    return said


def _flip(row: dict[str, Any], a: str, b: str) -> str:
    low, high = level(row["low_third"], "share"), level(row["high_third"], "share")
    first, then = (a, b) if row["below"] > 0 else (b, a)
    if row["low"] <= 0.0 <= row["high"]:
        form = _("{key} ({a} ahead in {low} of its lowest third, {high} of its highest, which may be luck in the choice of points)")
    elif math.isnan(row["flips_at"]):
        form = _("{key} ({a} ahead in {low} of its lowest third, {high} of its highest, no flip by itself)")
    else:
        form = _(
            "{key} ({a} ahead in {low} of its lowest third, {high} of its highest; {first} below {value:.3g}, {then} above,"
            " right in {right} of the points)"
        )
    return form.format(
        key=row["key"], a=a, low=low, high=high, first=first, then=then, value=row["flips_at"], right=level(row["accuracy"], "share")
    )


def sensitivity_lines(found: Sensitivity) -> str:
    """The answer and the tables for a terminal."""
    parts = []
    for kpi in found.asked.kpis:
        parts += [*sentences(found, kpi), ""]
        if found.runs is not None:
            parts += [
                _("Sobol indices of {subject}, shares of the variance with 95% intervals").format(subject=_subject(found, kpi)),
                aligned(*_index_rows(found, kpi)),
                "",
            ]
            if found.paired:
                parts += [_("Who is ahead, by parameter (ties left out)"), aligned(*_flip_rows(found, kpi)), ""]
        shown = min(ROWS, len(found.screening[kpi]))
        parts += [
            _("Screening, the first {shown} of {all}: effect of the whole range").format(shown=shown, all=len(found.screening[kpi])),
            aligned(*_screening_rows(found, kpi)),
            "",
        ]
    parts.append(_("Illustrative: the numbers are those of a model and its assumptions, all equally likely within their ranges."))
    return "\n".join(parts)


def write_sensitivity(found: Sensitivity, command: str = "") -> Path:
    """Write the page and the tables to the folder of the runs; returns the page's path."""
    made = tables(found)
    for name in {*TABLES} - {*made}:  # of an answer that said more
        (found.folder / f"{name}.csv").unlink(missing_ok=True)
    for name, table in made.items():
        written(found.folder / f"{name}.csv", table.to_csv(index=False, lineterminator="\n").encode())
    target = found.folder / PAGE
    written(target, sensitivity_html(found, command).encode())
    return target


def tables(found: Sensitivity) -> dict[str, pd.DataFrame]:
    """What lies beside the page, by file name: parameters, screening, indices, shares, flips, map."""
    import pandas as pd

    kpis = found.asked.kpis

    def together(made: dict[str, pd.DataFrame]) -> pd.DataFrame:
        return pd.concat([table.assign(kpi=kpi) for kpi, table in made.items()], ignore_index=True)

    result = {"parameters": pd.DataFrame(found.asked.ranges), "screening": together(found.screening)}
    if found.runs is not None:
        result["indices"] = together(found.indices)
        if found.paired:
            result["flips"] = together({kpi: found.flips(kpi) for kpi in kpis})
            result["map"] = together({kpi: found.flip_map(kpi) for kpi in kpis})
            result["shares"] = together({kpi: pd.DataFrame(found.shares(kpi)).T.rename_axis("a").reset_index() for kpi in kpis})
    if len(found.failed):
        result["failures"] = found.failed
    return result


def sensitivity_html(found: Sensitivity, command: str = "") -> str:
    """The page."""
    asked = found.asked
    sections: list[Section] = []
    for kpi in asked.kpis:
        name = label(kpi, asked.scenarios[0].market.currency)
        if found.runs is not None:
            if found.paired:
                sections.append(Section(
                    _("{kpi}: who is ahead where").format(kpi=name), _(_FLIPS_TEXT), _pictures(found, kpi), *_flip_rows(found, kpi)
                ))  # fmt: skip
            sections.append(
                Section(
                    _("{kpi}: which parameters matter").format(kpi=name),
                    _(_INDICES_TEXT),
                    [index_picture(found, kpi)],
                    *_index_rows(found, kpi),
                )
            )
        shown = min(ROWS, len(found.screening[kpi]))
        text = _(_SCREENING_TEXT) + _(" The first {shown} of {all}; screening.csv holds all.").format(shown=shown, all=len(asked.ranges))
        sections.append(
            Section(_("{kpi}: screening").format(kpi=name), text, [screening_picture(found, kpi)], *_screening_rows(found, kpi))
        )
    header = (_("parameter"), _("range"), _("in the scenarios"), _("unit"), _("meaning"))
    rows = [
        [row.key, _("{low} to {high}").format(low=f"{row.low:g}", high=f"{row.high:g}"), _plain(row.default), row.unit, row.meaning]
        for row in asked.ranges
    ]
    sections.append(Section(_("The space"), _(_SPACE_TEXT), (), header, rows))
    title = _("What the answer rests on: {names}").format(names=_(" against ").join(asked.names))
    return page(
        "sensitivity", title, [line for kpi in asked.kpis for line in sentences(found, kpi)], _basis(found), sections,
        list(zip(asked.names, asked.scenarios, strict=True)), _warnings(found), command,
    )  # fmt: skip


_FLIPS_TEXT = N_(
    "Each point of the space is one setting of all parameters, in which both scenarios run on the same people, ties and luck. A third is"
    " the lowest or highest third of a parameter's range; the interval of the difference holds for all rows together. Where the two"
    " thirds disagree on who is ahead, the flipping value is the one that by itself tells best."
)
_INDICES_TEXT = N_(
    "First order: the share of the variance over the space that goes away if the parameter is known; total: that which stays if all"
    " others are known. Within noise: luck alone makes an index as large. Intervals are 95% bootstrap intervals."
)
_SCREENING_TEXT = N_(
    "Morris's elementary effects: mu* is the mean size of the effect of going through the whole range, sigma how much it depends on the"
    " other parameters, noise what luck alone would show in 19 cases of 20. A parameter that nothing reads has mu* = 0."
)
_SPACE_TEXT = N_(
    "All values of a range are taken as equally likely, and ranges as independent. What differs between the scenarios, what they set"
    " outside its plausible range and what they switched off is not varied. Values that a scenario refuses together are drawn nearer to"
    " its own."
)


def _pictures(found: Sensitivity, kpi: str) -> list[Picture]:
    drawn = [share_picture(found, kpi), thirds_picture(found, kpi), map_picture(found, kpi)]
    return [picture for picture in drawn if picture is not None]


def _basis(found: Sensitivity) -> str:
    asked = found.asked
    last = asked.seed + asked.replicates - 1
    said = _("{runs} runs of {brand}'s market: {trajectories} trajectories of the screening")
    said += _(", {points} base points of the indices") if asked.points else ""
    said += (
        _(", {replicates} replicates of each point, seeds {first} to {last}.")
        if last > asked.seed
        else _(", {replicates} replicates of each point, seeds {first}.")
    )
    said += _(" The numbers are those of a model and of its assumptions; nothing here was fitted to a market.")
    return said.format(
        runs=number(found.made), brand=focal_of(asked.scenarios[0]), trajectories=asked.trajectories, points=asked.points,
        replicates=asked.replicates, first=asked.seed, last=last,
    )  # fmt: skip


def _warnings(found: Sensitivity) -> list[str]:
    said = []
    if len(found.failed):
        failed = _("{count} runs failed; points without all their runs are left out. failures.csv says why.")
        said.append(failed.format(count=number(len(found.failed))))
    if found.asked.replicates < 2:
        said.append(_("With one replicate luck cannot be told from parameters."))
    return said


def _index_rows(found: Sensitivity, kpi: str) -> tuple[list[str], list[list[str]]]:
    header = [_("parameter"), _("first order"), _("total"), _("luck's part"), ""]
    rows = [
        [row["key"], _between(row["S1"], row["S1_low"], row["S1_high"]), _between(row["ST"], row["ST_low"], row["ST_high"]),
         NOTHING if math.isnan(row["noise"]) else f"{row['noise']:.2f}", _(WITHIN_NOISE) if row["within_noise"] else ""]
        for row in records(found.indices[kpi])
    ]  # fmt: skip
    return header, rows


def _flip_rows(found: Sensitivity, kpi: str) -> tuple[list[str], list[list[str]]]:
    a = found.asked.names[0]
    header = [
        _("parameter"), _("{a} ahead, low third").format(a=a), _("high third"), _("difference, points"), _("flips near"), _("right in")
    ]  # fmt: skip
    rows = [
        [row["key"], level(row["low_third"], "share"), level(row["high_third"], "share"),
         NOTHING if math.isnan(row["difference"])
         else f"{100 * row['difference']:+.0f} [{100 * row['low']:+.0f}, {100 * row['high']:+.0f}]",
         NOTHING if math.isnan(row["flips_at"]) else f"{row['flips_at']:.3g}", level(row["accuracy"], "share")]
        for row in records(found.flips(kpi))
    ]  # fmt: skip
    return header, rows


def _screening_rows(found: Sensitivity, kpi: str) -> tuple[list[str], list[list[str]]]:
    unit = KPIS[kpi].unit
    header = [_("parameter"), "mu*", _("95% interval"), "mu", "sigma", _("noise"), ""]
    rows = [
        [row["key"], level(row["mu_star"], unit), f"[{level(row['mu_star_low'], unit)}, {level(row['mu_star_high'], unit)}]",
         level(row["mu"], unit), level(row["sigma"], unit), level(row["noise"], unit), _(WITHIN_NOISE) if row["within_noise"] else ""]
        for row in records(found.screening[kpi])[:ROWS]
    ]  # fmt: skip
    return header, rows


def _subject(found: Sensitivity, kpi: str) -> str:
    name = label(kpi, found.asked.scenarios[0].market.currency)
    name = name[:1].lower() + name[1:]
    if found.paired:
        return _("the difference of {kpi}").format(kpi=name)
    return _("{kpi} of {scenario}").format(kpi=name, scenario=found.asked.names[0])


def _between(value: float, low: float, high: float) -> str:
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _share(entry: dict[str, float]) -> str:
    return f"{100 * entry['share']:.0f}% [{100 * entry['low']:.0f}, {100 * entry['high']:.0f}]"


def _columns(table: pd.DataFrame, *names: str) -> list[list[Any]]:
    return [table[name].tolist() for name in names]


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float, np.number)) else NOTHING
