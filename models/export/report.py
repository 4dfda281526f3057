"""The report of one experiment: one HTML file that works offline, or Markdown.

The caller passes charts as Plotly JSON; none is drawn here.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from data.catalog import Dataset
from data.escape_output import markdown, plain, plain_lines, visible_lines
from models.analysis import wording
from models.analysis.cards import Card, result_cards
from models.analysis.comparison_columns import deciding_metric
from models.analysis.forecast import Forecast
from models.analysis.forecast_sentences import coverage_sentences
from models.analysis.verdict import Verdict, judge
from models.cells import get_cell
from models.export.dossier import Dossier
from models.export.tables import comparison_cells, number
from models.records.results import ExperimentResult
from models.records.setting_rows import setting_rows

_PAPER = 660  # pixels between the margins of an A4 page
_DRAW = """
for (const place of document.querySelectorAll(".chart")) {
  const figure = JSON.parse(document.getElementById(place.id + "-data").textContent);
  const save = (format) => ({name: "Save as " + format.toUpperCase(), icon: Plotly.Icons.camera,
    click: (drawn) => Plotly.downloadImage(drawn, {format, filename: place.id})});
  Plotly.newPlot(place, figure.data, figure.layout, {responsive: true, displaylogo: false,
    modeBarButtonsToRemove: ["toImage", "sendChartToCloud", "select2d", "lasso2d"], modeBarButtonsToAdd: [save("png"), save("svg")]});
}
const fit = (width) => () =>
  document.querySelectorAll(".chart").forEach((place) => Plotly.relayout(place, {width, autosize: !width}));
addEventListener("beforeprint", fit(PAPER));
addEventListener("afterprint", fit(null));
""".replace("PAPER", str(_PAPER))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportChart:
    """A chart of a report.

    Attributes:
        title: What it shows, a few words.
        alt: Its text alternative, a sentence.
        figure: Plotly JSON: an object with `data` and `layout`.
    """

    title: str
    alt: str
    figure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of texts; the first column names the row."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The content of a report, independent of its format.

    Attributes:
        dossier: The experiment.
        verdict: The verdict.
        dataset: Its dataset.
        cards: A card for each architecture and for the best simple predictor, as on the page.
        comparison: Architectures and baselines.
        forecast: The rows after the last one; None where nothing is forecast.
        coverage: How often its intervals held, a sentence per model.
        seeds: One row per seed.
        settings: Every setting.
        environment: Versions and hardware on which the numbers were measured.
        query: Query of a link that holds all settings.
    """

    dossier: Dossier
    verdict: Verdict
    dataset: Dataset
    cards: tuple[Card, ...]
    comparison: Table
    forecast: Table | None
    coverage: tuple[str, ...]
    pairs: Table
    seeds: Table
    settings: Table
    environment: Table
    query: str


def content(dossier: Dossier) -> Content:
    """Collect the content of a report."""
    result, verdict = dossier.result, judge(dossier.result)
    headings, rows = comparison_cells(result)
    return Content(
        dossier=dossier,
        verdict=verdict,
        dataset=result.spec.source(),
        cards=result_cards(result, verdict),
        comparison=Table(headings=headings, rows=rows),
        forecast=None if dossier.forecast is None else _forecast(dossier.forecast),
        coverage=() if dossier.forecast is None else coverage_sentences(dossier.forecast),
        pairs=Table(headings=("Pair", "Finding", "Evidence"), rows=_pairs(verdict)),
        seeds=_seeds(result),
        settings=Table(headings=("Setting", "Value"), rows=setting_rows(result.spec)),
        environment=Table(headings=("", "Value"), rows=_environment(result)),
        query=result.spec.to_query(),
    )


def _pairs(verdict: Verdict) -> list[tuple[str, ...]]:
    return [(" and ".join(pair.titles), wording.short(pair), wording.statement(pair)) for pair in verdict.comparisons]


def _forecast(forecast: Forecast) -> Table:
    """Return a row per time, series and model, with the intervals that all of them have."""
    frame, several = forecast.frame(), len(set(forecast.targets)) > 1
    levels = forecast.levels()
    unit = f" ({forecast.unit.replace('_', ' ')})" if forecast.unit else ""
    rows = []
    for row in frame.to_dict("records"):
        bands = (f"{number(row[f'lower_{level:.0f}'])} to {number(row[f'upper_{level:.0f}'])}" for level in levels)
        series = (plain(str(row["series"])),) if several else ()
        rows.append((plain(str(row["time"])), *series, str(row["step"]), row["title"], number(row["mean"]), *bands))
    headings = ("Time", *(("Series",) if several else ()), "Step", "Model", f"Forecast{unit}")
    return Table(headings=(*headings, *(f"{level:.0f} % interval" for level in levels)), rows=rows)


def _seeds(result: ExperimentResult) -> Table:
    metric, column = deciding_metric(result)
    headings = ("Model", "Seed", "Status", f"Test {column.heading}", "Best validation loss", "... at update", "Seconds")
    rows = [
        (
            get_cell(run.spec.architecture).title,
            str(seed.seed),
            seed.status,
            number(seed.test_metrics.get(metric, float("nan"))),
            number(seed.validation_loss),
            str(seed.best_update),
            number(seed.seconds, 3),
        )
        for run in result.runs
        for seed in run.seeds
    ]
    return Table(headings=headings, rows=rows)


