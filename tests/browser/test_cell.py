"""The cell explorer in a real browser: play, step, hold a gate, switch conventions, reload the link."""

from typing import Any

from tests.browser.conftest import OpenTab

STEPS = ",".join(str(step % 3) for step in range(40))


def await_step(tab: Any, step: int, steps: int) -> None:
    """Wait until the stepper stands at a step."""
    tab.get_by_text(f"Current step: {step} / {steps}", exact=True).wait_for()


def hidden_label(tab: Any) -> str:
    """Return the text of the LSTM diagram's border labels: the values of the step that is drawn."""
    drawn: list[str] = tab.evaluate(
        "[...document.querySelector('.stepper-figures').children][1]._fullData.at(-1).text.map(String)"
    )
    return " ".join(drawn)


def test_play_pause_and_step_without_a_rerun(open_tab: OpenTab) -> None:
    """Forty steps play in the browser alone: no message goes to the server, and Pause and steps work."""
    tab = open_tab(f"/cell?inputs={STEPS}&weights=Random")
    tab.wait_for_function("document.querySelector('.stepper-now')?.textContent.endsWith('/ 40')")
    tab.get_by_label("Step", exact=True).fill("1")
    await_step(tab, 1, 40)
    first = hidden_label(tab)
    tab.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    runs = tab.evaluate(
        "() => { window.reruns = 0; new MutationObserver(() => { if (document.querySelector("
        "'[data-test-script-state=running]')) window.reruns++; }).observe(document.body, {attributes: true, "
        "subtree: true, attributeFilter: ['data-test-script-state']}); return window.reruns; }"
    )
    assert runs == 0
    tab.get_by_label("Speed").select_option("slow")
    tab.get_by_role("button", name="Play", exact=True).click()
    await_step(tab, 2, 40)
    tab.get_by_role("button", name="Pause", exact=True).click()
    paused = tab.locator(".stepper-now").inner_text()
    tab.wait_for_timeout(2000)
    assert tab.locator(".stepper-now").inner_text() == paused
    tab.get_by_label("Speed").select_option("very fast")
    tab.get_by_role("button", name="Play", exact=True).click()
    tab.get_by_role("button", name="Pause", exact=True).wait_for()
    await_step(tab, 40, 40)
    assert tab.evaluate("window.reruns") == 0
    tab.get_by_role("button", name="Step back").click()
    await_step(tab, 39, 40)
    assert hidden_label(tab) != first
    tab.get_by_role("button", name="Step forward").click()
    await_step(tab, 40, 40)


def test_keys_play_and_step(open_tab: OpenTab) -> None:
    """Arrows step and space plays and pauses, wherever the page is clicked; a box that is typed into keeps its keys."""
    tab = open_tab("/cell")
    await_step(tab, 2, 5)
    tab.get_by_role("heading", name="Cell explorer").click()
    tab.keyboard.press("ArrowRight")
    await_step(tab, 3, 5)
    tab.keyboard.press("ArrowLeft")
    await_step(tab, 2, 5)
    tab.get_by_label("Speed").select_option("very fast")
    tab.get_by_role("heading", name="Cell explorer").click()
    tab.keyboard.press("Space")
    await_step(tab, 5, 5)
    tab.get_by_role("button", name="Play", exact=True).wait_for()
    tab.get_by_role("textbox", name="Input sequence").click()
    tab.keyboard.press("ArrowLeft")
    tab.wait_for_timeout(300)
    await_step(tab, 5, 5)


def test_held_gate_and_convention_survive_a_reload(open_tab: OpenTab) -> None:
    """A held gate draws a dashed line; the link restores gate, convention and values."""
    tab = open_tab("/cell")
    await_step(tab, 2, 5)  # where the spike comes
    tab.get_by_role("button", name="Forget gate").first.click()
    tab.wait_for_function("location.search.includes('hold_lstm')")
    tab.wait_for_function(
        "[...document.querySelectorAll('.stepper-figures > div')].some(one => "
        "(one._fullData ?? []).some(trace => trace.name === 'LSTM, nothing held'))"
    )
    tab.get_by_text("1 = keep").click()
    tab.wait_for_function("location.search.includes('update=')")
    tab.get_by_text("before the product", exact=True).click()
    tab.wait_for_function("location.search.includes('reset=')")
    tab.get_by_text("Textbook GRU cell").first.wait_for()
    tab.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    before = hidden_label(tab)
    tab.reload()
    await_step(tab, 2, 5)
    tab.get_by_text("Textbook GRU cell").first.wait_for()
    assert hidden_label(tab) == before
    assert tab.locator(".stepper-line math").count() > 10


def test_narrow_and_dark_nothing_is_cut(open_tab: OpenTab) -> None:
    """At 400 px in dark mode nothing scrolls sideways and the equations are drawn."""
    tab = open_tab("/cell", width=400, scheme="dark")
    await_step(tab, 2, 5)
    assert tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert tab.locator(".stepper-line math").first.is_visible()
