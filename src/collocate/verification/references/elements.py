"""Poisson's equation by finite elements of second order, on polygons and disks: needs the extra `fem` (scikit-fem)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import shapely

from collocate.errors import BackendError, StatementError
from collocate.verification.references.refinement import refined

Function = Callable[..., Any]


@dataclass(frozen=True)
class Elements:
    """u = Σ u_j φ_j: values at x, y (broadcast) inside the mesh. `find` gives the triangles that hold points."""

    basis: Any
    values: np.ndarray
    find: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def __call__(self, x: Any, y: Any) -> np.ndarray:
        """Raises StatementError for points outside the mesh."""
        x, y = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        try:
            cells = self.find(x.ravel(), y.ravel())
        except ValueError as error:
            raise StatementError(f"finite elements were asked for points outside their mesh: {error}") from None
        basis, mapping = self.basis, self.basis.mapping
        local = _local(mapping, np.stack([x.ravel(), y.ravel()])[:, :, None], cells)
        found = np.zeros(x.size)
        for index, dofs in enumerate(basis.element_dofs):
            shape = basis.elem.gbasis(mapping, local, index, tind=cells)[0]
            found += np.asarray(shape)[:, 0] * self.values[dofs[cells]]
        return found.reshape(x.shape)


def on_polygon(
    corners: Sequence[tuple[float, float]],
    load: Function,
    boundary: Function,
    *,
    tolerance: float = 1e-5,
    most: int = 64_000,
) -> Elements:
    """u with −Δu = load(x, y) inside a polygon and u = boundary(x, y) on it, to `tolerance` in relative L2.

    The mesh is refined where the gradient jumps most across edges, which restores the rate n^{−3/2} that a re-entrant
    corner takes from equal triangles; the number n of unknowns is doubled until two answers agree.

    Raises:
        TrainingError: they don't with `most` unknowns.
        BackendError: scikit-fem is not installed.

    Source: Verfürth, "A Posteriori Error Estimation Techniques for Finite Element Methods" (2013), section 1.4.
    """
    fem = _scikit_fem()
    coarse = _triangulated(fem, corners).refined(2)
    places = coarse.refined(2).p[:, coarse.refined(2).t].mean(axis=1)

    def solve(unknowns: int) -> Elements:
        mesh = coarse
        while True:
            found = _solve(fem, mesh, load, boundary, mesh.element_finder())
            if unknowns <= found.basis.N:
                return found
            mesh = mesh.refined(fem.adaptive_theta(_jumps(fem, found, load), theta=0.5))

    return refined(
        solve, lambda u: u(*places), first=250, most=most, tolerance=tolerance, what="the finite-element solution"
    )


def on_disk(
    centre: tuple[float, float],
    radius: float,
    load: Function,
    boundary: Function,
    *,
    tolerance: float = 1e-5,
    most: int = 128,
) -> Elements:
    """The same on a disk, with triangles whose outer sides are parabolas; their number along the radius is doubled.

    Raises as `on_polygon`.
    """
    fem = _scikit_fem()
    distance, angle = np.meshgrid(np.linspace(0, 1, 20), np.linspace(0, 2 * np.pi, 24, endpoint=False))
    x, y = centre[0] + radius * distance * np.cos(angle), centre[1] + radius * distance * np.sin(angle)

    def solve(count: int) -> Elements:
        mesh = fem.MeshTri2.init_circle(int(np.log2(count))).scaled((radius, radius)).translated(centre)
        straight = fem.MeshTri(mesh.p[:, : mesh.nvertices], mesh.t).element_finder()

        def find(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            """Between a side and its parabola a point is in the triangle that it comes into on the way inwards."""
            inwards = np.cos(np.pi / 4 / count)
            out = np.hypot(x - centre[0], y - centre[1]) > inwards * radius
            pull = np.where(out, inwards * radius / np.hypot(x - centre[0], y - centre[1]).clip(min=1e-300), 1.0)
            return straight(centre[0] + pull * (x - centre[0]), centre[1] + pull * (y - centre[1]))

        return _solve(fem, mesh, load, boundary, find)

    return refined(
        solve, lambda u: u(x, y), first=4, most=most, tolerance=tolerance, what="the finite-element solution"
    )


def _local(mapping: Any, points: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Coordinates in the reference triangle, by Newton's method; scikit-fem's own refuses points on a curved side."""
    local = np.full(points.shape, 1 / 3)
    for _ in range(6):  # it converges quadratically, on straight triangles at once
        local = local + np.einsum("ijkl,jkl->ikl", mapping.invDF(local, cells), points - mapping.F(local, cells))
    return local


def _scikit_fem() -> Any:
    try:
        return import_module("skfem")
    except ImportError:
        raise BackendError(
            'finite-element references need scikit-fem, which is not installed: pip install "collocate[fem]"'
        ) from None


def _triangulated(fem: Any, corners: Sequence[tuple[float, float]]) -> Any:
    """The polygon's triangles from corner to corner."""
    polygon = shapely.Polygon(corners)
    if not polygon.is_valid or polygon.area == 0:
        raise StatementError(f"these corners make no polygon: {shapely.is_valid_reason(polygon)}; got {list(corners)}")
    points = shapely.get_coordinates(polygon)[:-1]
    triangles = []
    for triangle in shapely.constrained_delaunay_triangles(polygon).geoms:
        corners_of_it = shapely.get_coordinates(triangle)[:3]
        triangles.append(np.linalg.norm(points[:, None] - corners_of_it, axis=2).argmin(axis=0))
    return fem.MeshTri(points.T, np.array(triangles).T)


def _solve(fem: Any, mesh: Any, load: Function, boundary: Function, find: Function) -> Elements:
    """Galerkin's method with quadratic elements; values at the boundary's nodes are given."""
    basis = fem.Basis(mesh, fem.ElementTriP2(), intorder=6)
    stiffness = fem.BilinearForm(lambda u, v, w: u.grad[0] * v.grad[0] + u.grad[1] * v.grad[1]).assemble(basis)
    right = fem.LinearForm(lambda v, w: load(*w.x) * v).assemble(basis)
    known = basis.get_dofs().all()
    start = np.zeros(basis.N)
    start[known] = boundary(*basis.doflocs[:, known])
    return Elements(basis, fem.solve(*fem.condense(stiffness, right, x=start, D=known)), find)


def _jumps(fem: Any, found: Elements, load: Function) -> np.ndarray:
    """η² of each triangle: h² ‖load + Δu‖² + ½ Σ h ‖jump of ∂u/∂n‖² over its inner edges."""
    basis, mesh = found.basis, found.basis.mesh
    inside = fem.Functional(lambda w: w.h**2 * (load(*w.x) + w.u.hess[0, 0] + w.u.hess[1, 1]) ** 2)
    sides = [fem.InteriorFacetBasis(mesh, basis.elem, side=side, intorder=4) for side in (0, 1)]
    one, other = (side.interpolate(found.values) for side in sides)
    edges = fem.Functional(
        lambda w: w.h * ((w.one.grad[0] - w.other.grad[0]) * w.n[0] + (w.one.grad[1] - w.other.grad[1]) * w.n[1]) ** 2
    ).elemental(sides[0], one=one, other=other)
    by_edge = np.zeros(mesh.facets.shape[1])
    np.add.at(by_edge, sides[0].find, edges)
    second = fem.Basis(mesh, fem.ElementTriP2G(), intorder=4)  # the same space, with second derivatives
    return inside.elemental(second, u=second.interpolate(found.values)) + by_edge[mesh.t2f].sum(axis=0) / 2
