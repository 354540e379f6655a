"""Fitting a scenario to an observed series: which values of its free parameters give what the market did?

1. Search. Optuna's tree-structured Parzen estimator (Bergstra and others 2011) looks over the ranges. Every setting is simulated
   several times, always with the same luck, so that settings differ only by what was set; the objective is the mean of these runs
   against the first part of the series (the last quarter is held out).
2. Refinement. An emulator of the simulated series (emulator.py) is fitted by least squares (estimation.py); more settings are
   simulated where the estimate may lie, and the emulator made anew. The forecast of the held-out part comes from this fit.
3. Estimate. The same for the whole series: these are the values that are reported, with profile intervals.

Nothing depends on the number of processes: settings are asked for in rounds of a fixed size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from simulator.engine.chance import address
from simulator.experiments.calibration import Calibration, Request, requested
from simulator.experiments.design import Axis
from simulator.experiments.emulator import Cube, Emulator
from simulator.experiments.estimation import EDGE, Data, Fit, Noise, best_fit, covariance, limits, losses, profile
from simulator.experiments.forecast import bass_forecast, forecast, last_value
from simulator.experiments.graphs import forget
from simulator.experiments.observed import F64, Series
from simulator.experiments.pool import Crew, Progress
from simulator.experiments.trials import Ledger, Trial, Watch
from simulator.language import _
from simulator.parameters import InputError
from simulator.results.provenance import plain
from simulator.scenario.schema import Scenario

SEARCHED = 0.5
"""Share of the trials that search; the others refine."""

ROUND = 8
"""Settings asked for at once, however many processes there are."""

FRESH = 40
"""Runs at an estimate, with luck that no trial had: for the luck of the market and of the simulation."""

MOST_CHECKS, STILL = 3, 0.5
"""So often an estimate is checked by fresh runs, until it moves by less than so many of its standard errors."""

MOST_STARTS = 4
RIVALS = 8
"""Starts all over the cube from which another fit, as good on the emulator, is sought in every round of refinement."""

WIDE, NARROW = 0.3, 0.01
"""Standard deviations between which refining trials spread, in the unit cube."""


def calibrate(
    scenario: Scenario,
    series: Series,
    free: Sequence[Axis],
    *,
    measure: str = "units",
    scale: Literal["free", "fixed"] | None = None,
    trials: int = 100,
    replicates: int = 4,
    holdout: float = 0.25,
    seed: int = 1,
    workers: int | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Fit the free parameters of a scenario to an observed series.

    free        ranges of dotted keys (`design.axis("purchase.p=0.0001:0.01")`)
    measure     the focal brand's daily column that was observed: units, adoptions, aided_awareness, penetration ...
    scale       free: the size of the market is estimated too (no brand may spend money, which is the real market's); fixed:
                population.represents holds. None: free if the scenario names no size, no money is spent and values are units
    trials      settings that are simulated, half of them to search, half to refine
    replicates  runs of each setting, with seeds seed, seed + 1, ... in all of them
    holdout     share of the rows, the last, on which the forecast is judged
    out         folder in which trials are kept as they come; the same call goes on from there
    """
    request = requested(scenario, series, free, measure, scale, trials, replicates, holdout, seed)
    forget()
    study = _study(seed)
    cube = Cube(request.free)
    ledger = Ledger(Path(out) if out is not None else None, plain(request.asked()))
    tell = progress or (lambda done, total: None)
    checks = 2 if request.held_out else 1
    tell(0, trials + checks)
    with Crew(workers) as crew:
        bench = _Bench(request, cube, ledger, crew, lambda done: tell(min(done, trials + checks), trials + checks))
        data = request.data()
        bench.search(study, data.part(request.seen), max(2, round(SEARCHED * trials)))
        held = request.held_out > 0
        if held:
            bench.refine(data.part(request.seen), (len(ledger.trials) + trials) // 2)
        bench.refine(data, trials)
        final, noise = bench.settle(data)
        first, noise_first = bench.settle(data.part(request.seen)) if held else (final, noise)
    tell(trials + checks, trials + checks)
    limit = limits(final, noise)
    bass = bass_forecast(data, request.seen) if request.durable_units else None
    whole = bass_forecast(data, len(data.observed)) if request.durable_units and held else bass
    return Calibration(
        request, cube, tuple(ledger.trials[:trials]), first, final, (noise_first, noise),
        tuple(profile(final, j, float(limit[j])) for j in range(final.parameters)),
        (forecast("this scenario", first, data, noise_first), bass[0] if bass else last_value(data, request.seen)),
        forecast("this scenario", final, data, noise), whole[1] if whole else None,
    )  # fmt: skip


class _Bench:
    """Where settings are asked for and simulated."""

    def __init__(self, request: Request, cube: Cube, ledger: Ledger, crew: Crew, done: Callable[[int], None]) -> None:
        self.request, self.cube, self.ledger, self.crew, self.done = request, cube, ledger, crew, done
        self.watch = Watch(request.measure, request.series.rows, request.series.days_per_row)
        self.seeds = range(request.seed, request.seed + request.replicates)

    def _measure(self, stage: str, points: Sequence[F64], seeds: Sequence[int]) -> list[Trial]:
        settings = [self.cube.settings(point) for point in points]
        return self.ledger.measure(stage, points, settings, self.request.scenario, seeds, self.watch, self.crew, self.done)

    def search(self, asking: tuple[Any, Any], data: Data, until: int) -> None:
        """Trials up to that number, as Optuna asks for them."""
        study, optuna = asking
        spaces = {key: optuna.distributions.FloatDistribution(0.0, 1.0) for key in self.cube.keys}
        while len(self.ledger.trials) < until:
            asked = [study.ask(spaces) for _ in range(min(ROUND, until - len(self.ledger.trials)))]
            points = [np.array([each.params[key] for key in self.cube.keys]) for each in asked]
            for each, trial in zip(asked, self._measure("search", points, self.seeds), strict=True):
                if trial.curves.size:
                    study.tell(each, math.log(max(1e-300, float(losses(data, trial.curves.mean(axis=0)[None])[0]))))
                else:
                    study.tell(each, state=optuna.trial.TrialState.FAIL)

    def refine(self, data: Data, until: int) -> Fit:
        """Trials up to that number where the estimate may lie; returns the last fit."""
        fit = self.fit(data)
        while len(self.ledger.trials) < until:
            count = min(ROUND, until - len(self.ledger.trials))
            self._measure("local", self._around(fit, count), self.seeds)
            fit = self.fit(data)
        return fit

    def fit(self, data: Data) -> Fit:
        """The best fit on an emulator of all trials so far."""
        done = [trial for trial in self.ledger.trials if trial.curves.size and trial.stage != "check"]
        if len(done) < 2 * (len(self.cube.keys) + 1):
            failed = next((trial.error for trial in self.ledger.trials if trial.error), "")
            raise RuntimeError(
                _("{count} trials worked, too few to fit anything; the first that failed: {failed}").format(count=len(done), failed=failed)
            )
        points, curves = np.array([trial.point for trial in done]), np.array([trial.curves.mean(axis=0) for trial in done])
        loss = losses(data, curves)
        order = np.argsort(loss, kind="stable")
        near = np.zeros(len(done), bool)
        near[order[: max(8, len(done) // 3)]] = True
        return best_fit(Emulator(points, curves, near), data, points[order[:MOST_STARTS]])

    def _around(self, fit: Fit, count: int) -> list[F64]:
        """Points around an estimate, as far as it may be wrong; the first is the estimate."""
        from scipy.stats import norm, qmc

        best = min(
            (trial for trial in self.ledger.trials if trial.curves.size),
            key=lambda each: float(((np.array(each.point) - fit.point) ** 2).sum()),
        )
        noise = self._noise(fit, best.curves - best.curves.mean(axis=0), self.request.replicates)
        k = len(fit.point)
        inverse = np.linalg.pinv(fit.design(), rcond=1e-8)
        rough = (fit.emulator.error * fit.scale) ** 2 * inverse @ inverse.T  # the emulator may be wrong where nothing was simulated yet
        values, directions = np.linalg.eigh((covariance(fit, noise) + rough)[:k, :k])
        spread = directions * np.clip(np.sqrt(np.maximum(values, 0.0)) * 1.5, NARROW, WIDE)
        sobol = qmc.Sobol(k, rng=np.random.default_rng(int(address(self.request.seed, "calibration local", len(self.ledger.trials)))))
        normal = norm.ppf(np.clip(sobol.random(ROUND), 1e-6, 1.0 - 1e-6))
        points = [_inside(point) for point in (fit.point, *(fit.point + normal[1:] @ spread.T))][:count]
        rival = best_fit(fit.emulator, fit.data, sobol.random(RIVALS)).point
        if float(np.abs(rival - fit.point).max()) > NARROW:  # real, or the emulator's own invention where nothing was simulated
            points[-1] = rival
        return points

    def settle(self, data: Data) -> tuple[Fit, Noise]:
        """The last fit, its curve corrected by many runs with luck that no trial had, and that luck."""
        start = self.request.seed + self.request.replicates
        seeds = range(start, start + FRESH)
        before = self.fit(data)
        base, point = before.emulator, before.point
        for _check in range(MOST_CHECKS):
            trial, *_rest = self._measure("check", [point], seeds)
            if not trial.curves.size:
                raise RuntimeError(_("the runs at the estimate failed: {error}").format(error=trial.error))
            mean = trial.curves.mean(axis=0)
            fit = best_fit(base.through(point, mean), data, np.array([point, before.point]))
            noise = self._noise(fit, trial.curves - mean, FRESH)
            wrong = np.sqrt(np.diag(covariance(fit, noise))[: len(point)])
            if (np.abs(fit.point - point) <= np.maximum(STILL * wrong, EDGE)).all():
                break
            point = fit.point
        return fit, noise

    def _noise(self, fit: Fit, deviations: F64, runs: int) -> Noise:
        population = self.request.scenario.override(self.cube.settings(fit.point)).population
        people = (population.represents or population.size) * fit.scale
        return Noise(min(1.0, population.size / people), runs, deviations, self.request.seed)


def _inside(point: F64) -> F64:
    """Reflected into the unit cube."""
    folded = np.abs(point) % 2.0
    found: F64 = np.where(folded > 1.0, 2.0 - folded, folded)
    return found


def _study(seed: int) -> tuple[Any, Any]:
    """An Optuna study whose sampler follows from the seed, and the library."""
    import warnings

    try:
        import optuna
    except ImportError:
        raise InputError(_("calibrate needs Optuna: pip install 'world-of-mouth[optimize]'")) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # both options are old, but not called stable
        sampler = optuna.samplers.TPESampler(seed=int(address(seed, "calibration search")) % 2**32, multivariate=True, constant_liar=True)
    return optuna.create_study(sampler=sampler), optuna
