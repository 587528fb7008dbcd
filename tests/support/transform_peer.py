"""The peer of the transform sweep: torchvision with Pillow, told what to do by a JSON file.

argv: cases.json pictures.bin out.txt [dump.bin]. With dump.bin the outcome's own values are written.
"""
import hashlib
import json
import random
import struct
import sys
import warnings

import numpy
import PIL
import torch
import torchvision
from PIL import Image
from torchvision import transforms as T

warnings.simplefilter('ignore')
torch.set_num_threads(1)


def space_of(case):
    """v2 where a name of it is in the list, and then for all of the list."""
    if all(hasattr(T, choice['kind']) for choice in case['choices']):
        return T
    from torchvision.transforms import v2
    return v2


def make(choice, space):
    params = dict(choice['params'])
    if 'interpolation' in params:
        params['interpolation'] = T.InterpolationMode(params['interpolation'])
    if isinstance(params.get('fill'), list):
        params['fill'] = tuple(params['fill'])
    if 'transforms' in params:
        params['transforms'] = [make(one, space) for one in params['transforms']]
    if 'policy' in params:
        params['policy'] = T.AutoAugmentPolicy(params['policy'])
    if 'dtype' in params:
        params['dtype'] = getattr(torch, params['dtype'])
    for key in ('transformation_matrix', 'mean_vector'):
        if key in params:
            params[key] = torch.tensor(params[key], dtype=torch.float32)
    if 'transformation_matrix' in params:
        side = len(params['mean_vector'])
        params['transformation_matrix'] = params['transformation_matrix'].view(side, side)
    return getattr(space, choice['kind'])(**params)


def apply(steps, image):
    """Steps that make several views of one are followed view by view, as by T.Lambda and stack."""
    views = [image]
    for step in steps:
        made = []
        for view in views:
            one = step(view)
            made.extend(one if isinstance(one, tuple) else [one])
        views = made
    if len(views) == 1:
        return views[0] if not isinstance(views[0], torch.Tensor) else views[0][None]
    return torch.stack(views)


def describe(made):
    if isinstance(made, torch.Tensor):
        values = made.as_subclass(torch.Tensor).contiguous().numpy()
        if values.dtype != numpy.float32:
            raise TypeError('not a float32 tensor')
        return 'T %d %d %d %d ' % values.shape, values
    values = numpy.asarray(made)
    return 'P %d %d %d ' % (made.height, made.width, len(made.getbands())), values


def read_pictures(path):
    data = open(path, 'rb').read()
    at, pictures = 0, []
    while at < len(data):
        w, h, c = struct.unpack_from('<iii', data, at)
        values = numpy.frombuffer(data, numpy.uint8, w * h * c, at + 12).reshape(h, w, c)
        at += 12 + w * h * c
        pictures.append(Image.fromarray(values[:, :, 0], 'L') if c == 1 else Image.fromarray(values, 'RGB'))
    return pictures


pictures = read_pictures(sys.argv[2])
with open(sys.argv[3], 'w') as out:
    for package, version in (('torchvision', torchvision.__version__), ('numpy', numpy.__version__), ('pillow', PIL.__version__)):
        out.write('V %s %s\n' % (package, version.split('+')[0]))
    for case in json.load(open(sys.argv[1])):
        try:
            steps = [make(choice, space_of(case)) for choice in case['choices']]
            refusal = ''
        except Exception as problem:
            refusal = repr(problem)
        if refusal and case['since'] and not case['refused']:
            # A class or an argument that this release does not have yet.
            for number, seeds in case['runs']:
                out.write('-\n' * len(seeds))
            continue
        if case['refused']:
            if not refusal:
                # Some mistakes show in Python only when a picture comes by.
                try:
                    torch.manual_seed(1)
                    apply(steps, pictures[1])
                except Exception as problem:
                    refusal = repr(problem)
            out.write('R %s\n' % refusal.replace('\n', ' '))
            continue
        if refusal:
            sys.exit('%s: %s' % (case['text'], refusal))
        for number, seeds in case['runs']:
            for seed in seeds:
                torch.manual_seed(seed)
                random.seed(seed)
                try:
                    text, values = describe(apply(steps, pictures[number].copy()))
                    if len(sys.argv) > 4:
                        open(sys.argv[4], 'wb').write(values.tobytes())
                    text += hashlib.md5(values.tobytes()).hexdigest()
                    text += ' %08x' % struct.unpack('<I', struct.pack('<f', torch.rand(1).item()))
                    text += ' %016x' % struct.unpack('<Q', struct.pack('<d', random.random()))
                except Exception as problem:
                    text = 'E'
                    if 'not a float32' in str(problem):
                        sys.exit('%s: %r' % (case['text'], problem))
                out.write(text + '\n')
