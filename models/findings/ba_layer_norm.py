"""Ba, Kiros and Hinton 2016: with layer norm an LSTM needs fewer updates."""

from models.findings.finding import Finding, Source, experiment, finding
from models.findings.rules import shown_better


@finding
def ba_layer_norm() -> Finding:
    """Return the finding."""
    return Finding(
        name="ba_layer_norm",
        topic="variants",
        claim="Layer normalisation substantially shortens the training of recurrent networks.",
        source=Source(
            authors="Ba, Kiros and Hinton",
            year=2016,
            title="Layer Normalization",
            place="arXiv 1607.06450",
            part="abstract",
            link="https://arxiv.org/abs/1607.06450",
        ),
        then="Training time is substantially reduced against earlier techniques; curves by task were not read.",
        expected="Expected to hold in updates; in seconds it depends on the kernel.",
        experiments={
            "founding_documents": experiment(
                "founding_documents",
                ("layer_norm_lstm", "lstm"),
                hidden_size=64,
                updates=300,
                learning_rate=0.005,
                seeds=6,
            )
        },
        rule=shown_better("layer_norm_lstm", ("lstm",), "bits_per_character"),
        differs="The score after 300 updates of both, on 55 KB of text; updates are compared, not seconds.",
        seconds=90,
        chart="curve",
    )
