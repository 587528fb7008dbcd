#pragma once

// The only door to LibTorch. ivalue.h first: clang in C++20 mode cannot compile torch 1.13
// otherwise.
#include <ATen/core/ivalue.h>

#include <torch/torch.h>
