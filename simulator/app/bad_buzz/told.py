"""What the bad buzz page says: stories, their figures and what a twin changed, in words made from the numbers."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from simulator.app.bad_buzz.pick_table import Line
from simulator.app.live.facts import ANSWER_NAMES
from simulator.experiments.stories import Blame, Difference, Silence, Story
from simulator.language import N_, _, language, ngettext, number, percent

ORIGIN_NAMES = {
    "experience": N_("Bad experience"), "standing": N_("Everyday grumble"), "hearsay": N_("Hearsay"), "annoyance": N_("Annoying ads"),
    "staged": N_("Planted message"), "scandal": N_("Scandal"), "refutation": N_("Untrue claim"), "false_rumour": N_("False rumour"),
    "defence": N_("Defence"),
}  # fmt: skip

TOP_SHARE = 0.5
"""Of all who heard a story: by how few tellers so many were told."""

LISTED_TELLERS = 8


class Figure(NamedTuple):
    """A number that stands out; note: what it is of."""

    name: str
    value: str
    note: str


def episode_lines(blame: Blame) -> list[Line]:
    """A row per episode that has a story behind it; its id is the key of that story."""
    keys = dict(zip(blame.messages["message"].tolist(), blame.messages["key"].tolist(), strict=True))
    lines = []
    for row in blame.episodes.to_dict("records"):
        if row["trigger"] not in keys:
            continue
        days = f"{row['start']}\N{EN DASH}{row['end']}" + ("" if row["over"] else " …")
        heard = "\N{EN DASH}" if math.isnan(row["reached"]) else percent(row["reached"])
        title = _("{tellings} bad words were heard in it, {most} of them on day {peak}.").format(
            tellings=number(row["tellings"]), most=number(row["peak_tellings"]), peak=row["peak"]
        )
        lines.append(Line(str(keys[row["trigger"]]), (row["brand"], days, heard), title))
    return lines


def story_lines(blame: Blame) -> list[Line]:
    """A row per large story; its id is its key."""
    return [
        Line(str(row["key"]), (f"{_(ORIGIN_NAMES[row['origin']])} · {row['brand']}", number(row["day"]), number(row["hearers"])))
        for row in blame.largest.to_dict("records")
    ]


def headline(story: Story) -> str:
    """What the story is."""
    return _("{what} about {brand}").format(what=_(ORIGIN_NAMES[story.origin]), brand=story.brand)


def lead(story: Story, blame: Blame) -> str:
    """The story in a sentence."""
    heard = len(story.heard)
    if story.event:
        text = _("Begun on day {day} by an event; {heard} of {n} consumers heard it ({share}).")
    else:
        text = _("Begun on day {day} by consumer {author}; {heard} of {n} consumers heard it ({share}).")
    return text.format(
        day=story.began, author=story.author, heard=number(heard), n=number(blame.consumers), share=percent(heard / blame.consumers, 1)
    )


def figures(story: Story, blame: Blame) -> list[Figure]:
    """The figures of a story, as they stand on the last day of the run."""
    spread, online = story.spread, story.online_share
    missing = "\N{EN DASH}"
    return [
        Figure(_("Heard by"), number(len(story.heard)), percent(len(story.heard) / blame.consumers, 1)),
        Figure(_("Depth"), number(story.depth), ngettext("generation", "generations", story.depth)),
        Figure(
            _("Reproduction"), missing if math.isnan(spread.number) else number(spread.number, 2),
            "" if math.isnan(spread.error) else _("± {error} (s.e.)").format(error=number(spread.error, 2)),
        ),
        Figure(_("Online"), missing if math.isnan(online) else percent(online), _("of tellings")),
    ]  # fmt: skip


def meaning(story: Story) -> str:
    """What the reproduction number says."""
    spread = story.spread
    if not spread.hearers:
        return _("Whoever the first tellers told passed it to nobody: there is no reproduction number.")
    told = number(spread.number, 2)
    if spread.verdict == "open":
        return _(
            "One early hearer told {number} others on average. Whether that is more or fewer than one, this one run cannot tell: stories"
            " at this line sometimes die, and sometimes reach the whole town."
        ).format(number=told)
    if spread.verdict == "dies":
        return _("One early hearer told {number} others on average. Fewer than one: such a story dies out by itself.").format(number=told)
    return _(
        "One early hearer told {number} others on average. More than one: it grows, until those around have heard it or lost interest."
    ).format(number=told)


def carried_by(story: Story) -> str:
    """How few told how many."""
    few = story.tellers_of(TOP_SHARE)
    if not few:
        return _("Nobody told it.")
    knew = len(story.consumer)
    return ngettext(
        "Half of all who heard it were told by a single person ({share} of those who knew it).",
        "Half of all who heard it were told by {few} people ({share} of those who knew it).",
        few,
    ).format(few=number(few), share=percent(few / knew, 1))


def teller_lines(story: Story, blame: Blame) -> list[Line]:
    """Those by way of whom most heard the story."""
    heard = max(1, len(story.heard))
    return [
        Line(
            str(int(story.consumer[entry])),
            (
                _("consumer {id}").format(id=blame.called(int(story.consumer[entry]))), number(int(story.day[entry])),
                number(int(story.told[entry])), number(int(story.carried[entry])), percent(int(story.carried[entry]) / heard),
            ),
        )
        for entry in story.top(LISTED_TELLERS)
    ]  # fmt: skip


def generation_rows(story: Story) -> list[tuple[str, str, str, str]]:
    """Generation, consumers, whom they told, and how many each: as a table."""
    return [
        (number(ring), number(people), number(told), number(told / people, 2) if people else "\N{EN DASH}")
        for ring, people, told in story.by_generation()
    ]


# -- the twin ----------------------------------------------------------------------------------------------------------


def change_of(twin: Difference) -> str:
    """What goes otherwise, as the title of the twin's picture."""
    change = twin.change
    if isinstance(change, Silence):
        return _("without consumer {id} from day {day} on").format(id=twin.here.called(change.consumer), day=change.day)
    return _("{answer} on day {day}").format(answer=_(ANSWER_NAMES[change.answer]), day=change.day)


