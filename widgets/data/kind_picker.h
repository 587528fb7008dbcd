#pragma once

#include <QFrame>
#include <QHash>
#include <QImage>
#include <QPixmap>
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
        QString family = {};  ///< those of one stand together under its name
    };
    enum class Pictures { None, BeforeAndAfter };
    /// Pictures are set as they come; their room is there from the start.
    KindPicker(std::vector<Entry> entries, Pictures pictures, QWidget* parent);
    void popup(QPoint globalTopRight);
    QLineEdit* search() const { return m_search; }
    QListWidget* list() const { return m_list; }
    /// What a kind makes of an example, shown beside its name.
    void setPicture(const QString& id, const QImage& before, const QImage& after);

Q_SIGNALS:
    void picked(const QString& id);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& text);
    void pickCurrent();
    void addItem(const Entry& entry);
    void addHeading(const QString& family);
    void moveBy(int rows);

    std::vector<Entry> m_entries;
    QHash<QString, QPixmap> m_pictures;
    QLineEdit* m_search;
    QListWidget* m_list;
};

}  // namespace loom
