"""How much noise there is at each of the denoiser's levels: the lower part of the cosine schedule, as far as it starts.

x_t = sqrt(a_t) x + sqrt(1 - a_t) noise (Ho et al. 2020, eq. 4), a_t = cos^2(...) (Nichol & Dhariwal 2021, eq. 17).
"""

import itertools
import math

import numpy as np

WHOLE = 1000  # levels of the whole schedule
START = 400  # levels up to where the denoiser starts: there the noise is 0.6 of unit variance; 1, 2, 4, 8 divide it
STEPS = 1  # of sampling, unless told: more draw a little sharper, and measure worse
OFFSET = 0.008


def betas() -> np.ndarray:
    """[START] float64: the noise that each level adds, for diffusers' `trained_betas`."""
    wave = [math.cos((t / WHOLE + OFFSET) / (1 + OFFSET) * math.pi / 2) ** 2 for t in range(START + 1)]
    return np.array([min(1 - after / before, 0.999) for before, after in itertools.pairwise(wave)])


def kept() -> np.ndarray:
    """[START] float64: a_t, the share of the signal's power that is left at each level."""
    return np.cumprod(1 - betas())


def share_of_start() -> np.ndarray:
    """[START] float64 in 0..1: how much of the warp, where sampling starts, is still in x_t.

    DDIM (Song et al. 2021, eq. 12) from a noised warp w towards a clean x goes straight: x_t / sqrt(a_t) = x +
    (s_t / s_start) (w - x) + s_t noise, with s_t = sqrt(1 / a_t - 1). So this is what it has to be trained on.
    """
    spread = np.sqrt(1 / kept() - 1)
    return spread / spread[-1]
