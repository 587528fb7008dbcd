#pragma once

#include <QWidget>

namespace loom {

class DocumentController;

/// Looks through the whole data set for what would spoil a training, and shows what it found.
class CheckPanel : public QWidget {
    Q_OBJECT
public:
    explicit CheckPanel(DocumentController* controller, QWidget* parent = nullptr);
    bool isComputing() const { return false; }

private:
    DocumentController* m_controller;
};

}  // namespace loom
