#include "widgets/inspector/block_training.h"

#include <QVBoxLayout>
#include <algorithm>

#include "core/catalogue/init_kind.h"
#include "core/project/parameter_groups.h"
#include "widgets/bridge/strings.h"
#include "widgets/inspector/param_form.h"

namespace loom {

namespace {

constexpr int kOwnSettings = 2;
/// Settings of the optimizer that blocks mostly have for themselves.
constexpr const char* kOwnKeys[kOwnSettings] = {"lr", "weight_decay"};
/// Above this many numbers a block is not built just to learn its parameters' names.
constexpr std::int64_t kLargeBlock = 4000000;

Choice choiceOf(const Dict& initialization, const std::string& parameter) {
    Choice choice;
    const Value* entry = initialization.find(parameter);
    if (!entry || !entry->isDict()) return choice;
    const Value* kind = entry->asDict().find("kind");
    const Value* params = entry->asDict().find("params");
    if (kind && kind->isString()) choice.kind = kind->asString();
    if (params && params->isDict()) choice.params = params->asDict();
    return choice;
}

std::int64_t parametersOf(const ShapeReport& shapes, const NodeId& id) {
    const BlockReport* block = shapes.find(id);
    return block && block->known ? block->inference.parameters : 0;
}

}  // namespace

BlockTraining::BlockTraining(DocumentController& document, QWidget* parent)
    : Card({}, parent),
      m_document(document),
      m_training(new ParamForm(this)),
      m_beginning(new ParamForm(this)),
      m_note(makeWrappedLabel({}, "small", this)),
      m_settings(new QVBoxLayout) {
    body()->setSpacing(8);
    body()->addWidget(makeLabel(tr("Training"), "small", this));
    body()->addWidget(m_training);
    body()->addWidget(m_note);
    body()->addWidget(m_beginning);
    m_settings->setSpacing(6);
    body()->addLayout(m_settings);
    connect(m_training, &ParamForm::changed, this, &BlockTraining::setTraining);
    connect(m_training, &ParamForm::finished, this, [this] { m_document.endMerge(); });
    connect(m_beginning, &ParamForm::changed, this,
            [this](const QString& key, const std::optional<Value>& value) {
                setBeginning(key.toStdString(),
                             value && value->isString() ? value->asString() : std::string());
            });
}

void BlockTraining::setBlocks(const std::vector<NodeId>& ids) {
    m_ids.clear();
    const ShapeReport& shapes = m_document.report().shapes;
    const TrainingSection& training = m_document.project().training;
    for (const NodeId& id : ids) {
        const Node* node = m_document.graph().find(id);
        if (!node || !node->sharesWith.empty()) continue;
        const bool said = !node->initialization.empty() ||
                          parameterGroupOf(training, m_document.graph(), id).has_value();
        if (parametersOf(shapes, id) > 0 || said) m_ids.push_back(id);
    }
    setVisible(!m_ids.empty());
    if (m_ids.empty()) return;
    showTraining();
    showBeginnings();
}

void BlockTraining::showTraining() {
    const TrainingSection& training = m_document.project().training;
    const OptimizerKind* optimizer = optimizers().find(training.optimizer.kind);
    std::vector<ParamSpec> specs = {
        {.key = "frozen",
         .type = ParamType::Bool,
         .defaultValue = false,
         .hint = "The weights stay as they are: they get no gradient. Batch normalisation still "
                 "gathers its statistics while training, as in PyTorch."}};
    QString identity = q(training.optimizer.kind);
    if (optimizer && optimizer->takesGroups) {
        const Settings network(optimizer->params, training.optimizer.params);
        for (const char* key : kOwnKeys) {
            const ParamSpec* spec = findSpec(optimizer->params, key);
            if (!spec) continue;
            ParamSpec own = *spec;
            own.required = false;
            own.optional = true;
            own.defaultValue = {};
            own.suggestion = {};
            own.noneText = network.value(key).toText() + " (as all)";
            own.visibleWhenKey = "frozen";
            own.visibleWhenValue = false;
            identity += QLatin1Char(' ') + q(own.key + own.noneText);
            specs.push_back(std::move(own));
        }
    }
    Params values;
    QStringList differing;
    for (const ParamSpec& spec : specs) {
        std::optional<Value> common;
        bool same = true, first = true;
        for (const NodeId& id : m_ids) {
            const auto place = parameterGroupOf(training, m_document.graph(), id);
            std::optional<Value> value;
            if (place) {
                const ParameterGroup& group = training.parameterGroups[*place];
                if (spec.key == "frozen")
                    value = group.frozen ? std::optional(Value(true)) : std::nullopt;
                else if (const Value* own = group.params.find(spec.key))
                    value = *own;
            }
            same = same && (first || value == common);
            common = value;
            first = false;
        }
        if (!same)
            differing << q(spec.key);
        else if (common)
            values.set(spec.key, *common);
    }
    m_training->setSubject(identity, specs);
    m_training->setReadOnly(m_document.isReadOnly());
    m_training->setValues(values);
    QString note;
    if (!differing.isEmpty())
        note = tr("The selected blocks differ in %1.").arg(differing.join(QStringLiteral(", ")));
    else if (values.contains("frozen"))
        note = tr("Frozen: trained weights stay as they are.");
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
}

std::vector<std::string> BlockTraining::parameterNames() const {
    std::vector<std::string> names;
    const auto add = [&](const std::string& name) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    };
    const ShapeReport& shapes = m_document.report().shapes;
    for (const NodeId& id : m_ids) {
        const Node& node = *m_document.graph().find(id);
        const LayerKind* kind = layers().find(node.kind);
        const BlockReport* block = shapes.find(id);
        if (kind && block && block->known && block->inference.parameters > 0) {
            const auto known =
                block->inference.parameters <= kLargeBlock
                    ? parameterShapes({m_document.graph(), node,
                                       Settings(kind->params, node.params), block->inputs},
                                      block->inference)
                    : std::nullopt;
            // Recurrent and attention layers have many: weights and biases are set together.
            for (const char* stem : {"weight", "bias"})
                if (!known || std::any_of(known->begin(), known->end(), [&](const auto& shape) {
                        return shape.name.find(stem) != std::string::npos;
                    }))
                    add(stem);
        }
        for (const auto& [name, entry] : node.initialization) add(name);
    }
    return names;
}

