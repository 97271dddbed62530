"""A portrait at rest is the portrait; moved, it moves as told, shuts what shall be shut, and leaves the scene alone."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.errors import FaceError, InputError
from engine.face.fit import Fit, fit_face
from engine.face.head_model import load_head_model
from engine.face.landmarks import choose_face, eye_distance
from engine.media.image import read_image
from engine.project.channels import CHANNELS, INDEX
from engine.render.topology import EYES, MOUTH
from engine.render.warp import WarpRenderer

GREEN = np.array([0, 255, 0], np.uint8)


@dataclass(frozen=True)
class Subject:
    """A portrait, ready to be moved."""

    rgb: np.ndarray
    fit: Fit
    renderer: WarpRenderer

    def values(self, neutral: bool = False, **channels: float) -> np.ndarray:
        """The pictured values (or a neutral face) with some channels set; `eyeBlink` means both sides."""
        values = self.fit.values()
        if neutral:
            values[: INDEX["gazeYaw"]] = 0
        for name, value in channels.items():
            for full in [name] if name in INDEX else [f"{name}Left", f"{name}Right"]:
                values[INDEX[full]] = value
        return values

    def render(self, neutral: bool = False, **channels: float) -> np.ndarray:
        return self.renderer.render(self.values(neutral, **channels))

    def painted(self, polygons: list[np.ndarray]) -> "Subject":
        """The same portrait with these outlines filled with green."""
        rgb = self.rgb.copy()
        cv2.fillPoly(rgb, [np.round(polygon).astype(np.int32) for polygon in polygons], GREEN.tolist())
        return subject(rgb, self.fit)


def subject(rgb: np.ndarray, fit: Fit) -> Subject:
    renderer = WarpRenderer()
    renderer.set_portrait(rgb, None, fit)
    return Subject(rgb, fit, renderer)


def read(path: Path) -> Subject:
    rgb = read_image(path).rgb
    return subject(rgb, fit_face(choose_face(rgb), load_head_model()))


@pytest.fixture(scope="module")
def hopper(samples: Path) -> Subject:
    """Mouth closed, glasses."""
    return read(samples / "hopper.jpg")


@pytest.fixture(scope="module")
def astronaut(samples: Path) -> Subject:
    """A small face, smiling with teeth."""
    return read(samples / "astronaut.jpg")


@pytest.fixture(params=["hopper", "astronaut"])
def anyone(request: pytest.FixtureRequest) -> Subject:
    return request.getfixturevalue(request.param)


def greenness(picture: np.ndarray) -> int:
    """How far the greenest pixel's green stands out."""
    picture = picture.astype(int)
    return int((picture[..., 1] - np.maximum(picture[..., 0], picture[..., 2])).max())


def area(points: np.ndarray) -> float:
    return cv2.contourArea(np.ascontiguousarray(points[:, :2], np.float32))


def test_the_pictured_values_give_the_picture(anyone: Subject) -> None:
    difference = np.abs(anyone.render().astype(int) - anyone.rgb)
    assert difference.max() <= 2
    assert difference.mean() < 0.001


def test_what_the_person_never_covers_is_untouched(astronaut: Subject) -> None:
    moved = astronaut.render(headYaw=25, headRoll=12, headX=0.3, jawOpen=1)
    rows, columns = np.mgrid[: moved.shape[0], : moved.shape[1]]
    middle, unit = astronaut.fit.landmarks[1], eye_distance(astronaut.fit.landmarks)
    far = np.hypot(columns - middle[0], rows - middle[1]) > 4 * unit
    assert far.mean() > 0.3
    assert np.array_equal(moved[far], astronaut.rgb[far])
    assert not np.array_equal(moved, astronaut.rgb)


def test_lips_meet_without_a_gap_when_no_channel_opens_them(anyone: Subject) -> None:
    geometry = anyone.renderer.geometry(anyone.values(neutral=True))
    assert area(geometry.points[geometry.lips]) < 0.01
    opened = anyone.renderer.geometry(anyone.values(neutral=True, jawOpen=0.5))
    assert area(opened.points[opened.lips]) > 0.01 * anyone.fit.pose.scale**2


def test_nothing_of_the_mouth_shows_through_closed_lips(astronaut: Subject) -> None:
    lips = astronaut.fit.landmarks[list(MOUTH.ring), :2]
    inside = lips.mean(0) + 0.6 * (lips - lips.mean(0))
    painted = astronaut.painted([inside])
    assert greenness(painted.render()) > 150
    assert greenness(painted.render(neutral=True)) < 25


