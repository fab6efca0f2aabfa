"""A graph as the text of a C99 program: `solution.h` and `solution.c`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

import collocate
from collocate.errors import ExportError
from collocate.exporting import c_text
from collocate.exporting.c_steps import Place, Program, program
from collocate.exporting.graph import Constant, Graph, Node

ROW = 256  # bytes of a row of a block at most: more do not get faster, and leave the first cache
STACK = 96 * 1024  # bytes of all arrays at most: a thread may have 128 KiB, by musl

# Operands a, b, c; F stands for "f" in float, and nothing in double.
_EXPRESSIONS = {
    "negative": "-{0}", "add": "{0} + {1}", "subtract": "{0} - {1}", "multiply": "{0} * {1}", "divide": "{0} / {1}",
    "sqrt": "sqrt{F}({0})", "abs": "fabs{F}({0})", "sign": "{0} > 0 ? 1 : {0} < 0 ? -1 : {0}", "zeros_like": "0",
    "less": "{0} < {1}", "less_equal": "{0} <= {1}", "equal": "{0} == {1}", "logical_and": "{0} & {1}",
    "logical_or": "{0} | {1}", "logical_not": "!{0}",
    "where": "{0} ? {1} : {2}",
}  # fmt: skip
# Of the C library.
_CALLS = {
    **{name: name + "{F}({0})" for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "asin", "acos", "atan")},
    "erf": "erf{F}({0})",
    "power": "pow{F}({0}, {1})",
}

_TYPES = {"float64": "double", "float32": "float"}

# Keywords of C and C++, and what headers and compilers define.
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
        I alignas alignof and and_eq asm assert auto bitand bitor bool break case catch char class compl concept const
        const_cast consteval constexpr constinit continue count decltype default delete do double dynamic_cast else
        enum errno explicit export extern false far float for friend goto if inline int linux long mutable namespace
        near new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast
        requires restrict return short signed sizeof static static_assert static_cast stderr stdin stdout struct switch
        template this thread_local throw true try typedef typeid typename typeof union unix unsigned using virtual void
        volatile wchar_t while xor xor_eq
        """,
    )
)


