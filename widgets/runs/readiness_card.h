#pragma once

#include <QLabel>
#include <vector>

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
    /// Repairs are offered unless the project is `readOnly`.
    void show(const Project& project, const ProjectReport& report, const QString& dataWarning = {},
              bool readOnly = false);
    /// Whether `problem` of `all` is among those that the card has room for.
    static bool lists(const Diagnostic& problem, const std::vector<Diagnostic>& all);

Q_SIGNALS:
    void problemChosen(const loom::Diagnostic& problem);
    void dataWarningChosen();
    /// A repair was pressed.
    void fixChosen(const loom::Fix& fix);

private:
    QVBoxLayout* m_lines;
};

}  // namespace loom
