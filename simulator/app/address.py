"""The address bar: which world a link opens. What it says is only ever looked up, never opened as a path."""

from __future__ import annotations

import contextlib
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

from simulator.language import ENGLISH, LANGUAGES
from simulator.scenario.bundled import bundled_names

FIRST = "three_eras/interruption"
"""What opens without a word."""

LARGEST_SEED = 2**63 - 1


class Address(NamedTuple):
    """A bundled scenario by name (without its ending), a seed, a language."""

    scenario: str = FIRST
    seed: int = 1
    language: str = ENGLISH

    def query(self) -> str:
        """What stands behind the question mark."""
        return urlencode(self._asdict() | {"seed": str(self.seed)}, safe="/")


def read_address(query: str | None) -> Address:
    """The address of a query; what is not known or makes no sense is as if it were not there."""
    said: dict[str, str] = {}
    if len(query or "") < 2000:
        with contextlib.suppress(ValueError):  # more fields than anybody needs
            said = {name: values[-1] for name, values in parse_qs(query or "", max_num_fields=20).items()}
    scenario = said.get("scenario", FIRST).removesuffix(".toml")
    seed = said.get("seed", "1")
    language = said.get("language", ENGLISH)
    return Address(
        scenario if scenario in scenario_names() else FIRST,
        int(seed) if seed.isascii() and seed.isdecimal() and len(seed) < 20 and int(seed) <= LARGEST_SEED else 1,
        language if language in LANGUAGES else ENGLISH,
    )


def scenario_names() -> list[str]:
    """Bundled scenarios without their endings, those of the three eras first."""
    names = [name.removesuffix(".toml") for name in bundled_names()]
    return sorted(names, key=lambda name: (not name.startswith("three_eras/"), name))
