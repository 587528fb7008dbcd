#include "core/data/transforms/augment_operations.h"

#include <array>
#include <cmath>
#include <numbers>

#include "core/data/transforms/colour_kinds.h"
#include "core/data/transforms/colour_operations.h"
#include "core/data/transforms/torch_math.h"

namespace loom {
namespace {

/// `math.degrees(math.atan(magnitude))`.
double shearDegrees(double magnitude) {
    return std::atan(magnitude) * (180.0 / std::numbers::pi);
}

void shear(Picture& picture, double x, double y, const Surroundings& around) {
    picture = movedAffine(picture, {.shear = {shearDegrees(x), shearDegrees(y)}},
                          around.interpolation, around.fill, std::array<double, 2>{0, 0});
}

void translate(Picture& picture, double x, double y, const Surroundings& around) {
    picture = movedAffine(picture, {.translate = {std::trunc(x), std::trunc(y)}},
                          around.interpolation, around.fill);
}

std::string pixels(double magnitude) {
    return drawnNumber(std::trunc(magnitude)) + " px";
}

/// The factor that an enhancement gets.
std::string factor(double magnitude) {
    return drawnNumber(1.0 + magnitude);
}

template <void (*adjust)(Picture&, double)>
void enhance(Picture& picture, double magnitude, const Surroundings&) {
    adjust(picture, 1.0 + magnitude);
}

template <void (*change)(Picture&)>
void plainly(Picture& picture, double, const Surroundings&) {
    change(picture);
}

constexpr std::array<AugmentOperation, 15> kOperations = {{
    {"Identity", [](Picture&, double, const Surroundings&) {}, nullptr},
    {"ShearX", [](Picture& p, double m, const Surroundings& s) { shear(p, m, 0, s); }, drawnNumber},
    {"ShearY", [](Picture& p, double m, const Surroundings& s) { shear(p, 0, m, s); }, drawnNumber},
    {"TranslateX", [](Picture& p, double m, const Surroundings& s) { translate(p, m, 0, s); },
     pixels},
    {"TranslateY", [](Picture& p, double m, const Surroundings& s) { translate(p, 0, m, s); },
     pixels},
    {"Rotate",
     [](Picture& p, double m, const Surroundings& s) {
         p = rotated(p, m, s.interpolation, false, {}, s.fill);
     },
     [](double m) { return drawnNumber(m) + "°"; }},
    {"Brightness", enhance<adjustBrightness>, factor},
    {"Color", enhance<adjustSaturation>, factor},
    {"Contrast", enhance<adjustContrast>, factor},
    {"Sharpness", enhance<adjustSharpness>, factor},
    {"Posterize",
     [](Picture& p, double m, const Surroundings&) { posterize(p, static_cast<int>(m)); },
     [](double m) { return drawnNumber(m) + " bits"; }},
    {"Solarize", [](Picture& p, double m, const Surroundings&) { solarize(p, m); },
     [](double m) { return "from " + drawnNumber(m); }},
    {"AutoContrast", plainly<autocontrast>, nullptr},
    {"Equalize", plainly<equalize>, nullptr},
    {"Invert", plainly<invert>, nullptr},
}};

std::vector<float> magnitudesOf(const AugmentChoice& choice, std::int64_t bins) {
    if (choice.unit == MagnitudeUnit::Plain) return torchLinspace(choice.first, choice.last, bins);
    std::vector<float> magnitudes;
    if (choice.unit != MagnitudeUnit::FewerBits) return magnitudes;
    const auto step = static_cast<float>(static_cast<double>(bins - 1) / choice.last);
    for (std::int64_t i = 0; i < bins; ++i)
        magnitudes.push_back(static_cast<float>(choice.first) -
                             std::nearbyint(static_cast<float>(i) / step));
    return magnitudes;
}

}  // namespace

const AugmentOperation& augmentOperation(std::string_view name) {
    for (const AugmentOperation& operation : kOperations)
        if (operation.name == name) return operation;
    return kOperations.front();
}

std::string told(const AugmentOperation& operation, double magnitude) {
    std::string text(operation.name);
    if (operation.tell) text += ' ' + operation.tell(magnitude);
    return text;
}

AugmentSpace::AugmentSpace(const std::vector<AugmentChoice>& choices, std::int64_t bins)
    : m_bins(bins) {
    for (const AugmentChoice& choice : choices)
        m_entries.push_back(
            {choice, &augmentOperation(choice.operation), magnitudesOf(choice, bins)});
}

double AugmentSpace::magnitude(std::size_t index, std::size_t bin, const Picture& picture) const {
    const Entry& entry = m_entries[index];
    if (!entry.magnitudes.empty()) return entry.magnitudes[bin];
    if (!hasMagnitudes(index)) return 0;
    const int side = entry.choice.unit == MagnitudeUnit::OfWidth ? picture.width : picture.height;
    return torchLinspace(entry.choice.first * side, entry.choice.last * side, m_bins)[bin];
}

std::size_t AugmentSpace::indexOf(std::string_view operation) const {
    for (std::size_t i = 0; i < m_entries.size(); ++i)
        if (m_entries[i].choice.operation == operation) return i;
    return m_entries.size();
}

}  // namespace loom
