#include "widgets/canvas/design_page.h"

#include <QApplication>
#include <QLineEdit>
#include <QSplitter>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "widgets/canvas/add_popup.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/palette_panel.h"
#include "widgets/canvas/summary_panel.h"
#include "widgets/explain/help_kinds.h"
#include "widgets/explain/help_panel.h"
#include "widgets/explain/help_view.h"
#include "widgets/inspector/block_page.h"
#include "widgets/inspector/group_page.h"
#include "widgets/inspector/inspector_panel.h"

namespace loom {

DesignPage::DesignPage(DocumentController& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_palette(new PalettePanel(this)),
      m_canvas(new CanvasView(document, this)),
      m_summary(new SummaryPanel(document, this)),
      m_middle(new QSplitter(Qt::Vertical, this)),
      m_inspector(new InspectorPanel(document, this)),
      m_help(new HelpPanel(document, this)),
      m_splitter(new QSplitter(Qt::Horizontal, this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_splitter);
    m_splitter->addWidget(m_palette);
    m_splitter->addWidget(m_middle);
    m_middle->addWidget(m_canvas);
    m_middle->addWidget(m_summary);
    m_middle->addWidget(m_help);
    m_middle->setHandleWidth(1);
    m_middle->setChildrenCollapsible(false);
    m_middle->setStretchFactor(0, 1);
    m_middle->setStretchFactor(1, 0);
    m_middle->setStretchFactor(2, 0);
    m_middle->setSizes({300, 300, 440});
    m_canvas->setMinimumHeight(160);
    m_summary->hide();
    m_help->hide();
    m_splitter->addWidget(m_inspector);
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(0, 0);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setStretchFactor(2, 0);
    m_palette->setMinimumWidth(150);
    m_inspector->setMinimumWidth(260);
    m_splitter->setSizes({200, 800, 300});

    connect(m_palette, &PalettePanel::layerChosen, m_canvas, &CanvasView::addFromPalette);
    connect(&m_canvas->drawing(), &QGraphicsScene::selectionChanged, this, [this] {
        const std::vector<NodeId> ids = m_canvas->drawing().selectedBlocks();
        m_inspector->setSelection(ids, m_canvas->drawing().selectedGroup());
        if (ids.size() == 1) m_help->followBlock(ids.front());
    });
    connect(&document, &DocumentController::documentReset, this,
            [this] { m_inspector->setSelection({}); });
    connect(m_canvas, &CanvasView::editRequested, this,
            [this] { m_inspector->blockPage()->focusFirstParameter(); });
    // Drawing goes on with the keyboard after every look elsewhere.
    const auto backToCanvas = [this] { m_canvas->setFocus(Qt::OtherFocusReason); };
    connect(m_inspector, &InspectorPanel::left, this, backToCanvas);
    connect(m_palette->list(), &LayerList::chosen, this, backToCanvas);
    connect(m_palette, &PalettePanel::savedGroupChosen, this, backToCanvas);
    connect(m_palette, &PalettePanel::left, this, backToCanvas);
    connect(m_canvas, &CanvasView::statusMessage, this, &DesignPage::statusMessage);
    connect(m_canvas, &CanvasView::zoomChanged, this, &DesignPage::zoomChanged);
    connect(m_inspector, &InspectorPanel::statusMessage, this, &DesignPage::statusMessage);
    connect(m_inspector, &InspectorPanel::renamed, this, [this](const QString&, const QString& to) {
        m_canvas->drawing().select({to.toStdString()});
    });
    connect(m_inspector, &InspectorPanel::problemActivated, this,
            [this](const Diagnostic& diagnostic) {
                if (!diagnostic.node.empty() && m_document.graph().find(diagnostic.node))
                    showProblem(diagnostic);
                else
                    Q_EMIT problemActivated(diagnostic);
            });
    connect(m_palette, &PalettePanel::helpAsked, this, &DesignPage::explainKind);
    connect(m_canvas, &CanvasView::helpOnKindAsked, this, &DesignPage::explainKind);
    connect(m_canvas, &CanvasView::helpOnBlockAsked, this,
            [this](const QString& id) { explainBlock(id.toStdString()); });
    connect(m_inspector->blockPage(), &BlockPage::helpAsked, this,
            [this](const QString& id) { explainBlock(id.toStdString()); });
    connect(m_help, &HelpPanel::closeAsked, this, &DesignPage::closeHelp);
    connect(m_help, &HelpPanel::statusMessage, this, &DesignPage::statusMessage);
    connect(m_help, &HelpPanel::blockAsked, this, [this](const QString& id) {
        m_canvas->drawing().select({id.toStdString()});
        m_canvas->reveal(id.toStdString());
    });
    connectInspector();
    connectSummary();
    setFocusProxy(m_canvas);
}

void DesignPage::toggleSummary() {
    // One at a time below the canvas, so that both can be read.
    m_help->hide();
    m_summary->setVisible(m_summary->isHidden());
    if (!m_summary->isHidden())
        m_summary->showSelection(m_canvas->drawing().selectedBlocks(),
                                 m_canvas->drawing().selectedGroup());
}

void DesignPage::connectSummary() {
    connect(m_canvas, &CanvasView::summaryAsked, this, &DesignPage::toggleSummary);
    connect(m_summary, &SummaryPanel::closeAsked, this, [this] {
        m_summary->hide();
        m_canvas->setFocus();
    });
    connect(m_summary, &SummaryPanel::said, this, &DesignPage::statusMessage);
    connect(m_summary, &SummaryPanel::chosen, this, [this](const QString& path, bool group) {
        m_canvas->revealPath(path.toStdString(), group);
    });
    connect(&m_canvas->drawing(), &QGraphicsScene::selectionChanged, this, [this] {
        // What was chosen in the table is marked there already.
        if (!m_summary->table()->hasFocus())
            m_summary->showSelection(m_canvas->drawing().selectedBlocks(),
                                     m_canvas->drawing().selectedGroup());
    });
}

void DesignPage::connectInspector() {
    const GroupPage* group = m_inspector->groupPage();
    connect(group, &GroupPage::openAsked, this, [this](const QString& path) {
        m_canvas->openGroup(path.toStdString());
        m_canvas->setFocus();
    });
    connect(group, &GroupPage::collapseAsked, m_canvas, &CanvasView::toggleCollapsed);
    connect(group, &GroupPage::ungroupAsked, m_canvas, &CanvasView::ungroup);
    connect(group, &GroupPage::duplicateAsked, m_canvas, &CanvasView::duplicateSelection);
    connect(group, &GroupPage::repeatAsked, m_canvas, &CanvasView::repeatGroup);
    connect(group, &GroupPage::saveAsked, m_canvas, &CanvasView::saveToLibrary);
    connect(group, &GroupPage::renamed, this, [this](const QString&, const QString& to) {
        m_canvas->drawing().select({groupKey(to.toStdString())});
    });
    connect(m_inspector->blockPage(), &BlockPage::ownerAsked, this, [this](const QString& id) {
        m_canvas->reveal(id.toStdString());
        m_canvas->drawing().select({id.toStdString()});
    });
    connect(m_palette, &PalettePanel::savedGroupChosen, m_canvas,
            [this](const QString& file) { m_canvas->insertFromLibrary(file); });
    connect(m_palette, &PalettePanel::said, this, &DesignPage::statusMessage);
    connect(m_canvas, &CanvasView::libraryChanged, m_palette, &PalettePanel::showLibrary);
}

void DesignPage::showProblem(const Diagnostic& diagnostic) {
    if (!m_document.graph().find(diagnostic.node)) return;
    m_canvas->reveal(diagnostic.node);
    m_canvas->drawing().select({diagnostic.node});
    m_canvas->centerOn(m_canvas->drawing().block(diagnostic.node));
    m_canvas->setFocus();
}

void DesignPage::showRemarks() {
    m_canvas->drawing().clearSelection();
    m_inspector->showRemarks();
}

void DesignPage::explain() {
    const auto entry = [](const LayerList* list) {
        const QString kind = list->currentKind();
        return kind.isEmpty() || !findHelp(layerHelpKey(kind)) ? QString() : kind;
    };
    const bool inPopup = m_canvas->addPopup()->isVisible();
    const bool inPalette = m_palette->searchField()->hasFocus() || m_palette->list()->hasFocus();
    QString kind;
    if (inPopup)
        kind = entry(m_canvas->addPopup()->list());
    else if (inPalette)
        kind = entry(m_palette->list());
    const std::vector<NodeId> ids = m_canvas->drawing().selectedBlocks();
    const bool there = m_help->isVisible() && kind.isEmpty() && ids.size() == 1 &&
                       m_help->currentBlock() == ids.front();
    // Asked again, the keyboard goes to the page.
    if (there)
        m_help->view()->setFocus(Qt::ShortcutFocusReason);
    else if (!kind.isEmpty())
        explainKind(kind);
    else if (ids.size() == 1)
        explainBlock(ids.front());
    else
        showHelpIndex();
}

void DesignPage::explainBlock(const NodeId& id) {
    m_summary->hide();
    m_help->show();
    m_help->showBlock(id);
}

void DesignPage::explainKind(const QString& kind) {
    explainPage(layerHelpKey(kind));
}

void DesignPage::explainPage(const QString& key) {
    m_summary->hide();
    m_help->show();
    if (findHelp(key))
        m_help->showPage(key);
    else
        m_help->showIndex();
}

void DesignPage::showHelpIndex() {
    m_summary->hide();
    m_help->show();
    m_help->showIndex();
}

void DesignPage::closeHelp() {
    const bool focused = m_help->isAncestorOf(QApplication::focusWidget());
    m_help->hide();
    if (focused) m_canvas->setFocus();
}

int DesignPage::zoomPercent() const {
    return qRound(m_canvas->zoom() * 100);
}

}  // namespace loom
