// The exported solution from C++, checked against the points in vectors.csv: x,t,u,u_x.
//
// $ cc -std=c99 -O3 -c solution.c -o solution.o
// $ c++ -std=c++17 -Wall -Wextra -Werror -pedantic -O3 main.cpp solution.o -o main
// $ ./main vectors.csv
#include "solution.h"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

int main(int count, char **arguments)
{
    std::ifstream file(count > 1 ? arguments[1] : "");
    std::string header;
    std::getline(file, header);
    std::vector<double> columns[4];
    double number;
    for (std::size_t place = 0; file >> number; ++place) {
        columns[place % 4].push_back(number);
        file.ignore(1); // a comma, or the end of the line
    }
    const auto &[x, t, expected_u, expected_u_x] = columns;
    std::vector<double> u(x.size()), u_x(x.size());
    if (x.empty() || solution_evaluate(x.size(), x.data(), t.data(), u.data(), u_x.data()) != 0)
        return 2;
    for (std::size_t p = 0; p < x.size(); ++p)
        if (!(std::abs(u[p] - expected_u[p]) <= 1e-12 && std::abs(u_x[p] - expected_u_x[p]) <= 1e-12)) {
            std::printf("point %zu differs: u = %.17g, u_x = %.17g\n", p, u[p], u_x[p]);
            return 1;
        }
    std::printf("%zu points are equal\n", x.size());
}
