"""A change of settings computes the plan once, however many parts of the page need it."""

import sys

import pytest

from dashboard import state
from models.spec import cost
from models.spec.run import RunSpec
from models.spec.sizes import DataShape
from tests.dashboard.conftest import OpenPage
from tests.dashboard.fakes import FakeEngine


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Collect the runs whose cost is estimated: architecture and updates."""
    found: list[tuple[str, int]] = []
    estimate = cost.estimate_run

    def counted(run: RunSpec, data: DataShape) -> cost.Estimate:
        found.append((run.architecture, run.updates))
        return estimate(run, data)

    for module in list(sys.modules.values()):  # whoever imported it
        if getattr(module, "estimate_run", None) is estimate:
            monkeypatch.setattr(module, "estimate_run", counted)
    return found


def test_page_asks_for_the_cost_of_each_run_once_per_change(
    open_page: OpenPage, engine: FakeEngine, asked: list[tuple[str, int]]
) -> None:
    """Header, plan, gallery, Train and the results share one plan; drawing again asks for nothing."""
    page = open_page()
    assert sorted(asked) == sorted(set(asked))
    asked.clear()
    page.number_input(key=state.widget("updates")).set_value(450).run()
    assert asked == [("lstm", 450), ("gru", 450)]
    page.run()
    page.button(key="train").click().run()
    assert not page.exception
    assert [spec.updates for spec in engine.submitted] == [450]
    assert asked == [("lstm", 450), ("gru", 450)]
