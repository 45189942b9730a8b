"""Writes BlazeFace's own outputs for a few inputs, computed by the TFLite runtime.

Usage: blazeface.py MODEL.tflite OUTPUT_FOLDER

For each input i: i.input.f32 [128, 128, 3] (values in [-1, 1]), i.boxes.f32 [896, 16] and
i.scores.f32 [896], little-endian. tests/vision.rs compares ours with them.
"""

import sys
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

model, folder = sys.argv[1], Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
interpreter = Interpreter(model)
interpreter.allocate_tensors()
(image,) = interpreter.get_input_details()
outputs = {detail["name"]: detail["index"] for detail in interpreter.get_output_details()}
random = np.random.default_rng(0)
y, x = np.mgrid[0:128, 0:128] / 127.0
inputs = [
    random.uniform(-1, 1, (128, 128, 3)),
    np.stack([np.sin(9 * x), np.cos(7 * y), x * y], axis=-1),
    np.full((128, 128, 3), -1.0),
    # A crude face, so that some anchors fire.
    np.where(((x - 0.5) ** 2 / 0.08 + (y - 0.5) ** 2 / 0.13 < 1)[..., None], [0.6, 0.2, 0.0], -0.8)
    - 0.9 * ((np.abs(np.abs(x - 0.5) - 0.12) < 0.04) & (np.abs(y - 0.42) < 0.025))[..., None]
    - 0.7 * ((np.abs(x - 0.5) < 0.1) & (np.abs(y - 0.68) < 0.02))[..., None],
]
for i, values in enumerate(inputs):
    values = np.clip(values, -1, 1).astype("<f4")
    interpreter.set_tensor(image["index"], values[None])
    interpreter.invoke()
    values.tofile(folder / f"{i}.input.f32")
    interpreter.get_tensor(outputs["regressors"])[0].astype("<f4").tofile(folder / f"{i}.boxes.f32")
    interpreter.get_tensor(outputs["classificators"])[0].astype("<f4").tofile(folder / f"{i}.scores.f32")
