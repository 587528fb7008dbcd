#pragma once

#include <QString>
#include <QWidget>
#include <vector>

namespace loom {

/// Names with a bar and a number each: classes and how many pictures they have, or how probable
/// they are.
class BarList : public QWidget {
    Q_OBJECT
public:
    struct Row {
        QString name;
        double share = 0;  ///< of the bar's full length
        QString value;
        bool strong = false;
    };
    explicit BarList(QWidget* parent = nullptr);
    void setRows(std::vector<Row> rows);
    const std::vector<Row>& rows() const { return m_rows; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int nameWidth() const;
    int valueWidth() const;
    std::vector<Row> m_rows;
};

}  // namespace loom
