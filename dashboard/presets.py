"""Teaching presets: each is a question that a short training answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from data.fields import Value
from models.spec.experiment_settings import ExperimentSpec
from models.spec.recommended import recommended


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named spec.

    Attributes:
        title: Name shown to a visitor.
        lesson: One sentence: what to look for.
        dataset: Name of the dataset.
        architectures: What is compared.
        options: Options of the dataset that differ from its defaults.
        changes: Fields of the spec that differ from the dataset's recommendation.
    """

    title: str
    lesson: str
    dataset: str
    architectures: tuple[str, ...] = ("lstm", "gru")
    options: Mapping[str, Value] = field(default_factory=dict)
    changes: Mapping[str, Value] = field(default_factory=dict)

    def spec(self) -> ExperimentSpec:
        """Return the preset's settings."""
        return recommended(
            self.dataset, architectures=self.architectures, options=tuple(self.options.items()), **self.changes
        )


PRESETS = (
    Preset(
        title="Sunspots forecast",
        lesson="A short memory is enough for an eleven-year cycle. Is there any difference at all?",
        dataset="sunspots",
    ),
    Preset(
        title="Adding problem: gates matter",
        lesson="Two marked numbers must survive 50 steps. Watch which network fails to carry them.",
        dataset="adding",
        architectures=("lstm", "gru", "rnn"),
    ),
    Preset(
        title="Digits",
        lesson="Handwritten digits, read row by row: an easy task on which all do well, at different cost.",
        dataset="digits",
    ),
    Preset(
        title="Counting: who really counts?",
        lesson="Theory says that an LSTM can count and a GRU cannot. Test strings are longer than any in training.",
        dataset="counting",
    ),
    Preset(
        title="Selective copying: who filters?",
        lesson="minGRU's gate sees the input alone, the GRU's also its state; the Transformer looks back by content.",
        dataset="selective_copying",
        architectures=("min_gru", "gru", "transformer"),
        options={"length": 32, "symbols": 4},
        changes={"updates": 1500, "rate_search": 0, "learning_rate": 0.003},
    ),
    Preset(
        title="A linear model on the same window",
        lesson="Ridge regression sees the same window and trains in no time. Does any network beat it?",
        dataset="co2",
        architectures=("lstm", "gru", "window_mlp"),
    ),
    Preset(
        title="Delayed recall: how to begin",
        lesson="One symbol must outlive many others. Set the forget-gate bias (More settings, Network) to 0 and train again.",
        dataset="delayed_recall",
    ),
    Preset(
        title="Twelve shops, one model",
        lesson="Daily sales of twelve shops, forecast by one network that knows tomorrow's promotion. Which shops are hard?",
        dataset="twelve_shops",
    ),
    Preset(
        title="Chorales: what sounds next",
        lesson="Bach in four parts: compare your nats per frame with those that Chung et al. printed in 2014.",
        dataset="jsb_chorales",
        architectures=("lstm", "gru", "rnn"),
        changes={"fairness": "same_parameters", "resampling": "start"},
    ),
    Preset(
        title="US economy: a series it never saw",
        lesson="Ten quantities, one network; some are held out whole. Does what it learned of the others help?",
        dataset="us_macro_panel",
        options={"split_by": "series"},
    ),
    Preset(
        title="Writing: founding documents",
        lesson="Letter by letter: see what each network writes, and how soon it has learned to spell.",
        dataset="founding_documents",
    ),
)


@lru_cache(maxsize=1)
def presets() -> Mapping[str, Preset]:
    """Return the presets by title; the first is the one on which the page opens."""
    return {preset.title: preset for preset in PRESETS}


def comparison_of(spec: ExperimentSpec) -> dict[str, Any]:
    """Return the settings that stay when another dataset is chosen: those of the comparison, and the number of repeats."""
    return {name: getattr(spec, name) for name in ("architectures", "fairness", "seeds", "seed")}
