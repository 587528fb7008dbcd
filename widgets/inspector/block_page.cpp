#include "widgets/inspector/block_page.h"

#include <QApplication>
#include <QClipboard>
#include <QLineEdit>
#include <QVBoxLayout>

#include "core/graph/edit.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/canvas/group_edits.h"
#include "widgets/explain/weights_card.h"
#include "widgets/inspector/block_training.h"
#include "widgets/inspector/figures_card.h"
#include "widgets/inspector/param_form.h"
#include "widgets/inspector/problem_card.h"
#include "widgets/inspector/python_line.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

void clearLayout(QLayout* layout) {
    while (QLayoutItem* item = layout->takeAt(0)) {
        if (QWidget* widget = item->widget()) {
            // A button in it may be the sender of what led here.
            widget->hide();
            widget->deleteLater();
        }
        delete item;
    }
}

QString shapesText(const Graph& graph, const BlockReport* block) {
    if (!block) return {};
    QStringList in, out;
    for (std::size_t port = 0; port < block->inputs.size(); ++port) {
        const Shape& shape = block->inputs[port];
        // Nothing arrives at an optional input without a wire.
        const bool free = shape.rank() == 0 && !graph.edgeInto({block->id, static_cast<int>(port)});
        if (!free) in << q(shape.toText());
    }
    if (block->known)
        for (const Shape& shape : block->inference.outputs) out << q(shape.toText());
    if (in.isEmpty() && out.isEmpty()) return {};
    if (in.isEmpty()) return out.join(QStringLiteral(", "));
    return in.join(QStringLiteral(", ")) + QStringLiteral("  →  ") +
           (out.isEmpty() ? QStringLiteral("?") : out.join(QStringLiteral(", ")));
}

}  // namespace

BlockPage::BlockPage(DocumentController& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_name(new QLineEdit(this)),
      m_summary(makeWrappedLabel({}, "muted", this)),
      m_shapes(makeWrappedLabel({}, "mono", this)),
      m_form(new ParamForm(this)),
      m_sharing(new Card({}, this)),
      m_sharedWith(makeWrappedLabel({}, "", this)),
      m_nothingToSet(makeWrappedLabel(tr("There is nothing to set."), "small", this)),
      m_problems(new QVBoxLayout),
      m_formulas(new Card({}, this)),
      m_formulaLines(new QVBoxLayout),
      m_figures(new FiguresCard({}, this)),
      m_training(new BlockTraining(document, this)),
      m_weights(new WeightsCard(document, this)),
      m_python(new Card({}, this)),
      m_code(makeWrappedLabel({}, "mono", this)) {
    // The name is a field without a frame; its text, not its edge, stands in line with the rest.
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(6, 12, 14, 14);
    outer->setSpacing(2);
    auto* title = new QHBoxLayout;
    title->setSpacing(2);
    title->addWidget(m_name, 1);
    QToolButton* help = makeIconButton(QStringLiteral("help"), tr("Explain this block (F1)"), this);
    help->setObjectName(QStringLiteral("inspector.help"));
    title->addWidget(help);
    connect(help, &QToolButton::clicked, this, [this] { Q_EMIT helpAsked(q(m_id)); });
    outer->addLayout(title);
    auto* column = new QVBoxLayout;
    column->setContentsMargins(8, 0, 0, 0);
    column->setSpacing(10);
    outer->addLayout(column, 1);

    m_name->setObjectName(QStringLiteral("inspector.name"));
    m_name->setAccessibleName(tr("Name of the block"));
    m_name->setToolTip(tr("The block’s name, and the first part of its weights’ names in PyTorch"));
    m_name->setFont(uiFont(15, QFont::DemiBold));
    m_name->setProperty("heading", true);
    connect(m_name, &QLineEdit::editingFinished, this, &BlockPage::rename);
    auto* head = new QVBoxLayout;
    head->setSpacing(4);
    head->addWidget(m_summary);
    head->addWidget(m_shapes);
    column->addLayout(head);

    m_problems->setSpacing(8);
    column->addLayout(m_problems);
    makeSharingCard();
    column->addWidget(m_sharing);
    column->addWidget(m_form);
    column->addWidget(m_nothingToSet);
    connect(m_form, &ParamForm::changed, this,
            [this](const QString& key, const std::optional<Value>& value) {
                m_document.editGraph(
                    tr("Set %1 of %2").arg(key, q(m_id)),
                    [&](const Graph& graph) {
                        return edit::setParam(graph, m_id, key.toStdString(), value);
                    },
                    QStringLiteral("param %1 %2").arg(q(m_id), key));
            });
    connect(m_form, &ParamForm::finished, this, [this] { m_document.endMerge(); });

    m_formulas->body()->addLayout(m_formulaLines);
    m_formulaLines->setSpacing(2);
    column->addWidget(m_formulas);
    column->addWidget(m_figures);
    column->addWidget(m_training);
    column->addWidget(m_weights);
    connect(m_weights, &WeightsCard::statusMessage, this, &BlockPage::statusMessage);

    auto* top = new QHBoxLayout;
    top->addWidget(makeLabel(tr("In PyTorch"), "small", m_python), 1);
    QToolButton* copy =
        makeIconButton(QStringLiteral("copy"), tr("Copy the Python line"), m_python);
    copy->setFixedSize(26, 24);
    top->addWidget(copy);
    m_python->body()->setSpacing(2);
    m_python->body()->addLayout(top);
    m_python->body()->addWidget(m_code);
    connect(copy, &QToolButton::clicked, this, [this] {
        QApplication::clipboard()->setText(pythonLine());
        Q_EMIT statusMessage(tr("Copied: %1").arg(pythonLine()));
    });
    column->addWidget(m_python);
    column->addStretch(1);
}

void BlockPage::setBlock(const NodeId& id) {
    if (id != m_id) m_document.endMerge();
    m_id = id;
    m_weights->setBlock(id);
    refresh();
}

void BlockPage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    m_weights->setActive(true);
}

