#include <algorithm>

#include "core/backend/loss_parts.h"
#include "core/base/sentence.h"
#include "core/catalogue/layer_kind.h"
#include "core/catalogue/loss_fix.h"
#include "core/check/number_source.h"
#include "core/check/problem_place.h"
#include "core/check/repairs.h"
#include "core/graph/edit.h"

namespace loom {
namespace {

template <class T>
bool contains(const std::vector<T>& list, const T& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

Fix removal(const NodeId& id) {
    return {"Remove " + id, [id](const Graph& graph) -> Result<Graph> {
                return edit::removeNodes(graph, {id}, true);
            }};
}

Fix insertion(const NodeId& after, const std::string& kind, const Params& params = {}) {
    return {"Insert " + kind + " after " + after, [after, kind, params](const Graph& graph) {
                Node node;
                node.kind = kind;
                node.params = params;
                return edit::insertAfter(graph, after, std::move(node));
            }};
}

void checkRows(const std::string& loss, const LossContext& c, const LossChecks& checks,
               std::vector<Diagnostic>& found) {
    const std::int64_t classes = c.target.classes;
    const NodeId id = c.source.id;
    if (c.output.rank() != 1) {
        std::vector<Fix> fixes;
        if (classes > 0 && c.output.rank() > 1) fixes.push_back(endingFix(id, c.output, classes));
        found.push_back(lossProblem(
            c, Severity::Error,
            id + " gives " + c.output.toSentence() + " for each sample, but " + loss +
                " takes one row with a number per class.",
            "End the network with Flatten and Linear" +
                (classes ? " with out_features " + groupDigits(classes) : std::string()) + ".",
            true, std::move(fixes)));
        // The layers that give a row are what is drawn last.
        found.back().section = kUnfinished;
        return;
    }
    const std::int64_t outputs = c.output.dims[0];
    if (classes > 0 && outputs != classes &&
        !(checks.singleOutput && classes == 2 && outputs == 1)) {
        std::vector<Fix> fixes;
        if (c.source.params.contains("out_features")) {
            fixes.push_back(
                {"Set out_features to " + groupDigits(classes), [id, classes](const Graph& graph) {
                     return edit::setParam(graph, id, "out_features", Value(classes));
                 }});
        }
        // More outputs than classes can learn; fewer cannot even name every answer.
        found.push_back(
            lossProblem(c, outputs < classes ? Severity::Error : Severity::Warning,
                        id + " gives " + groupDigits(outputs) + " numbers, but the data has " +
                            groupDigits(classes) + " classes.",
                        "The last layer has one output per class: " + groupDigits(classes) + ".",
                        true, std::move(fixes)));
    }
}

void checkWeights(const std::string& loss, const LossContext& c, const LossChecks& checks,
                  std::vector<Diagnostic>& found) {
    if (c.output.rank() != 1) return;
    for (const std::string& key : checks.weights) {
        const std::size_t count = c.settings.numbers(key).size();
        if (c.settings.isNone(key) || static_cast<std::int64_t>(count) == c.output.dims[0])
            continue;
        const bool classes = key == "weight";
        found.push_back(lossProblem(
            c, Severity::Error,
            loss + " has " + std::to_string(count) +
                (classes ? " class weights" : " numbers in " + key) + ", but the network gives " +
                groupDigits(c.output.dims[0]) + (classes ? " classes." : " outputs."),
            classes ? "Give one weight per class." : "Give one number per output.", false));
    }
}

void checkEnding(const std::string& loss, const LossContext& c, const Ending& ending,
                 std::vector<Diagnostic>& found) {
    const Node& last = sourceOfNumbers(c.graph, c.source, true);
    const LayerKind* kind = layers().find(last.kind);
    if (!kind) return;
    if (contains(ending.surplus, kind->gives)) {
        found.push_back(lossProblem(
            c, Severity::Warning,
            last.id + " is a " + last.kind + " before " + loss + ", which " + ending.surplusReason +
                ", and learning is slow.",
            "Remove " + last.id + (ending.instead.empty() ? "." : ", or use " + ending.instead),
            true, {removal(last.id)}));
        return;
    }
    if (ending.fits.empty() || contains(ending.fits, kind->gives)) return;
    // What comes out of sums, selections and the like cannot be told from the kind alone.
    static const std::vector<std::string> free = {"convolution",   "linear",    "normalisation",
                                                  "normalization", "recurrent", "activation"};
    if (!contains(free, kind->info.family)) return;
    found.push_back(lossProblem(
        c, ending.severity,
        loss + " takes " + ending.takes + ", but " + last.id + " is a " + last.kind +
            ", which gives other numbers.",
        "End the network with " + ending.insert +
            (ending.instead.empty() ? "." : ", or use " + ending.instead),
        true,
        {insertion(c.source.id, ending.insert,
                   ending.insert.ends_with("oftmax") ? Params{{"dim", 1}} : Params{})}));
}

}  // namespace

Diagnostic lossProblem(const LossContext& c, Severity severity, const std::string& message,
                       const std::string& hint, bool onBlock, std::vector<Fix> fixes) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    if (onBlock) diagnostic.node = c.source.id;
    diagnostic.message = message;
    diagnostic.hint = hint;
    diagnostic.fixes = std::move(fixes);
    return diagnostic;
}

std::vector<Diagnostic> checkLossParts(const std::string& loss, const LossContext& c,
                                       const LossChecks& checks) {
    std::vector<Diagnostic> found;
    if (c.settings.text("reduction") == "none") {
        found.push_back(lossProblem(
            c, Severity::Error,
            loss + " has reduction none, which gives one number per sample, but training needs a "
                   "single one.",
            "Take mean, PyTorch's default, to train; torchloom-cli evaluate takes none, and its "
            "--predictions write the loss of every sample.",
            false));
    }
    const bool classes = c.target.type == TargetSpec::Type::ClassIndex;
    if (classes) {
        checkRows(loss, c, checks, found);
        // A distance between numbers takes classes in a form of its own; who did not mean that
        // means the usual loss of classes.
        const LossKind* kind = losses().find(loss);
        if (!found.empty() && kind && kind->info.family == "regression")
            found.back().fixes.push_back(lossFix("CrossEntropyLoss"));
    } else if (!checks.numbers) {
        found.push_back(lossProblem(
            c, Severity::Error,
            loss + " compares with class numbers, but the data's answers are numbers to come near "
                   "to.",
            c.target.yesNo ? "Take a loss for labels that apply or do not: BCEWithLogitsLoss."
                           : "Take a loss for numbers: MSELoss, L1Loss or SmoothL1Loss.",
            false, {lossFix(c.target.yesNo ? "BCEWithLogitsLoss" : "MSELoss")}));
    }
    checkWeights(loss, c, checks, found);
    if (const LayerKind* end = layers().find(c.source.kind);
        end && end->info.family == "regularisation")
        found.push_back(lossProblem(
            c, Severity::Warning,
            sentence("{block} ({kind}) is the last block: while training it sets some of the "
                     "network's answers to 0 at random, whatever was learned.",
                     {{"block", c.source.id}, {"kind", c.source.kind}}),
            "Put it before the last layer that learns, or remove it.", true,
            {removal(c.source.id)}));
    if (!hasErrors(found)) checkEnding(loss, c, checks.ending, found);
    return found;
}

}  // namespace loom
