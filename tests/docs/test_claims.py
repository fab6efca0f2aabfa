"""The page of claims: four verdicts, commands that exist, sources with dates, and numbers that are those measured."""

from __future__ import annotations

import ast
import json
import re
import shlex
from dataclasses import dataclass
from typing import Any

import pytest
import typer.main

from collocate import problems
from collocate.cli.main import app
from collocate.comparison import dense
from collocate.comparison.capabilities import choose

from .blocks import ROOT

PAGE = ROOT / "docs" / "claims.md"
TEXT = PAGE.read_text(encoding="utf-8")
VERDICTS = {"true", "outdated", "false", "cannot be measured here"}
(RESULT,) = (ROOT / "benchmarks" / "results").glob("dense-*.json")
DATE = re.compile(r"20\d\d(-\d\d(-\d\d)?)?\b")


@dataclass(frozen=True)
class Claim:
    title: str
    verdict: str
    run: str  # what stands after "- Run:", empty where there is nothing
    source: str

    @property
    def commands(self) -> list[str]:
        found = re.findall(r"`([^`]+)`", self.run)
        return [text for text in found if text.split()[0] in ("collocate", "python", "pip", "npm")]


def _claims() -> list[Claim]:
    found = []
    for part in re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        verdict = re.match(r"\s*\*\*(.+?)\.?\*\*", body)
        told = dict.fromkeys(("Run", "Source"), "")
        for name, text in re.findall(r"^- (Run|Source): (.*?)(?=^- |^$|\Z)", body, flags=re.MULTILINE | re.DOTALL):
            told[name] = text
        found.append(Claim(title, verdict[1].lower() if verdict else "", told["Run"], told["Source"]))
    return found


CLAIMS = _claims()
COMMANDS = sorted({command for claim in CLAIMS for command in claim.commands})
each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.title[:40])


@each_claim
def test_a_claim_has_one_of_four_verdicts(claim: Claim):
    assert claim.verdict in VERDICTS


def test_every_verdict_occurs_and_the_usual_claims_are_there():
    assert {claim.verdict for claim in CLAIMS} == VERDICTS
    titles = " ".join(claim.title for claim in CLAIMS)
    for subject in ("static", "debug", "high order", "11.19", "1.7 GB", "TPU", "phones", "Visdom", "used", "Research"):
        assert subject in titles


def test_the_list_at_the_top_is_of_the_claims_below():
    listed = re.findall(r"^\| \[(.+)\]\(#(.+)\) \| (.+) \|$", TEXT, flags=re.MULTILINE)
    assert [(title, verdict) for title, _, verdict in listed] == [(claim.title, claim.verdict) for claim in CLAIMS]
    for title, anchor, _ in listed:
        assert anchor == re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@each_claim
def test_a_claim_rests_on_a_command_or_on_sources_with_dates(claim: Claim):
    assert claim.run or claim.source
    assert bool(claim.run) == bool(claim.commands)
    pages = re.findall(r"\]\(https://[^)]+\),? ([^;]*)", claim.source)
    assert bool(claim.source) == bool(pages)
    assert all(DATE.search(after) for after in pages)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_exists(command: str):
    """It parses: against the command line, against Python, against the form that pip and npm take."""
    program, *arguments = shlex.split(command)
    if program == "collocate":
        commands: Any = typer.main.get_command(app)
        name, *options = arguments
        with commands.make_context("collocate", [name]) as context:
            found = commands.get_command(context, name)
            assert found is not None, f"there is no command {name}"
            found.make_context(name, [*options], parent=context)  # raises for an option that there is not
        if name == "choose" and options:
            assert choose(options[1].split(",")).chosen
        if name == "solve":
            assert options[0] in problems.names()
    elif program == "python" and arguments[0] == "-c":
        ast.parse(arguments[1])
    elif program == "python":
        assert (ROOT / arguments[0]).exists()
        options = [argument for argument in arguments[1:] if argument.startswith("--")]
        assert all(f'"{option}"' in (ROOT / arguments[0]).read_text() for option in options)
    else:
        assert re.fullmatch(r"pip index versions [\w\-]+|npm view [@\w/\-]+ (dist-tags|version)", command)


def test_the_table_is_of_the_kept_runs():
    result = json.loads(RESULT.read_text())
    assert result["summary"] == json.loads(json.dumps(dense.summary(result["rows"])))
    between = TEXT.partition("<!-- dense -->\n")[2].partition("<!-- end -->")[0]
    headings = ("backend", *(heading for heading, _, _ in dense.QUANTITIES.values()), "loss after", "runs")
    rows = [headings, *(dense.cells(entry) for entry in result["summary"])]
    drawn = ["| " + " | ".join(row) + " |" for row in rows]
    drawn.insert(1, "|---" * len(headings) + "|")
    assert between.split("\n\n")[1].splitlines() == drawn
    machine = result["machine"]
    for told in (
        result["made"]["date"][:10],
        f"{machine['processor']}, {machine['cores']} cores, {result['settings']['repeats']} runs each",
        f"load {machine['load_before'][0]:.1f} before and {machine['load_after'][0]:.1f} after",
    ):
        assert told in between


def test_what_the_text_says_of_the_table_is_so():
    medians = {
        entry["backend"]: {name: entry[name]["median"] for name in dense.QUANTITIES}
        for entry in json.loads(RESULT.read_text())["summary"]
    }
    first = min(medians, key=lambda backend: medians[backend]["train_seconds"])
    later = min(medians, key=lambda backend: medians[backend]["later_seconds"])
    largest = max(medians, key=lambda backend: medians[backend]["peak_rss_bytes"])
    assert (first, later, largest) == ("torch", "jax", "tensorflow")
    assert all(values["import_seconds"] > values["later_seconds"] for values in medians.values())
    assert f"variance of the data, {dense.data()['y'].var():.0f}" in TEXT


def test_times_of_derivatives_are_those_of_their_page():
    measured = (ROOT / "docs" / "derivatives.md").read_text(encoding="utf-8")
    numbers = re.findall(r"([\d.]+) ms", TEXT)
    assert len(numbers) >= 12
    assert all(f"| {number} (" in measured for number in numbers)


def test_the_lines_of_the_scripts_are_counted():
    counts = {backend: _lines((dense.SCRIPTS / f"{backend}.py.txt").read_text()) for backend in dense.BACKENDS}
    said = f"{counts['torch']} lines with PyTorch, {counts['tensorflow']} with Keras and {counts['jax']} with JAX"
    assert said in TEXT


def _lines(script: str) -> int:
    """Of code: without the docstring, comments and empty lines."""
    lines = script.replace(f'"""{ast.get_docstring(ast.parse(script))}"""', "").splitlines()
    return len([line for line in lines if line.strip() and not line.strip().startswith("#")])
