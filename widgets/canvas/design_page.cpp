#include "widgets/canvas/design_page.h"

#include <QSplitter>
#include <QVBoxLayout>

#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/palette_panel.h"
#include "widgets/inspector/block_page.h"
#include "widgets/inspector/inspector_panel.h"

namespace loom {

DesignPage::DesignPage(DocumentController& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_palette(new PalettePanel(this)),
      m_canvas(new CanvasView(document, this)),
      m_inspector(new InspectorPanel(document, this)),
      m_splitter(new QSplitter(Qt::Horizontal, this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_splitter);
    m_splitter->addWidget(m_palette);
    m_splitter->addWidget(m_canvas);
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
    connect(&m_canvas->drawing(), &QGraphicsScene::selectionChanged, this,
            [this] { m_inspector->setSelection(m_canvas->drawing().selectedBlocks()); });
    connect(&document, &DocumentController::documentReset, this,
            [this] { m_inspector->setSelection({}); });
    connect(m_canvas, &CanvasView::editRequested, this,
            [this] { m_inspector->blockPage()->focusFirstParameter(); });
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
    setFocusProxy(m_canvas);
}

void DesignPage::showProblem(const Diagnostic& diagnostic) {
    if (!m_canvas->drawing().block(diagnostic.node)) return;
    m_canvas->drawing().select({diagnostic.node});
    m_canvas->centerOn(m_canvas->drawing().block(diagnostic.node));
    m_canvas->setFocus();
}

int DesignPage::zoomPercent() const {
    return qRound(m_canvas->zoom() * 100);
}

}  // namespace loom
