"""Compares what the catalogues say of kinds and parameters with what this Python has. argv: the catalogues as JSON."""
import enum
import inspect
import json
import sys

import torch
import torch.optim.lr_scheduler
import torchvision
import torchvision.transforms

try:
    import torchvision.transforms.v2
except ImportError:  # before 0.15
    pass

# Arguments that choose where or how Python computes, not what; some kept by PyTorch for old code; and functions.
skip = {'self', 'device', 'dtype', 'foreach', 'differentiable', 'capturable', 'fused', 'size_average', 'reduce', 'last_epoch', 'verbose', 'optimizer', 'params', 'min_value', 'max_value', '_weight', 'custom_encoder', 'custom_decoder', 'scale_fn', 'scale_mode', '_random_samples', 'data_source', 'generator'}
problems = []
def number(text): return tuple(int(part) for part in text.split('.')[:2])
def reached(release, name):
    """Whether this machine's library is of that release, or later."""
    return not release or number((torchvision if name.startswith('torchvision') else torch).__version__) >= number(release)
for ours in json.loads(sys.argv[1]):
    name = ours['python']
    try: obj = eval(name)
    except AttributeError: obj = None
    if (obj is not None) != reached(ours['since'], name):
        problems.append(f"{name} is said to be there since {ours['since'] or 'always'}, but this Python {'has' if obj else 'lacks'} it")
    if obj is None: continue
    params = {p['key']: p for p in ours['params']}
    if ours['operation']:
        # Of functions written in C there is only the documentation.
        for key, own in params.items():
            if own['since'] and inspect.isbuiltin(obj) and (f'{key}=' in obj.__doc__) != reached(own['since'], name):
                problems.append(f"{name}.{key} is said to be there since {own['since']}")
        continue
    arguments = inspect.signature(obj.__init__).parameters
    if isinstance(obj, type) and issubclass(obj, torch.nn.RNNBase):  # RNN, LSTM and GRU hand theirs on
        arguments = {k: p for k, p in inspect.signature(torch.nn.RNNBase.__init__).parameters.items() if k != 'mode' and (k != 'proj_size' or obj is torch.nn.LSTM)}
    for key, own in params.items():
        if own['since'] and (key in arguments) != reached(own['since'], name):
            problems.append(f"{name}.{key} is said to be there since {own['since']}, but this Python {'has' if key in arguments else 'lacks'} it")
    for key, p in arguments.items():
        if key in skip or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD): continue
        if key not in params: problems.append(f'{name} lacks {key}'); continue
        own = params[key]
        # 1.13 has an object of its own for an argument without default.
        needed = p.default is p.empty or repr(p.default) == '<required parameter>'
        current = reached(own['default_since'], name)
        if not current and 'former_default' not in own:
            if not needed: problems.append(f"{name}.{key} is said to have no default before {own['default_since']}, Python has {p.default!r}")
            continue
        if needed: continue
        default = p.default.value if isinstance(p.default, enum.Enum) else p.default
        mine = eval(own['default'] if current else own['former_default'])
        if callable(default): default = default.__name__
        if isinstance(default, tuple): default = list(default)
        if mine != default: problems.append(f'{name}.{key} is {mine!r}, Python has {default!r}')
print('\n'.join(problems))
