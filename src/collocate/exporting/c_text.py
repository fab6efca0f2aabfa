"""The C of a program that does not depend on its graph.

tanh x and 1/(1 + exp(−x)) are computed here, since loops around a call of the C library are not vectorised. With
y = n ln 2 + r, |r| ≤ ½ ln 2, exp y = 2ⁿ + 2ⁿ (exp r − 1); exp r − 1 is its Taylor polynomial, 2ⁿ is made of bits, and
n is found by adding a number so large that it has no fraction bits. So exp y − 1 is exact to rounding however small y
is, and with it tanh|x| = −m/(2 + m), m = exp(−2|x|) − 1. Source of the reduction: W. Cody, W. Waite, Software Manual
for the Elementary Functions, 1980, ch. 6.
"""

from __future__ import annotations

import math

HEADER = """\
/* {what} of {of}. Written by collocate {version}. */
#ifndef SOLUTION_H
#define SOLUTION_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {{
#endif

typedef {real} solution_real;

#define SOLUTION_INPUTS {inputs}
#define SOLUTION_OUTPUTS {outputs}

/* Their names, in the order of the arguments; a null pointer ends them. */
extern const char *const solution_inputs[SOLUTION_INPUTS + 1];
extern const char *const solution_outputs[SOLUTION_OUTPUTS + 1];

/* At each of count points. Every pointer is to count numbers; an output may be the very array of an input.
   Returns 0; or 1, and does nothing, where a pointer is null and count is not 0.
   Keeps no state and takes no memory: it may be called from any number of threads. */
int solution_evaluate({signature});

#ifdef __cplusplus
}}
#endif

#endif
"""

SOURCE = """\
/* {what} of {of}. Written by collocate {version}. */
#include "solution.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef __FAST_MATH__
#error "compile without -ffast-math: it takes roundings out that this program needs"
#endif

/* Loops are compiled once more for processors with AVX2, and the loader chooses: the numbers are the same. */
#if defined __x86_64__ && defined __GLIBC__ && defined __GNUC__ && !defined __clang__ && !defined __AVX2__
#define VECTORS __attribute__((target_clones("avx2", "default")))
#define INSIDE __attribute__((always_inline)) inline
#else
#define VECTORS
#define INSIDE
#endif

/* Points are taken in blocks, n at a time; a table with k columns is k rows of BLOCK numbers, n of them in use. */
#define BLOCK {block}

typedef solution_real real;

{names}
{weights}{helpers}
VECTORS static void evaluate({signature})
{{
{arrays}
    for (size_t start = 0; start < count; start += BLOCK) {{
        const size_t n = count - start < BLOCK ? count - start : BLOCK;
        for (size_t p = 0; p < n; p++) {{
{given}        }}
{steps}        for (size_t p = 0; p < n; p++) {{
{found}        }}
    }}
}}

int solution_evaluate({signature})
{{
    if (count > 0 && ({pointers}))
        return 1;
    evaluate({arguments});
    return 0;
}}
"""

PRODUCT = """
/* y = x W, of k and m rows; w is W transposed. */
VECTORS
static void product(size_t n, size_t k, size_t m, const real *restrict x, const real *restrict w, real *restrict y)
{
    memset(y, 0, m * BLOCK * sizeof(real));
    for (size_t j = 0; j < m; j++, w += k, y += BLOCK) {
        size_t i = 0;
        for (; i < k % 4; i++)
            for (size_t p = 0; p < n; p++)
                y[p] += w[i] * x[i * BLOCK + p];
        for (; i < k; i += 4)
            for (size_t p = 0; p < n; p++)
                y[p] += (w[i] * x[i * BLOCK + p] + w[i + 1] * x[(i + 1) * BLOCK + p])
                      + (w[i + 2] * x[(i + 2) * BLOCK + p] + w[i + 3] * x[(i + 3) * BLOCK + p]);
    }
}
"""

_EXPONENTIAL = """
/* exp(y) = scale + scale * rest, for y <= 0 where exp(y) is neither 0 nor subnormal. */
typedef struct {{
    real scale, rest;
}} exponential;

INSIDE static exponential exponential_of(real y)
{{
    union {{
        real number;
        {bits} bits;
    }} n;
    exponential found;
    const real large = {large};
    n.number = y * {inverse} + large;
    const real whole = n.number - large;
    const real r = (y - whole * {high}) - whole * {low};
    n.bits = (n.bits << {shift}) + (({bits}){bias} << {shift});
    found.scale = n.number;
    found.rest = r + r * r * ({polynomial});
    return found;
}}
"""


def _polynomial(degree: int, suffix: str) -> str:
    """(exp r − 1 − r)/r²."""
    text = f"{1 / math.factorial(degree)!r}{suffix}"
    for k in range(degree - 1, 1, -1):
        text = f"{1 / math.factorial(k)!r}{suffix} + r * ({text})"
    return text


EXPONENTIAL = {
    "double": _EXPONENTIAL.format(
        bits="uint64_t", inverse="1.4426950408889634", large="6755399441055744.0", shift=52, bias=1023,
        high="0.6931471805598903", low="5.497923018708371e-14", polynomial=_polynomial(13, ""),
    ),
    "float": _EXPONENTIAL.format(
        bits="uint32_t", inverse="1.442695f", large="12582912.0f", shift=23, bias=127,
        high="0.693145751953125f", low="1.4286068e-06f", polynomial=_polynomial(7, "f"),
    ),
}  # fmt: skip

# {F}: "f" in float. {far}: exp(−far) is neither 0 nor subnormal.
FUNCTIONS = {
    "tanh": """
VECTORS static void tanh_rows(size_t n, size_t k, const real *x, real *y)
{
    for (size_t j = 0; j < k; j++, x += BLOCK, y += BLOCK) {
        for (size_t p = 0; p < n; p++)
            y[p] = x[p] > 20 ? 20 : x[p] < -20 ? -20 : x[p];
        for (size_t p = 0; p < n; p++) {
            const exponential e = exponential_of(-2 * fabs{F}(y[p]));
            const real m = e.scale * e.rest + (e.scale - 1);
            y[p] = copysign{F}(m / (2 + m), y[p]);
        }
    }
}
""",
    "sigmoid": """
VECTORS static void sigmoid_rows(size_t n, size_t k, const real *x, real *y)
{
    for (size_t j = 0; j < k; j++, x += BLOCK, y += BLOCK) {
        for (size_t p = 0; p < n; p++)
            y[p] = x[p] > {far} ? {far} : x[p] < -{far} ? -{far} : x[p];
        for (size_t p = 0; p < n; p++) {
            const exponential e = exponential_of(-fabs{F}(y[p]));
            const real small = e.scale + e.scale * e.rest;
            y[p] = (y[p] < 0 ? small : 1) / (1 + small);
        }
    }
}
""",
}
