"""Convert rows to records and back, and statements that several parts of the store share."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, insert, select, update

from models.errors import GatescopeError, StoreError
from models.records import untrusted_values
from models.records.experiment import ExperimentRecord, spec_search_text, valid_id
from models.records.results import STATUSES, Array, ExperimentResult, RunResult, RunView
from models.records.summaries import loss_line
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec
from models.store.sql import codec, schema

MAX_MESSAGE = 1_000
Place = tuple[str, str, str]  # experiment, architecture, kind


def check_id(experiment: str) -> None:
    """Raise `StoreError` for an invalid id before it reaches a query."""
    if not valid_id(experiment):
        raise StoreError("An experiment's id has 22 letters, digits, `-` or `_`; follow the link that was shared.")


def missing(experiment: str) -> StoreError:
    """Return the error for a missing experiment."""
    return StoreError(f"There is no experiment `{experiment}`; it may have been deleted.")


def experiment_row(record: ExperimentRecord, lease: str) -> dict[str, Any]:
    """Return the row of a new experiment."""
    return {
        "id": record.id,
        "lease": lease,
        "spec": codec.to_json(record.spec.to_dict()),
        "dataset": record.spec.dataset,
        "architectures": ",".join(record.spec.architectures),
        "control": record.control,
        "baselines": codec.baselines_to_json(record.baselines, record.repeat_baselines),
        "created": record.created.isoformat(timespec="microseconds"),
        "status": "queued",
        "message": "",
        "has_content": int(record.content is not None),
        "imported": int(record.imported),
        "sweep": record.sweep,
        "folded": spec_search_text(record.spec),
        "written_by": "",
    }


def run_row(experiment: str, position: int, run: RunSpec) -> dict[str, Any]:
    """Return the row of a new run."""
    return {
        "experiment": experiment,
        "architecture": run.architecture,
        "position": position,
        "key": run.key(),
        "spec": codec.to_json(run.settings()),
        "status": "queued",
        "attempt": 1,
        "message": "",
        "losses": "[]",
        "written_by": "",
    }


def insert_experiment(connection: Connection, record: ExperimentRecord, lease: str) -> None:
    """Add an experiment with its runs and content."""
    connection.execute(insert(schema.experiment).values(experiment_row(record, lease)))
    connection.execute(insert(schema.run), [run_row(record.id, *entry) for entry in enumerate(record.runs)])
    if record.content is not None:
        put_artifact(connection, (record.id, "", "content"), record.content)


def exists(connection: Connection, experiment: str) -> bool:
    """Return whether there is an experiment, deleted or not."""
    table = schema.experiment
    return connection.execute(select(table.c.number).where(table.c.id == experiment)).first() is not None


def visible(connection: Connection, experiment: str) -> Row[Any] | None:
    """Return an experiment's row unless it is deleted."""
    table = schema.experiment
    return connection.execute(select(table).where(table.c.id == experiment, table.c.purge_after.is_(None))).first()


