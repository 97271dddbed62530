import numpy as np

from engine.face.raster import rasterise

SQUARE = np.array([[2, 2, 0], [10, 2, 0], [10, 10, 0], [2, 10, 0]], np.float32)
HALVES = np.array([[0, 1, 2], [0, 2, 3]])


def test_positions_drawn_as_attributes_come_back_at_their_own_pixels():
    image, covering = rasterise(SQUARE, HALVES, SQUARE[:, :2], 14, 16)
    ys, xs = np.nonzero(covering >= 0)
    assert set(zip(ys, xs, strict=True)) == {(y, x) for y in range(2, 11) for x in range(2, 11)}
    np.testing.assert_allclose(image[ys, xs], np.stack([xs, ys], 1), atol=1e-4)


def test_the_nearer_triangle_hides_the_farther_one_in_either_order():
    near, far = SQUARE - [0, 0, 5], SQUARE + [3, 3, 5]
    vertices = np.concatenate([near, far])
    colour = np.repeat([[1.0], [2.0]], 4, axis=0)
    for triangles in (np.concatenate([HALVES, HALVES + 4]), np.concatenate([HALVES + 4, HALVES])):
        image, _ = rasterise(vertices, triangles, colour, 20, 20)
        assert image[8, 8, 0] == 1.0
        assert image[12, 12, 0] == 2.0


def test_shapes_outside_the_picture_and_empty_triangles_draw_nothing():
    flat = np.array([[5, 5, 0], [5, 5, 0], [9, 9, 0]], np.float32)
    for vertices in (SQUARE + [100, 0, 0], SQUARE - [0, 100, 0]):
        _, covering = rasterise(vertices, HALVES, SQUARE, 14, 16)
        assert (covering == -1).all()
    _, covering = rasterise(flat, np.array([[0, 1, 2]]), flat, 14, 16)
    assert (covering == -1).all()
