"""Who may do what with an experiment: one table, one function. docs/rights.md says the same in words."""

from enum import StrEnum

from models.records.experiment import may_control_with


class Action(StrEnum):
    """What somebody may want to do with an experiment."""

    SEE = "see"
    WRITE = "write"  # notes, tags and the decision
    STOP = "stop"
    DELETE = "delete"


class Role(StrEnum):
    """What somebody is to an experiment."""

    STARTER = "starter"  # the browser that started or opened it has its control token
    LOCAL = "local"  # it was started on the command line and has no token: it is on everybody's list
    TEAM = "team"  # another visitor of a server with `GATESCOPE_LIST=all`
    LINK = "link"  # anybody else, who has its link


RIGHTS: dict[Role, frozenset[Action]] = {
    Role.STARTER: frozenset(Action),
    Role.LOCAL: frozenset({Action.SEE, Action.WRITE}),
    Role.TEAM: frozenset({Action.SEE, Action.WRITE}),
    Role.LINK: frozenset({Action.SEE}),
}


def role(control: str, token: str, *, team: bool) -> Role:
    """Return what a visitor is to an experiment.

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


def may(action: Action, control: str, token: str, *, team: bool) -> bool:
    """Say whether a visitor may do something with an experiment; see `role`."""
    return action in RIGHTS[role(control, token, team=team)]
