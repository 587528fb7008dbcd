#include "widgets/explain/help_page.h"

#include <QCoreApplication>
#include <algorithm>

#include "core/base/release_text.h"
#include "widgets/bridge/strings.h"
#include "widgets/inspector/python_line.h"

namespace loom {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("HelpPage", text);
}

QString number(double value) {
    return q(formatFloat(value, false));
}

QString quotedWords(const std::vector<std::string>& words) {
    QStringList list;
    for (const std::string& word : words) list << QLatin1Char('"') + q(word) + QLatin1Char('"');
    return list.join(QStringLiteral(", "));
}

QString defaultText(const ParamSpec& spec) {
    if (spec.inferred) return tr("found from what arrives");
    if (spec.required) return tr("no default, must be set");
    if (spec.defaultValue.isNone()) {
        if (spec.noneText.empty()) return QStringLiteral("None");
        return QStringLiteral("None: ") + q(spec.noneText);
    }
    return q(spec.defaultValue.toPython());
}

QString sinceOf(const ParamSpec& spec) {
    QStringList lines;
    if (!spec.since.empty()) lines << tr("Python has it %1.").arg(q(sinceText(spec.since)));
    if (const std::string changed = defaultSinceText(spec); !changed.empty()) lines << q(changed);
    return lines.join(QLatin1Char(' '));
}

HelpPage::Param paramLine(const ParamSpec& spec, const Node* node, const Params& inferred) {
    HelpPage::Param line{q(spec.key),
                         typeText(spec),
                         defaultText(spec),
                         rangeText(spec),
                         q(spec.hint),
                         sinceOf(spec),
                         {},
                         false};
    if (!node) return line;
    const Value* set = node->params.find(spec.key);
    const Value* found = inferred.find(spec.key);
    line.set = set && !(*set == spec.defaultValue);
    const Value& value = set ? *set : found ? *found : spec.defaultValue;
    line.value = value.isNone() && !spec.noneText.empty() ? q(spec.noneText) : q(value.toPython());
    if (value.isNone() && (spec.required || spec.inferred)) line.value.clear();
    return line;
}

/// The block whose parameters count: itself, or the one whose module it shares.
const Node* moduleOf(const Graph& graph, const NodeId& id) {
    const Node* node = graph.find(id);
    return node && !node->sharesWith.empty() ? graph.find(node->sharesWith) : node;
}

QString shapeOf(const std::vector<Shape>& shapes, std::size_t port) {
    return port < shapes.size() && !shapes[port].dims.empty() ? q(shapes[port].toText())
                                                              : QString();
}

std::vector<HelpPage::Port> inputLines(const LayerKind& kind, const BlockReport* block) {
    std::vector<HelpPage::Port> lines;
    const std::size_t count = kind.variadicInputs && block
                                  ? std::max(kind.inputs.size(), block->inputs.size())
                                  : kind.inputs.size();
    for (std::size_t i = 0; i < count; ++i) {
        HelpPage::Port line;
        line.name = i < kind.inputs.size() ? q(kind.inputs[i].name) : tr("input %1").arg(i + 1);
        if (i < kind.inputs.size()) line.hint = q(kind.inputs[i].hint);
        if (block) line.shape = shapeOf(block->inputs, i);
        line.optional = i < kind.inputs.size() &&
                        i + static_cast<std::size_t>(kind.optionalInputs) >= kind.inputs.size();
        lines.push_back(line);
    }
    if (kind.variadicInputs && !lines.empty() && lines.back().hint.isEmpty())
        lines.back().hint = tr("and as many more as you connect");
    return lines;
}

std::vector<HelpPage::Port> outputLines(const LayerKind& kind, const Node* node,
                                        const BlockReport* block) {
    std::vector<HelpPage::Port> lines;
    const std::size_t now = outputPorts(kind, node ? node->params : Params()).size();
    for (std::size_t i = 0; i < kind.outputs.size(); ++i) {
        HelpPage::Port line{q(kind.outputs[i].name), q(kind.outputs[i].hint), {}, i >= now};
        if (block && block->known) line.shape = shapeOf(block->inference.outputs, i);
        lines.push_back(line);
    }
    return lines;
}

