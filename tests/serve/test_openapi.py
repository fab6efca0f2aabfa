"""The OpenAPI document against what the server does."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .running import Server

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
THERE = {"name": "growth", "version": "1"}
GOOD = {  # by the end of a path
    ":predict": {"instances": [0.25]},
    "/infer": {"inputs": [{"name": "x", "shape": [1], "datatype": "FP64", "data": [0.25]}]},
}
EXAMPLES = 10  # of each operation, as many for names that are there


def strategies(operation: Any) -> list[Any]:
    """Any names of models; those that are there; of them, bodies that do not fit the document, and one that is good."""
    names = {name: value for name, value in THERE.items() if f"{{{name}}}" in operation.path}
    found = [operation.as_strategy()]
    found += [operation.as_strategy(path_parameters=names)] if names else []
    if operation.body:
        (good,) = (body for end, body in GOOD.items() if operation.path.endswith(end))
        found.append(operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=names))
        found.append(operation.as_strategy(path_parameters=names, body=good, media_type="application/json"))
    return found


def test_whatever_is_asked_is_answered_as_the_document_says(server: Server):
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 17
    statuses: dict[str, set[int]] = {}
    for operation in operations:
        for strategy in strategies(operation):

            @settings(
                max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(case=strategy)
            def conforms(case: Any) -> None:
                response = case.call(base_url=server.url)
                statuses.setdefault(case.operation.path, set()).add(response.status_code)
                case.validate_response(response, checks=CHECKS)

            conforms()
    assert statuses["/v1/models/{name}:predict"] >= {200, 400, 404}
    assert statuses["/v2/models/{name}/infer"] >= {200, 400, 404}


def test_each_route_of_the_protocols_is_documented_with_its_refusals(server: Server):
    paths = server.get("/openapi.json").json()["paths"]
    for path in ("/v2/models/{name}/infer", "/v1/models/{name}:predict"):
        assert set(paths[path]["post"]["responses"]) == {"200", "400", "404", "408", "413", "415", "503"}
        assert paths[path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert set(paths["/v2/models/{name}"]["get"]["responses"]) == {"200", "404"}
