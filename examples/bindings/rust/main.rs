// The exported solution from Rust, checked against the points in vectors.csv: x,t,u,u_x.
//
// $ cc -std=c99 -O3 -c solution.c -o solution.o
// $ ar rcs libsolution.a solution.o
// $ rustc -O -D warnings main.rs -L native=. -l static=solution -l m -o main
// $ ./main vectors.csv
use std::{env, fs};

extern "C" {
    fn solution_evaluate(count: usize, x: *const f64, t: *const f64, u: *mut f64, u_x: *mut f64) -> i32;
}

/// u and u_x at each point.
fn evaluate(x: &[f64], t: &[f64]) -> (Vec<f64>, Vec<f64>) {
    assert_eq!(x.len(), t.len());
    let (mut u, mut u_x) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    // All four are of x.len() numbers, which is all that the function asks for.
    let code = unsafe { solution_evaluate(x.len(), x.as_ptr(), t.as_ptr(), u.as_mut_ptr(), u_x.as_mut_ptr()) };
    assert_eq!(code, 0);
    (u, u_x)
}

fn main() {
    let text = fs::read_to_string(env::args().nth(1).expect("a file")).expect("a file that can be read");
    let mut columns: [Vec<f64>; 4] = Default::default();
    for line in text.lines().skip(1) {
        for (column, number) in columns.iter_mut().zip(line.split(',')) {
            column.push(number.parse().expect("a number"));
        }
    }
    let [x, t, expected_u, expected_u_x] = columns;
    assert!(!x.is_empty());
    let (u, u_x) = evaluate(&x, &t);
    for p in 0..x.len() {
        assert!((u[p] - expected_u[p]).abs() <= 1e-12, "u = {} at point {p}", u[p]);
        assert!((u_x[p] - expected_u_x[p]).abs() <= 1e-12, "u_x = {} at point {p}", u_x[p]);
    }
    println!("{} points are equal", x.len());
}
