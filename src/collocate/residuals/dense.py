"""The Jacobian of the residual rows for networks without taps: one reverse pass for each row, at its point alone.

Row n depends on the n-th point only (and the nodes of its integrals), so ∂r̃_n/∂θ is the gradient of a loss with one
point in it; `vmap` does it for all points at once. A reduced row is one reverse pass over all points.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from collocate import tree
from collocate.planning.specification import Term
from collocate.residuals.assemble import Residuals
from collocate.residuals.parameters import frozen, join, trained


def dense_jacobian(residuals: Residuals) -> Callable[..., tuple[Any, Any]]:
    """`function(parameters, point_sets, weights) -> (rows (N,), matrix (N, P))`, as `jacobian`."""

    def function(parameters: dict[str, Any], point_sets: dict[str, Any], weights: dict[str, Any]) -> tuple[Any, Any]:
        blocks = [_term(residuals, term, parameters, point_sets, weights) for term in residuals.plan.terms]
        bk = residuals.bk
        return bk.concat([rows for rows, _ in blocks], axis=0), bk.concat([matrix for _, matrix in blocks], axis=0)

    return function


def _term(
    residuals: Residuals, term: Term, parameters: dict[str, Any], point_sets: dict[str, Any], weights: dict[str, Any]
) -> tuple[Any, Any]:
    """Scaled rows (n,) of one term, and their Jacobian (n, P)."""
    bk, part = residuals.bk, trained(parameters)

    def scaled(part: dict[str, Any], points: dict[str, Any]) -> Any:
        whole = join(part, frozen(parameters))
        environments = {name: residuals.environment(name, whole, own) for name, own in points.items()}
        return residuals.rows(term, environments, points) * residuals.row_factor(term, points, weights)

    def one(points: dict[str, Any]) -> tuple[Any, Any]:
        row, gradient = bk.value_and_grad(lambda part: bk.sum(scaled(part, points)))(part)
        return row, tree.ravel(bk, gradient)

    used = {name: point_sets[name] for name in term.sets}
    if term.kind != "reduced":
        return bk.vmap(one)({name: _by_row(bk, points, residuals.nodes.get(name, 1)) for name, points in used.items()})
    rows, pullback = bk.vjp(lambda part: scaled(part, used), part)
    return rows, bk.reshape(tree.ravel(bk, pullback(bk.ones_like(rows))), (1, -1))


def _by_row(bk: Any, points: dict[str, Any], nodes: int) -> dict[str, Any]:
    """Arrays (n · nodes, …) as (n, nodes, …): the points that each row takes."""
    return tree.map(lambda leaf: bk.reshape(leaf, (leaf.shape[0] // nodes, nodes, *leaf.shape[1:])), points)