def sentence(text: str) -> str:
    """Begun as a sentence."""
    return text[:1].upper() + text[1:]


def outcome(twin: Difference) -> str:
    """What it changed, in a sentence."""
    spared, instead = len(twin.spared), len(twin.reached_instead)
    if not spared and not instead:
        return _("It makes no difference to who hears it.")
    return _("{spared} never hear of it; {instead} hear it only there.").format(spared=number(spared), instead=number(instead))


def outcome_rows(twin: Difference) -> list[tuple[str, str, str, str]]:
    """Quantity, as it was, otherwise, difference."""
    heard, bad, trust, units = twin.heard, twin.heard_blame, twin.trust, twin.units
    brand = twin.story.brand

    def row(name: str, pair: tuple[float, float], decimals: int = 0) -> tuple[str, str, str, str]:
        here, there = pair
        gap = round(there - here, decimals) + 0.0
        return name, number(here, decimals), number(there, decimals), number(gap, decimals, signed=gap != 0.0)

    return [
        row(_("Heard the story"), heard), row(_("Heard anything bad about {brand}").format(brand=brand), bad),
        row(_("Trust in {brand} at the end").format(brand=brand), trust, 3), row(_("Units sold"), units),
    ]  # fmt: skip


# -- the canvas --------------------------------------------------------------------------------------------------------


def canvas_words() -> dict[str, str]:
    """The texts of the canvas."""
    return {
        "locale": language(), "day": _("day"), "play": _("play"), "pause": _("pause"), "moment": _("day of the story"),
        "told": _("heard it and told"), "heard": _("heard it"), "spreader": _("super-spreader"), "ghost": _("never hears it there"),
        "instead": _("hears it only there"), "below": _("by way of {id}"), "hearers": _("Consumers who have heard the story"),
        "consumer": _("consumer {id}"), "never": _("never hears it there"), "began": _("among the first on day {day}"),
        "online": _("saw it online on day {day}, from {teller}"), "offline": _("heard it face to face on day {day}, from {teller}"),
        "tells": _("told {count}"),
    }  # fmt: skip


def status_of(story: Story, twin: Difference | None) -> dict[str, Any]:
    """What the canvas shows of a story besides its places: see TreeCanvas."""
    other = twin.twin if twin is not None else None
    days = [int(story.day.max(initial=story.began))] + ([int(other.day.max(initial=story.began))] if other is not None else [])
    last = max(days) + 1
    curves = [story.by_day(last + 1)[story.began :].tolist()]
    worlds, labels, marks = [_("as it was")], [_("as it was")], []
    if twin is not None:
        nobody = [0] * len(curves[0])
        curves.append(nobody if other is None else other.by_day(last + 1)[story.began :].tolist())
        worlds.append(change_of(twin))
        labels.append(_("otherwise"))
        if story.began <= twin.change.day <= last:
            label = _("she falls silent") if isinstance(twin.change, Silence) else _(ANSWER_NAMES[twin.change.answer])
            marks.append({"day": twin.change.day, "label": label})
    spoken = _("{headline}: a tree of {heard} consumers in {depth} generations, day {first} to {last}.").format(
        headline=headline(story), heard=number(len(story.heard)), depth=story.depth, first=story.began, last=last
    )
    curve = _("Consumers who have heard the story by the last day: {count}.").format(count=number(curves[0][-1]))
    if twin is not None:
        spoken += " " + outcome(twin)
        curve += " " + _("Otherwise: {count}.").format(count=number(curves[1][-1]))
    return {
        "story": str(story.key), "twin": "" if twin is None else change_of(twin), "first": story.began, "last": last, "worlds": worlds,
        "curves": curves, "labels": labels, "marks": marks, "spoken": spoken, "curveSpoken": curve,
    }  # fmt: skip


def curve_rows(story: Story, twin: Difference | None) -> list[tuple[str, ...]]:
    """Day and how many had heard the story by then, in each world."""
    status = status_of(story, twin)
    return [
        (number(status["first"] + day), *(number(count) for count in counts))
        for day, counts in enumerate(zip(*status["curves"], strict=True))
    ]