void BlockPage::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    m_weights->setActive(false);
}

void BlockPage::refresh() {
    const Node* node = m_document.graph().find(m_id);
    if (!node) return;
    const LayerKind* kind = layers().find(node->kind);
    const BlockReport* block = m_document.report().shapes.find(m_id);
    const bool readOnly = m_document.isReadOnly();
    if (!m_name->isModified() || !m_name->hasFocus()) m_name->setText(q(m_id));
    m_name->setReadOnly(readOnly);
    m_summary->setText(kind ? q(node->kind + " · " + kind->info.summary)
                            : tr("%1 · a kind this version does not know").arg(q(node->kind)));
    m_summary->setToolTip(kind ? q(kind->info.details) : QString());
    const QString shapes = shapesText(m_document.graph(), block);
    m_shapes->setText(shapes);
    m_shapes->setVisible(!shapes.isEmpty());

    m_form->setSubject(q(m_id + "/" + node->kind), kind ? kind->params : std::vector<ParamSpec>());
    // One module has one set of parameters: they are set where it is.
    const Node* owner = node->sharesWith.empty() ? node : m_document.graph().find(node->sharesWith);
    if (!owner) owner = node;
    showSharing(*node);
    m_form->setReadOnly(readOnly || owner != node);
    m_form->setValues(owner->params, block ? block->inference.inferred : Params());
    m_form->setVisible(!m_form->isEmpty() || !node->params.empty());
    m_nothingToSet->setVisible(kind && m_form->isEmpty() && !kind->inputs.empty() &&
                               !kind->outputs.empty());
    showProblems();
    showFormulas(block && block->known ? &block->inference : nullptr);
    showFigures(block);
    m_training->setBlocks({m_id});
    const QString code = pythonLine();
    // Not selectable: a selection would take the places for line breaks along.
    m_code->setText(breakable(code));
    m_python->setVisible(!code.isEmpty());
}

QString BlockPage::pythonLine() const {
    return loom::pythonLine(m_document.graph(), m_document.report().shapes, m_id);
}

void BlockPage::showProblems() {
    clearLayout(m_problems);
    for (const Diagnostic& diagnostic : m_document.report().diagnostics) {
        if (diagnostic.node != m_id) continue;
        auto* card = new ProblemCard(diagnostic, false, m_document.isReadOnly(), this);
        connect(card, &ProblemCard::fixChosen, this,
                [this](const Fix& fix) { canvas_edits::applyFix(m_document, fix); });
        m_problems->addWidget(card);
    }
}

