"""A graph over protocol arrays as a `keras.Model` on TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, final

import keras
import numpy as np
import tensorflow as tf

from collocate import tree
from collocate.errors import BackendError, StatementError
from collocate.tree import Tree

BATCH = 4096
FRAMEWORK = "tensorflow"


@final
class GraphModel(keras.Model):
    """`model(points (n, d)) -> (n, k)`; the leaves of `parameters` are its trainable weights.

    Points may also be given as {coordinate: (n,) or (n, 1)}, in any order.
    """

    def __init__(self, graph: Callable[[Tree, Any], Any], parameters: Tree, names: tuple[str, ...], dtype: str) -> None:
        if keras.config.backend() != FRAMEWORK:
            raise BackendError(
                f"Keras runs on {keras.config.backend()} here, and to_keras needs it on {FRAMEWORK}: set the "
                f"environment variable KERAS_BACKEND={FRAMEWORK} before Keras is imported"
            )
        super().__init__(dtype=dtype, name="solution")
        self._graph, self._structure, self._names = graph, tree.map(lambda leaf: None, parameters), names
        self._leaves = [self._parameter(number, leaf) for number, leaf in enumerate(tree.leaves(parameters))]
        self(np.zeros((1, len(names)), dtype))  # what Keras must see once before it can export

    def _parameter(self, number: int, leaf: Any) -> Any:
        values = np.asarray(leaf, self.dtype)
        weight = self.add_weight(shape=values.shape, initializer="zeros", name=f"parameter_{number}")
        weight.assign(values)
        return weight

    def call(self, inputs: Any) -> Any:
        leaves = [tf.convert_to_tensor(leaf) for leaf in self._leaves]
        return self._graph(tree.unflatten(self._structure, leaves), self._points(inputs))

    def _points(self, inputs: Any) -> Any:
        if isinstance(inputs, Mapping):
            if set(inputs) != set(self._names):
                raise StatementError(f"the model takes {', '.join(self._names)}; got {', '.join(inputs) or 'nothing'}")
            inputs = tf.concat([tf.reshape(inputs[name], (-1, 1)) for name in self._names], axis=1)
        return tf.cast(inputs, self.dtype)

    def predict(self, x: Any, batch_size: int | None = None, **options: Any) -> Any:
        """The fields (n, k) as NumPy. Arrays keep their precision, which Keras by itself would cut to float32."""
        if not isinstance(x, tf.data.Dataset):
            points = self._points(x)
            x = tf.data.Dataset.from_tensor_slices(points).batch(batch_size or BATCH)
            batch_size = None
        return super().predict(x, batch_size=batch_size, **options)

    def get_config(self) -> Any:
        raise BackendError(
            "the model's graph comes from the solution's plan, which Keras cannot write: keep the weights by "
            "model.save_weights(path), the inference graph by model.export(folder), or all by solution.save(path)"
        )
