"""The web page in a real browser, opened from the disk without a network: its values, controls and drawing."""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import Browser, Page
from sympy import Eq, Function, exp, pi, sin, sqrt, symbols

import collocate as co
from collocate.errors import ExportError
from collocate.exporting import parity, to_web
from collocate.exporting.graph import Graph
from collocate.exporting.outputs import read_outputs
from collocate.exporting.record import record

from ..browser import Seen, browser, opened
from ..unit.exporting.untrained import untrained

__all__ = ["browser"]

x, y, t, nu = symbols("x y t nu")


@dataclass(frozen=True)
class Made:
    """A page in a folder, and what it was made of."""

    folder: Path
    solution: co.Solution
    graph: Graph

    @property
    def index(self) -> Path:
        return self.folder / "index.html"


def make(given: co.Problem | co.Solution, folder: Path, asked: str | None = None) -> Made:
    solution = untrained(given) if isinstance(given, co.Problem) else given
    outputs = to_web.outputs(solution.problem, read_outputs(solution.problem, asked))
    graph = record(solution, outputs)
    folder.mkdir()
    to_web.write(graph, folder, solution)
    return Made(folder, solution, graph)


@pytest.fixture(scope="module")
def heat(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """u_t = ν u_xx for every ν in [0.1, 1], with its truth: three coordinates, one of them a parameter."""
    u = Function("u")(x, t)
    problem = co.Problem(
        Eq(u.diff(t), nu * u.diff(x, 2)),
        co.Interval(x, 0, 1) * co.Time(t, 0, 1),
        [co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0)],
        parameters=[co.Parameter(nu, 0.1, 1)],
        reference=exp(-nu * pi**2 * t) * sin(pi * x),
        name="heat <1>",
    )
    return make(problem, tmp_path_factory.mktemp("heat") / "web", "flux=-nu*u.diff(x), u.diff(x, nu)")


