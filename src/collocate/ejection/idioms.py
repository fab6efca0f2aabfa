"""How each framework writes what a script is made of: one table, read by `script`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from collocate.ejection.contents import Contents, Function
from collocate.ejection.printer import Spelling

Lines = list[str]
_ALIKE = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "sqrt", "abs", "sign")


@dataclass(frozen=True)
class Idiom:
    """One framework's way; {} stands for what is filled in.

    spelling: of expressions. activations: patterns by our names of them. use: of a field or derivative.
    model: what a function takes before the coordinates. stacked: what stands around the columns of the network's
    inputs. network: its call. column: a column of its output, by number.
    unknown: a number that is trained, read from the model; found: as a NumPy number afterwards; initial_unknown: the
    line that makes it. mean, total: of an array.
    derivatives: the lines of a function that compute the fields and their derivatives. shared: what stands once, before
    those functions. over_points: what stands above a function that is written for one point.
    """

    title: str
    template: str
    spelling: Spelling
    activations: Mapping[str, str]
    model: str
    network: str
    unknown: str
    found: str
    column: str
    stacked: tuple[str, str]
    use: str
    mean: str
    total: str
    initial_unknown: str
    derivatives: Callable[[Contents, Function], Lines]
    shared: Callable[[Contents], Lines]
    over_points: str = ""


def _spellings(module: str, **others: str) -> dict[str, str]:
    return {name: f"{module}.{name}({{}})" for name in _ALIKE} | others


def _called(contents: Contents, function: Function) -> str:
    """`u = trial(network, x, t)`, with _ for a field that is not needed."""
    by_name = zip(contents.plan.fields, contents.fields, strict=True)
    needed = function.fields | {of for of, _ in function.derivatives}
    names = [name if of in needed else "_" for of, name in by_name]
    return f"{', '.join(names)} = trial({', '.join(('network', *contents.coordinates))})"


def _by_autograd(contents: Contents, function: Function) -> Lines:
    """A line for each derivative, from the one below it."""
    lines = [_called(contents, function)]
    for of, alpha in function.derivatives:
        below, by = contents.derivative(of, alpha[:-1]), contents.names(alpha[-1])
        lines.append(f"{contents.derivative(of, alpha)} = derivative({below}, {by})")
    return lines


def _by_tapes(contents: Contents, function: Function) -> Lines:
    """A tape around another for each order."""
    lines = [_called(contents, function)]
    highest = max((len(alpha) for _, alpha in function.derivatives), default=0)
    for order in range(1, highest + 1):
        now = [(of, alpha) for of, alpha in function.derivatives if len(alpha) == order]
        by = {alpha[-1] for _, alpha in now}
        watched = [contents.names(name) for name in contents.plan.coordinates if name in by]
        tape, several = f"tape_{order}", "persistent=True" if len(now) > 1 else ""
        lines = [
            f"with tf.GradientTape({several}) as {tape}:",
            f"    {tape}.watch([{', '.join(watched)}])",
            *(f"    {line}" for line in lines),
            *(
                f"{contents.derivative(of, alpha)} = "
                f"{tape}.gradient({contents.derivative(of, alpha[:-1])}, {contents.names(alpha[-1])})"
                for of, alpha in now
            ),
        ]
    return lines


def _at_a_point(contents: Contents, function: Function) -> Lines:
    return [f"at = params, {', '.join(contents.coordinates)}"]


def _nothing(contents: Contents) -> Lines:
    return []


def _functions_of_a_point(contents: Contents) -> Lines:
    """The fields and each derivative that any residual needs, as functions."""
    place = {name: number for number, name in enumerate(contents.plan.coordinates, start=1)}
    lines: Lines = []
    for number, name in enumerate(contents.fields):
        if len(contents.fields) == 1:
            lines += [f"{name} = trial"]
        else:
            arguments = ", ".join(("params", *contents.coordinates))
            lines += [f"def {name}({arguments}):", f"    return trial({arguments})[{number}]", "", ""]
    needed = {each for function in contents.functions for each in function.derivatives}
    for of, alpha in sorted(needed, key=lambda each: (len(each[1]), each)):
        below = contents.derivative(of, alpha[:-1])
        lines.append(f"{contents.derivative(of, alpha)} = jax.grad({below}, argnums={place[alpha[-1]]})")
    return [*lines, "", ""]


IDIOMS: dict[str, Idiom] = {
    "torch": Idiom(
        title="PyTorch",
        template="torch.txt",
        spelling=Spelling(
            _spellings("torch", asin="torch.asin({})", acos="torch.acos({})", atan="torch.atan({})",
                       log="torch.log({})", erf="torch.erf({})", atan2="torch.atan2({}, {})",
                       max="torch.maximum({}, {})", min="torch.minimum({}, {})", where="torch.where({}, {}, {})"),
            number="torch.tensor({}, dtype=DTYPE)",
        ),
        activations={
            "tanh": "torch.tanh({})", "sin": "torch.sin({})", "sigmoid": "torch.sigmoid({})",
            "swish": "torch.nn.functional.silu({})", "gelu": "torch.nn.functional.gelu({})",
        },
        model="network",
        network="network(inputs)",
        unknown="network.{}",
        found="network.{}.item()",
        column="output[:, {0}:{1}]",
        stacked=("torch.cat([", "], dim=1)"),
        use="{}",
        mean="torch.mean({})",
        total="torch.sum({})",
        initial_unknown="        self.{0} = torch.nn.Parameter(torch.tensor({1}, dtype=DTYPE))",
        derivatives=_by_autograd,
        shared=_nothing,
    ),
    "tensorflow": Idiom(
        title="TensorFlow",
        template="tensorflow.txt",
        spelling=Spelling(
            _spellings("tf", asin="tf.asin({})", acos="tf.acos({})", atan="tf.atan({})",
                       log="tf.math.log({})", erf="tf.math.erf({})", atan2="tf.atan2({}, {})",
                       max="tf.maximum({}, {})", min="tf.minimum({}, {})", where="tf.where({}, {}, {})"),
            number="tf.constant({}, DTYPE)",
        ),
        activations={
            "tanh": "tf.tanh({})", "sin": "tf.sin({})", "sigmoid": "tf.sigmoid({})", "swish": "tf.nn.silu({})",
            "gelu": "tf.nn.gelu({})",
        },
        model="network",
        network="network(inputs)",
        unknown="network.{}",
        found="network.{}.numpy()",
        column="output[:, {0}:{1}]",
        stacked=("tf.concat([", "], axis=1)"),
        use="{}",
        mean="tf.reduce_mean({})",
        total="tf.reduce_sum({})",
        initial_unknown="        self.{0} = tf.Variable({1}, dtype=DTYPE)",
        derivatives=_by_tapes,
        shared=_nothing,
    ),
    "jax": Idiom(
        title="JAX",
        template="jax.txt",
        spelling=Spelling(
            _spellings("jnp", asin="jnp.arcsin({})", acos="jnp.arccos({})", atan="jnp.arctan({})",
                       log="jnp.log({})", erf="jax.scipy.special.erf({})", atan2="jnp.arctan2({}, {})",
                       max="jnp.maximum({}, {})", min="jnp.minimum({}, {})", where="jnp.where({}, {}, {})"),
        ),
        activations={
            "tanh": "jnp.tanh({})", "sin": "jnp.sin({})", "sigmoid": "jax.nn.sigmoid({})",
            "swish": "jax.nn.silu({})", "gelu": "jax.nn.gelu({}, approximate=False)",
        },
        model="params",
        network="network(params, inputs)",
        unknown='params["{}"]',
        found='params["{}"]',
        column="output[{0}]",
        stacked=("jnp.stack([", "])"),
        use="{}(*at)",
        mean="jnp.mean({})",
        total="jnp.sum({})",
        initial_unknown='    params["{0}"] = jnp.asarray({1}, DTYPE)',
        derivatives=_at_a_point,
        shared=_functions_of_a_point,
        over_points="@over_points",
    ),
}  # fmt: skip
