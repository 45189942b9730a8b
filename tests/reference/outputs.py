"""Writes what the TFLite runtime makes of a few inputs, for the models that are converted.

Usage: outputs.py FOLDER_OF_TFLITE_FILES OUTPUT_FOLDER

For each model and each input i, little-endian: MODEL.i.input.f32 [side, side, 3] and
MODEL.i.OUTPUT.f32. tests/vision.rs compares ours with them.
"""

import sys
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

# The range of the input, and what the outputs are called in the file and here.
MODELS = {
    "blazeface": ((-1, 1), {"regressors": "boxes", "classificators": "scores"}),
    "mesh": ((0, 1), {"conv2d_21": "points", "conv2d_31": "presence"}),
}


def pictures(side):
    """Pictures with values in [-1, 1]."""
    y, x = np.mgrid[0:side, 0:side] / (side - 1)
    yield np.random.default_rng(0).uniform(-1, 1, (side, side, 3))
    yield np.stack([np.sin(9 * x), np.cos(7 * y), x * y], axis=-1)
    yield np.full((side, side, 3), -1.0)
    # A crude face, so that the networks see one.
    yield (
        np.where(((x - 0.5) ** 2 / 0.08 + (y - 0.5) ** 2 / 0.13 < 1)[..., None], [0.6, 0.2, 0.0], -0.8)
        - 0.9 * ((np.abs(np.abs(x - 0.5) - 0.12) < 0.04) & (np.abs(y - 0.42) < 0.025))[..., None]
        - 0.7 * ((np.abs(x - 0.5) < 0.1) & (np.abs(y - 0.68) < 0.02))[..., None]
    )


originals, folder = Path(sys.argv[1]), Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
for model, ((low, high), names) in MODELS.items():
    interpreter = Interpreter(str(originals / f"{model}.tflite"))
    interpreter.allocate_tensors()
    (image,) = interpreter.get_input_details()
    for i, picture in enumerate(pictures(image["shape"][1])):
        values = (low + (np.clip(picture, -1, 1) + 1) / 2 * (high - low)).astype("<f4")
        interpreter.set_tensor(image["index"], values[None])
        interpreter.invoke()
        values.tofile(folder / f"{model}.{i}.input.f32")
        for detail in interpreter.get_output_details():
            output = interpreter.get_tensor(detail["index"]).astype("<f4")
            output.tofile(folder / f"{model}.{i}.{names[detail['name']]}.f32")
