"""What the gates and states of a cell are for, so that those of different architectures stand side by side.

LSTM's input gate and GRU's update gate both decide what is written; forget and reset gate both act on the past. A state stands
beside a state: the cell state is a place of its own, the hidden state is the last.
"""

from collections.abc import Iterable, Mapping, Sequence

from models.analysis.traces import Panel

WRITING, PAST, CANDIDATE, OUTPUT, CELL, HIDDEN = "writing", "past", "candidate", "output", "cell", "hidden"
_ROLES = {
    "input_gate": WRITING,
    "update_gate": WRITING,
    "forget_gate": PAST,
    "reset_gate": PAST,
    "candidate": CANDIDATE,
    "output_gate": OUTPUT,
    "cell": CELL,
    "hidden": HIDDEN,
}
_FIRST = (WRITING, PAST, CANDIDATE, OUTPUT)
_LAST = (CELL, HIDDEN)


def role(quantity: str) -> str:
    """Return the role of a gate or state by its name; what is known in one cell alone is a role of its own."""
    return _ROLES.get(quantity, quantity)


def shared_roles(groups: Sequence[Sequence[Panel]]) -> dict[str, str]:
    """Return the roles that occur in any of several architectures, in the order in which they are drawn, with what has them."""
    return roles_of([{panel.name: panel.title for panel in panels} for panels in groups])


def roles_of(groups: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the same for gates and states given as name to title."""
    found: dict[str, str] = {}
    for titles in groups:
        for name, title in titles.items():
            found.setdefault(role(name), title.partition(" (")[0].lower())
    others = [one for one in found if one not in (*_FIRST, *_LAST)]
    return {one: found[one] for one in (*_FIRST, *others, *_LAST) if one in found}


def aligned(panels: Sequence[Panel], roles: Iterable[str]) -> tuple[Panel | None, ...]:
    """Return one architecture's panels in the order of roles; None where it has nothing of a role."""
    own: Mapping[str, Panel] = {role(panel.name): panel for panel in panels}
    return tuple(own.get(one) for one in roles)