class Source:
    """The two files of a graph."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.program: Program = program(graph, {*_CALLS, *c_text.FUNCTIONS})
        self.double = graph.dtype == "float64"
        self.suffix = "" if self.double else "f"
        self.transposed = {node.inputs[1] for node in graph.nodes if node.operation == "matmul"}

    def header(self) -> str:
        names = _parameters([one.name for one in (*self.graph.inputs, *self.graph.outputs)])
        return c_text.HEADER.format(
            **self._about(),
            real=_TYPES[self.graph.dtype],
            inputs=len(self.graph.inputs),
            outputs=len(self.graph.outputs),
            signature=self._signature("solution_real", names),
        )

    def source(self) -> str:
        arguments = self._arguments()
        return c_text.SOURCE.format(
            **self._about(),
            block=self._block(),
            names=self._names(),
            weights="".join(self._weight(each) for each in self.graph.constants if each.shape),
            helpers="".join(self._helpers()),
            signature=self._signature("real", arguments),
            arrays="".join(
                f"    real {_array(Place(width, number))}[{width} * BLOCK];\n"
                for width, count in sorted(self.program.arrays.items())
                for number in range(count)
            ),
            arguments=", ".join(["count", *arguments]),
            pointers=" || ".join(f"!{name}" for name in arguments),
            given="".join(self._given(arguments)),
            steps="".join(line for step in self.program.steps for line in self._step(step)),
            found="".join(self._found(arguments)),
        )

    def _about(self) -> dict[str, str]:
        names = [[_ascii(one.name) for one in side] for side in (self.graph.inputs, self.graph.outputs)]
        return {"version": collocate.__version__, "of": ", ".join(names[0]), "what": ", ".join(names[1])}

    def _names(self) -> str:
        lines = []
        for kind, values in (("inputs", self.graph.inputs), ("outputs", self.graph.outputs)):
            texts = "".join(f'"{_ascii(one.name)}", ' for one in values)
            lines.append(f"const char *const solution_{kind}[SOLUTION_{kind.upper()} + 1] = {{{texts}0}};\n")
        return "".join(lines)

    def _arguments(self) -> list[str]:
        """Their names in the source, where others could be those of its own variables."""
        given = (f"input_{number}" for number in range(len(self.graph.inputs)))
        return [*given, *(f"output_{number}" for number in range(len(self.graph.outputs)))]

    def _signature(self, real: str, names: Sequence[str]) -> str:
        count = len(self.graph.inputs)
        given = [f"const {real} *{name}" for name in names[:count]]
        return ", ".join(["size_t count", *given, *(f"{real} *{name}" for name in names[count:])])

    def _block(self) -> int:
        """Points of a block: a power of two, as many as a row and the stack have room for."""
        size = np.dtype(self.graph.dtype).itemsize
        block = ROW // size
        while block > 1 and block * self.program.rows * size > STACK:
            block //= 2
        if (needed := block * self.program.rows * size) > STACK:
            raise ExportError(f"the C program would need {needed} bytes of stack for a point; it has {STACK}")
        return block

    def _helpers(self) -> Iterator[str]:
        operations = {node.operation for node in self.graph.nodes}
        used = [text for name, text in c_text.FUNCTIONS.items() if name in operations]
        if used:
            yield c_text.EXPONENTIAL[_TYPES[self.graph.dtype]]
        for text in used:
            yield text.replace("{F}", self.suffix).replace("{far}", "700" if self.double else "80")
        if "matmul" in operations:
            yield c_text.PRODUCT

    def _weight(self, constant: Constant) -> str:
        """Row by row; of a matrix its transpose, of which a product takes whole rows."""
        array = self.graph.array(constant).astype(np.float64)
        array = array.T if constant.id in self.transposed else array
        rows = ",\n".join("    " + ", ".join(map(self._number, row)) for row in array)
        return f"static const real w{constant.id}[{array.size}] = {{\n{rows}\n}};\n"

    def _number(self, value: float) -> str:
        """The shortest text of the very number."""
        if not np.isfinite(value):
            return "NAN" if np.isnan(value) else "INFINITY" if value > 0 else "-INFINITY"
        text = repr(float(value)) if self.double else str(np.float32(value))
        return (text if re.search(r"[.e]", text) else text + ".0") + self.suffix

    def _step(self, step: Sequence[Node]) -> Iterator[str]:
        node, places = step[0], self.program.places
        if node.operation == "matmul":
            k, m = self.graph.values[node.inputs[1]].shape
            x, y = (_address(places[each]) for each in (node.inputs[0], node.id))
            yield f"        product(n, {k}, {m}, {x}, w{node.inputs[1]}, {y});\n"
        elif node.operation == "concat":
            row = 0
            for each in node.inputs:
                width = self.graph.values[each].shape[1] or 1
                yield from _loops(width, [f"{_element(places[node.id], width, row)} = {self._stored(each)};"])
                row += width
        elif node.operation in c_text.FUNCTIONS:
            x, y = (_address(places[each]) for each in (node.inputs[0], node.id))
            yield f"        {node.operation}_rows(n, {node.shape[1]}, {x}, {y});\n"
        else:
            yield from _loops(step[0].shape[1] or 1, [*self._elementwise(step)])

    def _elementwise(self, step: Sequence[Node]) -> Iterator[str]:
        inside = {node.id for node in step}
        for node in step:
            operands = [f"v{each}" if each in inside else self._operand(each) for each in node.inputs]
            text = (_EXPRESSIONS.get(node.operation) or _CALLS[node.operation]).format(*operands, F=self.suffix)
            yield f"const {'real' if node.kind == 'float' else 'int'} v{node.id} = {text};"
        for node in step:
            if node.id in self.program.places:
                yield f"{self._stored(node.id)} = v{node.id};"

    def _operand(self, identity: int) -> str:
        """A value at the loops' own row j and point p; booleans are 1 or 0 in arrays."""
        value = self.graph.values[identity]
        if isinstance(value, Constant) and not value.shape:
            if value.kind == "bool":
                return "1" if value.value else "0"
            text = self._number(float(self.graph.array(value)))
            return f"({text})" if text.startswith("-") else text
        text = f"w{identity}[j]" if isinstance(value, Constant) else self._stored(identity)
        return text if value.kind == "float" else f"({text} > 0)"

    def _stored(self, identity: int) -> str:
        return _element(self.program.places[identity], self.graph.values[identity].shape[1] or 1)

    def _given(self, arguments: Sequence[str]) -> Iterator[str]:
        for one, name in zip(self.graph.inputs, arguments, strict=False):
            if one.id in self.program.places:
                yield f"            {self._stored(one.id)} = {name}[start + p];\n"

    def _found(self, arguments: Sequence[str]) -> Iterator[str]:
        for output, name in zip(self.graph.outputs, arguments[len(self.graph.inputs) :], strict=True):
            yield f"            {name}[start + p] = {self._stored(output.id)};\n"


def _loops(width: int, lines: Sequence[str]) -> Iterator[str]:
    """Over rows, where there are several, and points."""
    indent = "        "
    if width > 1:
        yield f"{indent}for (size_t j = 0; j < {width}; j++)\n"
        indent += "    "
    yield f"{indent}for (size_t p = 0; p < n; p++) {{\n"
    yield from (f"{indent}    {line}\n" for line in lines)
    yield f"{indent}}}\n"


def _array(place: Place) -> str:
    return f"a{place.width}_{place.array}"


def _address(place: Place) -> str:
    return f"{_array(place)} + {place.row} * BLOCK" if place.row else _array(place)


def _element(place: Place, width: int, row: int = 0) -> str:
    """Of a value with `width` rows: its row j, or its only one, at point p; `row`: so many rows further."""
    row += place.row
    if width > 1:
        return f"{_array(place)}[{f'(j + {row})' if row else 'j'} * BLOCK + p]"
    return f"{_array(place)}[{row} * BLOCK + p]" if row else f"{_array(place)}[p]"


def _ascii(name: str) -> str:
    """A name in a string or comment of C: UTF-8, what is beyond ASCII in octal."""
    return "".join(chr(byte) if byte < 128 else f"\\{byte:03o}" for byte in name.encode())


def _parameters(names: Sequence[str]) -> list[str]:
    """What the header calls them: by their names, where C and C++ take these and no macro may be called so."""
    found: list[str] = []
    for number, name in enumerate(names):
        usual = re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) and name not in _RESERVED
        chosen = name if usual and (len(name) == 1 or not name.isupper()) else f"argument_{number}"
        while chosen in found or (chosen != name and chosen in names):
            chosen += "_"
        found.append(chosen)
    return found