void BlockTraining::showBeginnings() {
    std::vector<ParamSpec> specs;
    Params values;
    QString identity;
    std::vector<std::string> ids;
    for (const InitKind& kind : initializations()) ids.push_back(kind.info.id);
    for (auto& [name, beginning] : m_beginnings) {
        beginning.title->hide();
        beginning.form->hide();
    }
    for (const std::string& name : parameterNames()) {
        ParamSpec spec;
        spec.key = name;
        spec.type = ParamType::Choice;
        spec.hint = "How " + name + " begins, as torch.nn.init would fill it.";
        spec.optional = true;
        spec.choices = ids;
        spec.noneText = "default";
        identity += q(name) + QLatin1Char(' ');
        std::vector<Choice> choices;
        for (const NodeId& id : m_ids)
            choices.push_back(choiceOf(m_document.graph().find(id)->initialization, name));
        const bool same = std::all_of(choices.begin(), choices.end(), [&](const Choice& choice) {
            return choice == choices.front();
        });
        if (!same) spec.noneText = "the blocks differ";
        identity += same ? QLatin1String("= ") : QLatin1String("~ ");
        specs.push_back(spec);
        if (!same || choices.front().kind.empty()) continue;
        values.set(name, Value(choices.front().kind));
        const InitKind* kind = initializations().find(choices.front().kind);
        if (!kind || kind->params.empty()) continue;
        Beginning& settings = beginning(name);
        settings.title->setText(q(name + ", " + kind->info.id));
        settings.title->setToolTip(q(kind->info.id + " " + kind->info.summary));
        settings.form->setSubject(q(kind->info.id), kind->params);
        settings.form->setReadOnly(m_document.isReadOnly());
        settings.form->setValues(choices.front().params);
        settings.title->show();
        settings.form->show();
    }
    m_beginning->setSubject(identity, specs);
    m_beginning->setReadOnly(m_document.isReadOnly());
    m_beginning->setValues(values);
    m_beginning->setVisible(!specs.empty());
}

