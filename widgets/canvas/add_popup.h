#pragma once

#include <QFrame>

#include "widgets/canvas/layer_list.h"

class QLabel;
class QLineEdit;

namespace loom {

class ElidedLabel;

/// The search that adds a block where one is: type a few letters, Enter. A child of the canvas, not
/// a window, so that it works the same under every window manager.
class AddPopup : public QFrame {
    Q_OBJECT
public:
    explicit AddPopup(QWidget* parent);

    /// Opens at a point of the parent. `note` says what will happen with the choice.
    void open(const QPoint& at, const QString& note, LayerList::Classifier classify = {});
    void close(bool chosen = false);
    QLineEdit* field() const { return m_field; }
    LayerList* list() const { return m_list; }

Q_SIGNALS:
    void chosen(const QString& kind);
    void dismissed();
    void helpAsked(const QString& kind);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void choose(const QString& kind);

    QLineEdit* m_field;
    LayerList* m_list;
    ElidedLabel* m_note;
    QLabel* m_nothing;
    LayerList::Classifier m_classify;
};

}  // namespace loom
