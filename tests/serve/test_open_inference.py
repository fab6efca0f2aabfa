"""The Open Inference Protocol, as Triton's own client speaks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

import collocate as co

from .running import Server

X, T = np.array([-0.5, 0.25, 1.0]), np.array([0.0, 0.5, 1.0])


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[InferenceServerClient]:
    with InferenceServerClient(server.address) as found:
        yield found


def given(binary: bool = True, **arrays: np.ndarray) -> list[InferInput]:
    found = []
    for name, values in arrays.items():
        each = InferInput(name, list(values.shape), "FP64")
        found.append(each.set_data_from_numpy(values, binary_data=binary))
    return found


def test_it_lives_and_says_what_it_is(client: InferenceServerClient):
    assert client.is_server_live() and client.is_server_ready()
    about: Any = client.get_server_metadata()
    assert (about["name"], about["extensions"]) == ("collocate", ["binary_tensor_data"])


def test_models_and_versions_are_listed(client: InferenceServerClient):
    index: Any = client.get_model_repository_index()
    assert [(each["name"], each["version"]) for each in index] == [
        ("burgers", "1"), ("burgers", "7"), ("disk", "1"), ("growth", "1"),
    ]  # fmt: skip
    assert client.is_model_ready("burgers") and client.is_model_ready("burgers", "1")
    assert not client.is_model_ready("burgers", "2") and not client.is_model_ready("nothing")


def test_metadata_names_inputs_with_bounds_and_outputs_with_derivatives(client: InferenceServerClient):
    newest: Any = client.get_model_metadata("burgers")
    assert newest["versions"] == ["1", "7"]
    assert [each["name"] for each in newest["outputs"]] == ["u"]
    first: Any = client.get_model_metadata("burgers", "1")
    assert [each["name"] for each in first["outputs"]] == ["u", "u_x", "u_t"]
    assert first["inputs"][0] == {
        "name": "x", "datatype": "FP64", "shape": [-1], "parameters": {"role": "space", "lower": -1.0, "upper": 1.0},
    }  # fmt: skip


@pytest.mark.parametrize("asked_binary", [True, False])
@pytest.mark.parametrize("given_binary", [True, False])
def test_values_and_derivatives_are_the_solutions(
    client: InferenceServerClient, solutions: dict[str, co.Solution], given_binary: bool, asked_binary: bool
):
    names = {"u": "u", "u_x": "u.diff(x)", "u_t": "u.diff(t)"}
    outputs = [InferRequestedOutput(name, binary_data=asked_binary) for name in names]
    found = client.infer("burgers", given(given_binary, x=X, t=T), "1", outputs)
    for name, expression in names.items():
        expected = solutions["burgers"].at(expression, x=X, t=T)
        np.testing.assert_allclose(found.as_numpy(name), expected, rtol=0, atol=1e-12 * np.abs(expected).max())
    assert "parameters" not in found.get_response()


def test_without_outputs_all_are_answered_and_the_id_comes_back(client: InferenceServerClient):
    found = client.infer("burgers", given(x=X, t=T), "1", request_id="seven")
    response: Any = found.get_response()
    assert [each["name"] for each in response["outputs"]] == ["u", "u_x", "u_t"]
    assert (response["id"], response["model_name"], response["model_version"]) == ("seven", "burgers", "1")


def test_more_points_than_are_computed_at_a_time_keep_their_order(client: InferenceServerClient, solutions):
    r = np.linspace(0, 0.7, 1999)
    found = client.infer("disk", given(x=r, y=-r)).as_numpy("u")
    np.testing.assert_allclose(found, solutions["disk"](x=r, y=-r), rtol=0, atol=1e-12)


def test_of_points_outside_the_domain_is_warned(client: InferenceServerClient):
    corner: Any = client.infer("disk", given(x=np.array([0.5, 0.9]), y=np.array([0.5, 0.9]))).get_response()
    assert corner["parameters"]["warning"].startswith("1 of 2 points lie outside ")
    inside: Any = client.infer("disk", given(x=np.array([0.6]), y=np.array([0.8]))).get_response()
    assert "parameters" not in inside  # on the boundary, to rounding


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"x": X.astype(np.float32)}, "datatype 'FP32'; burgers takes FP64"),
        ({"x": X[:, None]}, r"shape \[3, 1\]; \[N\] was expected"),
        ({"x": X[:2]}, "x has 2, t has 3"),
        ({"x": np.array([0.0, np.nan, 0.0])}, r"x\[1\] is nan"),
        ({"x": np.array([0.0, np.inf, 0.0])}, r"x\[1\] is inf"),
        ({"y": X}, "takes 'x', 't'; got 'x', 't', 'y'"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(client: InferenceServerClient, change, reason: str):
    arrays = {"x": X, "t": T, **change}
    inputs = []
    for name, values in arrays.items():
        datatype = "FP32" if values.dtype == np.float32 else "FP64"
        inputs.append(InferInput(name, list(values.shape), datatype).set_data_from_numpy(values))
    with pytest.raises(InferenceServerException, match=reason) as refused:
        client.infer("burgers", inputs)
    assert refused.value.status() == "400"


def tensor(name: str, **parts: Any) -> dict[str, Any]:
    return {"name": name, "shape": [1], "datatype": "FP64", "data": [0.5], **parts}


BOTH = [tensor("x"), tensor("t")]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"inputs": [tensor("x"), tensor("x")]}, "'x' is given twice"),
        ({"inputs": [tensor("x"), tensor("t", shape=[2])]}, "'t' has the shape [2] and 1 numbers"),
        ({"inputs": [tensor("x"), tensor("t", shape=[-1])]}, "inputs.1.shape.0"),
        ({"inputs": [tensor("x"), tensor("t", data=["0.5"])]}, "inputs.1.data.0: Input should be a valid number"),
        ({"inputs": [tensor("x"), tensor("t", data=[[0.5]])]}, "inputs.1.data.0: Input should be a valid number"),
        ({"inputs": [tensor("x"), tensor("t", data=None)]}, "needs data, or binary_data_size"),
        ({"inputs": [tensor("x"), tensor("t", parameters={"binary_data_size": 8})]}, "one of the two"),
        ({"inputs": [tensor("x"), tensor("t", data=None, parameters={"binary_data_size": 8})]}, "at most 0"),
        ({"inputs": [tensor("x", shape=[0], data=[]), tensor("t", shape=[0], data=[])]}, "no point is given"),
        ({"inputs": BOTH, "outputs": [{"name": "v"}]}, "has no output 'v'; it has u"),
        ({"inputs": BOTH, "outputs": [{"name": "u"}, {"name": "u"}]}, "'u' is asked for twice"),
        ({}, "inputs: Field required"),
    ],
)
def test_json_that_does_not_fit_is_refused_with_the_reason(server: Server, body: dict[str, Any], reason: str):
    found = server.post("/v2/models/burgers/infer", json=body)
    assert found.status_code == 400
    assert reason in found.json()["error"]


@pytest.mark.parametrize(
    ("length", "reason"), [("1000000", "at most"), ("-1", "at most"), ("x", "at most"), ("5", "JSON")]
)
def test_a_wrong_length_of_the_json_is_refused(server: Server, length: str, reason: str):
    headers = {"Inference-Header-Content-Length": length}
    found = server.post("/v2/models/burgers/infer", json={"inputs": BOTH}, headers=headers)
    assert found.status_code == 400
    assert reason in found.json()["error"]


def test_bytes_that_no_input_names_are_refused(server: Server):
    text = b'{"inputs": []}'
    headers = {"Inference-Header-Content-Length": str(len(text))}
    found = server.post("/v2/models/burgers/infer", content=text + b"\0" * 8, headers=headers)
    assert found.status_code == 400
    assert "8 bytes follow the JSON" in found.json()["error"]
