"""The visitor's own file, from upload to training."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import state
from data.uploads.inspect import Example, digest, examples
from tests.dashboard.conftest import OpenPage
from tests.dashboard.drawn import tabs
from tests.dashboard.fakes import FakeEngine
from tests.dashboard.test_compare_page import address, headings, press_train

SERIES = next(example for example in examples() if example.dataset == "own_series")


def upload(page: AppTest, name: str, content: bytes) -> AppTest:
    """Give the uploader a file: that of the gallery's first card, or of the sidebar once the form is one of own data."""
    key = "upload_file" if address(page).dataset.startswith("own_") else "upload_file_card"
    return page.file_uploader(key=key).set_value((name, content, "text/csv")).run()


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.filename)
def test_upload_of_each_example_can_be_trained(open_page: OpenPage, engine: FakeEngine, example: Example) -> None:
    """An uploaded file is recognised, described, and trained with its bytes."""
    page = upload(open_page(), example.filename, example.content)
    assert not page.exception
    assert address(page).dataset == example.dataset
    assert dict(address(page).options)["content"] == digest(example.content)
    assert any(text.value.startswith("- ") for text in page.markdown)
    press_train(page)
    assert not page.exception
    assert not page.error
    assert engine.contents == [example.content]
    assert "Predictions" in tabs(page)


def test_upload_offers_its_columns(open_page: OpenPage) -> None:
    """Target and time are chosen from the file's columns, and the choice is in the link."""
    page = upload(open_page(), SERIES.filename, SERIES.content)
    key = state.option_widget("own_series", "target")
    columns = page.multiselect(key=f"{key}_columns")
    columns.set_value([columns.options[0]]).run()
    assert not page.exception
    assert dict(address(page).options)["target"] == columns.options[0]


def test_bad_upload_is_one_sentence(open_page: OpenPage) -> None:
    """A file that cannot be read is refused with line and reason, and the page is still drawn."""
    before = address(open_page())
    page = upload(open_page(), "bad.csv", b"a,b\n1,2\n3\n")
    assert not page.exception
    assert any("line 3" in error.value.lower() for error in page.error)
    assert address(page) == before


def test_refused_file_leaves_the_one_before_in_use(open_page: OpenPage) -> None:
    """The page says which file that is, because its own problems may be shown beside those of the refused one."""
    page = upload(open_page(), SERIES.filename, SERIES.content)
    page.file_uploader(key="upload_file").set_value(("bad.csv", b"a,b\n1,2\n3\n", "text/csv")).run()
    assert any("line 3" in error.value.lower() for error in page.error)
    assert f"Still in use: {SERIES.filename}" in [caption.value for caption in page.caption]
    assert dict(address(page).options)["content"] == digest(SERIES.content)


def test_link_without_the_file_asks_for_it(open_page: OpenPage) -> None:
    """Settings alone do not show another visitor's file."""
    first = upload(open_page(), SERIES.filename, SERIES.content)
    page = open_page(**state.link(address(first)))
    assert not page.exception
    assert any("upload it again" in error.value for error in page.error)


def test_stranger_with_the_settings_learns_nothing_of_the_file(open_page: OpenPage) -> None:
    """Time, memory, sizes and plan of somebody's file are shown to that visitor alone, whatever the server remembers."""
    owner = upload(open_page(), SERIES.filename, SERIES.content)
    link = state.link(address(owner))
    assert told(owner, "about ")
    assert told(owner, "parameters")
    stranger = open_page(**link)
    assert any("upload it again" in error.value for error in stranger.error)
    assert not told(stranger, "about ")
    assert not told(stranger, "parameters")


def told(page: AppTest, words: str) -> list[str]:
    """Return the lines of a page's main part that have some words in them."""
    return [line.value for line in (*page.main.caption, *page.main.markdown) if words in line.value]


def test_settings_for_own_data_outlast_the_upload(open_page: OpenPage) -> None:
    """What was set for this kind of data stays; columns chosen for another file do not."""
    page = open_page(
        dataset="own_series", hidden_size="24", updates="50", **{"option.window": "12", "option.target": "gone"}
    )
    upload(page, SERIES.filename, SERIES.content)
    spec = address(page)
    options = dict(spec.options)
    assert (spec.hidden_size, spec.updates) == (24, 50)
    assert (options["window"], options["target"], options["content"]) == (12, "temperature", digest(SERIES.content))


def test_file_of_a_link_given_again_changes_nothing(open_page: OpenPage) -> None:
    """A link's settings, choice of columns included, hold once its file is there."""
    page = upload(open_page(), SERIES.filename, SERIES.content)
    key = state.option_widget("own_series", "target")
    columns = page.multiselect(key=f"{key}_columns")
    columns.set_value([columns.options[-1]]).run()
    linked = address(page)
    again = upload(open_page(**state.link(linked)), SERIES.filename, SERIES.content)
    assert not again.error
    assert address(again) == linked


def line(page: AppTest, name: str) -> str:
    """Return a line of the reading by its heading."""
    return next(text.value for text in page.markdown if text.value.startswith(f"**{name}**"))


def test_reading_is_shown_and_each_choice_rules(open_page: OpenPage) -> None:
    """After an upload the reading stands on the page; a line is changed, said to be chosen, and in the settings."""
    page = upload(open_page(), SERIES.filename, SERIES.content)
    assert "We read it like this" in headings(page)
    (chooser,) = [box for box in page.multiselect if str(box.key).startswith("choice_target")]
    chooser.set_value(["wind"]).run()
    assert not page.exception
    assert "You chose it." in line(page, "Target")
    assert dict(address(page).options)["target"] == "wind"


