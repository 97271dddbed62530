"""How well the swap does: the figures of `docs/quality.md`, and a contact sheet to look at.

    python -m engine.training.evaluate_swap --data ../shared/data --sheet sheet.jpg [--frames 100]

For each clip and portrait: frames whose face dlib finds closer to the source than to the target (two packages: see
`engine/training/identity.py`); pose and expression of the swapped face, tracked again, against the target's; what
changes where the mask is 0; flicker (mean change from frame to frame in the face, after motion compensation by
its landmarks) against the target's own; processor time a frame, early and late in the clip.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from engine.events import Finished
from engine.export.swap_target import Target
from engine.face.fit import fit_face
from engine.face.head_model import EXPRESSIONS, load_head_model
from engine.face.landmarks import Box, choose_face
from engine.face.tracking import Track, track_frames
from engine.face.unwrap import Unwrapper
from engine.media.image import read_image
from engine.media.video import probe, read_frames
from engine.render.renderers import make_renderer
from engine.render.swap import OUTLINE, SwapLook, Swapper
from engine.training.identity import Identity, distance

PAIRS = (
    ("grid_pwij3p.mpg", "ai_FLUX1_dev_0004228.jpg"),  # a light man gets a very dark face
    ("pd_obama_weekly_20s.mp4", "ai_sfhq_900px_3.jpg"),  # a dark man gets a light face
    ("videoretalking_face4.mp4", "real_pd_obama.jpg"),  # a woman who gestures
    ("motion_lp_d13.mp4", "real_pd_congress_N000147.jpg"),  # glasses get glasses
    ("latentsync_demo2.mp4", "ai_sfhq_1800px_1.jpg"),  # a beard, 1080x1920
    ("vidtimit_fadg0_sa2.mp4", "real_pd_grace_hopper.jpg"),  # a woman gets an older one's face, with glasses
    ("motion_vidtimit_fadg0_headturn.mp4", "real_nc_joy_joyvasa_005.png"),  # the head turns; a man with stubble
    ("motion_lp_d6.mp4", "ai_sfhq_900px_5.jpg"),  # a face that does everything
    ("videoretalking_face2.mp4", "ai_FLUX1_dev_0001383.jpg"),  # a man gets a girl's face with big glasses
    ("wav2lip_history_bald_20s.mov", "ai_sfhq_900px_1.jpg"),  # a dark beard, 720p
)
EVERY = 4  # frames between those whose identity is measured
TILE = 256  # pixels of a picture in the sheet


@dataclass(frozen=True)
class Figures:
    """Of one pair: share 0..1 closer to the source, distance from it, degrees, share of range, grey levels, ratio,
    milliseconds early and late."""

    identity: float
    away: float
    pose: float
    expression: float
    outside: float
    flicker: float
    early: float
    late: float

    def __str__(self) -> str:
        kept, outside = f"{self.identity:7.1%} {self.away:6.3f}", f"{self.outside:5.2f}"
        return f"{kept} {self.pose:6.2f} {self.expression:7.1%} {outside} {self.flicker:6.2f} {self.early:5.0f} {self.late:5.0f}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with portraits/ and video/")
    parser.add_argument("--frames", type=int, default=100, help="of each clip")
    parser.add_argument("--renderer", default="warp")
    parser.add_argument("--outline", type=float, default=OUTLINE, help="how far the outline goes to the source's, 0..1")
    parser.add_argument("--pairs", help="only pairs whose video or portrait has this in its name")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet here")
    options = parser.parse_args()
    identity, rows = Identity(), []
    print(f"{'identity   away pose expression outside flicker ms early late':>107s}")
    look = SwapLook(outline=options.outline)
    for video, portrait in PAIRS:
        if (options.pairs or "") not in video + portrait:
            continue
        figures, row = measured(options.data, video, portrait, options.frames, options.renderer, look, identity)
        rows.append(row)
        print(f"{video:36s} {portrait:30s} {figures}", flush=True)
        if options.sheet:
            cv2.imwrite(str(options.sheet), np.vstack(rows)[..., ::-1])


def measured(
    data: Path, video: str, portrait: str, count: int, renderer: str, look: SwapLook, identity: Identity
) -> tuple[Figures, np.ndarray]:
    """The figures of a pair, and its row of the sheet: source, then two frames before and after."""
    path = data / "video" / video
    frames = list(islice(read_frames(path), count))
    track = tracked(frames, probe(path).rate)
    unwrapper = Unwrapper(load_head_model())
    samples = [unwrapper.flat(frames[i], track.landmarks[i]) for i in np.flatnonzero(track.visible)[::6]]
    target = Target(track, np.array(samples))
    picture = read_image(data / "portraits" / portrait)
    fit = fit_face(choose_face(picture.rgb), load_head_model())
    swapper = Swapper(picture.rgb, picture.alpha, fit, make_renderer(renderer), target.cover(), target.unit)
    fits = target.fits(range(len(frames)))
    swapped, times = [], []
    for index, frame in enumerate(frames):
        begun, face = time.process_time(), fits[index]
        swapped.append(frame if face is None else swapper.swap(frame, face, look))
        times.append(1000 * (time.process_time() - begun))
    source = identity.describe(picture.rgb, fit.landmarks)
    where = np.flatnonzero(track.visible)[::EVERY]
    apart = []
    for i in where:
        mine, theirs = (identity.describe(image[i], track.landmarks[i]) for image in (swapped, frames))
        apart.append((distance(mine, source), distance(mine, theirs)))
    again = tracked(swapped, track.rate)
    seen = track.visible & again.visible
    turned = np.abs(again.poses[seen, :3] - track.poses[seen, :3])
    moved = np.abs(again.values[seen, : len(EXPRESSIONS)] - track.values[seen, : len(EXPRESSIONS)])
    active = track.values[seen, : len(EXPRESSIONS)].max(0) > 0.1
    steady = [track.landmarks[i] if fit is None else fit.landmarks for i, fit in fits.items()]
    outside = [
        np.abs(a.astype(int) - b)[far(t, a.shape)].mean()
        for a, b, t in zip(swapped, frames, track.landmarks, strict=True)
    ]
    figures = Figures(
        float(np.mean([own < other for own, other in apart])),
        float(np.mean([own for own, _ in apart])),
        float(turned.mean()),
        float(moved[:, active].mean()),
        float(np.max(outside)),
        flicker(swapped, steady, unwrapper) / flicker(frames, steady, unwrapper),
        float(np.median(times[5:25])),
        float(np.median(times[-20:])),
    )
    sheet = list(tiles(frames, swapped, track, (len(frames) // 3, len(frames) - 3)))
    return figures, np.hstack([tile(picture.rgb, fit.landmarks), *sheet])


def tracked(frames: list[np.ndarray], rate: Fraction) -> Track:
    """The track of the largest face."""
    return next(e.result for e in track_frames(frames, rate, load_head_model()) if isinstance(e, Finished))


def far(landmarks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """[H, W] bool: where no mask can be: outside the hull of the landmarks and a few pixels more."""
    inside = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(np.rint(landmarks[:, :2]).astype(np.int32)), (1,))
    return np.asarray(cv2.dilate(inside, np.ones((13, 13), np.uint8)) == 0)


def flicker(frames: list[np.ndarray], landmarks: list[np.ndarray], unwrapper: Unwrapper) -> float:
    """Mean change of the faces laid flat, by the smoothed landmarks of the target, against the frames before and after."""
    flat = [unwrapper.flat(f, at).astype(np.float32) for f, at in zip(frames, landmarks, strict=True)]
    bends = [np.abs(b - (a + c) / 2) for a, b, c in zip(flat, flat[1:], flat[2:], strict=False)]
    return float(np.median([bend[unwrapper.inside].mean() for bend in bends]))


def tiles(
    frames: list[np.ndarray], swapped: list[np.ndarray], track: Track, at: tuple[int, ...]
) -> Iterator[np.ndarray]:
    """Face and swapped face at each of these frames."""
    for index in at:
        yield from (tile(image[index], track.landmarks[index]) for image in (frames, swapped))


def tile(rgb: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The face with some of what is around it, TILE pixels square."""
    box = Box.around(landmarks)
    half = round(1.5 * box.half)
    padded = cv2.copyMakeBorder(rgb, half, half, half, half, cv2.BORDER_CONSTANT)
    x, y = round(box.x), round(box.y)
    return np.asarray(
        cv2.resize(padded[y : y + 2 * half, x : x + 2 * half], (TILE, TILE), interpolation=cv2.INTER_AREA)
    )


if __name__ == "__main__":
    main()
