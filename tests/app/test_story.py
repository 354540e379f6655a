"""The guided session: every answer comes from a rule that was stated before, every sentence from the worlds."""

from __future__ import annotations

import dataclasses
import time
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.app.story import errands, session, worlds
from simulator.app.story.session import TAKE_AWAY, Session
from simulator.app.story.steps import CORE, FIRST_PLAN, SAME, SEEDS, STEPS, TURN, highest, keeps_up, lowest, more_or_less, trial_and_trust
from simulator.app.story.take_away import page_of
from simulator.app.story.telling import headline, of_hands, ranges, verdict, why, world_by_world
from simulator.app.story.worlds import Worlds, keep, kept, made, path_of
from simulator.language import LANGUAGES, speaking

STEP = STEPS["ask_first"]


def imagined(step: Any = STEP, ends: Any = None, days: int = 3) -> Worlds:
    """Worlds that nobody simulated, with these ends [charts, variants, worlds]."""
    charts, variants, n = len(step.charts), len(step.variants), len(SEEDS)
    given = np.linspace(0.2, 0.4, charts * variants * n).reshape(charts, variants, n) if ends is None else np.asarray(ends, np.float64)
    curves = np.repeat(given[..., None], days, axis=3).astype(np.float32)
    frames = np.zeros(16 * variants * (days + 1), np.uint8)
    cuts = 16 * (np.arange(variants)[:, None] * (days + 1) + np.arange(days + 2))
    figures, causes = np.ones((variants, n, len(step.figures))), np.full((variants, n, len(worlds.NAMES)), 0.01)
    return Worlds(
        step, curves, figures, causes, np.zeros((2, 2), np.float32), np.zeros((1, 2), np.uint16), frames, cuts, ("Aurora", "Borealis"), 0,
    )  # fmt: skip


# -- steps and rules -----------------------------------------------------------------------------------------------------


def test_there_are_five_core_steps_of_five_minutes_and_two_optional_ones() -> None:
    assert len(CORE) == 5 and len(STEPS) == 7 and all(step.minutes == 5 for step in STEPS.values())


@pytest.mark.parametrize("step", STEPS.values(), ids=list(STEPS))
def test_in_a_step_everything_is_the_same_but_what_is_compared(step: Any) -> None:
    scenarios = worlds.scenarios_of(step)
    assert 2 <= len(scenarios) <= 3 and len({scenario.hash for scenario in scenarios}) == len(scenarios)
    for scenario in scenarios:
        for part in ("population", "network", "market", "run", "word_of_mouth", "purchase", "events"):
            assert getattr(scenario, part) == getattr(scenarios[0], part)
        assert scenario.brands[1:] == scenarios[0].brands[1:]
    assert set(step.contrast) <= {variant.name for variant in step.variants} and 2 <= len(step.answers) <= 4


@pytest.mark.parametrize("step", STEPS.values(), ids=list(STEPS))
def test_a_rule_only_finds_answers_that_the_room_can_predict(step: Any) -> None:
    rng = np.random.default_rng(1)
    shape = (len(step.charts), len(step.variants), 300)
    found = set(step.rule([variant.name for variant in step.variants], 0.3 + 0.02 * rng.random(shape)))
    assert found <= set(step.answers) and len(found) >= 2


def test_rules_name_what_they_say() -> None:
    names = ["a", "b", "c"]
    ends = np.array([[[0.30, 0.30, 0.30], [0.32, 0.305, 0.20], [0.25, 0.2, 0.33]]])
    assert highest(names, ends, 0.01) == ["b", SAME, "c"] and lowest(names, ends, 0.01) == ["c", "c", "b"]
    trial = np.array([[[0.2, 0.2, 0.2, 0.2], [0.21, 0.21, 0.2, 0.2]], [[0.7, 0.7, 0.7, 0.7], [0.6, 0.7, 0.6, 0.7]]])
    assert trial_and_trust(names, trial) == ["both", "gain", "loss", SAME]
    small = np.array([[[0.3, 0.3, 0.3, 0.3], [0.3, 0.295, 0.2, 0.2], [0.3, 0.2, 0.4, 0.2]]])
    assert keeps_up(names, small) == ["both", "ads", "talk", "none"]
    assert more_or_less(names, np.array([[[0.3, 0.3, 0.3], [0.32, 0.304, 0.28]]])) == ["more", SAME, "less"]


