"""Whom something takes: ways to name consumers in a scenario."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulator.parameters import Table, parameter


class Highest(Table):
    """The consumers with the largest audiences."""

    highest_audience: int = parameter(unit="consumers", meaning="how many, largest audience first", ge=1)


class Share(Table):
    """A random share of the market."""

    share: float = parameter(unit="share", meaning="of all consumers, drawn by chance", ge=0, le=1)


Selection = Annotated[int, Field(ge=0)] | tuple[int | str, ...] | Highest | Share
"""Whom an event or a role takes: so many drawn by chance | these ids | { highest_audience = k } | { share = x }."""
