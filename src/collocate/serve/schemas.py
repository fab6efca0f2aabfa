"""The bodies of both protocols: what is read is checked by these, and OpenAPI shows them.

Each list and mapping ends at its first error: one error takes a hundred times the memory of the number that it is of.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from collocate.serve.limits import Limits
from collocate.serve.refused import Refused

Number = Annotated[float, Field(strict=True)]
Numbers = Annotated[list[Number], Field(fail_fast=True)]
Columns = Annotated[dict[str, Numbers], Field(fail_fast=True)]
Row = Annotated[dict[str, Number], Field(fail_fast=True, description="One point: a number for each input, by name")]
Rows = Annotated[list[Row], Field(fail_fast=True)]
Values = Annotated[list[float | None], Field(description="null where a value is not finite")]
Parameters = Annotated[dict[str, str | bool | int | float | None], Field(fail_fast=True)]
Size = Annotated[int, Field(strict=True, ge=0)]
Datatype = Literal["FP64", "FP32"]

_BESIDE = 1000  # values of a body that are no points


class Error(BaseModel):
    """Why a request was refused."""

    error: str


class _Given(BaseModel):
    """What clients send: parts that are not known here do not matter."""

    model_config = ConfigDict(extra="ignore")


class RequestInput(_Given):
    """One input: `data`, or `parameters.binary_data_size` bytes behind the JSON."""

    name: str
    shape: Annotated[list[Size], Field(fail_fast=True, description="[N]: one number a point")]
    datatype: str = Field(description="FP64 or FP32, as the model's metadata says")
    parameters: Parameters | None = None
    data: Numbers | None = None


class RequestOutput(_Given):
    name: str
    parameters: Parameters | None = Field(None, description="`binary_data`: true for bytes behind the JSON")


class InferenceRequest(_Given):
    """All inputs of the model, and which outputs to answer with: all, where they are left out."""

    id: str | None = None
    parameters: Parameters | None = Field(None, description="`binary_data_output`: true for all outputs as bytes")
    inputs: Annotated[list[RequestInput], Field(fail_fast=True)]
    outputs: Annotated[list[RequestOutput], Field(fail_fast=True)] | None = None


class ResponseOutput(BaseModel):
    name: str
    shape: list[int]
    datatype: Datatype
    parameters: Parameters | None = None
    data: Values | None = None


class InferenceResponse(BaseModel):
    """`parameters.warning` where there is something to know of the answer, like points outside the trained domain."""

    model_name: str
    model_version: str
    id: str | None = None
    parameters: Parameters | None = None
    outputs: list[ResponseOutput]


class TensorMetadata(BaseModel):
    name: str
    datatype: Datatype
    shape: list[int]
    parameters: Parameters | None = None


class ModelMetadata(BaseModel):
    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class ServerMetadata(BaseModel):
    name: str
    version: str
    extensions: list[str]


class IndexEntry(BaseModel):
    name: str
    version: str
    state: str
    reason: str


class Live(BaseModel):
    live: bool


class Ready(BaseModel):
    ready: bool


class ModelReady(BaseModel):
    name: str
    ready: bool


class PredictRequest(_Given):
    """Points by rows in `instances`, or by columns in `inputs`. Plain lists for a model of one input."""

    signature_name: str | None = Field(None, description='"serving_default", or left out')
    instances: Rows | Numbers | None = None
    inputs: Columns | Numbers | None = None


class Predictions(BaseModel):
    """`predictions` of a request by rows, `outputs` of one by columns; plain lists for a model of one output."""

    predictions: list[dict[str, float | None]] | Values | None = None
    outputs: dict[str, Values] | Values | None = None
    warning: str | None = None


class VersionStatus(BaseModel):
    version: str
    state: str
    status: dict[str, str]


class ModelStatus(BaseModel):
    model_version_status: list[VersionStatus]


class PredictMetadata(BaseModel):
    """As TensorFlow Serving writes a SavedModel's signature."""

    model_spec: dict[str, str]
    metadata: dict[str, Any]


def read(adapter: TypeAdapter[Any], content: bytes, inputs: int, limits: Limits) -> Any:
    """A body for a model of so many inputs.

    Raises Refused: 400 that says where the JSON does not fit, 413 for more values than the points of a request have.
    """
    most = (inputs + 1) * limits.points + _BESIDE  # by rows, each point is an object besides
    # A value stands first in a list or an object, or behind a comma. The parser takes 150 bytes for an empty list.
    if sum(map(content.count, (b",", b"[", b"{"))) > most:
        raise Refused(413, f"the JSON has more than {most} values; one request takes {limits.points} points at most")
    try:
        return adapter.validate_json(content)
    except ValidationError as error:
        worst = max(error.errors(include_url=False, include_input=False, include_context=False), key=_depth)
        where = ".".join(map(str, _place(worst)))
        raise Refused(400, f"{where}: {worst['msg']}" if where else worst["msg"]) from None


def _depth(error: Any) -> int:
    return len(_place(error))


def _place(error: Any) -> list[str | int]:
    """Names and numbers as they stand in the JSON, without the names of types that were tried."""
    return [part for part in error["loc"] if isinstance(part, int) or not part.endswith("]")]
