"""Array frameworks behind one small protocol. ``select.get`` makes a backend; nothing here imports a framework.

Every adapter is imported through this package, so the defaults below are set before any framework starts. They are
only defaults: what the user's environment says wins.
"""

from __future__ import annotations

import os

_ENVIRONMENT = {
    # An OpenMP thread that waits by spinning holds its core. With one of two cores taken by another process, a
    # PyTorch step of 3.9 ms took 583 ms. KMP_BLOCKTIME says the same to the LLVM and Intel runtimes.
    "OMP_WAIT_POLICY": "PASSIVE",
    "KMP_BLOCKTIME": "0",
    # A GPU is shared with whatever else the user runs: take memory as it is needed, not nearly all of it at once.
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    # TensorFlow's C++ start-up notes go to standard error. Errors stay visible, and so does the note on oneDNN, which
    # ignores this level: the one way to be rid of it is to do without oneDNN, and eager float32 is then half as fast.
    "TF_CPP_MIN_LOG_LEVEL": "2",
}

for _name, _value in _ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)
