#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include "core/graph/diagnostic.h"

class QLabel;

namespace loom {

class ClickLabel;
class DocumentController;
class TrainingBridge;

/// The line at the bottom: how the run stands, what is wrong, how large the network is, on what it
/// runs.
class StatusStrip : public QWidget {
    Q_OBJECT
public:
    StatusStrip(DocumentController* controller, TrainingBridge* bridge, QWidget* parent = nullptr);
    /// Says something for a few seconds, in place of the figures.
    void say(const QString& message, bool refused = false);
    void setZoom(int percent);
    void setZoomShown(bool shown);
    QString message() const;

Q_SIGNALS:
    void problemChosen(const loom::Diagnostic& problem);
    void zoomClicked();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void showState();
    void showReport();
    void showEnvironment();

    DocumentController* m_controller;
    TrainingBridge* m_bridge;
    QLabel* m_state;
    ClickLabel* m_problems;
    QLabel* m_figures;
    QLabel* m_message;
    QLabel* m_environment;
    ClickLabel* m_zoom;
    QTimer m_messageTimer;
};

}  // namespace loom
