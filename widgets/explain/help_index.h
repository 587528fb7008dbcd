#pragma once

#include <QWidget>

class QLineEdit;
class QListWidget;
class QListWidgetItem;

namespace loom {

/// Every help page by catalogue and family, with a search.
class HelpIndex : public QWidget {
    Q_OBJECT
public:
    explicit HelpIndex(QWidget* parent = nullptr);
    QLineEdit* searchField() const { return m_search; }
    QListWidget* list() const { return m_list; }
    int pageCount() const;

Q_SIGNALS:
    void chosen(const QString& key);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fill(const QString& typed);
    void move(int rows);
    void choose(QListWidgetItem* item);

    QLineEdit* m_search;
    QListWidget* m_list;
    QWidget* m_nothing;
};

}  // namespace loom