def test_a_full_blink_hides_the_eyeballs_whatever_else_the_face_does(anyone: Subject) -> None:
    for extra in ({}, {"eyeWide": 1.0}, {"gazePitch": 20.0, "headYaw": 15.0}, {"mouthSmile": 1.0, "browInnerUp": 1.0}):
        geometry = anyone.renderer.geometry(anyone.values(eyeBlink=1, **extra))
        assert max(area(geometry.points[ring]) for ring in geometry.lids) < 0.01, extra


def test_no_eyeball_shines_through_closed_lids(hopper: Subject) -> None:
    rims = [hopper.fit.landmarks[list(eye.ring), :2] for eye in EYES]
    painted = hopper.painted([rim.mean(0) + 0.7 * (rim - rim.mean(0)) for rim in rims])
    assert greenness(painted.render()) > 150
    assert greenness(painted.render(eyeBlink=1)) < 25


def test_a_shut_lid_is_as_shaded_as_its_socket(astronaut: Subject) -> None:
    landmarks, unit = astronaut.fit.landmarks[:, :2], astronaut.fit.pose.scale
    rows = np.arange(astronaut.rgb.shape[0])[:, None]
    rim = landmarks[list(EYES[0].lower), 1].mean()
    light = np.clip(1 + (rows - rim) / (0.05 * unit), 0.4, 1)[..., None]
    shaded = subject((astronaut.rgb * light).astype(np.uint8), astronaut.fit)
    shut, points = shaded.render(eyeBlink=1), shaded.renderer.geometry(shaded.values(eyeBlink=1)).landmarks[:, :2]
    for eye in EYES:
        above, lid = points[list(eye.above[1])][2:5].mean(0), points[list(eye.upper)][3:6].mean(0)
        path = np.round(np.linspace(above - (0, 0.03 * unit), above + 0.6 * (lid - above), 40)).astype(int)
        seen = shut[path[:, 1], path[:, 0]].mean(1)
        assert seen.max() < 1.2 * seen[0]


def test_a_shut_lid_hides_the_wet_edge_of_the_other(hopper: Subject) -> None:
    edges = []
    for eye in EYES:
        edge = hopper.fit.landmarks[list(eye.lower[2:-2]), :2]
        edges.append(np.concatenate([edge, edge[::-1] + (0, 0.008 * hopper.fit.pose.scale)]))
    painted = hopper.painted(edges)
    assert greenness(painted.render()) > 100
    assert greenness(painted.render(eyeBlink=1)) < 25


