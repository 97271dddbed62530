"""Portrayal. Sub-commands run headless; `python main.py --help` lists them."""

import sys


def main() -> int:
    """Run the command line with this process's arguments; the exit code."""
    from engine.cli import main as command_line

    return command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
