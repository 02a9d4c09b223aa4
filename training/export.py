"""Writes the trained network as ONNX, with the batch norms folded into the convolutions, and test vectors beside it: python export.py RUN OUT."""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

import classes
import net


def folded(convolution, norm):
    """One convolution that does what a convolution and the batch norm after it do."""
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return (convolution.weight * scale[:, None, None, None]).detach().numpy(), (norm.bias - norm.running_mean * scale).detach().numpy()


def graph(network):
    weights, nodes, given = [], [], "pictures"

    def constant(name, values):
        weights.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=np.float32), name))
        return name

    for number, block in enumerate(list(network)[:3]):
        for step in (0, 3):
            name = f"conv{number}{step}"
            kernel, bias = folded(block[step], block[step + 1])
            nodes.append(helper.make_node("Conv", [given, constant(f"{name}w", kernel), constant(f"{name}b", bias)], [name], pads=[1, 1, 1, 1]))
            nodes.append(helper.make_node("Relu", [name], [f"{name}r"]))
            given = f"{name}r"
        nodes.append(helper.make_node("MaxPool", [given], [f"pool{number}"], kernel_shape=[2, 2], strides=[2, 2]))
        given = f"pool{number}"
    last = list(network)[-1]
    nodes.append(helper.make_node("Flatten", [given], ["flat"]))
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
    network = net.build()
    network.load_state_dict(torch.load(run / "characters.pt", weights_only=True))
    network.eval()
    onnx.save(graph(network), out / "characters.onnx")
    # Pictures of simple strokes, and what the network makes of them: another runtime must make the same.
    random = np.random.default_rng(1)
    vectors = []
    for _ in range(6):
        picture = np.zeros((32, 32), np.float32)
        for _ in range(3):
            x, y, length = random.integers(5, 20, 3)
            if random.random() < 0.5:
                picture[y, x:min(x + length, 28)] = 1
            else:
                picture[y:min(y + length, 28), x] = 1
        with torch.no_grad():
            scores = network(torch.from_numpy(picture)[None, None])[0].numpy()
        vectors.append({"ink": [int(at) for at in np.flatnonzero(picture)], "scores": [round(float(score), 4) for score in scores]})
    (out / "characters.json").write_text(json.dumps({"classes": classes.CLASSES, "vectors": vectors}, ensure_ascii=False))


if __name__ == "__main__":
    main()
