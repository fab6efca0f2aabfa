"""A virtual environment for each peer, so that none ever reaches ours. They are made when first asked for, in a folder
outside of the checkout that all checkouts share, and made anew where the requirements have changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path.home() / ".cache" / "collocate-peers"
# deepxde on TensorFlow also wants tf-keras and tensorflow_probability, on JAX flax; its own requirements name neither.
REQUIREMENTS = {
    "deepxde-torch": ("torch==2.13.0", "deepxde==1.15.0"),
    "deepxde-tensorflow": ("tensorflow-cpu==2.21.0", "tf-keras", "tensorflow_probability", "deepxde==1.15.0"),
    "deepxde-jax": ("jax==0.10.2", "flax", "deepxde==1.15.0"),
    "jinns": ("jax==0.10.2", "jinns==1.10.2"),
    "pina": ("torch==2.13.0", "pina-mathlab==0.3.2.post2610"),
}


def python(name: str) -> Path:
    """The interpreter of this environment, made and filled first where it is not there."""
    folder, wanted = FOLDER / name, "\n".join(REQUIREMENTS[name])
    stamp, interpreter = folder / "requirements.txt", folder / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"making the environment {folder}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(interpreter), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, *REQUIREMENTS[name]], check=True)
        stamp.write_text(wanted)
    return interpreter
