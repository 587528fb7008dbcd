#pragma once

#include <QMessageBox>
#include <vector>

namespace loom {

/// A question about losing work, with an answer to each button. Escape and closing give the last
/// answer, which is to do nothing.
class Question : public QMessageBox {
    Q_OBJECT
public:
    /// `name` is the object name; `text` the question; `consequences` what each answer does.
    Question(QWidget* parent, const QString& name, const QString& text,
             const QString& consequences);
    /// The answers from left to right; the first is the default unless another is named.
    void setAnswers(const QStringList& texts, int byDefault = 0);
    /// The place of the answer that was given.
    int ask();

private:
    std::vector<QPushButton*> m_answers;
};

}  // namespace loom
