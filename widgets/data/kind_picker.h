#pragma once

#include <QFrame>
#include <QString>
#include <vector>

class QLineEdit;
class QListWidget;

namespace loom {

/// A menu one can search: kinds with the sentence that says what each does. Closes by itself.
class KindPicker : public QFrame {
    Q_OBJECT
public:
    struct Entry {
        QString id;
        QString summary;
        QString keywords;
    };
    KindPicker(std::vector<Entry> entries, QWidget* parent);
    void popup(QPoint globalTopRight);
    QLineEdit* search() const { return m_search; }

Q_SIGNALS:
    void picked(const QString& id);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& text);
    void pickCurrent();

    std::vector<Entry> m_entries;
    QLineEdit* m_search;
    QListWidget* m_list;
};

}  // namespace loom
