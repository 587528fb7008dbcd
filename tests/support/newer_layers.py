"""Layers, arguments and functions that PyTorch 2 has, for a Python whose torch lacks them: put into torch.nn
where they are missing, by their documented formulas. Nothing happens where they are there."""
import contextlib
import functools
import inspect
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.nn.modules.transformer as stacks


def lacks(cls, argument):
    return argument not in inspect.signature(cls.__init__).parameters


class RMSNorm(nn.Module):
    def __init__(self, normalized_shape, eps=None, elementwise_affine=True):
        super().__init__()
        self.shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(self.shape)) if elementwise_affine else None

    def forward(self, x):
        eps = torch.finfo(x.dtype).eps if self.eps is None else self.eps
        dims = [x.dim() - 1 - i for i in range(len(self.shape))]
        y = x * torch.rsqrt(x.pow(2).mean(dims, keepdim=True) + eps)
        return y if self.weight is None else y * self.weight


class Pad(nn.Module):
    sides, mode = 1, "constant"

    def __init__(self, padding):
        super().__init__()
        self.padding = [padding] * 2 * self.sides if isinstance(padding, int) else list(padding)

    def forward(self, x):
        if self.mode == "circular" and x.dim() == self.sides + 1:
            return F.pad(x[None], self.padding, self.mode)[0]
        return F.pad(x, self.padding, self.mode)


class LPPool3d(nn.Module):
    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        super().__init__()
        self.settings = float(norm_type), kernel_size, stride, ceil_mode

    def forward(self, x):
        p, kernel, stride, ceil = self.settings
        size = kernel**3 if isinstance(kernel, int) else math.prod(kernel)
        mean = F.avg_pool3d(x.pow(p), kernel, stride, 0, ceil)
        return (torch.sign(mean) * F.relu(torch.abs(mean))).mul(size).pow(1.0 / p)


class LayerNorm(nn.LayerNorm):
    def __init__(self, *args, bias=True, **kwargs):
        super().__init__(*args, **kwargs)
        if not bias:
            self.bias = None


class Embedding(nn.Embedding):
    def __init__(self, *args, _freeze=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.weight.requires_grad_(not _freeze)


@contextlib.contextmanager
def parts(bias):
    """What transformers are made of, with or without biases."""
    names = ("Linear", "LayerNorm", "MultiheadAttention")
    usual = [getattr(stacks, name) for name in names]
    for name, cls in zip(names, (nn.Linear, LayerNorm, nn.MultiheadAttention)):
        setattr(stacks, name, functools.partial(cls, bias=bias))
    try:
        yield
    finally:
        for name, cls in zip(names, usual):
            setattr(stacks, name, cls)


def with_bias(cls):
    class Newer(cls):
        def __init__(self, *args, bias=True, **kwargs):
            with parts(bias):
                super().__init__(*args, **kwargs)
            # The fast path of 1.13 reads biases without asking whether there are any.
            for module in self.modules():
                if not bias and hasattr(module, "activation_relu_or_gelu"):
                    module.activation_relu_or_gelu = 0

    return Newer


def scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    length, keys = query.size(-2), key.size(-2)
    bias = torch.zeros(length, keys, dtype=query.dtype)
    if is_causal:
        bias.masked_fill_(torch.ones(length, keys, dtype=torch.bool).tril(0).logical_not(), float("-inf"))
    if attn_mask is not None:
        bias = attn_mask + bias
    if enable_gqa:
        key = key.repeat_interleave(query.size(-3) // key.size(-3), -3)
        value = value.repeat_interleave(query.size(-3) // value.size(-3), -3)
    weights = query @ key.transpose(-2, -1) * (1 / math.sqrt(query.size(-1)) if scale is None else scale)
    weights += bias
    return torch.dropout(torch.softmax(weights, dim=-1), dropout_p, True) @ value


for cls in (RMSNorm, LPPool3d):
    if not hasattr(nn, cls.__name__):
        setattr(nn, cls.__name__, cls)
for stem, mode in (("ZeroPad", "constant"), ("CircularPad", "circular")):
    for sides in (1, 2, 3):
        if not hasattr(nn, f"{stem}{sides}d"):
            setattr(nn, f"{stem}{sides}d", type(f"{stem}{sides}d", (Pad,), {"sides": sides, "mode": mode}))
if lacks(nn.LayerNorm, "bias"):
    nn.LayerNorm = LayerNorm
if lacks(nn.Embedding, "_freeze"):
    nn.Embedding = Embedding
for name in ("TransformerEncoderLayer", "TransformerDecoderLayer", "Transformer"):
    if lacks(getattr(nn, name), "bias"):
        setattr(nn, name, with_bias(getattr(nn, name)))
if not hasattr(F, "scaled_dot_product_attention"):
    F.scaled_dot_product_attention = scaled_dot_product_attention
