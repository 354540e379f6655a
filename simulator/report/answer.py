"""The answer in one sentence: who leads in what, and where nobody can be told to lead."""

from __future__ import annotations

from simulator.experiments.comparison import Comparison, direction
from simulator.experiments.paired import BETTER, WORSE
from simulator.language import N_, _, language, ngettext, number
from simulator.report.bad_buzz import lead
from simulator.report.numbers import level, listed, sentence_case
from simulator.results.kpis import KPIS

LEADS = {
    "reach": N_("reaches most people"),
    "trust_aware": N_("is trusted most"),
    "share": N_("sells most"),
    "profit": N_("earns most"),
    "messages_negative": N_("is spoken ill of least"),
}
"""The key figures of the sentence and how it speaks of their leader."""

FINDINGS = {
    "reach": (N_("{brand} reaches most people with {names}"), N_("No scenario can be said to reach more people")),
    "trust_aware": (N_("{brand} is trusted most with {names}"), N_("No scenario can be said to win more trust")),
    "share": (N_("{brand} sells most with {names}"), N_("No scenario can be said to sell more")),
    "profit": (N_("{brand} earns most with {names}"), N_("No scenario can be said to earn more")),
    "messages_positive": (N_("{brand} is praised most with {names}"), N_("No scenario can be said to win more praise")),
    "messages_negative": (N_("{brand} is spoken ill of least with {names}"), N_("No scenario can be said to be spoken ill of less")),
}
"""What a picture of a key figure found: with a leader, and without one."""


def answer(comparison: Comparison) -> str:
    """A sentence that begins with 'In this model'; where a story is told, another on what it costs."""
    if comparison.runs.empty:
        return _("In this model, no run finished, so there is no answer.")
    last = comparison.days[-1]
    if len(comparison.names) == 1:
        return _("In this model, after {time}, {description}.").format(time=elapsed(last), description=_description(comparison, last))
    led: dict[str, list[str]] = {}
    undecided = []
    for kpi, words in LEADS.items():
        best = leaders(comparison, kpi, last)
        if len(best) == len(comparison.names):
            undecided.append(_in_sentence(KPIS[kpi].label[language()]))
        else:
            led.setdefault(listed(best, _("or")), []).append(_(words))
    parts = [_("{leads} with {names}").format(leads=listed(words, _("and")), names=best) for best, words in led.items()]
    said = [f"{comparison.focal} {listed(parts, _('and'))}"] if parts else []
    if undecided:
        said.append(_("no scenario can be said to lead in {figures}").format(figures=listed(undecided, _("or"))))
    text = _("In this model, after {time}, {findings}.").format(time=elapsed(last), findings=_("; ").join(said))
    return f"{text} {lead(comparison.bad_buzz, comparison.focal) if comparison.bad_buzz else ''}".strip()


def finding(comparison: Comparison, kpi: str) -> str:
    """The title of a picture of a key figure: a sentence on its end."""
    last = comparison.days[-1]
    leading, nobody = FINDINGS[kpi]
    best = leaders(comparison, kpi, last)
    if len(comparison.names) == 1:
        means = comparison.summary
        mean = means.loc[(means["day"] == last) & (means["kpi"] == kpi), "mean"]
        value = level(float(mean.iloc[0]) if len(mean) else float("nan"), KPIS[kpi].unit)
        return _("{figure} of {brand} after {time}: {value}").format(
            figure=KPIS[kpi].label[language()], brand=comparison.focal, time=elapsed(last), value=value
        )
    if len(best) == len(comparison.names):
        return _(nobody)
    return sentence_case(_(leading).format(brand=comparison.focal, names=listed(best, _("or"))))


def leaders(comparison: Comparison, kpi: str, day: int) -> list[str]:
    """The scenario with the best mean, and all that paired runs cannot tell from it; in the order of the comparison."""
    summary = comparison.summary
    means = summary[(summary["day"] == day) & (summary["kpi"] == kpi)].set_index("scenario")["mean"].dropna()
    if means.empty:
        return list(comparison.names)
    best = str((means * (direction(kpi) or 1)).idxmax())
    verdicts = comparison.verdicts
    rows = verdicts[(verdicts["day"] == day) & (verdicts["kpi"] == kpi)]
    beaten = {str(row.b) for row in rows.itertuples() if row.a == best and row.verdict == BETTER}
    beaten |= {str(row.a) for row in rows.itertuples() if row.b == best and row.verdict == WORSE}
    return [name for name in comparison.names if name not in beaten]


def elapsed(days: int) -> str:
    """`26 weeks`, `30 days`."""
    if days % 7 == 0:
        return ngettext("{number} week", "{number} weeks", days // 7).format(number=number(days // 7))
    return ngettext("{number} day", "{number} days", days).format(number=number(days))


def _description(comparison: Comparison, day: int) -> str:
    summary = comparison.summary
    means = summary[summary["day"] == day].set_index("kpi")["mean"]
    reach, trust, share = (level(float(means[kpi]), KPIS[kpi].unit) for kpi in ("reach", "trust_aware", "share"))
    return _("{brand} has reached {reach} of consumers, trust among the aware is {trust} and its market share {share}").format(
        brand=comparison.focal, reach=reach, trust=trust, share=share
    )


def _in_sentence(label: str) -> str:
    """A label inside a sentence: without its capital, abbreviations excepted."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