def test_the_line_of_a_shut_eye_is_not_broken(hopper: Subject) -> None:
    rgb, unit = hopper.rgb.copy(), hopper.fit.pose.scale
    for eye in EYES:
        rim = hopper.fit.landmarks[list(eye.upper), :2] - (0, 0.015 * unit)
        for share in np.arange(0.5, len(rim) - 1, 1.0):
            place = rim[int(share)] + (share % 1) * (rim[int(share) + 1] - rim[int(share)])
            cv2.circle(rgb, np.round(place).astype(int).tolist(), round(0.018 * unit), (0, 0, 0), -1)
    dotted = subject(rgb, hopper.fit)
    picture = dotted.render(eyeBlink=1).mean(2)
    geometry = dotted.renderer.geometry(dotted.values(eyeBlink=1))
    for ring in geometry.lids:
        rim = geometry.points[ring[: len(ring) // 2], :2][4:-4]
        line = [picture[y - 4 : y + 6, x].min() for x, y in np.round(rim).astype(int)]
        assert np.std(line) < 15


def test_eyes_look_where_told(hopper: Subject) -> None:
    def pupil(values: np.ndarray) -> np.ndarray:
        return hopper.renderer.geometry(values).landmarks[[468, 473], :2].mean(0)

    ahead = pupil(hopper.values())
    unit = hopper.fit.pose.scale
    assert pupil(hopper.values(gazeYaw=20))[0] > ahead[0] + 0.03 * unit
    assert pupil(hopper.values(gazePitch=15))[1] < ahead[1] - 0.02 * unit


@pytest.mark.parametrize("unit", [20, 30])  # pixels
def test_eyes_too_small_to_show_an_iris_keep_one(hopper: Subject, unit: int) -> None:
    size = unit / hopper.fit.pose.scale
    small = subject(
        cv2.resize(hopper.rgb, None, fx=size, fy=size, interpolation=cv2.INTER_AREA), hopper.fit.scaled(size)
    )
    picture = small.render(eyeWide=0.6, gazeYaw=12.0)
    landmarks = small.renderer.geometry(small.values(eyeWide=0.6, gazeYaw=12.0)).landmarks[:, :2]
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    column, row = landmarks[50].astype(int)
    for iris in (landmarks[468:473], landmarks[473:478]):
        radius = np.linalg.norm(iris[1:] - iris[0], axis=1).mean()
        inside = np.hypot(columns - iris[0, 0], rows - iris[0, 1]) < max(0.6 * radius, 1)
        assert picture[inside].mean() < 0.54 * picture[row, column].mean(), "darker than the cheek by far"


TURNS = ({"headYaw": 25.0}, {"headYaw": -25.0}, {"headPitch": 15.0}, {"headRoll": -12.0}, {"headScale": 0.85})


def test_turned_heads_leave_no_holes(anyone: Subject) -> None:
    bright = subject((90 + 0.6 * anyone.rgb.astype(np.float32)).astype(np.uint8), anyone.fit)
    for turn in TURNS:
        picture = bright.render(**turn)
        geometry = bright.renderer.geometry(bright.values(**turn))
        lips = np.round(geometry.points[geometry.lips, :2]).astype(np.int32)
        cv2.fillPoly(picture, [lips], (255, 255, 255))  # a mouth may well be dark
        assert picture.min() > 45, turn


def test_a_rendered_face_is_seen_doing_what_it_was_told(hopper: Subject) -> None:
    def opening(picture: np.ndarray) -> float:
        seen = choose_face(picture)
        return float(np.linalg.norm(seen[13, :2] - seen[14, :2])) / eye_distance(seen)

    def facing(picture: np.ndarray) -> float:
        return fit_face(choose_face(picture), load_head_model()).pose.yaw

    assert opening(hopper.render(neutral=True)) < 0.03
    assert opening(hopper.render(neutral=True, jawOpen=0.6)) > 0.12
    assert facing(hopper.render(headYaw=15)) - facing(hopper.rgb) == pytest.approx(15, abs=5)


def test_the_same_values_give_the_same_bytes(astronaut: Subject) -> None:
    values = astronaut.values(headYaw=7, jawOpen=0.4, eyeBlink=0.5, gazeYaw=10)
    again = subject(astronaut.rgb, astronaut.fit)
    again.renderer.render(astronaut.values(headRoll=10))
    assert np.array_equal(astronaut.renderer.render(values), again.renderer.render(values))


def test_values_beyond_their_range_count_as_its_end(hopper: Subject) -> None:
    assert np.array_equal(hopper.render(neutral=True, jawOpen=7), hopper.render(neutral=True, jawOpen=1))


def test_a_scaled_portrait_moves_as_the_full_sized_one_does(astronaut: Subject) -> None:
    small = cv2.resize(astronaut.rgb, (256, 256), interpolation=cv2.INTER_AREA)
    renderer = WarpRenderer()
    renderer.set_portrait(small, None, astronaut.fit.scaled(0.5))
    rest, turned = (values.copy() for values in (astronaut.values(), astronaut.values(headYaw=10, jawOpen=0.4)))
    assert np.array_equal(renderer.render(rest), small)
    large = cv2.resize(astronaut.render(headYaw=10, jawOpen=0.4), (256, 256), interpolation=cv2.INTER_AREA)
    moved = np.abs(large.astype(int) - small).mean()
    assert np.abs(renderer.render(turned).astype(int) - large).mean() < 0.25 * moved


def test_a_head_that_fills_the_picture_moves_without_holes(astronaut: Subject) -> None:
    low, high = astronaut.fit.landmarks[:, :2].min(0).astype(int) + 4, astronaut.fit.landmarks[:, :2].max(0).astype(int)
    crop = np.ascontiguousarray(astronaut.rgb[low[1] : high[1], low[0] : high[0]])
    close = subject(crop, fit_face(choose_face(crop), load_head_model()))
    assert np.abs(close.render().astype(int) - crop).max() <= 2
    bright = subject((90 + 0.6 * crop.astype(np.float32)).astype(np.uint8), close.fit)
    assert bright.render(headYaw=10, headX=0.2, headRoll=5).min() > 40


def test_the_alpha_of_a_file_says_what_is_person(astronaut: Subject) -> None:
    height, width = astronaut.rgb.shape[:2]
    middle, unit = astronaut.fit.landmarks[1], eye_distance(astronaut.fit.landmarks)
    rows, columns = np.mgrid[:height, :width]
    distance = np.hypot(columns - middle[0], rows - middle[1]) / unit
    renderer = WarpRenderer()
    renderer.set_portrait(astronaut.rgb, (255 * (distance < 2)).astype(np.uint8), astronaut.fit)
    moved = renderer.render(astronaut.values(headX=0.2))
    outside = (distance > 2.6) & (rows < middle[1])
    assert np.array_equal(moved[outside], astronaut.rgb[outside])


def test_geometry_says_where_each_pixel_comes_from(hopper: Subject) -> None:
    geometry = hopper.renderer.geometry(hopper.values())
    places, drawn = geometry.places(geometry.box), geometry.triangle >= 0
    assert np.abs(places - geometry.box.pixels())[drawn].max() < 0.01
    inner = cv2.erode(drawn.astype(np.uint8), np.ones((3, 3))) > 0
    assert np.allclose(geometry.stretch()[inner], 1, atol=0.05)
    larger = hopper.renderer.geometry(hopper.values(headScale=1.3))
    nose = np.round(larger.landmarks[1, :2] - larger.box.origin).astype(int)
    assert larger.stretch()[nose[1], nose[0]] == pytest.approx(1.69, abs=0.3)


def test_a_mouth_outside_the_picture_is_refused(hopper: Subject) -> None:
    above = int(hopper.fit.landmarks[[61, 291, 0], 1].min()) - 3
    with pytest.raises(FaceError, match="mouth lies outside the picture"):
        WarpRenderer().set_portrait(hopper.rgb[:above].copy(), None, hopper.fit)


@pytest.mark.parametrize("use", [WarpRenderer().render, WarpRenderer().geometry])
def test_without_a_portrait_there_is_nothing_to_render(use: Callable[[np.ndarray], object]) -> None:
    with pytest.raises(InputError, match="set_portrait"):
        use(np.zeros(len(CHANNELS), np.float32))


def test_values_must_be_one_for_each_channel(hopper: Subject) -> None:
    with pytest.raises(InputError, match=r"\(3,\)"):
        hopper.renderer.render(np.zeros(3, np.float32))


def test_the_lower_teeth_of_an_open_mouth_go_with_the_jaw_and_the_upper_ones_stay(shared_data: Path) -> None:
    speaker = read(shared_data / "portraits" / "real_pd_obama_openmouth.jpg")
    lips = speaker.fit.landmarks[list(MOUTH.ring), :2]
    top, bottom = lips[:, 1].min(), lips[:, 1].max()
    squeezed = lips.mean(0) + 0.7 * (lips - lips.mean(0))

    def drop(share: float) -> float:
        """How far a green band at this share of the mouth's height sinks when the jaw does, eye distances."""
        band = squeezed * (1, 0.25) + (0, share * bottom + (1 - share) * top - 0.25 * squeezed[:, 1].mean())
        painted = speaker.painted([band])
        jaw = speaker.values()[INDEX["jawOpen"]]
        heights = []
        for more in (0.0, 0.3):
            picture = painted.render(jawOpen=jaw + more, mouthClose=0).astype(int)
            heights.append(np.nonzero(picture[..., 1] - np.maximum(picture[..., 0], picture[..., 2]) > 60)[0].mean())
        return float(heights[1] - heights[0]) / speaker.fit.pose.scale

    assert abs(drop(0.15)) < 0.02
    assert drop(0.85) > 0.05


def test_glasses_do_not_bend(hopper: Subject, astronaut: Subject) -> None:
    brows = [105, 66, 334, 296]

    def raised(who: Subject) -> float:
        before, after = (who.renderer.geometry(who.values(browOuterUp=up)).landmarks for up in (0.0, 1.0))
        return float(np.linalg.norm((after - before)[brows, :2], axis=1).max() / eye_distance(who.fit.landmarks))

    assert raised(hopper) < 0.03 < 0.06 < raised(astronaut)


def test_a_black_and_white_photograph_stays_so(astronaut: Subject) -> None:
    grey = subject(np.repeat(astronaut.rgb.mean(2, keepdims=True), 3, axis=2).astype(np.uint8), astronaut.fit)
    wide = grey.render(neutral=True, jawOpen=1.0)
    assert np.ptp(wide.astype(int), axis=2).max() <= 2
