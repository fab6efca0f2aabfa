% The exported solution from Octave, checked against the points in vectors.csv: x,t,u,u_x.
%
% $ mkoctfile --mex -o evaluate.mex evaluate.c solution.c
% $ octave-cli --norc main.m vectors.csv
points = dlmread(argv(){end}, ",", 1, 0);
[u, u_x] = evaluate(points(:, 1), points(:, 2));
assert(rows(points) > 0);
assert(max(abs(u - points(:, 3))) <= 1e-12 && max(abs(u_x - points(:, 4))) <= 1e-12);
printf("%d points are equal\n", rows(points));