@pytest.fixture(scope="module")
def holed(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A triangle with a round hole and a corner cut off, whose truth is a function."""
    u = Function("u")(x, y)
    shape = co.Polygon((x, y), [(0, 0), (2, 0), (0.5, 1.5)]) - co.Disk((x, y), (0.7, 0.6), pi / 12)
    problem = co.Problem(
        Eq(u.diff(x, 2) + u.diff(y, 2), 1),
        shape - co.Rectangle((x, y), (1.5, 0), (2, 1)),
        [co.Dirichlet(u, 0)],
        reference=lambda x, y: np.cos(x) * y,
    )
    return make(problem, tmp_path_factory.mktemp("holed") / "web")


@pytest.fixture(scope="module")
def curves(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Two fields of time."""
    a, b = Function("a")(t), Function("b")(t)
    conditions = [co.Initial(a, 1), co.Initial(b, 0)]
    problem = co.Problem([Eq(a.diff(t), b), Eq(b.diff(t), -a)], co.Time(t, 0, 2), conditions)
    return make(problem, tmp_path_factory.mktemp("curves") / "web")


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """a' = −E a with an unknown E, solved for a quarter of its time."""
    a, E = Function("a")(t), symbols("E")
    problem = co.Problem(
        Eq(a.diff(t), -E * a),
        co.Time(t, 0, 2 * pi),
        [co.Initial(a, 1), co.Mean(a, sqrt(2) / 12)],
        unknowns=[co.Unknown(E, -0.5)],
    )
    solution = untrained(problem)
    solution.result["solved_until"] = float(pi / 2)
    return make(solution, tmp_path_factory.mktemp("unfinished") / "web")


@contextmanager
def shown(browser: Browser, made: Made, **context: Any) -> Iterator[Seen]:
    """The page, drawn as fine as it gets; nothing may be asked of a network, and nothing complained of."""
    with opened(browser, made.index, offline=True, **context) as seen:
        settle(seen.page)
        yield seen
        settle(seen.page)
        assert seen.complaints == []
        assert seen.elsewhere == []


# One page each for all tests: starting a runtime takes a second. A test chooses all that it looks at.
@pytest.fixture(scope="module")
def heat_page(browser: Browser, heat: Made) -> Iterator[Page]:
    with shown(browser, heat) as seen:
        yield seen.page


@pytest.fixture(scope="module")
def holed_page(browser: Browser, holed: Made) -> Iterator[Page]:
    with shown(browser, holed, color_scheme="dark") as seen:
        yield seen.page


@pytest.fixture(scope="module")
def curves_page(browser: Browser, curves: Made) -> Iterator[Page]:
    with shown(browser, curves) as seen:
        yield seen.page


def choose(page: Page, *names: str) -> None:
    """Quantities or runtimes, by their labels."""
    for name in names:
        page.get_by_role("radio", name=name, exact=True).check()
    settle(page)


def settle(page: Page) -> None:
    page.evaluate("collocate.settled()")


def computed(page: Page, engine: str, names: list[str]) -> Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]:
    """What the page's own function gives, of a batch."""

    def run(batch: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        columns = {name: array.tolist() for name, array in batch.items()}
        script = """async ([engine, name, columns]) => {
            const { values } = await collocate.evaluate(engine, name, columns);
            return [Array.from(values), values.constructor.name.replace("Array", "").toLowerCase()];
        }"""
        return {name: np.array(*page.evaluate(script, [engine, name, columns])) for name in names}

    return run


def pixels(page: Page) -> np.ndarray:
    """(height, width, 4) of the map, from 0 to 255."""
    address = page.evaluate("document.getElementById('field').toDataURL()")
    return 255 * imread(BytesIO(b64decode(address.partition(",")[2])), format="png")


@pytest.mark.parametrize(("engine", "dtype"), [("onnx", "float64"), ("tfjs", "float32")])
def test_the_browser_computes_what_the_solution_does(heat_page: Page, heat: Made, engine: str, dtype: Any) -> None:
    graph = replace(heat.graph, dtype=dtype)
    names = [output.name for output in graph.outputs]
    assert set(names) == {"flux", "u_xnu", "u", "u_x", "u_t", "u_xx", "residual", "u_reference"}
    batches = parity.batches(heat.solution.problem.domain, dtype)
    differences = parity.measure(computed(heat_page, engine, names), graph, batches)
    parity.check(differences, parity.TOLERANCES[dtype])


def test_what_is_proven_is_what_lies_in_the_scripts(heat: Made, tmp_path: Path) -> None:
    batches = parity.batches(heat.solution.problem.domain, "float64")
    parity.check(parity.measure(to_web.load(heat.folder), heat.graph, batches), 1e-12)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "0.js").write_text((heat.folder / "models" / "0.js").read_text()[:-40])
    with pytest.raises(ExportError, match="holds no model"):
        to_web.load(tmp_path)


# What docs/how-to/web-page.md says that a policy must allow.
POLICY = (
    "default-src 'none'; script-src 'self' blob: 'wasm-unsafe-eval'; connect-src blob:; style-src 'self'; img-src data:"
)


