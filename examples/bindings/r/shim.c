/* For R's .C, which hands on pointers alone. */
#include "solution.h"

void evaluate(int *count, double *x, double *t, double *u, double *u_x, int *code)
{
    *code = solution_evaluate((size_t)*count, x, t, u, u_x);
}
