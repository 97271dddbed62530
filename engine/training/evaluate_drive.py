"""How much of a driver arrives: the figures of `docs/quality.md`.

    python -m engine.training.evaluate_drive --data ../shared/data [--frames 150] [--renderer warp]

*Self-drive*: a calm frame of a clip is the portrait, the clip drives it, the rendered video is tracked again. Correlation
by group of the driver's channels with what is asked of the portrait (retarget), of that with what is recovered
(render), and of the driver's with what is recovered (whole); channels that hardly move in the driver are left out.
*Across identities*: one clip drives other portraits; the share of frames that dlib finds closer to the portrait than
to the driver (needs two packages: see `engine/training/identity.py`).
"""

import argparse
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np

from engine.errors import ResourceError
from engine.events import Finished
from engine.face.fit import Fit, fit_face
from engine.face.head_model import load_head_model
from engine.face.landmarks import choose_face
from engine.face.tracking import Track, track_frames
from engine.media.image import read_image, resized
from engine.media.video import probe, read_frames
from engine.motion.drive import transfer
from engine.project.channels import CHANNELS, INDEX, in_group
from engine.project.media_ref import MediaRef
from engine.project.project import DriveClip
from engine.render.renderers import RENDERERS, make_renderer
from engine.training.identity import Identity, distance

CLIPS = (
    "grid_pwij3p.mpg vidtimit_fadg0_sa2.mp4 videoretalking_face2.mp4 videoretalking_face4.mp4 pd_obama_weekly_20s.mp4 "
    "motion_lp_d18.mp4 motion_lp_d6.mp4 motion_lp_d13.mp4 motion_vidtimit_fadg0_headturn.mp4 latentsync_demo2.mp4"
).split()
PORTRAITS = (
    "real_pd_obama.jpg ai_FLUX1_dev_0004228.jpg real_pd_congress_N000147.jpg ai_sfhq_900px_3.jpg real_pd_grace_hopper.jpg"
).split()
GROUPS = {"lips": "mouth", "jaw": "jaw", "brows": "brows", "lids": "eyes", "gaze": "gaze", "head": "head"}
STAGES = ("retarget", "render", "whole")
MOVES = {"degrees": 1.0, "eye distances": 0.01, "ratio": 0.01, "": 0.05}  # least standard deviation, by unit
SIZE = 512  # pixels of a rendered portrait's longer side
EVERY = 10  # frames between those whose identity is measured


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with portraits/ and video/")
    parser.add_argument("--frames", type=int, default=150, help="of each clip")
    parser.add_argument("--renderer", choices=RENDERERS, default="warp")
    options = parser.parse_args()
    print(f"{'self-drive: retarget / render / whole':42s}" + "".join(f"{name:>21s}" for name in GROUPS))
    rows = []
    for name in CLIPS:
        frames, rate, track = followed(options.data / "video" / name, options.frames)
        rows.append(self_drive(frames, rate, track, options.renderer))
        print(f"{name:42s}" + "".join(f"{_three(rows[-1][group]):>21s}" for group in GROUPS), flush=True)
    means = {group: np.nanmean([row[group] for row in rows], axis=0) for group in GROUPS}
    print(f"{'mean':42s}" + "".join(f"{_three(means[group]):>21s}" for group in GROUPS))
    try:
        identity = Identity()
    except ResourceError as error:
        print(error)
        return
    kept = [share for name in CLIPS[::3] for share in across(options.data, name, options.frames, identity)]
    print(f"{'mean over all pairs':72s} {np.mean(kept):7.1%}")


def followed(path: Path, count: int) -> tuple[list[np.ndarray], Fraction, Track]:
    """The first frames of a video, its rate, and its face's track."""
    rate = probe(path).rate
    frames = list(islice(read_frames(path), count))
    return frames, rate, tracked(frames, rate)


def tracked(frames: list[np.ndarray], rate: Fraction) -> Track:
    """The track of the largest face."""
    return next(e.result for e in track_frames(frames, rate, load_head_model()) if isinstance(e, Finished))


