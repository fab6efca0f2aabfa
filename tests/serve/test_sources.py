"""What is served, under which name; and what is not trusted."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from sympy import Eq, Function, pi, symbols

import collocate as co
from collocate.errors import CollocateError, ServeError, StoreError
from collocate.exporting import manifest as manifests
from collocate.exporting import node
from collocate.exporting.to_onnx import FILE
from collocate.problems import load
from collocate.serve.app import create
from collocate.serve.limits import Limits
from collocate.serve.model import Model, Models
from collocate.serve.observing import FOLDER
from collocate.serve.refused import Refused
from collocate.serve.server import _counted_together, _listening, _tell, serve
from collocate.serve.sources import outputs, prepare

from ..unit.exporting.untrained import parametric, untrained


def names(given: list[Any], folder: Path) -> list[tuple[str, int]]:
    return [(each.name, each.version) for each in prepare([str(each) for each in given], folder)]


def test_names_are_those_of_paths_and_versions_are_counted(sources: dict[str, Path], tmp_path: Path):
    folder = sources["growth"]
    assert names([folder], tmp_path) == [("growth", 1)]
    assert names([folder / "onnx", f"growth={folder}", f"b@3={folder}", f"b={folder}"], tmp_path) == [
        ("growth", 1), ("growth", 2), ("b", 3), ("b", 4),
    ]  # fmt: skip
    odd = tmp_path / "nu=0.1, again"
    shutil.copytree(folder, odd / "export")
    assert names([odd / "export"], tmp_path / "out") == [("nu_0.1_again", 1)]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (["nowhere"], "nowhere is not there"),
        (["a=nowhere"], "nowhere is not there"),
        (["a@0={growth}"], "'a@0' is no NAME, nor NAME@VERSION with a whole number from 1"),
        (["a@2={growth}", "a@2={growth}"], "version 2 of a is given twice"),
        (["{empty}"], "holds no manifest.json"),
        ([], "no solution is given"),
    ],
)
def test_what_cannot_be_served_is_told(sources: dict[str, Path], tmp_path: Path, given: list[str], reason: str):
    places = {"growth": sources["growth"], "empty": tmp_path}
    with pytest.raises(CollocateError, match=reason):
        prepare([each.format(**places) for each in given], tmp_path / "out")


def test_fields_are_served_with_their_first_derivatives_in_space_and_time():
    assert list(outputs(load("burgers").problem)) == ["u", "u_x", "u_t"]
    three = outputs(load("kovasznay").problem)
    assert set(three) == {*"uvp", *(f"{field}_{axis}" for field in "uvp" for axis in "xy")}
    assert list(outputs(parametric())) == ["u", "u_x", "u_t"]  # none in the parameter nu


def test_without_npm_packages_there_is_no_page_and_nothing_is_installed(
    solutions: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def install(*_: Any) -> None:
        raise AssertionError("a server waits for no network")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(node, "_install", install)
    file = tmp_path / "growth" / "solution.collocate"
    solutions["growth"].save(file)
    with caplog.at_level("WARNING", "collocate.serve"):
        (found,) = prepare([str(file)], tmp_path / "out")
    assert (found.name, found.page) == ("growth", None)
    assert f"{file} is served without its web page: the npm packages that it needs are not here" in caplog.text


def test_the_page_of_a_solution_file_is_proven(solutions: dict[str, Any], tmp_path: Path):
    file = tmp_path / "growth" / "solution.collocate"
    solutions["growth"].save(file)
    (found,) = prepare([str(file)], tmp_path / "out")
    assert found.page is not None
    page = manifests.read(found.page)
    assert page.target == "web"
    assert {"u", "u_x", "u_xx", "residual"} == set(page.manifest["parity"]["outputs"])


@pytest.mark.parametrize("spoilt", [{"target": "onnx"}, {"provenance": {"solution": {"seed": 7}}}])
def test_a_page_of_another_solution_or_label_is_refused(artifact: Path, tmp_path: Path, spoilt: dict[str, Any]):
    page = Path(shutil.copytree(artifact, tmp_path / "web"))
    (page / "index.html").touch()
    rewritten(page, target="web")
    (one,) = prepare([f"a={artifact}"], tmp_path / "out")
    assert one.page == page
    rewritten(page, **{"target": "web", **spoilt})
    with pytest.raises(StoreError, match=r"web is not the web page of the solution in .*onnx: export both again"):
        prepare([f"a={artifact}"], tmp_path / "out")


@pytest.fixture
def artifact(sources: dict[str, Path], tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(sources["growth"] / "onnx", tmp_path / "onnx"))


def rewritten(folder: Path, **parts: Any) -> None:
    """The manifest with other parts, and a digest that fits: what only somebody who can write there could do."""
    document = json.loads((folder / manifests.NAME).read_text())
    own = {name: value for name, value in document.items() if name not in ("kind", "format", "files", "sha256")}
    manifests.write(folder, {**own, **parts})


def start(folder: Path, out: Path) -> None:
    for each in prepare([str(folder)], out):
        Model(each)


def test_a_changed_model_is_refused(artifact: Path, tmp_path: Path):
    content = bytearray((artifact / FILE).read_bytes())
    content[len(content) // 2] ^= 1
    (artifact / FILE).write_bytes(content)
    with pytest.raises(StoreError, match=f"{FILE} was changed"):
        start(artifact, tmp_path / "out")


def test_a_model_that_is_no_onnx_is_refused(artifact: Path, tmp_path: Path):
    (artifact / FILE).write_bytes(b"nothing")
    rewritten(artifact)
    with pytest.raises(StoreError, match=r"the ONNX file of .* cannot be run"):
        start(artifact, tmp_path / "out")


def test_a_model_of_other_inputs_than_its_manifest_lists_is_refused(artifact: Path, tmp_path: Path):
    document = json.loads((artifact / manifests.NAME).read_text())
    rewritten(artifact, inputs=[{**document["inputs"][0], "name": "y"}])
    with pytest.raises(StoreError, match=r"the inputs of the ONNX file of .* are not those"):
        start(artifact, tmp_path / "out")


@pytest.mark.parametrize("domain", [{"shapes": [{"kind": "sphere"}]}, [], "x"])
def test_a_domain_that_is_none_is_refused(artifact: Path, tmp_path: Path, domain: Any):
    rewritten(artifact, provenance={"problem": {"domain": domain}})
    with pytest.raises(StoreError, match=r"the manifest of .* is refused: "):
        start(artifact, tmp_path / "out")


def test_without_a_domain_the_bounds_of_the_inputs_count(artifact: Path, tmp_path: Path):
    rewritten(artifact, provenance={})
    model = Models(prepare([f"a={artifact}"], tmp_path / "out")).find("a")
    found = model.run({"x": np.array([0.0, 1.0, 1.5])}, ["u"])
    assert found.outside == 1
    assert found.warning == "1 of 3 points lie outside x from 0 to 1, where nothing was trained"


def test_a_bound_that_float32_rounds_lies_in_the_domain(tmp_path: Path):
    x = symbols("x")
    u = Function("u")(x)
    problem = co.Problem(Eq(u.diff(x, 2), u), co.Interval(x, -pi, 0.1), [co.Dirichlet(u, 1)])
    assert not co.export(untrained(problem), "onnx", dtype="float32", out=tmp_path).failed
    model = Models(prepare([f"a={tmp_path}"], tmp_path)).find("a")
    found = model.run({"x": np.array([-np.pi, 0.1, -3.15, 0.101], np.float32)}, ["u"])
    assert found.outside == 2


def test_a_version_is_the_newest_where_none_is_named(sources: dict[str, Path], tmp_path: Path):
    models = Models(prepare([f"a@10={sources['growth']}", f"a@9={sources['growth']}"], tmp_path))
    assert models.find("a").version == 10
    with pytest.raises(Refused, match="no version '1' of a; there is 10, 9"):
        models.find("a", "1")


def test_a_port_that_is_taken_is_told(sources: dict[str, Path]):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=f"cannot listen at 127.0.0.1, port {port}: Address already in use"):
            serve([str(sources["growth"])], port=port)


def test_without_a_page_of_its_own_the_server_shows_links(sources: dict[str, Path], tmp_path: Path):
    transport = httpx.ASGITransport(create(prepare([f"a={sources['growth']}"], tmp_path), Limits(), 1))

    async def start() -> str:
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
            return (await client.get("/")).text

    assert '<a href="/v1/models/a">a, its status</a>' in asyncio.run(start())


def test_of_a_host_that_others_reach_is_warned(caplog: pytest.LogCaptureFixture):
    with caplog.at_level("INFO", "collocate.serve"):
        for host in ("0.0.0.0", "127.0.0.1"):
            with _listening(host, 0) as bound:
                _tell([], bound)
    told = [(each.levelname, each.getMessage()) for each in caplog.records]
    assert [level for level, _ in told] == ["WARNING", "INFO", "INFO"]
    assert told[0][1] == "every machine that reaches this one can ask: there is no password, and no encryption"


def test_the_environment_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for before in (None, "elsewhere"):
        if before:
            monkeypatch.setenv(FOLDER, before)
        with _counted_together(tmp_path / str(before)):
            assert os.environ[FOLDER] == str(tmp_path / str(before))
        assert os.environ.get(FOLDER) == before


def test_what_is_accepted_sends_at_once():
    with _listening("127.0.0.1", 0) as bound, socket.create_connection(bound.getsockname()):
        accepted, _ = bound.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
