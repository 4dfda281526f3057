"""The Compare page, without a browser and without training."""

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import services, state
from dashboard.presets import presets
from dashboard.sections import comments, training
from models.errors import CapacityError
from models.records.experiment import Note
from models.spec.experiment_settings import ExperimentSpec
from models.spec.recommended import recommended
from tests.dashboard.conftest import OpenPage
from tests.dashboard.drawn import drawn_chart, html_texts, open_tab, says, tabs
from tests.dashboard.fakes import FakeEngine

DEFAULT = next(iter(presets().values())).spec()


def headings(page: AppTest) -> list[str]:
    """Return the section headings from top to bottom."""
    return [heading.value for heading in page.header]


def chart(page: AppTest, key: str) -> dict[str, Any]:
    """Return a chart's figure by its key."""
    figure: dict[str, Any] = drawn_chart(page, key)["figure"]
    return figure


def address(page: AppTest) -> ExperimentSpec:
    """Return the settings that the address bar holds."""
    values = {name: value[0] if isinstance(value, list) else value for name, value in page.query_params.items()}
    values.pop(state.EXPERIMENT, None)
    return ExperimentSpec.from_query(values)


def press_train(page: AppTest) -> AppTest:
    """Press Train."""
    return page.button(key="train").click().run()


def test_first_visit_shows_default_preset_with_data_and_cost(open_page: OpenPage) -> None:
    """A visitor sees what will be trained, the data, the cost and the button, before any click."""
    page = open_page()
    assert not page.exception
    assert page.title[0].value == "LSTM and GRU on Sunspots, yearly"
    assert chart(page, "preview")["data"]
    assert any("about" in caption.value and "1\u202f000 updates" in caption.value for caption in page.caption)
    assert address(page) == DEFAULT


def test_train_shows_the_answer_and_tabs_that_are_drawn_when_opened(open_page: OpenPage, engine: FakeEngine) -> None:
    """After a training the headline, a card for each model and both charts stand above tabs; only the open one is drawn."""
    page = press_train(open_page())
    assert not page.exception
    assert engine.submitted == [DEFAULT]
    assert tabs(page) == ["Predictions", "Forecast", "Gates", "Table", "Why this verdict", "Download"]
    headline, cards = html_texts(page)[:2]
    assert headline.startswith(("LSTM is better than GRU on Sunspots", "GRU is better"))
    assert all(name in cards for name in ("LSTM", "GRU", "Best simple predictor", "parameters", "won 8 of 8"))
    for key in ("loss_curves", "paired_differences", "predictions"):
        assert drawn_chart(page, key)["figure"]["layout"]["meta"]
    for closed in ("comparison", "gates_lstm", "forecast"):
        with pytest.raises(KeyError):
            page.get_by_key(closed)
    for title, key in (("Gates", "gates_gru"), ("Table", "comparison"), ("Forecast", "forecast")):
        assert drawn_chart(open_tab(page, title), key)["figure"]["layout"]["meta"]


def test_why_has_the_facts_and_the_details_in_layers(open_page: OpenPage) -> None:
    """The tab has the lines on scores, wins, cost and baselines, and the paragraphs with their headings in bold."""
    page = open_tab(press_train(open_page()), "Why this verdict")
    assert not page.exception
    texts = [part.value for part in page.main.markdown]
    assert any(text.startswith("- Test RMSE") for text in texts)
    assert any(re.match(r"\*\*Test\.\*\* \S", text) and "**Limits.**" in text for text in texts)


@pytest.mark.parametrize("title", list(presets()))
def test_every_preset_runs_through_the_page(open_page: OpenPage, engine: FakeEngine, title: str) -> None:
    """A click on a preset fills the form with its settings, and training them shows all results."""
    page = open_page()
    page.selectbox(key=state.widget("preset")).set_value(title).run()
    press_train(page)
    assert not page.exception
    assert engine.submitted == [presets()[title].spec()] == [address(page)]
    assert "Predictions" in tabs(page)


def test_gallery_chooses_a_preset_and_gives_way_to_results(open_page: OpenPage, engine: FakeEngine) -> None:
    """A card fills the form and is marked; after a training the page belongs to the results."""
    page = open_page()
    assert page.button(key="choose_Sunspots forecast").disabled
    page.button(key="choose_Digits").click().run()
    assert address(page) == presets()["Digits"].spec()
    assert page.button(key="choose_Digits").disabled
    press_train(page)
    assert "Begin with a question" not in headings(page)


def test_link_restores_settings_and_experiment(open_page: OpenPage, engine: FakeEngine) -> None:
    """The address that training leaves behind opens the same settings and the same result in another session."""
    first = press_train(open_page())
    link = {name: value[0] if isinstance(value, list) else value for name, value in first.query_params.items()}
    second = open_page(**link)
    assert not second.exception
    assert address(second) == DEFAULT
    assert html_texts(second) == html_texts(first)
    assert tabs(second) == tabs(first)
    assert len(engine.submitted) == 1


