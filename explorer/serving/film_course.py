"""Which steps a film takes, and which of them its viewer sees: the same whoever computes it."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.sampling import pairs
from explorer.data.pixels import PIXELS
from explorer.serving.film_request import FilmRequest
from explorer.serving.forecast import Cost

SHOWN_STRIPS = 3  # pictures of a frame for each of the film's, see film.STRIPS
FILM_BYTES = 1_500_000  # frames kept of one film, unless that were fewer than MIN_FRAMES
MIN_FRAMES = 100


@dataclass(frozen=True)
class FilmCourse:
    """The steps of a film of a model of T steps.

    path: (t, t_prev) of each step. first: the number of the step that is its first frame: until a fork nothing is
    shown, and a single trajectory is computed. stride: every stride-th step from there on becomes a frame; the picture
    at t = 0 is one more.
    """

    path: tuple[tuple[int, int], ...]
    pictures: int
    first: int
    stride: int

    @staticmethod
    def of(request: FilmRequest, T: int, look_t: int | None = None) -> FilmCourse:
        """The request's. look_t: where only the step from this visited timestep is wanted."""
        path = tuple(pairs(request.visited(T)))
        shown_from = request.fork_t if look_t is None else look_t
        first = 0 if shown_from is None else [t for t, _ in path].index(shown_from)
        affordable = max(MIN_FRAMES, FILM_BYTES // (SHOWN_STRIPS * request.pictures * PIXELS))
        return FilmCourse(path, request.pictures, first, -(-(len(path) - first) // affordable))

    @property
    def total(self) -> int:
        """Its frames."""
        return -(-(len(self.path) - self.first) // self.stride) + 1

    @property
    def cost(self) -> Cost:
        """What the whole film takes."""
        return Cost(self.pictures, self.rows_from(0, 1))

    def rows_from(self, position: int, before_fork: int) -> int:
        """Trajectory-steps from this step to its end; before_fork: trajectories until the fork, if there is one."""
        left, shared = len(self.path) - position, max(0, self.first - position)
        return shared * before_fork + (left - shared) * self.pictures
