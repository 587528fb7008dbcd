#pragma once

#include <cstddef>
#include <string>

#include "core/base/result.h"
#include "core/train/append_file.h"
#include "core/train/evaluation.h"

namespace loom {

/// The table of an evaluation, a row per sample: `index,target,prediction,loss` and, where the
/// answers are classes, `score_<k>`, the network's outputs as they are. Answers of several numbers
/// stand in one cell with spaces between them. Numbers read back to the last bit.
///
/// It is written to a name beside `path` and renamed when it is whole, so that what lay there is
/// never half overwritten.
/// Threads: one.
class PredictionsCsv {
public:
    explicit PredictionsCsv(std::string path);
    ~PredictionsCsv();
    PredictionsCsv(const PredictionsCsv&) = delete;
    PredictionsCsv& operator=(const PredictionsCsv&) = delete;

    Status open();
    Status add(const EvaluatedSample& sample);
    /// Puts the whole table in its place.
    Status finish();

private:
    std::string m_path;
    std::string m_temporary;
    AppendFile m_file;
    bool m_hasHeader = false;
    std::size_t m_waiting = 0;  ///< bytes gathered since the last flush
    void addLine(const std::string& line);
};

}  // namespace loom
