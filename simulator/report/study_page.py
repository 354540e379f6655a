"""A study as one self-contained HTML page: its best setting, what each key does, where two keys meet, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.experiments.best import Best, best
from simulator.experiments.effects import as_text, every_combination, levels_of, main_effects, strengths, surface
from simulator.files import written
from simulator.language import _
from simulator.parameters import InputError
from simulator.report.drawing import Picture
from simulator.report.numbers import label
from simulator.report.study import FIGURES, ROWS, best_lines, cell_row, headline, study_data
from simulator.report.study_figures import effect_picture, map_picture
from simulator.report.templates import rendered
from simulator.results.kpis import KPIS
from simulator.scenario.problems import unknown

if TYPE_CHECKING:
    from simulator.experiments.study import Study

PAGE = "results.html"
MAPS = ("trust_aware",)
"""Figures that are mapped beside the goal."""

MOST_FAILURES = 30


def write_study_page(
    study: Study, out: str | Path | None = None, goal: str = "profit", subject_to: Sequence[str] = (), by: Sequence[str] = (),
) -> Path:  # fmt: skip
    """Write the page (default: results.html in the study's folder), whole or not at all; returns its path.

    goal, subject_to  of the best setting, as in `experiments.best.best`
    by                the two keys of the maps (default: the two that move the goal most)
    """
    page = study_html(study, goal, subject_to, by)
    target = Path(out) if out is not None else study.path / PAGE
    if target.is_dir():
        raise InputError(_("{folder} is a folder; give --out the name of a file, such as {file}").format(folder=target, file=target / PAGE))
    written(target, page.encode())
    return target


def study_html(study: Study, goal: str = "profit", subject_to: Sequence[str] = (), by: Sequence[str] = ()) -> str:
    """The page, in the language spoken. Everything that users wrote is escaped; nothing on it is fetched from anywhere."""
    _check(study, by)
    found = best(study, goal, subject_to)
    data, strength = study_data(study), strengths(study, found.goal)
    currency = study.scenario.market.currency
    columns = list(dict.fromkeys((found.goal, *(each.kpi for each in found.constraints), *FIGURES)))
    return rendered(
        "study.html.jinja", title=data["title"] or study.path.name, study=study,
        data=data, headline=headline(data),
        questions=[text for text in (study.scenario.question,) if text], source=study.scenario.source,
        answer=best_lines(study, found), goal=label(found.goal, currency), strength=strength, whole=every_combination(study),
        keys=_effects(study, currency, strength), maps=maps(study, found, strength, by, currency),
        columns=[label(kpi, currency) for kpi in columns],
        rows=[{"cell": cell, "keys": [as_text(study.cells[cell][key]) for key in study.keys], "values": cell_row(study, cell, columns)}
              for cell in _ranked(found, data)[:ROWS]],
        cells=len(data["cells"]), failures=data["failed"][:MOST_FAILURES], folder=study.path.as_posix(), tables=study.tables,
        versions=study.manifest["versions"], identity=study.manifest["identity"], seed=study.manifest["seed"],
    )  # fmt: skip


def _check(study: Study, by: Sequence[str]) -> None:
    for key in by:
        if key not in study.keys:
            raise InputError(unknown("key", key, study.keys), key="--by")
    if by and len(set(by)) != 2:
        raise InputError(
            _("a map needs two different keys, not {names}; allowed: --by {allowed}").format(
                names=", ".join(by), allowed=",".join(study.keys[:2])
            ),
            key="--by",
        )


def _effects(study: Study, currency: str, strength: dict[str, float]) -> list[dict[str, Any]]:
    """For each key with more than one level, the strongest first, a small picture of each headline figure."""
    kpis = [name for name, kpi in KPIS.items() if kpi.headline]
    table = main_effects(study, kpis)
    found = []
    for place, key in enumerate(strength):
        levels, pictures = levels_of(study, key), []
        if len(levels.labels) < 2:
            continue
        for kpi in kpis:
            rows = table[(table["key"] == key) & (table["kpi"] == kpi)]
            if rows["mean"].notna().any():
                pictures.append(effect_picture(rows, levels, kpi, f"effect-{place}-{kpi}", currency))
        if pictures:
            found.append({"key": key, "strength": strength[key], "pictures": pictures, "binned": levels.binned})
    return found


def maps(study: Study, found: Best, strength: dict[str, float], by: Sequence[str], currency: str) -> list[Picture]:
    """The goal, the constraints and trust over two keys."""
    keys = list(by) or [key for key in strength if len(levels_of(study, key).labels) > 1][:2]
    if len(keys) < 2:
        return []
    pictures = []
    for kpi in dict.fromkeys((found.goal, *(each.kpi for each in found.constraints), *MAPS)):
        one, other, values = surface(study, keys[0], keys[1], kpi)
        if not np.isnan(values).all():
            pictures.append(map_picture(one, other, values, kpi, f"map-{kpi}", currency))
    return pictures


def _ranked(found: Best, data: dict[str, Any]) -> list[int]:
    """The cells that qualify, the best first; then all others."""
    rest = [entry["cell"] for entry in data["cells"] if entry["cell"] not in set(found.qualifying)]
    return [*found.qualifying, *rest]
