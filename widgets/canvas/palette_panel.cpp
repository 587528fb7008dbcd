#include "widgets/canvas/palette_panel.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QVBoxLayout>

#include "widgets/canvas/layer_list.h"
#include "widgets/canvas/library_list.h"
#include "widgets/style/controls.h"

namespace loom {

PalettePanel::PalettePanel(QWidget* parent)
    : QWidget(parent),
      m_search(new QLineEdit(this)),
      m_list(new LayerList(false, this)),
      m_nothing(makeWrappedLabel(
          tr("No layer is called that. Try another word, for example “pool”."), "muted", this)) {
    setProperty("surface", QStringLiteral("panel"));
    setAttribute(Qt::WA_StyledBackground);
    m_libraryHead = new SectionLabel(tr("My library"), this);
    m_library = new LibraryList(this);
    m_search->setPlaceholderText(tr("Search layers"));
    m_search->setAccessibleName(tr("Search layers"));
    m_search->setClearButtonEnabled(false);
    m_search->installEventFilter(this);
    m_list->installEventFilter(this);
    m_list->setAccessibleName(tr("Layers"));
    m_nothing->setContentsMargins(8, 4, 8, 4);
    m_nothing->hide();

    auto* key = new KeyCap(QStringLiteral("Tab"), m_search);
    key->setToolTip(tr("On the canvas, Tab opens the search where you are"));
    auto* inside = new QHBoxLayout(m_search);
    inside->setContentsMargins(0, 0, 6, 0);
    inside->addStretch(1);
    inside->addWidget(key);
    connect(m_search, &QLineEdit::textChanged, key,
            [key](const QString& text) { key->setVisible(text.isEmpty()); });

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(10, 10, 4, 4);
    column->setSpacing(6);
    auto* top = new QHBoxLayout;
    top->setContentsMargins(0, 0, 6, 0);
    top->addWidget(m_search);
    column->addLayout(top);
    column->addWidget(m_nothing);
    column->addWidget(m_list, 1);
    column->addWidget(m_libraryHead);
    column->addWidget(m_library);
    makeLibrary();

    m_list->showLayers({}, true);
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_list->showLayers(text, text.trimmed().isEmpty());
        m_nothing->setVisible(m_list->kindCount() == 0);
        showLibrary();
    });
    connect(m_list, &LayerList::chosen, this, &PalettePanel::layerChosen);
    connect(m_list, &LayerList::helpAsked, this, &PalettePanel::helpAsked);
}

bool PalettePanel::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    auto* press = static_cast<QKeyEvent*>(event);
    switch (press->key()) {
        case Qt::Key_Down:
            m_list->moveCurrent(1);
            return true;
        case Qt::Key_Up:
            m_list->moveCurrent(-1);
            return true;
        case Qt::Key_PageDown:
            m_list->moveCurrent(8);
            return true;
        case Qt::Key_PageUp:
            m_list->moveCurrent(-8);
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (!m_list->currentKind().isEmpty()) Q_EMIT layerChosen(m_list->currentKind());
            return true;
        case Qt::Key_Escape:
            if (m_search->text().isEmpty())
                Q_EMIT left();
            else
                m_search->clear();
            return true;
        default:
            break;
    }
    if (watched == m_list && !press->text().isEmpty() && press->text()[0].isLetterOrNumber()) {
        // Typing over the list searches.
        m_search->setFocus();
        m_search->setText(m_search->text() + press->text());
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace loom