def self_drive(frames: list[np.ndarray], rate: Fraction, track: Track, renderer: str) -> dict[str, np.ndarray]:
    """Group -> [3] correlations by stage; nan for a group that does not move."""
    still = calmest(track)
    size = min(1.0, SIZE / max(frames[still].shape[:2]))
    rgb = resized_rgb(frames[still], size)
    fit = fit_face(choose_face(rgb), load_head_model())
    asked = transfer(track, fit, clip_of())
    recovered = tracked(list(rendered(rgb, fit, asked, renderer)), rate)
    seen = track.visible & recovered.visible
    driver = track.values[seen]
    stages = ((driver, asked[seen]), (asked[seen], recovered.values[seen]), (driver, recovered.values[seen]))
    moving = driver.std(0) > [MOVES[channel.unit] for channel in CHANNELS]
    return {
        group: np.array([correlation(one, other, name, moving) for one, other in stages])
        for group, name in GROUPS.items()
    }


def calmest(track: Track) -> int:
    """The frame that looks most like a portrait: lips together, eyes open, little else going on."""
    values = track.values
    blink, jaw = values[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]].sum(1), values[:, INDEX["jawOpen"]]
    turned = np.abs(track.poses[:, 0]) / 30 + np.abs(track.poses[:, 1]) / 30
    return int(np.argmin(values[:, : INDEX["gazeYaw"]].sum(1) + 3 * blink + 5 * jaw + turned + 99 * ~track.visible))


def clip_of() -> DriveClip:
    """A drive clip with every default."""
    return DriveClip(MediaRef("driver", "0" * 64))


def resized_rgb(rgb: np.ndarray, factor: float) -> np.ndarray:
    """rgb at `factor` times its size."""
    from engine.media.image import Picture

    return resized(Picture(np.ascontiguousarray(rgb), None), round(max(rgb.shape[:2]) * factor)).rgb


def rendered(rgb: np.ndarray, fit: Fit, values: np.ndarray, by: str = "warp") -> Iterator[np.ndarray]:
    """The portrait's picture for each row of values [T, C]."""
    renderer = make_renderer(by)
    renderer.set_portrait(rgb, None, fit)
    for row in values:
        yield renderer.render(row)


def correlation(one: np.ndarray, other: np.ndarray, group: str, moving: np.ndarray) -> float:
    """Of the group's moving channels of [T, C], each counted from its mean and in units of its range, taken together."""
    chosen = [INDEX[name] for name in in_group(group) if moving[INDEX[name]]]
    if not chosen:
        return float("nan")
    span = [CHANNELS[i].high - CHANNELS[i].low for i in chosen]
    a, b = ((values[:, chosen] - values[:, chosen].mean(0)) / span for values in (one, other))
    return float((a * b).sum() / max(np.sqrt((a**2).sum() * (b**2).sum()), 1e-9))


def across(data: Path, name: str, count: int, identity: Identity) -> Iterator[float]:
    """For each portrait, the share of its frames that look more like the portrait than like the driver; printed too."""
    frames, _, track = followed(data / "video" / name, count)
    where = np.flatnonzero(track.visible)[::EVERY]
    driver = [identity.describe(frames[i], track.landmarks[i]) for i in where]
    for portrait in PORTRAITS:
        picture = read_image(data / "portraits" / portrait)
        rgb = resized(picture, min(SIZE, max(picture.rgb.shape[:2]))).rgb
        fit = fit_face(choose_face(rgb), load_head_model())
        own = identity.describe(rgb, fit.landmarks)
        values = transfer(track, fit, clip_of())[where]
        made = [
            identity.describe(image, fit.points(row))
            for image, row in zip(rendered(rgb, fit, values), values, strict=False)
        ]
        to_own = np.array([distance(face, own) for face in made])
        to_driver = np.array([distance(*pair) for pair in zip(made, driver, strict=True)])
        kept = float((to_own < to_driver).mean())
        figures = f"{to_own.mean():.2f} to the portrait, {to_driver.mean():.2f} to the driver"
        print(f"{name:34s} {portrait:30s} {figures}: kept {kept:7.1%}", flush=True)
        yield kept


def _three(figures: np.ndarray) -> str:
    return " / ".join("  - " if np.isnan(figure) else f"{figure:.2f}" for figure in figures)


if __name__ == "__main__":
    main()
