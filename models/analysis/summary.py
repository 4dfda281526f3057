"""One paragraph that says what was compared, what was found, how sure it is and what it costs: to paste into a message."""

from collections.abc import Callable

from data.escape_output import markdown, plain
from models.analysis.verdict import Verdict
from models.analysis.wording import question
from models.records.results import ExperimentResult

_LONGEST = 4_000


def text_summary(result: ExperimentResult, verdict: Verdict, link: str = "") -> str:
    """Return the paragraph as plain text.

    Args:
        result: The comparison.
        verdict: Its verdict.
        link: Where it can be opened; empty leaves it out.
    """
    body = _body(result, verdict, lambda text: plain(text, _LONGEST))
    return f"{body} {link}".rstrip()


def markdown_summary(result: ExperimentResult, verdict: Verdict, link: str = "") -> str:
    """Return the paragraph as Markdown, with the finding in bold and names escaped; see `text_summary`."""
    body = _body(result, verdict, lambda text: markdown(text, _LONGEST))
    headline = markdown(verdict.headline, _LONGEST)
    body = body.replace(headline, f"**{headline}**", 1)
    return f"{body} [Open it]({link})" if link else body


def _body(result: ExperimentResult, verdict: Verdict, written: Callable[[str], str]) -> str:
    spec = result.spec
    repeats = f"{spec.seeds} {'repeat' if spec.seeds == 1 else 'repeats'}"
    asked = f"{question(spec)} ({spec.hidden_size} units, {repeats}, {spec.updates:,} updates)."
    return " ".join(written(text) for text in (asked, verdict.headline, *verdict.facts))
