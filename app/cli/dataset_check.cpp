#include "app/cli/dataset_check.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "app/cli/command.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/project_argument.h"
#include "core/base/shape.h"
#include "core/project/data_check.h"

namespace loom::cli {

namespace {

/// Samples that the text form names of each finding.
constexpr std::size_t kNamed = 5;

List toList(const std::vector<double>& numbers) {
    List list;
    for (const double number : numbers) list.emplace_back(number);
    return list;
}

const char* splitName(Split split) {
    return split == Split::Train ? "train" : "test";
}

Dict toDict(const DataFinding& finding) {
    List samples;
    for (const FoundSample& sample : finding.samples) {
        Dict one{
            {"split", splitName(sample.split)}, {"index", sample.index}, {"name", sample.name}};
        if (!sample.note.empty()) one.set("note", sample.note);
        if (sample.group > 0) one.set("group", sample.group);
        samples.emplace_back(std::move(one));
    }
    List fixes;
    for (const DataFix& fix : finding.fixes) fixes.emplace_back(fix.label);
    return Dict{{"severity", toText(finding.severity)},
                {"id", finding.id},
                {"title", finding.title},
                {"message", finding.message},
                {"hint", finding.hint},
                {"count", finding.count},
                {"samples", samples},
                {"fixes", fixes}};
}

void printReport(const DatasetCheckReport& report) {
    for (const DataFinding& finding : report.findings) {
        printLine(toText(finding.severity) + ": " + finding.title);
        printLine("  " + finding.message);
        if (!finding.hint.empty()) printLine("  " + finding.hint);
        for (std::size_t i = 0; i < std::min(kNamed, finding.samples.size()); ++i) {
            const FoundSample& sample = finding.samples[i];
            printLine(std::string("    ") + splitName(sample.split) + " " +
                      std::to_string(sample.index) + "  " + sample.name);
        }
        if (finding.count > static_cast<std::int64_t>(kNamed) && !finding.samples.empty())
            printLine("    … " + groupDigits(finding.count) + " in all");
    }
    for (const std::string& sentence : report.passed) printLine("ok: " + sentence);
    printMessage("Read " + groupDigits(report.looked) + " samples in " +
                 durationText(report.seconds) + ".");
}

}  // namespace

int runDatasetCheck(const std::string& projectPath, bool json) {
    const OpenedProject project = openProject(projectPath);
    if (!project) return project.exitCode;
    const ProjectReport known = checkProject(*project);
    if (!known.location.found) return fail({known.location.message, known.location.howToGet});
    catchInterrupts();
    const bool terminal = isatty(STDERR_FILENO) != 0 && !json;
    const DatasetCheckReport report = checkDataset(
        dataCheckRequest(*project, known), [terminal](const DatasetCheckProgress& progress) {
            if (terminal && progress.total > 0)
                std::fprintf(stderr, "\r%s of %s samples", groupDigits(progress.done).c_str(),
                             groupDigits(progress.total).c_str());
            return !isInterrupted();
        });
    if (terminal) std::fputs("\r\033[K", stderr);
    if (json) {
        List findings;
        for (const DataFinding& finding : report.findings) findings.emplace_back(toDict(finding));
        List passed;
        for (const std::string& sentence : report.passed) passed.emplace_back(sentence);
        printResult(Dict{{"findings", findings},
                         {"passed", passed},
                         {"train_samples", report.trainSize},
                         {"test_samples", report.testSize},
                         {"samples_read", report.looked},
                         {"mean", toList(report.mean)},
                         {"std", toList(report.deviation)},
                         {"seconds", report.seconds},
                         {"complete", report.complete}});
    } else {
        printReport(report);
    }
    return report.complete ? kDone : kInterrupted;
}

}  // namespace loom::cli
