"""A variant holds only its difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.scenario.load import load_scenario
from simulator.scenario.problems import ScenarioError

BASE = """
title = "Base"
question = "Why?"
[run]
days = 100
[[brands]]
name = "Aurora"
quality = 0.6
start = { awareness = 0.4, loyalty = 0.3 }
[brands.strategy]
kind = "interruption"
flighting = "burst"
burst_days = 7
[[brands]]
name = "Borealis"
[[events]]
day = 10
brand = "Aurora"
kind = "stock_out"
"""


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        path = folder / name.replace("__", "/")
        path = path.with_suffix(".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / f"{next(iter(texts))}.toml"


def test_a_variant_changes_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        variant='base = "base/market.toml"\ntitle = "Variant"\n[[brands]]\nname = "Aurora"\nstart.awareness = 0.9\n',
        base__market=BASE,
    )
    scenario = load_scenario(path)
    aurora = scenario.brand("Aurora")
    assert (scenario.title, scenario.question, scenario.run.days) == ("Variant", "Why?", 100)
    assert [brand.name for brand in scenario.brands] == ["Aurora", "Borealis"]
    assert (aurora.quality, aurora.start.awareness, aurora.start.loyalty) == (0.6, 0.9, 0.3)
    assert aurora.strategy.burst_days == 7


def test_a_new_brand_is_added_and_becomes_not_the_focal_one(tmp_path: Path) -> None:
    scenario = load_scenario(write(tmp_path, variant='base = "market.toml"\n[[brands]]\nname = "Corona"\n', market=BASE))
    assert [brand.name for brand in scenario.brands] == ["Aurora", "Borealis", "Corona"]
    assert scenario.focal == "Aurora"


def test_another_kind_of_strategy_leaves_no_lever_of_the_old_one(tmp_path: Path) -> None:
    variant = 'base = "market.toml"\n[[brands]]\nname = "Aurora"\nstrategy = { kind = "permission", reward = 1.0 }\n'
    scenario = load_scenario(write(tmp_path, variant=variant, market=BASE))
    assert scenario.to_dict()["brands"][0]["strategy"] == {"kind": "permission", "reward": 1.0}


def test_the_same_kind_of_strategy_is_changed_lever_by_lever(tmp_path: Path) -> None:
    for kind in ('kind = "interruption"\n', ""):
        variant = f'base = "market.toml"\n[[brands]]\nname = "Aurora"\n[brands.strategy]\n{kind}burst_days = 3\n'
        strategy = load_scenario(write(tmp_path, variant=variant, market=BASE)).brand("Aurora").strategy
        assert (strategy.flighting, strategy.burst_days) == ("burst", 3)


def test_the_kind_of_the_market_is_a_value_like_any_other(tmp_path: Path) -> None:
    market = '[market]\nprice = 3.0\n[[brands]]\nname = "Aurora"\n'
    scenario = load_scenario(write(tmp_path, variant='base = "market.toml"\n[market]\nkind = "durable"\n', market=market))
    assert (scenario.market.kind, scenario.market.price) == ("durable", 3.0)


def test_events_are_added_unless_none_are_asked_for(tmp_path: Path) -> None:
    more = 'base = "market.toml"\n[[events]]\nday = 20\nbrand = "Borealis"\nkind = "stock_out"\n'
    assert [event.day for event in load_scenario(write(tmp_path, variant=more, market=BASE)).events] == [10, 20]
    assert load_scenario(write(tmp_path, variant='base = "market.toml"\nevents = []\n', market=BASE)).events == ()


def test_segments_are_known_by_name(tmp_path: Path) -> None:
    segments = '[[population.segments]]\nname = "a"\nshare = 0.8\nscepticism = 0.9\n[[population.segments]]\nname = "b"\nshare = 0.2\n'
    variant = 'base = "market.toml"\n[[population.segments]]\nname = "b"\nshare = 0.5\n[[population.segments]]\nname = "a"\nshare = 0.5\n'
    population = load_scenario(write(tmp_path, variant=variant, market=BASE + segments)).population
    assert [(segment.name, segment.share, segment.scepticism) for segment in population.segments] == [("a", 0.5, 0.9), ("b", 0.5, None)]


def test_bases_may_have_bases(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        one='base = "two.toml"\n[run]\ndays = 1\nwarm_up = 2\n',
        two='base = "deep/three.toml"\n[run]\ndays = 50\n',
        deep__three=BASE,
    )
    run = load_scenario(path, {"events": []}).run
    assert (run.days, run.warm_up) == (1, 2)


def test_a_mistake_is_reported_in_the_file_that_made_it(tmp_path: Path) -> None:
    path = write(
        tmp_path, variant='base = "market.toml"\n\n[[brands]]\nname = "Borealis"\nquality = 3\n', market=BASE.replace("0.6", "6.0")
    )
    with pytest.raises(ScenarioError) as refused:
        load_scenario(path)
    assert [(Path(problem.file).name, problem.line, problem.key) for problem in refused.value.problems] == [
        ("market.toml", 8, "brands.Aurora.quality"), ("variant.toml", 5, "brands.Borealis.quality"),
    ]  # fmt: skip


def test_what_a_file_names_lies_beside_that_file(tmp_path: Path) -> None:
    network = '[network]\nkind = "file"\npath = "friends.csv"\n[[brands]]\nname = "Aurora"\n'
    path = write(tmp_path, variant='base = "base/market.toml"\n', base__market=network)
    with pytest.raises(ScenarioError, match=r'market.toml:3  network.path: there is no file "friends.csv" in'):
        load_scenario(path)
    (tmp_path / "base" / "friends.csv").write_text("source,target\n1,2\n", encoding="utf-8")
    assert load_scenario(path).network.path == str((tmp_path / "base" / "friends.csv").resolve())


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    outside, inside = tmp_path / "market.toml", tmp_path / "in" / "link.toml"
    outside.write_text(BASE, encoding="utf-8")
    inside.parent.mkdir()
    try:
        inside.symlink_to(outside)
    except OSError:
        pytest.skip("no symbolic links here")
    with pytest.raises(ScenarioError, match="lies outside"):
        load_scenario(write(tmp_path / "in", variant='base = "link.toml"\n'))


def test_a_byte_order_mark_and_windows_line_ends_are_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "notepad.toml"
    path.write_bytes(b"\xef\xbb\xbf" + BASE.replace("\n", "\r\n").encode())
    assert load_scenario(path).title == "Base"
    path.write_bytes(path.read_bytes().replace(b"0.6", b"6.0"))
    with pytest.raises(ScenarioError, match="notepad.toml:8 "):
        load_scenario(path)


def test_a_long_chain_of_bases_ends(tmp_path: Path) -> None:
    for k in range(30):
        write(tmp_path, **{f"s{k}": f'base = "s{k + 1}.toml"\n'})
    with pytest.raises(ScenarioError, match="more than 20 files"):
        load_scenario(tmp_path / "s0.toml")
