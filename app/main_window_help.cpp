// Help for whatever has the keyboard: beside the drawing on the Design page, in a window of its own
// on the others.

#include <QApplication>

#include "app/main_window.h"
#include "widgets/canvas/design_page.h"
#include "widgets/explain/block_picture.h"
#include "widgets/explain/help_kinds.h"
#include "widgets/explain/help_panel.h"
#include "widgets/explain/weights_card.h"
#include "widgets/style/screen_size.h"

namespace loom {

void MainWindow::explain() {
    // Where the keyboard is says what is asked about, so it stays there.
    if (currentPage() == Design) return m_design->explain();
    QString key;
    for (QWidget* widget = QApplication::focusWidget(); widget && key.isEmpty();
         widget = widget->parentWidget())
        key = widget->property("helpKey").toString();
    if (key.isEmpty() && currentPage() == Data)
        key = QStringLiteral("dataset/") +
              QString::fromStdString(m_document.project().data.dataset.kind);
    if (key.isEmpty() && currentPage() == Train)
        key = QStringLiteral("loss/") +
              QString::fromStdString(m_document.project().training.loss.kind);
    showHelpWindow(key);
}

void MainWindow::showHelpWindow(const QString& key) {
    if (!m_helpWindow) {
        m_helpWindow = new HelpPanel(m_document, this);
        m_helpWindow->setWindowFlag(Qt::Window);
        m_helpWindow->setWindowTitle(tr("Help - Torchloom"));
        m_helpWindow->resize(onScreen(this, {820, 600}));
        m_helpWindow->picture()->setBridge(&m_bridge);
        m_helpWindow->weights()->setBridge(&m_bridge);
        connect(m_helpWindow, &HelpPanel::closeAsked, m_helpWindow, &QWidget::hide);
        connect(m_helpWindow, &HelpPanel::blockAsked, this, [this](const QString& id) {
            showPage(Design);
            m_design->explainBlock(id.toStdString());
        });
    }
    if (findHelp(key))
        m_helpWindow->showPage(key);
    else
        m_helpWindow->showIndex();
    m_helpWindow->show();
    m_helpWindow->raise();
    m_helpWindow->activateWindow();
}

}  // namespace loom
