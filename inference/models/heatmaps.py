"""Heat maps: where a picture raises the score of a label, by gradients or by covering it place by place.

All work is done in the thread that pulls the generators. torch is imported when the first map is pulled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from inference.models.looking.layers import NoLayerError
from inference.models.looking.seen import seen_region, to_pixels
from inference.types import RgbArray, ScoreArray
from inference.types.looking import HeatMap, HeatMethod

if TYPE_CHECKING:
    from inference.models.opening import LoadedModel

METHODS: Final = tuple(HeatMethod)


def heat_maps(
    model: LoadedModel, rgb: RgbArray, label: int, method: HeatMethod, cancelled: Callable[[], bool]
) -> Iterator[HeatMap]:
    """Heat maps of a decoded picture (h, w, 3) uint8 for one label, each finer than the one before; the last is whole.

    Grad-CAM gives one. Where the model allows none, occlusion takes its place and the map's ``note`` says so. Nothing
    is changed in the model. Cancelling is no error: the generator ends. Raises ModelErrors of the network.
    """
    pixels = to_pixels(model, rgb)
    blank = HeatMap(
        values=np.zeros((1, 1), dtype=np.float32),
        region=seen_region(model.card.preprocessing, *rgb.shape[:2]),
        size=(rgb.shape[0], rgb.shape[1]),
        method=method,
        label=label,
        sentence="",
    )
    if method is HeatMethod.GRAD_CAM:
        try:
            yield _grad_cam_map(model, pixels, blank)
            return
        except NoLayerError as error:
            note = f"Grad-CAM cannot be taken of this model ({error}), so this is occlusion."
            blank = replace(blank, method=HeatMethod.OCCLUSION, note=note)
    yield from _occlusion_maps(model, pixels, blank, cancelled)


def _grad_cam_map(model: LoadedModel, pixels: RgbArray, blank: HeatMap) -> HeatMap:
    from inference.models.looking.grad_cam import grad_cam

    if not model.differentiable:
        raise NoLayerError("it gives no gradients")
    found, layer = grad_cam(model, pixels, blank.label)
    name, (rows, columns) = model.labels[blank.label], found.shape
    sentence = f"Bright places raise the score of {name}, by gradients at {layer} ({columns} x {rows} places)."
    if not found.any():
        sentence = f"No place raises the score of {name}, by gradients at {layer} ({columns} x {rows} places)."
    return replace(blank, values=_scaled(found), sentence=sentence)


def _occlusion_maps(
    model: LoadedModel, pixels: RgbArray, blank: HeatMap, cancelled: Callable[[], bool]
) -> Iterator[HeatMap]:
    from inference.models.looking.occlusion import occlude

    name = model.labels[blank.label]
    for step in occlude(model, pixels, blank.label, cancelled):
        most = float(step.falls.max())
        sentence = f"Covering bright places lowers the logit of {name}, by up to {most:.2g}."
        if most <= 0:
            sentence = f"Covering no place lowers the score of {name}."
        values = _scaled(step.falls)
        yield replace(blank, values=values, sentence=sentence, done=step.done, total=step.total)


def _scaled(values: ScoreArray) -> ScoreArray:
    """What raises the score, 0..1; nothing where nothing does."""
    rising: ScoreArray = np.maximum(values, 0).astype(np.float32)
    most = rising.max()
    return rising / most if most > 0 else rising
