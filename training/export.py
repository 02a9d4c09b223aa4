"""Writes the trained network as ONNX, with the batch norms folded into the convolutions, and test vectors beside it: python export.py RUN OUT NAME."""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

import augment
import classes
import strokes
import train
from PIL import Image


def folded(convolution, norm):
    """One convolution that does what a convolution and the batch norm after it do."""
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return (convolution.weight * scale[:, None, None, None]).detach().numpy(), (norm.bias - norm.running_mean * scale).detach().numpy()


def graph(network):
    weights, nodes, given = [], [], "pictures"

    def constant(name, values):
        weights.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=np.float32), name))
        return name

    for number, step in enumerate(part for part in network if isinstance(part, torch.nn.Sequential)):
        name, side, stride = f"conv{number}", step[0].kernel_size[0], step[0].stride[0]
        kernel, bias = folded(step[0], step[1])
        nodes.append(helper.make_node("Conv", [given, constant(f"{name}w", kernel), constant(f"{name}b", bias)], [name], kernel_shape=[side, side], dilations=[1, 1], group=1, pads=[side // 2] * 4, strides=[stride, stride]))
        nodes.append(helper.make_node("Relu", [name], [f"{name}r"]))
        given = f"{name}r"
    nodes.append(helper.make_node("Flatten", [given], ["flat"]))
    last = list(network)[-1]
    nodes.append(
        helper.make_node("Gemm", ["flat", constant("w", last.weight.detach().numpy()), constant("b", last.bias.detach().numpy())], ["scores"], transB=1)
    )
    pictures = helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 1, 32, 32])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", len(classes.CLASSES)])
    model = helper.make_model(helper.make_graph(nodes, "characters", [pictures], [scores], weights), opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def main():
    run, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    network = train.load(run)
    onnx.save(graph(network), out / "characters.onnx")
    # Glyphs, and what the network makes of them: another way to cut them out, and another runtime, must make the same.
    random = np.random.default_rng(1)
    vectors = []
    for character in "17ØÅKs4B#":
        drawn = strokes.draw(strokes.SHAPES.get(character, strokes.SHAPES["?"])[0], random)
        rows, columns = (np.flatnonzero(drawn.max(axis=axis) > 60) for axis in (1, 0))
        glyph = Image.fromarray(drawn[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1])
        glyph = np.pad(np.asarray(glyph.resize((int(random.integers(18, 50)), int(random.integers(18, 50))), Image.BILINEAR)), 1)
        # The picture is square for `seen`: a margin changes nothing, since it looks for the ink.
        square = np.zeros((64, 64), np.uint8)
        square[:glyph.shape[0], :glyph.shape[1]] = glyph
        with torch.no_grad():
            scores = network(augment.seen(torch.from_numpy(square).float()[None, None] / 255))[0].numpy()
        vectors.append({"width": glyph.shape[1], "height": glyph.shape[0], "dark": glyph.flatten().tolist(), "scores": [round(float(score), 4) for score in scores]})
    temperature = json.loads((run / "figures.json").read_text()).get("temperature", 1.0)
    description = {"name": sys.argv[3], "classes": classes.CLASSES, "temperature": temperature, "vectors": vectors}
    (out / "characters.json").write_text(json.dumps(description, ensure_ascii=False))


if __name__ == "__main__":
    main()
