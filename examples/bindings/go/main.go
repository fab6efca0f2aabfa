// The exported solution from Go, checked against the points in vectors.csv: x,t,u,u_x.
//
// solution.c and solution.h stand beside this file: cgo compiles them.
//
// $ GO111MODULE=off go build -o main .
// $ ./main vectors.csv
package main

// #cgo CFLAGS: -std=c99 -O3
// #cgo LDFLAGS: -lm
// #include "solution.h"
import "C"

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
)

func pointer(values []float64) *C.double { return (*C.double)(&values[0]) }

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) < 2 {
		panic("no points")
	}
	var columns [4][]float64
	for _, row := range rows[1:] {
		for k, text := range row {
			number, err := strconv.ParseFloat(text, 64)
			if err != nil {
				panic(err)
			}
			columns[k] = append(columns[k], number)
		}
	}
	points := len(columns[0])
	u, ux := make([]float64, points), make([]float64, points)
	if C.solution_evaluate(C.size_t(points), pointer(columns[0]), pointer(columns[1]), pointer(u), pointer(ux)) != 0 {
		panic("a null pointer")
	}
	for p := range u {
		if !(math.Abs(u[p]-columns[2][p]) <= 1e-12 && math.Abs(ux[p]-columns[3][p]) <= 1e-12) {
			panic(fmt.Sprintf("point %d differs: u = %v, u_x = %v", p, u[p], ux[p]))
		}
	}
	fmt.Println(points, "points are equal")
}
