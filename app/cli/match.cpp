#include <map>
#include <memory>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/base/shape.h"
#include "core/train/weight_match.h"

namespace loom::cli {

namespace {

struct Options {
    std::string project;
    std::string weights;
    bool json = false;
};

const char* word(WeightMatchRow::Fit fit) {
    static const std::map<WeightMatchRow::Fit, const char*> kWords = {
        {WeightMatchRow::Fit::Fits, "fits"},
        {WeightMatchRow::Fit::OtherSize, "other size"},
        {WeightMatchRow::Fit::OnlyInNetwork, "not in the file"},
        {WeightMatchRow::Fit::OnlyInFile, "not in the network"}};
    return kWords.at(fit);
}

Value sides(const std::vector<std::int64_t>& dims) {
    List list;
    for (std::int64_t side : dims) list.emplace_back(side);
    return list;
}

int run(const Options& options) {
    const OpenedProject project = openProject(options.project);
    if (!project) return project.exitCode;
    if (!isSound(*project, Needs::Network)) return kMisused;
    const OpenedWeights weights = openWeights(*project, options.weights);
    if (weights.exitCode != kDone) return weights.exitCode;
    const Result<WeightMatch> match = matchTable(*project, weights.weights);
    if (!match) return fail(match.error());
    if (options.json) {
        List rows;
        for (const WeightMatchRow& row : match->rows)
            rows.emplace_back(Dict{{"name", row.name},
                                   {"match", word(row.fit)},
                                   {"file", sides(row.fileDims)},
                                   {"network", sides(row.networkDims)}});
        List remarks;
        for (const std::string& remark : match->remarks) remarks.emplace_back(remark);
        printResult(Dict{{"tensors", rows}, {"fits", match->fits}, {"remarks", remarks}});
        return kDone;
    }
    std::vector<std::vector<std::string>> table{{"Tensor", "Match", "File", "Network"}};
    for (const WeightMatchRow& row : match->rows)
        table.push_back(
            {row.name, word(row.fit),
             row.fit == WeightMatchRow::Fit::OnlyInNetwork ? "" : Shape{row.fileDims}.toText(),
             row.fit == WeightMatchRow::Fit::OnlyInFile ? "" : Shape{row.networkDims}.toText()});
    printTable(table, 2);
    printLine(match->toSentence());
    return kDone;
}

}  // namespace

Run declareMatch(CLI::App& app) {
    auto options = std::make_shared<Options>();
    addProject(app, options->project);
    addWeights(app, options->weights);
    addJson(app, options->json);
    return [options] { return run(*options); };
}

}  // namespace loom::cli
