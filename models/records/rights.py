"""Who may do what with an experiment, as one table and one function; docs/rights.md describes the same rules."""

from enum import StrEnum

from models.records.experiment import may_control_with


class Action(StrEnum):
    """What can be done with an experiment."""

    SEE = "see"
    WRITE = "write"  # notes, tags and the decision
    STOP = "stop"
    DELETE = "delete"
    CLOSE = "close"  # to writing, and open again


class Role(StrEnum):
    """A visitor's relation to an experiment."""

    STARTER = "starter"  # has the control token: the browser that started it, or opened it from a file
    LOCAL = "local"  # anybody, if it was started on the command line: it has no token and is on everybody's list
    TEAM = "team"  # anybody else on a server with `GATESCOPE_LIST=all`
    LINK = "link"  # anybody else who has the link


RIGHTS: dict[Role, frozenset[Action]] = {
    Role.STARTER: frozenset(Action),
    Role.LOCAL: frozenset({Action.SEE, Action.WRITE}),
    Role.TEAM: frozenset({Action.SEE, Action.WRITE}),
    Role.LINK: frozenset({Action.SEE}),
}


def role(control: str, token: str, *, team: bool) -> Role:
    """Return a visitor's role for an experiment.

    Args:
        control: Control token of the experiment, empty if it has none.
        token: The visitor's token.
        team: Whether the server shows every experiment to everybody.
    """
    if may_control_with(control, token):
        return Role.STARTER
    if not control:
        return Role.LOCAL
    return Role.TEAM if team else Role.LINK


def may(action: Action, control: str, token: str, *, team: bool, closed: bool = False) -> bool:
    """Return whether a visitor may do something with an experiment; see `role`. Nobody writes in a closed one."""
    return not (closed and action is Action.WRITE) and action in RIGHTS[role(control, token, team=team)]
