"""What may be asked: the tables of a scenario file, composed of the parameters that rules, world and strategies declare.

Only what belongs to no rule is declared here: the run, the record, the market and its brands.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, PrivateAttr, model_validator

from simulator.parameters import ASSUMPTION, DESIGN, Table, declaration, parameter
from simulator.rules.advertising import Parameters as Advertising
from simulator.rules.campaigns import Campaign
from simulator.rules.co_creation import Parameters as CoCreation
from simulator.rules.conversation import Parameters as Conversation
from simulator.rules.crises import FalseRumour, Response, Scandal, ServiceFailure
from simulator.rules.crises import Parameters as Crises
from simulator.rules.experience import Parameters as Experience
from simulator.rules.forgetting import Parameters as Forgetting
from simulator.rules.permission import Parameters as Permission
from simulator.rules.purchase import Launch, StockOut
from simulator.rules.purchase import Parameters as Purchase
from simulator.rules.reputation import Parameters as Reputation
from simulator.rules.roles import Parameters as Roles
from simulator.rules.silence import FallsSilent
from simulator.rules.word_of_mouth import Parameters as WordOfMouth
from simulator.rules.word_of_mouth import StagedMessages
from simulator.scenario.identity import content_hash
from simulator.scenario.overrides import as_toml
from simulator.scenario.positions import Spot
from simulator.strategies import Silent, Strategy
from simulator.world.consumers import Population
from simulator.world.graph import Network

Share = Annotated[float, Field(ge=0, le=1)]
PerSegment = Share | dict[str, Share]
"""A number for everybody, or a table with one number per segment."""

AnyEvent = Annotated[
    Scandal | FalseRumour | ServiceFailure | Response | StagedMessages | StockOut | Launch | Campaign | FallsSilent,
    Field(discriminator="kind"),
]


MOST_IN_PANEL = 100_000
LOGGED_UP_TO = 200_000
"""Consumers up to which `record.tellings = "auto"` logs every telling."""


class Run(Table):
    """[run]"""

    days: int = parameter(182, unit="days", meaning="how long the market is watched, from day 0", ge=1, le=10_000)
    warm_up: int = parameter(0, unit="days", meaning="days that pass before day 0 and are in no table", ge=0, le=10_000)


class OfSegment(Table):
    """All consumers of a segment."""

    segment: str = parameter(unit="", meaning="its name")


class Record(Table):
    """[record]"""

    tellings: bool | Literal["auto"] = parameter(
        "auto", unit="", meaning="whether every telling is logged; auto: up to 200,000 consumers", off=False
    )
    aware_above: float = parameter(
        0.3, unit="awareness", meaning="recall point: consumers above it count as aware in tracker figures",
        evidence=ASSUMPTION, plausible=(0.1, 0.5), ge=0, le=1,
    )  # fmt: skip
    top_trust: float = parameter(
        0.7, unit="trust", meaning="consumers of at least this trust count in trust_top2",
        evidence=ASSUMPTION, plausible=(0.6, 0.8), ge=0, le=1,
    )  # fmt: skip

    panel: Annotated[int, Field(ge=0, le=MOST_IN_PANEL)] | tuple[int | str, ...] | OfSegment = parameter(
        (), unit="consumers",
        meaning="whose every change of mind the ledger keeps, with its cause: so many drawn by chance, a list of ids, or a segment",
    )  # fmt: skip

    def logs_tellings(self, consumers: int) -> bool:
        """Whether the tellings of so many consumers are logged."""
        return consumers <= LOGGED_UP_TO if self.tellings == "auto" else bool(self.tellings)


class MarketKind(Table):
    """[market]"""

    kind: Literal["repeat", "durable"] = parameter("repeat", unit="", meaning="repeat: bought again and again; durable: adopted once")
    price: float = parameter(10.0, unit="currency", meaning="typical price, against which a brand is dear or cheap", gt=0, le=1e9)
    currency: str = parameter("EUR", unit="", meaning="a label for money", min_length=1, max_length=12)


class Standing(Table):
    """[calibration]: whether the numbers are anybody's. `run.py calibrate` writes it; reports show it."""

    status: Literal["illustrative", "set to your market", "fitted and held out"] = parameter(
        "illustrative", unit="",
        meaning="illustrative: a plausible market; set to your market: its numbers were entered or fitted; fitted and held out: "
        "fitted to a series, and tried on a part of it that was held back",
    )  # fmt: skip
    to: str = parameter("", unit="", meaning="the market or series that it was set or fitted to", max_length=1000)
    result: str = parameter("", unit="", meaning="what was estimated, and how it did on what was held out, in words", max_length=4000)


