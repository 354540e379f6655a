"""The whole day a second time, as most Mesa users would write it: plain Python, one agent a consumer.

Written from docs/model.md alone. It shares no code with the rules: only the world it is put into (graph, traits,
scenario), the strategies, which are not rules, and the numbers that define chance. Names follow the page; the files
are its chapters: `market` is the order of a day, `consumer` and `brand` are who lives through it, `spreading` and
`happening` are what goes around and what comes from outside, `opening` is what was there before.
"""

from tests.reference.arithmetic import PlainDice, stored
from tests.reference.market import ReferenceModel
from tests.reference.things import LAYERS

__all__ = ["LAYERS", "PlainDice", "ReferenceModel", "stored"]
