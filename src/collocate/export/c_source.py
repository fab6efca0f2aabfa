"""A graph as the text of a C99 program: `solution.h` and `solution.c`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

import collocate
from collocate.export import c_text
from collocate.export.c_steps import Place, Program, program
from collocate.export.graph import Constant, Graph, Node

STACK = 256 * 1024  # bytes of arrays at most, for threads with little stack
BLOCK = 32  # points at most: more do not get faster, and leave the first cache

# Operands a, b, c; F stands for "f" in float, and nothing in double.
_EXPRESSIONS = {
    "negative": "-{0}", "add": "{0} + {1}", "subtract": "{0} - {1}", "multiply": "{0} * {1}", "divide": "{0} / {1}",
    "sqrt": "sqrt{F}({0})", "abs": "fabs{F}({0})", "sign": "{0} > 0 ? 1 : {0} < 0 ? -1 : {0}", "zeros_like": "0",
    "less": "{0} < {1} ? 1 : 0", "less_equal": "{0} <= {1} ? 1 : 0", "equal": "{0} == {1} ? 1 : 0",
    "logical_and": "{0} * {1}", "logical_or": "{0} > {1} ? {0} : {1}", "logical_not": "1 - {0}",
    "where": "{0} > 0 ? {1} : {2}",
}  # fmt: skip
# Of the C library.
_CALLS = {
    **{name: name + "{F}({0})" for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "asin", "acos", "atan")},
    "erf": "erf{F}({0})",
    "power": "pow{F}({0}, {1})",
}

# What a parameter cannot be called: keywords of C and C++, macros of common headers, and a name of our own.
_RESERVED = set(
    "alignas alignof and and_eq asm auto bitand bitor bool break case catch char class co_await co_return co_yield "
    "compl concept const const_cast consteval constexpr constinit continue count decltype default delete do double "
    "dynamic_cast else enum explicit export extern false float for friend goto if inline int linux long mutable "
    "namespace new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast "
    "requires restrict return short signed sizeof static static_assert static_cast struct switch template this "
    "thread_local throw true try typedef typeid typename typeof union unix unsigned using virtual void volatile "
    "wchar_t while xor xor_eq".split()
)


class Source:
    """The two files of a graph."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.program: Program = program(graph, {*_CALLS, *c_text.FUNCTIONS})
        self.real = "double" if graph.dtype == "float64" else "float"
        self.suffix = "" if graph.dtype == "float64" else "f"
        self.block = _block(self.program.rows * np.dtype(graph.dtype).itemsize)
        self.transposed = {node.inputs[1] for node in graph.nodes if node.operation == "matmul"}
        parameters = _parameters([one.name for one in (*graph.inputs, *graph.outputs)])
        self.given, self.found = parameters[: len(graph.inputs)], parameters[len(graph.inputs) :]

    def header(self) -> str:
        return c_text.HEADER.format(**self._about(), real=self.real, count=len(self.given), outputs=len(self.found),
                                    signature=self._signature())  # fmt: skip

    def source(self) -> str:
        operations = {node.operation for node in self.graph.nodes}
        helpers = [c_text.EXPONENTIAL[self.real]] if operations & {"tanh", "sigmoid"} else []
        helpers += [c_text.FUNCTIONS[name].replace("{F}", self.suffix) for name in ("tanh", "sigmoid") if name in operations]
        helpers += [c_text.PRODUCT] if "matmul" in operations else []
        return c_text.SOURCE.format(
            **self._about(),
            block=self.block,
            names=self._names(),
            weights="".join(map(self._weight, self._arrays())),
            helpers="".join(helpers),
            signature=self._signature(),
            arrays="".join(
                f"    real {_array(Place(width, number))}[{width} * BLOCK];\n"
                for width, count in sorted(self.program.arrays.items())
                for number in range(count)
            ),
            pointers=" || ".join(f"!{name}" for name in (*self.given, *self.found)),
            gathers="".join(self._gathers()),
            steps="".join(line for step in self.program.steps for line in self._step(step)),
            results="".join(self._results()),
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

    def _signature(self) -> str:
        given = [f"const solution_real *{name}" for name in self.given]
        return ", ".join(["size_t count", *given, *(f"solution_real *{name}" for name in self.found)])

    def _arrays(self) -> Iterator[Constant]:
        return (each for each in self.graph.constants if each.shape)

    def _weight(self, constant: Constant) -> str:
        """Rows for the reader; of a matrix its transpose, of which a product takes whole rows."""
        array = self.graph.array(constant).astype(np.float64)
        array = array.T if constant.id in self.transposed else array
        rows = ",\n".join("    " + ", ".join(self._number(each) for each in row) for row in array)
        return f"static const real w{constant.id}[{array.size}] = {{\n{rows}\n}};\n"

    def _number(self, value: float) -> str:
        """The shortest text of the very number."""
        if not np.isfinite(value):
            return "NAN" if np.isnan(value) else "INFINITY" if value > 0 else "-INFINITY"
        text = repr(float(value)) if self.real == "double" else str(np.float32(value))
        return (text if re.search(r"[.e]", text) else text + ".0") + self.suffix

    def _step(self, step: Sequence[Node]) -> Iterator[str]:
        node = step[0]
        if node.operation == "matmul":
            x, y = self.program.places[node.inputs[0]], self.program.places[node.id]
            k, m = self.graph.values[node.inputs[1]].shape
            yield f"        product({k}, {m}, {_address(x)}, w{node.inputs[1]}, {_address(y)});\n"
        elif node.operation == "concat":
            row = 0
            for each in node.inputs:
                width, place = self.graph.values[each].shape[1] or 1, self.program.places[node.id]
                to = _address(Place(place.width, place.array, row))
                yield f"        memcpy({to}, {_address(self.program.places[each])}, {width} * sizeof(real) * BLOCK);\n"
                row += width
        elif node.operation in c_text.FUNCTIONS:
            x, y = (self.program.places[each] for each in (node.inputs[0], node.id))
            yield f"        for (size_t j = 0; j < {y.width}; j++)\n"
            yield f"            {node.operation}_row({_address(x)} + j * BLOCK, {_address(y)} + j * BLOCK);\n"
        else:
            yield from self._loop(step)

    def _loop(self, step: Sequence[Node]) -> Iterator[str]:
        width = step[0].shape[1] or 1
        if width > 1:
            yield f"        for (size_t j = 0; j < {width}; j++)\n    "
        yield "        for (size_t p = 0; p < BLOCK; p++) {\n"
        inside = {node.id for node in step}
        for node in step:
            operands = [f"v{each}" if each in inside else self._operand(each) for each in node.inputs]
            text = (_EXPRESSIONS.get(node.operation) or _CALLS[node.operation]).format(*operands, F=self.suffix)
            yield f"            const real v{node.id} = {text};\n"
        for node in step:
            if node.id in self.program.places:
                yield f"            {self._element(node.id)} = v{node.id};\n"
        yield "        }\n"

    def _operand(self, identity: int) -> str:
        value = self.graph.values[identity]
        if not isinstance(value, Constant):
            return self._element(identity)
        if value.shape:
            return f"w{identity}[j]"
        text = self._number(float(self.graph.array(value)))
        return f"({text})" if text.startswith("-") else text

    def _element(self, identity: int) -> str:
        """Of the loops' own row j and point p; of a column, which has one row, its point p."""
        place = self.program.places[identity]
        rows = "" if self.graph.values[identity].shape[1] == 1 else "j"
        row = " + ".join(filter(None, [rows, str(place.row) if place.row else ""]))
        if not row:
            return f"{_array(place)}[p]"
        return f"{_array(place)}[{f'({row})' if '+' in row else row} * BLOCK + p]"

    def _gathers(self) -> Iterator[str]:
        for one, name in zip(self.graph.inputs, self.given, strict=True):
            if one.id in self.program.places:
                yield f"            {self._element(one.id)} = {name}[start + (p < n ? p : n - 1)];\n"

    def _results(self) -> Iterator[str]:
        for output, name in zip(self.graph.outputs, self.found, strict=True):
            yield f"            {name}[start + p] = {self._element(output.id)};\n"


def _block(bytes_a_point: int) -> int:
    """Points of a block: a power of two, as many as the stack has room for."""
    block = BLOCK
    while block > 1 and block * bytes_a_point > STACK:
        block //= 2
    return block


def _array(place: Place) -> str:
    return f"a{place.width}_{place.array}"


def _address(place: Place) -> str:
    return f"{_array(place)} + {place.row} * BLOCK" if place.row else _array(place)


def _ascii(name: str) -> str:
    """A name in a string or comment of C: UTF-8, what is beyond ASCII in octal."""
    return "".join(chr(byte) if byte < 128 else f"\\{byte:03o}" for byte in name.encode())


def _parameters(names: Sequence[str]) -> list[str]:
    """Names that C and C++ take for parameters, all different, and equal to those given where they may be."""
    found: list[str] = []
    for number, name in enumerate(names):
        usable = name.isascii() and name not in _RESERVED and not (name.startswith("_") or (name.isupper() and len(name) > 1))
        while not usable or name in found or (not name.isascii()):
            name = f"{name}_" if name.isascii() and not name.startswith("_") and f"{name}_" not in names else f"value_{number}"
            usable = True
        found.append(name)
    return found
