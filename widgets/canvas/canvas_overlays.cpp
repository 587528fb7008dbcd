#include "widgets/canvas/canvas_overlays.h"

#include <QHBoxLayout>
#include <QLabel>
#include <algorithm>
#include <cmath>

#include "widgets/bridge/strings.h"
#include "widgets/canvas/breadcrumb.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/diagnostic_popup.h"
#include "widgets/canvas/keys_card.h"
#include "widgets/canvas/minimap.h"
#include "widgets/style/controls.h"
#include "widgets/style/icons.h"

namespace loom {

namespace {

constexpr int kLeastHeightForMap = 440;

}  // namespace

CanvasOverlays::CanvasOverlays(CanvasView& view)
    : QObject(&view),
      m_view(view),
      m_minimap(new Minimap(view)),
      m_buttons(new QFrame(&view)),
      m_hint(new QFrame(&view)),
      m_start(new EmptyState(QStringLiteral("layers"), tr("Draw your network here"),
                             tr("Click a layer on the left, drag it onto the canvas, or press Tab "
                                "and type its name. Begin with Input."),
                             {}, &view)),
      m_breadcrumb(new Breadcrumb(view)),
      m_popup(new DiagnosticPopup(&view)),
      m_keys(new KeysCard(&view)) {
    auto* row = new QHBoxLayout(m_buttons);
    row->setContentsMargins(3, 3, 3, 3);
    row->setSpacing(1);
    m_buttons->setProperty("card", QStringLiteral("true"));
    const auto add = [&](const char* iconName, const QString& tip, auto action) {
        QToolButton* button = makeIconButton(QLatin1String(iconName), tip, m_buttons);
        button->setFocusPolicy(Qt::NoFocus);
        connect(button, &QToolButton::clicked, &m_view, action);
        row->addWidget(button);
    };
    add("minus", tr("Zoom out (Ctrl+−)"), [this] { m_view.setZoom(m_view.zoom() / 1.2); });
    add("plus", tr("Zoom in (Ctrl++)"), [this] { m_view.setZoom(m_view.zoom() * 1.2); });
    add("fit", tr("Show all (Home)"), [this] { m_view.fitAll(); });
    add("layout", tr("Tidy up the blocks (Ctrl+Shift+F)"), [this] { m_view.tidyUp(); });
    add("table", tr("Summary: every block in a table, and the memory training needs"),
        [this] { Q_EMIT m_view.summaryAsked(); });
    add("help", tr("Mouse and keys (?)"), [this] { toggleKeys(); });

    m_hintRow = new QBoxLayout(QBoxLayout::LeftToRight, m_hint);
    m_hintRow->setContentsMargins(12, 6, 12, 6);
    m_hint->setProperty("card", QStringLiteral("true"));
    m_hintRow->addWidget(
        makeLabel(tr("Click a layer on the left to put it behind the last block, or press"),
                  "muted", m_hint));
    auto* second = new QHBoxLayout;
    second->addWidget(new KeyCap(QStringLiteral("Tab"), m_hint));
    second->addWidget(makeLabel(tr("and type its name."), "muted", m_hint));
    second->addStretch(1);
    m_hintRow->addLayout(second);
    for (QWidget* still : {m_hint, m_start}) still->setAttribute(Qt::WA_TransparentForMouseEvents);

    connect(m_popup, &DiagnosticPopup::fixChosen, this, [this](const Fix& fix) {
        canvas_edits::applyFix(m_view.document(), fix, m_view.drawing().scope());
        m_view.setFocus();
    });
    connect(&view.drawing(), &QGraphicsScene::selectionChanged, this, [this] {
        m_dismissed = false;
        showDiagnostic();
    });
    connect(&view.document(), &DocumentController::reportChanged, this, [this] {
        showDiagnostic();
        showHint();
    });
    // A diagnostic follows its block.
    connect(&view.document(), &DocumentController::graphChanged, this,
            &CanvasOverlays::placeDiagnostic);
    connect(&view, &CanvasView::viewChanged, this, &CanvasOverlays::placeDiagnostic);
    showHint();
    showDiagnostic();
}

void CanvasOverlays::place() {
    const QSize room = m_view.size();
    // On a low canvas it would hide what it shows.
    m_minimap->setVisible(m_view.document().graph().nodes.size() > 1 &&
                          room.height() >= kLeastHeightForMap);
    m_minimap->move(room.width() - m_minimap->width() - 12,
                    room.height() - m_minimap->height() - 12);
    m_buttons->adjustSize();
    m_buttons->move(12, room.height() - m_buttons->height() - 12);
    m_keys->fitTo(QSize(room.width() - 24, m_buttons->y() - 16));
    m_keys->move(12, std::max(8, m_buttons->y() - m_keys->height() - 8));
    m_hintRow->setDirection(QBoxLayout::LeftToRight);
    if (m_hintRow->sizeHint().width() > room.width() - 24)
        m_hintRow->setDirection(QBoxLayout::TopToBottom);
    m_hint->adjustSize();
    m_hint->move((room.width() - m_hint->width()) / 2, 20);
    m_breadcrumb->move(12, 12);
    m_start->resize(std::min(460, room.width() - 20), 240);
    m_start->move((room.width() - m_start->width()) / 2, (room.height() - m_start->height()) / 2);
    placeDiagnostic();
}

void CanvasOverlays::showHint() {
    const Graph& graph = m_view.document().graph();
    bool layersThere = false;
    for (const Node& node : graph.nodes) {
        const LayerKind* kind = layers().find(node.kind);
        layersThere = layersThere || !kind || (!kind->inputs.empty() && !kind->outputs.empty());
    }
    m_start->setVisible(graph.nodes.empty());
    m_hint->setVisible(!graph.nodes.empty() && !layersThere && !m_view.document().isReadOnly());
    place();
}

void CanvasOverlays::setQuiet(bool quiet) {
    m_quiet = quiet;
    showDiagnostic();
}

void CanvasOverlays::toggleKeys() {
    m_keys->setVisible(m_keys->isHidden());
    m_keys->raise();
    place();
}

bool CanvasOverlays::dismiss() {
    if (!m_keys->isHidden()) return m_keys->hide(), true;
    if (m_popup->isHidden()) return false;
    m_dismissed = true;
    m_popup->hide();
    return true;
}

bool CanvasOverlays::applyFirstFix() {
    if (m_view.drawing().selectedKeys().size() != 1 || m_popup->diagnostics().empty() ||
        m_popup->diagnostics().front().fixes.empty())
        return false;
    // A copy: taking the repair replaces the list it is from.
    const Fix fix = m_popup->diagnostics().front().fixes.front();
    return canvas_edits::applyFix(m_view.document(), fix, m_view.drawing().scope());
}

void CanvasOverlays::showDiagnostic() {
    const std::vector<std::string> ids = m_view.drawing().selectedKeys();
    const Level& level = m_view.drawing().level();
    std::vector<Diagnostic> found;
    // What is wrong inside of a collapsed group shows at its box.
    if (ids.size() == 1)
        for (const Diagnostic& diagnostic : m_view.document().report().diagnostics)
            if (!diagnostic.node.empty() && level.keyOf(diagnostic.node) == ids.front() &&
                diagnostic.severity != Severity::Info)
                found.push_back(diagnostic);
    m_popup->setReadOnly(m_view.document().isReadOnly());
    m_popup->setDiagnostics(found);
    if (found.empty() || m_quiet || m_dismissed) return m_popup->hide();
    m_popup->show();
    m_popup->raise();
    placeDiagnostic();
}

void CanvasOverlays::placeDiagnostic() {
    if (m_popup->isHidden()) return;
    const std::vector<std::string> ids = m_view.drawing().selectedKeys();
    const BlockItem* block = ids.size() == 1 ? m_view.drawing().block(ids.front()) : nullptr;
    if (!block) return;
    const QRect anchor = m_view.mapFromScene(block->sceneRect()).boundingRect();
    const QSize size = m_popup->size(), room = m_view.size();
    // The side on which the card covers least of the network.
    const QPoint places[] = {
        {anchor.center().x() - size.width() / 2, anchor.bottom() + 18},
        {anchor.center().x() - size.width() / 2, anchor.top() - size.height() - 18},
        {anchor.left() - size.width() + anchor.width(), anchor.bottom() + 18},
        {anchor.left(), anchor.bottom() + 18},
        {anchor.right() + 24, anchor.center().y() - size.height() / 2},
        {anchor.left() - size.width() - 24, anchor.center().y() - size.height() / 2},
    };
    QPoint best = places[0];
    double least = INFINITY;
    for (const QPoint& wanted : places) {
        const QPoint at(std::clamp(wanted.x(), 8, std::max(8, room.width() - size.width() - 8)),
                        std::clamp(wanted.y(), 8, std::max(8, room.height() - size.height() - 8)));
        const QRect card = QRect(at, size).adjusted(-6, -6, 6, 6);
        double covered = 0;
        for (const auto& [id, other] : m_view.drawing().blocks()) {
            const QRect hidden =
                m_view.mapFromScene(other->sceneRect()).boundingRect().intersected(card);
            if (!hidden.isEmpty())
                covered += double(hidden.width()) * hidden.height() * (other == block ? 6 : 1);
        }
        if (m_minimap->isVisible()) {
            const QRect hidden = m_minimap->geometry().intersected(card);
            if (!hidden.isEmpty()) covered += double(hidden.width()) * hidden.height() * 0.5;
        }
        if (covered < least - 1) least = covered, best = at;
    }
    m_popup->move(best);
}

}  // namespace loom
