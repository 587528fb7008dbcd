#pragma once

#include <QLabel>

#include "core/project/project_check.h"
#include "widgets/style/controls.h"

namespace loom {

/// A line of text one can press.
class ClickLabel : public QLabel {
    Q_OBJECT
public:
    explicit ClickLabel(const QString& text, const char* role, QWidget* parent = nullptr);
Q_SIGNALS:
    void clicked();

protected:
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
};

/// What can be known before a run: does the network fit, is the data there, is there memory enough.
class ReadinessCard : public Card {
    Q_OBJECT
public:
    explicit ReadinessCard(QWidget* parent = nullptr);
    /// `dataWarning`: what the last check of the data found, in a line; empty: nothing.
    void show(const Project& project, const ProjectReport& report, const QString& dataWarning = {});

Q_SIGNALS:
    void problemChosen(const loom::Diagnostic& problem);
    void dataWarningChosen();

private:
    QVBoxLayout* m_lines;
};

}  // namespace loom
