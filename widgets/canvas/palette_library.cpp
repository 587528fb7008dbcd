// The palette's section with the user's own groups.

#include <QMenu>
#include <algorithm>

#include "widgets/bridge/strings.h"
#include "widgets/canvas/group_library.h"
#include "widgets/canvas/library_list.h"
#include "widgets/canvas/palette_panel.h"

namespace loom {

void PalettePanel::makeLibrary() {
    m_library->setAccessibleName(tr("My library"));
    connect(m_library, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) {
        Q_EMIT savedGroupChosen(item->data(LibraryList::FileRole).toString());
    });
    connect(m_library, &QListWidget::customContextMenuRequested, this,
            &PalettePanel::showLibraryMenu);
    // A name was typed over the old one.
    connect(m_library, &QListWidget::itemChanged, this, [this](QListWidgetItem* item) {
        const QString name = item->text().trimmed();
        const Status done =
            name.isEmpty()
                ? Status(Error{"A saved group needs a name."})
                : group_library::rename(item->data(LibraryList::FileRole).toString(), name);
        if (!done) Q_EMIT said(q(done.error().message + " " + done.error().hint));
        // The item is still being edited while this is called.
        QMetaObject::invokeMethod(this, &PalettePanel::showLibrary, Qt::QueuedConnection);
    });
    showLibrary();
}

void PalettePanel::showLibrary() {
    const QSignalBlocker quiet(m_library);
    m_library->clear();
    const QString typed = m_search->text().trimmed();
    for (const SavedGroup& saved : group_library::list()) {
        if (!saved.name.contains(typed, Qt::CaseInsensitive)) continue;
        auto* item = new QListWidgetItem(saved.name, m_library);
        item->setData(LibraryList::FileRole, saved.file);
        item->setData(LibraryList::BlocksRole, saved.blocks);
        item->setFlags(item->flags() | Qt::ItemIsEditable);
        const QString what =
            saved.blocks == 1
                ? tr("%1, a saved group of 1 block").arg(saved.name)
                : tr("%1, a saved group of %2 blocks").arg(saved.name).arg(saved.blocks);
        item->setToolTip(what + tr(". Click to put it behind the selected block, or drag it."));
        item->setData(Qt::AccessibleTextRole, what);
    }
    const int rows = m_library->count();
    m_libraryHead->setVisible(rows > 0);
    m_library->setVisible(rows > 0);
    m_library->setFixedHeight(std::min(rows, 6) * 28 + 4);
}

void PalettePanel::showLibraryMenu(const QPoint& at) {
    QListWidgetItem* item = m_library->itemAt(at);
    if (!item) return;
    const QString file = item->data(LibraryList::FileRole).toString();
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    connect(menu->addAction(tr("Add to the Network")), &QAction::triggered, this,
            [this, file] { Q_EMIT savedGroupChosen(file); });
    connect(menu->addAction(tr("Rename")), &QAction::triggered, this, [this, file] {
        for (int row = 0; row < m_library->count(); ++row)
            if (m_library->item(row)->data(LibraryList::FileRole).toString() == file)
                m_library->editItem(m_library->item(row));
    });
    connect(menu->addAction(tr("Delete from My Library")), &QAction::triggered, this, [this, file] {
        const Status done = group_library::remove(file);
        if (!done) Q_EMIT said(q(done.error().message + " " + done.error().hint));
        showLibrary();
    });
    menu->popup(m_library->viewport()->mapToGlobal(at));
}

}  // namespace loom
