#pragma once

#include <QWidget>

#include "widgets/bridge/latest_job.h"
#include "widgets/data/thumbnails.h"

class QLabel;
class QPushButton;

namespace loom {

class AnnotatedPicture;
class ElidedLabel;

/// One sample, large: its picture with the boxes that were drawn in it, its name, size, class and
/// captions.
class SampleView : public QWidget {
    Q_OBJECT
public:
    explicit SampleView(QWidget* parent = nullptr);
    void setData(std::shared_ptr<const BrowserData> opened);
    void setItem(const BrowserItem& item);
    void clear();
    bool isComputing() const { return m_job.isRunning(); }
    const QImage& image() const;
    QString text() const;  ///< all that is said of the sample

Q_SIGNALS:
    void followAsked(const loom::BrowserItem& item);

private:
    struct Shown {
        Thumbnail picture;
        Annotations annotations;
        QString size;
        QString answer;
        QString name;
        QString numbers;  ///< of a sample that is no picture
    };
    static Shown read(const BrowserData& data, const BrowserItem& item);
    void show(const Shown& shown);

    std::shared_ptr<const BrowserData> m_data;
    std::optional<BrowserItem> m_item;
    QWidget* m_area;
    AnnotatedPicture* m_picture;
    QLabel* m_answer;
    QLabel* m_facts;
    QLabel* m_name;
    QLabel* m_captions;
    QLabel* m_problem;
    QPushButton* m_copy;
    QPushButton* m_follow;
    LatestJob<Shown> m_job;
};

}  // namespace loom