def test_link_with_other_settings_fills_the_form(open_page: OpenPage) -> None:
    """A link's settings are those of the widgets, also where they lie between the marks of a scale."""
    spec = ExperimentSpec(
        dataset="adding", options=(("length", 30),), architectures=("gru", "rnn"), hidden_size=7, learning_rate=0.00042
    )
    page = open_page(**state.link(spec))
    assert page.number_input(key=state.widget("hidden_size")).value == 7
    assert page.select_slider(key=state.widget("learning_rate")).value == 0.00042
    assert address(page) == spec


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ({"hidden_size": "1000000000"}, "`hidden_size` must be a whole number from 1 to 256"),
        ({"dataset": "sunspot"}, "did you mean `sunspots`?"),
        ({"learning_rate": "nan"}, "`learning_rate` must be a number"),
        ({"experiment": "../../etc/passwd"}, "no valid experiment"),
        ({"utm_source": "x"}, "`'utm_source'` is unknown and was ignored"),
    ],
)
def test_bad_link_gives_one_sentence_and_defaults(open_page: OpenPage, link: dict[str, str], sentence: str) -> None:
    """Whatever a link holds, the page is drawn, says what was wrong, and shows the default settings."""
    page = open_page(**link)
    assert not page.exception
    assert sentence in page.warning[0].value
    assert address(page) == DEFAULT


def test_unknown_experiment_says_that_it_can_be_trained_again(open_page: OpenPage) -> None:
    """A link to an experiment that is gone keeps its settings and says what to do."""
    page = open_page(**state.link(DEFAULT, "A" * 22))
    assert "press Train" in page.info[0].value


def test_changed_setting_changes_the_address(open_page: OpenPage) -> None:
    """The address bar follows the form."""
    page = open_page()
    page.number_input(key=state.widget("seeds")).set_value(5).run()
    assert address(page).seeds == 5


def test_choosing_a_dataset_takes_its_recommendation(open_page: OpenPage) -> None:
    """A new dataset brings its recommended training and keeps what is compared."""
    page = open_page()
    page.multiselect(key=state.widget("architectures")).set_value(["gru"]).run()
    page.selectbox(key=state.widget("dataset")).set_value("adding").run()
    spec = address(page)
    assert spec == recommended("adding", architectures=("gru",))


def test_no_architecture_is_refused_before_training(open_page: OpenPage, engine: FakeEngine) -> None:
    """Without an architecture the reason is shown and Train cannot be pressed."""
    page = open_page()
    page.multiselect(key=state.widget("architectures")).set_value([]).run()
    assert not page.exception
    assert "“architectures” must be one to" in page.error[0].value
    assert page.button(key="train").disabled


def test_refused_start_shows_the_reason(open_page: OpenPage, engine: FakeEngine) -> None:
    """A full queue is one sentence, and nothing is attached."""
    page = open_page()
    engine.refusal = CapacityError("The queue is full; try again in a minute.")
    press_train(page)
    assert not page.exception
    assert page.error[0].value == "The queue is full; try again in a minute."


def test_too_large_experiment_is_refused_with_a_way_out(open_page: OpenPage) -> None:
    """For settings that are fine one by one and too large together, the message names what would fit."""
    spec = ExperimentSpec(dataset="adding", options=(("length", 400),), hidden_size=256, layers=4, updates=50_000)
    page = open_page(**state.link(spec))
    assert "choose" in page.error[0].value
    assert page.button(key="train").disabled


def test_running_experiment_shows_progress_and_stop(open_page: OpenPage, engine: FakeEngine) -> None:
    """While it trains the cards say how far it is; stopping keeps what was learned and gives no ordinary verdict."""
    engine.seconds = 1000
    page = press_train(open_page())
    assert not tabs(page)
    assert says(page, "Training. Stop keeps what was learned.")
    assert says(page, "0 of 400 updates")
    page.button(key="stop").click().run().run()
    assert not page.exception
    assert "stop" not in {button.key for button in page.button}
    assert "Predictions" in tabs(page)


def test_first_training_of_an_installation_says_that_kernels_are_prepared(
    open_page: OpenPage, engine: FakeEngine
) -> None:
    """A bar that stands at zero for a while would look broken; once an update is done, the line is the usual one."""
    engine.seconds, engine.state = 1e6, SimpleNamespace(name="preparing", message="")
    page = press_train(open_page())
    assert says(page, "while faster ones are compiled")
    engine.seconds = 1e-3
    page.run()
    assert not says(page, "while faster ones are compiled")


def test_places_are_there_before_and_while_training(open_page: OpenPage, engine: FakeEngine) -> None:
    """Headline, cards and both charts have their places from the first visit on, and say what comes."""
    page = open_page()
    assert [says(page, word) for word in ("Ready: press Train.", "not trained yet", "Loss curves", "Differences")] == [
        True
    ] * 4
    engine.seconds = 1000
    press_train(page)
    assert says(page, "appears here when training ends")
    assert says(page, "Best simple predictor")