def test_first_rows_stand_as_in_the_file(open_page: OpenPage) -> None:
    """Texts unchanged, names that are markup included; what does not fit is counted."""
    content = b"day;<b>sold</b>\n" + b"".join(b"%02d.01.2024;%d,50\n" % (day, 10 * day) for day in range(1, 29))
    page = upload(open_page(), "sold.csv", content)
    (table,) = [frame for frame in page.dataframe if list(frame.value.columns) == ["day", "<b>sold</b>"]]
    assert table.value["day"].tolist() == [f"{day:02d}.01.2024" for day in range(1, 6)]
    assert table.value["<b>sold</b>"].tolist() == [f"{10 * day},50" for day in range(1, 6)]
    names = ";".join(f"c{number}" for number in range(60))
    wide = "\n".join([names, *(";".join(str(row + number) for number in range(60)) for row in range(40))])
    page = upload(open_page(), "wide.csv", wide.encode())
    assert any("without 20 more columns" in caption.value for caption in page.caption)


def test_choice_survives_an_upload_of_the_same_shape(open_page: OpenPage) -> None:
    """A newer file with the same columns is read as the visitor chose for the older one; another shape is read anew."""
    page = upload(open_page(), SERIES.filename, SERIES.content)
    (chooser,) = [box for box in page.multiselect if str(box.key).startswith("choice_target")]
    chooser.set_value(["wind"]).run()
    longer = SERIES.content + b"2025-02-04,5.1,7.3\n"
    upload(page, "newer.csv", longer)
    assert dict(address(page).options)["target"] == "wind"
    assert dict(address(page).options)["content"] == digest(longer)
    upload(page, "other.csv", SERIES.content.replace(b"wind", b"rain"))
    assert "You chose it." not in line(page, "Target")


def test_chosen_form_is_never_overruled(open_page: OpenPage) -> None:
    """A table under "Your text" is text, and the form can be changed back."""
    page = open_page()
    page.selectbox(key=state.widget("dataset")).set_value("own_text").run()
    page.file_uploader(key="upload_file").set_value((SERIES.filename, SERIES.content, "text/csv")).run()
    assert address(page).dataset == "own_text"
    assert "You chose it." in line(page, "Form")
    (chooser,) = [box for box in page.selectbox if str(box.key).startswith("choice_form")]
    chooser.set_value("series").run()
    assert not page.exception
    assert address(page).dataset == "own_series"


def test_question_is_answered_with_one_click(open_page: OpenPage) -> None:
    """Thousands are asked on top with the likelier answer preselected; the other answer rules, and the question is gone."""
    rows = "".join(f'2024-01-{day:02},"{31 + day % 7},{100 + day * 7}"\n' for day in range(1, 29))
    page = upload(open_page(), "prices.csv", b"date,price\n" + rows.encode())
    (asked,) = [radio for radio in page.radio if "thousands" in radio.label]
    assert asked.value == "point"
    asked.set_value("comma").run()
    assert not page.exception
    assert not [radio for radio in page.radio if "thousands" in radio.label]
    assert "decimal=comma" in dict(address(page).options)["table"]


def test_column_chosen_in_the_form_is_said_in_the_reading(open_page: OpenPage) -> None:
    """Form and reading never disagree about the target."""
    page = upload(open_page(), SERIES.filename, SERIES.content)
    page.multiselect(key=f"{state.option_widget('own_series', 'target')}_columns").set_value(["wind"]).run()
    assert not page.exception
    assert "wind" in line(page, "Target")
    assert "You chose it." in line(page, "Target")


def held(page: AppTest) -> str:
    """Return what the card of the held file says."""
    return next((text.value for text in page.markdown if text.value.startswith(":material/draft:")), "")


def test_held_file_is_named_after_training_and_on_return_from_gates(open_page: OpenPage, engine: FakeEngine) -> None:
    """Name, rows, and what was read stay on Compare after a training and after a visit to another page."""
    page = upload(open_page(), SERIES.filename, SERIES.content)
    before = held(page)
    assert SERIES.filename in before
    assert "rows" in before
    assert "target temperature" in before
    press_train(page)
    assert held(page) == before
    page.switch_page("dashboard/pages/gates.py").run()
    page.switch_page("dashboard/pages/compare.py").run()
    assert not page.exception
    assert held(page) == before


def test_other_file_of_the_same_name_is_said(open_page: OpenPage) -> None:
    """A file of the same name with other bytes is another file, and the same bytes are the same."""
    page = upload(open_page(), SERIES.filename, SERIES.content)
    upload(page, SERIES.filename, SERIES.content + b"2025-02-04,5.1,7.3\n")
    assert [caption.value for caption in page.caption if "Another file of the same name" in caption.value]
    upload(page, SERIES.filename, SERIES.content + b"2025-02-04,5.1,7.3\n")
    assert [caption.value for caption in page.caption if "The same file as before" in caption.value]


def test_removed_file_is_gone_and_another_can_be_given(open_page: OpenPage) -> None:
    """Remove lets the file go from the form; the next upload works."""
    page = upload(open_page(), SERIES.filename, SERIES.content)
    page.button(key="remove_held_file").click().run()
    assert not page.exception
    assert not held(page)
    assert not dict(address(page).options)["content"]
    upload(page, "again.csv", SERIES.content)
    assert "again.csv" in held(page)


def test_held_file_is_used_again_after_another_question(open_page: OpenPage) -> None:
    """Having looked at a preset, the visitor goes back to the file with one click."""
    page = upload(open_page(), SERIES.filename, SERIES.content)
    page.selectbox(key=state.widget("dataset")).set_value("sunspots").run()
    page.button(key="use_held_file").click().run()
    assert not page.exception
    assert dict(address(page).options)["content"] == digest(SERIES.content)
