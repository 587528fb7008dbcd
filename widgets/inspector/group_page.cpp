#include "widgets/inspector/group_page.h"

#include <QGridLayout>
#include <QLineEdit>
#include <algorithm>
#include <map>

#include "core/graph/group.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/canvas/group_edits.h"
#include "widgets/canvas/shown_geometry.h"
#include "widgets/inspector/figures_card.h"
#include "widgets/inspector/problem_card.h"
#include "widgets/style/theme.h"

namespace loom {

GroupPage::GroupPage(DocumentController& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_name(new QLineEdit(this)),
      m_summary(makeWrappedLabel({}, "muted", this)),
      m_shapes(makeWrappedLabel({}, "mono", this)),
      m_expand(nullptr),
      m_figures(new FiguresCard({}, this)),
      m_ports(new Card({}, this)),
      m_portLines(makeWrappedLabel({}, "mono", this)),
      m_problems(new QVBoxLayout),
      m_blocks(new Card({}, this)),
      m_blockLines(makeWrappedLabel({}, "", this)) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(6, 12, 14, 14);
    outer->setSpacing(2);
    outer->addWidget(m_name);
    auto* column = new QVBoxLayout;
    column->setContentsMargins(8, 0, 0, 0);
    column->setSpacing(10);
    outer->addLayout(column, 1);

    m_name->setObjectName(QStringLiteral("inspector.group"));
    m_name->setAccessibleName(tr("Path of the group"));
    m_name->setToolTip(
        tr("The group’s path: the first part of its blocks’ names, and of their "
           "weights’ names in PyTorch"));
    m_name->setFont(uiFont(15, QFont::DemiBold));
    m_name->setProperty("heading", true);
    connect(m_name, &QLineEdit::editingFinished, this, &GroupPage::rename);
    auto* head = new QVBoxLayout;
    head->setSpacing(4);
    head->addWidget(m_summary);
    head->addWidget(m_shapes);
    column->addLayout(head);

    auto* grid = new QGridLayout;
    grid->setSpacing(6);
    int index = 0;
    const auto add = [&](const QString& text, const char* name, auto signal, bool edits) {
        QPushButton* button = makeButton(text, ButtonKind::Secondary, {}, this);
        button->setObjectName(QStringLiteral("group.") + QLatin1String(name));
        connect(button, &QPushButton::clicked, this, signal);
        grid->addWidget(button, index / 2, index % 2);
        ++index;
        if (edits) m_editing.push_back(button);
        return button;
    };
    add(
        tr("Open"), "open", [this] { Q_EMIT openAsked(q(m_path)); }, false);
    m_expand = add(
        tr("Expand"), "expand", [this] { Q_EMIT collapseAsked(); }, true);
    add(
        tr("Duplicate"), "duplicate", [this] { Q_EMIT duplicateAsked(); }, true);
    add(
        tr("Repeat…"), "repeat", [this] { Q_EMIT repeatAsked(); }, true);
    add(
        tr("Ungroup"), "ungroup", [this] { Q_EMIT ungroupAsked(); }, true);
    add(
        tr("Save to library…"), "save", [this] { Q_EMIT saveAsked(); }, false);
    column->addLayout(grid);

    column->addWidget(m_figures);
    m_problems->setSpacing(8);
    column->addLayout(m_problems);
    m_ports->body()->setSpacing(4);
    m_ports->body()->addWidget(makeLabel(tr("In and out"), "small", m_ports));
    m_ports->body()->addWidget(m_portLines);
    column->addWidget(m_ports);
    m_blocks->body()->setSpacing(4);
    m_blocks->body()->addWidget(makeLabel(tr("Inside"), "small", m_blocks));
    m_blocks->body()->addWidget(m_blockLines);
    column->addWidget(m_blocks);
    column->addStretch(1);
}

QPushButton* GroupPage::button(const QString& name) const {
    return findChild<QPushButton*>(QStringLiteral("group.") + name);
}

void GroupPage::setGroup(const std::string& path) {
    m_path = path;
    refresh();
}

void GroupPage::refresh() {
    const Graph& graph = m_document.graph();
    const ShapeReport& shapes = m_document.report().shapes;
    const GroupFigures figures = groupFigures(graph, shapes, m_path);
    if (figures.blocks == 0) return;
    if (!m_name->isModified() || !m_name->hasFocus()) m_name->setText(q(m_path));
    m_name->setReadOnly(m_document.isReadOnly());
    m_summary->setText(figures.blocks == 1 ? tr("A group of 1 block")
                                           : tr("A group of %1 blocks").arg(figures.blocks));
    m_expand->setText(isCollapsed(graph, m_path) ? tr("Expand") : tr("Collapse"));
    for (QPushButton* button : m_editing) button->setEnabled(!m_document.isReadOnly());
    m_figures->setFigures({
        {tr("Parameters"), q(groupDigits(figures.parameters)), tr("Numbers its blocks learn")},
        {tr("MACs"), q(shortNumber(static_cast<double>(figures.macs))),
         tr("Multiplications with an addition for one sample: %1")
             .arg(q(groupDigits(figures.macs)))},
        {tr("Memory"), q(byteText(static_cast<double>(figures.activationBytes))),
         tr("What its blocks give for one sample, as float32")},
    });
    showPorts();
    showProblems();
    showBlocks();
}

void GroupPage::showPorts() {
    const Graph& graph = m_document.graph();
    const ShapeReport& shapes = m_document.report().shapes;
    const GroupBoundary boundary = groupBoundary(graph, m_path, portCounts);
    QStringList in, out, lines;
    for (const GroupPort& port : boundary.inputs) {
        const Shape* shape = port.source ? shapes.shapeAt(*port.source) : nullptr;
        if (shape) in << q(shape->toText());
        QStringList ends;
        for (const PortRef& inner : port.inner)
            ends << q(inner.toText()).mid(static_cast<int>(m_path.size()) + 1);
        lines << (port.source ? q(port.source->toText()) : tr("nothing yet")) +
                     QStringLiteral(" → ") + ends.join(QStringLiteral(", "));
    }
    for (const GroupPort& port : boundary.outputs) {
        if (const Shape* shape = shapes.shapeAt(port.inner.front())) out << q(shape->toText());
        QStringList ends;
        for (const PortRef& target : port.targets) ends << q(target.toText());
        lines << q(port.label) + QStringLiteral(" → ") +
                     (ends.isEmpty() ? tr("nothing yet") : ends.join(QStringLiteral(", ")));
    }
    m_shapes->setText(in.join(QStringLiteral(", ")) + QStringLiteral("  →  ") +
                      (out.isEmpty() ? QStringLiteral("?") : out.join(QStringLiteral(", "))));
    m_shapes->setVisible(!in.isEmpty() || !out.isEmpty());
    m_portLines->setText(lines.join(QLatin1Char('\n')));
    m_ports->setVisible(!lines.isEmpty());
}

void GroupPage::showProblems() {
    while (QLayoutItem* item = m_problems->takeAt(0)) {
        if (QWidget* widget = item->widget()) {
            widget->hide();
            widget->deleteLater();
        }
        delete item;
    }
    for (const Diagnostic& diagnostic : m_document.report().diagnostics) {
        if (diagnostic.node.empty() || !isInside(diagnostic.node, m_path)) continue;
        auto* card = new ProblemCard(diagnostic, true, m_document.isReadOnly(), this);
        connect(card, &ProblemCard::fixChosen, this,
                [this](const Fix& fix) { canvas_edits::applyFix(m_document, fix); });
        m_problems->addWidget(card);
    }
}

/// `3 Conv2d, 3 BatchNorm2d, 2 ReLU`, the commonest first.
void GroupPage::showBlocks() {
    std::map<std::string, int> kinds;
    for (const Node& node : m_document.graph().nodes)
        if (isInside(node.id, m_path)) ++kinds[node.kind];
    std::vector<std::pair<std::string, int>> sorted(kinds.begin(), kinds.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    QStringList lines;
    for (const auto& [kind, count] : sorted)
        lines << QStringLiteral("%1 %2").arg(count).arg(q(kind));
    m_blockLines->setText(lines.join(QStringLiteral(", ")));
}

void GroupPage::rename() {
    const QString name = m_name->text().trimmed();
    const QString old = q(m_path);
    if (name == old) return;
    m_name->setModified(false);
    if (canvas_edits::renameGroup(m_document, m_path, name))
        Q_EMIT renamed(old, name);
    else
        m_name->setText(old);
}

}  // namespace loom
