"""The command line: what it answers, how fast, and with which exit code."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from simulator import cli
from simulator.experiments import compare as comparing

ROOT = Path(__file__).resolve().parent.parent
RUN = [sys.executable, str(ROOT / "run.py")]
SMALL = [
    "--set",
    "population.size=60",
    "--set",
    "run.days=10",
    "--set",
    "network.community_size=20",
    "--set",
    "network.largest_audience=0.2",
]

BAD = """
[run]
days = 0
[[brands]]
name = "A"
budgt_per_day = 3.0
"""


def answered(arguments: list[str]) -> int:
    """The exit code of a command, run in this process."""
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    return int(ended.value.code or 0)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def timed(arguments: list[str]) -> tuple[float, subprocess.CompletedProcess[str]]:
    """What a command answers, and its seconds of processor time: those it takes on a machine that does nothing else."""
    before, start = os.times(), time.perf_counter()
    done = subprocess.run([*RUN, *arguments], capture_output=True, text=True, encoding="utf-8", check=False)
    after, end = os.times(), time.perf_counter()
    took = after.children_user + after.children_system - before.children_user - before.children_system
    return took if sys.platform != "win32" else end - start, done


# -- speed -----------------------------------------------------------------------------------------------------------


def test_help_answers_in_under_a_third_of_a_second() -> None:
    times = []
    for _ in range(7):
        took, done = timed(["--help"])
        assert done.returncode == 0
        assert "compare" in done.stdout
        times.append(took)
    assert statistics.median(times) < 0.3


def test_help_loads_nothing_slow() -> None:
    code = (
        "import sys; from simulator import cli\n"
        "try: cli.main(['compare', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'mesa', 'numba', 'pandas', 'numpy', 'matplotlib', 'rich', 'scipy'} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stderr.strip() == "[]"


def test_a_bad_scenario_is_refused_in_under_a_second_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(BAD, encoding="utf-8")
    for command in (["simulate"], ["compare"], ["check"], ["graph"]):
        took, done = timed([*command, "bad.toml"])
        assert took < 1.0
        assert done.returncode == 1
        assert done.stdout == ""
        assert "bad.toml:3  run.days: 0 is out of range" in done.stderr
        assert 'did you mean "budget_per_day"' in done.stderr
        assert "Traceback" not in done.stderr


# -- exit codes and messages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "No such command"),
        (["simulate"], "Missing argument"),
        (["simulate", "three_eras/mixed", "--seed", "many"], "--seed"),
        (["compare", "three_eras", "--replicates", "0"], "--replicates"),
        (["--quiet", "schema"], "options go behind the command"),
        (["simulate", "three_eras/mixed", "--keep-ids"], "--keep-ids needs --out"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(arguments) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["simulate", "nowhere.toml"], "nowhere.toml  there is no such file"),
        (["simulate", "three_eras/mixed", "--set", "run.days"], "key=value"),
        (["simulate", "three_eras/mixed", "--set", "run.dais=3"], 'did you mean "days"'),
        (["compare", "three_eras", "--set", "focal=Nobody"], "Nobody"),
        (["compare", "three_eras", "--set", "brands.Aurora.quality=2"], "brands.Aurora.quality: 2 is out of range"),
        (["graph", "."], "holds no scenario"),
    ],
)
def test_wrong_input_ends_with_1_and_a_sentence(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(arguments) == 1
    said = capsys.readouterr()
    assert message in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_the_same_mistake_in_five_scenarios_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["compare", "three_eras", "--set", "purchase.trust_weight=-1"]) == 1
    assert capsys.readouterr().err.count("purchase.trust_weight") == 1


def test_failed_runs_end_with_3_and_the_others_are_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    real = comparing.simulate

    def sometimes(scenario: Any, seed: int, **rest: Any) -> Any:
        if seed == 2:
            raise ZeroDivisionError("by zero")
        return real(scenario, seed, **rest)

    monkeypatch.setattr(comparing, "simulate", sometimes)
    assert answered(["compare", "three_eras/silent", *SMALL, "--replicates", "2", "--workers", "1"]) == 3
    said = capsys.readouterr()
    assert "failed: silent, seed 2: ZeroDivisionError: by zero" in said.err
    assert "1 replicates" in said.out
    assert Path("out/silent/report.html").is_file()


def test_whatever_breaks_is_a_sentence_and_3(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import simulator.simulate  # noqa: F401  # the module, which the command imports from

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("something odd")

    monkeypatch.setattr(sys.modules["simulator.simulate"], "simulate", broken)
    assert answered(["simulate", "three_eras/silent", *SMALL]) == 3
    said = capsys.readouterr().err
    assert "failed: RuntimeError: something odd" in said
    assert "Traceback" not in said


def test_ctrl_c_ends_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(comparing, "simulate", stopped)
    assert answered(["compare", "three_eras", *SMALL, "--replicates", "1", "--workers", "1", "--doubt", "luck"]) == 130
    assert "stopped" in capsys.readouterr().err
    assert not Path("out").exists()


@pytest.mark.compiled
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_on_a_terminal_keeps_what_finished_and_leaves_no_process() -> None:
    arguments = [*SMALL, "--set", "run.days=20", "--replicates", "400", "--workers", "2", "--out", "kept"]
    with subprocess.Popen(
        [*RUN, "compare", "three_eras/silent", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what a shell runs in the background is deaf to Ctrl-C
    ) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any(line.startswith("comparing: 40 of") for line in lines)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "replicates are kept" in err
    assert "Traceback" not in err
    assert Path("kept/report.html").is_file()
    deadline = time.monotonic() + 5.0
    while running(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running(process.pid) == []


def running(group: int) -> list[str]:
    """The processes of a group that have not ended, as Linux lists them."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = place.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                found.append(place.parent.name)
    return found