def of_run(table: Table, experiment: str, architecture: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that pick one run's rows."""
    return table.c.experiment == experiment, table.c.architecture == architecture


def runs_of(connection: Connection, experiment: str) -> list[Row[Any]]:
    """Return an experiment's runs in the order of its spec."""
    table = schema.run
    rows = connection.execute(select(table).where(table.c.experiment == experiment).order_by(table.c.position))
    return list(rows)


def locked_run(connection: Connection, experiment: str, architecture: str) -> Row[Any]:
    """Return a run's row, locked until the transaction ends."""
    chosen = select(schema.run).where(*of_run(schema.run, experiment, architecture)).with_for_update()
    row = connection.execute(chosen).first()
    if row is None:
        raise missing(experiment)
    return row


def update_run(connection: Connection, experiment: str, architecture: str, values: Mapping[str, Any]) -> None:
    """Change columns of a run."""
    connection.execute(update(schema.run).where(*of_run(schema.run, experiment, architecture)).values(**values))


def chunks(connection: Connection, run: Row[Any]) -> list[bytes]:
    """Return the chunks of a run's curve, oldest first."""
    table = schema.curve
    chosen = select(table.c.points).where(*of_run(table, run.experiment, run.architecture)).order_by(table.c.chunk)
    return [bytes(points) for points in connection.execute(chosen).scalars()]


def put_result(connection: Connection, run: tuple[str, str], result: RunResult, packed: Mapping[str, bytes]) -> None:
    """Replace the curve's chunks by a result; the caller has checked that the run is not final."""
    connection.execute(delete(schema.curve).where(*of_run(schema.curve, *run)))
    for kind, content in packed.items():
        put_artifact(connection, (*run, kind), content)
    values = {
        "key": result.spec.key(),
        "spec": codec.to_json(result.spec.settings()),
        "status": result.status,
        "attempt": result.attempt,
        "message": "",
        "result": codec.to_json(codec.result_to_plain(result)),
        "losses": codec.to_json(loss_line(result.curves)),
    }
    update_run(connection, *run, values)


def put_artifact(connection: Connection, place: Place, content: bytes) -> None:
    """Add bytes with their SHA-256."""
    experiment, architecture, kind = place
    values = {"experiment": experiment, "architecture": architecture, "kind": kind}
    values |= {"sha256": codec.digest(content)}
    connection.execute(insert(schema.artifact).values(values | {"bytes": content}))


def read_artifact(connection: Connection, place: Place) -> bytes:
    """Return stored bytes.

    Raises:
        StoreError: If they are missing or differ from what was stored.
    """
    table = schema.artifact
    experiment, architecture, kind = place
    row = connection.execute(
        select(table).where(*of_run(table, experiment, architecture), table.c.kind == kind)
    ).first()
    if row is None or codec.digest(bytes(row.bytes)) != row.sha256:
        raise StoreError(f"The stored {kind} of experiment `{experiment}` are damaged; train it again from its link.")
    return bytes(row.bytes)


def read_tensors(connection: Connection, run: tuple[str, str]) -> dict[str, dict[str, Array]]:
    """Return a result's tensors by kind."""
    return {kind: codec.unpack(read_artifact(connection, (*run, kind))) for kind in codec.KINDS}


def read_spec(text: str) -> ExperimentSpec:
    """Return a stored spec.

    Raises:
        StoreError: If this version of the program does not accept it.
    """
    with reading("This experiment's settings"):
        return ExperimentSpec.from_dict(untrusted_values.load_json(text))


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn any error that a bad stored value causes into one sentence.

    Raises:
        StoreError: In place of any error that a bad value causes; database errors pass through.
    """
    try:
        yield
    except StoreError:
        raise
    except (
        GatescopeError,
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
        ArithmeticError,
        RecursionError,
    ) as error:
        raise StoreError(f"{what} cannot be read by this version: {str(error)[:300]}") from error


def read_run_spec(row: Row[Any], spec: ExperimentSpec) -> RunSpec:
    """Return a stored run's spec."""
    return RunSpec.from_dict(untrusted_values.mapping(untrusted_values.load_json(row.spec), "A run's settings"), spec)


def read_run_view(row: Row[Any], spec: ExperimentSpec, **more: Any) -> RunView:
    """Return a stored run as a view; `more` holds its result and fields derived from it."""
    return RunView(
        spec=read_run_spec(row, spec),
        status=untrusted_values.one_of(row.status, STATUSES, "The status of a run"),
        attempt=untrusted_values.whole(row.attempt, 1, codec.MAX_ATTEMPT, "The attempt"),
        message=untrusted_values.name(row.message, "A message", longest=MAX_MESSAGE),
        **more,
    )


def read_status(row: Row[Any]) -> dict[str, Any]:
    """Return status and message of a stored experiment."""
    return {
        "status": untrusted_values.one_of(row.status, STATUSES, "The status"),
        "message": untrusted_values.name(row.message, "A message", longest=MAX_MESSAGE),
    }


def read_record(row: Row[Any], runs: list[Row[Any]], content: bytes | None) -> ExperimentRecord:
    """Return an experiment as it was accepted."""
    spec = read_spec(row.spec)
    baselines, repeats = codec.baselines_from_json(row.baselines)
    return ExperimentRecord(
        id=row.id,
        spec=spec,
        runs=tuple(read_run_spec(run, spec) for run in runs),
        control=row.control,
        baselines=baselines,
        repeat_baselines=repeats,
        content=content,
        created=untrusted_values.moment(row.created, "The date"),
        imported=bool(row.imported),
        sweep=row.sweep,
    )


def experiment_result(
    row: Row[Any], spec: ExperimentSpec, runs: tuple[RunView, ...], final: frozenset[str]
) -> ExperimentResult | None:
    """Return the result of a final experiment, if at least one run has one."""
    results = tuple(run.result for run in runs if run.result is not None)
    if row.status not in final or not results:
        return None
    baselines, repeats = codec.baselines_from_json(row.baselines)
    return ExperimentResult(spec=spec, status=row.status, runs=results, baselines=baselines, repeat_baselines=repeats)