/// What arrives and what leaves, in one line.
QString shapesLine(const BlockReport& block) {
    const auto listed = [](const std::vector<Shape>& shapes) {
        QStringList texts;
        for (const Shape& shape : shapes)
            texts << (shape.dims.empty() ? QStringLiteral("–") : q(shape.toText()));
        return texts.join(QStringLiteral(", "));
    };
    if (block.inputs.empty()) return listed(block.inference.outputs);
    if (block.inference.outputs.empty()) return listed(block.inputs);
    return listed(block.inputs) + QStringLiteral("  →  ") + listed(block.inference.outputs);
}

/// "32·26·26 = 21,632"
QString product(const Shape& shape) {
    QStringList sides;
    for (const std::int64_t side : shape.dims) sides << QString::number(side);
    const QString count = q(groupDigits(shape.count()));
    return sides.size() < 2 ? count
                            : sides.join(QStringLiteral("·")) + QStringLiteral(" = ") + count;
}

std::vector<HelpPage::Figure> countsOf(const BlockReport& block) {
    const Inference& inference = block.inference;
    std::vector<HelpPage::Figure> counts;
    counts.push_back(
        {tr("Parameters"), q(groupDigits(inference.parameters)),
         inference.parameters == 0 ? tr("it learns nothing") : tr("numbers this block learns")});
    std::int64_t leaving = 0;
    for (const Shape& shape : inference.outputs)
        if (shape.type == ElementType::Float) leaving += shape.count();
    QString how = tr("multiplications with an addition, for one sample");
    if (inference.macs == 0)
        how = tr("nothing is multiplied and summed");
    else if (leaving > 0 && inference.macs % leaving == 0)
        how = (leaving == 1 ? tr("%1 number comes out, a sum of %2 products")
                            : tr("%1 numbers come out, each a sum of %2 products"))
                  .arg(q(groupDigits(leaving)), q(groupDigits(inference.macs / leaving)));
    counts.push_back({tr("MACs"), q(groupDigits(inference.macs)), how});
    if (!inference.outputs.empty() && block.activationBytes > 0)
        counts.push_back(
            {tr("Output"), q(byteText(static_cast<double>(block.activationBytes))),
             inference.outputs.size() == 1 && inference.outputs[0].type == ElementType::Float
                 ? tr("%1 numbers of 4 bytes").arg(product(inference.outputs[0]))
                 : tr("for one sample")});
    return counts;
}

/// The other kinds of the family. A large family is cut to those whose names are nearest: Conv2d's
/// to Conv1d and ConvTranspose2d before Fold.
std::vector<HelpPage::Link> relatedTo(const HelpKind& kind) {
    constexpr std::size_t kMost = 12;
    std::vector<HelpPage::Link> links;
    for (const HelpKind& other : helpKinds())
        if (&other != &kind && other.catalogue == kind.catalogue &&
            other.info->family == kind.info->family)
            links.push_back({other.key(), q(other.info->id), q(other.info->summary)});
    if (links.size() <= kMost) return links;
    const QString own = q(kind.info->id);
    const auto common = [&own](const QString& name) {
        int best = 0;
        for (qsizetype i = 0; i < own.size(); ++i)
            for (qsizetype j = 0; j < name.size(); ++j) {
                int run = 0;
                while (i + run < own.size() && j + run < name.size() &&
                       own[i + run].toLower() == name[j + run].toLower())
                    ++run;
                best = std::max(best, run);
            }
        return best;
    };
    std::stable_sort(links.begin(), links.end(),
                     [&](const HelpPage::Link& a, const HelpPage::Link& b) {
                         return common(a.title) > common(b.title);
                     });
    links.resize(kMost);
    return links;
}

void fillFromBlock(HelpPage& page, const LayerKind& kind, const Graph& graph,
                   const ShapeReport& report, const NodeId& id) {
    const Node& node = *moduleOf(graph, id);
    const BlockReport* block = report.find(id);
    page.block = q(id);
    page.code = pythonLine(graph, report, id);
    for (const Diagnostic& diagnostic : report.diagnostics)
        if (diagnostic.node == id && diagnostic.severity == Severity::Error &&
            page.problem.isEmpty())
            page.problem = q(diagnostic.message);
    if (block && block->known) {
        page.shapes = shapesLine(*block);
        for (const FilledFormula& formula : block->inference.formulas)
            page.sizes.push_back({q(formula.label), q(formula.text)});
        page.counts = countsOf(*block);
    } else if (page.problem.isEmpty()) {
        page.problem = tr("Its size is not known yet: something before it is missing.");
    }
    page.inputs = inputLines(kind, block);
    page.outputs = outputLines(kind, &node, block);
}

