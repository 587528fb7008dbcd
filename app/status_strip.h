#pragma once

#include <QTimer>
#include <QWidget>
#include <optional>

#include "core/graph/diagnostic.h"

class QFrame;
class QLabel;
class QToolButton;

namespace loom {

class ClickLabel;
class DocumentController;
class ElidedLabel;
class TrainingBridge;

/// The line at the bottom: how the run stands, what is wrong, how large the network is, on what it
/// runs. What it says in words stands in the line, or in a card above where the line is too short.
class StatusStrip : public QWidget {
    Q_OBJECT
public:
    StatusStrip(DocumentController* controller, TrainingBridge* bridge, QWidget* parent = nullptr);
    /// Says something for a few seconds. What was refused is gone with the next change of the
    /// document.
    void say(const QString& message, bool refused = false);
    /// Says what is wrong, for as long as it is.
    void sayProblem(const Diagnostic& problem);
    void setZoom(int percent);
    void setZoomShown(bool shown);
    QString message() const { return m_text; }
    /// The card above the line; null until a message did not fit.
    QWidget* messageCard() const;

Q_SIGNALS:
    void problemChosen(const loom::Diagnostic& problem);
    void remarksChosen();
    void zoomClicked();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void moveEvent(QMoveEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void showState();
    void showReport();
    void showRemarks();
    void showEnvironment();
    void showWork();
    void showMessage();
    void placeCard();
    void dropMessage();
    void documentChanged();

    DocumentController* m_controller;
    TrainingBridge* m_bridge;
    QLabel* m_state;
    ClickLabel* m_problems;
    ClickLabel* m_remarks;
    ElidedLabel* m_work;      ///< what goes on in the background
    QToolButton* m_stopWork;  ///< ends it
    ElidedLabel* m_figures;
    ElidedLabel* m_message;
    ElidedLabel* m_environment;
    ClickLabel* m_zoom;
    QFrame* m_card = nullptr;
    QLabel* m_cardText = nullptr;
    QString m_text;
    bool m_fresh = false;  ///< said in this turn of the event loop
    bool m_refused = false;
    std::optional<Diagnostic> m_cause;  ///< the message is about it
    QTimer m_messageTimer;
};

}  // namespace loom
