"""The Findings page: every finding in the table, one in detail with its chart, filters, links and what was never run."""

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.charts.finding import NOTHING, finding_chart
from dashboard.sections import findings as section
from dashboard.sections.learn import TAKEAWAYS
from models.analysis.statements import statements
from models.findings.finding import TOPICS, findings
from models.findings.frames import CHART_COLUMNS, TABLE_COLUMNS, chart_frame, table_frame, value_heading
from models.findings.reproduce import read_result
from models.spec.experiment_settings import ExperimentSpec

PAGE = Path(__file__).parents[2] / "dashboard" / "pages" / "findings.py"
NAMES = list(findings())


def shown(**query: str) -> AppTest:
    """Return the page opened with a query."""
    test = AppTest.from_file(PAGE, default_timeout=240)
    for name, value in query.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception
    return test


def test_page_lists_every_finding_and_opens_the_linked_one() -> None:
    """Claim, then, here, state and time stand in the table; source, expectation and numbers below it."""
    name = "chung_three_quarters"
    test, entry, kept = shown(finding=name), findings()[name], read_result(name)
    assert kept is not None
    table = test.dataframe[0].value
    assert table["claim"].tolist() == [one.claim for one in findings().values()]
    assert list(table.columns)[:5] == ["claim", "then", "here", "state", "seconds"]
    assert [one.value for one in test.subheader] == [entry.claim]
    text = " ".join(one.value for one in test.markdown)
    for part in (entry.then, entry.expected, kept.here, entry.source.link, entry.source.title):
        assert part in text
    assert kept.date in " ".join(one.value for one in test.caption)


def test_topic_filters_the_table_and_an_unknown_one_is_ignored() -> None:
    """A link names the topic."""
    cost = [one.claim for one in findings().values() if one.topic == "cost"]
    assert shown(topic="cost").dataframe[0].value["claim"].tolist() == cost
    assert len(shown(topic="nothing").dataframe[0].value) == len(NAMES)


def test_a_finding_without_result_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so and has no chart, but its experiment opens."""
    monkeypatch.setattr(section, "read_result", lambda name: None)
    test = shown(finding="hochreiter_adding")
    assert set(test.dataframe[0].value["state"]) == {"not run"}
    assert "It was not run yet." in " ".join(one.value for one in test.markdown)
    assert "Run it again" in [button.label for button in test.button]


def test_links_of_the_table_open_the_experiments() -> None:
    """The query is that of any other link to these settings."""
    frame = table_frame(findings(), {})
    assert list(frame.columns) == list(TABLE_COLUMNS)
    for name, link in zip(frame["name"], frame["link"], strict=True):
        assert ExperimentSpec.from_query(link.removeprefix("/?")) == findings()[name].spec


def test_a_result_of_other_experiments_counts_as_not_run() -> None:
    """The table never shows numbers of settings that the finding has no longer."""
    entry, other = findings()["hochreiter_adding"], read_result("chung_three_quarters")
    assert other is not None
    frame = table_frame({"hochreiter_adding": entry}, {"hochreiter_adding": other})
    assert frame["state"].tolist() == ["not run"]


@pytest.mark.parametrize("name", NAMES)
def test_chart_draws_the_shipped_numbers(name: str) -> None:
    """Every finding has a chart with a title of its values, a text alternative and no empty trace."""
    entry, kept = findings()[name], read_result(name)
    assert kept is not None
    frame = chart_frame(entry, kept.measured)
    assert list(frame.columns) == list(CHART_COLUMNS)
    assert len(frame) > 0
    heading = value_heading(entry, kept.measured)
    chart = finding_chart(frame, entry.chart, heading)
    assert heading in str(chart.layout.meta)
    assert all(len(trace.x) for trace in chart.data)
    for title in frame["title"].unique():
        assert any(title in str(trace.name) for trace in chart.data)


def test_chart_without_numbers_says_so() -> None:
    """A title and a sentence, no traces."""
    chart = finding_chart(pd.DataFrame(columns=list(CHART_COLUMNS)), "scores", "Accuracy")
    assert NOTHING in str(chart.layout.meta)
    assert not chart.data


def test_statements_name_findings_that_exist() -> None:
    """Learn points to findings by name."""
    named = {name for statement in statements().values() for name in statement.findings}
    assert named
    assert named <= set(findings())
    assert {entry.topic for entry in findings().values()} <= set(TOPICS)


@pytest.mark.parametrize(("text", "names"), TAKEAWAYS)
def test_a_takeaway_rests_on_a_finding_that_came_out_here(text: str, names: tuple[str, ...]) -> None:
    """Each names findings, and at least one of them is reproduced."""
    assert text.endswith(".")
    kept = [read_result(name) for name in names]
    assert all(kept)
    assert "reproduced" in {one.state for one in kept if one is not None}
