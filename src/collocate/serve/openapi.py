"""The OpenAPI document: FastAPI's, with the bodies that the routes read themselves."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from collocate.serve.schemas import Error, InferenceRequest, PredictRequest

_REFERENCE = "#/components/schemas/{model}"
BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_REASONS = {
    400: "What of the request does not fit",
    404: "There is no such model or version",
    408: "The request came too slowly",
    413: "Too many bytes or points",
    415: "The body is packed",
    503: "No core was free in time, or too many connections or requests wait",
}


def body(model: type, **media: Any) -> dict[str, Any]:
    """Of a route that reads its body itself."""
    schema = {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}
    return {"requestBody": {"required": True, "content": {"application/json": schema, **media}}}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Error, "description": _REASONS[status]} for status in statuses}


def document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        _, schemas = models_json_schema(
            [(model, "validation") for model in (InferenceRequest, PredictRequest)], ref_template=_REFERENCE
        )
        held = found["components"]["schemas"]
        held.update(schemas["$defs"])
        for name in ("HTTPValidationError", "ValidationError"):
            held.pop(name, None)
        for path in found["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)  # FastAPI's own; all parts of a path are text, and found or not
        app.openapi_schema = found
    return app.openapi_schema
