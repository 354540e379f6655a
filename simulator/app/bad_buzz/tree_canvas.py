"""The tree of a story in the browser, in one world or two: an own widget that draws on a canvas, and what it is sent.

What the visitor does comes back as messages {kind: "pick", value: number of a consumer}.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import anywidget
import numpy as np
import traitlets

from simulator.experiments.stories import Story
from simulator.report.radial import generations_of, radial
from simulator.world.state import F32, F64, I32, I64

HERE = Path(__file__).parent

DRAWN = 4000
"""Consumers of a story that are drawn: those by way of whom most others heard it."""

NEVER = -1

ROOM = 0.35
"""Of a ring without people, compared with that of the fullest."""

FAN = 2.4
"""Radians between two who have no teller in the picture."""


class TreeCanvas(anywidget.AnyWidget):
    """What its attributes hold, for n consumers in w worlds (see `picture_of`); `status` comes last and has it all drawn anew:

    consumers int32 [n]; points float32 [n, 2]; days int16 [w, n], -1: never heard it there; parents int32 [w, n], a place or -1;
    told int32 [w, n]; online uint8 [w, n]
    status    story, twin: what is shown; event: the root is one; first, last: days; radii: of the rings; worlds: their titles;
              chosen, removed, marked: places; curves: hearers by day; labels: of the curves; marks: [{day, label}];
              spoken, curveSpoken: the pictures in words
    words     its texts; moment: where the page stands in time, and in which story
    """

    _esm = HERE / "tree_canvas.js"
    consumers = traitlets.Bytes(b"").tag(sync=True)
    points = traitlets.Bytes(b"").tag(sync=True)
    days = traitlets.Bytes(b"").tag(sync=True)
    parents = traitlets.Bytes(b"").tag(sync=True)
    told = traitlets.Bytes(b"").tag(sync=True)
    online = traitlets.Bytes(b"").tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    moment = traitlets.Dict().tag(sync=True)
    status = traitlets.Dict().tag(sync=True)


class Picture(NamedTuple):
    """Where everybody stands who hears a story in one world or the other, and how it came to her; fields as in TreeCanvas."""

    consumers: I32
    points: F32
    days: np.ndarray
    parents: I32
    told: I32
    online: np.ndarray
    radii: tuple[float, ...]  # of each ring, the last one is 1

    def place(self, consumer: int) -> int:
        """Her place, or -1."""
        found = np.flatnonzero(self.consumers == consumer)
        return int(found[0]) if len(found) else -1


def picture_of(story: Story, twin: Story | None = None, two: bool = False) -> Picture:
    """The picture of a story, and beside it that of its twin (None: it was never told there) if there are two worlds.

    Who hears it in the first world stands on the ring of her generation there, in both pictures; who hears it in the twin only stands
    behind her teller.
    """
    kept = np.sort(np.argsort(-story.carried, kind="stable")[:DRAWN])  # closed under parents, who carried more
    row = np.full(len(story.consumer) + 1, NEVER, np.int32)
    row[kept] = np.arange(len(kept))
    parent = row[story.parent[kept]]
    x, y = radial(parent, story.event)
    rings = generations_of(parent, story.event).astype(np.int64)
    angles, everybody = np.arctan2(y, x), rings
    consumers = story.consumer[kept]
    worlds = [np.stack([story.day[kept], parent, story.told[kept], story.online[kept]]).astype(np.int64)]
    if two:
        new, worlds = _joined(consumers, worlds[0], twin)
        if twin is not None and len(new):
            angles, everybody = _behind(angles, rings, worlds[1][1, len(consumers) :])
            consumers = np.concatenate([consumers, twin.consumer[new]])
    radii = _radii(rings, int(everybody.max(initial=1)))
    instead = np.arange(len(consumers)) >= len(rings)  # between two rings
    far = np.where(instead, (radii[everybody] + radii[np.maximum(everybody - 1, 0)]) / 2.0, radii[everybody])
    points = np.stack([far * np.cos(angles), far * np.sin(angles)], axis=1)
    days, parents, told, online = np.stack(worlds, axis=1)
    return Picture(
        consumers.astype(np.int32), points.astype(np.float32), days.astype(np.int16), parents.astype(np.int32), told.astype(np.int32),
        online.astype(np.uint8), tuple(radii.tolist()),
    )  # fmt: skip


def _joined(consumers: I32, here: I64, twin: Story | None) -> tuple[I64, list[I64]]:
    """Entries of the twin whose consumers are not drawn yet; int64 [4, everybody]: day, parent, told and online in both worlds."""
    place = {consumer: k for k, consumer in enumerate(consumers.tolist())}
    people = [] if twin is None else twin.consumer.tolist()
    new = np.array([entry for entry, consumer in enumerate(people) if consumer not in place][:DRAWN], np.int64)
    place |= {people[entry]: len(consumers) + k for k, entry in enumerate(new.tolist())}
    nobody = np.array([[NEVER], [NEVER], [0], [0]], np.int64)
    here = np.concatenate([here, np.repeat(nobody, len(new), axis=1)], axis=1)
    there = np.repeat(nobody, here.shape[1], axis=1)
    if twin is not None:
        drawn = [entry for entry, consumer in enumerate(people) if consumer in place]
        tellers = [place.get(people[parent], NEVER) if parent >= 0 else NEVER for parent in twin.parent[drawn].tolist()]
        there[:, [place[people[entry]] for entry in drawn]] = np.array([twin.day[drawn], tellers, twin.told[drawn], twin.online[drawn]])
    return new, [here, there]


def _behind(angles: np.ndarray, rings: I64, parents: I64) -> tuple[np.ndarray, I64]:
    """Angle and ring of everybody: the new ones a ring behind their tellers, fanned so that they do not cover each other."""
    turned, far = angles.tolist(), rings.tolist()
    children: dict[int, int] = {}
    for parent in parents.tolist():
        number = children[parent] = children.get(parent, 0) + 1
        ring = (far[parent] if parent >= 0 else 0) + 1
        turned.append((turned[parent] if parent >= 0 else FAN * len(far)) + (number // 2) * (1 if number % 2 else -1) * FAN / 8 / ring)
        far.append(ring)
    return np.array(turned), np.array(far, np.int64)


def _radii(rings: I64, last: int) -> F64:
    """float64 [last + 1]: how far out each ring is, of 1; more room for the generations in which there are more people."""
    people = np.bincount(rings, minlength=last + 1).astype(np.float64)
    width = ROOM + np.sqrt(people / people.max())
    width[0] = 0.0
    width[1:2] = np.maximum(width[1:2], 1.0)  # what is near the middle has little room to stand side by side
    out: F64 = np.cumsum(width) / width.sum()
    return out


def sent(canvas: TreeCanvas, picture: Picture, status: dict[str, Any]) -> None:
    """Have a picture drawn."""
    with canvas.hold_sync():
        for name in ("consumers", "points", "days", "parents", "told", "online"):
            column = getattr(picture, name)
            setattr(canvas, name, np.ascontiguousarray(column, column.dtype.newbyteorder("<")).tobytes())
        canvas.status = status | {"radii": list(picture.radii)}
