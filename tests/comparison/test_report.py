"""The page of a comparison as a reader sees it, in a browser; and the same in Markdown and in a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from rich.console import Console

from collocate.comparison import report
from collocate.comparison.recommend import recommend
from collocate.comparison.scales import Scale, from_zero, logarithmic
from collocate.comparison.units import digits, errors, memory, percent, power, seconds

from ..browser import Seen, opened
from .made import BACKENDS, MEGABYTES, STEP, by_id, case, fail, results

# Curves of error and loss over seconds and steps, times to errors, the roofline; step, memory, compile, evaluation.
CHARTS = 10
HOSTILE = "ValueError: </script><b onload=alert(1)> & $title | `x`"


def hostile() -> dict[str, Any]:
    """With a text in it that would be a program, were it not written as text."""
    made = results()
    fail(by_id(made["cases"], "kdv/jax/compiled/float64/jets/auto")["runs"][1], HOSTILE)
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("comparison")
    report.write(hostile(), written)
    return written


@pytest.fixture(scope="module")
def page(browser: Browser, folder: Path) -> Iterator[Seen]:
    with opened(browser, folder / "report.html") as seen:
        yield seen


@pytest.fixture
def wide(page: Seen) -> Iterator[Seen]:
    """The page, loaded once for all; nothing was complained of and nothing asked for."""
    page.page.set_viewport_size({"width": 1280, "height": 900})
    page.page.emulate_media(color_scheme="light")
    yield page
    assert page.complaints == [] and page.elsewhere == []


def embedded(page: Page) -> dict[str, Any]:
    return json.loads(page.locator("#results").text_content() or "")


# The page


def test_the_page_holds_the_results_and_shows_what_they_recommend(wide: Seen) -> None:
    held = embedded(wide.page)
    shown = held.pop("recommendation")
    assert held == hostile()
    assert shown == recommend(held)
    text = wide.page.locator("section:has(#recommendation)").inner_text()
    told = [*shown["void"], *shown["failed"], *shown["overall"]["reasons"]]
    told += [reason for entry in shown["problems"].values() for reason in entry["reasons"]]
    assert len(told) > 6 and [each for each in told if each not in text] == []
    assert "Take torch." in text and HOSTILE in text


def test_what_does_not_count_is_told_first(wide: Seen) -> None:
    first = wide.page.locator("header .warning").inner_text()
    assert "flow in float64 is not compared" in first and "jax failed on kdv" in first
    top = wide.page.locator("header .warning").bounding_box()
    answer = wide.page.locator("header .answer").bounding_box()
    assert top and answer and top["y"] < answer["y"]
    assert wide.page.locator("section:has(#problem-flow) .warning").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_figure_is_drawn_and_legible(wide: Seen, scheme: Any, width: int) -> None:
    seen = wide.page
    seen.set_viewport_size({"width": width, "height": 900})
    seen.emulate_media(color_scheme=scheme)
    sizes = seen.locator("svg.chart").evaluate_all(
        "all => all.map(one => [one.getBoundingClientRect().width, one.getBoundingClientRect().height])"
    )
    assert len(sizes) == 3 * CHARTS
    assert min(width for width, _ in sizes) > 300 and min(height for _, height in sizes) > 90
    assert seen.evaluate("document.documentElement.scrollWidth") <= width
    assert min(contrasts(seen, ".chart text", "fill")) >= 4.5
    assert min(contrasts(seen, "p, li, td", "color")) >= 4.5
    assert min(contrasts(seen, ".line", "stroke")) >= 3
    dark = luminance(seen.evaluate("getComputedStyle(document.body).backgroundColor")) < 0.1
    assert dark == (scheme == "dark")


def contrasts(page: Page, selector: str, painted: str) -> list[float]:
    """Of the colours of what matches, against the page: (lighter + 0.05) / (darker + 0.05), after WCAG 2.2."""
    script = "(all, name) => [...new Set(all.map(one => getComputedStyle(one)[name]))]"
    colours = page.locator(selector).evaluate_all(script, painted)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    lights = [(luminance(colour), luminance(paper)) for colour in colours]
    return [(max(pair) + 0.05) / (min(pair) + 0.05) for pair in lights]


def luminance(colour: str) -> float:
    shares = [int(each) / 255 for each in re.findall(r"\d+", colour)[:3]]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in shares]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_lines_and_bars_are_where_the_numbers_are(wide: Seen) -> None:
    figure = wide.page.locator("section:has(#problem-burgers) figure", has_text="A step")
    widths = dict(
        figure.locator("g[data-case]").evaluate_all(
            "all => all.map(one => [one.dataset.case, +one.querySelector('.bar').getAttribute('width')])"
        )
    )
    for backend in BACKENDS:
        assert widths[backend] / widths["torch"] == pytest.approx(STEP[backend] / STEP["torch"], rel=0.01)
    chart = wide.page.locator("section:has(#problem-burgers) svg.chart").first
    axes = json.loads(chart.get_attribute("data-axes") or "")
    ends = dict(
        chart.locator("g:has(.line)").evaluate_all(
            "all => all.map(one => [one.dataset.case, [...one.querySelector('.line').points].at(-1)])"
            ".map(([name, end]) => [name, [end.x, end.y]])"
        )
    )
    for backend in BACKENDS:
        runs = by_id(results()["cases"], f"burgers/{backend}/compiled/float64/jets/auto")["runs"]
        median = sorted(run["final_error"]["u"] for run in runs)[1]
        latest = max(run["curve"]["seconds"][-1] for run in runs)
        assert along(axes["y"], ends[backend][1]) == pytest.approx(median, rel=0.02)
        assert along(axes["x"], ends[backend][0]) == pytest.approx(latest, rel=0.02)


def along(axis: list[Any], place: float) -> float:
    first, last, start, stop = axis[:4]
    return first * (last / first) ** ((place - start) / (stop - start))


def test_the_band_holds_the_line(wide: Seen) -> None:
    chart = wide.page.locator("section:has(#problem-burgers) svg.chart").first
    bands = chart.locator(".band").evaluate_all("all => all.map(one => [...one.points].map(p => p.y))")
    lines = chart.locator(".line").evaluate_all("all => all.map(one => [...one.points].map(p => p.y))")
    assert len(bands) == len(lines) == 3
    for band, line in zip(bands, lines, strict=True):
        low, high = band[: len(line)], band[len(line) :][::-1]
        assert all(high <= middle <= low for low, middle, high in zip(low, line, high, strict=True))
        assert max(low - high for low, high in zip(low, high, strict=True)) > 2


def test_hovering_tells_the_values(wide: Seen) -> None:
    section = wide.page.locator("section:has(#problem-burgers)")
    tip = wide.page.locator(".tip")
    assert not tip.is_visible()
    section.locator("svg.chart").first.locator(".mark").last.hover(force=True)
    assert re.fullmatch(r"jax: 2\.8e-7 at 7\.4\d s", tip.inner_text()), tip.inner_text()
    section.locator("figure", has_text="Peak memory").locator(".bar").nth(1).hover()
    assert tip.inner_text() == f"tensorflow: {memory(1e6 * MEGABYTES['tensorflow'])}"
    wide.page.locator("h1").hover()
    assert not tip.is_visible()


def test_a_case_can_be_left_out(wide: Seen) -> None:
    button = wide.page.locator(".legend button", has_text="tensorflow")
    drawn = wide.page.locator('.chart [data-case="tensorflow"]')
    assert drawn.first.is_visible() and button.get_attribute("aria-pressed") == "true"
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert not any(each.is_visible() for each in drawn.all())
    assert wide.page.locator('.chart [data-case="jax"]').first.is_visible()
    button.press("Enter")
    assert drawn.first.is_visible()


def test_every_number_is_there_to_be_opened(wide: Seen, tmp_path: Path) -> None:
    runs, curves = wide.page.locator("section:has(#numbers) details").all()[:2]
    run = results()["cases"][0]["runs"][1]
    assert not runs.locator("table").first.is_visible()
    runs.locator("summary").click()
    text = runs.locator("table").first.inner_text()
    for value in (run["step_seconds"]["median"], run["decades"]["u"]["1e-3"], run["cpu_seconds"], run["first_loss"]):
        assert f"{value:.6g}" in text
    curves.locator("summary").click()
    for value in run["curve"]["error"]["u"]:
        assert f"{value:.6g}" in curves.inner_text()
    with wide.page.expect_download() as loaded:
        wide.page.locator("a[download]").click()
    loaded.value.save_as(tmp_path / "results.json")
    assert json.loads((tmp_path / "results.json").read_text())["cases"] == hostile()["cases"]


def test_it_is_read_without_its_script_and_printed(browser: Browser, folder: Path) -> None:
    with opened(browser, folder / "report.html", java_script_enabled=False, color_scheme="dark") as seen:
        assert seen.page.locator("svg.chart .line").first.is_visible()
        assert not seen.page.locator("a[download]").is_visible()
        seen.page.emulate_media(media="print")
        assert not seen.page.locator("nav").is_visible()
        assert seen.page.locator("svg.chart .line").first.is_visible()
        assert seen.page.pdf().startswith(b"%PDF")


def test_what_is_not_known_is_not_drawn(browser: Browser, tmp_path: Path) -> None:
    """Without a reference, a bandwidth, repeats, or any run at all."""
    made = results(repeats=1, void=False, failed=False)
    made["machine"] |= {"memory_bandwidth": None, "load_after": None}
    for each in made["cases"]:
        for run in each["runs"]:
            run |= {"final_error": {}, "decades": {}, "inference_seconds": {}, "step_seconds": None}
            run["curve"]["error"] = {}
    made["cases"][0]["runs"] = []
    made["agreement"] = []
    report.write(made, tmp_path)
    with opened(browser, tmp_path / "report.html") as seen:
        titles = seen.page.locator("section:has(#problem-kdv) figcaption").all_inner_texts()
        assert titles == ["Loss over seconds", "Loss over steps", "Peak memory", "The compile"]
    assert seen.complaints == []
    report.write(made | {"cases": []}, tmp_path)
    assert "Nothing was compared" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_without_a_bandwidth_operations_are_bars(browser: Browser, tmp_path: Path) -> None:
    made = results(void=False, failed=False)
    made["machine"]["memory_bandwidth"] = None
    report.write(made, tmp_path)
    with opened(browser, tmp_path / "report.html") as seen:
        figure = seen.page.locator("section:has(#problem-burgers) figure", has_text="Operations a second")
        values = figure.locator(".value").all_text_contents()
        assert values[0] == "22.0 Gflop/s, 28 %" and values[-1] == "80.0 Gflop/s"  # 2.2e8 operations in 10 ms


def test_settings_have_their_own_lines(browser: Browser, tmp_path: Path) -> None:
    made = results(void=False, failed=False)
    made["cases"] += [case("burgers", each, dtype="float32") for each in BACKENDS]
    report.write(made, tmp_path)
    with opened(browser, tmp_path / "report.html", viewport={"width": 390, "height": 800}) as seen:
        buttons = seen.page.locator(".legend button").all_inner_texts()
        assert len(buttons) == 6 and "jax float32" in buttons
        dashes = (
            seen.page.locator("svg.chart")
            .first.locator(".line")
            .evaluate_all("all => all.map(one => one.getAttribute('stroke-dasharray'))")
        )
        assert dashes == [None] * 3 + ["7 4"] * 3
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen.complaints == []


# Markdown and the terminal


def test_markdown_says_the_same(folder: Path) -> None:
    text = (folder / "report.md").read_text(encoding="utf-8")
    found = recommend(hostile())
    for reason in (*found["overall"]["reasons"], *found["problems"]["burgers"]["reasons"], *found["void"]):
        assert f"- {reason}" in text
    assert text.index("First of all") < text.index("Take torch.")
    assert "</script>" not in text and "&lt;/script>" in text
    tables = re.findall(r"(?:^\|.*\|$\n?)+", text, flags=re.MULTILINE)
    assert len(tables) > 10
    for drawn in tables:
        columns = {len(re.findall(r"(?<!\\)\|", row)) for row in drawn.strip().split("\n")}
        assert len(columns) == 1, drawn
    assert re.search(r"\| compile from a cache \| 1.20 s \| – \| – \|", text)
    step = hostile()["cases"][0]["runs"][2]["step_seconds"]["median"]
    assert re.search(rf"\| step seconds median \|.* {step:.6g} \|", text)


def test_a_terminal_shows_it_in_short(capsys: pytest.CaptureFixture[str]) -> None:
    Console(width=110, force_terminal=False).print(report.table(hostile()))
    text = capsys.readouterr().out
    assert text.index("! flow in float64") < text.index("10.0 ms ± 5 %") < text.index("Take torch.")
    assert "shortest compile: burgers: tensorflow and jax; kdv: tensorflow" in text
    assert "</script>" in text and max(map(len, text.split("\n"))) <= 110


# Numbers and axes


def test_numbers_have_three_digits_and_a_unit() -> None:
    assert [seconds(each) for each in (2e-7, 9.996e-4, 0.0123, 1.0, 4321.0)] == [
        "0.200 µs",
        "1.00 ms",
        "12.3 ms",
        "1.00 s",
        "4\u202f320 s",
    ]
    assert [digits(each) for each in (0, 0.001234, 99.96, 123456, 1e-5, 2e7)] == [
        "0",
        "0.00123",
        "100",
        "123\u202f000",
        "1.00e-05",
        "2.00e+07",
    ]
    assert [memory(6.2e8), memory(1.04e9)] == ["620 MB", "1.04 GB"]
    assert [errors(3.04e-7), errors(1.0), errors(2e-12)] == ["3.0e-7", "1.0", "2.0e-12"]
    assert [percent(0.052), percent(0.0012), percent(0)] == ["5 %", "0.1 %", "0 %"]
    assert [power(0), power(1), power(-12)] == ["1", "10", "10⁻¹²"]


def test_axes_hold_their_values_and_have_ticks() -> None:
    for values in ([1e-7, 1.0], [0.3, 0.4], [1e-3, 2.0, 50.0], [5.0], []):
        for falling in (False, True):
            axis = logarithmic(values, 0.0, 100.0, falling)
            places = [axis(value) for value in sorted(values, reverse=falling)]
            assert places == sorted(places) and all(0 < place < 100 for place in places)
            assert 2 <= len(axis.ticks()) <= 8
    assert Scale(1.0, 100.0, 0.0, 10.0)(10.0) == pytest.approx(5.0)
    axis = from_zero([0.021], 0.0, 100.0)
    assert axis(0.0) == 0.0 and axis(0.021) < 100
    assert from_zero([], 0.0, 1.0)(0.5) == 0.5
