"""Comparisons in the background: what is refused, how the queue moves, and that nothing is left behind."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator import Scenario, load_scenario
from simulator.app.compare import bench as benches
from simulator.app.compare import limits
from simulator.app.compare.bench import Bench, Progress, advance, distinct, too_large
from simulator.app.compare.job import Job, Line
from simulator.app.compare.pace import Pace
from simulator.app.compare.variant import KIND, levers_for, settings_of, values_now
from simulator.app.compare.work import Comparing, Reading, read, run
from simulator.app.levers import PLAYED
from simulator.app.library import SAID, library
from simulator.language import LANGUAGES
from simulator.scenario.bundled import bundled, bundled_names
from simulator.scenario.load import load_text
from tests.app.waiting import within

until = within(60.0)

HOME = Path(__file__).parents[2]
SMALL = 'base = "three_eras/{}"\ntitle = "{}"\n[population]\nsize = 200\n[run]\ndays = 14\n'


def small(base: str = "silent", title: str = "Small") -> Scenario:
    return load_text(SMALL.format(base, title), "small.toml")


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench("three_eras/silent", "en", lambda: None)
    yield made
    made.close()


# -- what there is to compare --------------------------------------------------------------------------------------------


def test_every_bundled_scenario_stands_on_the_shelf_with_words_that_can_be_translated() -> None:
    groups = library()
    assert sorted(f"{name}.toml" for group in groups for name in group.names) == bundled_names()
    known = {*SAID, "Canonical models", "Textbook models of diffusion, each with the one mechanism that it is about."}
    assert {text for group in groups for text in (group.title, group.question, *group.titles)} <= known


def test_two_to_five_scenarios_are_compared(bench: Bench) -> None:
    assert [entry.key for entry in bench.chosen] == ["three_eras/silent"] and "2 to 5" in bench.too_much()
    for name in ("interruption", "permission", "interaction", "mixed", "../../etc/passwd", ""):
        bench.choose(f"three_eras/{name}")
    assert len(bench.chosen) == 5 and bench.too_much() == ""
    bench.choose("bad_buzz/fame/famous")
    assert len(bench.chosen) == 5 and "At most 5" in bench.message
    bench.choose("three_eras/silent")
    assert len(bench.chosen) == 4 and not bench.message


def test_scenarios_about_different_brands_are_not_compared(bench: Bench) -> None:
    bench.choose("canonical/two_brands")
    assert "different brands" in bench.too_much()
    bench.go(1)
    assert not bench.running and "different brands" in bench.message


def test_names_differ() -> None:
    assert distinct(["A", "B"], ["x/a", "x/b"]) == ["A", "B"]
    assert distinct(["A", "A"], ["six_answers/a", "vain/a"]) == ["A (six answers)", "A (vain)"]
    assert distinct(["A", "A", "A"], ["own 1", "own 2", "x/a"]) == ["A", "A (2)", "A (x)"]
    assert len(set(distinct(["A", "A", "A (2)", "A"], ["own 1", "own 2", "own 3", "own 4"]))) == 4


# -- what is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"population.size": 50_001, "population.represents": 10**9}, "consumers"), ({"run.days": 1_500, "run.warm_up": 1}, "days"),
        ({"network.kind": "random", "network.degree": 2_000.0}, "ties"), ({"network.strong": 5_000.0}, "ties"),
        ({"network.kind": "scale_free", "network.links": 1_000}, "ties"),
    ],
)  # fmt: skip
def test_what_is_too_large_is_refused_with_the_limit(settings: dict[str, Any], word: str) -> None:
    scenario = load_scenario(bundled("three_eras/silent.toml"), settings)
    sentence = limits.refused(scenario)
    assert word in sentence and "at most" in sentence
    assert limits.too_much([scenario, scenario], 6, "luck") == sentence


def test_a_comparison_has_a_limit_as_a_whole() -> None:
    scenario = load_scenario(bundled("three_eras/silent.toml"), {"population.size": 40_000, "run.days": 364})
    assert limits.too_much([scenario] * 2, 6, "luck") == ""
    assert "million consumer days" in limits.too_much([scenario] * 5, 60, "both")
    assert (
        limits.too_much([scenario] * 2, 61, "luck")
        and limits.too_much([scenario] * 2, 1, "luck")
        and limits.too_much([scenario] * 6, 6, "luck")
    )


def test_every_bundled_scenario_is_small_enough() -> None:
    for name in bundled_names():
        assert limits.refused(load_scenario(bundled(name))) == ""


def test_files_that_are_too_large_or_too_many_are_not_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []
    monkeypatch.setattr(benches, "Job", lambda line, task, hear, longest: begun.append(task))
    bench.upload("big.toml", b"#" * (limits.MOST_BYTES + 1))
    assert begun == [] and bench.message == too_large("big.toml", limits.MOST_BYTES + 1) and "256 kB" in bench.message
    for _ in range(limits.MOST_UPLOADS):
        bench.upload("a.toml", b"#")
        bench._read(begun[-1], "problems", [])
    bench.upload("a.toml", b"#")
    assert len(begun) == limits.MOST_UPLOADS and "10 files" in bench.message


def test_what_is_wrong_with_a_file_is_shown_with_its_line() -> None:
    said: list[Any] = []
    text = 'base = "../../etc/passwd"\n'
    read(Reading("theirs.toml", text.encode(), "en"), lambda *message: said.append(message))
    [(kind, [wrong])] = said
    assert (kind, wrong.line, wrong.source, wrong.key) == ("problems", 1, 'base = "../../etc/passwd"', "base")
    said.clear()
    read(
        Reading("theirs.toml", b'base = "three_eras/silent"\n[population]\nsize = 1000000000\n', "en"),
        lambda *message: said.append(message),
    )
    assert any(wrong.line == 3 and "at most 50,000" in wrong.text for wrong in said[0][1])
    said.clear()
    read(Reading("t.toml", "\n".join(f"k{i} = 1" for i in range(300)).encode(), "en"), lambda *message: said.append(message))
    assert len(said[0][1]) == 41 and "more" in said[0][1][-1].text


# -- variants ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["silent", "interruption", "interaction", "mixed"])
@pytest.mark.parametrize("kind", PLAYED)
def test_a_form_as_it_opens_can_be_sent(base: str, kind: str) -> None:
    scenario = small(base)
    values = {lever.name: lever.default for lever in levers_for(scenario, kind)} | values_now(scenario, kind) | {KIND: kind}
    variant = scenario.override(settings_of(scenario, values))
    assert variant.brand("Aurora").strategy.kind == kind
    if kind == base and kind != "interaction":
        assert variant.hash == scenario.hash


def test_what_is_changed_is_changed_and_nothing_else(bench: Bench) -> None:
    entry = bench.chosen[0]
    assert bench.vary(entry, "<b>Mine</b>", {"size": 300, "days": 28, "budget_per_day": 100.0, KIND: "permission"})
    made = bench.own[0].scenario
    assert (made.population.size, made.run.days, made.brand("Aurora").budget_per_day) == (300, 28, 100.0)
    assert made.brand("Aurora").strategy.kind == "permission" and made.brands[1:] == entry.scenario.brands[1:]
    assert bench.own[0].name == made.title == "<b>Mine</b>" and bench.own[0] in bench.chosen
    assert load_text(bench.written(bench.own[0]), "mine.toml").hash == made.hash
    assert not bench.vary(entry, "x", {"size": 60_000}) and "too many" in bench.message
    assert not bench.vary(entry, "x", {"days": -1}) and bench.message.startswith("run.days: -1")
    assert not bench.vary(entry, "x", {"size": 10**9}) and "market.toml" not in bench.message


def test_ones_own_scenarios_do_not_grow_without_end(bench: Bench) -> None:
    for count in range(limits.MOST_OWN + 5):
        assert bench.vary(bench.chosen[0], "same", {"size": 300 + count})
    assert len(bench.own) == limits.MOST_OWN and len({entry.name for entry in bench.own}) == limits.MOST_OWN
    assert len(bench.chosen) == limits.MOST


# -- how it goes ---------------------------------------------------------------------------------------------------------


class Stood:
    """A job that only stands in a line."""

    def __init__(self) -> None:
        self.places: list[int] = []
        self.called = self

    def set(self) -> None:
        self.places.append(0)

    def moved(self, place: int) -> None:
        self.places.append(place)


def test_the_queue_is_fair_and_everybody_knows_their_place() -> None:
    line, jobs = Line(1), [Stood() for _ in range(4)]
    for job in jobs:
        line.join(job)  # type: ignore[arg-type]  # it has what a line asks for
    assert [job.places[-1] for job in jobs] == [0, 1, 2, 3]
    line.leave(jobs[1])  # type: ignore[arg-type]
    assert [job.places[-1] for job in (jobs[0], *jobs[2:])] == [0, 1, 2]
    line.leave(jobs[0])  # type: ignore[arg-type]
    assert [job.places[-1] for job in jobs[2:]] == [0, 1]
    line.leave(jobs[2])  # type: ignore[arg-type]
    line.leave(jobs[3])  # type: ignore[arg-type]
    late = Stood()
    line.join(late)  # type: ignore[arg-type]
    assert late.places == [0]


def test_progress_never_falls() -> None:
    progress, shares = Progress(), []
    for done in (0, 1, 3, 2, 3, 6):
        advance(progress, done, 6, 20.0)
        shares.append(progress.share)
        assert progress.left is not None and progress.left >= 0
    assert shares == sorted(shares) and shares[-1] == 1 and progress.left == 0


def test_what_was_seen_corrects_what_is_expected() -> None:
    pace = Pace()
    assert pace.expected(10) == 10
    for _ in range(10):
        pace.learn(10, 30)
    assert 29 < pace.expected(10) <= 30
    pace.learn(0, 1e9)
    assert pace.expected(1) < 60


def test_a_visitor_has_one_comparison_however_often_they_click(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []
    monkeypatch.setattr(benches, "Job", lambda *arguments: begun.append(arguments) or object())
    bench.choose("three_eras/interruption")
    for _ in range(500):
        bench.go(1)
    assert len(begun) == 1 and bench.running
    bench._job = None


# -- what came out -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told() -> list[Any]:
    """What a comparison says, in this process."""
    said: list[Any] = []
    scenarios = (small("interruption", "<script>alert(1)</script>"), small())
    run(
        Comparing(scenarios, ("<script>alert(1)</script>", "Small"), 2, 5, "luck", "<b>Two</b>", "fr"),
        lambda *message: said.append(message),
    )
    return said


@pytest.mark.compiled
@pytest.mark.slow
def test_a_comparison_is_told_in_every_language(told: list[Any]) -> None:
    assert [message[0] for message in told] == ["progress"] * 3 + ["papers", "files", "files"]
    papers = told[3][1]
    assert set(papers) == set(LANGUAGES) and papers["fr"]["headline"].startswith("Dans ce modèle")
    assert [message[1] for message in told[4:]] == ["fr", "en"]  # the language of the visitor first
    for paper in papers.values():
        assert json.loads(json.dumps(paper, allow_nan=False)) == paper  # plain enough for any browser
        assert set(paper["front"]) <= {chart["id"] for chart in paper["charts"]}
        assert paper["names"] == ["Small", "<script>alert(1)</script>"]  # the silent one is the baseline


@pytest.mark.compiled
@pytest.mark.slow
def test_what_is_taken_home_is_whole_and_harmless(told: list[Any]) -> None:
    for _, _language, page, archive in told[4:]:
        assert b"<script>alert" not in page and b"&lt;script&gt;alert" in page
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            assert {"summary.csv", "verdicts.csv", "runs.csv", "daily_bands.csv", "scenarios/1.toml"} <= set(packed.namelist())
            assert load_text(packed.read("scenarios/2.toml"), "2.toml").hash == small("interruption").hash


# -- processes -----------------------------------------------------------------------------------------------------------


def alive(group: int) -> bool:
    """Whether a process of the group is there that is not merely waiting to be buried."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            return True
    return False


