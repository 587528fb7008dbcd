#pragma once

#include <QListView>
#include <QStringList>
#include <set>
#include <vector>

class QStandardItemModel;

namespace loom {

/// Classes with how many samples each has; a click shows one alone, with Ctrl several. The first
/// row stands for all.
class ClassList : public QListView {
    Q_OBJECT
public:
    struct Row {
        QString name;
        qint64 count = 0;
        QString toolTip;
    };
    explicit ClassList(QWidget* parent = nullptr);
    /// Keeps what is chosen where the rows have the same names.
    void setRows(const QString& allName, qint64 allCount, const std::vector<Row>& rows);
    /// Without a signal. Rows from 0, without the first; none: all.
    void setChosen(const std::set<int>& rows);
    std::set<int> chosen() const;
    QSize sizeHint() const override { return {200, 300}; }

Q_SIGNALS:
    void chosenChanged();

private:
    QStandardItemModel* m_rows;
    QStringList m_names;
    bool m_quiet = false;
};

}  // namespace loom
