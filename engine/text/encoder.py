"""Text encoders beside the one that ships: any text tower of open_clip, from a file on this machine."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.errors import InputError
from engine.text.mapping import TextEncoder
from engine.text.plain import plain

_FRAME = "a portrait of a person, {}"  # CLIP has read captions of pictures, not bare adjectives
_BATCH = 64
RECOMMENDED = ("ViT-B-32", "laion2b_s34b_b79k")  # model and weights to offer: a good reader of moderate size


class OpenClipEncoder:
    """The text tower of open_clip model `model` with the weights in `weights` (safetensors, or a checkpoint without
    code).

    `model` is a name of open_clip's registry, or a path to a configuration (.json) of its kind. Loading takes seconds,
    and happens here; `embed` gives unit rows float32 [N, D].

    Raises:
        InputError: no such model, no such file, or weights of another model.
    """

    def __init__(self, model: str, weights: Path) -> None:
        import open_clip

        if not weights.is_file():
            raise InputError(f"no weights at {weights}: give the file, or fetch it with `fetch_weights`")
        name = _registered(model)
        _refuse_what_needs_the_network(name)
        try:
            loaded = open_clip.create_model(name, pretrained=str(weights))
            self._tokenizer = open_clip.get_tokenizer(name)
        except Exception as error:  # open_clip and torch raise whatever they meet
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InputError(f"{weights.name} cannot be loaded as open_clip {name}: {reason}") from error
        self._model = loaded.eval()
        if hasattr(self._model, "visual"):
            del self._model.visual  # half of the memory, and nothing here looks at pictures
        stamp = weights.stat()
        self.name = f"open_clip {name} ({weights.name}, {stamp.st_size} bytes, {stamp.st_mtime_ns})"

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Unit rows, float32 [N, D]."""
        import torch

        rows = []
        with torch.inference_mode():
            for first in range(0, len(texts), _BATCH):
                tokens = self._tokenizer([_FRAME.format(plain(text)) for text in texts[first : first + _BATCH]])
                rows.append(self._model.encode_text(tokens, normalize=True).float().numpy())
        return np.concatenate(rows)

    def familiar(self, text: str) -> float:
        """It has read much of what people write: nothing is known to be strange to it."""
        return 1.0


class Remembered:
    """An encoder whose long lists (the anchors) are kept in `folder`, so that a slow one embeds them once a machine."""

    def __init__(self, encoder: TextEncoder, folder: Path) -> None:
        self.name = encoder.name
        self._encoder, self._folder = encoder, folder

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Unit rows, float32 [N, D]."""
        if len(texts) < _BATCH:
            return self._encoder.embed(texts)
        key = hashlib.sha256("\n".join([self.name, *texts]).encode()).hexdigest()
        path = self._folder / f"anchors-{key[:20]}.npy"
        if path.is_file():
            try:
                return np.load(path, allow_pickle=False)
            except (ValueError, OSError):
                path.unlink()  # cut short by a crash: made again below
        rows = self._encoder.embed(texts)
        self._folder.mkdir(parents=True, exist_ok=True)
        np.save(path, rows)
        return rows

    def familiar(self, text: str) -> float:
        """As the encoder itself."""
        return self._encoder.familiar(text)


def load_open_clip(model: str, weights: str, folder: Path) -> TextEncoder:
    """An open_clip encoder with `weights`: a file, or a tag of the registry whose file is on this machine (`find_weights`).

    Raises:
        InputError: as `OpenClipEncoder`, or weights that have to be fetched first.
    """
    path = Path(weights) if Path(weights).is_file() else find_weights(model, weights, folder)
    if path is None:
        raise InputError(f"the weights {weights} of {model} are not on this machine: fetch them, or give a file")
    return Remembered(OpenClipEncoder(model, path), folder / "anchors")


def find_weights(model: str, tag: str, folder: Path) -> Path | None:
    """The file of open_clip's weights `tag`, fetched into `folder` or left by open_clip in its own cache; else None.

    Raises:
        InputError: as `repository`.
    """
    from huggingface_hub import try_to_load_from_cache

    name, file = repository(model, tag)
    fetched = fetch_folder(model, tag, folder) / file
    cached = try_to_load_from_cache(name, file)
    return fetched if fetched.is_file() else Path(cached) if isinstance(cached, str) else None


def fetch_folder(model: str, tag: str, folder: Path) -> Path:
    """Where below `folder` weights are fetched to: files of different weights may have one name."""
    return folder / f"{model} {tag}"


def registered_weights() -> list[tuple[str, str]]:
    """(model, tag) of every set of weights that open_clip knows."""
    import open_clip

    return [(model, tag) for model, tag in open_clip.list_pretrained()]


def repository(model: str, tag: str) -> tuple[str, str]:
    """Where open_clip's weights `tag` of `model` are published: (repository on the Hugging Face hub, file name).

    Raises:
        InputError: unknown weights, or weights that are not on the hub.
    """
    from open_clip import pretrained

    known = pretrained.get_pretrained_cfg(model, tag)
    if not known:
        tags = ", ".join(pretrained.list_pretrained_tags_by_model(model)) or "none: see open_clip.list_models()"
        raise InputError(f"open_clip has no weights {tag!r} of {model!r}; it has {tags}")
    if not known.get("hf_hub"):
        raise InputError(f"{model} {tag} is not on the Hugging Face hub: download it by hand and give the file")
    name, _, file = known["hf_hub"].rpartition("/")
    return name, file or pretrained.HF_SAFE_WEIGHTS_NAME


def _refuse_what_needs_the_network(name: str) -> None:
    """A few models of the registry take tokenizer or text tower from the hub while they load; unasked, nothing may."""
    import open_clip
    from huggingface_hub import try_to_load_from_cache

    text = (open_clip.get_model_config(name) or {}).get("text_cfg", {})
    for wanted in filter(None, (text.get("hf_tokenizer_name"), text.get("hf_model_name"))):
        if not isinstance(try_to_load_from_cache(wanted, "config.json"), str):
            raise InputError(
                f"open_clip {name} needs {wanted} from the network: choose a model with CLIP's own tokenizer"
            )


def _registered(model: str) -> str:
    """The registry's name of a model; a configuration file is registered first."""
    import open_clip

    if model.endswith(".json"):
        if not Path(model).is_file():
            raise InputError(f"no model configuration at {model}")
        open_clip.add_model_config(Path(model))
        return Path(model).stem
    if model not in open_clip.list_models():
        raise InputError(f"open_clip has no model {model!r}: open_clip.list_models() names them, e.g. ViT-B-32")
    return model