class Start(Table):
    """[brands.start]: where a brand stands on day 0, each a number or a table per segment."""

    awareness: PerSegment = parameter(0.0, unit="0..1", meaning="mean awareness; at 0 nobody knows the brand")
    penetration: PerSegment = parameter(0.0, unit="share", meaning="share of consumers who own it or buy it")
    loyalty: PerSegment = parameter(0.0, unit="0..1", meaning="loyalty of these customers: share of their purchases")
    reputation: PerSegment = parameter(0.5, unit="0..1", meaning="trust on day 0, to which trust drifts back; .5 is neutral")
    opt_in: PerSegment = parameter(0.0, unit="share", meaning="share of consumers who agreed to be written to")
    knowledge: PerSegment = parameter(0.0, unit="0..1", meaning="what the brand knows of each consumer")

    def of(self, name: str, segment: str) -> float:
        """The start value `name` (such as "awareness") in a segment."""
        value = getattr(self, name)
        return float(value[segment] if isinstance(value, Mapping) else value)


class Brand(Table):
    """[[brands]]"""

    name: str = parameter(unit="", meaning="how the brand is called, everywhere", min_length=1, max_length=60, pattern=r"^\S(.*\S)?$")
    quality: float = parameter(0.7, unit="0..1", meaning="the level of experience it delivers at perfect fit", ge=0, le=1)
    promise: float = parameter(0.7, unit="0..1", meaning="the level of experience it claims", ge=0, le=1)
    position: tuple[float, float] = parameter((0.0, 0.0), unit="need space", meaning="where its offer stands among consumers' needs")
    conduct: tuple[float, ...] = parameter(
        (), unit="", meaning="what its conduct stands for, a number for each of the values of segments; none: not asked", max_length=8
    )
    price: float | None = parameter(None, unit="currency", meaning="price of a unit; without it the market's typical price", ge=0, le=1e9)
    unit_cost: float = parameter(4.0, unit="currency", meaning="cost of a unit sold", ge=0, le=1e9)
    fixed_costs: float = parameter(0.0, unit="currency/day", meaning="costs that do not depend on sales", ge=0, le=1e12)
    budget_per_day: float = parameter(
        0.0, unit="currency/day", meaning="money for marketing that becomes available each day, in the real market", ge=0, le=1e12
    )
    start: Start = parameter(factory=Start, unit="", meaning="where the brand stands on day 0")
    strategy: Strategy = parameter(factory=Silent, unit="", meaning="what the brand does with its budget")
    p: float | None = parameter(
        None, unit="1/day", meaning="durable: adoption by advertising; without it purchase.p", ge=0, le=1e6, off=0.0
    )
    q: float | None = parameter(
        None, unit="1/day", meaning="durable: adoption by imitation; without it purchase.q", ge=0, off=0.0, infinite=True
    )


class Assumption(NamedTuple):
    """A value that a run rests on, and what was declared about it."""

    key: str
    value: Any
    declaration: dict[str, Any]
    """meaning, unit, evidence, default, and where declared: source, off, plausible"""


