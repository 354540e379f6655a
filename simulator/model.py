"""The model: one day after another, as a `mesa.Model` whose agents are the brands.

Brands are Mesa agents, consumers are columns: a handful of objects decide, millions of rows live. The order of
the day is the constant `DAY`; each phase is a tuple of rules.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import mesa
import numpy as np

from simulator.language import _
from simulator.results.ledger import Ledger
from simulator.results.recorder import Recorder
from simulator.rules import (
    advertising,
    answers,
    campaigns,
    co_creation,
    conversation,
    crises,
    experience,
    forgetting,
    permission,
    purchase,
    reputation,
    roles,
    word_of_mouth,
)
from simulator.scenario.load import load_scenario
from simulator.scenario.schema import Scenario
from simulator.world.consumers import Consumers, make_consumers
from simulator.world.events import event_key
from simulator.world.graph import SocialGraph, make_graph
from simulator.world.market import CENTS, Market, OverspendingError
from simulator.world.start import open_market
from simulator.world.state import ANSWERS, LAYERS, Action, MarketView, Seen

Rule = Callable[..., None]

RULES: dict[str, tuple[Rule, ...]] = {
    "advertise": (advertising.deliver,),
    "write": (permission.write, advertising.notice),
    "buy": (purchase.buy,),
    "experience": (experience.experience,),
    "speak": (roles.defend, word_of_mouth.speak),
    "spread": (word_of_mouth.spread,),
    "listen": (conversation.listen,),
    "converse": (conversation.converse, co_creation.contribute),
    "forget": (reputation.weigh, forgetting.forget),
}
"""What happens in each phase between deciding and recording."""

DAY = ("decide", *RULES, "record")
"""The order of a day."""


class Brand(mesa.Agent):  # type: ignore[misc]  # mesa is untyped
    """A brand: the agent that decides. Its numbers of the day are attributes, so that Mesa can collect them."""

    def __init__(self, model: WordOfMouthModel, number: int) -> None:
        super().__init__(model)
        self.number = number
        self.settings = model.scenario.brands[number]
        self.name: str = self.settings.name
        self.history: tuple[Seen, ...] = ()

    def view(self) -> MarketView:
        """What this brand may know today."""
        market, b = self.model.market, self.number
        brands = market.brands
        positive, negative = self.model.heard[b]
        return MarketView(
            day=market.day, purse_cents=self.purse(), price=float(brands.price[b]), quality=float(brands.quality[b]),
            position=(float(brands.position[b, 0]), float(brands.position[b, 1])),
            list_size=float(self.model.recorder.members()[b]) * market.scale, reward_debt_cents=int(brands.reward_debt[b]),
            heard_positive=positive, heard_negative=negative, waiting=int(np.count_nonzero(market.waiting.brand == b)),
            rivals=tuple((name, float(brands.price[r]), promise) for r, name, promise in self._rivals),
            history=self.history, crises=answers.known_crises(market, b, self.model.scenario.crises), **self._public,
        )  # fmt: skip

    def purse(self) -> int:
        """Cents it may plan with: nothing while an answer that it owes still waits for money."""
        market = self.model.market
        return 0 if any(brand == self.number for brand, answer in market.responses) else market.purse(self.number)

    @cached_property
    def _rivals(self) -> list[tuple[int, str, float]]:
        """Number, name and promise of the others, by name."""
        others = [(r, other.name, other.promise) for r, other in enumerate(self.model.scenario.brands) if r != self.number]
        return sorted(others, key=lambda other: other[1])

    @cached_property
    def _public(self) -> dict[str, Any]:
        """What of its view never changes."""
        market, scenario, channels = self.model.market, self.model.scenario, self.model.scenario.advertising.channels
        return {
            "brand": self.name, "budget_cents": round(CENTS * self.settings.budget_per_day), "scale": market.scale,
            "represents": market.scale * market.n, "promise": self.settings.promise,
            "cpm": {name: channel.cpm for name, channel in channels.items()},
            "requires_consent": {name: channel.requires_consent for name, channel in channels.items()},
            "cost_per_send": scenario.permission.cost_per_send, "cost_per_conversation": scenario.conversation.cost_per_conversation,
            "listening_cost": scenario.conversation.listening_cost, "fix_cost": scenario.conversation.fix_cost,
            "platform_cost": scenario.co_creation.platform_cost, "statement_cost": scenario.crises.statement_cost,
            "compensation_cost": scenario.crises.compensation_cost, "repair_cost": scenario.crises.repair_cost,
            "segments": {segment.name: segment.share for segment in scenario.population.segments},
        }  # fmt: skip


@dataclass(frozen=True)
class ConsumerView:
    """One consumer, read from the columns; numbers per brand come as {brand: value}."""

    market: Market
    index: int

    @property
    def key(self) -> int:
        """The key under which she meets her luck."""
        return int(self.market.consumers.keys[self.index])

    @property
    def segment(self) -> str:
        """The name of her segment."""
        return self.market.segments[int(self.market.consumers.segment[self.index])]

    def __getattr__(self, name: str) -> Any:
        """A trait (`voice`, `scepticism` ...) or a state (`trust`, `awareness` ...) by its column's name."""
        if name in self.market.state.__dataclass_fields__:
            row = getattr(self.market.state, name)[self.index]
            return dict(zip(self.market.names, row.tolist(), strict=True))
        if name in Consumers.__dataclass_fields__:
            return getattr(self.market.consumers, name)[self.index].tolist()
        raise AttributeError(f"a consumer has no {name}")

    def hearers(self, layer: str) -> list[int]:
        """The consumers who hear her in a layer."""
        ties = self.market.graph.layers[LAYERS.index(layer)]
        return [int(j) for j in ties.hearer[ties.start[self.index] : ties.start[self.index + 1]]]


