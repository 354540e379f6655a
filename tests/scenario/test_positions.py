"""The line on which every value of a TOML file stands."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.positions import Spot, scan, split_key

TEXT = '''# a comment with "quotes" and [brackets]
title = """
several = 1
[lines] """
a.b . "c d" = 1 # dotted
"k\\u0065y" = 'x # no comment'
list = [ # comment ]
  1, "]",

  { x = [2,
     3], y = """
""" },
]
[run]
days = 1

[[brands]]
name = "A"
[brands.strategy]
kind = "x"
[[brands.deep]]
z = 1
[[brands.deep]]
z = 2

[[brands]]
name = 'B'
strategy = { kind = "y", channels = { tv = 0.5, "pop up" = 0.5 } }
[brands.start]
awareness.young = 1979-05-27 07:32:00
'''


def line(spot: Spot, *path: str | int) -> int:
    for part in path:
        spot = spot.parts[part]
    return spot.line


def test_lines_of_a_crooked_file() -> None:
    tomllib.loads(TEXT)
    root = scan(TEXT, "f.toml")
    expected = {
        ("title",): 2, ("a", "b", "c d"): 5, ("key",): 6, ("list",): 7, ("list", 0): 8, ("list", 1): 8, ("list", 2): 10,
        ("list", 2, "x", 1): 11, ("list", 2, "y"): 11, ("run",): 14, ("run", "days"): 15,
        ("brands", 0): 17, ("brands", 0, "name"): 18, ("brands", 0, "strategy"): 19, ("brands", 0, "strategy", "kind"): 20,
        ("brands", 0, "deep", 0, "z"): 22, ("brands", 0, "deep", 1, "z"): 24, ("brands", 1): 26,
        ("brands", 1, "strategy", "channels", "pop up"): 28, ("brands", 1, "start", "awareness", "young"): 30,
    }  # fmt: skip
    assert {path: line(root, *path) for path in expected} == expected
    assert root.at(("brands", 1, "price")).line == 26
    assert root.at(("nothing",)).line == 1


def test_dotted_keys_are_split_as_toml_does() -> None:
    assert split_key('a."b.c".d') == ["a", "b.c", "d"]
    assert split_key("a b") is None
    assert split_key("a..b") is None
    assert split_key("") is None


KEYS = st.text("abcXYZ01_-", min_size=1, max_size=4) | st.sampled_from(['"a.b"', "'c d'", '"é\\""', '"#"'])
SCALARS = st.sampled_from(
    [
        "1",
        "-0.5",
        "inf",
        "true",
        '"x"',
        "'y'",
        '"#]}"',
        '"\\""',
        '"""\n#\n"""',
        "'''\n]'\n'''",
        '"""a""b"""',
        '""""q""""',
        "1979-05-27 07:32:00Z",
        "[]",
        "{}",
    ]
)
INLINE = st.recursive(
    SCALARS, lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda items: "[\n" + " , # c ]\n".join(items) + "\n]"), max_leaves=5
)


@given(st.lists(st.tuples(KEYS, INLINE, st.integers(0, 2)), min_size=1, max_size=8, unique_by=lambda item: item[0]))
def test_every_key_is_found_on_its_line(pairs: list[tuple[str, str, int]]) -> None:
    text, lines = "", {}
    for key, value, blank in pairs:
        text += "\n" * blank
        lines[next(iter(tomllib.loads(f"{key} = 1")))] = text.count("\n") + 1
        text += f"{key} = {value} # end\n"
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # two spellings of one key
    root = scan(text, "f.toml")
    assert {key: line(root, key) for key in data} == {key: lines[key] for key in data}
    _same_shape(data, root)


def _same_shape(data: object, spot: Spot) -> None:
    if isinstance(data, dict):
        assert set(spot.parts) == set(data)
    elif isinstance(data, list):
        assert set(spot.parts) == set(range(len(data)))
    else:
        assert not spot.parts
        return
    for part, inner in spot.parts.items():
        _same_shape(data[part], inner)  # type: ignore[index]  # a key of a dict or a number in a list
