"""Portrayal. Alone or with a project file it opens the editor; sub-commands run headless, `--help` lists them."""

import sys
from pathlib import Path


def main() -> int:
    """Run the editor or the command line with this process's arguments; the exit code."""
    arguments = sys.argv[1:]
    if not arguments or (len(arguments) == 1 and arguments[0].endswith(".portrayal")):
        from desktop.app import run

        return run(*map(Path, arguments))
    from engine.cli import main as command_line

    return command_line(arguments)


if __name__ == "__main__":
    sys.exit(main())
