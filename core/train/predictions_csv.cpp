#include "core/train/predictions_csv.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace loom {
namespace {

constexpr std::size_t kFlushBytes = std::size_t(1) << 20;

template <class T>
std::string numberText(T value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

std::string listText(const std::vector<float>& numbers) {
    std::string text;
    for (const float number : numbers) {
        if (!text.empty()) text += ' ';
        text += numberText(number);
    }
    return text;
}

}  // namespace

PredictionsCsv::PredictionsCsv(std::string path)
    : m_path(std::move(path)), m_temporary(m_path + ".tmp" + std::to_string(::getpid())) {}

PredictionsCsv::~PredictionsCsv() {
    m_file.close();
    std::error_code ignored;
    std::filesystem::remove(m_temporary, ignored);
}

Status PredictionsCsv::open() {
    std::error_code ignored;
    if (std::filesystem::is_directory(m_path, ignored))
        return Error{"\"" + m_path + "\" is a folder, not a file.",
                     "Give --predictions the name of a file, such as predictions.csv."};
    std::filesystem::remove(m_temporary, ignored);
    return m_file.open(m_temporary);
}

void PredictionsCsv::addLine(const std::string& line) {
    m_file.add(line);
    m_waiting += line.size();
}

Status PredictionsCsv::add(const EvaluatedSample& sample) {
    if (!m_hasHeader) {
        m_hasHeader = true;
        std::string header = "index,target,prediction,loss";
        for (std::size_t k = 0; k < sample.scores.size(); ++k)
            header += ",score_" + std::to_string(k);
        addLine(header + "\n");
    }
    std::string line = std::to_string(sample.index);
    const auto cell = [&](const std::string& text) {
        line += ',';
        line += text;
    };
    if (sample.classes) {
        cell(std::to_string(sample.target));
        cell(std::to_string(sample.prediction));
    } else {
        cell(listText(sample.targetNumbers));
        cell(listText(sample.predictedNumbers));
    }
    cell(numberText(sample.loss));
    for (const float score : sample.scores) cell(numberText(score));
    line += '\n';
    addLine(line);
    if (m_waiting < kFlushBytes) return m_file.status();
    m_waiting = 0;
    return m_file.flush();
}

Status PredictionsCsv::finish() {
    if (!m_hasHeader) addLine("index,target,prediction,loss\n");
    if (const Status written = m_file.flush(); !written) return written;
    m_file.close();
    if (std::rename(m_temporary.c_str(), m_path.c_str()) != 0) return writeError(m_path, errno);
    return {};
}

}  // namespace loom
