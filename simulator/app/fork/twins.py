"""Two runs in lock-step: the same past, the same luck, one thing changed."""

from __future__ import annotations

from simulator.experiments.live import Intervention, LiveRun, Without


class Twins(LiveRun):
    """A copy of a run, and from the day `since` on a twin beside it that differs by one thing; until that is said there is no twin.

    What was done in the run belongs to both: to intervene is to make the twin, and to intervene again makes another one in its place.
    """

    def __init__(self, live: LiveRun) -> None:
        vars(self).update(vars(live.fork()))
        self._done = []
        self.twin: LiveRun | None = None
        self.since = self.day

    def step(self) -> bool:
        """A day in both."""
        going = super().step()
        if self.twin is not None:
            self.twin.go_to(self.day)
        return going

    def go_to(self, day: int) -> None:
        """Both as they stood after `day` days; with a twin, no earlier than they part."""
        super().go_to(day if self.twin is None else max(day, self.since))
        if self.twin is not None:
            self.twin.go_to(self.day)

    def intervene(self, intervention: Intervention) -> None:
        """The twin in which this is done, on the day of the present twin if there is one; an event that is left out, on its own day."""
        day = self.day if self.twin is None else self.since
        if isinstance(intervention, Without) and 0 <= intervention.number < len(self.scenario.events):
            day = min(day, self.scenario.events[intervention.number].day)
        before, self.twin = self.twin, None
        try:
            self.go_to(day)
            self.twin = self.fork(intervention)
            self.since = day
        except Exception:
            self.twin = before
            self.go_to(self.since)
            raise

    def undo(self) -> None:
        """One world again, on the day on which they parted."""
        self.twin = None
        self.go_to(min(self.day, self.since))
