"""The key figures: what each is called, what it means, in which direction it is better, and how it is computed.

Every KPI is computed from the daily table up to a day, so that it can be read at week 4, 13 or 26 of the same run. A figure added here
appears in tables, plots, report and application by itself. What is divided by nothing is NaN, not 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from simulator.results.daily import ratio
from simulator.results.episodes import recovery, runs
from simulator.results.reading import WINDOW
from simulator.world.state import F64

if TYPE_CHECKING:
    import pandas as pd

MORE, LESS, NEITHER = 1, -1, 0
"""Directions: which way is better for the brand."""


class Daily:
    """The daily table up to a day, as arrays [days, B]; brands in the order of the table."""

    def __init__(self, table: pd.DataFrame, day: int | None = None) -> None:
        import pandas as pd

        if day is not None:
            table = table[table["day"] < day]
        codes, brands = pd.factorize(table["brand"])
        self.brands = [str(name) for name in brands]
        self._table, self._order = table, np.lexsort((codes, table["day"].to_numpy()))
        if len(brands) == 0 or len(table) % len(brands):
            raise ValueError("the table holds no whole day" if day is None else f"the table holds no whole day before day {day}")

    def __getitem__(self, column: str) -> F64:
        values: F64 = self._table[column].to_numpy(np.float64)[self._order].reshape(-1, len(self.brands))
        return values

    def last(self, column: str) -> F64:
        """The figure of the last day; float64 [B]."""
        latest: F64 = self[column][-1]
        return latest

    def total(self, column: str, days: int | None = None) -> F64:
        """The sum over all days, or the last few; float64 [B]."""
        summed: F64 = self[column][-days if days else 0 :].sum(axis=0)
        return summed


@dataclass(frozen=True)
class Kpi:
    """A key figure of a brand.

    unit                 share (0..1) | currency | units | people (of the real market) | messages | days | points | ratio | ""
    direction            1 more is better, -1 less is, 0 neither
    headline             whether a tracker or the books would show it: what a strategist looks at first
    smallest_difference  what is worth talking about, as a default; `relative`: as a share of the larger of two figures
    """

    name: str
    label: Mapping[str, str]
    definition: Mapping[str, str]
    unit: str
    direction: int
    formula: Callable[[Daily], F64]
    smallest_difference: float
    relative: bool = False
    headline: bool = False


KPIS: dict[str, Kpi] = {}
"""All key figures by name, in the order in which tables show them."""


def _kpi(
    name: str, en: str, fr: str, means: str, signifie: str, unit: str, direction: int, formula: str | Callable[[Daily], F64],
    smallest: float, *, relative: bool = False, headline: bool = False,
) -> None:  # fmt: skip
    """Register a figure. A formula that is a name: that column on the last day."""
    column = formula if isinstance(formula, str) else None
    chosen = formula if not isinstance(formula, str) else (lambda daily: daily.last(str(column)))
    KPIS[name] = Kpi(name, {"en": en, "fr": fr}, {"en": means, "fr": signifie}, unit, direction, chosen, smallest, relative, headline)


def _summed(column: str) -> Callable[[Daily], F64]:
    return lambda daily: daily.total(column)


def net_sentiment(daily: Daily) -> F64:
    """(positive - negative) / (positive + negative) tellings so far; -1..1."""
    good, bad = daily.total("tellings_positive"), daily.total("tellings_negative")
    return ratio(good - bad, good + bad)


def voiced_gap(daily: Daily) -> F64:
    """Net sentiment of the messages of 28 days minus net opinion held, 2 trust - 1 among the aware; -2..2."""
    good, bad = daily.total("messages_positive", WINDOW), daily.total("messages_negative", WINDOW)
    return ratio(good - bad, good + bad) - (2.0 * daily.last("trust_aware") - 1.0)


def episodes(daily: Daily) -> F64:
    """How many bad-buzz episodes have begun."""
    return np.array([len(runs(inside.astype(np.int8))) for inside in daily["bad_buzz"].T], np.float64)


def recovery_days(daily: Daily) -> F64:
    """Days from the start of an episode until mean trust had regained nine tenths of what it lost; the longest of all episodes.

    An unfinished recovery counts the days so far; without episodes NaN.
    """
    result = np.full(len(daily.brands), np.nan)
    opening = daily["trust"][0] - daily["trust_change"][0]
    for b, (trust, inside) in enumerate(zip(daily["trust"].T, daily["bad_buzz"].T, strict=True)):
        starts = [start for start, _ in runs(inside.astype(np.int8))]
        for start, following in pairwise([*starts, len(trust)]):
            eve = float(trust[start - 1] if start else opening[b])
            result[b] = np.fmax(result[b], recovery(trust, eve, start, following)[0])
    return result


# fmt: off
_kpi("reach", "Reach", "Couverture",
     "Share of consumers who met the brand at least once: ad delivered, newsletter opened, answer received or message heard.",
     "Part des consommateurs ayant rencontré la marque : publicité délivrée, lettre ouverte, réponse reçue ou message entendu.",
     "share", MORE, "reach", 0.01, headline=True)
_kpi("frequency", "Frequency", "Répétition",
     "Paid contacts delivered per consumer they reached.",
     "Contacts payants délivrés par consommateur touché.",
     "ratio", NEITHER, "frequency", 0.05, relative=True)
_kpi("aided_awareness", "Aided awareness", "Notoriété assistée",
     "Share of consumers whose memory of the brand is above the recall point.",
     "Part des consommateurs dont le souvenir de la marque dépasse le seuil de rappel.",
     "share", MORE, "aided_awareness", 0.01, headline=True)
_kpi("consideration", "Consideration", "Considération",
     "Share of consumers who know the brand and trust it at least neutrally.",
     "Part des consommateurs qui connaissent la marque et lui accordent une confiance au moins neutre.",
     "share", MORE, "consideration", 0.01, headline=True)
_kpi("trust_aware", "Trust among the aware", "Confiance parmi ceux qui connaissent",
     "Mean trust (0 to 1) of the consumers who know the brand.",
     "Confiance moyenne (0 à 1) des consommateurs qui connaissent la marque.",
     "level", MORE, "trust_aware", 0.01, headline=True)
_kpi("trust_top2", "High trust", "Confiance élevée",
     "Share of those who know the brand whose trust is high (0.7 and more by default).",
     "Part de ceux qui connaissent la marque dont la confiance est élevée (0,7 et plus par défaut).",
     "share", MORE, "trust_top2", 0.01, headline=True)
_kpi("awareness", "Awareness (mean)", "Notoriété (moyenne)",
     "Mean memory strength over all consumers; an internal figure of the model.",
     "Force moyenne du souvenir sur tous les consommateurs ; grandeur interne du modèle.",
     "level", MORE, "awareness", 0.01)
_kpi("trust", "Trust (mean)", "Confiance (moyenne)",
     "Mean trust over all consumers; an internal figure of the model.",
     "Confiance moyenne sur tous les consommateurs ; grandeur interne du modèle.",
     "level", MORE, "trust", 0.01)
_kpi("trust_change", "Change of trust", "Évolution de la confiance",
     "Mean trust over all consumers minus what it was before day 0.",
     "Confiance moyenne de tous les consommateurs moins celle d'avant le jour 0.",
     "level", MORE, "trust_change", 0.01)
_kpi("reputation", "Reputation", "Réputation",
     "What the sources say of the brand, weighted by whom they reach (0 to 1): the level that trust drifts to.",
     "Ce que les sources disent de la marque, pondéré par leur audience (0 à 1) : le niveau vers lequel tend la confiance.",
     "level", MORE, "reputation", 0.01)
_kpi("resonance", "Resonance of values", "Résonance des valeurs",
     "Likeness (-1 to 1) of what the brand does to what consumers value, weighted by their audiences. Undefined without values.",
     "Ressemblance (-1 à 1) entre la conduite de la marque et les valeurs des consommateurs, pondérées par leur audience. "
     "Indéfinie sans valeurs.",
     "points", MORE, "resonance", 0.02)
_kpi("irritation", "Irritation", "Irritation",
     "Mean irritation with the brand's advertising (0 none; around 0.5 it begins to harm trust).",
     "Irritation moyenne face à la publicité de la marque (0 aucune ; vers 0,5 elle commence à entamer la confiance).",
     "", LESS, "irritation", 0.01, headline=True)
_kpi("penetration", "Penetration", "Pénétration",
     "Share of consumers who ever bought the brand, customers at the start included.",
     "Part des consommateurs ayant déjà acheté la marque, clients de départ compris.",
     "share", MORE, "penetration", 0.01, headline=True)
_kpi("units", "Units sold", "Unités vendues",
     "Units sold so far in the real market.",
     "Unités vendues jusqu'ici sur le marché réel.",
     "units", MORE, _summed("units"), 0.01, relative=True)
_kpi("share", "Market share", "Part de marché",
     "The brand's part of all units sold in the last 28 days.",
     "Part de la marque dans les unités vendues au cours des 28 derniers jours.",
     "share", MORE, "share", 0.01, headline=True)
_kpi("revenue", "Revenue", "Chiffre d'affaires",
     "Units sold so far times price.",
     "Unités vendues jusqu'ici multipliées par le prix.",
     "currency", MORE, _summed("revenue"), 0.01, relative=True)
_kpi("spend", "Marketing spend", "Dépense marketing",
     "Marketing money spent so far.",
     "Dépenses marketing jusqu'ici.",
     "currency", NEITHER, _summed("spend"), 0.01, relative=True)
_kpi("budget_used", "Budget used", "Budget consommé",
     "Marketing money spent so far as a share of what was available.",
     "Part du budget disponible dépensée jusqu'ici.",
     "share", NEITHER, lambda daily: ratio(daily.total("spend"), daily.last("budget")), 0.01)
_kpi("cost", "Cost", "Coût",
     "Cost of the units sold, marketing spend and fixed costs so far.",
     "Coût des unités vendues, dépenses marketing et coûts fixes jusqu'ici.",
     "currency", LESS, _summed("cost"), 0.01, relative=True)
_kpi("profit", "Profit", "Profit",
     "Revenue minus cost so far: units x (price - unit cost) - marketing spend - fixed costs.",
     "Chiffre d'affaires moins coûts jusqu'ici : unités x (prix - coût unitaire) - dépenses marketing - coûts fixes.",
     "currency", MORE, _summed("profit"), 0.01, relative=True, headline=True)
_kpi("new_customers", "New customers", "Nouveaux clients",
     "People who bought the brand for the first time so far.",
     "Personnes ayant acheté la marque pour la première fois jusqu'ici.",
     "people", MORE, _summed("new_customers"), 0.01, relative=True)
_kpi("cost_per_customer", "Cost per new customer", "Coût par nouveau client",
     "Marketing spend so far divided by new customers; not causal: some would have come anyway.",
     "Dépenses marketing jusqu'ici divisées par les nouveaux clients ; non causal : certains seraient venus de toute façon.",
     "currency", LESS, lambda daily: ratio(daily.total("spend"), daily.total("new_customers")), 0.01, relative=True)
_kpi("opt_in_list", "Opt-in list", "Liste opt-in",
     "People who currently agree to hear from the brand.",
     "Personnes qui acceptent actuellement de recevoir les messages de la marque.",
     "people", MORE, "list_size", 0.01, relative=True, headline=True)
_kpi("opt_out_rate", "Opt-out rate", "Taux de désabonnement",
     "Opt-outs per newsletter sent so far.",
     "Désabonnements par lettre envoyée jusqu'ici.",
     "share", LESS, lambda daily: ratio(daily.total("opt_outs"), daily.total("sends")), 0.0005)
_kpi("blocked", "Blocking", "Blocage",
     "Share of consumers who have shut the brand's advertising out for good.",
     "Part des consommateurs ayant définitivement bloqué la publicité de la marque.",
     "share", LESS, "blocked", 0.005)
_kpi("earned_share", "Earned share of contacts", "Part gagnée des contacts",
     "Part of all contacts so far (ads noticed, newsletters opened, messages heard) that came from other consumers.",
     "Part des contacts jusqu'ici (publicités remarquées, lettres ouvertes, messages entendus) venue d'autres consommateurs.",
     "share", NEITHER, "earned_share", 0.01)
_kpi("messages_positive", "Positive messages", "Messages positifs",
     "Positive messages started by the simulated consumers so far.",
     "Messages positifs lancés jusqu'ici par les consommateurs simulés.",
     "messages", MORE, _summed("messages_positive"), 0.02, relative=True)
_kpi("messages_negative", "Negative messages", "Messages négatifs",
     "Negative messages started by the simulated consumers so far.",
     "Messages négatifs lancés jusqu'ici par les consommateurs simulés.",
     "messages", LESS, _summed("messages_negative"), 0.02, relative=True, headline=True)
_kpi("net_sentiment", "Net sentiment", "Sentiment net",
     "Positive minus negative, as a part of all messages heard so far (-1 to 1).",
     "Positifs moins négatifs, rapportés à tous les messages entendus jusqu'ici (-1 à 1).",
     "points", MORE, net_sentiment, 0.02)
_kpi("nps", "Net promoter score", "Net promoter score",
     "Promoters minus detractors among customers, -100 to 100. Trust of 0.85 and more counts as 9 or 10, below 0.65 as 0 to 6.",
     "Promoteurs moins détracteurs parmi les clients, -100 à 100. Une confiance d'au moins 0,85 vaut 9 ou 10, sous 0,65 de 0 à 6.",
     "points", MORE, "nps", 2.0)
_kpi("largest_negative_cascade", "Largest negative cascade", "Plus grande cascade négative",
     "Share of consumers in the largest tree of one negative message so far.",
     "Part des consommateurs dans le plus grand arbre d'un message négatif jusqu'ici.",
     "share", LESS, "largest_negative_cascade", 0.005)
_kpi("bad_buzz_days", "Days of bad buzz", "Jours de bad buzz",
     "Days so far inside a bad-buzz episode.",
     "Jours passés jusqu'ici dans un épisode de bad buzz.",
     "days", LESS, _summed("bad_buzz"), 1.0)
_kpi("episodes", "Bad-buzz episodes", "Épisodes de bad buzz",
     "Bad-buzz episodes that have begun so far.",
     "Épisodes de bad buzz commencés jusqu'ici.",
     "", LESS, episodes, 0.5)
_kpi("recovery_days", "Recovery", "Rétablissement",
     "Days from the start of an episode until nine tenths of the lost trust are back, or so far; the longest. Undefined without one.",
     "Jours du début d'un épisode au retour de neuf dixièmes de la confiance perdue, ou jusqu'ici ; le plus long. Indéfini sans épisode.",
     "days", LESS, recovery_days, 3.0)
_kpi("voiced_gap", "Voiced minus held opinion", "Opinion exprimée moins opinion réelle",
     "Net sentiment of the messages of the last 28 days minus the opinion held by those who know the brand (2 x trust - 1).",
     "Sentiment net des messages des 28 derniers jours moins l'opinion de ceux qui connaissent la marque (2 x confiance - 1).",
     "points", NEITHER, voiced_gap, 0.02)
_kpi("advocates", "Advocates", "Ambassadeurs",
     "Share of consumers loyal to the brand (at least 80% of their purchases) who told something good about it within 28 days.",
     "Part des consommateurs fidèles (au moins 80 % de leurs achats) ayant dit du bien de la marque en 28 jours.",
     "share", MORE, "advocates", 0.005)
_kpi("loyal", "Loyal", "Fidèles",
     "Share of consumers loyal to the brand (at least 80% of their purchases) who do not advocate it.",
     "Part des consommateurs fidèles à la marque (au moins 80 % de leurs achats) sans en être ambassadeurs.",
     "share", MORE, "loyal", 0.01)
_kpi("multi_loyal", "Multi-loyal", "Multi-fidèles",
     "Share of consumers who give 80% of their purchases to two brands, this one among them.",
     "Part des consommateurs qui donnent 80 % de leurs achats à deux marques, dont celle-ci.",
     "share", NEITHER, "multi_loyal", 0.01)
_kpi("switchers", "Switchers", "Volatiles",
     "Share of consumers who bought the brand and are loyal to it in neither way.",
     "Part des consommateurs ayant acheté la marque sans lui être fidèles d'aucune façon.",
     "share", NEITHER, "switchers", 0.01)
_kpi("prospects", "Prospects", "Prospects",
     "Share of consumers who never bought the brand.",
     "Part des consommateurs n'ayant jamais acheté la marque.",
     "share", LESS, "prospects", 0.01)
# fmt: on


class HasDaily(Protocol):
    """A run result, or whatever else has a daily table."""

    @property
    def daily(self) -> Any: ...


def kpi_table(source: HasDaily | pd.DataFrame, day: int | None = None) -> pd.DataFrame:
    """All key figures after `day` days (default: all there are): a row per brand (index `brand`), a column per KPI.

    source: a run result or a daily table.
    """
    import pandas as pd

    daily = Daily(source if isinstance(source, pd.DataFrame) else cast("pd.DataFrame", source.daily), day)
    return pd.DataFrame({name: kpi.formula(daily) for name, kpi in KPIS.items()}, index=pd.Index(daily.brands, name="brand"))
