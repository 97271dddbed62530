"""Measures the diffusion renderer against the warp on clips that trained nothing: one frame is the portrait.

python -m engine.training.evaluate_tgdm --data ../shared/data --weights ../cache/tgdm/run1/tgdm.safetensors --cache ../cache/tgdm

Prints a row a clip and what became of all, beside the warp and beside a softened warp, which a network that has only
learned to blur would not beat. Faces are compared with dlib's network if `--dlib` names a folder that holds
the packages dlib-bin and face_recognition_models.
"""

import argparse
import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import islice, pairwise
from pathlib import Path

import cv2
import numpy as np

from engine.face.tracking import Track
from engine.media.video import probe, read_frames
from engine.render.outline import Box
from engine.render.tgdm.light import FaceLight
from engine.render.tgdm.pairs import track_clip, values_against
from engine.render.tgdm.portrait import PatchedPortrait, View
from engine.render.tgdm.regions import FACE, KNOWN, PIXELS, REGIONS
from engine.render.tgdm.renderer import TgdmRenderer
from engine.render.tgdm.schedule import STEPS
from engine.training.picture_figures import error, gradient_similarity, sharpness, ssim

FRAMES = 75  # of each clip
EVERY = 5  # of them, one is measured
SOFTENED = 1.0  # patch pixels: the blur of the softened warp
OPEN = 60  # of 255: from there on a patch's map says mouth or eye
STILL = 0.35  # patch pixels between two frames: what moves less is still
FIGURES: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], float]] = {
    "error": error,
    "ssim": ssim,
    "edges": gradient_similarity,
    "sharpness": lambda found, truth, weight: sharpness(found, weight) / max(sharpness(truth, weight), 1e-6),
}
Compare = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True)
class Shot:
    """One frame of a clip, what each renderer makes of it, and its regions (as KNOWN) and the portrait's."""

    truth: np.ndarray
    pictures: dict[str, np.ndarray]
    views: list[View]
    portrait: list[View]
    face: Box


def tracked(path: Path, cache: Path) -> tuple[list[np.ndarray], Track]:
    """The first frames of a clip, and the face in them."""
    frames = list(islice(read_frames(path), FRAMES))
    kept = cache / f"{path.stem}.track"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(track_clip(frames, probe(path).rate)))
    track: Track = pickle.loads(kept.read_bytes())
    return frames, track


def plainest(track: Track) -> int:
    """The frame to take as the portrait: lips shut, eyes open, facing us."""
    gape = np.linalg.norm((track.landmarks[:, 13] - track.landmarks[:, 14])[:, :2], axis=1) / track.poses[:, 3]
    lids = np.linalg.norm((track.landmarks[:, 159] - track.landmarks[:, 145])[:, :2], axis=1) / track.poses[:, 3]
    return int(np.argmin(gape - lids + np.abs(track.poses[:, 0]) / 90 + 9.0 * ~track.visible))


def shots(frames: list[np.ndarray], track: Track, renderer: TgdmRenderer, which: range) -> Iterator[Shot]:
    """Frames of a clip, drawn by both renderers from the portrait that `renderer` has."""
    portrait = plainest(track)
    fit = track.fit(portrait)
    patches = PatchedPortrait(frames[portrait], fit, renderer.warp.geometry(fit.values()), regions=KNOWN)
    for frame in which:
        values = values_against(track, portrait, frame)
        pictures = {"warp": renderer.warp.render(values), "tgdm": renderer.render(values)}
        face = Box.around(track.landmarks[frame, :, :2], 0.6 * fit.pose.scale, frames[frame].shape)
        views = patches.views(frames[frame], renderer.warp.geometry(values))
        yield Shot(frames[frame], pictures, views, patches.source, face)


