"""Cards, the line on how sure a finding is, and the summary to paste."""

from dataclasses import replace

import pytest

from models.analysis.cards import NONE, SIMPLE, live_cards, planned_cards, progress_text, result_cards, sureness
from models.analysis.details import outlook
from models.analysis.headline import MAX_WORDS, words
from models.analysis.summary import markdown_summary, text_summary
from models.analysis.verdict import judge
from models.records.results import ExperimentView, RunView
from models.spec.experiment_settings import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.plan import make_plan
from models.spec.repeats import repeat_data
from models.spec.sizes import DataShape
from tests.models.analysis.test_verdict import CLEAR, CLOSE, ended, result_of

SPEC = ExperimentSpec(dataset="sunspots")


def test_cards_of_a_result_say_score_wins_size_and_time() -> None:
    """Scores are the means, wins those of the pair, sizes relate to the first architecture."""
    result = result_of(CLEAR)
    verdict = judge(result)
    lstm, gru, simple = result_cards(result, verdict)
    (pair,) = verdict.comparisons
    for card, wins in zip((lstm, gru), pair.wins, strict=True):
        assert card.standing.startswith(f"won {wins} of {pair.tested.repeats} ")
        assert "lower is better" in card.meaning
        assert "trained in" in card.time
    assert "%" not in lstm.size
    assert simple.title == SIMPLE
    smaller = replace(result.runs[1], parameters=result.runs[0].parameters * 3 // 4)
    other = replace(result, runs=(result.runs[0], smaller))
    assert result_cards(other, judge(other))[1].size.endswith("(−25 %)")


def test_card_of_a_stopped_training_names_no_wins() -> None:
    """What was stopped says where, instead of a count that would read like a verdict."""
    result = ended(result_of(CLEAR), "gru", "stopped", 40)
    gru = result_cards(result, judge(result))[1]
    assert gru.standing.startswith("stopped at 40 of ")


def test_places_stay_the_same_before_while_and_after() -> None:
    """The same cards in the same order at any time; before there is a score they hold a dash and the planned sizes."""
    plan = make_plan(SPEC, DataShape.of(repeat_data(SPEC)))
    before = planned_cards(SPEC, plan, seconds=3)
    runs = tuple(
        RunView(spec=run, status="running", update=10, updates_per_second=0.5, seconds_left=2.0)
        for run in plan.run_specs()
    )
    during = live_cards(ExperimentView(id="x", spec=SPEC, status="running", runs=runs), plan)
    assert [card.title for card in before] == [card.title for card in during] == ["LSTM", "GRU", SIMPLE]
    assert {card.score for card in before} == {NONE}
    assert [card.size for card in before] == [card.size for card in during]
    assert during[0].time == "2 s left"
    assert 0 < (during[0].progress or 0) < 1
    assert planned_cards(SPEC, None)[0].size == ""


@pytest.mark.parametrize(
    ("status", "text"), [("running", "10 of 600 updates"), ("stopped", "10 of 600 updates, stopped early")]
)
def test_progress_is_said_with_the_state(status: str, text: str) -> None:
    """The line of a card is short and says how a run ended."""
    (run, _) = plan_runs(SPEC)
    assert progress_text(RunView(spec=run, status=status, update=10)).replace("400", "600") == text  # type: ignore[arg-type]


def test_sureness_has_wins_p_and_what_would_decide() -> None:
    """An open comparison says what would decide it, a decided one does not."""
    for scores, decided in ((CLEAR, True), (CLOSE, False)):
        result = result_of(scores)
        verdict = judge(result)
        text = sureness(verdict, outlook(result, verdict.comparisons))
        assert "won" in text
        assert "(p = " in text
        assert ("decide" in text) != decided


def test_summary_is_one_paragraph_with_the_finding_and_the_link() -> None:
    """Text and Markdown say the same: what was compared, headline, facts; the headline is bold in Markdown."""
    result = result_of(CLEAR)
    verdict = judge(result)
    text, marked = text_summary(result, verdict, "http://x/?a=1"), markdown_summary(result, verdict, "http://x/?a=1")
    assert words(verdict.headline) <= MAX_WORDS
    for part in (verdict.headline, *verdict.facts):
        assert part in text
    assert "\n" not in text + marked
    assert text.endswith(" http://x/?a=1")
    assert f"**{verdict.headline}**" in marked
    assert marked.endswith("[Open it](http://x/?a=1)")
