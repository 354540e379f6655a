"""What all tests share: no network, reproducible Hypothesis, and no big market while kernels run as plain Python."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import hypothesis
import pytest

hypothesis.settings.register_profile("everyday", deadline=None, max_examples=30, derandomize=True)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=500)
hypothesis.settings.register_profile("plain", deadline=None, max_examples=5, derandomize=True)

PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")

hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("plain" if PLAIN else "everyday"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Kernels as plain Python (coverage) are a hundred times slower: tests that need them quick are passed over."""
    if PLAIN:
        passed_over = pytest.mark.skip(reason="marked `compiled`: too large for kernels that run as plain Python")
        for item in items:
            if item.get_closest_marker("compiled"):
                item.add_marker(passed_over)


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Whatever a test does, it does on this machine."""
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and str(address[0]) not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"a test tried to reach {address[0]}: tests must not use the network")
        connect(self, address)  # type: ignore[arg-type]  # whatever socket.connect takes

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", local_only)
        yield
