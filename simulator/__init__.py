"""World of Mouth: how brands' strategies and word of mouth shape reach, trust and bad buzz.

The public names are imported when they are first used, so that `import simulator` costs nothing.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.experiments.compare import Comparison, compare
    from simulator.experiments.study import Study
    from simulator.experiments.sweep import sweep
    from simulator.model import WordOfMouthModel
    from simulator.results.run_result import RunResult
    from simulator.scenario.load import load_scenario
    from simulator.scenario.schema import Scenario
    from simulator.simulate import simulate

__version__ = "0.1.0"

_HOME = {
    "load_scenario": "simulator.scenario.load",
    "Scenario": "simulator.scenario.schema",
    "simulate": "simulator.simulate",
    "RunResult": "simulator.results.run_result",
    "compare": "simulator.experiments.compare",
    "Comparison": "simulator.experiments.compare",
    "sweep": "simulator.experiments.sweep",
    "Study": "simulator.experiments.study",
    "WordOfMouthModel": "simulator.model",
}

__all__ = ["Comparison", "RunResult", "Scenario", "Study", "WordOfMouthModel", "compare", "load_scenario", "simulate", "sweep"]


class _Package(types.ModuleType):
    """The package: public names come from `_HOME`, also where a module of the same name would hide them.

    Importing the module `simulator.simulate` binds that name here; the function must win.
    """

    def __getattr__(self, name: str) -> Any:
        if name in _HOME:
            home = importlib.import_module(_HOME[name])
            if hasattr(home, "Comparison"):  # reports are a layer above experiments, so the method is attached here
                home.Comparison.report = importlib.import_module("simulator.report.page").write_report
            return getattr(home, name)
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
