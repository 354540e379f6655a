"""Roles: consumers with a say of their own ([[population.roles]]), appointed once, when the market opens.

    journalist   tells everybody, the day after she heard it, for certain, what is hotter than `journalist_arousal`;
                 whatever she tells is believed with `journalist_credibility`, whichever the tie
    prescriber   what she is seen with counts `prescriber_weight` times as social proof (a doctor, a teacher, a critic)
    ambassador   answers what is said against her brand: the day after she heard blame she praises, with probability `defends`

Without anybody appointed nothing is computed. At journalist_arousal 1 she tells like anybody, at prescriber_weight 1 everybody counts
alike, at defends 0 nobody defends. The three roles follow the practitioners' texts; their sizes are assumptions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.engine.chance import fold, name_key, uniform
from simulator.engine.compiled import compiled
from simulator.language import _
from simulator.parameters import ASSUMPTION, LITERATURE, Table, parameter
from simulator.rules.speaking import DEFENCE, message_key
from simulator.world.consumers import Role
from simulator.world.events import ROLES, selected
from simulator.world.market import Market
from simulator.world.messages import Started
from simulator.world.state import JOURNALIST, PRESCRIBER


class Parameters(Table):
    """[roles]"""

    journalist_credibility: float = parameter(
        0.67, unit="share", meaning="how much a journalist's telling counts, whichever the tie", evidence=LITERATURE,
        source="Nielsen 2013: editorial content 67%", plausible=(0.4, 0.8), ge=0, le=1,
    )  # fmt: skip
    journalist_arousal: float = parameter(
        0.4, unit="arousal", meaning="above which a journalist publishes what she heard; at 1 never for that", evidence=ASSUMPTION,
        plausible=(0.2, 0.8), off=1.0, ge=0, le=1,
    )  # fmt: skip
    prescriber_weight: float = parameter(
        5.0, unit="ratio", meaning="how much more what a prescriber shows counts than what others show", evidence=ASSUMPTION,
        plausible=(2.0, 20.0), off=1.0, ge=0, le=1000,
    )  # fmt: skip
    defends: float = parameter(
        0.5, unit="share", meaning="probability that an ambassador answers, the day after she heard blame", evidence=ASSUMPTION,
        plausible=(0.1, 1.0), off=0.0, ge=0, le=1,
    )  # fmt: skip
    defence_arousal: float = parameter(
        0.3, unit="arousal", meaning="how hot her answer is", evidence=ASSUMPTION, plausible=(0.1, 0.8), ge=0, le=1
    )


# -- appointing ----------------------------------------------------------------------------------------------------


def appoint(market: Market, roles: Sequence[Role]) -> None:
    """Who is what, entry by entry; of two brands to defend the later entry's holds. Once, before the first day."""
    if not roles:
        return
    market.role, market.ambassador = np.zeros(market.n, np.uint8), np.full(market.n, -1, np.int8)
    seen: dict[tuple[str, str | None], int] = {}
    for entry in roles:
        occurrence = seen.get((entry.kind, entry.brand), 0)
        seen[entry.kind, entry.brand] = occurrence + 1
        brand = name_key(entry.brand) if entry.brand is not None else 0
        key = int(fold(fold(fold(name_key(f"role.{entry.kind}"), brand), 0), occurrence))
        who = selected(market, entry.consumers, key, ROLES)
        if entry.kind == "ambassador":
            market.ambassador[who] = market.names.index(str(entry.brand))
        else:
            market.role[who] |= JOURNALIST if entry.kind == "journalist" else PRESCRIBER


def weigh_prescribers(market: Market, weights: Sequence[int], prescribed: Sequence[int]) -> None:
    """What prescribers show weighs more among all that one sees: `proof_total` by whole-numbered weights of a tie of each layer."""
    who = np.flatnonzero(market.role & PRESCRIBER) if len(market.role) else np.zeros(0, np.int64)
    if market.graph.complete or len(who) == 0:
        return
    total = market.proof_total.astype(np.int64)
    for layer, usual, more in zip(market.graph.layers, weights, prescribed, strict=True):
        for i in who:
            np.add.at(total, layer.hearer[layer.start[i] : layer.start[i + 1]], more - usual)
    if total.max(initial=0) >= 2**31:
        raise OverflowError(_("tie weights are too large for the number of ties: lower roles.prescriber_weight or purchase.tie_weights"))
    market.proof_total = total.astype(np.int32)


# -- defending -----------------------------------------------------------------------------------------------------


@compiled
def who_heard_blame(start, stop, entry_message, entry_consumer, entry_parent, message_brand, message_valence, ambassador, heard):  # type: ignore[no-untyped-def]  # kernel: typed by numba
    """heard[i] = 1 for the ambassadors who heard something bad about their brand, among the entries start..stop."""
    for e in range(start, stop):
        m, i = entry_message[e], entry_consumer[e]
        if entry_parent[e] >= 0 and message_valence[m] < 0 and message_brand[m] == ambassador[i]:
            heard[i] = 1


def defend(market: Market, roles: Parameters) -> None:
    """Ambassadors answer what they heard yesterday (phase speak, before everybody else)."""
    if len(market.ambassador) == 0 or roles.defends == 0.0:
        return
    m, keys = market.messages, market.consumers.keys
    yesterday = int(np.searchsorted(m.entry_day[: m.entries], market.day - 1))  # nobody has an entry of today yet
    heard = np.zeros(market.n, np.uint8)
    who_heard_blame(yesterday, m.entries, m.entry_message, m.entry_consumer, m.entry_parent, m.brand, m.valence, market.ambassador, heard)
    defend_at = market.at_brands("defend", market.day)
    for i in np.flatnonzero(heard).tolist():
        b = int(market.ambassador[i])
        if len(market.silenced) and market.silenced[i, b]:
            continue
        if uniform(fold(defend_at[b], keys[i])) < roles.defends:
            word, hope = message_key(keys[i], market.keys[b], market.day, DEFENCE, 0), float(market.state.expectation[i, b])
            m.pending.append((Started.one(word, i, b, 1, DEFENCE, roles.defence_arousal, hope, -1), np.array([i], np.int32)))