# -- commands --------------------------------------------------------------------------------------------------------


def test_the_bare_run_compares_the_three_eras_and_writes_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered([*SMALL, "--replicates", "2", "--workers", "1"]) == 0
    said = capsys.readouterr()
    words = [
        "Reach", "Aided awareness", "Trust among the aware", "Penetration", "Market share", "Profit", "Opt-in list", "Irritation",
        "Negative messages", *("silent", "interruption", "permission", "interaction", "mixed"), "In this model", "Illustrative",
    ]  # fmt: skip
    for word in words:
        assert word in said.out
    assert "comparing: 2 of 2 replicates" in said.err
    page = Path("out/three_eras/report.html").read_text(encoding="utf-8")
    assert "<title>Three eras</title>" in page


def test_another_comparison_goes_to_another_folder(capsys: pytest.CaptureFixture[str]) -> None:
    base = ["compare", "three_eras/silent", *SMALL, "--replicates", "1", "--workers", "1"]
    assert answered(base) == 0
    assert answered([*base, "--seed", "2"]) == 0
    assert len(list(Path("out").iterdir())) == 2
    assert "out/silent holds another comparison and stays as it is" in capsys.readouterr().err
    assert answered([*base, "--seed", "3", "--out", "out/silent"]) == 1
    assert "nothing was run or written" in capsys.readouterr().err


def test_json_goes_to_standard_output_alone(capsys: pytest.CaptureFixture[str]) -> None:
    pair = ["three_eras/silent", "three_eras/mixed"]
    arguments = ["compare", *pair, *SMALL, "--replicates", "2", "--workers", "1", "--doubt", "luck", "--json"]
    assert answered(arguments) == 0
    said = capsys.readouterr()
    data = json.loads(said.out)
    assert data["baseline"] == "silent"
    assert {row["a"] for row in data["verdicts"]} == {"mixed"}
    assert Path(data["report"]).is_file()
    assert "comparing" in said.err


def test_quiet_says_nothing_but_results(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["simulate", "three_eras/permission", *SMALL, "--set", "brands.Aurora.strategy.kind=silent", "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "Reach" in said.out


def test_dropped_keys_are_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["check", "three_eras/permission", "--set", "brands.Aurora.strategy.kind=silent"]) == 0
    assert "dropped" in capsys.readouterr().err


def test_simulate_prints_every_figure_and_keeps_every_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["simulate", "three_eras/mixed", *SMALL, "--seed", "4", "--out", "run", "--json"]) == 0
    said = capsys.readouterr()
    data = json.loads(said.out)
    assert data["seed"] == 4
    assert set(data["kpis"]) == {"Aurora", "Borealis", "Corona"}
    assert {path.name for path in Path("run").iterdir()} >= {"daily.parquet", "kpis.parquet", "run.json"}
    assert answered(["simulate", "three_eras/mixed", *SMALL, "--seed", "5", "--out", "run"]) == 1


def test_ids_leave_only_when_asked() -> None:
    Path("friends.csv").write_text("source,target\nann,bob\nbob,cid\ncid,ann\ncid,dan\n", encoding="utf-8")
    network = ["--set", "network.kind=file", "--set", "network.path=friends.csv", "--set", "network.directed=false", "--set", "run.days=3",
               "--set", "population.represents=4000"]  # fmt: skip
    assert answered(["simulate", "three_eras/silent", *network, "--out", "without", "--quiet"]) == 0
    assert answered(["simulate", "three_eras/silent", *network, "--out", "with", "--keep-ids", "--quiet"]) == 0
    assert not Path("without/ids.csv").exists()
    lines = Path("with/ids.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "consumer,id"
    assert sorted(line.split(",")[1] for line in lines[1:]) == ["ann", "bob", "cid", "dan"]


def test_check_compares_what_was_asked_for_with_day_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["check", "three_eras/silent", "--start", *SMALL]) == 0
    said = capsys.readouterr()
    assert "valid" in said.out
    for word in ("asked", "day 0", "gap", "penetration", "reputation"):
        assert word in said.out
    assert "too few to speak of" in said.err


def test_check_says_all_of_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.toml").write_text(BAD, encoding="utf-8")
    assert answered(["check", "bad.toml", "three_eras/silent", "gone.toml", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [entry["valid"] for entry in found] == [False, True, False]
    assert len(found[0]["problems"]) >= 2


def test_the_graph_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["graph", "three_eras/silent", *SMALL]) == 0
    said = capsys.readouterr().out
    for word in ("consumers", "ties", "strong", "largest audiences", "clustering", "reciprocity", "components", "assortativity"):
        assert word in said
    assert answered(["graph", "three_eras/silent", *SMALL, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["consumers"] == 60


def test_the_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["schema"]) == 0
    assert "brands" in json.loads(capsys.readouterr().out)["properties"]


def test_doctor_finds_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "numba" in said
    assert "all well" in said


@pytest.mark.compiled
@pytest.mark.long
def test_doctor_prepares(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(["doctor", "--prepare", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["problems"] == said["missing"] == []