BlockTraining::Beginning& BlockTraining::beginning(const std::string& parameter) {
    const auto found = m_beginnings.find(parameter);
    if (found != m_beginnings.end()) return found->second;
    Beginning made{makeLabel({}, "small", this), new ParamForm(this)};
    m_settings->addWidget(made.title);
    m_settings->addWidget(made.form);
    connect(made.form, &ParamForm::changed, this,
            [this, parameter](const QString& key, const std::optional<Value>& value) {
                setBeginningParam(parameter, key.toStdString(), value);
            });
    connect(made.form, &ParamForm::finished, this, [this] { m_document.endMerge(); });
    return m_beginnings.emplace(parameter, made).first->second;
}

void BlockTraining::setTraining(const QString& key, const std::optional<Value>& value) {
    const QString what = m_ids.size() == 1 ? q(m_ids.front()) : tr("%1 blocks").arg(m_ids.size());
    const bool freezing = key == QLatin1String("frozen");
    const bool frozen = value && value->isBool() && value->asBool();
    m_document.edit(
        freezing ? (frozen ? tr("Freeze %1").arg(what) : tr("Unfreeze %1").arg(what))
                 : tr("Set %1 of %2").arg(key, what),
        [&](const Project& project) -> Result<Project> {
            Project next = project;
            next.training =
                freezing
                    ? withFrozen(project.training, project.network, m_ids, frozen)
                    : withOwnSetting(project.training, project.network, m_ids, key.toStdString(),
                                     value && !value->isNone() ? value : std::nullopt);
            return next;
        },
        freezing ? QString() : QStringLiteral("own %1 %2").arg(key, what));
}

void BlockTraining::editBlocks(const QString& text, const std::function<void(Node&)>& change,
                               const QString& mergeKey) {
    m_document.editGraph(
        text,
        [&](const Graph& graph) -> Result<Graph> {
            Graph next = graph;
            for (const NodeId& id : m_ids)
                if (Node* node = next.find(id)) change(*node);
            return next;
        },
        mergeKey);
}

void BlockTraining::setBeginning(const std::string& parameter, const std::string& id) {
    const InitKind* kind = initializations().find(id);
    editBlocks(kind ? tr("Begin %1 with %2").arg(q(parameter), q(id))
                    : tr("Begin %1 as PyTorch does").arg(q(parameter)),
               [&](Node& node) {
                   if (!kind)
                       node.initialization.erase(parameter);
                   else
                       node.initialization.set(
                           parameter, Dict{{"kind", Value(id)},
                                           {"params", Value(startingParams(kind->params))}});
               },
               {});
}

void BlockTraining::setBeginningParam(const std::string& parameter, const std::string& key,
                                      const std::optional<Value>& value) {
    editBlocks(
        tr("Set %1 of %2").arg(q(key), q(parameter)),
        [&](Node& node) {
            Choice choice = choiceOf(node.initialization, parameter);
            if (choice.kind.empty()) return;
            if (value)
                choice.params.set(key, *value);
            else
                choice.params.erase(key);
            node.initialization.set(
                parameter, Dict{{"kind", Value(choice.kind)}, {"params", Value(choice.params)}});
        },
        QStringLiteral("init %1 %2 %3").arg(q(m_ids.front()), q(parameter), q(key)));
}

}  // namespace loom
