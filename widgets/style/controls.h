#pragma once

#include <QFrame>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

class QScrollArea;
class QVBoxLayout;

namespace loom {

/// A rounded surface with a hairline. `tone`: "" plain, "danger", "warning", "selected".
class Card : public QFrame {
    Q_OBJECT
public:
    /// With a title the card begins with a SectionLabel.
    explicit Card(const QString& title = {}, QWidget* parent = nullptr);
    QVBoxLayout* body() const { return m_body; }
    void setTone(const QString& tone);

private:
    QVBoxLayout* m_body;
};

/// A small heading in capitals.
class SectionLabel : public QLabel {
    Q_OBJECT
public:
    explicit SectionLabel(const QString& text = {}, QWidget* parent = nullptr);
    void setTitle(const QString& text);
};

/// A key as drawn on a keyboard: `Tab`, `Alt+Enter`.
class KeyCap : public QLabel {
    Q_OBJECT
public:
    explicit KeyCap(const QString& key, QWidget* parent = nullptr);
};

/// One line that ends in an ellipsis where it does not fit; its tool tip then begins with the whole
/// text.
class ElidedLabel : public QLabel {
    Q_OBJECT
public:
    explicit ElidedLabel(const QString& text = {}, QWidget* parent = nullptr);
    void setFullText(const QString& text);
    QString fullText() const { return m_full; }
    QSize minimumSizeHint() const override;
    QSize sizeHint() const override;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    QString shownText() const;

    QString m_full;
};

/// Says what would be here and what to do next.
class EmptyState : public QWidget {
    Q_OBJECT
public:
    EmptyState(const QString& iconName, const QString& title, const QString& text,
               const QString& buttonText = {}, QWidget* parent = nullptr);
    void setTexts(const QString& title, const QString& text);
    QPushButton* button() const { return m_button; }  ///< null without button text

Q_SIGNALS:
    void actionTriggered();

private:
    QLabel* m_icon;
    QLabel* m_title;
    QLabel* m_text;
    QPushButton* m_button = nullptr;
};

enum class ButtonKind { Secondary, Primary, Ghost, Danger, Page };

QPushButton* makeButton(const QString& text, ButtonKind kind = ButtonKind::Secondary,
                        const QString& iconName = {}, QWidget* parent = nullptr);
/// A square button with an icon alone; the tool tip is its accessible name.
QToolButton* makeIconButton(const QString& iconName, const QString& toolTip,
                            QWidget* parent = nullptr);

/// `role` as the style sheet knows it: title, heading, strong, muted, small, section, mono, number,
/// danger, dangerStrong, warning, good.
QLabel* makeLabel(const QString& text, const char* role = "", QWidget* parent = nullptr);
QLabel* makeWrappedLabel(const QString& text, const char* role = "", QWidget* parent = nullptr);
/// `text` with places where a line may break inside of paths, file names and code; what a label
/// shows, not what is copied or compared.
QString breakable(const QString& text);
QFrame* makeLine(QWidget* parent = nullptr);

/// Changes a property the style sheet selects by, and shows it at once.
void setStyleProperty(QWidget* widget, const char* name, const QVariant& value);
/// A scroll area around `content` that scrolls vertically only and has no background of its own.
QScrollArea* makeScrollColumn(QWidget* content, QWidget* parent = nullptr);

}  // namespace loom
