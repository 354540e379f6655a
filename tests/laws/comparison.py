"""The kernels beside the reference: what must be equal, and when."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from simulator import WordOfMouthModel
from simulator.world.state import ANSWERS, CLUSTERS
from tests.reference import ReferenceModel, stored

STATE = (
    "awareness", "trust", "expectation", "irritation", "knowledge", "loyalty", "satisfaction", "purchases", "consent", "blocked",
    "invited_day", "invitations", "touched", "reached", "praised_day", "influence", "teller",
)  # fmt: skip
COUNTS = (
    "impressions", "delivered", "contacts", "sends", "wanted", "opened", "invitations", "opt_ins", "opt_outs", "blocked", "units",
    "member_units", "messages_positive", "messages_negative", "tellings_positive", "tellings_negative", "repeats", "talks_offline",
    "talks_online", "complaints", "unanswered", "conversations", "contributions",
)  # fmt: skip


def assert_same_days(kernels: WordOfMouthModel, plain: ReferenceModel) -> None:
    """Let both live through all days: state at the start and at the end, counts of every day, all logs."""
    plain.run(until=0)  # the kernels have their warm-up behind them
    assert_same_state(kernels, plain)
    while plain.day < kernels.scenario.run.days:
        plain.step()
        kernels.step()
        assert_same_counts(kernels, plain)
    assert_same_state(kernels, plain)
    assert_same_logs(kernels, plain)


def assert_same_state(kernels: WordOfMouthModel, plain: ReferenceModel) -> None:
    """Consumers and brands are equal to the bit."""
    for name in STATE:
        np.testing.assert_array_equal(getattr(kernels.market.state, name), plain.column(name), err_msg=f"{name} before day {plain.day}")
    np.testing.assert_array_equal(kernels.market.fit, plain.column("fit"), err_msg="fit")
    for b, brand in enumerate(plain.brands):
        for name in ("service", "insight", "activity", "spent", "accrued", "reward_debt", "heard_people", "failure"):
            assert getattr(kernels.market.brands, name)[b] == getattr(brand, name), f"{brand.name}: {name}"
        assert [float(anchor) for anchor in kernels.market.anchor[:, b]] == list(brand.anchor.values()), f"{brand.name}: reputation"
        if brand.conduct:
            assert kernels.market.brands.conduct[b].tolist() == brand.conduct
        assert kernels.market.brands.position[b].tolist() == brand.position
        assert kernels.market.mean_fit[b] == brand.mean_fit
    crises = [
        (c.number, brand.name, c.key, c.day, c.cluster, c.fault, c.answer, c.answered_day, c.exposed_day,
         sorted(teller.index for teller in c.tellers))
        for brand in plain.brands for c in brand.crises
    ]  # fmt: skip
    names = kernels.market.names
    built = [
        (number, names[c.brand], int(c.key), c.day, CLUSTERS[c.cluster], c.fault, ANSWERS[c.answer], c.answered_day, c.exposed_day,
         sorted(c.tellers.tolist()))
        for number, c in enumerate(kernels.market.crises)
    ]  # fmt: skip
    assert built == sorted(crises)


def assert_same_counts(kernels: WordOfMouthModel, plain: ReferenceModel) -> None:
    """What happened today."""
    day = plain.day - 1
    for b, brand in enumerate(plain.brands):
        row = plain.daily[b - len(plain.brands)]
        for name in COUNTS:
            counted = kernels.market.counts.get(name, np.zeros(len(plain.brands)))[b]
            assert counted == row.get(name, 0.0), f"day {day}, {brand.name}: {name}"
        for name in ("reputation", "resonance"):  # sums of other shape: equal but for rounding
            assert kernels.recorder.latest(name, b) == pytest.approx(row[name], abs=1e-9, nan_ok=True), f"day {day}, {brand.name}: {name}"


def assert_same_logs(kernels: WordOfMouthModel, plain: ReferenceModel) -> None:
    """Messages, tellings, adoptions and spending."""
    messages, log, names = kernels.market.messages.table(), kernels.market.messages.log(), kernels.market.names
    mine = {(m.key, m.day, m.brand, m.valence, m.origin, m.author, stored(m.arousal)) for m in plain.messages}
    columns = (messages[name].tolist() for name in ("key", "day", "brand", "valence", "origin", "author", "arousal"))
    assert set(zip(*columns, strict=True)) == mine
    keys = messages["key"][log["message"]].tolist()
    columns = (log[name].tolist() for name in ("day", "teller", "hearer", "layer", "online"))
    assert sorted(zip(keys, *columns, strict=True)) == sorted(plain.tellings)
    size = Counter(key for key, *_ in plain.tellings)
    for key, hearers in zip(messages["key"].tolist(), messages["hearers"].tolist(), strict=True):
        assert hearers == size[key]
    bought = []
    for day, *columns in kernels.market.adoptions:
        bought += [(day, i, names[b], source, teller) for i, b, source, teller in zip(*(c.tolist() for c in columns), strict=True)]
    assert sorted(bought) == sorted(plain.adoptions)
    spent = sorted((day, names[b], line, quantity, cents) for day, b, line, quantity, cents in kernels.market.spending if cents)
    assert spent == sorted(entry for entry in plain.spending if entry[-1])
