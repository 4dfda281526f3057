"""One experiment is one value: a frozen, validated specification.

The same spec trains to the same bits on the same machine, from the page, the command line, a link or a cluster. One
fairness rule is an exception: under `same_time` the number of updates depends on newly measured speeds.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data import fields
from data.catalog import Dataset, get_dataset
from data.errors import GatescopeError, InvalidSpecError
from data.fields import Value, choice, flag, integer, real
from models.spec import raw_settings
from models.spec.link_query import query_of, values_of
from models.spec.raw_settings import FAIRNESS as FAIRNESS
from models.spec.raw_settings import INITIALISATIONS as INITIALISATIONS
from models.spec.raw_settings import LATER as LATER
from models.spec.raw_settings import LOSSES, OPTIMISERS
from models.spec.raw_settings import MAX_ARCHITECTURES as MAX_ARCHITECTURES
from models.spec.raw_settings import RESAMPLING as RESAMPLING
from models.spec.schedules import SCHEDULES
from models.spec.spec_key import spec_hash, without_file_name

MAX_UPDATES = 50_000
Options = tuple[tuple[str, Value], ...]
ONE_SPLIT = "These repeats share one split: they vary the start, not the data."


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentSpec:
    """Everything that decides an experiment's numbers.

    Args:
        dataset: Name of a dataset in the catalogue.
        options: The dataset's options, as a mapping or as pairs; missing ones take their default.
        architectures: Names of architectures, at least one, each once.

    The other fields are described by their metadata (`data.fields.infos(ExperimentSpec)`).

    Raises:
        InvalidSpecError: With every problem at once. An invalid spec cannot exist.
    """

    dataset: str
    options: Options = ()
    architectures: tuple[str, ...] = ("lstm", "gru")
    fairness: str = choice(
        "same_hidden",
        FAIRNESS,
        group="comparison",
        label="Keep equal",
        help="What all architectures have in common: hidden units, parameters, or training time. Equal units favour the LSTM, which has more parameters per unit.",
    )
    hidden_size: int = integer(
        32,
        1,
        256,
        label="Hidden size",
        unit="units",
        help="Units of each recurrent layer. More can store more and cost more.",
    )
    layers: int = integer(
        1,
        1,
        4,
        group="network",
        label="Layers",
        help="Recurrent layers on top of each other. One is enough for most of these tasks.",
    )
    seeds: int = integer(
        8,
        1,
        32,
        label="Repeats",
        help="How often each architecture is trained anew. One repeat is an anecdote; six allow a test.",
    )
    resampling: str = choice(
        "data",
        RESAMPLING,
        group="comparison",
        label="Each repeat has",
        help="Its own stretch of time, split or generated sample, or one split for all, which says nothing about other data.",
    )
    updates: int = integer(
        600,
        1,
        MAX_UPDATES,
        step=50,
        group="training",
        label="Updates",
        help="Steps of the optimiser, one batch each. Too few and nothing is learned yet.",
    )
    learning_rate: float = real(
        0.003,
        1e-5,
        1.0,
        step=0.0005,
        logarithmic=True,
        group="training",
        label="Learning rate",
        help="Size of the optimiser's steps. Often matters more than the architecture: too large diverges, too small crawls.",
    )
    batch_size: int = integer(
        32,
        1,
        512,
        group="training",
        label="Batch size",
        unit="sequences",
        help="Sequences averaged in one update. Larger is smoother and slower.",
    )
    dropout: float = real(
        0.0,
        0.0,
        0.9,
        step=0.05,
        group="network",
        label="Dropout between layers",
        help="Share of values zeroed between layers while training. Only acts with two or more layers.",
    )
    forget_bias: float = real(
        1.0,
        -3.0,
        6.0,
        step=0.5,
        group="network",
        label="Forget-gate bias",
        help="Added to the bias of the forget gate at the start. +1 lets the LSTM remember from the beginning (Jozefowicz 2015); 0 is PyTorch's own start.",
    )
    initialisation: str = choice(
        "standard",
        INITIALISATIONS,
        group="network",
        label="Initialisation",
        help="Chrono spreads the gates' biases so that units start with memories from short to the sequence's length; orthogonal starts recurrent weights as rotations, which neither shrink nor stretch a state.",
    )
    encoder_size: int = integer(
        0,
        0,
        128,
        group="network",
        label="Input projection",
        unit="numbers",
        help="Numbers to which each input step is projected first. 0 feeds features as they are, and embeds symbols in 16 numbers.",
    )
    loss: str = choice(
        "squared",
        LOSSES,
        group="training",
        label="Loss",
        help="What training minimises. Quantiles give a forecast with a band of 80 %, and decide the verdict by their pinball loss.",
    )
    optimiser: str = choice(
        "adam", OPTIMISERS, group="training", label="Optimiser", help="The rule that turns gradients into updates."
    )
    schedule: str = choice(
        "constant",
        SCHEDULES,
        group="training",
        label="Learning-rate schedule",
        help="How the learning rate changes during training. The chosen rate is its largest value.",
    )
    bidirectional: bool = flag(
        False,
        group="network",
        label="Both directions",
        help="A second layer reads each sequence from its end. Only where whole sequences are classified or labelled.",
    )
    readout: str = choice(
        "last",
        raw_settings.READOUTS,
        group="network",
        label="Answer from",
        help="What one answer per sequence is read from: the last step, the mean of all steps, or a learned weighting.",
    )
    layer_norm: bool = flag(
        False,
        group="network",
        label="Layer norm",
        help="Normalises what each layer passes on, with a learned scale (Ba et al. 2016).",
    )
    clip: float = real(
        1.0,
        0.0,
        100.0,
        step=0.5,
        group="training",
        label="Gradient clipping",
        help="Longest allowed gradient, per seed. Guards against exploding gradients; 0 switches it off.",
    )
    patience: int = integer(
        0,
        0,
        1_000,
        group="training",
        label="Patience",
        unit="evaluations",
        help="A seed stops after this many evaluations without a better validation loss. 0 trains all updates.",
    )
    evaluations: int = integer(
        50,
        1,
        500,
        group="training",
        label="Evaluations",
        help="How often the validation part is scored during training: points of the curve.",
    )
    rate_search: int = integer(
        3,
        0,
        5,
        group="training",
        label="Learning-rate search",
        unit="rates",
        help="How many learning rates around the chosen one each architecture tries first, on validation data; the best is kept. 0 uses the chosen rate.",
    )
    margin: float = real(
        0.0,
        0.0,
        50.0,
        step=0.5,
        group="comparison",
        label="Smallest difference that matters",
        unit="%",
        help="Models closer than this count as the same: percent of the better mean for errors, percentage points for shares. 0 takes 2 % or 1 point.",
    )
    seed: int = integer(
        0,
        0,
        999_999_999,
        group="comparison",
        label="First seed",
        help="Random numbers of data and weights. The same seed gives the same bits, except under equal training time, which depends on measured speeds.",
    )

    def __post_init__(self) -> None:
        for name, info in fields.infos(ExperimentSpec).items():
            if type(getattr(self, name)) is int and info.kind == "real":  # 1 and 1.0 are equal, and so are their keys
                object.__setattr__(self, name, float(getattr(self, name)))
        found = fields.problems(self)
        object.__setattr__(self, "architectures", tuple(self.architectures))
        found += raw_settings.architecture_problems(self.architectures)
        try:
            parsed = get_dataset(self.dataset).parse(dict(self.options))
            complete = tuple((name, getattr(parsed, name)) for name in fields.infos(type(parsed)))
            object.__setattr__(self, "options", complete)
        except InvalidSpecError as error:
            found += error.problems
        except GatescopeError as error:
            found.append(str(error))
        else:
            found += raw_settings.network_problems(
                self.source().kind, bidirectional=self.bidirectional, readout=self.readout
            )
            found += raw_settings.loss_problems(self.loss, self.source(), parsed)
        if found:
            raise InvalidSpecError(found)

    def source(self) -> Dataset:
        """Return the dataset's catalogue entry."""
        return get_dataset(self.dataset)

    def dataset_options(self) -> Any:
        """Return the dataset's options as its own settings object."""
        return self.source().parse(dict(self.options))

    def shares_one_split(self) -> bool:
        """Return whether there are several repeats on one split, so that pages must show `ONE_SPLIT`."""
        return self.resampling == "start" and self.seeds > 1

    def seed_values(self) -> tuple[int, ...]:
        """Return the seed of each replica."""
        return tuple(self.seed + index for index in range(self.seeds))

    def evaluation_updates(self, updates: int | None = None) -> tuple[int, ...]:
        """Return the updates after which the validation part is scored; the last update is always included."""
        total = self.updates if updates is None else updates
        count = min(self.evaluations, total)
        return tuple(sorted({round(total * (index + 1) / count) for index in range(count)}))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, defaults included."""
        plain = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return plain | {"options": dict(self.options), "architectures": list(self.architectures)}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> "ExperimentSpec":
        """Build a spec from untrusted values: JSON, stored rows, links.

        Values without `resampling` were written by version 0.1 and get its defaults (`raw_settings.FIRST_VERSION`).

        Raises:
            InvalidSpecError: With one sentence per unknown name and per bad value.
        """
        raw = raw if "resampling" in raw else {**raw_settings.FIRST_VERSION, **raw}
        known = fields.infos(cls)
        names = {field.name for field in dataclasses.fields(cls)}
        found = [fields.unknown(str(name), names, "setting") for name in raw if name not in names]
        found += raw_settings.shape_problems(raw)
        if found:
            raise InvalidSpecError(found)
        values = {name: fields.coerce(known[name], value) if name in known else value for name, value in raw.items()}
        values["options"] = tuple(dict(raw.get("options", {})).items())
        values["architectures"] = tuple(raw.get("architectures", ("lstm", "gru")))
        return cls(**values)

    def to_query(self) -> str:
        """Return the whole spec as a URL query; option names carry the prefix `option.`; the usual loss is left out."""
        return query_of({name: value for name, value in self.to_dict().items() if (name, value) != ("loss", "squared")})

    @classmethod
    def from_query(cls, query: str | Mapping[str, str]) -> "ExperimentSpec":
        """Build a spec from a URL query or its parameters; what is missing takes its default.

        Raises:
            InvalidSpecError: With one sentence per unknown name and per bad value.
        """
        return cls.from_dict(values_of(query))

    def key(self) -> str:
        """Return the hash of the canonical JSON: equal specs have equal keys, in every process."""
        return spec_hash(self.key_values())

    def key_values(self) -> dict[str, Any]:
        """Return the values that are hashed into the key, without newer settings at their defaults, so old keys stay valid."""
        later = (("margin", 0.0), ("resampling", "start"), *LATER)
        return without_file_name({name: value for name, value in self.to_dict().items() if (name, value) not in later})
