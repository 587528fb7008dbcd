#include "widgets/explain/help_panel.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "widgets/bridge/strings.h"
#include "widgets/explain/block_picture.h"
#include "widgets/explain/help_index.h"
#include "widgets/explain/help_view.h"
#include "widgets/explain/weights_card.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr std::size_t kMostPast = 100;
constexpr int kNarrow = 600;

}  // namespace

HelpPanel::HelpPanel(DocumentController& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_back(makeIconButton(QStringLiteral("chevron-left"), tr("Back (Alt+Left)"), this)),
      m_forward(makeIconButton(QStringLiteral("chevron-right"), tr("Forward (Alt+Right)"), this)),
      m_indexButton(makeIconButton(QStringLiteral("layers"), tr("All help pages"), this)),
      m_mark(new QWidget(this)),
      m_title(new ElidedLabel({}, this)),
      m_stack(new QStackedWidget(this)),
      m_index(new HelpIndex(this)),
      m_view(new HelpView(this)),
      m_picture(new BlockPicture(document, this)),
      m_weights(new WeightsCard(document, this)),
      m_columns(new QSplitter(Qt::Horizontal, this)) {
    setProperty("surface", QStringLiteral("panel"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Help"));
    setMinimumSize(280, 160);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(8, 6, 8, 2);
    bar->setSpacing(2);
    for (QToolButton* button : {m_back, m_forward, m_indexButton}) bar->addWidget(button);
    bar->addSpacing(8);
    m_mark->setFixedSize(10, 10);
    bar->addWidget(m_mark);
    bar->addSpacing(6);
    m_title->setProperty("role", QStringLiteral("heading"));
    bar->addWidget(m_title, 1);
    QToolButton* close = makeIconButton(QStringLiteral("close"), tr("Close help (Escape)"), this);
    close->setObjectName(QStringLiteral("help.close"));
    bar->addWidget(close);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_stack, 1);
    m_stack->addWidget(m_index);
    m_stack->addWidget(m_columns);
    m_columns->addWidget(m_view);
    m_columns->addWidget(m_picture);
    m_columns->setHandleWidth(1);
    m_columns->setChildrenCollapsible(false);
    m_columns->setStretchFactor(0, 2);
    m_columns->setStretchFactor(1, 3);
    m_columns->setSizes({332, 448});
    m_view->setMinimumWidth(240);
    m_picture->hide();
    m_view->setExtra(m_weights);
    connect(m_weights, &WeightsCard::statusMessage, this, &HelpPanel::statusMessage);
    connect(m_picture, &BlockPicture::pictureChanged, m_picture, &QWidget::setVisible);
    connect(m_picture, &BlockPicture::partsChanged, m_view, &HelpView::setParameterParts);

    connect(m_back, &QToolButton::clicked, this, &HelpPanel::goBack);
    connect(m_forward, &QToolButton::clicked, this, &HelpPanel::goForward);
    connect(m_indexButton, &QToolButton::clicked, this, &HelpPanel::showIndex);
    connect(close, &QToolButton::clicked, this, &HelpPanel::closeAsked);
    connect(m_index, &HelpIndex::chosen, this, &HelpPanel::showPage);
    connect(m_view, &HelpView::linkActivated, this, &HelpPanel::showPage);
    connect(m_view, &HelpView::blockActivated, this, [this](const QString& id) {
        showBlock(id.toStdString());
        Q_EMIT blockAsked(id);
    });
    connect(m_view, &HelpView::statusMessage, this, &HelpPanel::statusMessage);
    connect(&document, &DocumentController::reportChanged, this, [this] {
        dropRemovedBlocks();
        if (isVisible()) refresh();
    });
    connect(&Theme::instance(), &Theme::changed, this, &HelpPanel::refresh);
    refresh();
}

void HelpPanel::showBlock(const NodeId& id) {
    const Node* node = m_document.graph().find(id);
    if (!node) return;
    m_selected = id;
    const QString key = layerHelpKey(q(node->kind));
    if (findHelp(key))
        go({key, id});
    else
        showIndex();
}

void HelpPanel::showPage(const QString& key) {
    if (!findHelp(key)) return;
    const Node* node = m_document.graph().find(m_selected);
    go({key, node && layerHelpKey(q(node->kind)) == key ? m_selected : NodeId()});
}

void HelpPanel::showIndex() {
    go({});
    m_index->searchField()->selectAll();
    if (isVisible()) m_index->setFocus();
}

void HelpPanel::followBlock(const NodeId& id) {
    m_selected = id;
    const Node* node = m_document.graph().find(id);
    if (!node || !isVisible()) return;
    // Whoever looks for a page in the index is not taken away from it.
    if (m_place.key.isEmpty() && !m_index->searchField()->text().isEmpty()) return;
    showBlock(id);
}

void HelpPanel::go(Place place) {
    if (place == m_place) return refresh();
    m_past.push_back(m_place);
    if (m_past.size() > kMostPast) m_past.erase(m_past.begin());
    m_future.clear();
    m_place = std::move(place);
    refresh();
}

void HelpPanel::goBack() {
    if (m_past.empty()) return;
    m_future.push_back(m_place);
    m_place = m_past.back();
    m_past.pop_back();
    refresh();
}

void HelpPanel::goForward() {
    if (m_future.empty()) return;
    m_past.push_back(m_place);
    m_place = m_future.back();
    m_future.pop_back();
    refresh();
}

void HelpPanel::dropRemovedBlocks() {
    const auto drop = [this](Place& place) {
        const Node* node = m_document.graph().find(place.block);
        if (!node || layerHelpKey(q(node->kind)) != place.key) place.block.clear();
    };
    for (Place& place : m_past) drop(place);
    for (Place& place : m_future) drop(place);
    drop(m_place);
}

void HelpPanel::refresh() {
    m_back->setEnabled(!m_past.empty());
    m_forward->setEnabled(!m_future.empty());
    const HelpKind* kind = findHelp(m_place.key);
    m_stack->setCurrentWidget(kind ? static_cast<QWidget*>(m_columns) : m_index);
    m_mark->setVisible(kind);
    const bool explains = kind && kind->layer;
    m_picture->setSubject(explains ? m_place.block : NodeId(),
                          explains ? q(kind->info->id) : QString());
    m_picture->setActive(isVisible() && explains);
    m_weights->setBlock(explains ? m_place.block : NodeId());
    m_weights->setActive(isVisible() && explains);
    if (!kind) {
        m_title->setFullText(tr("Help"));
        return;
    }
    const HelpPage page =
        makeHelpPage(*kind, m_document.graph(), m_document.report().shapes, m_place.block);
    m_mark->setStyleSheet(
        QStringLiteral("background: %1; border-radius: 3px;").arg(familyColor(page.family).name()));
    m_title->setFullText(page.title + QStringLiteral("  ·  ") +
                         (kind->layer ? page.family : page.catalogue));
    m_view->setPage(page);
}

void HelpPanel::keyPressEvent(QKeyEvent* event) {
    const auto mods = event->modifiers() & ~Qt::KeypadModifier;
    if (mods == Qt::AltModifier && event->key() == Qt::Key_Left)
        goBack();
    else if (mods == Qt::AltModifier && event->key() == Qt::Key_Right)
        goForward();
    else if (event->key() == Qt::Key_Back)
        goBack();
    else if (event->key() == Qt::Key_Forward)
        goForward();
    else if (mods == Qt::NoModifier && event->key() == Qt::Key_Escape)
        Q_EMIT closeAsked();
    else
        QWidget::keyPressEvent(event);
}

void HelpPanel::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    m_picture->setActive(false);
    m_weights->setActive(false);
}

void HelpPanel::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    // A narrow panel has the picture below the text.
    m_columns->setOrientation(width() < kNarrow ? Qt::Vertical : Qt::Horizontal);
}

void HelpPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    refresh();
}

}  // namespace loom
