#include "core/exchange/format_kind.h"
#include "core/exchange/torch_file.h"

namespace loom {
namespace {

FormatKind stateDict() {
    FormatKind kind;
    kind.info = {"state_dict",
                 "weights",
                 "PyTorch's weight file",
                 "What torch.save(model.state_dict(), path) writes. In Python: "
                 "model.load_state_dict(torch.load(path)).",
                 "torch.save",
                 {"pth", "pt"}};
    kind.extension = ".pth";
    kind.write = [](const Project&, const Weights& weights, const std::string& path) {
        return saveStateDict(path, weights);
    };
    return kind;
}

}  // namespace

const Catalogue<FormatKind>& formats() {
    static const Catalogue<FormatKind> catalogue({stateDict()});
    return catalogue;
}

}  // namespace loom