LONG = Comparing((small("interruption"), small()), ("a", "b"), 60, 1, "both", "long", "en")
processes = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see who is alive")


@processes
@pytest.mark.slow
@pytest.mark.compiled
def test_a_cancelled_comparison_is_gone_with_its_process_group() -> None:
    said: list[Any] = []
    line = Line(1)
    first = Job(line, LONG, lambda *message: said.append(message), 600)
    second = Job(line, LONG, lambda *message: None, 600)
    until(lambda: any(message[0] == "progress" and message[1] > 0 for message in said))
    group = first.pid
    assert group and alive(group) and second.pid is None
    second.cancel()
    begun = time.monotonic()
    first.cancel()
    assert first.join(5) and second.join(5) and time.monotonic() - begun < 2
    assert not alive(group) and said[-1] == ("over", "cancelled")
    done = [message[1] for message in said if message[0] == "progress"]
    assert done == sorted(done)


@processes
@pytest.mark.slow
def test_who_takes_too_long_is_ended() -> None:
    said: list[Any] = []
    job = Job(Line(1), LONG, lambda *message: said.append(message), 0.3)
    assert job.join(20) and said[-1] == ("over", "late") and job.pid and not alive(job.pid)


@processes
@pytest.mark.slow
@pytest.mark.compiled
def test_comparisons_end_with_the_server_and_leave_nothing(tmp_path: Path) -> None:
    script = (
        "import sys, time; from tests.app.test_compare import LONG; from simulator.app.compare.job import Job, Line\n"
        "job = Job(Line(1), LONG, lambda *message: message[0] == 'progress' and print(job.pid, flush=True), 600); time.sleep(600)"
    )
    environment = os.environ | {"PYTHONPATH": str(HOME), "TMPDIR": str(tmp_path)}
    server = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment, cwd=tmp_path)
    assert server.stdout is not None
    group = int(server.stdout.readline())
    assert alive(group)
    server.kill()  # as hard as it goes
    server.wait()
    within(10.0)(lambda: not alive(group))
    server.stdout.close()
    assert list(tmp_path.iterdir()) == []


@processes
@pytest.mark.slow
@pytest.mark.compiled
def test_a_visitor_who_leaves_takes_the_comparison_along(bench: Bench) -> None:
    bench.upload("small.toml", SMALL.format("interaction", "Small").encode())
    until(lambda: not bench.reading)
    assert [entry.name for entry in bench.own] == ["Small"] and bench.message == "" and bench.wrong is None
    bench.ask(replicates=60)
    bench.go(1)
    until(lambda: bench.progress is not None and bench.progress.done > 0)
    job = bench._job
    assert job is not None and job.pid is not None
    bench.close()
    assert job.join(5) and not alive(job.pid)
    bench.go(1)
    assert bench._job is job  # nothing begins after that
