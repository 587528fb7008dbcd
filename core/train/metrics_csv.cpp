#include "core/train/metrics_csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

namespace loom::metrics_csv {

namespace {

/// A number's place in a row. `always`: it is written also when it is NaN, because then NaN is what
/// happened, and not that there is no such number.
struct Column {
    const char* name;
    double RunEvent::*member;
    bool inStep;
    bool inEpoch;
    bool always;
};

constexpr std::array<Column, 19> kColumns{{
    {"wall_time", &RunEvent::wallTime, true, true, true},
    {"elapsed", &RunEvent::elapsed, true, true, true},
    {"loss", &RunEvent::loss, true, false, true},
    {"accuracy", &RunEvent::accuracy, true, false, false},
    {"lr", &RunEvent::lr, true, false, false},
    {"train_loss", &RunEvent::trainLoss, false, true, true},
    {"train_accuracy", &RunEvent::trainAccuracy, false, true, false},
    {"test_loss", &RunEvent::testLoss, false, true, true},
    {"test_accuracy", &RunEvent::testAccuracy, false, true, false},
    {"validation_loss", &RunEvent::validationLoss, false, true, false},
    {"validation_accuracy", &RunEvent::validationAccuracy, false, true, false},
    {"seconds", &RunEvent::seconds, false, true, true},
    {"train_loss_sum", &RunEvent::trainLossSum, false, true, false},
    {"test_loss_sum", &RunEvent::testLossSum, false, true, false},
    {"validation_loss_sum", &RunEvent::validationLossSum, false, true, false},
    {"loss_per_sample", &RunEvent::lossPerSample, true, false, false},
    {"train_loss_per_sample", &RunEvent::trainLossPerSample, false, true, false},
    {"test_loss_per_sample", &RunEvent::testLossPerSample, false, true, false},
    {"validation_loss_per_sample", &RunEvent::validationLossPerSample, false, true, false},
}};

std::string numberText(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

std::vector<std::string_view> cells(std::string_view line) {
    std::vector<std::string_view> found;
    for (std::size_t start = 0;;) {
        const std::size_t comma = line.find(',', start);
        found.push_back(
            line.substr(start, comma == std::string_view::npos ? comma : comma - start));
        if (comma == std::string_view::npos) return found;
        start = comma + 1;
    }
}

template <class T>
bool readNumber(std::string_view text, T& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

/// Which of kColumns the file has, in its order, null for what this version does not know: runs of
/// earlier versions have fewer, those of later ones may have more.
std::optional<std::vector<const Column*>> readHeader(std::string_view line) {
    const std::vector<std::string_view> names = cells(line);
    if (names.size() < 3 || names[0] != "event" || names[1] != "step" || names[2] != "epoch")
        return std::nullopt;
    std::vector<const Column*> columns;
    for (std::size_t i = 3; i < names.size(); ++i) {
        const auto known = std::find_if(kColumns.begin(), kColumns.end(),
                                        [&](const Column& one) { return names[i] == one.name; });
        columns.push_back(known == kColumns.end() ? nullptr : &*known);
    }
    return columns;
}

std::optional<RunEvent> readRow(std::string_view line, const std::vector<const Column*>& columns) {
    const std::vector<std::string_view> found = cells(line);
    if (found.size() != columns.size() + 3) return std::nullopt;
    RunEvent event;
    if (found[0] == "step")
        event.type = RunEvent::Type::Step;
    else if (found[0] == "epoch")
        event.type = RunEvent::Type::Epoch;
    else
        return std::nullopt;
    if (!readNumber(found[1], event.step) || !readNumber(found[2], event.epoch))
        return std::nullopt;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!columns[i] || found[i + 3].empty()) continue;
        if (!readNumber(found[i + 3], event.*columns[i]->member)) return std::nullopt;
        event.validated = event.validated || columns[i]->member == &RunEvent::validationLoss;
    }
    return event;
}

}  // namespace

std::string header() {
    std::string line = "event,step,epoch";
    for (const Column& column : kColumns) line += std::string(",") + column.name;
    return line + "\n";
}

std::string row(const RunEvent& event) {
    const bool isStep = event.type == RunEvent::Type::Step;
    if (!isStep && event.type != RunEvent::Type::Epoch) return {};
    std::string line = isStep ? "step," : "epoch,";
    line += std::to_string(event.step) + "," + std::to_string(event.epoch);
    for (const Column& column : kColumns) {
        line += ',';
        const double value = event.*column.member;
        const bool happened = column.always || !std::isnan(value) ||
                              (event.validated && column.member == &RunEvent::validationLoss);
        if ((isStep ? column.inStep : column.inEpoch) && happened) line += numberText(value);
    }
    return line + "\n";
}

std::optional<std::vector<RunEvent>> read(std::string_view text) {
    const std::size_t first = text.find('\n');
    if (first == std::string_view::npos) return std::nullopt;
    const auto columns = readHeader(text.substr(0, first));
    if (!columns) return std::nullopt;
    std::vector<RunEvent> events;
    // What has no line end was cut while it was written: not even its numbers can be trusted.
    for (std::size_t start = first + 1, end;
         (end = text.find('\n', start)) != std::string_view::npos; start = end + 1)
        if (std::optional<RunEvent> event = readRow(text.substr(start, end - start), *columns))
            events.push_back(*std::move(event));
    return events;
}

}  // namespace loom::metrics_csv
