#pragma once

#include <QButtonGroup>
#include <QStringList>
#include <QWidget>

class QHBoxLayout;
class QLineEdit;
class QMenu;
class QPushButton;
class QToolButton;

namespace loom {

class DocumentController;
class ElidedLabel;
class RunActions;

/// Name and document, the pages, and the buttons that are always at hand.
class TopBar : public QWidget {
    Q_OBJECT
public:
    TopBar(DocumentController* controller, RunActions* run, const QStringList& pages,
           QWidget* parent = nullptr);
    void setMainMenu(QMenu* menu);
    void setCurrentPage(int page);
    QPushButton* pageButton(int page) const;
    QPushButton* trainButton() const { return m_train; }
    QToolButton* pauseButton() const { return m_pause; }
    QToolButton* stepButton() const { return m_step; }
    QToolButton* stopButton() const { return m_stop; }
    QPushButton* menuButton() const { return m_menu; }
    QWidget* titleLabel() const;
    QLineEdit* renameField() const { return m_rename; }

Q_SIGNALS:
    void pageChosen(int page);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    /// Shortens texts, step by step, until all buttons have room.
    void fit();
    void shorten(int level);
    void showTitle();
    void startRename();
    void endRename(bool keep);
    void showDevice();
    void fillDeviceMenu();

    DocumentController* m_controller;
    QPushButton* m_menu;
    ElidedLabel* m_title;
    QLineEdit* m_rename;
    QButtonGroup* m_pages;
    QPushButton* m_device;
    QMenu* m_deviceMenu;
    QString m_deviceText;
    QString m_deviceShort;
    QPushButton* m_train;
    QToolButton* m_pause;
    QToolButton* m_step;
    QToolButton* m_stop;
};

}  // namespace loom