class Scenario(Table):
    """A market, its brands and what happens to them: an immutable value, read by `load_scenario`."""

    title: str = parameter("", unit="", meaning="what the scenario is called in reports", max_length=200)
    question: str = parameter("", unit="", meaning="the question it is made to answer", max_length=1000)
    source: str = parameter("illustrative", unit="", meaning="where its numbers come from: a citation, or illustrative", max_length=1000)
    focal: str = parameter("", unit="", meaning="the brand that comparisons speak of; without it the first")
    calibration: Standing = parameter(factory=Standing, unit="", meaning="whether the numbers are anybody's")
    run: Run = parameter(factory=Run, unit="", meaning="how long")
    record: Record = parameter(factory=Record, unit="", meaning="what is written down")
    population: Population = parameter(factory=Population, unit="", meaning="who lives in the market")
    network: Network = parameter(factory=Network, unit="", meaning="who talks to whom")
    market: MarketKind = parameter(factory=MarketKind, unit="", meaning="what kind of market it is")
    brands: tuple[Brand, ...] = parameter(unit="", meaning="the brands, 1 to 100", min_length=1, max_length=100)
    events: tuple[AnyEvent, ...] = parameter((), unit="", meaning="what happens on a date", max_length=10_000)
    advertising: Advertising = parameter(factory=Advertising, unit="", meaning="unsolicited contacts")
    permission: Permission = parameter(factory=Permission, unit="", meaning="consent and newsletters")
    purchase: Purchase = parameter(factory=Purchase, unit="", meaning="who buys what")
    experience: Experience = parameter(factory=Experience, unit="", meaning="promise meets reality")
    word_of_mouth: WordOfMouth = parameter(factory=WordOfMouth, unit="", meaning="who tells whom")
    conversation: Conversation = parameter(factory=Conversation, unit="", meaning="listening and answering")
    co_creation: CoCreation = parameter(factory=CoCreation, unit="", meaning="a platform for ideas")
    reputation: Reputation = parameter(factory=Reputation, unit="", meaning="what is said in public adds up")
    roles: Roles = parameter(factory=Roles, unit="", meaning="journalists, prescribers, ambassadors")
    crises: Crises = parameter(factory=Crises, unit="", meaning="what answers to crises do and cost")
    forgetting: Forgetting = parameter(factory=Forgetting, unit="", meaning="what fades")

    _data: dict[str, Any] = PrivateAttr(default_factory=dict)
    _spots: Spot | None = PrivateAttr(default=None)
    _path: str = PrivateAttr(default="")
    _notices: tuple[str, ...] = PrivateAttr(default=())
    _hash: str = PrivateAttr(default="")

    @model_validator(mode="before")
    @classmethod
    def _first_brand_is_focal(cls, data: Any) -> Any:
        if isinstance(data, dict) and not data.get("focal") and isinstance(data.get("brands"), (list, tuple)) and data["brands"]:
            first = data["brands"][0]
            name = first.get("name") if isinstance(first, dict) else getattr(first, "name", None)
            return {**data, "focal": name} if isinstance(name, str) else data
        return data

    __iter__ = None  # type: ignore[assignment]  # mesa.batch_run would sweep over anything iterable

    @property
    def path(self) -> Path | None:
        """The file it was read from, if it was."""
        return Path(self._path) if self._path else None

    @property
    def folder(self) -> Path:
        """Where that file is; the working directory for a scenario made in Python."""
        return self.path.parent if self.path else Path.cwd()

    @property
    def name(self) -> str:
        """A short name: that of the file, without folder and ending."""
        return self.path.stem if self.path else "scenario"

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences for the user: what was changed or will not matter."""
        return self._notices

    @property
    def hash(self) -> str:
        """32 hexadecimal digits of what happens in the scenario and in the files it names.

        Independent of file names, of the order of tables and brands, of what is written out though it is the default,
        and of title, question, source, focal brand and calibration, which change no run.
        """
        if not self._hash:
            self._hash = content_hash(self)
        return self._hash

    def brand(self, name: str) -> Brand:
        """The brand of that name."""
        return next(brand for brand in self.brands if brand.name == name)

    def written(self) -> tuple[dict[str, Any], Spot]:
        """The merged data behind the scenario and where each value was written; not to be changed."""
        return self._data, self._spots or Spot("scenario", 0)

    def remember(self, data: dict[str, Any], spots: Spot, path: str, notices: tuple[str, ...]) -> None:
        """Keep where the values came from; for the loader."""
        self._data, self._spots, self._path, self._notices = data, spots, path, notices

    def override(self, settings: Mapping[str, Any]) -> Scenario:
        """The same scenario with some values changed: `{"brands.Aurora.strategy.kind": "permission"}`."""
        from simulator.scenario.load import overridden

        return overridden(self, settings)

    def to_dict(self) -> dict[str, Any]:
        """What the files and overrides said, merged; `load_scenario` reads it back to an equal scenario."""
        data: dict[str, Any] = as_toml(self._data)
        return data

    def assumptions(self) -> list[Assumption]:
        """Every value whose declaration is tagged as literature or assumption, by dotted key."""
        return [row for row in self.values() if row.declaration["evidence"] != DESIGN]

    def values(self) -> list[Assumption]:
        """Every value of the scenario, defaults included, by dotted key."""
        return list(_values(self, ""))


def _values(table: Table, prefix: str) -> Iterator[Assumption]:
    for name, field in type(table).model_fields.items():
        value, key = getattr(table, name), f"{prefix}{name}"
        if isinstance(value, Table):
            yield from _values(value, f"{key}.")
        elif isinstance(value, Mapping) and any(isinstance(item, Table) for item in value.values()):
            for inner, item in value.items():
                yield from _values(item, f"{key}.{inner}.")
        elif isinstance(value, tuple) and any(isinstance(item, Table) for item in value):
            for index, item in enumerate(value):
                yield from _values(item, f"{key}.{getattr(item, 'name', index)}.")
        else:
            default = None if field.is_required() else field.get_default(call_default_factory=True)
            declared = {"meaning": field.description or "", "default": default, **declaration(type(table), name)}
            yield Assumption(key, value, declared)


NOTES = ("title", "description", "default", "unit", "evidence", "source", "off", "plausible", "infinite", "file")
"""What the schema of a value says beyond what the value may be."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file, for editors that complete and check while one types."""
    schema: dict[str, Any] = _tolerant(Scenario.model_json_schema())
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "World of Mouth scenario"
    schema["properties"] = {
        "base": {"type": "string", "description": "path of the scenario that this one changes, at or below its folder"},
        **schema["properties"],
    }
    schema.pop("required", None)
    schema["anyOf"] = [{"required": ["base"]}, {"required": ["brands"]}]
    return schema


def _tolerant(node: Any) -> Any:
    """ "off" where there is an off-value, infinities as text, and no `kind` asked for: a base may have given it."""
    if isinstance(node, list):
        return [_tolerant(item) for item in node]
    if not isinstance(node, dict):
        return str(node) if isinstance(node, float) and math.isinf(node) else node
    done = {key: _tolerant(item) for key, item in node.items() if key != "discriminator"}
    if "oneOf" in done:
        done["anyOf"] = done.pop("oneOf")
    if isinstance(done.get("required"), list):
        done["required"] = [name for name in done["required"] if name != "kind"]
    if "off" in done and "unit" in done:
        notes = {key: done.pop(key) for key in NOTES if key in done}
        done = {"anyOf": [done, {"const": "off"}], **notes}
    return done