@pytest.mark.parametrize("ahead, right", [(20, "asks"), (15, "asks"), (14, None), (10, None), (0, "interrupts")])
def test_an_answer_is_right_only_if_it_holds_in_clearly_more_than_half_of_the_worlds(ahead: int, right: str | None) -> None:
    ends = np.full((1, 2, 20), 0.3)
    ends[0, 1] = np.where(np.arange(20) < ahead, 0.4, 0.2)
    found = verdict(imagined(ends=ends))
    assert found.right == right and found.share.low < found.share.share <= found.share.high <= 1
    assert ("Cannot tell" in headline(STEP, found)) == (right is None)


def test_hands_are_counted_for_the_answer_that_came_true() -> None:
    ends = np.full((1, 2, 20), 0.3)
    ends[0, 1] = 0.4
    found = verdict(imagined(ends=ends))
    assert "7 of 20 hands" in of_hands(STEP, found, {"asks": 7, "interrupts": 13})
    assert of_hands(STEP, found, {}) == "No hands were counted."


def test_sentences_come_from_the_numbers() -> None:
    ends = np.full((1, 2, 20), 0.3)
    ends[0, 1] = 0.355
    found = imagined(ends=ends)
    assert ranges(found)[2][1] == "35.5% (35.5% to 35.5%)" and "+5.5 points" in world_by_world(found)
    assert "ends the same" in why(found)[0]
    moved = dataclasses.replace(found, causes=found.causes + np.array([0.02, 0.0])[:, None, None] * (np.array(worlds.NAMES) == "annoyance"))
    assert "2.0 points of 100 lower" in why(moved)[0] and "annoyance -2.0" in why(moved)[0]


# -- worlds --------------------------------------------------------------------------------------------------------------


@pytest.mark.compiled
def test_worlds_are_made_kept_and_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_OF_MOUTH_CACHE", str(tmp_path))
    monkeypatch.setattr(worlds, "SEEDS", (1, 2))
    assert worlds.ready() == list(STEPS) and kept(STEP) is None
    told: list[tuple[int, int]] = []
    (one,) = made([STEP], progress=lambda done, total: told.append((done, total)), workers=1)
    keep(one)
    again = kept(STEP)
    assert again is not None and told[-1] == (2, 2) and STEP.name not in worlds.ready()
    for name in worlds.ARRAYS:
        np.testing.assert_array_equal(getattr(again, name), getattr(one, name))
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []
    # the books balance: what moved mean trust leads from day 0 to the last day
    model_trust = one.causes.sum(axis=2)
    assert ((model_trust > 0.2) & (model_trust < 1)).all() and one.frame(1, 84) != one.frame(1, 0)
    # a world is the same on its own: what is compared meets the same luck
    lived = worlds.lived(worlds._Task(STEP.name, STEP.scenarios(), 2))
    np.testing.assert_array_equal(lived.curves, one.curves[:, :, 1])
    path_of(STEP).write_bytes(path_of(STEP).read_bytes()[:5000])
    assert kept(STEP) is None


def test_each_plan_has_worlds_of_its_own() -> None:
    plans = [FIRST_PLAN, ("permission", "whole", "honest"), ("interaction", "four", "honest"), ("interaction", "whole", "bold")]
    assert len({path_of(STEPS[TURN], plan) for plan in plans}) == len(plans)


def test_nothing_is_prepared_where_nothing_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("WORLD_OF_MOUTH_CACHE", str(tmp_path / "file" / "folder"))
    monkeypatch.setattr(worlds, "made", lambda *given: pytest.fail("it simulated for nothing"))
    worlds.prepare()
    assert worlds.ready() == list(STEPS)


# -- the session ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("find", "look"):
        monkeypatch.setattr(session, name, lambda step, plan: imagined(step))
    opened = Session(lambda: None)
    opened.say("en")
    yield opened
    opened.close()


def shown(begun: Session) -> None:
    begun.hear({"kind": "run", "value": None})
    begun.say("en")
    begun.hear({"kind": "end", "value": None})
    begun.say("en")


def test_a_step_goes_from_prediction_to_answer(begun: Session) -> None:
    begun.hear({"kind": "hands", "value": {"whole": 12, "four": 3, "nobody": 9}})
    assert begun.worlds.run == "" and not begun.ballot.locked
    begun.hear({"kind": "run", "value": None})
    begun.say("en")
    assert begun.worlds.run and begun.ballot.locked and not begun.worlds.told
    begun.hear({"kind": "hands", "value": {"whole": 1}})  # too late
    begun.hear({"kind": "day", "value": 2})
    assert begun.round is not None and begun.round.day == 2
    begun.hear({"kind": "end", "value": None})
    begun.say("en")
    assert [answer["hands"] for answer in begun.ballot.answers] == [0, 12, 3, 0] and begun.worlds.told
    begun.hear({"kind": "reset", "value": None})
    begun.say("en")
    assert begun.worlds.run == "" and [answer["hands"] for answer in begun.ballot.answers] == [0] * 4