def test_nothing_says_press_train_where_train_is_disabled(open_page: OpenPage) -> None:
    """With a missing file, a refused plan or bad settings the page says what to do instead."""
    for link in (
        {"dataset": "own_series"},
        {"dataset": "adding", "option.length": "400", "updates": "50000", "layers": "4"},
    ):
        page = open_page(**link, hidden_size="256")
        assert page.button(key="train").disabled
        assert not says(page, "press Train")


def test_second_press_starts_nothing_twice(open_page: OpenPage, engine: FakeEngine) -> None:
    """Train rests while its experiment trains, and other settings can be trained."""
    engine.seconds = 1000
    page = press_train(open_page())
    assert page.button(key="train").disabled
    assert len(engine.submitted) == 1
    page.number_input(key=state.widget("seeds")).set_value(5).run()
    assert not page.button(key="train").disabled


def test_training_is_paused_moved_by_one_update_and_continued(open_page: OpenPage, engine: FakeEngine) -> None:
    """The buttons follow the state, and each does what it says; a stopped experiment is trained to its end."""
    engine.seconds = 1000
    page = press_train(open_page())
    page.button(key="pause").click().run()
    page.run()
    assert any("Paused." in text for text in html_texts(page))
    assert "pause" not in [button.key for button in page.button]
    page.button(key="one_update").click().run()
    page.button(key="go_on").click().run()
    page.run()
    assert engine.orders == ["pause", "step", "go on"]
    assert "one_update" not in [button.key for button in page.button]
    page.button(key="stop").click().run()
    page.run()
    page.button(key="continue_stopped").click().run()
    assert engine.submitted[0] == engine.submitted[1]
    assert engine.earlier == [None, None]


def test_gates_follow_the_chosen_sample(open_page: OpenPage) -> None:
    """Another test sample gives other heatmaps."""
    page = open_tab(press_train(open_page()), "Gates")
    before = chart(page, "gates_lstm")["data"][1]["z"]
    page.number_input(key="gates_sample").set_value(5).run()
    assert chart(page, "gates_lstm")["data"][1]["z"] != before


def test_changed_settings_are_told_from_the_shown_results(open_page: OpenPage) -> None:
    """Results of earlier settings stay, and are named as such until Train runs the new ones."""
    page = press_train(open_page())
    assert not any("settings have changed" in info.value for info in page.info)
    page.number_input(key=state.widget("seeds")).set_value(5).run()
    assert any("8 repeats" in info.value and "settings have changed" in info.value for info in page.info)
    assert "Gates" in tabs(page)
    press_train(page)
    assert not any("settings have changed" in info.value for info in page.info)


def test_first_run_on_a_server_says_which_kernels_it_had_and_what_the_next_gains(
    open_page: OpenPage, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that did not wait for the compiler is marked in its record, and the page says so below its bars."""
    page = press_train(open_page()).run()
    assert not says(page, "First run on this server")
    view = engine.view(page.session_state["experiment"])
    assert view is not None
    assert view.result is not None
    first = tuple(replace(run, environment={**run.environment, "compiling": "yes"}) for run in view.result.runs)
    told = training.first_run(replace(view, result=replace(view.result, runs=first)))
    assert re.search(r"First run on this server: PyTorch's kernels; the next is about 4 times faster\.", told)


def test_presentation_shows_the_result_without_controls(open_page: OpenPage, engine: FakeEngine) -> None:
    """With `present=1` in the link there is the answer and one button, which leads back to the page with its settings."""
    first = press_train(open_page())
    link = {name: value[0] if isinstance(value, list) else value for name, value in first.query_params.items()}
    page = open_page(**link, present="1")
    assert not page.exception
    assert html_texts(page)[-1] == html_texts(first)[-1]
    assert says(page, "Best simple predictor")
    assert [button.key for button in page.button] == ["leave"]
    assert page.query_params["present"] in ("1", ["1"])
    page.button(key="leave").click().run()
    assert not page.exception
    assert "present" not in page.query_params
    assert page.button(key="train")
    assert address(page) == DEFAULT


def test_presentation_without_a_result_is_the_usual_page(open_page: OpenPage) -> None:
    """A link to nothing presents nothing."""
    page = open_page(present="1")
    assert not page.exception
    assert not page.warning
    assert page.button(key="train")


def test_comment_at_a_chart_is_a_note_that_names_it(
    open_page: OpenPage, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written at a chart is kept with the experiment's notes and shown at that chart only."""
    kept: list[Note] = []
    monkeypatch.setattr(comments.saved_experiments, "may_write", lambda identity: True)
    monkeypatch.setattr(comments.saved_experiments, "add_note", lambda identity, note: kept.append(note))
    monkeypatch.setattr(type(services.store()), "notes", lambda store, identity: tuple(kept))
    page = press_train(open_page())
    page.session_state["comments_loss_curves"] = True
    page.run()
    page.text_area[0].set_value("Look at the start.")
    next(button for button in page.button if button.label == "Add comment").click().run()
    assert not page.exception
    assert [note.text for note in kept] == ["[Loss curves] Look at the start."]
    page.run()
    assert "Look at the start." in [text.value for text in page.text]
