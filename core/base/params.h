#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/value.h"

namespace loom {

/// What the user set of a kind's parameters, by PyTorch's argument names. What is absent has
/// Python's default.
using Params = Dict;

enum class ParamType {
    Bool,
    Int,
    Float,
    Text,
    Choice,  ///< one of `choices`
    Ints,    ///< a whole number for every side, or a list of `arity` of them, as in Python
    Floats,  ///< a number, or a list of `arity` of them (0: any length)
    Path,    ///< a file or folder on this machine
    Kinds,   ///< a list of kinds with parameters of their own: dicts of `kind` and `params`
};

/// One argument of a kind: enough to build its form, check its value, write its Python and
/// explain it. Source of names, defaults and ranges: PyTorch's and torchvision's documentation.
struct ParamSpec {
    std::string key;
    ParamType type = ParamType::Int;
    Value defaultValue = {};  ///< what Python takes when it is left out
    std::string hint = {};    ///< one sentence for the tool tip
    bool required = false;    ///< Python has no default for it
    bool inferred = false;    ///< `in_channels` and the like: found from what arrives
    bool optional = false;    ///< None is a meaning of its own
    int arity = 1;            ///< for Ints and Floats: the length a list must have; 0: any
    std::optional<double> minimum = {};
    std::optional<double> maximum = {};
    bool minimumExcluded = false;  ///< the value must be greater than `minimum`
    std::vector<std::string> choices =
        {};  ///< for Choice; for Ints: words allowed instead ("same")
    std::string unit = {};
    std::string noneText = {};  ///< what None means, for the form ("as kernel_size")
    Value suggestion =
        {};  ///< what a block fresh from the palette starts with, where Python has no default
    std::string visibleWhenKey = {};  ///< shown only when that parameter ...
    Value visibleWhenValue = {};      ///< ... has this value, or one of this list
    /// The first release of PyTorch, for transforms of torchvision, that knows the parameter:
    /// "2.1". Empty: the oldest that is followed (1.13, 0.14) does.
    std::string since = {};
    /// Python's default before `defaultSince`, where it changed later. A file that leaves the
    /// parameter out means this one; `core/project/former_defaults.h`.
    std::optional<Value> formerDefault = {};
    std::string defaultSince = {};
};

struct ParamProblem {
    std::string key;
    std::string
        message;  ///< without the block's name: "kernel_size is 0, but it must be at least 1"
    std::string hint;
    bool unknown = false;  ///< no such parameter: kept and reported, not an error
};

/// Everything that is wrong with `params`, required ones that are missing included.
std::vector<ParamProblem> checkParams(const std::vector<ParamSpec>& specs, const Params& params);

/// Problem of a single value against its spec; nullopt when it is fine.
std::optional<ParamProblem> checkParam(const ParamSpec& spec, const Value& value);

/// Reads text typed into a form, or after `--set key=`, by the spec's type: `5`, `5, 3`, `5×3`,
/// `same`, `None`. Returns nullopt when it cannot be read so.
std::optional<Value> parseParam(const ParamSpec& spec, const std::string& text);

/// What a kind fresh from a menu starts with: suggestions for parameters that have no default.
Params startingParams(const std::vector<ParamSpec>& specs);

/// Whether a form shows the parameter, with these settings of the others.
bool isVisible(const ParamSpec& spec, const class Settings& settings);

const ParamSpec* findSpec(const std::vector<ParamSpec>& specs, const std::string& key);

/// Parameters with the defaults behind them: what a kind's functions read. Accessors expect
/// params that `checkParams` passed; with wrong ones they return the default, never throw.
class Settings {
public:
    Settings(const std::vector<ParamSpec>& specs, const Params& params)
        : m_specs(&specs), m_params(&params) {}

    /// The value in force: as set, else the default. None when neither is there.
    const Value& value(const std::string& key) const;
    bool isSet(const std::string& key) const { return m_params->contains(key); }
    bool isNone(const std::string& key) const { return value(key).isNone(); }

    bool flag(const std::string& key) const;
    std::int64_t integer(const std::string& key) const;
    double number(const std::string& key) const;
    std::string text(const std::string& key) const;
    /// A number stands for `count` equal ones: `5` gives {5, 5}.
    std::vector<std::int64_t> integers(const std::string& key, std::size_t count) const;
    /// The list as it is; a number gives a list of one.
    std::vector<std::int64_t> integers(const std::string& key) const;
    std::vector<double> numbers(const std::string& key) const;

    const Params& params() const { return *m_params; }
    const std::vector<ParamSpec>& specs() const { return *m_specs; }

private:
    const std::vector<ParamSpec>* m_specs;
    const Params* m_params;
};

/// `Conv2d(1, 32, kernel_size=5, padding=1)`: required parameters by position while they lead,
/// then what differs from the default. `inferred` gives values for parameters left out.
std::string pythonCall(const std::string& name, const std::vector<ParamSpec>& specs,
                       const Params& params, const Params& inferred = {});

}  // namespace loom
