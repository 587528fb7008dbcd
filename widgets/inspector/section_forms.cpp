#include "widgets/inspector/section_forms.h"

#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "core/catalogue/training_kinds.h"
#include "core/data/dataset.h"
#include "core/train/plan.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/inspector/param_form.h"
#include "widgets/inspector/param_row.h"
#include "widgets/inspector/parts_form.h"
#include "widgets/style/controls.h"
#include "widgets/style/icons.h"

namespace loom {

namespace {

void alignLabels(ParamForm* form, const std::vector<ParamSpec>& specs, int width) {
    if (width <= 0) return;
    for (const ParamSpec& spec : specs)
        if (ParamRow* row = form->row(QString::fromStdString(spec.key))) row->setLabelWidth(width);
}

QVBoxLayout* makeColumn(QWidget* widget) {
    auto* column = new QVBoxLayout(widget);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    return column;
}

/// One entry of a training section as the project file names it.
struct TrainingField {
    ParamSpec spec;
    std::function<Value(const TrainingSection&)> get;
    std::function<void(TrainingSection&, const Value&)> set;
};

template <class T>
TrainingField intField(const char* key, T TrainingSection::*member, const char* hint,
                       double minimum, std::optional<double> maximum = {}) {
    const TrainingSection usual;
    ParamSpec spec;
    spec.key = key;
    spec.type = ParamType::Int;
    spec.defaultValue = Value(static_cast<std::int64_t>(usual.*member));
    spec.hint = hint;
    spec.minimum = minimum;
    spec.maximum = maximum;
    return {
        spec,
        [member](const TrainingSection& t) { return Value(static_cast<std::int64_t>(t.*member)); },
        [member](TrainingSection& t, const Value& v) { t.*member = static_cast<T>(v.asInt()); }};
}

TrainingField boolField(const char* key, bool TrainingSection::*member, const char* hint) {
    const TrainingSection usual;
    ParamSpec spec;
    spec.key = key;
    spec.type = ParamType::Bool;
    spec.defaultValue = Value(usual.*member);
    spec.hint = hint;
    return {spec, [member](const TrainingSection& t) { return Value(t.*member); },
            [member](TrainingSection& t, const Value& v) { t.*member = v.asBool(); }};
}

TrainingField timeoutField() {
    ParamSpec spec;
    spec.key = "timeout";
    spec.type = ParamType::Float;
    spec.defaultValue = 0.0;
    spec.minimum = 0;
    spec.unit = "s";
    spec.hint = "Ends the run when a batch takes longer than this; 0 waits as long as it takes.";
    return {spec, [](const TrainingSection& t) { return Value(t.timeout); },
            [](TrainingSection& t, const Value& v) { t.timeout = v.asFloat(); }};
}

TrainingField deviceField() {
    ParamSpec spec;
    spec.key = "device";
    spec.type = ParamType::Choice;
    spec.defaultValue = Value("auto");
    spec.hint =
        "Where the arithmetic runs; auto takes the graphics card when there is one LibTorch can "
        "use.";
    spec.choices = {"auto"};
    for (const DeviceChoice& device : availableDevices()) spec.choices.push_back(device.id);
    return {spec, [](const TrainingSection& t) { return Value(t.device); },
            [](TrainingSection& t, const Value& v) { t.device = v.asString(); }};
}

const std::vector<TrainingField>& trainingFields() {
    static const std::vector<TrainingField> fields{
        intField("batch_size", &TrainingSection::batchSize,
                 "How many pictures one step learns from.", 1, 1e9),
        boolField("shuffle", &TrainingSection::shuffle,
                  "Whether every epoch visits the pictures in a new order."),
        boolField("drop_last", &TrainingSection::dropLast,
                  "Whether to leave out the last batch when it is smaller."),
        intField("num_workers", &TrainingSection::numWorkers,
                 "Threads that prepare batches beside the training. The results are the same for "
                 "any number.",
                 0, 64),
        intField("prefetch_factor", &TrainingSection::prefetchFactor,
                 "Batches that each worker may have ready ahead. More smooths out slow files and "
                 "takes more memory.",
                 1, 1024),
        boolField("pin_memory", &TrainingSection::pinMemory,
                  "Puts batches into memory that a graphics card copies from faster. Of no use "
                  "without one."),
        timeoutField(),
        intField("epochs", &TrainingSection::epochs,
                 "How often the network sees the whole training set.", 1, 1e9),
        intField("seed", &TrainingSection::seed,
                 "Decides the initial weights, the order and every random draw: the same seed "
                 "gives the same run.",
                 0, 4294967295.0),
        deviceField(),
        intField("threads", &TrainingSection::threads,
                 "CPU threads for the arithmetic; 0 takes the best for this machine.", 0, 1024),
    };
    return fields;
}

const TrainingField* findField(const std::string& key) {
    for (const TrainingField& field : trainingFields())
        if (field.spec.key == key) return &field;
    return nullptr;
}

/// A fresh schedule over the epochs and around the learning rate that are set.
void fitSchedule(const Project& project, Choice& choice) {
    const SchedulerKind* kind = schedulers().find(choice.kind);
    const OptimizerKind* optimizer = optimizers().find(project.training.optimizer.kind);
    if (!kind || !optimizer) return;
    const double rate = Settings(optimizer->params, project.training.optimizer.params).number("lr");
    const auto fit = [&](const char* key, const Value& value) {
        const ParamSpec* spec = findSpec(kind->params, key);
        if (spec && !checkParam(*spec, value)) choice.params.set(key, value);
    };
    fit("T_max", Value(project.training.epochs));
    fit("max_lr", Value(rate * 10));
    fit("base_lr", Value(rate));
    // Without a momentum to move, the schedule moves the rate alone.
    if (kind->check(Settings(kind->params, choice.params), optimizer, {}))
        fit("cycle_momentum", Value(false));
}

}  // namespace

ChoiceForm::ChoiceForm(Subject subject, DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_subject(std::move(subject)), m_controller(controller) {
    QVBoxLayout* column = makeColumn(this);
    m_kind = new ParamForm(this);
    m_params = new ParamForm(this);
    column->addWidget(m_kind);
    column->addWidget(m_params);
    m_note = makeWrappedLabel({}, "mono", this);
    m_note->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_note->setObjectName(QStringLiteral("choice.note"));
    column->addWidget(m_note);
    m_more = makeButton({}, ButtonKind::Ghost);
    m_more->setStyleSheet(
        QStringLiteral("padding: 0; min-height: 22px; font-size: 12px; font-weight: 400;"));
    column->addWidget(m_more, 0, Qt::AlignLeft);
    connect(m_more, &QPushButton::clicked, this, [this] {
        m_expanded = !m_expanded;
        reload();
    });
    ParamSpec spec;
    spec.key = m_subject.label;
    spec.type = ParamType::Choice;
    spec.choices = m_subject.kinds;
    spec.required = m_subject.noneText.empty();
    spec.optional = !spec.required;
    spec.noneText = m_subject.noneText;
    m_kind->setSubject(QString::fromStdString(m_subject.label), {spec});
    connect(m_kind, &ParamForm::changed, this,
            [this](const QString&, const std::optional<Value>& value) {
                choose(value && value->isString() ? value->asString() : std::string());
            });
    connect(m_params, &ParamForm::changed, this,
            [this](const QString& key, const std::optional<Value>& value) {
                setParam(key.toStdString(), value);
            });
    connect(m_params, &ParamForm::finished, m_controller, &DocumentController::endMerge);
    reload();
}

void ChoiceForm::reload() {
    const std::optional<Choice> choice = m_subject.get(m_controller->project());
    Params kind;
    if (choice) kind.set(m_subject.label, Value(choice->kind));
    m_kind->setValues(kind);
    const std::vector<ParamSpec>* specs = choice ? m_subject.specs(choice->kind) : nullptr;
    m_params->setSubject(QString::fromStdString(choice ? choice->kind : std::string()),
                         specs ? *specs : std::vector<ParamSpec>{});
    m_params->setValues(choice ? choice->params : Params{});
    if (QWidget* editor = m_kind->editor(QString::fromStdString(m_subject.label)))
        editor->setToolTip(
            choice ? QString::fromStdString(choice->kind + " " + m_subject.summary(choice->kind))
                   : QString());
    setLabelWidth(m_labelWidth);
    showRows(choice);
    const std::string note = choice && m_subject.note ? m_subject.note(*choice) : std::string();
    m_note->setText(QString::fromStdString(note));
    m_note->setVisible(!note.empty());
    showParts(choice);
}

void ChoiceForm::showParts(const std::optional<Choice>& choice) {
    const bool nests = choice && m_subject.partKinds && !m_subject.partKinds(choice->kind).empty();
    if (nests && !m_parts) {
        m_parts = new PartsForm(m_subject, m_controller, this);
        qobject_cast<QVBoxLayout*>(layout())->addWidget(m_parts);
    }
    if (!m_parts) return;
    m_parts->setVisible(nests);
    if (nests) m_parts->reload();
}

void ChoiceForm::showRows(const std::optional<Choice>& choice) {
    // The help page that F1 opens while the keyboard is in here.
    setProperty("helpKey", choice ? QString::fromStdString(m_subject.catalogue + "/" + choice->kind)
                                  : QString());
    const std::vector<ParamSpec>* specs = choice ? m_subject.specs(choice->kind) : nullptr;
    int hidden = 0;
    int shown = 0;
    const bool folds = specs && m_subject.hasEssential && specs->size() > m_subject.fewParams;
    if (folds)
        for (const ParamSpec& spec : *specs) {
            const auto& keys = m_subject.essential;
            const auto& never = m_subject.hiddenKeys;
            ParamRow* row = m_params->row(QString::fromStdString(spec.key));
            if (!row) continue;
            if (std::find(never.begin(), never.end(), spec.key) != never.end()) {
                row->hide();
                continue;
            }
            // What the other settings leave without a meaning is hidden already.
            if (row->isHidden()) continue;
            const bool needed = spec.required || choice->params.contains(spec.key) ||
                                std::find(keys.begin(), keys.end(), spec.key) != keys.end();
            if (!needed) ++hidden;
            if (!needed && !m_expanded) row->hide();
            shown += needed || m_expanded;
        }
    m_params->setVisible(specs && !specs->empty() && (!folds || shown > 0));
    m_more->setVisible(hidden > 0);
    m_more->setText(m_expanded    ? tr("Fewer options")
                    : hidden == 1 ? tr("1 more option")
                                  : tr("%1 more options").arg(hidden));
    setIcon(m_more, m_expanded ? QStringLiteral("chevron-up") : QStringLiteral("chevron-down"));
}

void ChoiceForm::setLabelWidth(int width) {
    m_labelWidth = width;
    if (ParamRow* row = m_kind->row(QString::fromStdString(m_subject.label)); row && width > 0)
        row->setLabelWidth(m_subject.kindLabelWidth > 0 ? m_subject.kindLabelWidth : width);
    const std::optional<Choice> choice = m_subject.get(m_controller->project());
    if (const auto* specs = choice ? m_subject.specs(choice->kind) : nullptr)
        alignLabels(m_params, *specs, width);
}

void ChoiceForm::choose(const std::string& kind) {
    const QString text = kind.empty()
                             ? tr("Remove the %1").arg(QString::fromStdString(m_subject.label))
                             : tr("Choose %1").arg(QString::fromStdString(kind));
    m_controller->edit(text, [&](const Project& project) -> Result<Project> {
        Project next = project;
        if (kind.empty()) {
            m_subject.set(next, std::nullopt);
            return next;
        }
        Choice choice{kind};
        const std::optional<Choice> before = m_subject.get(project);
        const std::optional<Choice> usual = m_subject.get(newProject());
        // Values without a default must come from somewhere: the last kind's, or a new project's.
        if (const auto* specs = m_subject.specs(kind))
            for (const ParamSpec& spec : *specs) {
                if (!spec.required || spec.inferred) continue;
                const Value* value = before ? before->params.find(spec.key) : nullptr;
                if (usual && usual->kind == kind && usual->params.find(spec.key))
                    value = usual->params.find(spec.key);
                if (value && !checkParam(spec, *value))
                    choice.params.set(spec.key, *value);
                else if (!spec.suggestion.isNone())
                    choice.params.set(spec.key, spec.suggestion);
            }
        if (m_subject.adapt) m_subject.adapt(project, choice);
        m_subject.set(next, std::move(choice));
        return next;
    });
}

void ChoiceForm::setParam(const std::string& key, const std::optional<Value>& value) {
    m_controller->edit(
        tr("Set %1").arg(QString::fromStdString(key)),
        [&](const Project& project) -> Result<Project> {
            Project next = project;
            std::optional<Choice> choice = m_subject.get(project);
            if (!choice) return next;
            if (value)
                choice->params.set(key, *value);
            else
                choice->params.erase(key);
            m_subject.set(next, std::move(choice));
            return next;
        },
        QString::fromStdString(m_subject.label + "." + key));
}

TrainingFieldsForm::TrainingFieldsForm(const std::vector<std::string>& keys,
                                       DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_keys(keys), m_controller(controller) {
    m_form = new ParamForm(this);
    makeColumn(this)->addWidget(m_form);
    std::vector<ParamSpec> specs;
    QString identity;
    for (const std::string& key : m_keys) {
        specs.push_back(findField(key)->spec);
        identity += QString::fromStdString(key) + QLatin1Char(' ');
    }
    m_form->setSubject(identity, specs);
    connect(m_form, &ParamForm::changed, this,
            [this](const QString& key, const std::optional<Value>& value) {
                const TrainingField* field = findField(key.toStdString());
                m_controller->edit(
                    tr("Set %1").arg(key),
                    [&](const Project& project) -> Result<Project> {
                        const Value& wanted = value ? *value : field->spec.defaultValue;
                        // What is being typed may not be a value yet; the form says so under the
                        // field.
                        if (checkParam(field->spec, wanted)) return project;
                        Project next = project;
                        field->set(next.training, wanted);
                        return next;
                    },
                    QStringLiteral("training.") + key);
            });
    connect(m_form, &ParamForm::finished, m_controller, &DocumentController::endMerge);
    reload();
}

void TrainingFieldsForm::reload() {
    Params values;
    for (const std::string& key : m_keys)
        values.set(key, findField(key)->get(m_controller->project().training));
    m_form->setValues(values);
}

void TrainingFieldsForm::setLabelWidth(int width) {
    std::vector<ParamSpec> specs;
    for (const std::string& key : m_keys) specs.push_back(findField(key)->spec);
    alignLabels(m_form, specs, width);
}

ChoiceForm::Subject datasetSubject() {
    ChoiceForm::Subject subject = catalogueSubject("dataset", datasets());
    // Where the data lies and what of it is the answer; how cells are written and the like wait
    // behind "more options" where there are many of them.
    subject.hasEssential = true;
    subject.fewParams = 8;
    subject.essential = {"root",   "file",   "test_file", "train",  "test",   "folder",
                         "target", "inputs", "task",      "column", "window", "horizon"};
    subject.get = [](const Project& p) { return std::optional<Choice>(p.data.dataset); };
    subject.set = [](Project& p, std::optional<Choice> c) { p.data.dataset = std::move(*c); };
    return subject;
}

ChoiceForm::Subject samplerSubject() {
    ChoiceForm::Subject subject = catalogueSubject("sampler", samplers());
    subject.noneText = "none: shuffle decides";
    subject.get = [](const Project& p) { return p.training.sampler; };
    // PyTorch takes a sampler or shuffle, not both.
    subject.set = [](Project& p, std::optional<Choice> c) {
        if (c)
            p.training.shuffle = false;
        else if (p.training.sampler)
            p.training.shuffle = true;
        p.training.sampler = std::move(c);
    };
    return subject;
}

ChoiceForm::Subject batchTransformsSubject() {
    ChoiceForm::Subject subject = catalogueSubject("batch transform", batchTransforms());
    subject.catalogue = "batch_transform";
    subject.partsKey = "transforms";
    subject.partName = "batch transform";
    subject.partsMayBeNone = true;
    subject.partKinds = [](const std::string&) {
        std::vector<std::string> kinds;
        for (const BatchTransformKind& kind : batchTransforms()) kinds.push_back(kind.info.id);
        return kinds;
    };
    subject.get = [](const Project& p) {
        return std::optional<Choice>(
            Choice{"", {{"transforms", nestedValue(p.data.batchTransforms)}}});
    };
    subject.set = [](Project& p, std::optional<Choice> c) {
        const Value* list = c ? c->params.find("transforms") : nullptr;
        p.data.batchTransforms = list ? nestedChoices(*list) : std::vector<Choice>();
    };
    return subject;
}

ChoiceForm::Subject lossSubject() {
    ChoiceForm::Subject subject = catalogueSubject("loss", losses());
    subject.hasEssential = true;
    subject.get = [](const Project& p) { return std::optional<Choice>(p.training.loss); };
    subject.set = [](Project& p, std::optional<Choice> c) { p.training.loss = std::move(*c); };
    return subject;
}

ChoiceForm::Subject optimizerSubject() {
    ChoiceForm::Subject subject = catalogueSubject("optimizer", optimizers());
    subject.hasEssential = true;
    subject.essential = {"lr", "momentum", "line_search_fn"};
    subject.get = [](const Project& p) { return std::optional<Choice>(p.training.optimizer); };
    subject.set = [](Project& p, std::optional<Choice> c) { p.training.optimizer = std::move(*c); };
    return subject;
}

ChoiceForm::Subject schedulerSubject() {
    ChoiceForm::Subject subject = catalogueSubject("scheduler", schedulers());
    subject.noneText = "none";
    subject.hasEssential = true;
    subject.essential = {"step_size",    "gamma",    "T_max",  "factor", "total_iters",
                         "start_factor", "patience", "power",  "warmup", "k",
                         "total",        "monitor",  "T_mult", "mode",   "step_size_up"};
    subject.note = [](const Choice& choice) {
        const SchedulerKind* kind = schedulers().find(choice.kind);
        return kind && kind->lambda ? kind->lambda(Settings(kind->params, choice.params))
                                    : std::string();
    };
    subject.adapt = fitSchedule;
    subject.partKinds = [](const std::string& id) {
        std::vector<std::string> kinds;
        const SchedulerKind* owner = schedulers().find(id);
        if (!owner || !owner->nests) return kinds;
        // What takes over at a milestone has to begin anew there, which chains cannot.
        const bool oneByOne = findSpec(owner->params, "milestones");
        for (const SchedulerKind& kind : schedulers())
            if (!kind.needsLoss && (!kind.nests || !oneByOne)) kinds.push_back(kind.info.id);
        return kinds;
    };
    subject.get = [](const Project& p) { return p.training.scheduler; };
    subject.set = [](Project& p, std::optional<Choice> c) { p.training.scheduler = std::move(c); };
    return subject;
}

}  // namespace loom
