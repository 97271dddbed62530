"""Everything that must hold before a change lands: `python -m tests` (further arguments go to pytest)."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STEPS = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["mypy"],
    ["pytest", "--numprocesses=2", "--dist=loadfile", *sys.argv[1:]],
]


def main() -> int:
    """Run every step, also after one has failed; 0 when all passed."""
    failed = []
    for step in STEPS:
        print(f"-- {' '.join(step)}", flush=True)
        if subprocess.run([sys.executable, "-m", *step], cwd=ROOT).returncode:
            failed.append(step[0])
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
