"""Every page, in light and dark, against the rules of WCAG 2 at level AA that a machine can check (axe-core)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.app.visit import ROOMS, path_of

pytestmark = [pytest.mark.browser, pytest.mark.compiled, pytest.mark.slow]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


@pytest.mark.parametrize("room", ROOMS)
def test_a_page_breaks_no_rule_of_accessibility(room: str, visit: Callable[..., Any]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed: pip install 'world-of-mouth[test]'")
    page = visit(path_of(room))
    page.wait_for_timeout(2500)
    assert broken(axe, page) == []
    page.locator(".wom-theme").click()
    page.get_by_role("radio", name="FR").click()
    page.wait_for_function("() => document.documentElement.lang === 'fr'")
    page.wait_for_timeout(500)
    assert broken(axe, page) == []


def broken(axe: Any, page: Any) -> list[str]:
    """What is broken, where and why."""
    found = axe.Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]
