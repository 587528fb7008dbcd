#pragma once

#include <QImage>
#include <QWidget>
#include <optional>
#include <vector>

#include "core/train/predictor.h"

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace loom {

class BarList;

/// What the network says of one sample: the verdict, the classes with their bars, what it received
/// and what was done to the sample before.
class TryAnswer : public QWidget {
    Q_OBJECT
public:
    explicit TryAnswer(QWidget* parent = nullptr);

    struct Content {
        std::vector<ClassScore> classes;
        std::optional<TensorSample> numbers;  ///< where the answer is no class
        QImage seen;                          ///< what the network received; null: nothing
        QStringList names;                    ///< of those numbers; empty: they have none
        QStringList remarks;
        QString advice;  ///< the picture's ground is the opposite of the data's
        bool inverted = false;
        bool givesBack = false;  ///< numbers are the sample itself, as an autoencoder gives them
        QString truth;           ///< what the sample really is; empty: not known
        QString problem, hint;
        QString nothing;  ///< what to do where nothing was tried yet
    };
    void present(const Content& content);
    BarList* bars() const { return m_bars; }
    QPushButton* invertButton() const { return m_invert; }
    QString verdict() const;
    /// All that is said below the verdict.
    QString remarks() const;

Q_SIGNALS:
    /// The picture is wanted with light and dark swapped, or as it was.
    void invertAsked(bool invert);

private:
    void showVerdict(const Content& content);
    void showNumbers(const TensorSample& numbers, const Content& content);

    QLabel* m_verdict;
    QLabel* m_detail;
    QWidget* m_seenRow;
    QLabel* m_seen;
    QLabel* m_seenNote;
    QLabel* m_advice;
    QPushButton* m_invert;
    QLabel* m_columns;
    BarList* m_bars;
    QLabel* m_given;  ///< the picture that an autoencoder gives back
};

}  // namespace loom
