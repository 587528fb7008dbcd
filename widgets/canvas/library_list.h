#pragma once

#include <QListWidget>

namespace loom {

/// The user's saved groups, as rows that can be dragged onto the canvas.
class LibraryList : public QListWidget {
    Q_OBJECT
public:
    enum Role { FileRole = Qt::UserRole, BlocksRole };
    explicit LibraryList(QWidget* parent = nullptr);

protected:
    void startDrag(Qt::DropActions actions) override;
};

}  // namespace loom
