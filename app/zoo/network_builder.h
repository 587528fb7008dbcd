#pragma once

#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace loom::zoo {

/// Draws a network block by block, under the module names of the model it follows. Blocks are
/// listed in the order in which the Python model constructs its modules, so that initial weights
/// are drawn in the same order.
class NetworkBuilder {
public:
    PortRef input(const std::vector<std::int64_t>& shape);
    /// Adds a block fed by `inputs`, in order; `id` is below the present prefix.
    PortRef add(const std::string& id, const std::string& kind, Params params,
                const std::vector<PortRef>& inputs);
    PortRef add(const std::string& id, const std::string& kind, Params params,
                const PortRef& input) {
        return add(id, kind, std::move(params), std::vector{input});
    }
    void output(const PortRef& from);

    /// Everything added while it lives is below `path`; `collapsed`: shown as one box.
    class Scope {
    public:
        Scope(NetworkBuilder& builder, const std::string& path, bool collapsed = true);
        ~Scope();
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

    private:
        NetworkBuilder& m_builder;
        std::size_t m_length;
    };

    /// The drawing, laid out level by level: the whole with its groups as boxes, and the inside of
    /// every group by itself.
    Graph finish() const;

private:
    Graph m_graph;
    std::string m_prefix;
};

/// A convolution without bias, its normalisation and a ReLU below one name, as the BasicConv2d of
/// torchvision's GoogLeNet and Inception v3.
PortRef basicConv(NetworkBuilder& b, const std::string& id, const PortRef& from, int channels,
                  const Value& kernel, const Params& more = {}, bool box = false);

}  // namespace loom::zoo
