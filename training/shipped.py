"""A network as it is shipped, to be asked: export.py's way back."""

import json
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

import classes
import net


def load(models: Path, look: str):
    """The network of a look, and what its scores are divided by."""
    weights = {given.name: numpy_helper.to_array(given) for given in onnx.load(models / f"characters-{look}.onnx").graph.initializer}
    network = net.build(look).eval()
    with torch.no_grad():
        for number, (convolution, norm, _) in enumerate(part for part in network if isinstance(part, torch.nn.Sequential)):
            kernel = weights[f"conv{number}w"]
            if kernel.ndim == 2:
                made, given = convolution.weight.shape[:2]
                kernel = kernel.reshape(3, 3, given, made).transpose(3, 2, 0, 1)
            convolution.weight.copy_(torch.from_numpy(kernel.copy()))
            # The batch norm is in the convolution: what is left of it adds.
            norm.running_var.fill_(1 - norm.eps)
            norm.bias.copy_(torch.from_numpy(weights[f"conv{number}b"].copy()))
        linear = list(network)[-1]
        side = 4
        whole = weights["w"].reshape(len(classes.CLASSES), side, side, -1).transpose(0, 3, 1, 2)
        linear.weight.copy_(torch.from_numpy(whole.reshape(linear.weight.shape).copy()))
        linear.bias.copy_(torch.from_numpy(weights["b"].copy()))
    return network, json.loads((models / f"characters-{look}.json").read_text())["temperature"]
