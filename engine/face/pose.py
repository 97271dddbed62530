"""Where a head is in a picture: rotation, a weak-perspective camera, and both estimated from landmarks."""

from dataclasses import dataclass, replace

import numpy as np

from engine.project.channels import INDEX

DEPTH = 0.1  # weight of a landmark's z, which MediaPipe guesses, against its x and y


@dataclass(frozen=True)
class Pose:
    """A weak-perspective camera: where the head is in a picture.

    The nose points `yaw` degrees to the right of the picture and `pitch` degrees up, and the head is tilted around that
    direction by `roll` degrees, clockwise as seen. `scale` px per unit; (x, y) px is where the head's origin (the joint
    of skull and neck) is seen.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def matrix(self) -> np.ndarray:
        """Rotation [3, 3] from head to camera: x right, y up, z towards the viewer."""
        return rotation(self.yaw, self.pitch, self.roll)

    def project(self, points: np.ndarray) -> np.ndarray:
        """Head-space points [V, 3] to picture px [V, 3]: x right, y down, z smaller = nearer."""
        seen = points @ (self.matrix().T * self.scale).astype(np.float32)
        return seen * np.array([1, -1, -1], np.float32) + np.array([self.x, self.y, 0], np.float32)

    def unproject(self, pixels: np.ndarray) -> np.ndarray:
        """Picture px [..., 2] to the camera plane [..., 2] in model units, y up, rotated still."""
        return (np.asarray(pixels, np.float64)[..., :2] - (self.x, self.y)) / (self.scale, -self.scale)

    def moved(self, values: np.ndarray) -> "Pose":
        """This pose with the head channels of `values` [C] on top."""
        head = {name: float(values[INDEX[f"head{name}"]]) for name in ("Yaw", "Pitch", "Roll", "X", "Y", "Scale")}
        return Pose(
            yaw=self.yaw + head["Yaw"],
            pitch=self.pitch + head["Pitch"],
            roll=self.roll + head["Roll"],
            scale=self.scale * head["Scale"],
            x=self.x + head["X"] * self.scale,
            y=self.y - head["Y"] * self.scale,
        )


def rotation(yaw: float, pitch: float, roll: float = 0.0) -> np.ndarray:
    """Rotation [3, 3] in x right, y up, z to the viewer, from degrees; positive turns right, looks up, tilts clockwise.

    The nose points at azimuth `yaw` and elevation `pitch`; `roll` tilts the head around that direction.
    """
    (cy, cp, cr), (sy, sp, sr) = (f(np.radians([yaw, pitch, roll])) for f in (np.cos, np.sin))
    about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def angles(matrix: np.ndarray) -> tuple[float, float, float]:
    """Yaw, pitch and roll, degrees, of a rotation [3, 3]: the inverse of `rotation` for pitch within ±90."""
    ahead = matrix[:, 2]
    yaw = float(np.degrees(np.arctan2(ahead[0], ahead[2])))
    pitch = float(np.degrees(np.arcsin(np.clip(ahead[1], -1, 1))))
    tilt = rotation(yaw, pitch).T @ matrix
    return yaw, pitch, float(np.degrees(np.arctan2(tilt[0, 1], tilt[0, 0])))


def start_pose(landmarks: np.ndarray, shape: np.ndarray, weights: np.ndarray) -> Pose:
    """Pose that best lays `shape` [P, 3] on `landmarks` [P, 3] px in three dimensions (Umeyama 1991, eq. 40-43)."""
    share = weights / weights.sum()
    seen = landmarks * np.array([1.0, -1.0, -1.0])
    seen_middle, shape_middle = share @ seen, share @ shape
    covariance = ((seen - seen_middle) * share[:, None]).T @ (shape - shape_middle)
    left, singular, right = np.linalg.svd(covariance)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    turn = left * signs @ right
    scale = (singular * signs).sum() / (share @ ((shape - shape_middle) ** 2).sum(1))
    x, y, _ = seen_middle - scale * turn @ shape_middle
    return Pose(*angles(turn), float(scale), float(x), float(-y))


def refine_pose(pose: Pose, landmarks: np.ndarray, shape: np.ndarray, weights: np.ndarray, steps: int = 3) -> Pose:
    """Gauss-Newton on the weighted distance of `shape` [P, 3] to `landmarks` [P, 3] px, z counting DEPTH.

    The unknowns are a small rotation w before the camera (dp = w x p), the log of the scale, and a shift.
    """
    seen = landmarks * np.array([1.0, -1.0, -1.0])
    axes = np.repeat(np.array([[1.0, 1.0, DEPTH]]), len(weights), axis=0) * weights[:, None]
    for _ in range(steps):
        turned = shape @ (pose.matrix().T * pose.scale)
        missing = seen - turned - [pose.x, -pose.y, 0]
        missing[:, 2] -= weights @ missing[:, 2] / weights.sum()  # MediaPipe's z has no origin
        x, y, z = turned.T
        z = z - weights @ z / weights.sum()
        none, ones = np.zeros_like(x), np.ones_like(x)
        slopes = np.array(
            [
                [none, turned[:, 2], -y, x, ones, none],
                [-turned[:, 2], none, x, y, none, ones],
                [y - weights @ y / weights.sum(), weights @ x / weights.sum() - x, none, z, none, none],
            ]
        )
        rows = slopes.transpose(1, 0, 2).reshape(6, -1)
        weighted = rows * axes.T.ravel()
        step = np.linalg.solve(weighted @ rows.T, weighted @ missing.T.ravel())
        turn = _rodrigues(step[:3]) @ pose.matrix()
        yaw, pitch, roll = angles(turn)
        scale = pose.scale * float(np.exp(np.clip(step[3], -0.5, 0.5)))
        pose = replace(
            pose, yaw=yaw, pitch=pitch, roll=roll, scale=scale, x=pose.x + float(step[4]), y=pose.y - float(step[5])
        )
    return pose


def _rodrigues(w: np.ndarray) -> np.ndarray:
    """Rotation [3, 3] about w [3] by its length, radians."""
    angle = float(np.linalg.norm(w))
    if angle < 1e-12:
        return np.eye(3)
    k = np.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]]) / angle
    return np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * k @ k
