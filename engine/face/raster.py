"""A z-buffered triangle rasteriser for orthographic views, compiled by numba: one core, no GPU, no surprises."""

import math

import numpy as np
from numba import njit


def rasterise(
    vertices: np.ndarray, triangles: np.ndarray, attributes: np.ndarray, height: int, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw triangles, nearest on top, interpolating per-vertex attributes (affine: exact for orthographic views).

    Args:
        vertices: [V, 3] float; x right, y down in pixels (pixel centres at whole numbers), z smaller = nearer.
        triangles: [F, 3] int vertex indices, either winding.
        attributes: [V, A] float, what to interpolate (source coordinates, colours, normals ...).
        height, width: size of the picture, pixels.

    Returns:
        image: [height, width, A] float32, zero where nothing was drawn.
        covering: [height, width] int32, index of the triangle seen at each pixel, -1 where none.
    """
    image = np.zeros((height, width, attributes.shape[1]), np.float32)
    depth = np.full((height, width), np.inf, np.float32)
    covering = np.full((height, width), -1, np.int32)
    _fill(
        np.ascontiguousarray(vertices, np.float32),
        np.ascontiguousarray(triangles, np.int32),
        np.ascontiguousarray(attributes, np.float32),
        image,
        depth,
        covering,
    )
    return image, covering


@njit(cache=True, fastmath=True, nogil=True)
def _fill(vertices, triangles, attributes, image, depth, covering):  # type: ignore[no-untyped-def]
    height, width, channels = image.shape
    for index in range(len(triangles)):
        a, b, c = triangles[index]
        ax, ay, az = vertices[a]
        bx, by, bz = vertices[b]
        cx, cy, cz = vertices[c]
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-9:
            continue
        top = max(0, math.ceil(min(ay, by, cy)))
        bottom = min(height - 1, math.floor(max(ay, by, cy)))
        left = max(0, math.ceil(min(ax, bx, cx)))
        right = min(width - 1, math.floor(max(ax, bx, cx)))
        inverse = 1.0 / area
        for y in range(top, bottom + 1):
            # Barycentric weights are linear along the row: start them at `left` and step.
            wa = ((bx - left) * (cy - y) - (cx - left) * (by - y)) * inverse
            wb = ((cx - left) * (ay - y) - (ax - left) * (cy - y)) * inverse
            step_a = (by - cy) * inverse
            step_b = (cy - ay) * inverse
            for x in range(left, right + 1):
                wc = 1.0 - wa - wb
                if wa >= -1e-5 and wb >= -1e-5 and wc >= -1e-5:
                    z = wa * az + wb * bz + wc * cz
                    if z < depth[y, x]:
                        depth[y, x] = z
                        covering[y, x] = index
                        for k in range(channels):
                            image[y, x, k] = wa * attributes[a, k] + wb * attributes[b, k] + wc * attributes[c, k]
                wa += step_a
                wb += step_b
