#pragma once

#include <QWidget>

#include "core/data/dataset.h"

namespace loom {

class DocumentController;

/// The data set as it lies: pictures by class, one of them large, and what is known of it.
class DatasetBrowser : public QWidget {
    Q_OBJECT
public:
    explicit DatasetBrowser(DocumentController* controller, QWidget* parent = nullptr);
    bool isComputing() const { return false; }

Q_SIGNALS:
    /// This sample is to be followed through the transforms.
    void followAsked(loom::Split split, qint64 sample);

private:
    DocumentController* m_controller;
};

}  // namespace loom
