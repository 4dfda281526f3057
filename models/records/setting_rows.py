"""The settings of an experiment as readable rows: label, value and unit."""

from data import fields as settings
from data.escape_output import plain
from models.cells import get_cell
from models.spec.experiment_settings import ExperimentSpec


def setting_rows(spec: ExperimentSpec) -> list[tuple[str, str]]:
    """Return every setting of an experiment with its label, including the dataset's options."""
    rows = [("Dataset", spec.source().title)]
    rows += _described(spec.dataset_options())
    rows.append(("Architectures", ", ".join(get_cell(name).title for name in spec.architectures)))
    return rows + _described(spec)


def _described(described: object) -> list[tuple[str, str]]:
    rows = []
    for name, info in settings.infos(type(described)).items():
        value = getattr(described, name)
        shown = dict(info.choices).get(str(value), str(value)) if info.kind == "choice" else str(value)
        unit = info.unit[:-1] if value == 1 and info.unit.endswith("s") else info.unit
        rows.append((info.label, f"{plain(shown)} {unit}".strip()))
    return rows
