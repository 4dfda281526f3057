"""Collins, Sohl-Dickstein and Sussillo 2017: architectures store about as many bits per parameter as each other."""

from collections.abc import Sequence

import numpy as np

from models.cells import get_cell
from models.findings.finding import Finding, Ruling, Source, finding
from models.findings.measured import Measured
from models.findings.rules import ruling
from models.spec.experiment_settings import ExperimentSpec

NAMES = ("lstm", "gru", "rnn")
PARAMETERS = 150  # of each network, about, with its output
INPUTS, STEPS = 4, 5
ITEMS = (150, 300, 450)  # random sequences, each with a random bit
REPEATS, RATE = 6, 0.02
UPDATES = (1000, 4000)  # after which the best so far is noted
LAST = f"{UPDATES[-1]} updates"


def units(name: str) -> int:
    """Return the hidden size whose parameter count is nearest to `PARAMETERS`."""
    return min(range(1, 40), key=lambda size: abs(parameters(name, size) - PARAMETERS))


def parameters(name: str, size: int) -> int:
    """Return the number of parameters of a network with one output."""
    return get_cell(name).parameter_count(INPUTS, size) + size + 1


def bits(right: float, items: int) -> float:
    """Return the bits about random labels that answers with a share of right ones hold."""
    share = min(max(right, 0.5), 1.0)
    entropy = -sum(p * np.log2(p) for p in (share, 1 - share) if p > 0)
    return items * (1.0 - float(entropy))


def memorise(name: str, items: int) -> Sequence[Sequence[float]]:
    """Train networks to memorise random bits of random sequences.

    Returns:
        For each of `UPDATES` the best share of right answers so far of each repeat.
    """
    import torch

    from models.networks.network import Linear, ReplicatedNetwork
    from models.networks.recurrent import RecurrentLayer
    from models.networks.selection import choose
    from models.training.optimiser import Optimiser

    streams = [torch.Generator().manual_seed(1000 * items + repeat) for repeat in range(REPEATS)]
    inputs = torch.stack([torch.randint(0, 2, (items, STEPS, INPUTS), generator=one) * 2.0 - 1.0 for one in streams])
    labels = torch.stack([torch.randint(0, 2, (items, 1), generator=one).float() for one in streams])
    cell = get_cell(name)
    layer = RecurrentLayer(
        cell, INPUTS, hidden_size=units(name), generators=streams, recurrence=choose(cell).recurrence
    )
    head = Linear(units(name), 1, streams)
    network = ReplicatedNetwork(None, [layer], head, each_step=False, dropout=0.0)
    weights = list(network.parameters())
    optimiser = Optimiser("adam", weights, RATE)
    best, noted = torch.zeros(REPEATS), []
    for update in range(1, UPDATES[-1] + 1):
        for weight in weights:
            weight.grad = None
        outputs = network(inputs)
        best = torch.maximum(best, ((outputs > 0) == (labels > 0.5)).float().mean((1, 2)))
        losses = torch.nn.functional.binary_cross_entropy_with_logits(outputs, labels, reduction="none")
        losses.mean((1, 2)).sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        if update in UPDATES:
            noted.append([float(share) for share in best])
    return noted


def measure() -> dict[str, dict[str, list[float]]]:
    """Return architecture to updates to the largest number of bits per parameter of each repeat, over the numbers of items."""
    found = {}
    for name in NAMES:
        shares = np.array([memorise(name, items) for items in ITEMS])  # (items, updates, repeats)
        stored = np.array(
            [[[bits(one, items) for one in row] for row in rows] for rows, items in zip(shares, ITEMS, strict=True)]
        )
        best = stored.max(axis=0) / parameters(name, units(name))
        found[name] = {f"{count} updates": row.tolist() for count, row in zip(UPDATES, best, strict=True)}
    return found


def rule(measured: Measured) -> Ruling:
    """Reproduced if medians lie within 3 to 7 bits and within a factor of 1.5 of each other; partly if only the latter holds."""
    medians = {name: float(np.median(measured.numbers[name][LAST])) for name in NAMES}
    alike = max(medians.values()) <= 1.5 * min(medians.values())
    about_five = all(3 <= value <= 7 for value in medians.values())
    here = "Bits per parameter: " + ", ".join(f"{get_cell(name).title} {value:.2f}" for name, value in medians.items())
    spread = max(medians.values()) / min(medians.values())
    early = [float(np.median(measured.numbers[name][f"{UPDATES[0]} updates"])) for name in NAMES]
    grown = np.mean(list(medians.values())) / np.mean(early)
    here += f"; the largest is {spread:.2f} times the smallest. Four times as many updates stored {grown:.2f} times as much."
    return ruling(alike and about_five, here, partly=alike)


@finding
def collins_capacity() -> Finding:
    """Return the finding."""
    return Finding(
        name="collins_capacity",
        topic="capacity",
        claim="All common recurrent architectures store nearly the same amount per parameter, about 5 bits.",
        source=Source(
            authors="Collins, Sohl-Dickstein and Sussillo",
            year=2017,
            title="Capacity and Trainability in Recurrent Neural Networks",
            place="ICLR, arXiv 1611.09913",
            part="abstract",
            link="https://arxiv.org/abs/1611.09913",
        ),
        then="About 5 bits per parameter for all architectures, with careful training; vanilla RNNs slightly more, but far harder to train.",
        expected="Expected to hold in part: as much for each, but fewer bits than with their search of settings.",
        experiments={},
        measure=measure,
        opens=ExperimentSpec(dataset="delayed_recall", architectures=NAMES, fairness="same_parameters", hidden_size=6),
        rule=rule,
        reason="With one learning rate training stalls: four times as many updates store hardly more (1.09 times). Theirs are the best of a search of settings for each number of items.",
        differs="About 150 parameters, 150 to 450 random sequences of 5 steps with a random bit each, one learning rate.",
        seconds=60,
        chart="numbers",
        metric="Bits per parameter",
    )
