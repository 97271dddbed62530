"""Windows that join, frames that stay, takes that repeat; with a small network of random weights, for no weights are needed."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.media.audio import read_mono
from engine.motion.atom.conditions import conditions
from engine.motion.atom.face_space import MOUTH, SPOKEN, UPPER, FaceSpace
from engine.motion.atom.hearing import heard_phones, likeliest
from engine.motion.atom.listening import Speech
from engine.motion.atom.model import Model
from engine.motion.atom.network import BANDS, UNTOLD, Atom, Settings, load, save
from engine.motion.atom.perform import lip_channels, lip_motion, mouth, upper_channels, upper_motion
from engine.motion.atom.sampling import WINDOW, Known, draw, windows
from engine.motion.features import RATE, prosody
from engine.motion.kept import Kept
from engine.motion.phones import Phone
from engine.project.channels import INDEX, NAMES, in_group
from engine.project.project import Delivery
from engine.project.timing import DEFAULT_RATE, frame_count

CONDITION = conditions(Delivery(), np.zeros(6, np.float32))


def space(landmarks: tuple[int, ...], count: int) -> FaceSpace:
    """Any directions."""
    dice = np.random.default_rng(len(landmarks))
    directions = dice.normal(0, 0.3, (count, len(landmarks), 3)).astype(np.float32)
    return FaceSpace(landmarks, directions, np.full(count, 0.02, np.float32))


@pytest.fixture(scope="module")
def model() -> Model:
    """A network that has learned nothing, but passes on all that it is given."""
    torch.manual_seed(0)
    settings = Settings(ear=16, width=16, layers=1, heads=2, upper_width=16, upper_layers=1)
    network = Atom(settings).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, 0, 0.2)
    return Model(network, space(MOUTH, settings.lips), space(UPPER, 8), np.array([2, 2, 1, 0.03, 0.03], np.float32))


@pytest.fixture(scope="module")
def mono(samples: Path) -> np.ndarray:
    return read_mono(samples / "speech.flac", RATE)[: 7 * RATE]


def listened(mono: np.ndarray) -> Speech:
    return Speech(mono, [Phone(0.0, len(mono) / RATE, "SIL")], UNTOLD)


@pytest.mark.parametrize("frames", [1, 14, 75, 76, 200, 1501])
def test_windows_cover_every_frame_once_and_begin_in_what_is_made(frames: int):
    made = 0
    for first, end, keep in windows(frames):
        assert keep.start == made, "no frame is skipped or made twice"
        assert first <= keep.start < keep.stop <= end
        assert end - first == min(WINDOW, frames)
        made = keep.stop
    assert made == frames


def test_known_frames_come_out_as_they_went_in(model: Model, mono: np.ndarray):
    speech = listened(mono)
    dice = np.random.default_rng(5)
    values = dice.normal(size=(speech.frames, model.network.settings.lips)).astype(np.float32)
    where = np.zeros(speech.frames, bool)
    where[30:60] = where[100] = where[-1] = True
    made = np.concatenate([*lip_motion(model, speech, CONDITION, 1, Known(values, where))])
    assert np.array_equal(made[where], values[where])
    free = np.concatenate([*lip_motion(model, speech, CONDITION, 1)])
    assert not np.allclose(made[~where], free[~where]), "the others are drawn to meet them"


def test_a_seed_is_a_take(model: Model, mono: np.ndarray):
    one, again, other = (np.concatenate([*lip_motion(model, listened(mono), CONDITION, seed)]) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.allclose(one, other)


def test_the_face_above_the_mouth_hears_nothing_unless_it_is_let(model: Model, mono: np.ndarray):
    speech, reversed_speech = listened(mono), listened(mono[::-1].copy())
    deaf = [upper_motion(model, None, said.frames, CONDITION, 3) for said in (speech, reversed_speech)]
    assert np.array_equal(*deaf)
    voices = [prosody(sound, DEFAULT_RATE) for sound in (mono, mono[::-1].copy())]
    heard = [upper_motion(model, np.column_stack([v.level, v.pitch / 6]), speech.frames, CONDITION, 3) for v in voices]
    assert not np.allclose(*heard)


def test_lips_and_face_are_drawn_apart(model: Model, mono: np.ndarray):
    """Another take of one leaves the other bit for bit as it was, down to the channels."""
    speech = listened(mono)
    shape = np.zeros(6, np.float32)
    lips = [np.concatenate([*mouth(model, speech, DEFAULT_RATE, 175, shape, seed)]) for seed in (1, 2)]
    face = [
        upper_channels(model, upper_motion(model, None, 175, CONDITION, seed), DEFAULT_RATE, range(175))
        for seed in (1, 2)
    ]
    spoken = [INDEX[name] for name in in_group("mouth", "jaw")]
    rest = [i for i in range(len(NAMES)) if i not in spoken]
    whole = [lips[0] + face[0], lips[1] + face[0], lips[0] + face[1]]
    assert np.array_equal(whole[0][:, rest], whole[1][:, rest])
    assert np.array_equal(whole[0][:, spoken], whole[2][:, spoken])
    assert not np.array_equal(whole[0][:, spoken], whole[1][:, spoken])
    assert not np.array_equal(whole[0][:, rest], whole[2][:, rest])


def test_the_ear_hears_half_a_second_around_and_no_more(model: Model):
    sound = torch.randn(1, 400, BANDS, generator=torch.Generator().manual_seed(0))
    changed = sound.clone()
    changed[:, 300:] = 0
    labels = torch.full((1, 200), -1)
    with torch.inference_mode():
        before, after = (model.network.ear(one, labels, torch.tensor([UNTOLD]))[0][0] for one in (sound, changed))
    assert torch.equal(before[:120], after[:120])
    assert (before[140:150] - after[140:150]).abs().max() > 0.1


def test_an_exact_denoiser_is_followed_exactly():
    """With a network that always knows the answer, what is drawn is the answer, over all windows."""
    truth = np.cumsum(np.random.default_rng(0).normal(0, 0.1, (400, 3)), axis=0).astype(np.float32)

    def window(first: int, end: int):
        return lambda noisy, level, where: torch.from_numpy(truth[None, first:end])

    assert np.abs(np.concatenate([*draw(400, 3, window, seed=0)]) - truth).max() < 1e-5


def test_intensity_and_smoothness_do_what_they_say(model: Model):
    motion = np.random.default_rng(1).normal(size=(200, model.network.settings.lips)).astype(np.float32)
    plain, small, calm = (
        lip_channels(model, motion, DEFAULT_RATE, range(200), how)
        for how in (Delivery(), Delivery(intensity=0.5), Delivery(smoothness=1.0))
    )
    assert small.mean() < 0.75 * plain.mean()
    assert np.abs(np.diff(calm, axis=0)).mean() < 0.5 * np.abs(np.diff(plain, axis=0)).mean()


def test_weights_are_read_as_they_were_written(model: Model, tmp_path: Path):
    path = tmp_path / "atom.safetensors"
    save(model.network, {"turn": torch.ones(5)}, path)
    network, extra = load(path)
    assert network.settings == model.network.settings
    assert torch.equal(extra["turn"], torch.ones(5))
    for one, other in zip(network.parameters(), model.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_lips_that_are_kept_are_known_at_any_rate(model: Model, mono: np.ndarray):
    rate, shape = Fraction(30000, 1001), np.zeros(6, np.float32)
    frames = frame_count(len(mono) / RATE, rate)
    free = np.concatenate([*mouth(model, listened(mono), rate, frames, shape, 1)])
    other = np.random.default_rng(2).random((frames, len(NAMES)), np.float32)
    lips = [INDEX[name] for name in SPOKEN]
    where = np.zeros((frames, len(NAMES)), bool)
    where[60:120, lips] = True
    where[150:, INDEX["jawOpen"]] = True
    values = np.concatenate([*mouth(model, listened(mono), rate, frames, shape, 1, kept=Kept(other, where))])
    assert not np.allclose(values[:60], free[:60]), "what comes before is drawn to meet it"
    assert np.abs(values - free)[200:].max() < 0.01 * free.max(), "a channel alone does not say where lips are"


def test_pieces_are_what_would_be_made_at_once(model: Model, mono: np.ndarray):
    """Smoothing and another frame rate look beyond the edges of a piece."""
    rate, how = Fraction(30), Delivery(smoothness=1.0)
    frames = frame_count(len(mono) / RATE, rate)
    shape = np.zeros(6, np.float32)
    pieces = [*mouth(model, listened(mono), rate, frames, shape, 1, how)]
    whole = np.concatenate([*lip_motion(model, listened(mono), conditions(how, shape), 1)])
    assert len(pieces) > 2
    assert np.abs(np.concatenate(pieces) - lip_channels(model, whole, rate, range(frames), how)).max() < 1e-4


def test_the_likeliest_path_does_not_flicker():
    scores = np.log(np.full((60, 4), 0.1))
    scores[:20, 1] = scores[20:45, 2] = scores[45:, 1] = np.log(0.7)
    scores[10, 3] = np.log(0.9)
    assert [run[2] for run in likeliest(scores)] == [1, 2, 1]
    assert [run[:2] for run in likeliest(scores)] == [(0, 20), (20, 45), (45, 60)]


def test_phones_that_the_ear_hears_cover_the_sound(model: Model, mono: np.ndarray):
    phones = heard_phones(model.network, mono, [[Phone(0.0, len(mono) / RATE, "SIL")]])
    assert phones[0].start == 0
    assert phones[-1].end == len(mono) / RATE
    assert all(one.end == other.start for one, other in pairwise(phones))
