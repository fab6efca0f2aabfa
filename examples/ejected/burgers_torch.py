"""burgers: a physics-informed neural network in PyTorch.

    domain     x ∈ [-1, 1] × t ∈ [0, 1]
    equation   u*u_x + u_t = 0.01*u_xx/pi
    condition  initial u: u + sin(pi*x) = 0
    condition  dirichlet u on left, right: u = 0

How the conditions are met:

    dirichlet u on left, right: exact, u = G + Φ·N
    initial u: exact, u = G + Φ·N
"""

from itertools import pairwise
from math import pi

import numpy as np
import torch
from scipy.stats import qmc

SEED = 0
STEPS = 20_000
LEARNING_RATE = 0.005  # times 0.9 every 1000 steps
DTYPE = torch.float64

# ---- Points


def unit_cube(count, dimension, stream):
    """Scrambled Sobol points in [0, 1)^dimension; each stream has random numbers of its own."""
    rng = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(stream, 0)))
    return qmc.Sobol(dimension, scramble=True, rng=rng).random_base2(max(count - 1, 0).bit_length())[:count]


def between(low, share, high):
    """low at share 0, high at share 1."""
    return (1 - share) * low + share * high


def draw():
    """{set of points: its coordinates, an array each}."""
    sets = {}
    unit = unit_cube(5500, 2, stream=0)
    sets["interior"] = (between(-1, unit[:, 0], 1), between(0, unit[:, 1], 1))
    return sets


def column(values):
    """An array as a column (n, 1) by which the fields can be differentiated."""
    return torch.tensor(values[:, None], dtype=DTYPE, requires_grad=True)


# ---- Network


SIZES = [2, 20, 20, 20, 20, 1]  # inputs, hidden layers, fields


def initial_parameters():
    """Glorot's normal weights and zero biases."""
    rng = np.random.default_rng(SEED)
    layers = []
    for rows, columns in pairwise(SIZES):
        layers.append((rng.normal(0, np.sqrt(2 / (rows + columns)), (rows, columns)), np.zeros(columns)))
    # The first layer is steeper, each of its neurons zero at a place in the inputs' box [-1, 1]^d.
    weight = 3.0 * layers[0][0]
    layers[0] = weight, -np.sum(weight * rng.uniform(-1, 1, weight.shape), axis=0)
    return layers


class Network(torch.nn.Module):
    """Affine layers, with an activation between them."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList()
        for weight, bias in initial_parameters():
            layer = torch.nn.Linear(*weight.shape, dtype=DTYPE)
            layer.weight.data = torch.tensor(weight.T, dtype=DTYPE)
            layer.bias.data = torch.tensor(bias, dtype=DTYPE)
            self.layers.append(layer)

    def forward(self, inputs):
        *hidden, last = self.layers
        for layer in hidden:
            inputs = torch.tanh(layer(inputs))
        return last(inputs)


# ---- Trial function: it meets the exact conditions whatever the network is


def trial(network, x, t):
    """G + Φ * size * N: G (particular) meets the exact conditions, and Φ (factor) is zero where they hold."""
    inputs = torch.cat([x, 2 * t - 1], dim=1)
    output = network(inputs)
    particular = -torch.sin(pi * x)
    factor = 4 * t * (1 / 2 - x / 2) * (x / 2 + 1 / 2)
    u = particular + factor * 0.7041341735328481 * output[:, 0:1]
    return u


# ---- Residuals


def derivative(values, by):
    """The derivative of a column by another, row by row: row n of `values` depends on row n of `by` alone."""
    return torch.autograd.grad(values, by, torch.ones_like(values), create_graph=True)[0]


def on_interior(network, x, t):
    """Residual of equation, on interior."""
    u = trial(network, x, t)
    u_t = derivative(u, t)
    u_x = derivative(u, x)
    u_xx = derivative(u_x, x)
    return u * u_x + u_t - 0.01 * u_xx / pi


def loss(network, points):
    """½ Σ weight · mean (residual / size)²; the sizes are those of the residuals' own summands."""
    total = 0.0
    equation = on_interior(network, *points["interior"])
    total += torch.mean((equation / 1.3205406981475296) ** 2)
    return 0.5 * total


# ---- Training


def train(network, points):
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9 ** (1 / 1000))
    for step in range(STEPS):
        optimizer.zero_grad()
        value = loss(network, points)
        value.backward(inputs=list(network.parameters()))
        optimizer.step()
        schedule.step()
        if step % 100 == 0 or step == STEPS - 1:
            print(f"step {step:6d}  loss {value.item():.12e}", flush=True)


# ---- Evaluation


def evaluate(network, *coordinates):
    """The fields as NumPy arrays, at points given by an array of each coordinate."""
    u = trial(network, *map(column, coordinates))
    return [values.detach().numpy()[:, 0] for values in (u,)]


def main():
    network = Network()
    points = {name: tuple(map(column, arrays)) for name, arrays in draw().items()}
    train(network, points)
    # The fields on a grid
    grid = np.meshgrid(np.linspace(-1, 1, 101), np.linspace(0, 1, 101), indexing="ij")
    x, t = (values.ravel() for values in grid)
    (u,) = evaluate(network, x, t)
    print(f"u lies between {u.min():.6g} and {u.max():.6g}")


if __name__ == "__main__":
    main()
