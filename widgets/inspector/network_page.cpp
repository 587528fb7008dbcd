#include "widgets/inspector/network_page.h"

#include <QLabel>
#include <QVBoxLayout>

#include "widgets/bridge/strings.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/inspector/block_training.h"
#include "widgets/inspector/figures_card.h"
#include "widgets/inspector/problem_card.h"

namespace loom {

NetworkPage::NetworkPage(DocumentController& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_title(makeLabel({}, "heading", this)),
      m_subtitle(makeWrappedLabel({}, "muted", this)),
      m_figures(new FiguresCard({}, this)),
      m_problemsHead(new SectionLabel(tr("Problems"), this)),
      m_problems(new QVBoxLayout),
      m_fine(
          makeWrappedLabel(tr("No problems found. The network is ready to train."), "good", this)),
      m_remarksHead(new SectionLabel(tr("What the file had to say"), this)),
      m_remarks(new QVBoxLayout),
      m_keys(makeWrappedLabel(tr("Select a block to see and change its parameters. Drag from a dot "
                                 "to another to connect two blocks."),
                              "muted", this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 14, 14, 14);
    column->setSpacing(10);
    auto* head = new QVBoxLayout;
    head->setSpacing(4);
    head->addWidget(m_title);
    head->addWidget(m_subtitle);
    column->addLayout(head);
    column->addWidget(m_figures);
    m_training = new BlockTraining(document, this);
    column->addWidget(m_training);
    column->addWidget(m_problemsHead);
    column->addWidget(m_fine);
    m_problems->setSpacing(8);
    column->addLayout(m_problems);
    column->addWidget(m_remarksHead);
    m_remarks->setSpacing(8);
    column->addLayout(m_remarks);
    column->addWidget(m_keys);
    column->addStretch(1);
    refresh();
}

void NetworkPage::setBlocks(const std::vector<NodeId>& ids) {
    m_ids = ids;
    refresh();
}

void NetworkPage::refresh() {
    for (QVBoxLayout* list : {m_problems, m_remarks})
        while (QLayoutItem* item = list->takeAt(0)) {
            if (QWidget* widget = item->widget()) {
                widget->hide();
                widget->deleteLater();
            }
            delete item;
        }
    const bool all = m_ids.empty();
    m_remarksHead->setVisible(all && !m_document.remarks().empty());
    if (all) showRemarks();
    m_problemsHead->setVisible(all);
    m_training->setBlocks(m_ids);
    if (all)
        showNetwork();
    else
        showSelection();
}

void NetworkPage::showNetwork() {
    const ProjectReport& report = m_document.report();
    const ShapeReport& shapes = report.shapes;
    m_title->setText(tr("Network"));
    QStringList in, out;
    for (const Node& node : m_document.graph().nodes) {
        const BlockReport* block = shapes.find(node.id);
        const LayerKind* kind = layers().find(node.kind);
        if (!kind || !block || !block->known || block->inference.outputs.empty()) continue;
        // A learnable Parameter has no inputs either, but no samples enter there.
        if (kind->inputs.empty() && !kind->build)
            in << q(block->inference.outputs.front().toSentence());
        if (kind->outputs.empty()) out << q(block->inference.outputs.front().toSentence());
    }
    QString flow;
    if (!in.isEmpty() && !out.isEmpty())
        flow = in.join(QStringLiteral(", ")) + QStringLiteral("  →  ") +
               out.join(QStringLiteral(", "));
    m_subtitle->setText(
        flow.isEmpty() ? tr("Reads a sample on the left and gives an answer on the right.") : flow);
    m_figures->show();
    m_figures->setFigures(
        {
            {tr("Blocks"), QString::number(m_document.graph().nodes.size()), {}},
            {tr("Parameters"), q(groupDigits(shapes.parameters)), tr("Numbers the network learns")},
            {tr("MACs"), q(shortNumber(static_cast<double>(shapes.macs))),
             tr("Multiplications with an addition for one sample")},
            {tr("Weights"), q(byteText(static_cast<double>(shapes.parameters) * 4)),
             tr("Size of the weights as float32")},
            {tr("Per sample"), q(byteText(static_cast<double>(shapes.activationBytes))),
             tr("What all blocks give for one sample")},
            {tr("To train"),
             report.trainingBytes > 0 ? q(byteText(static_cast<double>(report.trainingBytes)))
                                      : QStringLiteral("–"),
             tr("Forecast of the memory a training step needs: weights, gradients, the optimizer’s "
                "numbers and a batch of activations")},
        },
        3);
    m_fine->setVisible(report.diagnostics.empty());
    m_keys->setText(
        tr("Select a block to see and change its parameters. Drag from a dot to another to connect "
           "two blocks."));
    for (const Diagnostic& diagnostic : report.diagnostics) {
        auto* card = new ProblemCard(diagnostic, true, m_document.isReadOnly(), this);
        connect(card, &ProblemCard::activated, this, &NetworkPage::problemActivated);
        connect(card, &ProblemCard::fixChosen, this,
                [this](const Fix& fix) { canvas_edits::applyFix(m_document, fix); });
        m_problems->addWidget(card);
    }
}

void NetworkPage::showRemarks() {
    for (const Diagnostic& remark : m_document.remarks())
        m_remarks->addWidget(new ProblemCard(remark, false, true, this));
}

void NetworkPage::showSelection() {
    const ShapeReport& shapes = m_document.report().shapes;
    std::int64_t parameters = 0, macs = 0, bytes = 0;
    QStringList names;
    for (const NodeId& id : m_ids) {
        names << q(id);
        const BlockReport* block = shapes.find(id);
        if (!block || !block->known) continue;
        parameters += block->inference.parameters;
        macs += block->inference.macs;
        bytes += block->activationBytes;
    }
    m_title->setText(tr("%1 blocks").arg(m_ids.size()));
    m_subtitle->setText(names.size() > 8 ? names.mid(0, 8).join(QStringLiteral(", ")) +
                                               tr(" and %1 more").arg(names.size() - 8)
                                         : names.join(QStringLiteral(", ")));
    m_figures->setFigures({
        {tr("Parameters"), q(groupDigits(parameters)), {}},
        {tr("MACs"), q(shortNumber(static_cast<double>(macs))), {}},
        {tr("Memory"), q(byteText(static_cast<double>(bytes))), {}},
    });
    m_fine->hide();
    m_keys->setText(
        tr("Drag moves them together. Ctrl+D duplicates, Ctrl+C copies, Delete removes, F shows "
           "them as large as fits."));
}

}  // namespace loom