class WordOfMouthModel(mesa.Model):  # type: ignore[misc]  # mesa is untyped
    """A market of consumers on a social graph and a few brands.

    scenario   a Scenario, or the path of one; default: the bundled interruption scenario
    rng        an int (the seed), a NumPy Generator (draws one) or None (a fresh one); kept in `model.seed`
    kwargs     dotted scenario keys: WordOfMouthModel(**{"brands.Aurora.budget_per_day": 900.0}); SolaraViz looks for this very name
    """

    def __init__(self, scenario: Scenario | str | Path | None = None, *, rng: Any = None, **kwargs: Any) -> None:
        seed = seed_from(rng)
        super().__init__(rng=seed)
        chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario or default_scenario())
        self._open(chosen.override(kwargs) if kwargs else chosen, seed)

    @classmethod
    def build(
        cls, scenario: Scenario, seed: int, *, without: Sequence[str] = (), threads: int = 1, graph: SocialGraph | None = None,
        relabel: Sequence[int] | None = None, collect: bool = False, warm_up: bool = True,
    ) -> WordOfMouthModel:  # fmt: skip
        """A model with the switches that a script needs; see `simulate`."""
        model = cls.__new__(cls)
        mesa.Model.__init__(model, rng=seed)
        model._open(scenario, seed, without=without, threads=threads, graph=graph, relabel=relabel, collect=collect, warm_up=warm_up)
        return model

    def _open(
        self, scenario: Scenario, seed: int, *, without: Sequence[str] = (), threads: int = 1, graph: SocialGraph | None = None,
        relabel: Sequence[int] | None = None, collect: bool = True, warm_up: bool = True,
    ) -> None:  # fmt: skip
        self.scenario, self.seed, self.collect = scenario, seed, collect
        unknown = set(without) - {module_name(rule) for rules in RULES.values() for rule in rules} - {"crises"}
        if unknown:
            raise ValueError(f"no rule is called {', '.join(sorted(unknown))}")
        self.without = tuple(without)
        if graph is None:
            graph = social_graph(scenario, seed)
        consumers = make_consumers(scenario.population, graph, seed)
        if relabel is not None:
            permutation = np.asarray(relabel, np.int64)
            graph, consumers = graph.relabelled(permutation), consumers.relabelled(permutation)
        self.market = open_market(
            seed=seed, brands=scenario.brands, consumers=consumers, graph=graph, taste_width=scenario.purchase.taste_width,
            use=scenario.experience.use, proof_weights=purchase.proof_weights(scenario.purchase, scenario.market.kind),
            p=scenario.purchase.p, q=scenario.purchase.q, kind=scenario.market.kind, price=scenario.market.price,
            represents=scenario.population.represents, values=[segment.values for segment in scenario.population.segments],
            logging=scenario.record.logs_tellings(consumers.n), threads=threads,
        )  # fmt: skip
        self.market.day = -scenario.run.warm_up
        if "roles" not in self.without:
            roles.appoint(self.market, scenario.population.roles)
            factors = (1.0, scenario.roles.prescriber_weight)
            weights = (purchase.proof_weights(scenario.purchase, scenario.market.kind, factor) for factor in factors)
            roles.weigh_prescribers(self.market, *weights)
        self.phases = {phase: [(rule, self._tables(rule)) for rule in rules if self._called(rule)] for phase, rules in RULES.items()}
        self.brands = [Brand(self, number) for number in range(len(scenario.brands))]
        mesa.Agent._ids.pop(self, None)  # Mesa counts agents in a table of models that would keep every model for ever
        self.heard = [[0, 0] for _ in self.brands]
        self.recorder = Recorder(self.market, scenario)
        self.ledger = Ledger(self.market, scenario) if scenario.record.panel != () else None
        if collect:
            self.datacollector = mesa.DataCollector(
                model_reporters={"day": lambda model: model.recorder.days[-1]}
                | {f"{brand.name} {name}": partial(_today_of, name, brand.number) for brand in self.brands for name in COLLECTED},
                agent_reporters={"name": "name"} | {name: _today(name) for name in COLLECTED},
            )
        if warm_up and scenario.run.warm_up:
            for _ in range(scenario.run.warm_up):
                self._day()
            self._draw_the_line()

    def _tables(self, rule: Rule) -> dict[str, Any]:
        """The parameter tables that a rule asks for by the names of its arguments."""
        return {name: getattr(self.scenario, name) for name in list(inspect.signature(rule).parameters)[1:]}

    def _called(self, rule: Rule) -> bool:
        """Whether a rule is in this model's day: neither left out nor at its off-value."""
        off = getattr(sys.modules[rule.__module__], "off", None)
        return module_name(rule) not in self.without and not (off is not None and off(**self._tables(rule)))

    def _draw_the_line(self) -> None:
        """Day 0: what happened in the warm-up stays with the consumers and leaves the books."""
        self.market.state.reached[:] = 0
        self.market.brands.accrued[:] = 0
        self.market.brands.spent[:] = 0
        self.market.spending.clear()
        self.market.adoptions.clear()
        self.recorder = Recorder(self.market, self.scenario)

    # -- the day -------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Simulate one day."""
        self._day()
        if self.collect:
            self.steps -= 1  # Mesa counts a step when it begins, and `batch_run` looks for day k under k
            self.datacollector.collect(self)
            self.steps += 1
        self.running = self.market.day < self.scenario.run.days

    def _day(self) -> None:
        self.decide()
        if self.ledger is not None:
            self.ledger.open()
        for phase in self.phases.values():
            for rule, tables in phase:
                rule(self.market, **tables)
                if self.ledger is not None:
                    self.ledger.close(module_name(rule))
        self.record()
        self.market.day += 1

    def decide(self) -> None:
        """What is over ends, events act, budgets accrue, the scenario's responses are given, brands choose."""
        market, scenario = self.market, self.scenario
        market.counts = {}
        crises_happen = "crises" not in self.without
        if crises_happen:
            crises.recover(market)
        purchase.restock(market)
        if crises_happen:
            crises.expose(market, scenario.crises)
        for event, occurrence in self._events.get(market.day, ()):
            if event.rule not in self.without:
                event.act(market, event_key(event.kind, event.brand, event.day, occurrence))
        opened = 0 if market.day >= 0 else -scenario.run.warm_up
        for b, brand in enumerate(scenario.brands):
            market.brands.accrued[b] = int(CENTS * brand.budget_per_day * (market.day - opened + 1) + 0.5)
        if "advertising" not in self.without:
            campaigns.accrue(market, self._campaigns)
        if market.responses:
            answers.respond(market, scenario.crises)
            self._notice_who_saves()
        actions: list[Action] = []
        for b, agent in enumerate(self.brands):
            action = agent.settings.strategy.decide(agent.view())
            if action.cents() > agent.purse():
                raise OverspendingError(
                    f"day {market.day}: the strategy of {agent.name} plans {action.cents()} cents with {agent.purse()} left"
                )
            actions.append(action)
            market.brands.promise[b] = agent.settings.promise if action.promise is None else action.promise
        market.actions = actions
        if crises_happen:
            answers.respond_by_strategy(market, scenario.crises)
        permission.pay_rewards(market)
        if "advertising" not in self.without:
            campaigns.buy(market, self._campaigns)

    @cached_property
    def _campaigns(self) -> list[tuple[int, campaigns.Campaign]]:
        """Brand and event of every campaign, in the order of their happening."""
        numbers = {brand.name: number for number, brand in enumerate(self.scenario.brands)}
        events = (event for day in sorted(self._events) for event, _occurrence in self._events[day])
        return [(numbers[event.brand], event) for event in events if isinstance(event, campaigns.Campaign)]

    def _notice_who_saves(self) -> None:
        """Tell the user of responses that must wait for money, perhaps for ever."""
        for b, code in self.market.responses:
            budget = self.brands[b].settings.budget_per_day
            if budget == 0.0:
                notice = _("{brand} cannot pay for its response ({answer}) and stays silent")
            else:
                notice = _("{brand} cannot pay for its response ({answer}) at once and saves for it, spending nothing else")
            notice = notice.format(brand=self.brands[b].name, answer=_(ANSWERS[code]))
            if notice not in self.market.notices:
                self.market.notices.append(notice)

    @cached_property
    def _events(self) -> Mapping[int, list[tuple[Any, int]]]:
        """The events of each day with their numbers among equals."""
        days: dict[int, list[tuple[Any, int]]] = {}
        seen: dict[tuple[str, str, int], int] = {}
        for event in self.scenario.events:
            same = (event.kind, event.brand, event.day)
            days.setdefault(event.day, []).append((event, seen.get(same, 0)))
            seen[same] = seen.get(same, 0) + 1
        # by kind, so that the order in which a file tells them is immaterial where one may undo another
        return {day: sorted(events, key=lambda event: event[0].kind) for day, events in days.items()}

    def record(self) -> None:
        """What was seen today: a row per brand; and what each brand learned."""
        market = self.market
        self.recorder.record()
        brands, scale, nothing = range(len(self.brands)), market.scale, [0.0] * len(self.brands)
        today = {name: market.counts[name].tolist() if name in market.counts else nothing for name in SEEN_COUNTS}
        members, prices, spent = self.recorder.members().tolist(), market.brands.price.tolist(), [0 for _ in brands]
        for _day, brand, _line, _quantity, cents in reversed_today(market.spending, market.day):
            spent[brand] += cents
        for b, agent in enumerate(self.brands):
            units = today["units"][b] * scale
            self.heard[b][0] += int(today["detected_positive"][b])
            self.heard[b][1] += int(today["detected_negative"][b])
            agent.history += (
                Seen(
                    day=market.day, spend=spent[b] / CENTS, units=units, revenue=units * prices[b], list_size=members[b] * scale,
                    opt_ins=today["opt_ins"][b] * scale, opt_outs=today["opt_outs"][b] * scale,
                    mentions_positive=today["detected_positive"][b], mentions_negative=today["detected_negative"][b],
                    complaints=today["complaints"][b], conversations=today["conversations"][b],
                ),
            )  # fmt: skip

    # -- looking -------------------------------------------------------------------------------------------------

    def consumer(self, index: int) -> ConsumerView:
        """A view on one consumer's columns."""
        if not 0 <= index < self.market.n:
            raise IndexError(f"consumer {index}: there are 0 to {self.market.n - 1}")
        return ConsumerView(self.market, index)


