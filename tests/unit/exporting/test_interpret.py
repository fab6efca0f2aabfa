"""Graphs are computed by any library: here by one whose arrays are texts."""

from __future__ import annotations

from collocate.exporting.interpret import interpret

from . import fake


def test_every_value_by_the_operations_of_a_library():
    operations = {"sin": "sin({})".format, "multiply": "({} * {})".format, "subtract": "({} - {})".format}
    found = interpret(fake.graph(3.0), {"t": "t", "x": "x"}, operations, lambda each: f"<{each.value}>")
    assert {output.name: found[output.id] for output in fake.graph().outputs} == {
        "u": "(<3.0> * (sin(x) * t))",
        "v": "(x - t)",
    }
    assert [found[number] for number in range(4)] == ["x", "t", "<3.0>", "sin(x)"]
