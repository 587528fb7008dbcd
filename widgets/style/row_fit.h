#pragma once

#include <QObject>
#include <QPointer>
#include <QString>
#include <vector>

class QAbstractButton;
class QLayout;
class QWidget;

namespace loom {

/// Keeps a row of a panel from growing beyond it: where there is not room for all texts, buttons
/// that have an icon give theirs up one after the other, the last of the list first. Their names
/// stay in their tool tips.
///
/// Owns:    nothing; lives as long as the panel.
class RowFit : public QObject {
    Q_OBJECT
public:
    RowFit(QWidget* panel, QLayout* row, const std::vector<QAbstractButton*>& buttons);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Button {
        QPointer<QAbstractButton> button;
        QString text;        ///< that it shows where there is room
        QString toolTip;     ///< that it has then
        QString named = {};  ///< its tool tip without text
        int width = 0;       ///< with its text
        bool isShort = false;
    };
    void fit();
    static void show(Button& button, bool isShort);
    static void name(Button& button);

    QWidget* m_panel;
    QLayout* m_row;
    std::vector<Button> m_buttons;
};

}  // namespace loom
