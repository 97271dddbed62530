"""Measure the head model: how closely it follows still faces and videos, and whether any visible face is lost.

    python -m engine.training.evaluate_fit --data ../shared/data

Errors are root mean squares over the 468 face landmarks, in percent of the distance of the outer eye corners.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.errors import EngineError
from engine.events import Finished
from engine.face.fit import fit_face, rms_error
from engine.face.head_model import load_head_model
from engine.face.landmarks import choose_face
from engine.face.tracking import Track, track_frames
from engine.media.image import read_image
from engine.media.video import probe, read_frames


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with portraits/ and video/")
    options = parser.parse_args()
    portraits = dict(portrait_errors(options.data / "portraits"))
    for name, error in portraits.items():
        print(f"{name:45s} " + (f"{100 * error:6.2f}" if isinstance(error, float) else error))
    photos = [error for name, error in portraits.items() if name[:3] in ("rea", "ai_") and isinstance(error, float)]
    print(f"{'median of ' + str(len(photos)) + ' real and AI portraits':45s} {100 * np.median(photos):6.2f}\n")
    videos = dict(video_errors(options.data / "video"))
    print(f"{'video':45s} {'frames':>6s} {'lost':>5s} {'rms':>6s} {'worst':>6s}")
    for name, (frames, lost, rms, worst) in videos.items():
        print(f"{name:45s} {frames:6d} {lost:5d} {100 * rms:6.2f} {100 * worst:6.2f}")
    mean = 100 * np.mean([rms for _, _, rms, _ in videos.values()])
    print(f"{'mean of ' + str(len(videos)) + ' videos':45s} {'':12s} {mean:6.2f}")


def portrait_errors(folder: Path) -> Iterator[tuple[str, float | str]]:
    """File name and RMS error in eye distances, or why there is none, for every picture in the folder."""
    model = load_head_model()
    for path in sorted(folder.glob("*.[pjw][npe]*[gp]")):
        try:
            landmarks = choose_face(read_image(path).rgb, name=path.name)
            yield path.name, rms_error(fit_face(landmarks, model))
        except EngineError as error:
            yield path.name, f"refused: {error}"


def video_errors(folder: Path) -> Iterator[tuple[str, tuple[int, int, float, float]]]:
    """File name and (frames, frames without a face, RMS error, worst frame's) for every video in the folder."""
    model = load_head_model()
    for path in sorted(folder.glob("*.m[po]*")):
        for event in track_frames(read_frames(path), probe(path).rate, model):
            if isinstance(event, Finished):
                errors = frame_errors(event.result)
                lost = int((~event.result.visible).sum())
                yield path.name, (len(event.result.visible), lost, float(np.sqrt((errors**2).mean())), errors.max())


def frame_errors(track: Track) -> np.ndarray:
    """RMS error, in eye distances, of each visible frame after smoothing."""
    return np.array([rms_error(track.fit(frame)) for frame in np.flatnonzero(track.visible)])


if __name__ == "__main__":
    main()
