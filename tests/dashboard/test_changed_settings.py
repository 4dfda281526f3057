"""What differs from the recommended settings is shown and can be taken back; changes can be undone."""

from dashboard import state
from dashboard.changed_settings import changes
from models.spec.recommended import recommended
from tests.dashboard.conftest import OpenPage
from tests.dashboard.test_compare_page import address

UNDO = "undo_settings"


def test_only_what_differs_is_a_chip() -> None:
    """With the recommended value to go back to; architectures and first seed are no deviation."""
    spec = recommended("sunspots")
    assert changes(spec) == {}
    other = recommended("sunspots", architectures=("gru",), seed=7, layers=2, schedule="cosine", layer_norm=True)
    assert {key: text for key, (text, _) in changes(other).items()} == {
        "setting_layers": "Layers: 2",
        "setting_schedule": "Learning-rate schedule: Cosine to zero",
        "setting_layer_norm": "Layer norm: on",
    }
    window = recommended("sunspots", options=(("window", 12),))
    assert changes(window) == {"option_sunspots_window": ("Window: 12", dict(spec.options)["window"])}


def test_chip_takes_one_setting_back_and_leaves_the_others(open_page: OpenPage) -> None:
    """One press; the chip is gone and the address says so."""
    page = open_page(**state.link(recommended("sunspots", layers=2, batch_size=16)))
    page.button(key="reset_setting_layers").click().run()
    assert not page.exception
    assert address(page) == recommended("sunspots", batch_size=16)
    assert [button.key for button in page.button if button.key.startswith("reset_")] == ["reset_setting_batch_size"]


def test_changes_are_undone_one_by_one(open_page: OpenPage) -> None:
    """Several steps back to where the visit began, also over a change of the dataset."""
    start = recommended("sunspots")
    page = open_page(**state.link(start))
    assert UNDO not in [button.key for button in page.button]
    page.number_input(key=state.widget("hidden_size")).set_value(12).run()
    page.selectbox(key=state.widget("dataset")).set_value("digits").run()
    assert address(page).dataset == "digits"
    page.button(key=UNDO).click().run()
    assert (address(page).dataset, address(page).hidden_size) == ("sunspots", 12)
    page.button(key=UNDO).click().run()
    assert address(page) == start
    assert UNDO not in [button.key for button in page.button]


def test_first_sight_has_data_architectures_size_and_repeats(open_page: OpenPage) -> None:
    """Everything else is folded into "More settings", in four parts."""
    page = open_page(**state.link(recommended("sunspots")))
    (more,) = [part for part in page.sidebar.expander if part.label == "More settings"]
    inside = {
        w.key for kind in ("number_input", "slider", "selectbox", "toggle", "select_slider") for w in more.get(kind)
    }
    outside = {
        w.key
        for kind in ("number_input", "slider", "selectbox", "toggle", "select_slider", "multiselect")
        for w in page.sidebar.get(kind)
        if w.key not in inside
    }
    assert outside == {
        "setting_preset",
        "setting_dataset",
        "option_sunspots_horizon",
        "setting_architectures",
        "setting_hidden_size",
        "setting_seeds",
    }
    headings = [text.value for text in more.markdown]
    assert headings == ["**Data**", "**Network**", "**Training**", "**Comparison**"]
    assert any("Training takes about" in line.value for line in page.sidebar.caption)
