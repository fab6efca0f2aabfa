/* The exported solution from C, checked against the points in vectors.csv: x,t,u,u_x.

   $ cc -std=c99 -Wall -Wextra -Werror -pedantic -O3 main.c solution.c -lm -o main
   $ ./main vectors.csv
*/
#include "solution.h"

#include <math.h>
#include <stdio.h>

#define MOST 10000

int main(int count, char **arguments)
{
    static double x[MOST], t[MOST], u[MOST], u_x[MOST], expected_u[MOST], expected_u_x[MOST];
    size_t points = 0;
    FILE *file = count > 1 ? fopen(arguments[1], "r") : NULL;

    if (!file || fscanf(file, "%*[^\n]") == EOF)
        return 2;
    while (points < MOST && fscanf(file, "%lf,%lf,%lf,%lf", &x[points], &t[points], &expected_u[points],
                                   &expected_u_x[points]) == 4)
        points++;
    fclose(file);

    if (points == 0 || solution_evaluate(points, x, t, u, u_x) != 0)
        return 2;
    for (size_t p = 0; p < points; p++)
        if (!(fabs(u[p] - expected_u[p]) <= 1e-12 && fabs(u_x[p] - expected_u_x[p]) <= 1e-12)) {
            printf("u = %.17g, not %.17g, or u_x = %.17g, not %.17g\n", u[p], expected_u[p], u_x[p], expected_u_x[p]);
            return 1;
        }
    printf("%d points are equal\n", (int)points);
    return 0;
}