def _environment(result: ExperimentResult) -> list[tuple[str, str]]:
    known = dict(result.runs[0].environment) if result.runs else {}
    kernels = ", ".join(f"{get_cell(run.spec.architecture).title}: {run.kernel}" for run in result.runs)
    return [(plain(name).capitalize(), plain(value)) for name, value in (known | {"kernel": kernels}).items()]


def html_report(dossier: Dossier, charts: Sequence[ReportChart], plotly_js: str) -> bytes:
    """Return the report as one self-contained HTML file.

    Args:
        dossier: The experiment.
        charts: Charts in order.
        plotly_js: Source of plotly.js, written once into the file.
    """
    scripts = [_inert(plotly_js), _inert(_DRAW)]
    policy = "; ".join(
        [
            "default-src 'none'",
            "script-src " + " ".join(f"'sha256-{_hash(script)}'" for script in scripts),
            "style-src 'unsafe-inline'",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    written = _template().render(
        content=content(dossier),
        charts=[(f"chart-{index + 1}", chart, _json_block(chart.figure)) for index, chart in enumerate(charts)],
        policy=policy,
        scripts=[Markup(script) for script in scripts],  # noqa: S704 - our own code and the chart library
    )
    return written.encode()


def _inert(script: str) -> str:
    """Return a script without any text that would close its element."""
    return re.sub(r"</(?=script)", r"<\/", script, flags=re.IGNORECASE)


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _json_block(figure: str) -> Markup:
    """Return JSON for a data block; no character can close the block or start a comment."""
    return Markup(figure.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704


@lru_cache(maxsize=1)
def _environment_of_templates() -> Environment:
    loader = PackageLoader("models.export")
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalised,
    )
    made.filters |= {"plain": plain, "lines": plain_lines, "time": _time}
    return made


def _finalised(value: object) -> object:
    """Return what the template writes for a value: texts lose what cannot be seen, whatever filter they passed."""
    return visible_lines(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _template() -> Template:
    return _environment_of_templates().get_template("report.html")


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def markdown_report(dossier: Dossier) -> str:
    """Return the report as Markdown, without charts."""
    said = content(dossier)
    parts = [
        f"# {markdown(dossier.title, 200)}",
        f"{_time(dossier.created)}. {markdown(said.dataset.description, 500)}",
        f"**{_safe(said.verdict.headline)}**",
        "\n".join(f"- {_card_line(card)}" for card in said.cards),
        "\n".join(f"- {_safe(fact)}" for fact in said.verdict.facts),
        *_section("Comparison", said.comparison),
        *_forecast_section(said),
        *(_section("Pairs", said.pairs) if said.pairs.rows else ()),
        "## Why this verdict",
        *(f"**{heading}.** {_safe(text)}" for heading, text in said.verdict.details),
        *_decision(dossier),
        *_notes(dossier),
        *_section("Every seed", said.seeds),
        *_section("Settings", said.settings),
        *_section("Measured on", said.environment),
        "## Again",
        f"A link with all settings ends in `?{said.query}`. Source of the data: {_safe(said.dataset.source)}. "
        f"Licence: {_safe(said.dataset.licence)}.",
    ]
    return "\n\n".join(parts) + "\n"


def _card_line(card: Card) -> str:
    """Return a card as one line: "**LSTM**: 16.3 sunspots; test RMSE, lower is better; won 3 of 8 stretches"."""
    score = f"{card.score} {card.unit}".strip()
    said = [_safe(part) for part in (score, card.meaning, card.standing, card.size, card.time) if part]
    return f"**{_safe(card.title)}**: {'; '.join(said)}"


def _section(title: str, table: Table) -> tuple[str, str]:
    lines = ["| " + " | ".join(_safe(cell) for cell in row) + " |" for row in (table.headings, *table.rows)]
    return f"## {title}", "\n".join([lines[0], "|---" * len(table.headings) + "|", *lines[1:]])


def _forecast_section(said: Content) -> tuple[str, ...]:
    if said.forecast is None:
        return ()
    return (*_section("Forecast", said.forecast), "\n".join(f"- {_safe(sentence)}" for sentence in said.coverage))


def _decision(dossier: Dossier) -> tuple[str, ...]:
    decision = dossier.decision
    if decision is None:
        return ()
    options = [f"- {_safe(option)}" for option in decision.options]
    who = f", {_safe(decision.author)}" if decision.author else ""
    caption = (
        f"**Question.** {_safe(decision.question)}",
        "\n".join(options),
        f"**Decided** on {decision.decided:%Y-%m-%d}{who}**:** {_safe(decision.decision)}",
        f"**Reason.** {_safe(decision.reason)}" if decision.reason else "",
    )
    return ("## Decision", *(part for part in caption if part))


def _notes(dossier: Dossier) -> tuple[str, ...]:
    if not dossier.notes:
        return ()
    parts = [
        f"- {_time(note.created)}{', ' + _safe(note.author) if note.author else ''}: {_safe(note.text)}"
        for note in dossier.notes
    ]
    return "## Notes", "\n".join(parts)


def _safe(text: str) -> str:
    """Return a longer text as one line of Markdown without markup."""
    return markdown(text, 4000)
