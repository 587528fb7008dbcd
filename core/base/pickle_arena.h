#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "core/base/pickle.h"

namespace loom {

/// The memory behind PickleValue: all values of one pickle, referring to each other by index, so
/// that values that hold each other need no care when they are freed.
struct PickleValue::Arena {
    static constexpr std::uint32_t kNone = 0;

    struct Node {
        Type type = Type::None;
        std::int64_t integer = 0;
        double number = 0.0;
        std::string text = {};
        std::vector<std::uint32_t> items = {};
        std::vector<std::uint32_t> entries = {};  ///< key, value, key, value, ...
        std::uint32_t callable = kNone;
        std::uint32_t arguments = kNone;
        std::uint32_t state = kNone;
    };
    std::deque<Node> nodes;
};

}  // namespace loom
