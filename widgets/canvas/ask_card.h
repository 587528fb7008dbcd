#pragma once

#include <functional>

#include "widgets/style/controls.h"

class QLineEdit;

namespace loom {

/// One question over the canvas, answered with Enter and given up with Escape. Says while one types
/// what the answer would do, or why it cannot be.
class AskCard : public Card {
    Q_OBJECT
public:
    explicit AskCard(QWidget* parent);

    struct Reply {
        bool good = true;
        QString note;
    };
    using Judge = std::function<Reply(const QString& answer)>;
    void ask(const QPoint& at, const QString& question, const QString& suggestion,
             const QString& verb, Judge judge, std::function<void(const QString&)> accepted);
    void close();
    QLineEdit* field() const { return m_field; }
    QString note() const { return m_note->text(); }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void judge();
    void accept();

    QLabel* m_question;
    QLineEdit* m_field;
    QLabel* m_note;
    QPushButton* m_button;
    Judge m_judge;
    std::function<void(const QString&)> m_accepted;
};

}  // namespace loom
