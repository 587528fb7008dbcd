#pragma once

#include <QDialog>
#include <QStringList>
#include <vector>

class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace loom {

class FiguresCard;

/// The model zoo: every classic network with what it is and how large, to open one.
class ZooGallery : public QDialog {
    Q_OBJECT
public:
    explicit ZooGallery(const QStringList& files, QWidget* parent = nullptr);
    QListWidget* list() const { return m_list; }
    QString chosen() const;

Q_SIGNALS:
    void fileChosen(const QString& path);

private:
    void filter(const QString& text);
    void showCurrent();
    void openCurrent();

    QLineEdit* m_search;
    QListWidget* m_list;
    QLabel* m_title;
    QLabel* m_file;
    QLabel* m_notes;
    FiguresCard* m_figures;
    QPushButton* m_open;
};

}  // namespace loom