def figures(shot: Shot) -> dict[str, float]:
    """Each figure for each region and renderer: `tgdm mouth ssim` ...; `inside` is the error where the map says mouth
    or eye, left out where there is next to none. Of the whole face only the skin counts, and `relit` is its baseline."""
    found: dict[str, float] = {}
    for region, view, portrait in zip(KNOWN, shot.views, shot.portrait, strict=True):
        parts = {name: view.patch.of(picture) for name, picture in shot.pictures.items()}
        parts["soft"] = np.asarray(cv2.GaussianBlur(parts["warp"], (0, 0), SOFTENED))
        if region is FACE:
            drawn = replace(view, rgb=parts["warp"])
            parts["relit"] = np.clip(np.round(parts["warp"] + FaceLight.of(portrait).change(drawn)), 0, 255).astype(
                np.uint8
            )
        weight, share = skin(view) if region is FACE else middle(view), 1 / _count(region.name)
        for name, part in parts.items():
            for figure, measure in FIGURES.items():
                key = f"{name} {region.name.split()[-1]} {figure}"
                found[key] = found.get(key, 0.0) + measure(part, view.rgb, weight) * share
            if region is not FACE and (hole := inside(view)).sum() > 0.01 * hole.size:
                found[f"{name} {region.name} inside"] = error(part, view.rgb, hole)
    return found


def inside(view: View) -> np.ndarray:
    """[P, P] in 0..1: mouth or eye, with the rim of lips or lids."""
    hole = (view.maps.geometry[..., 6:8].max(2) > OPEN).astype(np.float32)
    return np.asarray(cv2.dilate(hole, np.ones((5, 5), np.uint8))) * middle(view)


def flicker(steady: list[Shot]) -> dict[str, float]:
    """Change between neighbouring frames where nothing moves, against the real clip's, 1 = as much as there."""
    changes: dict[str, list[float]] = {"truth": [], "warp": [], "tgdm": []}
    for before, after in pairwise(steady):
        for old, new in islice(zip(before.views, after.views, strict=True), len(REGIONS)):
            moved = np.abs(new.maps.source - old.maps.source).max(2)
            still = (np.nan_to_num(moved, nan=9.0) < STILL) * middle(new)
            if still.sum() < 200:
                continue
            changes["truth"].append(error(old.rgb, new.rgb, still))
            for name in ("warp", "tgdm"):
                changes[name].append(
                    error(old.patch.of(before.pictures[name]), new.patch.of(after.pictures[name]), still)
                )
    if not changes["truth"]:
        return {}
    real = max(float(np.mean(changes["truth"])), 1e-6)
    return {f"{name} flicker": float(np.mean(changes[name])) / real for name in ("warp", "tgdm")}


def skin(view: View) -> np.ndarray:
    """[P, P] in 0..1: the skin of the face, away from its outline, mouth and eyes."""
    hole = cv2.dilate(view.maps.geometry[..., 6:8].max(2), np.ones((7, 7), np.uint8))
    bare = ((view.maps.trust[..., 0] > 0) & (hole == 0)).astype(np.float32)
    return np.asarray(cv2.erode(bare, np.ones((3, 3), np.uint8)))


def middle(view: View) -> np.ndarray:
    """[P, P] in 0..1: the part of a patch that counts: around its middle, on the face."""
    axis = np.linspace(-1, 1, view.patch.pixels, dtype=np.float32)
    face = (view.maps.trust[..., 0] > 0) | (view.maps.geometry[..., 6:8] > 0).any(2)
    return ((axis[:, None] ** 2 + axis**2) < 0.55**2).astype(np.float32) * face


def evaluate(
    path: Path, renderer: TgdmRenderer, cache: Path, alike: Compare | None
) -> tuple[dict[str, float], list[Shot]]:
    """All figures of one clip, and the frames they come from."""
    frames, track = tracked(path, cache)
    portrait = plainest(track)
    renderer.set_portrait(frames[portrait], None, track.fit(portrait))
    measured = list(shots(frames, track, renderer, range(0, len(frames), EVERY)))
    rows = [figures(shot) for shot in measured]
    keys = sorted(set().union(*rows))
    found = {key: float(np.mean([row[key] for row in rows if key in row])) for key in keys}
    start = len(frames) // 3
    found |= flicker(list(shots(frames, track, renderer, range(start, min(start + 10, len(frames))))))
    if alike:
        for name in ("warp", "tgdm"):
            found[f"{name} stranger"] = float(
                np.nanmean([alike(s.face.of(s.pictures[name]), s.face.of(s.truth)) for s in measured[::3]])
            )
    return found, measured


