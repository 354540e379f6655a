"""A form in the browser for levers (`levers.py`): an own widget, so that it is as quick and as small as a page of print.

What the visitor sends comes back as a message {kind: "submit", value: {lever: value}}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from simulator.app.levers import EVIDENCE, Lever
from simulator.language import N_, _, language

HERE = Path(__file__).parent


class LeverForm(anywidget.AnyWidget):
    """levers: see `described`; action: what the button says; remark: beside it; words: its texts."""

    _esm = HERE / "lever_form.js"
    levers = traitlets.List().tag(sync=True)
    action = traitlets.Unicode("").tag(sync=True)
    remark = traitlets.Unicode("").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)


def described(levers: Sequence[Lever], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Levers for the form, in the language spoken, with what they are set to now."""
    tags = {word: tag for tag, word in EVIDENCE.items()}
    return [
        {
            "name": lever.name, "label": _spelled(lever.name), "form": lever.form, "meaning": _(lever.meaning), "unit": _(lever.unit),
            "evidence": _(lever.evidence), "tag": tags[lever.evidence], "value": _plain(values.get(lever.name, lever.default)),
            "low": lever.low, "high": lever.high, "step": lever.step,
            "choices": [{"value": choice, "label": _spelled(choice)} for choice in lever.choices],
        }
        for lever in levers
    ]  # fmt: skip


def form_words() -> dict[str, str]:
    """The texts of a form."""
    return {"locale": language(), "evidence": _("how well the default is known")}


LABELS = {
    "channels": N_("Channels"), "recruit_channels": N_("Channels of ads that invite"), "ads_channels": N_("Channels of its ads"),
    "flighting": N_("When"), "on_days": N_("Days on"), "off_days": N_("Days off"), "burst_days": N_("Days saved for"),
    "newsletters_per_week": N_("Newsletters"), "recruit_share": N_("Share for recruiting"), "reward": N_("Reward"),
    "respect_refusal": N_("Respect refusals"), "only_wanted": N_("Only what is wanted"), "invite": N_("Invite"),
    "listening": N_("Listening"), "effort": N_("Effort"), "ads_share": N_("Share for ads"), "open_days_per_week": N_("Open days"),
    "fix": N_("Mending the service"),
    "integrate": N_("Moving towards its talkers"), "platform": N_("Platform"), "response": N_("Answer to a crisis"),
    "response_delay": N_("Delay of the answer"), "severity": N_("Severity"), "cluster": N_("Whose doing"), "damage": N_("Damage"),
    "days": N_("Days"), "answer": N_("Answer"), "money_per_day": N_("Money a day"),
    "continuous": N_("every day"), "pulsed": N_("in pulses"), "burst": N_("in bursts"), "victim": N_("not its own"),
    "accidental": N_("a mishap"), "preventable": N_("avoidable"), "silence": N_("silence"), "denial": N_("denial"),
    "explanation": N_("explanation"), "empathy": N_("empathy"), "apology": N_("apology"), "compensation": N_("compensation"),
    "tv": N_("television"), "video_preroll": N_("video before videos"), "display_banner": N_("banners"), "popup": N_("pop-ups"),
    "mobile_text": N_("text messages"), "billboard": N_("billboards"), "search": N_("search"), "sponsored_post": N_("sponsored posts"),
    "email": N_("e-mail"), "size": N_("Consumers"), "budget_per_day": N_("Budget a day"),
}  # fmt: skip
"""Names of the scenario's vocabulary as a page says them; others (channels of one's own) as they are written."""


def _spelled(name: str) -> str:
    return _(LABELS[name]) if name in LABELS else name.replace("_", " ")


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
