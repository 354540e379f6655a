"""Sensitivity analysis of a tiny market: what is not read has no effect, what has a known sign shows it, nothing is run twice."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from simulator import load_scenario
from simulator.experiments.points import run_points
from simulator.experiments.sensitivity import Question, Sensitivity, default_folder, estimate, levels, question, run, sensitivity
from simulator.parameters import InputError
from simulator.report.sensitivity import sensitivity_data, sensitivity_html, sensitivity_lines, write_sensitivity
from simulator.scenario.schema import Scenario

pytestmark = pytest.mark.compiled
pytest.importorskip("SALib", reason="the extra `sensitivity` is not installed")

PRICE, UNREAD, SHARE = "brands.Aurora.price", "permission.learning", "word_of_mouth.share"
KEYS = [f"{PRICE}=5:15", f"{UNREAD}", SHARE]


@pytest.fixture(scope="module")
def two() -> list[Scenario]:
    """Nobody asks for permission in this market, so that permission.learning is read by nothing."""
    small = {"population.size": 150, "run.days": 7}
    first = load_scenario("scenarios/three_eras/interruption.toml").override(small)
    return [first, first.override({"brands.Aurora.strategy.kind": "silent"})]


@pytest.fixture(scope="module")
def asked(two: list[Scenario]) -> Question:
    return question(two, ("profit", "trust_aware"), 2, 8, 2, keys=KEYS, names=["loud", "silent"])


@pytest.fixture(scope="module")
def found(asked: Question, tmp_path_factory: pytest.TempPathFactory) -> Sensitivity:
    return run(asked, tmp_path_factory.mktemp("sensitivity") / "here", workers=1)


def test_a_parameter_that_nothing_reads_has_no_effect_at_all(found: Sensitivity) -> None:
    for kpi in ("profit", "trust_aware"):
        screening, indices = found.screening[kpi].set_index("key"), found.indices[kpi].set_index("key")
        assert screening.loc[UNREAD, "mu_star"] == 0.0
        assert screening.loc[PRICE, "mu_star"] > 0.0
        assert indices.loc[UNREAD, "ST"] == 0.0
        assert indices.loc[PRICE, "ST"] > 0.0


def test_a_parameter_with_a_known_sign_shows_it(two: list[Scenario], tmp_path: Path) -> None:
    alone = sensitivity(two[:1], ("units", "revenue"), 3, 0, 2, workers=1, keys=[f"{PRICE}=5:15", UNREAD], out=tmp_path / "here")
    units = alone.screening["units"].set_index("key").loc[PRICE]
    assert units["mu"] == -units["mu_star"] < 0.0  # in every trajectory a dearer brand sells less
    assert alone.screening["units"].set_index("key").loc[UNREAD, "mu_star"] == 0.0


def test_the_runs_of_a_point_are_paired_and_all_there(found: Sensitivity, asked: Question) -> None:
    assert found.runs is not None
    assert found.made == asked.most_runs == (2 * 4 + 8 * 5) * 2 * 2
    frame = found.runs
    assert not frame.duplicated(["point", "scenario", "replicate"]).any()
    assert (frame["seed"] == 1 + frame["replicate"]).all()
    assert frame["error"].isna().all()
    values = levels(asked, frame, "profit")
    row = frame[(frame["point"] == 3) & (frame["scenario"] == "silent") & (frame["replicate"] == 1)].iloc[0]
    assert values[3, 1, 1] == row["profit"]


def test_shares_flips_and_map_rest_on_the_same_points(found: Sensitivity) -> None:
    share = found.shares("profit")
    assert sum(share[name]["count"] for name in share) == share["ahead"]["n"] == 16
    assert len(found.shares_by_seed("profit")) == 2
    assert set(found.flips("profit")["key"]) == {PRICE, UNREAD, SHARE}
    assert found.flip_map("profit")[["n", "ties"]].to_numpy().sum() == 16
    table = found.table()
    assert table["even"].sum() == 16 * 4
    assert table[PRICE].between(5, 15).all()


def test_nothing_is_run_twice_and_a_lost_part_is_made_again_to_the_byte(found: Sensitivity, asked: Question) -> None:
    parts = {file: file.read_bytes() for file in found.folder.rglob("part-*.parquet")}
    gone = sorted(parts)[0]
    gone.unlink()
    told: list[tuple[int, int]] = []
    again = run(asked, found.folder, workers=1, progress=lambda done, total: told.append((done, total)))
    assert {file: file.read_bytes() for file in found.folder.rglob("part-*.parquet")} == parts
    assert told[0][0] > 0
    assert told[-1] == (asked.most_runs, asked.most_runs)
    assert (again.indices["profit"].to_numpy() == found.indices["profit"].to_numpy()).all()


def test_a_folder_of_other_points_is_refused(asked: Question, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="holds other files"):
        run_points(asked.screening(), tmp_path, 1)


def test_a_run_that_fails_is_a_row_and_not_the_end(two: list[Scenario], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from simulator.experiments import points

    real = points.simulate

    def sometimes(scenario: Scenario, seed: int, **more: object) -> object:
        if seed == 2 and scenario.brand("Aurora").price == 5.0 and scenario.brand("Aurora").strategy.kind == "silent":
            raise ZeroDivisionError("no luck")
        return real(scenario, seed, **more)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(points, "simulate", sometimes)
    asked = question(two, ("profit",), 4, 0, 2, keys=[f"{PRICE}=5:15"], names=["loud", "silent"])
    found = run(asked, tmp_path / "here", workers=1)
    assert set(found.failed["error"]) == {"ZeroDivisionError: no luck"}
    assert len(found.failed) == (asked.screening().places == 0.0).sum()
    assert found.screening["profit"]["mu_star"].notna().all()


def test_page_text_and_tables_say_what_was_found(found: Sensitivity) -> None:
    page = write_sensitivity(found, "the command")
    text = page.read_text(encoding="utf-8")
    assert "loud beats silent in profit in" in text
    assert "http" not in text.replace("http-equiv", "")
    assert text.count("<svg") == 2 * 5
    assert {file.name for file in found.folder.glob("*.csv")} == {
        "parameters.csv", "screening.csv", "indices.csv", "flips.csv", "map.csv", "shares.csv"
    }  # fmt: skip
    assert "Sobol indices" in sensitivity_lines(found)
    data = sensitivity_data(found)
    assert data["kpis"]["profit"]["shares"]["ahead"]["n"] == 16
    assert data["answer"]["profit"][0].startswith("In this model, loud beats silent")


def test_names_are_shown_as_text(found: Sensitivity, asked: Question) -> None:
    from dataclasses import replace

    nasty = replace(found, asked=replace(asked, names=("<script>", "silent")))
    assert "<script>" not in sensitivity_html(nasty)


def test_questions_that_cannot_be_asked_are_refused(two: list[Scenario]) -> None:
    for arguments, said in (
        ({"kpis": ("profits",)}, "no figure is called profits"),
        ({"points": 100}, "powers of two"),
        ({"trajectories": 1}, "at least 2"),
        ({"replicates": 0}, "at least 1"),
        ({"keys": ["nothing"]}, "no assumption has this key"),
        ({"points": 2**20, "replicates": 100}, "runs; allowed"),
    ):
        with pytest.raises(InputError, match=said):
            question(two, **arguments)  # type: ignore[arg-type]  # as a user would
    with pytest.raises(InputError, match="are the same"):
        question([two[0], two[0]])
    with pytest.raises(InputError, match="one, or two"):
        question([*two, two[0]])


def test_an_estimate_counts_runs_and_writes_nothing(asked: Question, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    guess = estimate(asked, 2)
    assert (guess.runs, guess.parameters, guess.workers) == (asked.most_runs, 3, 2)
    assert guess.hours > 0.0
    assert not list(tmp_path.iterdir())
    assert default_folder(asked) == default_folder(asked)


def test_more_processes_give_the_same_bytes(two: list[Scenario], tmp_path: Path) -> None:
    asked = question(two, ("profit",), 5, 0, 1, keys=KEYS, names=["loud", "silent"])
    one, other = (run(asked, tmp_path / str(workers), workers) for workers in (1, 2))
    files = [{file.name: file.read_bytes() for file in each.folder.rglob("part-*")} for each in (one, other)]
    assert files[0] == files[1]
    assert len(files[0]) > 1
    pd.testing.assert_frame_equal(one.screening["profit"], other.screening["profit"], check_exact=True)