def test_steps_keep_what_was_predicted_while_others_are_looked_at(begun: Session) -> None:
    begun.hear({"kind": "hands", "value": {"whole": 12}})
    begun.hear({"kind": "next", "value": None})
    assert begun.place == 1
    for _ in range(20):
        begun.hear({"kind": "next", "value": None})
    assert begun.place == TAKE_AWAY and begun.round is None
    for _ in range(20):
        begun.hear({"kind": "previous", "value": None})
    assert begun.place == 0 and begun.round is not None and begun.round.hands == {"whole": 12}


@pytest.mark.parametrize(
    "content",
    [None, 7, {}, {"kind": "hands", "value": 3}, {"kind": "hands", "value": {"whole": -4}}, {"kind": "hands", "value": {"whole": 10**12}},
     {"kind": "hands", "value": {"whole": True}}, {"kind": "day", "value": 10**9}, {"kind": "timer", "value": [True, float("nan")]},
     {"kind": "timer", "value": ["x", 3]}, {"kind": "end", "value": None}, {"kind": "__class__", "value": None},
     {"kind": ["run"], "value": 0}],
)  # fmt: skip
def test_what_makes_no_sense_is_passed_over(begun: Session, content: Any) -> None:
    begun.hear(content)
    assert begun.round is not None and begun.round.hands == {} and not begun.round.told and begun.round.left == 300.0


def test_the_clock_runs_while_another_page_is_open(begun: Session) -> None:
    begun.hear({"kind": "timer", "value": [True, 200.0]})
    assert begun.round is not None
    begun.round.since = time.monotonic() - 50.0
    begun.say("en")
    assert begun.clock.running and 149 < begun.clock.left < 151
    begun.hear({"kind": "timer", "value": [False, 100.0]})
    assert begun.round.seconds() == 100.0


def test_another_plan_is_another_question(begun: Session) -> None:
    begun.go(list(STEPS).index(TURN))
    shown(begun)
    begun.choose(("permission", "four", "bold"))
    begun.say("en")
    assert begun.round is not None and begun.round.plan[0] == "permission" and begun.worlds.run == "" and begun.round.drawn is not None
    begun.choose(("bribery", "four", "bold"))
    assert begun.round.plan[0] == "permission"


def test_worlds_that_are_not_there_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    errand = errands.Errand.__new__(errands.Errand)
    errand.done, errand.total, errand.worlds, errand.ended = 3, 20, None, session.threading.Event()
    for name in ("find", "look"):
        monkeypatch.setattr(session, name, lambda step, plan: errand)
    waiting = Session(lambda: None)
    waiting.run()
    assert waiting.round is not None and waiting.round.wanted and not waiting.round.running
    errand.worlds = imagined(STEPS["shout"])
    errand.ended.set()
    until = time.monotonic() + 3
    while not waiting.round.running and time.monotonic() < until:
        time.sleep(0.01)
    assert waiting.round.running
    waiting.close()


def test_who_leafs_through_the_steps_sets_nothing_off(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []
    monkeypatch.setattr(session, "STAYS", 0.05)
    monkeypatch.setattr(session, "look", lambda step, plan: None)
    monkeypatch.setattr(session, "find", lambda step, plan: found.append(step.name) or imagined(step))
    leafing = Session(lambda: None)
    leafing.go(1)
    leafing.go(2)
    until = time.monotonic() + 3
    while not found and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.1)
    assert found == ["listen"]
    leafing.close()


# -- to take away --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_to_take_away_tells_of_every_step_played_and_escapes_everything(
    language: str, begun: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = dataclasses.replace(STEPS["shout"], title="<script>alert(1)</script>", question='"><img src=x onerror=alert(1)>')
    begun.rounds["shout"].step = hostile
    with speaking(language):
        assert "<article>" not in page_of(begun)
        shown(begun)
        html = page_of(begun)
    assert html.count("<article>") == 1 and "<script" not in html and "<img" not in html and "&lt;script&gt;" in html
    assert "http" not in html and f'<html lang="{language}">' in html and html.count("<circle") == 60


def test_an_errand_whose_server_is_gone_ends_without_a_word() -> None:
    here, there = Pipe()
    here.close()
    errands._make("shout", FIRST_PLAN, there)  # it would raise, and print where
    assert there.closed
