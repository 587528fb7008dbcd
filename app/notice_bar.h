#pragma once

#include <QFrame>
#include <functional>
#include <vector>

class QHBoxLayout;
class QLabel;

namespace loom {

/// The ground of a bar under the top bar; tone: "danger", "warning" or "accent".
void paintNotice(QWidget& bar, const QString& tone);

/// A message that waits under the top bar without holding anything up.
class NoticeBar : public QFrame {
    Q_OBJECT
public:
    struct Action {
        QString text;
        std::function<void()> run;
    };
    explicit NoticeBar(QWidget* parent = nullptr);
    /// tone: "danger", "warning" or "accent".
    void show(const QString& message, const QString& hint, const char* tone,
              std::vector<Action> actions = {});
    void dismiss();
    QString message() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_tone;
    QLabel* m_text;
    QHBoxLayout* m_buttons;
};

}  // namespace loom
