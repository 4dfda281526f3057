"""Sentences of errors in the words of the form: "Missing values: Drop the row" for `missing` = `drop`."""

import re
from collections.abc import Mapping
from functools import lru_cache

from data import fields
from data.catalog import catalogue
from data.fields import FieldInfo
from models.spec.experiment_settings import ExperimentSpec

_CHOICE = re.compile(r"`(\w+)` = `([^`]*)`(?: or `([^`]*)`)?")
_SETTING = re.compile(r"(?<!column )(?<!series )(?<!file )(?<!sheet )(?<!holds )(?<!with )`(\w+)`")


def in_form_words(sentence: str) -> str:
    """Return a sentence with the labels of the form in place of the names of settings.

    The command line and JSON use the names; the page shows labels. Names that are no settings stay as they are.
    """
    return _SETTING.sub(_label, _CHOICE.sub(_label_and_choices, sentence))


def _label_and_choices(found: re.Match[str]) -> str:
    info = _settings().get(found[1])
    if info is None:
        return found[0]
    titles = dict(info.choices)
    chosen = [titles.get(value, value) for value in found.groups()[1:] if value is not None]
    return f"“{info.label}: {' or '.join(chosen)}”"


def _label(found: re.Match[str]) -> str:
    info = _settings().get(found[1])
    return found[0] if info is None else f"“{info.label}”"


@lru_cache(maxsize=1)
def _settings() -> Mapping[str, FieldInfo]:
    """Return every setting by name; those of an own file come first where names are the same."""
    own = [source.Options for source in catalogue().values() if source.family == "own"]
    every = [fields.infos(kind) for kind in (ExperimentSpec, *reversed(own))]
    return {name: info for infos in every for name, info in infos.items()}