void BlockPage::showFormulas(const Inference* inference) {
    clearLayout(m_formulaLines);
    const bool any = inference && !inference->formulas.empty();
    m_formulas->setVisible(any);
    if (!any) return;
    for (const FilledFormula& formula : inference->formulas) {
        m_formulaLines->addWidget(makeLabel(q(formula.label), "small", m_formulas));
        QLabel* text = makeWrappedLabel(q(formula.text), "mono", m_formulas);
        text->setTextInteractionFlags(Qt::TextSelectableByMouse);
        m_formulaLines->addWidget(text);
    }
}

void BlockPage::showFigures(const BlockReport* block) {
    m_figures->setVisible(block && block->known);
    if (!block || !block->known) return;
    m_figures->setFigures({
        {tr("Parameters"), q(groupDigits(block->inference.parameters)),
         tr("Numbers this block learns")},
        {tr("MACs"), q(shortNumber(static_cast<double>(block->inference.macs))),
         tr("Multiplications with an addition for one sample: %1")
             .arg(q(groupDigits(block->inference.macs)))},
        {tr("Memory"), q(byteText(static_cast<double>(block->activationBytes))),
         tr("What comes out for one sample, as float32")},
    });
}

void BlockPage::rename() {
    const QString name = m_name->text().trimmed();
    const QString old = q(m_id);
    if (name == old) return;
    m_name->setModified(false);
    const bool done = m_document.editGraph(tr("Rename %1").arg(old), [&](const Graph& graph) {
        return edit::rename(graph, m_id, name.toStdString());
    });
    if (done)
        Q_EMIT renamed(old, name);
    else
        m_name->setText(old);
}

void BlockPage::makeSharingCard() {
    m_sharing->body()->setSpacing(6);
    m_sharing->body()->addWidget(m_sharedWith);
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    QPushButton* go = makeButton(tr("Go to it"), ButtonKind::Secondary, {}, m_sharing);
    QPushButton* own = makeButton(tr("Give it its own"), ButtonKind::Secondary, {}, m_sharing);
    own->setObjectName(QStringLiteral("inspector.ownModule"));
    go->setObjectName(QStringLiteral("inspector.owner"));
    row->addWidget(go);
    row->addWidget(own);
    row->addStretch(1);
    m_sharing->body()->addLayout(row);
    connect(go, &QPushButton::clicked, this, [this] {
        if (const Node* node = m_document.graph().find(m_id))
            Q_EMIT ownerAsked(q(node->sharesWith));
    });
    connect(own, &QPushButton::clicked, this,
            [this] { canvas_edits::shareModule(m_document, m_id, {}); });
}

void BlockPage::showSharing(const Node& node) {
    QStringList users;
    for (const Node& other : m_document.graph().nodes)
        if (other.sharesWith == node.id) users << q(other.id);
    m_sharing->setVisible(!node.sharesWith.empty() || !users.isEmpty());
    for (QPushButton* button : m_sharing->findChildren<QPushButton*>())
        button->setVisible(!node.sharesWith.empty());
    if (QPushButton* own = findChild<QPushButton*>(QStringLiteral("inspector.ownModule")))
        own->setEnabled(!m_document.isReadOnly());
    m_sharedWith->setText(
        node.sharesWith.empty()
            ? tr("Its module is also used by %1.").arg(users.join(QStringLiteral(", ")))
            : tr("Uses the module of %1: one set of weights, counted once. Its parameters are set "
                 "there.")
                  .arg(q(node.sharesWith)));
}

void BlockPage::focusName() {
    m_name->setFocus();
    m_name->selectAll();
}

void BlockPage::focusFirstParameter() {
    const Node* node = m_document.graph().find(m_id);
    const LayerKind* kind = node ? layers().find(node->kind) : nullptr;
    if (!kind || kind->params.empty()) return focusName();
    // The first that a person sets: not what follows from the input.
    const ParamSpec* first = &kind->params.front();
    for (const ParamSpec& spec : kind->params)
        if (!spec.inferred) {
            first = &spec;
            break;
        }
    QWidget* editor = m_form->editor(q(first->key));
    editor->setFocus(Qt::TabFocusReason);
}

}  // namespace loom
