"""What a swap costs: `python -m benchmarks.swap --data ../shared/data`, processor time a frame, early and late, and memory.

A 720p clip and a 1080x1920 clip, followed, swapped by the warp and written, each in a process of its own.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine.events import FrameReady, Progress
from engine.jobs import new_project
from engine.project.edits import with_settings
from engine.project.media_ref import refer_to
from engine.project.project import SwapClip
from engine.swap_jobs import swap_video

CLIPS = ("wav2lip_history_bald_20s.mov", "latentsync_demo1.mp4")
PORTRAIT = "ai_sfhq_900px_3.jpg"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with portraits/ and video/")
    parser.add_argument("--clip", help="measure this one, in this process")
    options = parser.parse_args()
    if options.clip:
        measure(options.data / "video" / options.clip, options.data / "portraits" / PORTRAIT)
        return
    for clip in CLIPS:
        arguments = ["-m", "benchmarks.swap", "--data", str(options.data), "--clip", clip]
        subprocess.run([sys.executable, *arguments], check=True)


def measure(video: Path, portrait: Path) -> None:
    """Print one clip's figures."""
    import resource

    stages: dict[str, list[float]] = {}
    frames: list[float] = []
    last = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        project = with_settings(new_project(portrait), renderer="warp")
        for event in swap_video(project, SwapClip(refer_to(video)), Path(folder) / "swapped.mp4"):
            now = time.process_time()
            if isinstance(event, Progress):
                stages.setdefault(event.text, []).append(1000 * (now - last))
            elif isinstance(event, FrameReady):
                frames.append(1000 * (now - last))
            last = now
    quarter = max(1, len(frames) // 4)
    early, late = (sum(part) / quarter for part in (frames[:quarter], frames[-quarter:]))
    following = sum(sum(stages.get(name, [])) for name in ("Following the faces", "Reading the expression"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{video.name}: {len(frames)} frames; following {following / len(frames):.0f} ms a frame; swapping and writing "
        f"{early:.0f} ms in the first quarter, {late:.0f} ms in the last; peak memory {peak:.0f} MiB"
    )


if __name__ == "__main__":
    main()
