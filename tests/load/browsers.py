"""A few real browsers on one server: how long a change takes until it is on the screen, without and beside trainings."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.browser.serving import ARGUMENTS, chromium_path
from tests.browser.serving import PATIENCE as MILLISECONDS
from tests.load.client import Visitor
from tests.load.ledger import Ledger
from tests.load.report import Outcome, percentile
from tests.load.scenarios import LONG, PATIENCE, query, warm


def browsers(folder: Path, *, tabs: int, presses: int, rounds: int = 2) -> Outcome:
    """Change the seeds in every tab in turn, and wait until the page says so."""
    outcome = Outcome("browsers")
    path = chromium_path()
    if path is None:
        outcome.numbers["left out"] = "no Chromium on PATH"
        return outcome
    from playwright.sync_api import sync_playwright

    waits: dict[bool, list[float]] = {False: [], True: []}
    problems: list[str] = []
    with warm(folder) as server, ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        stack.callback(browser.close)
        pages = [_page(browser, f"{server.url}/?{query(seed=number)}", problems) for number in range(tabs)]
        trainers = [stack.enter_context(Visitor(server.url, query(updates=LONG, seed=seed))) for seed in (1, 2)]
        ledger = Ledger(folder=folder)
        for _ in range(rounds):
            waits[False] += [_change(page) for _ in range(presses) for page in pages]
            for trainer in trainers:
                trainer.open()
                trainer.press("Train")
            running = trainers[0].stay(PATIENCE, lambda: "running" in ledger.statuses().values())
            outcome.expect(running, "no experiment started")
            waits[True] += [_change(page) for _ in range(presses) for page in pages]
            for trainer in trainers:
                trainer.press("Stop")
            outcome.expect(trainers[0].stay(PATIENCE, lambda: not ledger.unfinished()), "a run was lost")
    outcome.numbers |= {
        "tabs": tabs,
        "changes": len(waits[False]) + len(waits[True]),
        "median without training, s": percentile(waits[False], 0.5),
        "median with training, s": percentile(waits[True], 0.5),
        "95 % without training, s": percentile(waits[False], 0.95),
        "95 % with training, s": percentile(waits[True], 0.95),
    }
    outcome.expect(not problems, f"a browser complained: {problems[:1]}")
    return outcome


def _page(browser: Any, url: str, problems: list[str]) -> Any:
    page = browser.new_context().new_page()
    page.set_default_timeout(MILLISECONDS)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(url)
    page.get_by_text("2 repeats ·").wait_for()
    return page


def _change(page: Any) -> float:
    """Choose another number of repeats; return the seconds until the estimate of the cost speaks of it."""
    field = page.get_by_role("spinbutton", name="Repeats")
    up = field.input_value() == "2"
    field.fill("3" if up else "2")
    started = time.perf_counter()
    field.press("Enter")
    page.get_by_text(f"{3 if up else 2} repeats ·").wait_for()
    return time.perf_counter() - started