def dlib_distance(folder: Path) -> Compare:
    """Distance of two faces by dlib's ResNet (0 the same, 0.6 another person), from packages in a folder."""
    sys.path.insert(0, str(folder))
    dlib, models = import_module("dlib"), folder / "face_recognition_models" / "models"

    find = dlib.get_frontal_face_detector()
    shape = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
    net = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))

    def code(rgb: np.ndarray) -> np.ndarray | None:
        rgb = np.ascontiguousarray(rgb)
        faces = find(rgb, 1 if max(rgb.shape) < 500 else 0)
        return (
            np.array(net.compute_face_descriptor(rgb, shape(rgb, max(faces, key=lambda f: f.area()))))
            if faces
            else None
        )

    def compare(a: np.ndarray, b: np.ndarray) -> float:
        first, second = code(a), code(b)
        return float("nan") if first is None or second is None else float(np.linalg.norm(first - second))

    return compare


def sheet(measured: list[Shot], count: int = 5) -> np.ndarray:
    """Patches of some frames, those with the widest mouths: truth, warp, tgdm in columns; a row a region."""
    widest = sorted(measured, key=lambda shot: -float(shot.views[0].maps.geometry[..., 6].mean()))[:count]
    blocks = []
    for shot in widest:
        rows = []
        for view in shot.views:
            rows.append(np.hstack([view.rgb, *(view.patch.of(picture) for picture in shot.pictures.values())]))
        blocks.append(np.vstack(rows))
    return np.hstack(blocks)


def summary(table: dict[str, dict[str, float]]) -> Iterator[str]:
    """What became of all clips: the mean of each figure, and in how many the diffusion renderer is the better one."""
    for key in sorted(set().union(*table.values())):
        if not key.startswith("tgdm"):
            continue
        line = f"{key[5:]:18}"
        for other in ("warp", "soft", "relit"):
            names = (key.replace("tgdm", other), key)
            pairs = np.array([[row[name] for name in names] for row in table.values() if set(names) <= set(row)])
            pairs = pairs[np.isfinite(pairs).all(1)] if len(pairs) else np.zeros((0, 2))
            if len(pairs):
                line += f"  {other} {pairs[:, 0].mean():7.3f} (better in {_better(key, pairs).sum()} of {len(pairs)})"
                line += f"  tgdm {pairs[:, 1].mean():7.3f}" if other == "warp" else ""
        yield line


def _better(key: str, pairs: np.ndarray) -> np.ndarray:
    """[N] bool of pairs [N, 2]: the second figure is better than the first."""
    if key.endswith("sharpness"):
        off = np.abs(np.log(np.maximum(pairs, 1e-6)))
        return np.asarray(off[:, 1] < off[:, 0])
    if key.endswith(("error", "inside", "flicker", "stranger")):
        return np.asarray(pairs[:, 1] < pairs[:, 0])
    return np.asarray(pairs[:, 1] > pairs[:, 0])


def _count(region: str) -> int:
    return sum(other.name.split()[-1] == region.split()[-1] for other in KNOWN)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True, help="for mouth and eyes")
    parser.add_argument("--face", type=Path, help="weights for the whole face; without, the warp's")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--dlib", type=Path)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--clips", nargs="*", default=[], help="only clips whose name contains one of these")
    parser.add_argument("--sheet", type=Path, help="folder for a picture of each clip")
    arguments = parser.parse_args()
    renderer = TgdmRenderer(arguments.weights, arguments.steps, face=arguments.face)
    alike = dlib_distance(arguments.dlib) if arguments.dlib else None
    table: dict[str, dict[str, float]] = {}
    for path in sorted((arguments.data / "video").glob("*.m*")):
        if path.suffix not in (".mp4", ".mpg", ".mov"):
            continue
        if arguments.clips and not any(part in path.name for part in arguments.clips):
            continue
        table[path.stem], measured = evaluate(path, renderer, arguments.cache / "tracks", alike)
        row = table[path.stem]
        print(path.stem, *(f"{key}={value:.3f}" for key, value in row.items()), sep="\t", flush=True)
        if arguments.sheet:
            arguments.sheet.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(arguments.sheet / f"{path.stem}.png"), sheet(measured)[..., ::-1])
    print(*summary(table), f"patches of {PIXELS} pixels", sep="\n")
