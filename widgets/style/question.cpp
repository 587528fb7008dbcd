#include "widgets/style/question.h"

#include <QPushButton>
#include <algorithm>
#include <cstddef>

namespace loom {

Question::Question(QWidget* parent, const QString& name, const QString& text,
                   const QString& consequences)
    : QMessageBox(parent) {
    setObjectName(name);
    setIcon(QMessageBox::NoIcon);
    setWindowTitle(tr("Torchloom"));
    setText(text);
    setInformativeText(consequences);
}

void Question::setAnswers(const QStringList& texts, int byDefault) {
    for (int i = 0; i < texts.size(); ++i)
        m_answers.push_back(addButton(texts[i], i == 0                 ? QMessageBox::AcceptRole
                                                : i + 1 < texts.size() ? QMessageBox::ActionRole
                                                                       : QMessageBox::RejectRole));
    setDefaultButton(m_answers.at(static_cast<std::size_t>(byDefault)));
    setEscapeButton(m_answers.back());
}

int Question::ask() {
    exec();
    const auto given = std::find(m_answers.begin(), m_answers.end(), clickedButton());
    return static_cast<int>(std::min(given, m_answers.end() - 1) - m_answers.begin());
}

}  // namespace loom