class Strict(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def test_it_opens_from_a_strict_server_too_and_asks_nobody_else(browser: Browser, curves: Made) -> None:
    handler = partial(Strict, directory=str(curves.folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        with opened(browser, address) as seen:
            settle(seen.page)
            found = [computed(seen.page, each, ["a"])({"t": np.array([1.5])})["a"][0] for each in ("onnx", "tfjs")]
        server.shutdown()
    np.testing.assert_allclose(found, curves.solution(t=1.5)["a"], rtol=1e-6)
    assert seen.complaints == []
    assert all(url.startswith(address) for url in seen.elsewhere)


def test_sliders_and_quantities_redraw_and_the_read_out_follows(heat_page: Page, heat: Made) -> None:
    page = heat_page
    choose(page, "u", "ONNX Runtime Web float64")
    assert page.get_by_role("heading", level=1).inner_text() == "heat <1>"
    page.get_by_role("slider", name="parameter nu").press("Home")
    settle(page)
    before = pixels(page)
    page.get_by_role("slider", name="parameter nu").press("End")
    settle(page)
    after = pixels(page)
    assert (before != after).any()
    page.get_by_role("spinbutton", name="value of nu").fill("0.25")
    page.get_by_role("spinbutton", name="value of nu").press("Enter")
    choose(page, "error of u")
    assert (pixels(page) != after).any()
    place = page.evaluate("collocate.state.values")
    assert place["nu"] == 0.25
    truth = np.exp(-0.25 * np.pi**2 * place["t"]) * np.sin(np.pi * place["x"])
    assert read_out(page)["error of u"] == pytest.approx(heat.solution(**place) - truth, rel=1e-4)


def test_the_axes_of_the_map_can_be_chosen(heat_page: Page) -> None:
    page = heat_page
    choose(page, "u")
    before = pixels(page)
    page.get_by_role("combobox", name="Vertical").select_option("nu")
    settle(page)
    assert (pixels(page) != before).any()
    page.get_by_role("combobox", name="Horizontal").select_option("nu")
    settle(page)
    state = page.evaluate("[collocate.state.across, collocate.state.up]")
    page.get_by_role("combobox", name="Horizontal").select_option("t")
    page.get_by_role("combobox", name="Vertical").select_option("x")
    settle(page)
    assert state == ["nu", "t"]
    assert np.array_equal(pixels(page), before)


def read_out(page: Page) -> dict[str, float]:
    rows = [row.split("\n") for row in page.locator("#readout .rows > div").all_inner_texts()]
    raised = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    return {name: float(value.replace("−", "-").replace(" × 10", "e").translate(raised)) for name, value in rows}


def test_the_other_runtime_draws_the_same_and_both_tell_their_time(heat_page: Page) -> None:
    page = heat_page
    choose(page, "u_x", "ONNX Runtime Web float64")
    before = pixels(page)
    page.locator("input[value=tfjs]").check()
    settle(page)
    assert "µs" in page.locator("#time-onnx").inner_text()
    assert "µs" in page.locator("#time-tfjs").inner_text()
    assert page.locator("#status").inner_text().startswith("TensorFlow.js, float32")
    assert np.abs(pixels(page) - before).max() <= 20


def test_the_keyboard_moves_the_cursor_and_reaches_everything(heat_page: Page) -> None:
    page = heat_page
    choose(page, "u")
    first = page.evaluate("({...collocate.state.values})")
    pointer = page.get_by_role("application", name="Map over t and x, with a cursor")
    pointer.focus()
    for key in ("ArrowRight", "Shift+ArrowUp"):
        pointer.press(key)
    settle(page)
    moved = page.evaluate("collocate.state.values")
    assert moved["t"] == pytest.approx(first["t"] + 0.01)
    assert moved["x"] == pytest.approx(first["x"] + 0.1)
    assert "u " in page.locator("#spoken").inner_text()
    page.locator("#theme").focus()
    reached = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.name"))
    assert {"quantity", "across", "up", "range-x", "number-nu", "play", "fitted", "engine", "pointer"} <= reached


def test_time_plays_and_stops(curves_page: Page) -> None:
    page = curves_page
    play = page.get_by_role("button", name="Play time")
    before = page.evaluate("collocate.state.values.t")
    play.click()
    page.wait_for_function("start => collocate.state.values.t !== start", arg=before)
    play.click()
    assert play.get_attribute("aria-pressed") == "false"


def test_fields_of_one_coordinate_are_curves(curves_page: Page, curves: Made) -> None:
    page = curves_page
    settle(page)
    assert page.locator("#drawing .curve").count() == 2
    before = page.locator("#drawing").inner_html()
    page.get_by_role("checkbox", name="b", exact=True).uncheck()
    page.get_by_role("application").press("End")
    settle(page)
    assert page.locator("#drawing .curve").count() == 1
    assert page.locator("#drawing").inner_html() != before
    assert read_out(page)["a"] == pytest.approx(curves.solution(t=2.0)["a"], rel=1e-4)


def test_nothing_is_drawn_outside_the_domain(holed_page: Page, holed: Made) -> None:
    choose(holed_page, "u")
    domain = holed.solution.problem.domain
    low, high = domain.shapes[0].box.T
    points = np.random.default_rng(0).uniform(low, high, (500, 2))
    found = np.array(holed_page.evaluate("all => all.map(([x, y]) => collocate.isInside({x, y}))", points.tolist()))
    np.testing.assert_array_equal(found, domain.contains(points))
    image = pixels(holed_page)
    share = (points - low) / (high - low)
    rows = ((1 - share[:, 1]) * image.shape[0]).astype(int)
    columns = (share[:, 0] * image.shape[1]).astype(int)
    away = np.abs(domain.shapes[0].excess(points)) > 0.01  # from the boundary by more than a pixel
    np.testing.assert_array_equal(image[rows, columns, 3][away] > 0, found[away])


def test_a_truth_that_is_a_function_is_known_at_the_nodes_of_its_table(holed_page: Page, holed: Made) -> None:
    choose(holed_page, "u")
    place = holed_page.evaluate("collocate.state.values")
    told = read_out(holed_page)
    assert told["reference"] == pytest.approx(np.cos(place["x"]) * place["y"], rel=1e-4)
    assert told["error"] == pytest.approx(holed.solution(**place) - np.cos(place["x"]) * place["y"], rel=1e-2)
    choose(holed_page, "error of u")
    assert "40 401 points" in holed_page.locator("#status").inner_text()


def test_nothing_moves_while_it_is_computed(browser: Browser, heat: Made) -> None:
    """Places of the controls and the map from the first picture to the last."""
    script = """() => ["#controls", "#figure", "#pointer", "footer"]
      .map((each) => document.querySelector(each).getBoundingClientRect().toJSON())"""
    with opened(browser, heat.index, offline=True) as seen:
        first = seen.page.evaluate(script)
        settle(seen.page)
        choose(seen.page, "residual")
        assert seen.page.evaluate(script) == first


def test_what_float32_is_not_enough_for_is_left_to_the_other_runtime(
    browser: Browser, curves: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proven = to_web._tfjs

    def worse(graph: Graph, room: Path, batches: Any) -> dict[str, parity.Difference]:
        found = proven(graph, room, batches)
        return {name: replace(each, largest=1e-3) if name == "b_t" else each for name, each in found.items()}

    monkeypatch.setattr(to_web, "_tfjs", worse)
    with pytest.warns(UserWarning, match="float32 is not enough for b_t: TensorFlow.js is left out"):
        to_web.write(curves.graph, tmp_path, curves.solution)
    with shown(browser, replace(curves, folder=tmp_path)) as seen:
        page = seen.page
        choose(page, "TensorFlow.js float32")
        assert page.locator("#status").inner_text().startswith("TensorFlow.js")
        for name in ("b_t", "a", "b"):
            page.get_by_role("checkbox", name=name, exact=True).click()
        settle(page)
        assert page.locator("#status").inner_text().startswith("ONNX Runtime Web")
        assert page.get_by_role("radio", name="TensorFlow.js float32").is_disabled()


def test_an_export_is_the_page_with_a_manifest(curves: Made, tmp_path: Path) -> None:
    found = co.export(curves.solution, "web", out=tmp_path)
    assert found.failed == {}
    document = found.artifacts["web"].manifest
    assert {each["name"] for each in document["outputs"]} == {"a", "b", "a_t", "b_t", "residual_1", "residual_2"}
    assert {"index.html", "page.css", "models/0.js", "runtime/onnx-wasm.js"} <= set(document["files"])


def test_the_head_tells_what_was_found_and_how_far(browser: Browser, unfinished: Made) -> None:
    found = unfinished.solution.unknowns["E"]
    with shown(browser, unfinished) as seen:
        page = seen.page
        assert page.locator(".found").inner_text() == f"E = −{-found:.10g}, found"
        assert page.locator(".domain").inner_text() == "t ∈ [0, 2π]"
        assert page.locator(".short").inner_text() == "Solved until t = 1.571: beyond that there are no values."
        assert "mean of a" in " ".join(page.locator(".conditions").all_text_contents())
        page.get_by_role("application").press("Home")
        settle(page)
        assert "no value" not in page.locator("#readout").inner_text()
        page.get_by_role("application").press("End")
        settle(page)
        rows = page.locator("#readout").inner_text().split("\n")
        assert rows[-2:] == ["no value", "not solved beyond t = 1.571"]


def test_pages_of_curves_tell_their_time(curves_page: Page) -> None:
    for engine in ("onnx", "tfjs"):
        curves_page.locator(f"input[value={engine}]").check()
        settle(curves_page)
        assert "µs a point" in curves_page.locator(f"#time-{engine}").inner_text()
    curves_page.locator("input[value=onnx]").check()


@pytest.mark.parametrize("width", [1320, 1280, 1000, 800, 390])
def test_the_read_out_holds_its_numbers_at_any_width(browser: Browser, heat: Made, width: int) -> None:
    """The longest that there are: no name and number overlap or leave the column, and no one scrolls sideways."""
    script = """() => {
        tell([{ quantity: problem.quantities[0], value: -9.35304e-15, truth: -7.87441e-17 }]);
        const room = document.getElementById("readout").getBoundingClientRect();
        const box = (each) => each.getBoundingClientRect();
        return [...document.querySelectorAll("#readout .rows > div")].every((row) => {
            const [name, value] = [...row.children].map(box);
            const apart = value.left >= name.right || value.top >= name.bottom - 1;
            return apart && value.right <= room.right + 0.5 && name.left >= room.left - 0.5;
        }) && room.right <= innerWidth && document.documentElement.scrollWidth <= innerWidth;
    }"""
    with shown(browser, heat, viewport={"width": width, "height": 900}) as seen:
        assert seen.page.evaluate(script)


def test_on_a_phone_what_is_moved_is_seen(browser: Browser, heat: Made) -> None:
    """From above: quantities, the map, its sliders, the slices; map and sliders fit on the screen together."""
    with shown(browser, heat, viewport={"width": 390, "height": 844}, has_touch=True) as seen:
        page = seen.page
        boxes = [page.locator(each).bounding_box() for each in ("#quantities", "#pointer", "#coordinates", "#readout")]
        tops = [box["y"] for box in boxes if box]
        assert tops == sorted(tops)
        assert boxes[2] and boxes[2]["y"] + boxes[2]["height"] - tops[1] < 600
        assert not page.locator("#keys").is_visible()
        page.get_by_role("slider", name="parameter nu").press("End")
        page.set_viewport_size({"width": 1280, "height": 844})
        settle(page)
        assert page.locator("#controls #coordinates").count() == 1


def test_where_there_is_no_value_the_read_out_says_why_and_nothing_is_displaced(holed_page: Page) -> None:
    page = holed_page
    choose(page, "u")
    for name, value in (("x", "0.7"), ("y", "0.6")):
        page.get_by_role("spinbutton", name=f"value of {name}").fill(value)
        page.get_by_role("spinbutton", name=f"value of {name}").press("Enter")
    settle(page)
    assert page.locator("#readout").inner_text().split("\n")[-2:] == ["no value", "outside the domain"]
    page.evaluate("document.getElementById('readout').style.fontSize = '40px', changed(), collocate.settled()")
    frame, image = page.locator("#drawing .frame").first.bounding_box(), page.locator("#field").bounding_box()
    page.evaluate("document.getElementById('readout').style.fontSize = ''")
    assert frame and image
    assert [frame["x"], frame["y"]] == pytest.approx([image["x"], image["y"]], abs=1)


def test_the_bar_of_colors_says_where_it_ends(heat_page: Page) -> None:
    script = """([low, high]) => {
        const { ticks, power } = endedTicks({ low, high, from: 0, to: 600 }, 6);
        return [ticks.map(({ text }) => text), power];
    }"""
    assert heat_page.evaluate(script, [-1, 1]) == [["−1.00", "−0.5", "0.0", "0.5", "1.00"], 0]
    assert heat_page.evaluate(script, [-3.2e-4, 3.2e-4]) == [["−3.2", "−2", "−1", "0", "1", "2", "3.2"], -4]
    assert heat_page.evaluate(script, [-1280.9, 1280.9])[0] == ["−1281", "−1000", "−500", "0", "500", "1000", "1281"]


def test_the_first_tab_stop_is_a_control(browser: Browser, heat: Made) -> None:
    with shown(browser, heat) as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.id") == "theme"


def test_derivatives_by_a_parameter_stand_with_the_others(heat: Made, heat_page: Page) -> None:
    chips = heat_page.get_by_role("group", name="Derivatives").locator(".chip")
    assert [each.inner_html().partition("<span>")[2] for each in chips.all()] == [
        f"u<sub>{below}</sub></span>" for below in ("x", "t", "xx", "xν")
    ]
    with pytest.raises(ExportError, match="as the derivative u_nu, which it is not"):
        to_web.outputs(heat.solution.problem, read_outputs(heat.solution.problem, "u_nu=2*u"))
