"""How alike two pictures are, and how sharp one is. Pictures are [H, W, 3] uint8, weights [H, W] in 0..1."""

import cv2
import numpy as np

STEADY = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # the constants of SSIM


def error(found: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> float:
    """Mean absolute difference, grey levels."""
    return _mean(np.abs(found.astype(np.float32) - truth).mean(2), weight)


def ssim(found: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> float:
    """Structural similarity of the brightness (Wang et al. 2004, eq. 13), Gaussian window of 1.5 pixels."""
    a, b = _grey(found), _grey(truth)
    mean_a, mean_b = _window(a), _window(b)
    vary_a, vary_b = _window(a * a) - mean_a**2, _window(b * b) - mean_b**2
    both = _window(a * b) - mean_a * mean_b
    level = (2 * mean_a * mean_b + STEADY[0]) / (mean_a**2 + mean_b**2 + STEADY[0])
    shape = (2 * both + STEADY[1]) / (vary_a + vary_b + STEADY[1])
    return _mean(level * shape, weight)


def gradient_similarity(found: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> float:
    """How alike the edges are, 1 = equal: 2 g h / (g^2 + h^2) of gradients, direction included."""
    (ax, ay), (bx, by) = _slopes(found), _slopes(truth)
    steady = 5.0**2
    alike = (2 * (ax * bx + ay * by) + steady) / (ax**2 + ay**2 + bx**2 + by**2 + steady)
    return _mean(alike, weight)


def sharpness(picture: np.ndarray, weight: np.ndarray) -> float:
    """Gradient energy: mean square slope of the brightness."""
    x, y = _slopes(picture)
    return _mean(x**2 + y**2, weight)


def _mean(values: np.ndarray, weight: np.ndarray) -> float:
    return float((values * weight).sum() / max(float(weight.sum()), 1e-6))


def _grey(picture: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)).astype(np.float32)


def _window(image: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(image, (11, 11), 1.5))


def _slopes(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    grey = _grey(picture)
    return np.asarray(cv2.Sobel(grey, cv2.CV_32F, 1, 0)) / 8, np.asarray(cv2.Sobel(grey, cv2.CV_32F, 0, 1)) / 8
