"""How commands choose a renderer, and the commands about its weights: `personalise` and `denoiser`."""

import argparse
import sys
from pathlib import Path
from typing import Any

from engine import console, jobs, personal_jobs
from engine.errors import InputError
from engine.project.edits import with_settings
from engine.project.media_ref import refer_to
from engine.project.project import Project
from engine.render.renderers import NAMES
from engine.render.tgdm.schedule import STEPS

MINUTES = 5.0  # that personalising may take if nobody says


def add_renderer(command: argparse.ArgumentParser, timed: bool = True) -> None:
    """The arguments that `with_renderer` reads."""
    add = command.add_argument
    told = "auto (if not said): tgdm, by diffusion, if its weights are here and this machine is quick enough, else warp"
    add("--renderer", choices=NAMES, help=told)
    add("--steps", type=int, metavar="N", help=f"of diffusion, 1 to 8: more are finer and slower (default: {STEPS})")
    add("--denoiser", metavar="FILE|FOLDER|NAME", help="weights of your own (see the command `denoiser`)")
    add("--personal", type=Path, metavar="FILE", help="weights of this very face (see the command `personalise`)")
    if timed:
        add("--time-limit", type=float, metavar="MINUTES", help="renderer auto takes the warp rather than longer")


def with_renderer(project: Project, options: argparse.Namespace) -> Project:
    """The project with those render settings changed that the options name.

    Raises:
        InputError: a number out of range. MediaError, ResourceError: weights that are not there.
    """
    changes: dict[str, Any] = {}
    if options.renderer:
        changes["renderer"] = options.renderer
    if options.steps is not None:
        changes["steps"] = options.steps
    if options.denoiser:
        from engine.render.checkpoints import describe

        changes["denoiser"] = describe(options.denoiser)
    if options.personal:
        changes["personal"] = refer_to(options.personal)
    if getattr(options, "time_limit", None) is not None:
        if not options.time_limit >= 0:
            raise InputError(f"--time-limit {options.time_limit:g}: give minutes, 0 or more")
        changes["patience"] = 60 * options.time_limit / max(float(project.duration), 1e-3)
    return with_settings(project, **changes)


def add_personalise(command: argparse.ArgumentParser) -> None:
    """The arguments of `personalise`."""
    add = command.add_argument
    add("--portrait", type=Path, required=True, metavar="PICTURE")
    add("--face", type=int, metavar="INDEX", help="which face: 0 the largest, 1 the next ...")
    add("--clip", type=Path, metavar="VIDEO", help="the same person talking: teaches far more than a picture")
    add("--denoiser", metavar="FILE", help="for weights of your own, not those that ship")
    add("--minutes", type=float, default=MINUTES, metavar="N", help=f"as long as it may take (default: {MINUTES:g})")
    add("--seed", type=int, default=0, metavar="N")
    add("-o", "--output", type=Path, required=True, metavar="ME.safetensors")


def personalise(options: argparse.Namespace) -> Path:
    """Weights of one face, for --personal."""
    project = jobs.new_project(options.portrait, face=options.face)
    if options.denoiser:
        from engine.render.checkpoints import describe

        project = with_settings(project, denoiser=describe(options.denoiser))
    job = personal_jobs.personalise(project, options.output, options.clip, options.minutes, options.seed)
    learnt = console.run(job, options.json)
    told = f"error on frames it has not seen: {learnt.before:.4f} before, {learnt.after:.4f} after {learnt.steps} steps"
    print(f"portrayal: {told}", file=sys.stderr)
    path: Path = learnt.path
    return path


def add_denoiser(command: argparse.ArgumentParser) -> None:
    """The arguments of `denoiser`."""
    command.add_argument("source", metavar="FILE|FOLDER|NAME", help="a file, a folder of diffusers', or a hub name")
    command.add_argument("--fetch", action="store_true", help="fetch a hub name's files now, over the network")


def denoiser(options: argparse.Namespace) -> None:
    """Print what weights of the user's own are: architecture, licence, SHA-256."""
    from engine.render.checkpoints import ARCHITECTURES, describe, fetch

    if options.fetch:
        fetch(options.source)
    row = describe(options.source)
    if options.json:
        console.emit("denoiser", **{name: getattr(row, name) for name in ("architecture", "licence", "sha256")})
        return
    usable = "" if row.architecture in ARCHITECTURES else f"  (cannot be used: not {' or '.join(ARCHITECTURES)})"
    print(f"architecture  {row.architecture}{usable}\nlicence       {row.licence}\nSHA-256       {row.sha256}")
