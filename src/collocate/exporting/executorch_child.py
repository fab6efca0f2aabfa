"""What ExecuTorch does, as a script of its own: its converter and its runtime can end the process that they are in.

    python executorch_child.py convert MODEL.pt2 MODEL.pte
    python executorch_child.py run MODEL.pte DTYPE INPUTS

`run` serves: it reads N as eight bytes and INPUTS arrays (N,) from its standard input, and writes the outputs (N,), one
after the other, to its standard output, until its input ends. All as the machine has its numbers.
"""

from __future__ import annotations

import os
import sys

import numpy as np
import torch


def convert(source: str, target: str) -> None:
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import to_edge_transform_and_lower

    program = torch.export.load(source)
    edge = to_edge_transform_and_lower(program, partitioner=[XnnpackPartitioner()])
    with open(target, "wb") as file:
        edge.to_executorch().write_to_file(file)


def run(path: str, dtype: str, inputs: str) -> None:
    # What the libraries print must not come among the numbers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from executorch.runtime import Runtime

    method = Runtime.get().load_program(path).load_method("forward")
    while head := sys.stdin.buffer.read(8):
        count, width = int.from_bytes(head, sys.byteorder), np.dtype(dtype).itemsize
        given = [np.frombuffer(sys.stdin.buffer.read(count * width), dtype).copy() for _ in range(int(inputs))]
        for found in method.execute([torch.from_numpy(each) for each in given]):
            answers.write(found.numpy().tobytes())
        answers.flush()


if __name__ == "__main__":
    {"convert": convert, "run": run}[sys.argv[1]](*sys.argv[2:])
