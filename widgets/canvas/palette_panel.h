#pragma once

#include <QWidget>

class QLineEdit;

namespace loom {

class LayerList;

/// All layers by family, with a search. A click or Enter asks for a block behind the selected one;
/// a row can be dragged onto the canvas.
class PalettePanel : public QWidget {
    Q_OBJECT
public:
    explicit PalettePanel(QWidget* parent = nullptr);
    QLineEdit* searchField() const { return m_search; }
    LayerList* list() const { return m_list; }

Q_SIGNALS:
    void layerChosen(const QString& kind);
    void helpAsked(const QString& kind);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QLineEdit* m_search;
    LayerList* m_list;
    QWidget* m_nothing;
};

}  // namespace loom
