"""The outside judge of checkpoints: PyTorch writes what people have, and reads what we write.

  checkpoint_with_torch.py --probe
  checkpoint_with_torch.py write FOLDER   reads FOLDER/ours.pt, writes the same weights in every form we know
  checkpoint_with_torch.py read FILE      prints {group: {key: [type, shape, crc32 of the numbers]}, "meta": ...}
"""

import collections
import datetime
import io
import json
import pathlib
import sys
import zlib

import numpy
import torch

NECK = {
    "backbone.lateral_conv0": ("neck.reduce_layers.0", "neck.reduce_layers.2"),
    "backbone.reduce_conv1": ("neck.reduce_layers.1", "neck.top_down_layers.0.1"),
    "backbone.bu_conv2": ("neck.downsamples.0", "neck.downsample_layers.0"),
    "backbone.bu_conv1": ("neck.downsamples.1", "neck.downsample_layers.1"),
    "backbone.C3_p4": ("neck.top_down_blocks.0", "neck.top_down_layers.0.0"),
    "backbone.C3_p3": ("neck.top_down_blocks.1", "neck.top_down_layers.1"),
    "backbone.C3_n3": ("neck.bottom_up_blocks.0", "neck.bottom_up_layers.0"),
    "backbone.C3_n4": ("neck.bottom_up_blocks.1", "neck.bottom_up_layers.1"),
}


def mm_name(key, yolo):
    """What mmdetection (or mmyolo) calls Megvii's key, part by part as their modules are nested."""
    head = "bbox_head.head_module." if yolo else "bbox_head."
    key = key.replace(".dconv.", ".depthwise_conv.").replace(".pconv.", ".pointwise_conv.")
    if key.startswith("head."):
        kind, rest = key[len("head."):].split(".", 1)
        if kind == "stems":
            return ("neck.out_layers." if yolo else "neck.out_convs.") + rest
        if kind.endswith("_preds"):
            return f"{head}multi_level_conv_{kind[:3]}.{rest}"
        return f"{head}multi_level_{kind}.{rest}"
    if key.startswith("backbone.backbone.stem"):
        return key[len("backbone."):]
    if key.startswith("backbone.backbone.dark"):
        stage, index, rest = key[len("backbone.backbone.dark"):].split(".", 2)
        spp = stage == "5" and index == "1"
        csp = index != "0" and not spp
        return f"backbone.stage{int(stage) - 1}.{index}.{csp_name(rest) if csp else rest}"
    for part, names in NECK.items():
        if key.startswith(part + "."):
            rest = key[len(part) + 1:]
            return f"{names[yolo]}.{csp_name(rest) if '.C3' in part else rest}"
    raise ValueError(key)


def csp_name(rest):
    first, others = rest.split(".", 1)
    return {"conv1": "main_conv", "conv2": "short_conv", "conv3": "final_conv", "m": "blocks"}[first] + "." + others


def crooked(tensor):
    """The same numbers, not contiguous."""
    if tensor.dim() < 2:
        return torch.stack([tensor, tensor], -1)[..., 0]
    return tensor.transpose(0, 1).contiguous().transpose(0, 1)


def one_storage(state):
    floats = {key: value for key, value in state.items() if value.dtype == torch.float32}
    flat = torch.cat([value.reshape(-1) for value in floats.values()])
    views, at = dict(state), 0
    for key, value in floats.items():
        views[key] = flat[at:at + value.numel()].view(value.shape)
        at += value.numel()
    return views


class Custom:
    def __init__(self):
        self.history = collections.deque([1, 2], maxlen=5)


def write(folder):
    ours = torch.load(folder / "ours.pt")
    state = collections.OrderedDict(ours["model"])
    state._metadata = collections.OrderedDict(version=1)
    other = {key: value + 1 for key, value in state.items()}
    names = tuple(json.loads(ours["meta"])["names"])
    mmdet = {mm_name(key, False): value for key, value in state.items()}
    mmyolo = {mm_name(key, True): value for key, value in state.items()}
    old_raw = {"ema_" + mm_name(key, False).replace(".", "_"): value for key, value in other.items()}
    new_raw = {"module." + mm_name(key, False): value for key, value in other.items()}
    momentum = {"state": {0: {"momentum_buffer": torch.ones(3)}}, "param_groups": [{"lr": 0.01, "params": [0]}]}

    def save(name, value, **options):
        torch.save(value, folder / f"{name}.pth", **options)

    save("megvii", {"start_epoch": 300, "model": state, "optimizer": momentum, "best_ap": 0.4, "curr_ap": None})
    save("mmdetection2", {"meta": {"CLASSES": names, "time": "x", "epoch": 300}, "state_dict": {**mmdet, **old_raw},
                          "optimizer": momentum})
    save("mmdetection3", {"meta": {"dataset_meta": {"classes": names, "palette": [(1, 2, 3)]}, "seed": 1 << 70,
                                   "time": datetime.datetime(2024, 1, 2), "custom": Custom()},
                          "state_dict": mmdet, "ema_state_dict": {"steps": torch.tensor(3), **new_raw},
                          "message_hub": {"log": numpy.float64(3), "array": numpy.arange(5)}, "optimizer": momentum})
    save("mmyolo", {"meta": {"dataset_meta": {"CLASSES": names}}, "state_dict": mmyolo})
    save("distributed", {"module." + key: value for key, value in state.items()})
    save("lightning", {"epoch": 1, "state_dict": {"model." + key: value for key, value in state.items()}})
    save("half", {"model": {key: value.half() if value.is_floating_point() else value for key, value in state.items()}})
    save("bfloat16", {"model": {key: value.bfloat16() if value.is_floating_point() else value
                                for key, value in state.items()}})
    save("crooked", {key: crooked(value) for key, value in state.items()})
    save("one_storage", {"model": one_storage(state)})
    save("parameters", {key: torch.nn.Parameter(value) if value.is_floating_point() else value
                        for key, value in state.items()})
    save("legacy", {"model": state, "start_epoch": 1}, _use_new_zipfile_serialization=False)
    save("legacy_mm", {"meta": {"CLASSES": names}, "state_dict": one_storage(mmdet)},
         _use_new_zipfile_serialization=False)
    save("protocol5", {"model": state}, pickle_protocol=5)

    save("refused_object", {"model": torch.nn.Linear(2, 2)})
    save("refused_legacy_object", torch.nn.Linear(2, 2), _use_new_zipfile_serialization=False)
    save("refused_tensor", torch.ones(3))
    torch.jit.script(torch.nn.Linear(2, 2)).save(str(folder / "refused_script.pth"))
    whole = (folder / "legacy.pth").read_bytes()
    (folder / "refused_cut.pth").write_bytes(whole[:-8])
    buffer = io.BytesIO()
    torch.save(state, buffer)
    (folder / "refused_torn.pth").write_bytes(buffer.getvalue()[:-100])


def described(tensor):
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.view(torch.int16)
    return [str(tensor.dtype), list(tensor.shape), zlib.crc32(tensor.contiguous().numpy().tobytes())]


def read(path):
    loaded = torch.load(path, weights_only=True)
    assert torch.load(path).keys() == loaded.keys()
    print(json.dumps({group: value if isinstance(value, str) else {key: described(item) for key, item in value.items()}
                      for group, value in loaded.items()}))


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(pathlib.Path(sys.argv[2]))
    elif sys.argv[1] == "read":
        read(sys.argv[2])
