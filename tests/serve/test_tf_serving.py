"""TensorFlow Serving's REST API, by plain HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
import pytest

import collocate as co

from .running import Server

X, T = [-0.5, 0.25], [0.0, 0.5]
ROWS = [{"x": x, "t": t} for x, t in zip(X, T, strict=True)]


def predict(server: Server, body: Any, model: str = "burgers/versions/1") -> httpx.Response:
    return server.post(f"/v1/models/{model}:predict", json=body)


def test_rows_are_answered_by_rows(server: Server, solutions: dict[str, co.Solution]):
    found = predict(server, {"instances": ROWS}).json()
    assert set(found) == {"predictions"}
    assert [set(row) for row in found["predictions"]] == [{"u", "u_x", "u_t"}] * 2
    expected = solutions["burgers"].at("u.diff(t)", x=X, t=T)
    np.testing.assert_allclose([row["u_t"] for row in found["predictions"]], expected, rtol=1e-12)


def test_columns_are_answered_by_columns(server: Server, solutions: dict[str, co.Solution]):
    found = predict(server, {"signature_name": "serving_default", "inputs": {"x": X, "t": T}}).json()
    assert set(found["outputs"]) == {"u", "u_x", "u_t"}
    np.testing.assert_allclose(found["outputs"]["u"], solutions["burgers"](x=X, t=T), rtol=1e-12)


def test_of_one_output_and_one_input_names_are_left_out(server: Server, solutions: dict[str, co.Solution]):
    expected = solutions["burgers"](x=X, t=T).tolist()
    assert predict(server, {"instances": ROWS}, "burgers").json()["predictions"] == pytest.approx(expected)  # version 7
    expected = solutions["growth"](x=[0.25, 0.5]).tolist()
    for given in ([0.25, 0.5], [{"x": 0.25}, {"x": 0.5}]):
        assert predict(server, {"instances": given}, "growth").json()["predictions"] == pytest.approx(expected)
    for columns in ([0.25, 0.5], {"x": [0.25, 0.5]}):
        assert predict(server, {"inputs": columns}, "growth").json()["outputs"] == pytest.approx(expected)


def test_of_points_outside_the_domain_is_warned(server: Server):
    found = predict(server, {"inputs": {"x": [0.0, 2.0], "t": [0.0, 0.0]}}).json()
    assert found["warning"] == "1 of 2 points lie outside x ∈ [-1, 1] × t ∈ [0, 1], where nothing was trained"


def test_the_status_of_a_model_and_of_one_version(server: Server):
    found = server.get("/v1/models/burgers").json()["model_version_status"]
    assert [(each["version"], each["state"]) for each in found] == [("1", "AVAILABLE"), ("7", "AVAILABLE")]
    assert found[0]["status"] == {"error_code": "OK", "error_message": ""}
    (one,) = server.get("/v1/models/burgers/versions/7").json()["model_version_status"]
    assert one["version"] == "7"


def test_metadata_is_a_signature(server: Server):
    found = server.get("/v1/models/burgers/versions/1/metadata").json()
    assert found["model_spec"] == {"name": "burgers", "signature_name": "", "version": "1"}
    signature = found["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert set(signature["inputs"]) == {"x", "t"} and set(signature["outputs"]) == {"u", "u_x", "u_t"}
    assert signature["inputs"]["x"]["dtype"] == "DT_DOUBLE"
    assert signature["inputs"]["x"]["tensor_shape"]["dim"] == [{"size": "-1", "name": ""}]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "one of the two"),
        ({"instances": ROWS, "inputs": {"x": X, "t": T}}, "one of the two"),
        ({"signature_name": "other", "instances": ROWS}, "no signature 'other', only 'serving_default'"),
        ({"instances": []}, "no point is given"),
        ({"instances": [0.5]}, "burgers takes x, t: give each by its name"),
        ({"instances": [*ROWS, {"x": 0.5}]}, "instances[2] has x; the first has x, t"),
        ({"instances": [{"x": 0.5}]}, "burgers takes 'x', 't'; got 'x'"),
        ({"instances": [{"x": 0.5, "t": "0.5"}]}, "instances.0.t: Input should be a valid number"),
        ({"instances": [{"x": 0.5, "t": True}]}, "instances.0.t: Input should be a valid number"),
        ({"instances": [{"x": 0.5, "t": [0.5]}]}, "instances.0.t: Input should be a valid number"),
        ({"inputs": {"x": X, "t": 0.5}}, "inputs.t: Input should be a valid array"),
        ({"inputs": {"x": X, "t": [0.5]}}, "x has 2, t has 1"),
        ({"inputs": {"x": [], "t": []}}, "no point is given"),
        ({"inputs": {"x": X, "t": [[0.5], [0.5]]}}, "inputs.t.0: Input should be a valid number"),
        ([], "Input should be an object"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(server: Server, body: Any, reason: str):
    found = predict(server, body)
    assert found.status_code == 400
    assert reason in found.json()["error"]


def test_a_model_or_version_that_is_not_there_is_404(server: Server):
    found = predict(server, {"instances": ROWS}, "nothing")
    assert (found.status_code, found.json()) == (
        404,
        {"error": "there is no model 'nothing'; there is burgers, disk, growth"},
    )
    found = predict(server, {"instances": ROWS}, "burgers/versions/2")
    assert (found.status_code, found.json()) == (
        404,
        {"error": "there is no version '2' of burgers; there is 1, 7"},
    )
