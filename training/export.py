"""Writes a trained network as ONNX, with the batch norms folded into the convolutions, and test vectors beside it: python export.py RUN OUT NAME."""

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


class Graph:
    """Nodes and weights of an ONNX graph, each node with one result."""

    def __init__(self):
        self.nodes, self.weights = [], {}

    def constant(self, name, values, kind=np.float32):
        self.weights.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(values, dtype=kind), name))
        return name

    def whole(self, name, numbers):
        return self.constant(name, np.array(numbers), np.int64)

    def node(self, operation, given, name, **settings):
        self.nodes.append(helper.make_node(operation, given, [name], **settings))
        return name

    def convolved(self, given, name, kernel, bias, stride):
        side = kernel.shape[2]
        made = self.node("Conv", [given, self.constant(f"{name}w", kernel), self.constant(f"{name}b", bias)], name,
                         kernel_shape=[side, side], dilations=[1, 1], group=1, pads=[side // 2] * 4, strides=[stride, stride])
        return self.node("Relu", [made], f"{name}r")

    def multiplied(self, given, name, kernel, bias, stride, size):
        """The same 3 x 3 convolution as one product of matrices for all pictures (im2col: Chellapilla, Puri, Simard, IWFHR 2006). Channels come last, before and after."""
        made, channels = kernel.shape[:2]
        self.node("Pad", [given, self.whole("pads", [0, 1, 1, 0, 0, 1, 1, 0])], f"{name}p", mode="constant")
        reach = (size - 1) * stride + 1
        parts = [
            self.node("Slice", [f"{name}p", self.whole(f"from{y}{x}", [y, x]), self.whole(f"to{y + reach}{x + reach}", [y + reach, x + reach]), self.whole("axes", [1, 2]),
                                self.whole(f"by{stride}", [stride, stride])], f"{name}s{y}{x}")
            for y in range(3) for x in range(3)
        ]
        self.node("Concat", parts, f"{name}c", axis=3)
        rows = self.node("Reshape", [f"{name}c", self.whole(f"rows{channels}", [-1, 9 * channels])], f"{name}m")
        weights = kernel.transpose(2, 3, 1, 0).reshape(9 * channels, made)
        self.node("Gemm", [rows, self.constant(f"{name}w", weights), self.constant(f"{name}b", bias)], name)
        return self.node("Reshape", [self.node("Relu", [name], f"{name}r"), self.whole(f"grid{made}", [-1, size, size, made])], f"{name}g")


def graph(network):
    """Where few pixels are left, one picture's convolution is a product of matrices narrower than a processor's vectors: there all pictures of a batch are one product."""
    FEW = 4
    building, given, size, channels_last = Graph(), "pictures", 32, False
    steps = [part for part in network if isinstance(part, torch.nn.Sequential)]
    for number, step in enumerate(steps):
        (kernel, bias), name, stride = folded(step[0], step[1]), f"conv{number}", step[0].stride[0]
        size = -(-size // stride)
        if size > FEW:
            given = building.convolved(given, name, kernel, bias, stride)
            continue
        if not channels_last:
            given, channels_last = building.node("Transpose", [given], f"{name}t", perm=[0, 2, 3, 1]), True
        given = building.multiplied(given, name, kernel, bias, stride, size)
    linear = list(network)[-1]
    # The linear layer's weights in the order in which the pixels and channels come now.
    weights = linear.weight.detach().numpy().reshape(len(classes.CLASSES), -1, size, size).transpose(0, 2, 3, 1).reshape(len(classes.CLASSES), -1)
    flat = building.node("Flatten", [given], "flat")
    building.node("Gemm", [flat, building.constant("w", weights), building.constant("b", linear.bias.detach().numpy())], "scores", transB=1)
    pictures = helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 1, 32, 32])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", len(classes.CLASSES)])
    model = helper.make_model(helper.make_graph(building.nodes, "characters", [pictures], [scores], list(building.weights.values())), opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def main():
    run, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    network, look = train.load(run), train.look(run)
    onnx.save(graph(network), out / f"characters-{look}.onnx")
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
    (out / f"characters-{look}.json").write_text(json.dumps(description, ensure_ascii=False))


if __name__ == "__main__":
    main()
