"""Progress: nothing where it is quiet, few lines where no terminal is, a panel where one is."""

from __future__ import annotations

import io

from rich.console import Console

from collocate.training import Event, display


def event(step: int) -> Event:
    return Event(
        phase="adam",
        step=step,
        steps=200,
        loss=1.0,
        heldout=2.5e-3 / step,
        best_heldout=2.5e-3 / step,
        losses={"equation": 1e-6, "[initial] u": 2e-7},
        seconds=float(step),
        points_per_second=1.2e5,
        errors={"u": 3.1e-4},
    )


def test_quiet_says_nothing(capsys):
    with display.progress("growth", quiet=True) as show:
        show(event(1))
    assert capsys.readouterr() == ("", "")


def test_elsewhere_than_on_a_terminal_the_first_and_the_last_event_are_lines(capsys):
    with display.progress("growth") as show:
        for step in range(1, 101):
            show(event(step))
    out, err = capsys.readouterr()
    first, last = err.splitlines()
    assert out == ""
    assert first.startswith("growth: step 1/200 adam | held-out 2.50e-03 (best 2.50e-03) | losses equation 1.00e-06")
    assert "[initial] u 2.00e-07 | relative error u 3.10e-04 | 1.2e+05 points/s, 1 s" in first
    assert last.startswith("growth: step 100/200")


def test_somebody_who_looks_sees_progress_and_others_hear_nothing(capsys, monkeypatch):
    with display.watched("growth", None) as (show,):
        show(event(1))
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes it for a terminal
    monkeypatch.setenv("TERM", "dumb")
    with display.watched("growth", None) as (show,):
        show(event(1))
    assert "growth: step 1/200" in capsys.readouterr().err
    with display.watched("growth", [print]) as callbacks:
        assert list(callbacks) == [print]


def test_a_line_comes_when_its_time_has_come(monkeypatch):
    now = 0.0
    monkeypatch.setattr(display.time, "monotonic", lambda: now)
    console = Console(file=io.StringIO(), width=300)
    lines = display.Lines("growth", console)
    for step in range(1, 32):
        lines(event(step))
        now += 1.0
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert [line.split()[2] for line in text.splitlines()] == ["1/200", "11/200", "21/200", "31/200"]


def test_the_panel_shows_the_latest_event():
    panel = display.Panel("growth on jax")
    console = Console(file=io.StringIO(), width=120, markup=False)
    console.print(panel)
    panel(event(50))
    console.print(panel)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for part in (
        "compiling",
        "50/200",
        "adam",
        "5.00e-05",
        "equation 1.00e-06",
        "u 3.10e-04",
        "1.2e+05 points/s, 50 s",
    ):
        assert part in text
