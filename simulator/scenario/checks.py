"""What no single table can know: names that must exist elsewhere, sums, sizes against the machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.language import _, number
from simulator.parameters import Table
from simulator.scenario.declared import Path
from simulator.scenario.problems import but_allowed, shown, unknown
from simulator.world.graph import memory, network_problems, ties_per_consumer

BYTES_PER_CONSUMER = 120
BYTES_PER_CONSUMER_AND_BRAND = 64
BYTES_PER_TIE = 8

Found = Iterator[tuple[Path, str]]


@dataclass
class Parts:
    """The tables of a scenario that are right by themselves; one that is wrong is missing here."""

    tables: dict[str, Any] = field(default_factory=dict)
    starts: list[tuple[int, Any]] = field(default_factory=list)  # number of the brand, its [brands.start]
    strategies: list[tuple[int, Any]] = field(default_factory=list)  # number of the brand, its [brands.strategy]
    events: list[tuple[int, Any]] = field(default_factory=list)
    event_brands: list[tuple[int, str]] = field(default_factory=list)  # number of the event, the brand written there
    event_days: list[tuple[int, int]] = field(default_factory=list)
    brand_names: list[str] = field(default_factory=list)  # as written, of wrong brands too
    conducts: list[tuple[int, tuple[float, ...]]] = field(default_factory=list)  # number of the brand, its conduct
    segment_names: list[str] = field(default_factory=list)
    focal: str = ""
    shortened: bool = False  # run.days was set from outside: later events are no mistake
    notices: list[str] = field(default_factory=list)

    def table(self, name: str) -> Any:
        """A table, or None."""
        return self.tables.get(name)


def found_across(parts: Parts) -> Found:
    """(path, sentence) for everything wrong between tables."""
    yield from _names(parts)
    yield from _starts(parts)
    yield from _channels(parts)
    yield from _events(parts)
    yield from _roles(parts)
    yield from _conducts(parts)
    yield from _products(parts)
    yield from _sizes(parts)


def _names(parts: Parts) -> Found:
    for index, name in enumerate(parts.brand_names):
        if name and name in parts.brand_names[:index]:
            wrong = _("there is another brand {name}; allowed: a name of its own for each brand")
            yield ("brands", index, "name"), wrong.format(name=shown(name))
    if parts.focal and parts.brand_names and parts.focal not in parts.brand_names:
        yield ("focal",), unknown("brand", parts.focal, set(parts.brand_names))


def _starts(parts: Parts) -> Found:
    segments = parts.segment_names
    owned = dict.fromkeys(segments, 0.0)
    for index, start in parts.starts:
        for name in type(start).model_fields:
            value = getattr(start, name)
            if not isinstance(value, Mapping):
                continue
            place: Path = ("brands", index, "start", name)
            if segments:
                yield from (((*place, key), unknown("segment", key, segments)) for key in value if key not in segments)
                missing = [segment for segment in segments if segment not in value]
                if missing:
                    wrong = _("says nothing of segment {name}; allowed: a number, or one for each of {names}")
                    yield place, wrong.format(name=shown(missing[0]), names=", ".join(segments))
        for segment in segments:
            share = start.penetration
            owned[segment] += share.get(segment, 0.0) if isinstance(share, Mapping) else share
    market = parts.table("market")
    if market is not None and market.kind == "durable":
        for segment, total in owned.items():
            if total > 1.0 + 1e-9:
                wrong = _("start.penetration of all brands sums to {total:g}; allowed: at most 1, each owning one")
                if len(segments) > 1:
                    wrong = _("start.penetration of all brands sums to {total:g} in segment {segment}; allowed: at most 1, each owning one")
                yield ("brands",), wrong.format(total=total, segment=shown(segment))


def _channels(parts: Parts) -> Found:
    advertising, permission = parts.table("advertising"), parts.table("permission")
    buyers: list[tuple[Path, Any]] = [(("brands", index, "strategy"), strategy) for index, strategy in parts.strategies]
    buyers += [(("events", index), event) for index, event in parts.events if event.kind == "campaign"]
    for place, strategy in buyers:
        if hasattr(strategy, "segments_named") and parts.segment_names:
            for segment in sorted(strategy.segments_named() - set(parts.segment_names)):
                yield _written(strategy, place, segment), unknown("segment", segment, parts.segment_names)
        if advertising is None:
            continue
        for name in sorted(strategy.channels_bought()):
            channel = advertising.channels.get(name)
            if channel is None:
                yield _written(strategy, place, name), unknown("channel", name, advertising.channels)
            elif channel.requires_consent and permission is not None and permission.jurisdiction != "none":
                free = sorted(key for key, other in advertising.channels.items() if not other.requires_consent)
                text = _('channel {name} requires consent and cannot be bought unsolicited; allowed: {free}, or {key} = "none"')
                yield _written(strategy, place, name), text.format(name=name, free=", ".join(free), key="permission.jurisdiction")


def _written(table: Table, place: Path, name: str) -> Path:
    """Where in a strategy a channel or segment is named; the strategy itself if that is a default or a file."""
    for key in sorted(table.model_fields_set):
        value = getattr(table, key)
        if isinstance(value, Table):
            inner = _written(value, (*place, key), name)
            if inner != (*place, key):
                return inner
        elif isinstance(value, Mapping) and name in value:
            return (*place, key, name)
        elif isinstance(value, tuple) and name in value:
            return (*place, key, value.index(name))
    return (*place, "plan") if "plan" in table.model_fields_set else place


def _events(parts: Parts) -> Found:
    run, known = parts.table("run"), set(parts.brand_names)
    for index, brand in parts.event_brands:
        if known and brand not in known:
            yield ("events", index, "brand"), unknown("brand", brand, known)
    for index, day in parts.event_days:
        if run is not None and day >= run.days:
            last = run.days - 1
            if parts.shortened:
                late = _("events.{number}: day {day} is after the last day of the run ({last}): it will not happen")
                parts.notices.append(late.format(number=index, day=day, last=last))
            else:
                late = _("day {day} is after the last day of the run ({last})").format(day=day, last=last)
                yield ("events", index, "day"), late + but_allowed(_("{first} to {last}").format(first=0, last=last))
    for index, event in parts.events:
        for name in {"tellers", "consumers"} & event.model_fields_set:
            yield from _takes(parts, ("events", index, name), getattr(event, name))


def _takes(parts: Parts, place: Path, chosen: Any) -> Found:
    """Neither events nor roles can take more consumers than there are."""
    population, network = parts.table("population"), parts.table("network")
    if population is None or network is None or network.kind == "file":
        return
    chosen = getattr(chosen, "highest_audience", chosen)
    if isinstance(chosen, int) and chosen > population.size:
        many = _("{chosen} consumers are more than there are; allowed: at most the {size} consumers of population.size")
        yield place, many.format(chosen=number(chosen), size=number(population.size))
    elif isinstance(chosen, tuple):
        wrong = [each for each in chosen if not (isinstance(each, int) and 0 <= each < population.size)]
        if wrong:
            nobody = _("there is no consumer {id}; allowed: 0 to {last}")
            yield place, nobody.format(id=wrong[0], last=population.size - 1)


def _roles(parts: Parts) -> Found:
    population, known = parts.table("population"), set(parts.brand_names)
    for index, role in enumerate(population.roles if population is not None else ()):
        place: Path = ("population", "roles", index)
        if role.brand is not None and known and role.brand not in known:
            yield (*place, "brand"), unknown("brand", role.brand, known)
        yield from _takes(parts, (*place, "consumers"), role.consumers)


def _conducts(parts: Parts) -> Found:
    """What brands stand for is measured by what consumers hold dear: the same values, in the same order."""
    population = parts.table("population")
    if population is None:
        return
    values = len(population.segments[0].values)
    for index, conduct in parts.conducts:
        if conduct and len(conduct) != values:
            right = _("{count} numbers, one for each value of the segments, or none") if values else _("none, for no segment has values")
            wrong = _("has {count} numbers").format(count=len(conduct))
            yield ("brands", index, "conduct"), wrong + but_allowed(right.format(count=values))


def _products(parts: Parts) -> Found:
    """A bad experience or telling cannot take more trust than there is."""
    for table, name in (("experience", "eta"), ("word_of_mouth", "strength")):
        rule = parts.table(table)
        if rule is None or not hasattr(rule, "negativity"):
            continue
        product = rule.negativity * getattr(rule, name)
        if product > 1.0 + 1e-12:
            place: Path = (table, "negativity" if "negativity" in rule.model_fields_set else name)
            wrong = _(
                "negativity * {name} is {product:g}: one bad word or deed would take more trust than there is;"
                " allowed: at most 1, so negativity of at most {most:.4g} at this {name}"
            )
            yield place, wrong.format(name=name, product=product, most=1 / getattr(rule, name))


def _sizes(parts: Parts) -> Found:
    population, network = parts.table("population"), parts.table("network")
    if population is None or network is None:
        return
    problems = network_problems(network, population.size)
    yield from ((tuple(key.split(".")), text) for key, text in problems)
    purchase = parts.table("purchase")
    thresholds = purchase.threshold if purchase is not None else None
    if network.kind == "file":
        if isinstance(thresholds, tuple):
            text = _("a list goes by number, and the consumers of a file have ids; allowed: { file = ... } with columns id and threshold")
            yield ("purchase", "threshold"), text
        return
    if population.represents is not None and population.represents < population.size:
        text = _("{people} people are fewer than the {size} simulated consumers who stand for them; allowed: at least {least:_}").format(
            people=number(population.represents), size=number(population.size), least=population.size
        )
        yield ("population", "represents"), text
    if isinstance(thresholds, tuple) and len(thresholds) != population.size:
        text = _("{count} thresholds for {size} consumers; allowed: one for each of population.size")
        text = text.format(count=number(len(thresholds)), size=number(population.size))
        yield ("purchase", "threshold"), text
    brands = max(1, len(parts.brand_names))
    each = BYTES_PER_CONSUMER + BYTES_PER_CONSUMER_AND_BRAND * brands + BYTES_PER_TIE * ties_per_consumer(network, population.size)
    if not problems and population.size * each > memory():
        text = _(
            "{size} consumers and {brands} brands need about {needed} GB of memory;"
            " this machine has {there}; allowed: fewer consumers, each for more people (population.represents)"
        ).format(size=number(population.size), brands=brands, needed=number(population.size * each / 2**30), there=number(memory() / 2**30))
        yield ("population", "size"), text
