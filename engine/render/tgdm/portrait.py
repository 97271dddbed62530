"""One portrait as the denoiser sees it: its patches once, then the conditions of each of them for any geometry."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.face.fit import Fit
from engine.render.geometry import Geometry
from engine.render.tgdm.conditions import Maps, maps
from engine.render.tgdm.regions import PIXELS, REGIONS, Patch, Place, Region
from engine.render.turn import Turn


@dataclass(frozen=True)
class View:
    """A region of a face in one picture: where it is, what the denoiser is told of it, and the picture there."""

    patch: Patch
    maps: Maps
    rgb: np.ndarray  # [P, P, 3] uint8


class PatchedPortrait:
    """The patches of one portrait."""

    def __init__(
        self,
        rgb: np.ndarray,
        fit: Fit,
        pictured: Geometry,
        pixels: int = PIXELS,
        regions: Sequence[Region] = REGIONS,
    ) -> None:
        """`rgb` [H, W, 3] uint8; `pictured`: the geometry at the fit's own values."""
        self.pixels, self.regions = pixels, regions
        self._places = [Place.of(region, fit) for region in regions]
        self._pictured = pictured
        self._patches = self.patches(pictured.turn)
        self.source = self.views(rgb, pictured)

    def patches(self, turn: Turn) -> list[Patch]:
        """Where every region is after the head has turned."""
        return [place.patch(turn, self.pixels) for place in self._places]

    def views(self, picture: np.ndarray, now: Geometry) -> list[View]:
        """Every region in a picture [H, W, 3] uint8 drawn under a geometry."""
        found = []
        for place, before, patch in zip(self._places, self._patches, self.patches(now.turn), strict=True):
            found.append(View(patch, maps(place.region, now, patch, self._pictured, before), patch.of(picture)))
        return found
