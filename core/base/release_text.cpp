#include "core/base/release_text.h"

#include "core/base/sentence.h"

namespace loom {

std::string releaseText(const std::string& release) {
    if (release == "v2") return "torchvision.transforms.v2";
    if (release.starts_with("0.")) return "torchvision " + release;
    const bool bare =
        !release.empty() && release.find_first_not_of("0123456789.") == std::string::npos;
    return bare ? "PyTorch " + release : release;
}

std::string sinceText(const std::string& release) {
    return release.empty() ? std::string() : "since " + releaseText(release);
}

std::string defaultSinceText(const ParamSpec& spec) {
    return defaultSinceText(spec.defaultValue, spec.defaultSince,
                            spec.formerDefault ? &*spec.formerDefault : nullptr);
}

std::string defaultSinceText(const Value& now, const std::string& release, const Value* before) {
    if (release.empty()) return {};
    return sentence(before ? "The default is {now} since {release}; before, it was {before}."
                           : "The default is {now} since {release}; before, there was none.",
                    {{"now", now.toPython()},
                     {"release", releaseText(release)},
                     {"before", before ? before->toPython() : ""}});
}

}  // namespace loom