SEEN_COUNTS = ("units", "opt_ins", "opt_outs", "detected_positive", "detected_negative", "complaints", "conversations")

COLLECTED = ("reach", "awareness", "trust", "irritation", "penetration", "share", "units", "spend", "net_sentiment")
"""The columns that Mesa's DataCollector keeps for each brand, as its agent's `trust` and, for plots, as the model's `Aurora trust`.

The whole daily table is in `model.recorder`.
"""


def _today_of(column: str, brand: int, model: WordOfMouthModel) -> float:
    return model.recorder.latest(column, brand)


def _today(column: str) -> Callable[[Brand], float]:
    return lambda brand: brand.model.recorder.latest(column, brand.number)


def module_name(rule: Rule) -> str:
    """The rule file a function belongs to."""
    return rule.__module__.rpartition(".")[2]


def reversed_today(spending: list[tuple[int, int, str, float, int]], day: int) -> list[tuple[int, int, str, float, int]]:
    """The entries of `day` at the end of the spending journal."""
    at = len(spending)
    while at and spending[at - 1][0] == day:
        at -= 1
    return spending[at:]


def seed_from(rng: Any) -> int:
    """The seed that Mesa's `rng` argument stands for."""
    if rng is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**64, dtype=np.uint64))
    return int(rng)


def social_graph(scenario: Scenario, seed: int) -> SocialGraph:
    """The social graph of a scenario: drawn from the run's seed unless the network has its own."""
    graph_seed = seed if scenario.network.seed is None else scenario.network.seed
    return make_graph(scenario.network, scenario.population.size, graph_seed, scenario.folder)


def default_scenario() -> Path:
    """The scenario of a model that is given none."""
    from simulator.scenario.bundled import bundled

    return bundled("three_eras/interruption.toml")