void fillFromKind(HelpPage& page, const LayerKind& kind, const Graph& graph) {
    for (const Node& node : graph.nodes)
        if (node.kind == kind.info.id) page.others << q(node.id);
    page.inputs = inputLines(kind, nullptr);
    page.outputs = outputLines(kind, nullptr, nullptr);
    std::vector<std::string> names;
    for (const PortSpec& port : kind.inputs) names.push_back(port.name);
    page.code = pythonLine(kind, startingParams(kind.params), {}, "y", names);
}

}  // namespace

QString typeText(const ParamSpec& spec) {
    QString text;
    switch (spec.type) {
        case ParamType::Bool:
            text = tr("True or False");
            break;
        case ParamType::Int:
            text = tr("whole number");
            break;
        case ParamType::Float:
            text = tr("number");
            break;
        case ParamType::Text:
            text = tr("text");
            break;
        case ParamType::Choice:
            text = tr("one of %1").arg(quotedWords(spec.choices));
            break;
        case ParamType::Ints:
            text = spec.arity == 0   ? tr("list of whole numbers")
                   : spec.arity == 1 ? tr("whole number")
                                     : tr("whole number, or a list of %1").arg(spec.arity);
            break;
        case ParamType::Floats:
            text = spec.arity == 0   ? tr("list of numbers")
                   : spec.arity == 1 ? tr("number")
                                     : tr("number, or a list of %1").arg(spec.arity);
            break;
        case ParamType::Path:
            text = tr("file or folder");
            break;
        case ParamType::Kinds:
            text = tr("list of kinds, each with its parameters");
            break;
    }
    if (spec.type != ParamType::Choice && !spec.choices.empty())
        text += tr(", or %1").arg(quotedWords(spec.choices));
    if (spec.optional) text += tr(", or None");
    if (!spec.unit.empty()) text += QStringLiteral(" (") + q(spec.unit) + QLatin1Char(')');
    return text;
}

QString rangeText(const ParamSpec& spec) {
    if (spec.minimum && spec.maximum)
        return spec.minimumExcluded
                   ? tr("greater than %1, at most %2")
                         .arg(number(*spec.minimum), number(*spec.maximum))
                   : tr("from %1 to %2").arg(number(*spec.minimum), number(*spec.maximum));
    if (spec.minimum)
        return (spec.minimumExcluded ? tr("greater than %1") : tr("at least %1"))
            .arg(number(*spec.minimum));
    if (spec.maximum) return tr("at most %1").arg(number(*spec.maximum));
    return {};
}

HelpPage makeHelpPage(const HelpKind& kind, const Graph& graph, const ShapeReport& report,
                      const NodeId& block) {
    HelpPage page;
    const KindInfo& info = *kind.info;
    page.key = kind.key();
    page.title = q(info.id);
    page.family = q(info.family);
    page.catalogue = kind.catalogueTitle;
    page.summary = q(info.id + " " + info.summary + ".");
    page.details = q(info.details);
    if (!info.formula.empty()) page.formula = q(info.formula).split(QLatin1Char('\n'));
    page.pythonName = q(info.python);
    page.since = q(sinceText(info.since));
    for (const VersionChange& change : info.changes)
        page.facts.push_back(
            {q(releaseText(change.release)), q(change.change + " " + change.here)});

    const Node* node = kind.layer && !block.empty() ? moduleOf(graph, block) : nullptr;
    if (node && node->kind != info.id) node = nullptr;
    const BlockReport* found = node ? report.find(block) : nullptr;
    for (const ParamSpec& spec : *kind.params)
        page.params.push_back(
            paramLine(spec, node, found && found->known ? found->inference.inferred : Params()));
    if (node)
        fillFromBlock(page, *kind.layer, graph, report, block);
    else if (kind.layer)
        fillFromKind(page, *kind.layer, graph);
    else if (!info.python.empty())
        page.code =
            q(pythonCall(info.python.starts_with("torch.nn.") ? info.python.substr(6) : info.python,
                         *kind.params, startingParams(*kind.params)));
    for (const auto& [label, text] : kind.facts) page.facts.push_back({label, text});
    page.related = relatedTo(kind);
    for (const std::string& word : info.keywords) page.keywords << q(word);
    return page;
}

}  // namespace loom
