"""Weights to test with: a tiny CLIP on disk, and a hub on this machine to fetch from. Use both as fixtures."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

TINY = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}
WEIGHTS = b"weights " * 400_000


class _Hub(http.server.BaseHTTPRequestHandler):
    """A hub with one repository; `lying` sends another file than it offers."""

    def do_GET(self) -> None:
        digest = hashlib.sha256(b"others" if "lying" in self.path else WEIGHTS).hexdigest()
        if self.path.startswith("/api/"):
            about = {"size": len(WEIGHTS), "lfs": {"sha256": digest}}
            files = [{"rfilename": name, **about} for name in ("model.safetensors", "open_clip_model.safetensors")]
            body = json.dumps({"siblings": files, "cardData": {"license": "mit"}}).encode()
        else:
            body = WEIGHTS
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def serve_hub() -> Iterator[str]:
    """The address of a hub that runs until this is closed; use it as a fixture."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """(model configuration, weights) of a randomly initialised CLIP, saved to disk."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("clip")
    (folder / "tiny-test-clip.json").write_text(json.dumps(TINY))
    open_clip.add_model_config(folder / "tiny-test-clip.json")
    torch.manual_seed(0)
    model = open_clip.create_model("tiny-test-clip")
    save_file(model.state_dict(), folder / "weights.safetensors")
    return str(folder / "tiny-test-clip.json"), folder / "weights.safetensors"
